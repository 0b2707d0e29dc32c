/* SPDX-License-Identifier: MIT */
/* Orders, refunds and categories as texts of a customer. */
#include "common/order.h"

#include "common/category.h"
#include "common/refund.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct customer *customer;

static int given_customer(void **state)
{
    (void)state;
    customer = customer_create(SLICE("C1"));
    return 0;
}

static int take_away(void **state)
{
    (void)state;
    customer_destroy(customer);
    return 0;
}

static void then_item(enum item_kind kind, const char *key, const char *expected)
{
    struct slice value;
    char text[256] = "(none)";
    if (customer_item(customer, kind, slice_of(key), &value)) {
        memcpy(text, value.data, value.len);
        text[value.len] = '\0';
    }
    assert_string_equal(text, expected);
}

/* The order is written as this text, and the text is read as the same order. */
static void then_text(struct order order, const char *expected)
{
    struct order again;
    order_set(customer, SLICE("A1"), &order);
    then_item(ITEM_ORDER, "A1", expected);
    assert_true(order_get(customer, SLICE("A1"), &again));
    assert_int_equal(again.completed, order.completed);
    assert_int_equal(again.cancelled, order.cancelled);
    assert_int_equal(again.refunded_whole, order.refunded_whole);
    assert_int_equal(again.time_s, order.time_s);
    assert_int_equal(again.net_minor, order.net_minor);
    assert_string_equal(again.currency, order.currency);
    assert_int_equal(again.categories, order.categories);
    assert_true(slice_equal(again.marks, order.marks));
}

static void an_order_is_as_short_as_it_can_be(void **state)
{
    (void)state;
    struct order order = {.completed = true, .time_s = 1700000000, .net_minor = 1999, .currency = "USD"};
    then_text(order, "o 1700000000 1999 USD");
    order.categories = 1u << 0 | 1u << 2 | 1u << 19;
    then_text(order, "o 1700000000 1999 USD 0 act");
    order.refunded_minor = 500;
    then_text(order, "o 1700000000 1999 USD 500 act");
    order.categories = 0;
    then_text(order, "o 1700000000 1999 USD 500");
    order.marks = SLICE("+coupon");
    then_text(order, "o 1700000000 1999 USD 500 - +coupon");
}

static void the_state_says_what_became_of_the_order(void **state)
{
    (void)state;
    struct order order = {.time_s = 5};
    then_text((struct order){.time_s = 5, .refunded_minor = 3, .currency = "EUR"}, "? 5 - EUR 3");
    then_text((struct order){.time_s = 5, .refunded_whole = true}, "? 5 - - *");
    then_text((struct order){.time_s = 5, .cancelled = true}, "! 5 - -");
    order =
        (struct order){.completed = true, .time_s = 5, .net_minor = 9, .currency = "EUR", .cancelled = true};
    then_text(order, "x 5 9 EUR");
    order.cancelled = false;
    order.refunded_minor = 9;
    then_text(order, "w 5 9 EUR 9");
    order.refunded_minor = 0;
    order.refunded_whole = true;
    then_text(order, "w 5 9 EUR *");
}

static void an_order_gives_its_net_less_refunds_while_it_stands(void **state)
{
    (void)state;
    struct order order = {.time_s = 5, .net_minor = 100, .currency = "EUR"};
    assert_int_equal(order_gives_minor(&order), 0);
    order.completed = true;
    assert_int_equal(order_gives_minor(&order), 100);
    order.refunded_minor = 30;
    assert_int_equal(order_gives_minor(&order), 70);
    order.refunded_minor = 130;
    assert_false(order_stands(&order));
    assert_int_equal(order_gives_minor(&order), 0);
    order.refunded_minor = 0;
    order.cancelled = true;
    assert_int_equal(order_gives_minor(&order), 0);
    order = (struct order){.completed = true, .currency = "EUR"};
    assert_true(order_stands(&order)); /* a gift is an order, too */
}

