/* SPDX-License-Identifier: MIT */
/* Conditions: what each line says of a customer and an event, what is not known, and what is wrong with a
 * line. */
#include "config/condition.h"

#include "common/category.h"
#include "common/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW_MS  1772452800000LL /* 2026-03-02T12:00:00Z */
#define DAY_MS  86400000LL
#define HEAD    "if: "
#define COLUMNS "c.yaml:1:"

static struct {
    struct arena *arena;
    struct buf problems;
    struct customer *customer;
    struct purchase purchase;
    struct complaint complaint;
    struct news news;
    struct condition_event event;
    bool at_hand;
    enum follow_up_on on;
} world;

static struct slice purchased[] = {
    {.data = "tea",  .len = 3},
    {.data = "cups", .len = 4}
};

static int set(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.arena = arena_create(16384);
    world.customer = customer_create(SLICE("C1"));
    world.purchase = (struct purchase){.currency = "EUR",
                                       .net_minor = 19999,
                                       .channel = SALES_web,
                                       .categories = purchased,
                                       .category_count = 2};
    world.complaint = (struct complaint){.severity = SEVERITY_HIGH, .reason = SLICE("late")};
    world.news = (struct news){
        .product_id = SLICE("P1"), .interests = {SLICE("tea"), SLICE("books")},
             .interest_count = 2
    };
    world.event = (struct condition_event){.time_ms = NOW_MS - DAY_MS,
                                           .purchase = &world.purchase,
                                           .complaint = &world.complaint,
                                           .news = &world.news,
                                           .turning = 40};
    world.at_hand = true;
    return 0;
}

static int clear(void **state)
{
    (void)state;
    arena_destroy(world.arena);
    customer_destroy(world.customer);
    buf_done(&world.problems);
    return 0;
}

static const struct condition *parse(const char *text)
{
    const struct yaml *root = NULL;
    struct slice yaml = arena_printf(world.arena, HEAD "%s\n", text);
    buf_reset(&world.problems);
    if (!yaml_parse("c.yaml", yaml, world.arena, &world.problems, &root)) {
        return NULL;
    }
    return condition_parse(yaml_get(root, "if"), "f.if", world.on, SLICE("Europe/Berlin"), world.arena);
}

static enum truth ask(const char *text)
{
    const struct condition *condition = parse(text);
    if (condition == NULL) {
        fail_msg("%s\nhas mistakes:\n%.*s", text, SLICE_ARG(buf_view(&world.problems)));
    }
    struct condition_facts facts = {.customer = world.customer,
                                    .policy = policy_none(),
                                    .now_ms = NOW_MS,
                                    .event = world.at_hand ? &world.event : NULL};
    return condition_holds(condition, &facts);
}

static void then(const char *text, enum truth wanted)
{
    enum truth got = ask(text);
    if (got != wanted) {
        fail_msg("%s: %d, not %d", text, (int)got, (int)wanted);
    }
}

static void holds(const char *text)
{
    then(text, TRUTH_TRUE);
}

static void fails(const char *text)
{
    then(text, TRUTH_FALSE);
}

static void wrong(const char *text, const char *problems)
{
    const struct condition *condition = parse(text);
    buf_char(&world.problems, '\0');
    assert_string_equal(world.problems.data, problems);
    assert_null(condition);
}

static void count(enum customer_field field, int64_t value)
{
    customer_int_set(world.customer, field, value);
}

static void text(enum customer_field field, const char *value)
{
    customer_text_set(world.customer, field, slice_of(value));
}

static void item(enum item_kind kind, const char *key, const char *value)
{
    customer_item_set(world.customer, kind, slice_of(key), slice_of(value));
}

static void numbers_are_compared(void **state)
{
    (void)state;
    count(CUSTOMER_orders, 3);
    count(CUSTOMER_visits, 7);
    holds("orders = 3");
    holds("orders>=3");
    holds("orders <= 3");
    holds("orders != 2");
    holds("orders > 2");
    holds("orders < 4");
    holds("orders in 1, 3,5");
    holds("orders < visits");
    holds("orders is known");
    holds("events = 0");
    fails("orders = 2");
    fails("orders > 3");
    fails("orders < 3");
    fails("orders != 3");
    fails("orders in 1, 2");
    fails("orders >= visits");
}

