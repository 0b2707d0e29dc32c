/* SPDX-License-Identifier: MIT */
/* The common path of follow-ups, and those of purchases and launches. The gate's reasons one by one are in
 * gate.c. */
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define THANKS "thanks: {on: purchase.completed, class: transactional, channels: [email, sms]}\n"
#define COUPON                                                                                               \
    "coupon: {on: purchase.completed, class: transactional, channels: [email], after: 1d, offer: ten-off, "  \
    "withdraw: true, expires_after: 3d}\n"
#define ALERT "alert: {on: product.launched, class: transactional, channels: [push], content: new-product}\n"

static struct news launch_of(const char *product)
{
    return (struct news){
        .product_id = slice_of(product), .name = SLICE("Tea \"No. 5\""), .time_ms = stage_moment->now_ms};
}

static void given_order(const char *order_id, const char *time)
{
    struct order order = {
        .completed = true, .time_s = instant(time) / 1000, .net_minor = 1250, .currency = "EUR"};
    order_set(stage_customer(), slice_of(order_id), &order);
}

static void given_cancellation(const char *order_id)
{
    struct order order;
    assert_true(order_get(stage_customer(), slice_of(order_id), &order));
    order.cancelled = true;
    order_set(stage_customer(), slice_of(order_id), &order);
}

static void when_purchase_is_folded(const char *order_id)
{
    struct purchase purchase = {
        .order_id = slice_of(order_id), .currency = "EUR", .net_minor = 1250, .channel = SALES_web};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void when_order_is_cancelled(const char *order_id)
{
    given_cancellation(order_id);
    followup_order_undone(stage_moment, stage_customer(), slice_of(order_id));
}

static void when_product_is_launched(const char *product)
{
    struct news launch = launch_of(product);
    followup_product_news(stage_moment, stage_customer(), &launch);
}

static void a_purchase_without_delay_is_answered_in_its_own_fold(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " THANKS);
    given_field(CUSTOMER_language, "de-AT");
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    then_trigger("thanks/C1/A1");
    then_member("data.follow_up", "thanks");
    then_member("data.class", "transactional");
    then_member("data.occurrence", "A1");
    then_member("data.contact_channels", "email sms");
    then_member("data.language", "de-AT");
    then_member("data.content", "thanks");
    then_member("data.offer", "null");
    then_member("data.variant", "null");
    then_member("data.variables.order_id", "A1");
    then_member("data.variables.net_minor", "1250");
    then_member("data.variables.currency", "EUR");
    then_member("data.reason", "purchase.completed");
    then_member("data.not_before", "2026-03-02T12:00:00.000Z");
    then_member("data.expires_at", "null");
    then_no_record();
    then_no_timer("thanks:A1");
    then_total("triggers:thanks", 1);
}

static void a_purchase_with_a_delay_waits_by_a_timer(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " COUPON);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    then_no_record();
    then_timer("coupon:A1", "2026-03-03T12:00:00Z");
    when_time_is("2026-03-03T11:59:59.999Z");
    then_no_record();
    when_time_is("2026-03-03T14:00:00Z");
    then_trigger("coupon/C1/A1");
    then_member("data.offer", "ten-off");
    then_member("data.language", "null");
    then_member("data.not_before", "2026-03-03T12:00:00.000Z");
    then_member("data.expires_at", "2026-03-06T12:00:00.000Z");
    then_no_timer("coupon:A1");
    then_no_record();
}

static void an_order_that_was_cancelled_meanwhile_gets_nothing(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " COUPON);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    when_order_is_cancelled("A1");
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "order_cancelled");
    then_member("data.class", "transactional");
    then_no_record();
    then_total("decisions:coupon:order_cancelled", 1);
    then_total("triggers:coupon", 0);
}

static void an_order_that_was_wholly_refunded_before_its_purchase_came_gets_nothing(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " THANKS);
    struct order order = {
        .completed = true, .refunded_whole = true, .time_s = 1, .net_minor = 1, .currency = "EUR"};
    order_set(stage_customer(), SLICE("A1"), &order);
    when_purchase_is_folded("A1");
    then_decision("thanks/C1/A1/suppressed", "suppressed", "order_cancelled");
    then_no_record();
}

