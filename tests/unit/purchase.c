/* SPDX-License-Identifier: MIT */
/* What purchases, cancellations and refunds make of a customer, case by case. That their order does not
 * matter is in purchase_random.c. */
#include "tests/fakes/customer_dump.h"
#include "tests/fakes/orders.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define T      INT64_C(1772000000123) /* 2026-02-25T06:13:20.123Z, six days before the stage's now */
#define DAY_MS INT64_C(86400000)
#define TWO_53 INT64_C(9007199254740992)

static void then_int(enum customer_field field, int64_t expected)
{
    assert_int_equal(customer_int(stage_customer(), field), expected);
}

static void then_text(enum customer_field field, const char *expected)
{
    char text[80];
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(customer_text(stage_customer(), field)));
    assert_string_equal(text, expected);
}

static struct event with_categories(struct event event, struct slice *names, size_t count)
{
    event.data.purchase.categories = names;
    event.data.purchase.category_count = count;
    return event;
}

static void a_purchase_gives_an_order_and_its_net(void **state)
{
    (void)state;
    struct slice names[] = {SLICE("tea"), SLICE("cups")};
    then_folded(with_categories(completed_event("A1", T, 1250, "EUR"), names, 2));
    then_item(ITEM_ORDER, "A1", "o 1772000000 1250 EUR 0 ab");
    then_item(ITEM_NET, "EUR", "1250");
    then_item(ITEM_CATEGORY, "a", "tea 1");
    then_item(ITEM_CATEGORY, "b", "cups 1");
    then_item(ITEM_CHANNEL, "store", "1 0 0");
    then_int(CUSTOMER_orders, 1);
    then_int(CUSTOMER_first_purchase, T - 123);
    then_int(CUSTOMER_last_purchase, T - 123);
    then_text(CUSTOMER_hours, "000000100000000000000000");
    then_total("orders", 1);
    then_total("net:EUR", 1250);
}

static void the_same_order_twice_is_a_duplicate(void **state)
{
    (void)state;
    then_folded(completed_event("A1", T, 1250, "EUR"));
    then_duplicate(completed_event("A1", T + 5, 999, "USD"));
    then_folded(cancelled_event("A1", T + 10));
    then_duplicate(cancelled_event("A1", T + 20));
    then_duplicate(completed_event("A1", T, 1250, "EUR"));
    then_folded(refunded_event("R1", "A1", T, 5, NULL));
    then_duplicate(refunded_event("R1", "A2", T, 7, "USD"));
    then_total("refunds", 1);
}

static void a_cancelled_order_is_as_if_it_had_never_been(void **state)
{
    (void)state;
    struct slice names[] = {SLICE("tea"), SLICE("cups")};
    then_folded(with_categories(completed_event("A1", T, 1250, "EUR"), names, 1));
    then_folded(with_categories(completed_event("A2", T - DAY_MS, 700, "USD"), names, 2));
    then_folded(with_categories(completed_event("A3", T + DAY_MS, 0, "EUR"), names, 1));
    then_folded(cancelled_event("A2", T));
    then_folded(cancelled_event("A3", T));
    then_item(ITEM_ORDER, "A2", "x 1771913600 700 USD");
    then_item(ITEM_NET, "USD", NULL);
    then_item(ITEM_NET, "EUR", "1250");
    then_item(ITEM_CATEGORY, "a", "tea 1");
    then_item(ITEM_CATEGORY, "b", NULL);
    then_int(CUSTOMER_orders, 1);
    then_int(CUSTOMER_first_purchase, T - 123);
    then_int(CUSTOMER_last_purchase, T - 123);
    then_item(ITEM_CHANNEL, "store", "3 0 0"); /* what was seen was seen */
    then_total("orders", 1);
    then_total("net:USD", 0);
}

static void refunds_take_back_their_amount(void **state)
{
    (void)state;
    then_folded(completed_event("A1", T, 1250, "EUR"));
    then_folded(refunded_event("R1", "A1", T, 250, "EUR"));
    then_item(ITEM_ORDER, "A1", "o 1772000000 1250 EUR 250");
    then_item(ITEM_REFUND, "R1", "1772000000 250 EUR A1");
    then_item(ITEM_NET, "EUR", "1000");
    then_int(CUSTOMER_orders, 1);
    then_folded(refunded_event("R2", "A1", T, 1000, NULL));
    then_item(ITEM_ORDER, "A1", "w 1772000000 1250 EUR 1250");
    then_item(ITEM_NET, "EUR", NULL);
    then_int(CUSTOMER_orders, 0);
    then_int(CUSTOMER_last_purchase, 0);
    then_folded(refunded_event("R3", "A1", T, 999, NULL)); /* never less than nothing */
    then_item(ITEM_NET, "EUR", NULL);
    then_total("refunds", 3);
}