static void amounts_are_compared_in_their_currency(void **state)
{
    (void)state;
    item(ITEM_NET, "EUR", "20001");
    count(CUSTOMER_orders, 3);
    holds("net > 200 EUR");
    holds("net = 200.01 EUR");
    holds("net < 200.02 EUR");
    holds("net = 0 USD"); /* there is none */
    holds("net >= -5 USD");
    holds("average_order = 66.67 EUR");
    fails("average_order < 100 USD");
    holds("event.net < 200.00 EUR");
    holds("event.net >= 199.99 EUR");
    fails("event.net < 200.00 USD"); /* in another currency nobody knows */
    fails("event.net >= 0 USD");
    holds("event.net > average_order");
    holds("average_order < event.net");
    holds("event.net < net");
    item(ITEM_NET, "JPY", "-300");
    holds("net = -300 JPY");
    fails("average_order < 1000 EUR"); /* two currencies, one number of orders */
    fails("average_order >= 0 EUR");
    fails("event.net > average_order");
    count(CUSTOMER_orders, 0);
    customer_item_remove(world.customer, ITEM_NET, SLICE("JPY"));
    fails("average_order >= 0 EUR");
}

static void times_are_compared_with_now_with_dates_and_with_each_other(void **state)
{
    (void)state;
    fails("last_purchase within last 3650d");
    fails("last_purchase < 2030-01-01");
    holds("{not: last_purchase within last 90d}");
    count(CUSTOMER_last_purchase, NOW_MS - 90 * DAY_MS);
    count(CUSTOMER_first_purchase, NOW_MS - 91 * DAY_MS);
    holds("last_purchase within last 90d");
    fails("last_purchase within last 89d");
    holds("first_purchase < last_purchase");
    fails("first_purchase >= last_purchase");
    holds("last_purchase >= 2025-12-02");
    fails("last_purchase < 2025-12-02T12:00:00Z");
    holds("last_purchase <= 2025-12-02T12:00:00Z");
    holds("event.time within last 1d");
    fails("event.time within last 23h");
    count(CUSTOMER_created, 1767222000000); /* midnight in Berlin, where dates begin */
    holds("created >= 2026-01-01");
    fails("created > 2026-01-01");
    count(CUSTOMER_created, NOW_MS + DAY_MS); /* what comes from ahead is not long ago */
    holds("created within last 1s");
}

static void texts_are_compared_whole(void **state)
{
    (void)state;
    fails("country = DE");
    fails("country != DE"); /* not known is not another */
    fails("country is known");
    holds("{not: country is known}");
    text(CUSTOMER_country, "DE");
    text(CUSTOMER_region, "BY");
    text(CUSTOMER_language, "de-AT");
    text(CUSTOMER_zone, "Europe/Vienna");
    holds("country = DE");
    holds("country in AT, DE, CH");
    holds("country != FR");
    holds("region = BY");
    holds("language = de");
    holds("zone = Europe/Vienna");
    holds("zone is known");
    fails("country in AT, CH");
    fails("country != DE");
    world.on = ON_COMPLAINT_OPENED;
    holds("event.reason = late");
    holds("event.reason = \"late\"");
    fails("event.reason = \"orders\""); /* in quotes it is no field */
    world.complaint.reason = SLICE("-");
    fails("event.reason = late");
    fails("event.reason is known");
}

static void sets_have_or_have_not(void **state)
{
    (void)state;
    fails("interests has tea");
    fails("interests is known");
    fails("bought_through is known");
    item(ITEM_INTEREST, "tea", "declared");
    item(ITEM_INTEREST, "a,b", "declared");
    item(ITEM_CHANNEL, "web", "2 0 0");
    item(ITEM_CHANNEL, "app", "0 3 0");
    category_count_order(world.customer, SLICE("teapots"));
    holds("interests has tea");
    holds("'interests has \"a,b\"'");
    holds("interests is known");
    holds("categories has teapots");
    fails("categories has tea");
    holds("bought_through has web");
    fails("bought_through has app");
    holds("visited_through has app");
    fails("visited_through has web");
    holds("bought_through has event.sales_channel");
    holds("event.categories has cups");
    fails("event.categories has teapots");
    holds("event.sales_channel in web, app");
    world.on = ON_PRODUCT_LAUNCHED;
    holds("event.interests has books");
    fails("event.interests has cups");
    holds("event.product = P1");
}

static void age_counts_whole_years_where_the_customer_lives(void **state)
{
    (void)state;
    fails("age >= 0");
    text(CUSTOMER_birth, "--03-02");
    fails("age >= 0");
    fails("age is known");
    holds("birth_month = 3");
    text(CUSTOMER_birth, "1986-03-03");
    holds("age = 39");
    text(CUSTOMER_zone, "Pacific/Kiritimati"); /* where it is tomorrow */
    holds("age = 40");
    text(CUSTOMER_birth, "1986-03-02");
    text(CUSTOMER_zone, "America/New_York");
    holds("age = 40");
    text(CUSTOMER_birth, "2004-02-29");
    holds("age = 22");
    text(CUSTOMER_birth, "2030-01-01");
    fails("age is known");
    world.on = ON_BIRTHDAY;
    holds("event.turning in 30, 40, 50");
    world.event.turning = 0;
    fails("event.turning is known");
    world.on = ON_HOUSEHOLD_BIRTHDAY;
    world.event.relation = "child";
    holds("event.relation = child");
    holds("event.relation in partner, child");
    fails("event.relation != child");
    fails("event.turning is known");
}