static void an_order_that_is_no_longer_kept_is_taken_to_stand(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " COUPON);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    customer_item_remove(stage_customer(), ITEM_ORDER, SLICE("A1"));
    when_time_is("2026-03-03T12:00:00Z");
    then_trigger("coupon/C1/A1");
    then_member("data.variables.order_id", "A1");
    then_member("data.variables.net_minor", "");
    then_no_record();
    then_item(ITEM_ORDER, "A1", NULL);
}

static void a_forgotten_order_of_which_a_cancellation_comes_does_not_stand(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " COUPON);
    when_purchase_is_folded("A1");
    struct order order = {.cancelled = true, .time_s = 1};
    order_set(stage_customer(), SLICE("A1"), &order);
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "order_cancelled");
}

static void what_was_sent_is_withdrawn_once_when_the_order_is_undone(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " THANKS "  " COUPON
                 "  second: {on: purchase.completed, class: transactional, "
                 "channels: [sms], withdraw: true, offer: five-off}\n");
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    then_trigger("thanks/C1/A1");
    then_trigger("second/C1/A1");
    when_time_is("2026-03-03T12:00:00Z");
    then_trigger("coupon/C1/A1");
    when_order_is_cancelled("A1");
    then_withdrawal("second/C1/A1/withdrawn");
    then_member("data.offer", "five-off");
    then_withdrawal("coupon/C1/A1/withdrawn");
    then_member("data.follow_up", "coupon");
    then_member("data.class", "transactional");
    then_member("data.occurrence", "A1");
    then_member("data.offer", "ten-off");
    then_member("data.reason", "order_cancelled");
    then_total("withdrawn:coupon", 1);
    when_order_is_cancelled("A1");
    then_no_record();
    then_total("withdrawn:coupon", 1);
}

static void what_was_sent_is_withdrawn_even_when_its_follow_up_has_gone(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " COUPON);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    when_time_is("2026-03-03T12:00:00Z");
    then_trigger("coupon/C1/A1");
    given_policy("mode: off\nfollow_ups:\n  " THANKS);
    when_order_is_cancelled("A1");
    then_withdrawal("coupon/C1/A1/withdrawn");
    then_member("data.class", "null");
    then_member("data.offer", "null");
    then_no_record();
}

static void in_shadow_mode_nothing_goes_out_and_nothing_is_withdrawn(void **state)
{
    (void)state;
    given_policy("mode: shadow\nfollow_ups:\n  " COUPON);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/shadow", "shadow", "shadow");
    then_total("decisions:coupon:shadow", 1);
    then_total("triggers:coupon", 0);
    when_order_is_cancelled("A1");
    then_no_record();
}

static void what_is_off_has_no_occasions_but_settles_what_was_planned(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " COUPON "  " THANKS);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    then_trigger("thanks/C1/A1");
    given_policy("mode: off\nfollow_ups:\n  " COUPON "  " THANKS "  " ALERT);
    when_purchase_is_folded("A2");
    when_product_is_launched("P1");
    then_no_timer("coupon:A2");
    then_no_record();
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "off");
    then_no_record();
}

static void a_timer_whose_follow_up_was_removed_is_settled(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " THANKS "  " ALERT);
    given_timer("coupon:A1", "2026-03-02T12:00:00Z");
    given_timer("alert:P1", "2026-03-02T12:00:00Z"); /* launches have no timers */
    when_time_is("2026-03-02T12:00:00Z");
    then_decision("alert/C1/P1/suppressed", "suppressed", "follow_up_removed");
    then_member("data.class", "null");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "follow_up_removed");
    then_member("data.class", "null");
    then_member("data.occurrence", "A1");
    then_no_record();
    then_total("decisions:coupon:follow_up_removed", 1);
}

static void the_gates_reason_stands_in_the_decision(void **state)
{
    (void)state;
    given_policy("not_before: 2026-03-02T12:00:01Z\nfollow_ups:\n  " THANKS "  " COUPON);
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    then_decision("thanks/C1/A1/suppressed", "suppressed", "not_before");
    when_time_is("2026-03-03T12:00:00Z"); /* by the time of the purchase, not of the timer */
    then_decision("coupon/C1/A1/suppressed", "suppressed", "not_before");
    given_now("2026-03-03T12:00:00Z");
    given_order("A2", "2026-03-03T12:00:00Z");
    when_purchase_is_folded("A2");
    then_trigger("thanks/C1/A2");
    when_time_is("2026-03-07T12:00:00.001Z");
    then_decision("coupon/C1/A2/suppressed", "suppressed", "expired");
    then_total("decisions:coupon:not_before", 1);
    then_total("decisions:coupon:expired", 1);
    then_no_record();
}