static void a_return_without_a_receipt_takes_money_and_no_order(void **state)
{
    (void)state;
    then_folded(completed_event("A1", T, 1250, "EUR"));
    then_folded(refunded_event("R1", NULL, T, 2000, "EUR"));
    then_item(ITEM_REFUND, "R1", "1772000000 2000 EUR");
    then_item(ITEM_NET, "EUR", "-750");
    then_total("net:EUR", -750);
    then_int(CUSTOMER_orders, 1);
}

static void what_comes_first_waits_for_its_order(void **state)
{
    (void)state;
    then_folded(cancelled_event("A1", T + 5000));
    then_item(ITEM_ORDER, "A1", "! 1772000005 - -");
    then_folded(refunded_event("R1", "A1", T, 5, "EUR"));
    then_item(ITEM_ORDER, "A1", "! 1772000000 - EUR 5");
    then_folded(completed_event("A1", T + 2000, 1250, "EUR"));
    then_item(ITEM_ORDER, "A1", "x 1772000002 1250 EUR 5");
    then_int(CUSTOMER_orders, 0);
    then_folded(refunded_event("R2", "A2", T, -1, NULL));
    then_item(ITEM_ORDER, "A2", "? 1772000000 - - *");
    then_folded(completed_event("A2", T, 9, "EUR"));
    then_item(ITEM_ORDER, "A2", "w 1772000000 9 EUR *");
    then_item(ITEM_NET, "EUR", NULL);
}

static void a_refund_is_in_its_orders_currency(void **state)
{
    (void)state;
    then_folded(completed_event("A1", T, 1250, "EUR"));
    then_rejected(refunded_event("R1", "A1", T, 5, "USD"), REJECT_currency_differs);
    then_rejected(refunded_event("R1", "A1", T, -1, "USD"), REJECT_currency_differs);
    then_folded(refunded_event("R2", "A2", T, 5, "USD"));
    then_folded(refunded_event("R3", "A2", T, 7, NULL));
    then_rejected(refunded_event("R4", "A2", T, 5, "EUR"), REJECT_currency_differs);
    then_folded(completed_event("A2", T, 100, "EUR")); /* the purchase knows best */
    then_item(ITEM_ORDER, "A2", "o 1772000000 100 EUR 7");
    then_item(ITEM_NET, "EUR", "1343");
}

static void a_customer_has_eight_currencies(void **state)
{
    (void)state;
    char currency[] = "AAA", id[] = "A0";
    for (int i = 0; i < 8; i++) {
        currency[2] = (char)('A' + i);
        id[1] = (char)('0' + i);
        then_folded(completed_event(id, T, 5, currency));
    }
    then_rejected(completed_event("B", T, 5, "ZZZ"), REJECT_too_many_currencies);
    then_rejected(refunded_event("R1", NULL, T, 5, "ZZZ"), REJECT_too_many_currencies);
    then_folded(completed_event("free", T, 0, "ZZZ"));
    then_folded(completed_event("B2", T, 5, "AAA"));
    then_folded(cancelled_event("A1", T));
    then_folded(completed_event("B", T, 5, "ZZZ"));
}

static void sums_do_not_overflow(void **state)
{
    (void)state;
    customer_item_set(stage_customer(), ITEM_NET, SLICE("EUR"), SLICE("9223372036854775807"));
    then_rejected(completed_event("A1", T, 1, "EUR"), REJECT_sum_overflow);
    then_folded(completed_event("A1", T, 0, "EUR"));
    customer_item_set(stage_customer(), ITEM_NET, SLICE("EUR"), SLICE("-9223372036854775808"));
    then_rejected(refunded_event("R1", NULL, T, 1, "EUR"), REJECT_sum_overflow);
    customer_item_set(stage_customer(), ITEM_ORDER, SLICE("A2"), SLICE("? 5 - - 9223372036854775807"));
    then_rejected(refunded_event("R1", "A2", T, 1, NULL), REJECT_sum_overflow);
    for (int i = 0; i < 3; i++) { /* the home's sum may wrap around and back */
        totals_add(stage_moment->totals, "net", SLICE("EUR"), (struct slice){0}, INT64_MAX);
    }
    for (int i = 0; i < 3; i++) {
        totals_add(stage_moment->totals, "net", SLICE("EUR"), (struct slice){0}, -INT64_MAX);
    }
    then_total("net:EUR", 0);
    then_folded(completed_event("A3", T, TWO_53, "USD"));
    then_item(ITEM_NET, "USD", "9007199254740992");
}