static void severities_have_an_order(void **state)
{
    (void)state;
    world.on = ON_COMPLAINT_OPENED;
    holds("event.severity >= high");
    holds("event.severity < critical");
    holds("event.severity in low, high");
    holds("event.severity != normal");
    fails("event.severity > high");
    fails("open_complaints > 0");
    complaint_set(world.customer, SLICE("Q1"), &world.complaint);
    holds("open_complaints = 1");
}

static void lines_are_joined_by_all_any_and_not(void **state)
{
    (void)state;
    count(CUSTOMER_orders, 3);
    holds("[orders = 3, visits = 0]");
    fails("[orders = 3, visits = 1]");
    holds("{any: [orders = 2, visits = 0]}");
    fails("{any: [orders = 2, visits = 1]}");
    holds("{not: orders = 2}");
    fails("{not: [orders = 3, visits = 0]}");
    holds("{all: [{any: [orders = 1, {not: {any: [orders = 9]}}]}, orders < 9]}");
}

static void what_belongs_to_an_event_that_is_gone_is_unknown(void **state)
{
    (void)state;
    world.at_hand = false;
    count(CUSTOMER_orders, 3);
    then("event.net > 1 EUR", TRUTH_UNKNOWN);
    then("event.net > average_order", TRUTH_UNKNOWN);
    then("event.categories has tea", TRUTH_UNKNOWN);
    then("event.categories is known", TRUTH_UNKNOWN);
    then("bought_through has event.sales_channel", TRUTH_UNKNOWN);
    then("{not: event.net > 1 EUR}", TRUTH_UNKNOWN);
    then("[event.net > 1 EUR, orders = 3]", TRUTH_UNKNOWN);
    then("[event.net > 1 EUR, orders = 2]", TRUTH_FALSE);
    then("{any: [event.net > 1 EUR, orders = 2]}", TRUTH_UNKNOWN);
    then("{any: [event.net > 1 EUR, orders = 3]}", TRUTH_TRUE);
}

static void a_condition_can_be_read_aloud(void **state)
{
    (void)state;
    struct buf out = {0};
    condition_describe(
        parse("[orders >= 3, {any: [country = DE, {not: age < 18}]}, {not: [visits = 1, visits = 2]}]"),
        &out);
    buf_char(&out, '\0');
    assert_string_equal(out.data,
                        "orders >= 3 and (country = DE or not age < 18) and not (visits = 1 and visits = 2)");
    buf_done(&out);
}

static void a_mistake_in_a_line_is_named_where_it_stands(void **state)
{
    (void)state;
    wrong("ordrs >= 3", COLUMNS "5: unknown field 'ordrs'; did you mean 'orders'?\n");
    wrong("'ordrs >= 3'", COLUMNS "6: unknown field 'ordrs'; did you mean 'orders'?\n");
    wrong("event.severty = low", COLUMNS "5: unknown field 'event.severty'\n");
    wrong("event.severity = low",
          COLUMNS "5: there is no event.severity with 'on: purchase.completed'; it goes "
                  "with complaint.opened or complaint.resolved\n");
    wrong("event.net => 3 EUR",
          COLUMNS "15: '=>' is no comparison; event.net takes =, !=, <, <=, > or >=; did you mean '>='?\n");
    wrong("orders contains 3",
          COLUMNS "12: 'contains' is no comparison; orders takes =, !=, <, <=, >, >=, in or "
                  "is known\n");
    wrong("orders hass 3", COLUMNS "12: 'hass' is no comparison; orders takes =, !=, <, <=, "
                                   ">, >=, in or is known; did you mean 'has'?\n");
    wrong("orders has 3",
          COLUMNS "12: 'has' does not go with orders, a number, which takes =, !=, <, <=, >, >=, "
                  "in or is known\n");
    wrong("orders",
          COLUMNS "11: orders needs a comparison and a value: =, !=, <, <=, >, >=, in or is known\n");
    wrong("orders >=", COLUMNS "14: orders >= needs a value behind it\n");
    wrong("orders in 3,", COLUMNS "17: orders in needs a value here, then perhaps a comma and more\n");
    wrong("orders >= 3 or 4", COLUMNS "17: 'or 4' is too much here\n");
    wrong("\">= 3\"", COLUMNS "5: f.if must be a line such as 'orders >= 3': what, a comparison, a value\n");
    wrong("{nor: [orders = 1]}", COLUMNS "6: unknown key 'nor' in f.if; did you mean 'not'?\n");
    wrong("{any: orders = 1}", COLUMNS "11: f.if must be a list: [a, b] or lines that begin with '- '\n");
    wrong("{not: country in DE, AT}",
          COLUMNS "26: inside { } and [ ] a comma ends the line; put the whole line in quotes\n");
    wrong("[country in DE, AT]",
          COLUMNS "21: unknown field 'AT'; if a list of values goes on here, put the whole "
                  "line in quotes\n");
    wrong("{any: []}", COLUMNS "11: f.if has an empty list; name at least one condition\n");
    wrong("{all: [orders = 1], any: [orders = 2]}", COLUMNS
          "5: f.if must be a line such as 'orders >= 3', a list of them, or one of all, any and not\n");
    wrong("[ordrs = 1, visits = x]", COLUMNS
          "6: unknown field 'ordrs'; did you mean 'orders'?\n" COLUMNS
          "26: visits is compared with a whole number from 0 to 9007199254740992, or with another such "
          "field, not with 'x'\n");
}