static void a_launch_is_decided_once_for_who_has_several_interests(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " ALERT);
    when_product_is_launched("P1");
    then_trigger("alert/C1/P1");
    then_member("data.content", "new-product");
    then_member("data.variables.product", "P1");
    then_member("data.variables.name", "Tea \"No. 5\"");
    then_member("data.reason", "product.launched");
    then_item(ITEM_LAUNCH, "alert:P1", "1772452800000");
    when_product_is_launched("P1");
    then_no_record();
    then_total("triggers:alert", 1);
}

static void a_launch_that_was_refused_is_not_decided_again_either(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  alert: {on: product.launched, class: content, channels: [email]}\n");
    when_product_is_launched("P1");
    then_decision("alert/C1/P1/suppressed", "suppressed", "no_consent");
    given_consent("email", "content", "granted");
    when_product_is_launched("P1");
    then_no_record();
    when_product_is_launched("P2");
    then_trigger("alert/C1/P2");
}

static void of_launches_the_oldest_is_forgotten_by_time_then_product(void **state)
{
    (void)state;
    given_policy("limits: {launches: 2}\nfollow_ups:\n  " ALERT);
    given_item(ITEM_LAUNCH, "alert-two:P0", "1"); /* of another follow-up */
    when_product_is_launched("P9");
    when_product_is_launched("P1");
    given_now("2026-03-02T12:00:01Z");
    when_product_is_launched("P5");
    then_item(ITEM_LAUNCH, "alert:P1", NULL);
    then_item(ITEM_LAUNCH, "alert:P9", "1772452800000");
    then_item(ITEM_LAUNCH, "alert:P5", "1772452801000");
    then_item(ITEM_LAUNCH, "alert-two:P0", "1");
}

static void slashes_in_names_cannot_make_two_occurrences_one(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " THANKS);
    when_purchase_is_folded("A/1%");
    then_trigger("thanks/C1/A%2F1%25");
    then_member("data.occurrence", "A/1%");
    then_member("data.variables.order_id", "A/1%");
}

static void what_is_folded_again_counts_and_remembers_but_sends_nothing(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  " THANKS "  " COUPON "  " ALERT);
    given_silence();
    given_order("A1", "2026-03-02T12:00:00Z");
    when_purchase_is_folded("A1");
    when_product_is_launched("P1");
    when_time_is("2026-03-03T12:00:00Z");
    when_order_is_cancelled("A1");
    when_purchase_is_folded("A1");
    then_no_record();
    then_total("triggers:thanks", 1);
    then_total("triggers:coupon", 1);
    then_total("withdrawn:coupon", 1);
    then_total("decisions:thanks:order_cancelled", 1);
    then_item(ITEM_LAUNCH, "alert:P1", "1772452800000");
}

static void without_any_policy_nothing_is_decided(void **state)
{
    (void)state;
    when_purchase_is_folded("A1");
    when_product_is_launched("P1");
    then_no_record();
    assert_false(customer_exists(stage_customer()));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_purchase_without_delay_is_answered_in_its_own_fold),
        TEST(a_purchase_with_a_delay_waits_by_a_timer),
        TEST(an_order_that_was_cancelled_meanwhile_gets_nothing),
        TEST(an_order_that_was_wholly_refunded_before_its_purchase_came_gets_nothing),
        TEST(an_order_that_is_no_longer_kept_is_taken_to_stand),
        TEST(a_forgotten_order_of_which_a_cancellation_comes_does_not_stand),
        TEST(what_was_sent_is_withdrawn_once_when_the_order_is_undone),
        TEST(what_was_sent_is_withdrawn_even_when_its_follow_up_has_gone),
        TEST(in_shadow_mode_nothing_goes_out_and_nothing_is_withdrawn),
        TEST(what_is_off_has_no_occasions_but_settles_what_was_planned),
        TEST(a_timer_whose_follow_up_was_removed_is_settled),
        TEST(the_gates_reason_stands_in_the_decision),
        TEST(a_launch_is_decided_once_for_who_has_several_interests),
        TEST(a_launch_that_was_refused_is_not_decided_again_either),
        TEST(of_launches_the_oldest_is_forgotten_by_time_then_product),
        TEST(slashes_in_names_cannot_make_two_occurrences_one),
        TEST(what_is_folded_again_counts_and_remembers_but_sends_nothing),
        TEST(without_any_policy_nothing_is_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
