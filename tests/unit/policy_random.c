/* SPDX-License-Identifier: MIT */
/* Policies broken at random. However broken: reading one ends, says what is wrong in lines with a place, or
 * gives a policy that can be described, asked and read again as the same. By itself a short run that is
 * always the same; `unit_policy_random SECONDS SEED` goes on as long as one likes (./run soak does). */
#include "config/condition.h"

#include "tests/fakes/made_up.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define TEXT_MAX    32768
#define SHORT_TURNS 5000
#define MOST_EDITS  8

static const char *const files[] = {"config/follow-ups.yaml", "tests/e2e/policies/narrow.yaml",
                                    "tests/data/policy-import.yaml"};

/* What a policy is made of: put where it does not belong, too. */
static const char *const pieces[] = {"    if: orders >= 3\n",
                                     "    if: [event.net > average_order, {not: country in DE}]\n",
                                     "if: ",
                                     "      - any: [age >= 18, interests has tea]\n",
                                     "    variants: [{if: orders = 1, offer: x}]\n",
                                     "    stages: [{name: a, after: 1d}, {name: b}]\n",
                                     "{all: [",
                                     "]}",
                                     "[[[[[[[[[",
                                     "event.severity >= high",
                                     "event.sales_channel in web, \"a,b\"",
                                     "within last 90d",
                                     "is known",
                                     "has",
                                     "in 1, 2, 3",
                                     "200.00 EUR",
                                     "-5 JPY",
                                     "99999999999999999999",
                                     "2025-01-31",
                                     "2025-01-31T09:00:00Z",
                                     "\"",
                                     "'",
                                     ",",
                                     ":",
                                     "- ",
                                     "\n",
                                     "  ",
                                     "#",
                                     "\t",
                                     "\xc3\xa9",
                                     "\xff",
                                     "&a",
                                     "*a",
                                     "!!x",
                                     "=",
                                     "!=",
                                     "<",
                                     ">=",
                                     "=>",
                                     "3650d",
                                     "0s",
                                     "-60",
                                     "net",
                                     "event.",
                                     "name: ",
                                     "on: birthday\n",
                                     "on: product.launched\n",
                                     "unless: complaint.resolved\n",
                                     "offer_value: 5%\n",
                                     "offer_value: 5.00 EUR\n",
                                     "reason: x\n"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct {
    struct buf texts[COUNT(files)];
    struct customer *customer;
    size_t read_well, turns;
    uint64_t seed; /* of the turn that goes on: what to look for after a crash */
} world;

static void read_files(void)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[512], block[4096];
        (void)snprintf(path, sizeof path, "%s/%s", SOURCE_DIR, files[i]);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        for (size_t got = 0; (got = fread(block, 1, sizeof block, file)) > 0;) {
            buf_add(&world.texts[i], block, got);
        }
        assert_int_equal(fclose(file), 0);
    }
    world.customer = customer_create(SLICE("C1"));
    customer_int_set(world.customer, CUSTOMER_orders, 3);
    customer_item_set(world.customer, ITEM_NET, SLICE("EUR"), SLICE("5000"));
    customer_text_set(world.customer, CUSTOMER_birth, SLICE("2004-02-29"));
}

static void splice(struct buf *text, size_t at, size_t taken, struct slice put)
{
    struct buf made = {0};
    buf_add(&made, text->data, at);
    buf_slice(&made, put);
    buf_add(&made, text->data + at + taken, text->len - at - taken);
    buf_done(text);
    *text = made;
}

static void break_at_random(struct dice *dice, struct buf *text)
{
    int at = dice_throw(dice, (int)text->len + 1), rest = (int)text->len - at;
    int most = dice_throw(dice, 4) == 0 ? 200 : 4;
    int taken = rest > 0 ? dice_throw(dice, rest < most ? rest : most) : 0;
    char byte = (char)dice_throw(dice, 256);
    int from = dice_throw(dice, (int)text->len + 1), length = (int)text->len - from;
    struct buf copied = {0};
    switch (dice_throw(dice, 6)) {
    case 0:
        splice(text, (size_t)at, (size_t)taken, (struct slice){0});
        break;
    case 1:
        splice(text, (size_t)at, 0, (struct slice){.data = &byte, .len = 1});
        break;
    case 2: /* a part stands twice */
        buf_add(&copied, text->data + from, (size_t)(length < 200 ? length : 200));
        splice(text, (size_t)at, 0, buf_view(&copied));
        break;
    default: /* at the beginning of a line as often as not */
        if (dice_throw(dice, 2) == 0) {
            while (at > 0 && text->data[at - 1] != '\n') {
                at--;
            }
            taken = 0;
        }
        splice(text, (size_t)at, (size_t)taken, slice_of(pieces[dice_throw(dice, (int)COUNT(pieces))]));
        break;
    }
    buf_done(&copied);
}