static void marks_are_added_once(void **state)
{
    (void)state;
    struct order order = {.completed = true, .time_s = 5, .net_minor = 9, .currency = "EUR"};
    order_mark(customer, SLICE("A1"), SLICE("coupon"));
    then_item(ITEM_ORDER, "A1", "(none)");
    order_set(customer, SLICE("A1"), &order);
    order_mark(customer, SLICE("A1"), SLICE("coupon"));
    order_mark(customer, SLICE("A1"), SLICE("coupon-2"));
    order_mark(customer, SLICE("A1"), SLICE("coupon"));
    then_item(ITEM_ORDER, "A1", "o 5 9 EUR 0 - +coupon+coupon-2");
    assert_true(order_get(customer, SLICE("A1"), &order));
    assert_true(order_has_mark(&order, SLICE("coupon")));
    assert_true(order_has_mark(&order, SLICE("coupon-2")));
    assert_false(order_has_mark(&order, SLICE("coup")));
    for (int i = 0; i < 20; i++) {
        char name[] = "a-follow-up-with-a-long-name-a";
        name[sizeof name - 2] = (char)('a' + i);
        order_mark(customer, SLICE("A1"), slice_of(name));
    }
    assert_true(order_get(customer, SLICE("A1"), &order));
    assert_int_equal(order.marks.len, 16 + 20 * 31);
}

static void other_texts_are_no_orders(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "o",
        "z 5 9 EUR",
        "oo 5 9 EUR",
        "o 5 9",
        "o 5 9 -",
        "o 5 - EUR",
        "? 5 9 EUR",
        "o -5 9 EUR",
        "o 5 -9 EUR",
        "o 5 9 eur",
        "o 5 9 EURO",
        "o 5 9 EUR ",
        "o  5 9 EUR",
        "o 5 9 EUR 9",
        "w 5 9 EUR 8",
        "x 5 9 EUR -1",
        "o 5 9 EUR 0 ba",
        "o 5 9 EUR 0 aa",
        "o 5 9 EUR 0 u",
        "o 5 9 EUR 0 - coupon",
        "o 5 9 EUR 0 - +a b",
        "o x 9 EUR",
        "o 5 99999999999999999999 EUR",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (order_text_is_valid(slice_of(bad[i]))) {
            print_error("\"%s\" was taken\n", bad[i]);
            fail();
        }
    }
    assert_true(order_text_is_valid(SLICE("o 5 9 EUR 0 -")));
}

static void a_refund_is_as_short_as_it_can_be(void **state)
{
    (void)state;
    struct kept_refund refund = {.time_s = 5, .has_amount = true, .net_minor = 3, .currency = "EUR"}, again;
    refund_set(customer, SLICE("R1"), &refund);
    then_item(ITEM_REFUND, "R1", "5 3 EUR");
    refund = (struct kept_refund){.time_s = 5, .order_id = SLICE("-")};
    refund_set(customer, SLICE("R2"), &refund);
    then_item(ITEM_REFUND, "R2", "5 - - -");
    assert_true(refund_get(customer, SLICE("R1"), &again));
    assert_null(again.order_id.data);
    assert_true(again.has_amount);
    assert_true(refund_get(customer, SLICE("R2"), &again));
    assert_true(slice_is(again.order_id, "-"));
    assert_false(again.has_amount);
    assert_false(refund_text_is_valid(SLICE("5 3 EUR ")));
    assert_false(refund_text_is_valid(SLICE("5 -3 EUR A")));
    assert_false(refund_text_is_valid(SLICE("5 3 EU A")));
}

static void categories_share_twenty_letters(void **state)
{
    (void)state;
    char name[] = "cat-a";
    for (int i = 0; i < CATEGORIES_MAX; i++) {
        name[4] = (char)('a' + i);
        assert_int_equal(category_count_order(customer, slice_of(name)), i);
    }
    assert_int_equal(category_count_order(customer, SLICE("cat-c")), 2);
    assert_int_equal(category_count_order(customer, SLICE("one-too-many")), -1);
    then_item(ITEM_CATEGORY, "c", "cat-c 2");
    category_uncount_orders(customer, 1u << 1 | 1u << 2);
    then_item(ITEM_CATEGORY, "b", "(none)");
    then_item(ITEM_CATEGORY, "c", "cat-c 1");
    assert_int_equal(category_count_order(customer, SLICE("one-too-many")), 1);
    then_item(ITEM_CATEGORY, "b", "one-too-many 1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_customer, take_away)
    const struct CMUnitTest tests[] = {
        TEST(an_order_is_as_short_as_it_can_be),
        TEST(the_state_says_what_became_of_the_order),
        TEST(an_order_gives_its_net_less_refunds_while_it_stands),
        TEST(marks_are_added_once),
        TEST(other_texts_are_no_orders),
        TEST(a_refund_is_as_short_as_it_can_be),
        TEST(categories_share_twenty_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