static void a_wrong_constant_is_told_what_would_be_right(void **state)
{
    (void)state;
    wrong("birth_month = 13", COLUMNS "19: birth_month is compared with a whole number from 1 to 12, or with "
                                      "another such field, not with '13'\n");
    wrong("orders = age", COLUMNS "14: orders cannot be compared with age, which is something else\n");
    wrong("net > 200",
          COLUMNS "11: net is compared with an amount and its currency, such as 49.99 EUR, not with "
                  "'200'\n");
    wrong("net > 200 Euro",
          COLUMNS "11: net is compared with an amount and its currency, such as 49.99 EUR, not "
                  "with '200 Euro'\n");
    wrong("net > 5.005 EUR", COLUMNS "11: \"5.005\" has 3 digits behind the point; EUR has 2\n");
    wrong("net > 5.5 JPY", COLUMNS "11: \"5.5\" has 1 digit behind the point; JPY has 0\n");
    wrong("net > average_order",
          COLUMNS "11: net and average_order cannot be compared, for no currency is named; "
                  "one of them must be event.net\n");
    wrong("country = Germany",
          COLUMNS "15: country is compared with two capital letters such as DE, not with "
                  "'Germany'\n");
    wrong("language = de-AT",
          COLUMNS "16: language is compared with a language without what follows it, such as "
                  "de, not with 'de-AT'\n");
    wrong("zone = Berlin",
          COLUMNS "12: zone is compared with a time zone's IANA name such as Europe/Berlin, not "
                  "with 'Berlin'\n");
    wrong("event.sales_channel = wbe", COLUMNS
          "27: event.sales_channel is compared with store, web, app, call_centre, marketplace, social or "
          "other, not with 'wbe'; did you mean 'web'?\n");
    wrong("created within last week",
          COLUMNS "25: within last needs a duration such as 12h or 90d, at most 3650d, "
                  "not 'week'\n");
}

static void depth_and_length_have_bounds(void **state)
{
    (void)state;
    holds("[[[[[[[orders = 0]]]]]]]");
    wrong("[[[[[[[[orders = 0]]]]]]]]", COLUMNS "13: f.if is nested more than 8 deep\n");
    struct buf many = {0};
    buf_text(&many, "[orders = 0");
    for (int i = 2; i < CONDITION_NODES_MAX; i++) {
        buf_text(&many, ", orders = 0");
    }
    buf_text(&many, "]");
    buf_char(&many, '\0');
    holds(many.data);
    many.len -= 2;
    buf_text(&many, ",orders = 0,orders = 0]");
    buf_char(&many, '\0');
    assert_null(parse(many.data));
    buf_char(&world.problems, '\0');
    assert_non_null(strstr(world.problems.data, ": f.if has more than 64 lines and joins\n"));
    assert_ptr_equal(strchr(world.problems.data, '\n') + 1, world.problems.data + world.problems.len - 1);
    buf_done(&many);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_compared),
        TEST(amounts_are_compared_in_their_currency),
        TEST(times_are_compared_with_now_with_dates_and_with_each_other),
        TEST(texts_are_compared_whole),
        TEST(sets_have_or_have_not),
        TEST(age_counts_whole_years_where_the_customer_lives),
        TEST(severities_have_an_order),
        TEST(lines_are_joined_by_all_any_and_not),
        TEST(what_belongs_to_an_event_that_is_gone_is_unknown),
        TEST(a_condition_can_be_read_aloud),
        TEST(a_mistake_in_a_line_is_named_where_it_stands),
        TEST(a_wrong_constant_is_told_what_would_be_right),
        TEST(depth_and_length_have_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