static void the_oldest_orders_and_refunds_leave_but_what_they_gave_stays(void **state)
{
    (void)state;
    char id[16];
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "A%02d", i);
        then_folded(completed_event(id, T + i * 1000, 10, "EUR"));
        snprintf(id, sizeof id, "R%02d", i);
        then_folded(refunded_event(id, NULL, T + i * 1000, 1, "EUR"));
    }
    assert_int_equal(customer_item_count(stage_customer(), ITEM_ORDER), 48);
    assert_int_equal(customer_item_count(stage_customer(), ITEM_REFUND), 48);
    then_item(ITEM_ORDER, "A01", NULL);
    then_item(ITEM_ORDER, "A02", "o 1772000002 10 EUR");
    then_item(ITEM_REFUND, "R01", NULL);
    then_item(ITEM_NET, "EUR", "450");
    then_int(CUSTOMER_orders, 50);
    then_int(CUSTOMER_first_purchase, T - 123);
    then_int(CUSTOMER_older_first, T - 123);
    then_int(CUSTOMER_older_last, T - 123 + 1000);
    then_total("forgotten", 4);
    for (int i = 2; i < 50; i++) { /* of all that can be taken back */
        snprintf(id, sizeof id, "A%02d", i);
        then_folded(cancelled_event(id, T));
    }
    then_int(CUSTOMER_orders, 2);
    then_int(CUSTOMER_first_purchase, T - 123);
    then_int(CUSTOMER_last_purchase, T - 123 + 1000);
}

static void orders_leave_when_their_time_has_come(void **state)
{
    (void)state;
    then_folded(completed_event("A1", T, 10, "EUR"));
    stage_moment->now_ms = T - 123 + 400 * DAY_MS;
    then_folded(cancelled_event("B", T + DAY_MS));
    then_item(ITEM_ORDER, "A1", "o 1772000000 10 EUR");
    stage_moment->now_ms += 1;
    then_duplicate(cancelled_event("B", T + DAY_MS));
    then_item(ITEM_ORDER, "A1", "o 1772000000 10 EUR");
    then_folded(cancelled_event("C", T + DAY_MS));
    then_item(ITEM_ORDER, "A1", NULL);
    then_int(CUSTOMER_orders, 1);
    then_int(CUSTOMER_older_last, T - 123);
    then_total("forgotten", 1);
}

static void further_categories_are_counted_as_limited(void **state)
{
    (void)state;
    struct slice names[22];
    char text[22][4];
    for (int i = 0; i < 22; i++) {
        snprintf(text[i], sizeof text[i], "c%02d", i);
        names[i] = slice_of(text[i]);
    }
    then_folded(with_categories(completed_event("A1", T, 10, "EUR"), names, 22));
    then_item(ITEM_ORDER, "A1", "o 1772000000 10 EUR 0 abcdefghijklmnopqrst");
    then_total("limited", 2);
}

static void hours_are_halved_when_one_is_full(void **state)
{
    (void)state;
    given_field(CUSTOMER_zone, "Asia/Tokyo"); /* 06:13 UTC is 15:13 there */
    given_field(CUSTOMER_hours, "0123456789abcdezghijklmn");
    then_folded(completed_event("A1", T, 10, "EUR"));
    then_text(CUSTOMER_hours, "001122334455667i8899aabb");
}

static void a_coupon_is_withdrawn_once(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  coupon: {on: purchase.completed, class: transactional, channels: [email], "
                 "offer: ten-off, withdraw: true}\n");
    then_folded(completed_event("A1", T, 1250, "EUR"));
    then_trigger("coupon/C1/A1");
    then_item(ITEM_ORDER, "A1", "o 1772000000 1250 EUR 0 - +coupon");
    then_folded(refunded_event("R1", "A1", T, 250, "EUR"));
    then_item(ITEM_ORDER, "A1", "o 1772000000 1250 EUR 250 - +coupon");
    then_no_record();
    then_folded(refunded_event("R2", "A1", T, -1, NULL));
    then_withdrawal("coupon/C1/A1/withdrawn");
    then_item(ITEM_ORDER, "A1", "w 1772000000 1250 EUR *");
    then_folded(cancelled_event("A1", T));
    then_no_record();
}

static void a_follow_up_of_an_order_cancelled_before_is_suppressed(void **state)
{
    (void)state;
    given_policy(
        "follow_ups:\n  thanks: {on: purchase.completed, class: transactional, channels: [email]}\n");
    then_folded(cancelled_event("A1", T));
    then_no_record();
    then_folded(completed_event("A1", T, 1250, "EUR"));
    then_decision("thanks/C1/A1/suppressed", "suppressed", "order_cancelled");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)
    const struct CMUnitTest tests[] = {
        TEST(a_purchase_gives_an_order_and_its_net),
        TEST(the_same_order_twice_is_a_duplicate),
        TEST(a_cancelled_order_is_as_if_it_had_never_been),
        TEST(refunds_take_back_their_amount),
        TEST(a_return_without_a_receipt_takes_money_and_no_order),
        TEST(what_comes_first_waits_for_its_order),
        TEST(a_refund_is_in_its_orders_currency),
        TEST(a_customer_has_eight_currencies),
        TEST(sums_do_not_overflow),
        TEST(the_oldest_orders_and_refunds_leave_but_what_they_gave_stays),
        TEST(orders_leave_when_their_time_has_come),
        TEST(further_categories_are_counted_as_limited),
        TEST(hours_are_halved_when_one_is_full),
        TEST(a_coupon_is_withdrawn_once),
        TEST(a_follow_up_of_an_order_cancelled_before_is_suppressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