static void then_lines_have_places(const struct buf *lines)
{
    struct slice rest = buf_view(lines);
    while (rest.len > 0) {
        const char *end = memchr(rest.data, '\n', rest.len);
        assert_non_null(end);
        assert_true(slice_has_prefix(rest, SLICE("p.yaml:")));
        rest = (struct slice){.data = end + 1, .len = rest.len - (size_t)(end + 1 - rest.data)};
    }
}

static void then_can_be_asked(const struct policy *policy)
{
    struct slice categories[] = {SLICE("tea")};
    struct purchase purchase = {
        .currency = "EUR", .net_minor = 1, .categories = categories, .category_count = 1};
    struct complaint complaint = {.reason = SLICE("-")};
    struct news launch = {.product_id = SLICE("P1")};
    struct condition_event event = {
        .purchase = &purchase, .complaint = &complaint, .news = &launch, .relation = "child"};
    struct condition_facts facts = {.customer = world.customer, .policy = policy, .now_ms = 1772452800000};
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        const struct follow_up *follow_up = &policy->follow_ups[i];
        facts.event = NULL;
        enum truth later = condition_holds(follow_up->condition, &facts);
        facts.event = &event;
        enum truth now = condition_holds(follow_up->condition, &facts);
        assert_true(now != TRUTH_UNKNOWN && (later == TRUTH_UNKNOWN || later == now));
        for (size_t j = 0; j < follow_up->variant_count; j++) {
            assert_true(condition_holds(follow_up->variants[j].condition, &facts) != TRUTH_UNKNOWN);
        }
        assert_ptr_equal(policy_follow_up(policy, follow_up->name), follow_up);
    }
}

static void then_is_read_or_told(struct slice text)
{
    struct buf problems = {0}, warnings = {0}, table = {0}, body = {0};
    struct policy *policy = NULL, *again = NULL;
    char why[256];
    bool good = policy_parse("p.yaml", text, &problems, &policy);
    assert_int_equal(good, problems.len == 0);
    then_lines_have_places(&problems);
    if (good) {
        world.read_well++;
        policy_warnings(policy, &warnings);
        then_lines_have_places(&warnings);
        policy_describe(policy, &table);
        then_can_be_asked(policy);
        policy_record_body(text, &body);
        assert_int_equal(policy_record_read(buf_view(&body), why, &again), POLICY_OK);
        assert_string_equal(again->version, policy->version);
    }
    policy_free(policy);
    policy_free(again);
    buf_done(&problems);
    buf_done(&warnings);
    buf_done(&table);
    buf_done(&body);
}

static void turn(uint64_t seed)
{
    struct dice dice = {.state = seed};
    world.seed = seed;
    struct buf text = {0};
    buf_slice(&text, buf_view(&world.texts[dice_throw(&dice, (int)COUNT(files))]));
    int edits = dice_throw(&dice, 3) == 0 ? 1 + dice_throw(&dice, MOST_EDITS) : 1;
    for (int i = 0; i < edits && text.len < TEXT_MAX; i++) {
        break_at_random(&dice, &text);
    }
    then_is_read_or_told(buf_view(&text));
    world.turns++;
    buf_done(&text);
}

static void however_broken_a_policy_is_read_or_its_mistakes_are_told(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SHORT_TURNS; seed++) {
        turn(seed);
    }
    assert_true(world.read_well > SHORT_TURNS / 50 && world.read_well < SHORT_TURNS / 2);
}

/* Also when an assertion has failed. */
static void say_seed(void)
{
    printf("%zu broken policies, %zu of them still right; the last seed was %llu\n", world.turns,
           world.read_well, (unsigned long long)world.seed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_broken_a_policy_is_read_or_its_mistakes_are_told),
    };
    read_files();
    if (argc < 3) {
        int failed = cmocka_run_group_tests(tests, NULL, NULL);
        customer_destroy(world.customer);
        for (size_t i = 0; i < COUNT(files); i++) {
            buf_done(&world.texts[i]);
        }
        return failed;
    }
    (void)atexit(say_seed);
    time_t until = time(NULL) + atoi(argv[1]);
    uint64_t seed = strtoull(argv[2], NULL, 10) << 32;
    while (time(NULL) < until) {
        turn(++seed);
    }
    return 0;
}
