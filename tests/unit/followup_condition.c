/* SPDX-License-Identifier: MIT */
/* For whom a follow-up is meant: asked when its occasion arises, and again when its time has come. What each
 * line of a condition says is in condition.c. */
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define REGULARS                                                                                             \
    "follow_ups:\n  coupon: {on: purchase.completed, class: transactional, channels: [email], after: 1d, "   \
    "if: [orders >= 3, event.net >= 10 EUR]}\n"

static void given_orders(int64_t orders)
{
    customer_int_set(stage_customer(), CUSTOMER_orders, orders);
}

static void when_purchase_is_folded(const char *order_id, int64_t net_minor)
{
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR", .net_minor = net_minor};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void when_complaint_comes(const char *reason, enum severity severity)
{
    struct complaint complaint = {
        .opened = true, .severity = severity, .reason = slice_of(reason), .since_ms = stage_moment->now_ms};
    complaint_set(stage_customer(), SLICE("Q1"), &complaint);
    followup_complaint_opened(stage_moment, stage_customer(), SLICE("Q1"), stage_moment->now_ms);
}

static void when_complaint_is(enum complaint_state state)
{
    struct complaint complaint;
    assert_true(complaint_get(stage_customer(), SLICE("Q1"), &complaint));
    complaint.state = state;
    complaint.since_ms = state == COMPLAINT_RESOLVED ? 0 : stage_moment->now_ms;
    complaint_set(stage_customer(), SLICE("Q1"), &complaint);
    followup_complaint_changed(stage_moment, stage_customer(), SLICE("Q1"), stage_moment->now_ms);
}

static void for_whom_it_is_not_meant_there_is_no_occasion(void **state)
{
    (void)state;
    stage_moment->stats = stats_create(1);
    given_policy(REGULARS);
    given_orders(2);
    when_purchase_is_folded("A1", 1000);
    given_orders(3);
    when_purchase_is_folded("A2", 999);
    then_no_timer("coupon:A1");
    then_no_timer("coupon:A2");
    assert_int_equal(stats_get(stage_moment->stats, STAT_followups_not_meant, 0), 2);
    when_purchase_is_folded("A3", 1000);
    then_timer("coupon:A3", "2026-03-03T12:00:00Z");
    assert_int_equal(stats_get(stage_moment->stats, STAT_followups_not_meant, 0), 2);
    when_time_is("2026-03-03T12:00:00Z");
    then_trigger("coupon/C1/A3");
    then_no_record();
    then_total("decisions:coupon:condition", 0);
    stats_destroy(stage_moment->stats);
    stage_moment->stats = NULL;
}

static void what_no_longer_holds_when_it_is_due_refuses(void **state)
{
    (void)state;
    given_policy(REGULARS);
    given_orders(3);
    when_purchase_is_folded("A1", 1000);
    given_orders(2); /* one was sent back */
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "condition");
    then_no_record();
    then_total("decisions:coupon:condition", 1);
}

static void what_only_the_event_knew_was_answered_then(void **state)
{
    (void)state;
    given_policy(
        "follow_ups:\n  small: {on: purchase.completed, class: safety, channels: [email], after: 1d, "
        "if: {not: event.net >= 10 EUR}}\n");
    when_purchase_is_folded("A1", 1000);
    when_purchase_is_folded("A2", 999);
    when_time_is("2026-03-03T12:00:00Z");
    then_trigger("small/C1/A2");
    then_no_record();
}

static void an_order_that_was_cancelled_is_said_to_be_before_the_condition(void **state)
{
    (void)state;
    given_policy(REGULARS);
    given_orders(3);
    when_purchase_is_folded("A1", 1000);
    given_orders(2);
    struct order order = {.completed = true, .cancelled = true, .time_s = 1, .currency = "EUR"};
    order_set(stage_customer(), SLICE("A1"), &order);
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "order_cancelled");
}

static void a_condition_that_a_new_policy_brings_is_asked_of_what_was_planned(void **state)
{
    (void)state;
    given_policy(
        "follow_ups:\n  coupon: {on: purchase.completed, class: safety, channels: [email], after: 1d}\n");
    when_purchase_is_folded("A1", 1000);
    given_policy(REGULARS);
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("coupon/C1/A1/suppressed", "suppressed", "condition");
}

static void a_complaint_is_asked_for_its_severity_and_reason_also_when_it_is_opened_again(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  late: {on: complaint.opened, class: task, after: 2h, if: event.severity >= high}\n"
                 "  rude: {on: complaint.opened, class: task, after: 2h, if: event.reason = rude}\n"
                 "  also: {on: complaint.opened, class: task, after: 2h, if: event.reason = late}\n");
    when_complaint_comes("late", SEVERITY_CRITICAL);
    then_timer("late:Q1", "2026-03-02T14:00:00Z");
    then_timer("also:Q1", "2026-03-02T14:00:00Z");
    then_no_timer("rude:Q1");
    when_time_is("2026-03-02T13:00:00Z");
    when_complaint_is(COMPLAINT_RESOLVED);
    then_no_timer("late:Q1");
    when_complaint_is(COMPLAINT_REOPENED);
    then_timer("late:Q1", "2026-03-02T15:00:00Z");
    then_no_timer("rude:Q1");
}

static void a_round_birthday_is_meant_for_those_who_have_one(void **state)
{
    (void)state;
    given_policy(
        "follow_ups:\n"
        "  round: {on: birthday, class: safety, channels: [email], if: \"event.turning in 30, 40\"}\n"
        "  adults: {on: birthday, class: safety, channels: [email], if: age >= 18}\n");
    given_field(CUSTOMER_birth, "1986-03-10");
    given_field(CUSTOMER_zone, "Etc/UTC");
    followup_profile_changed(stage_moment, stage_customer());
    when_time_is("2026-03-10T09:00:00Z");
    then_trigger("round/C1/2026");
    then_trigger("adults/C1/2026");
    when_time_is("2027-03-10T09:00:00Z");
    then_trigger("adults/C1/2027");
    then_no_record();
}

static void who_is_eighteen_today_is_an_adult(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  adults: {on: birthday, class: safety, channels: [email], if: age >= 18}\n");
    given_field(CUSTOMER_birth, "2008-03-10");
    given_field(CUSTOMER_zone, "America/Los_Angeles");
    followup_profile_changed(stage_moment, stage_customer());
    when_time_is("2026-03-10T23:00:00Z");
    then_trigger("adults/C1/2026");
}

static void a_launch_is_for_those_who_care_in_more_than_one_way(void **state)
{
    (void)state;
    struct news launch = {.product_id = SLICE("P1"),
                          .name = SLICE("Tea"),
                          .interests = {SLICE("tea")},
                          .interest_count = 1,
                          .time_ms = stage_moment->now_ms};
    given_policy("follow_ups:\n  alert: {on: product.launched, class: safety, channels: [push], "
                 "if: [orders >= 1, event.interests has tea]}\n");
    followup_product_news(stage_moment, stage_customer(), &launch);
    then_no_record();
    then_item(ITEM_LAUNCH, "alert:P1", NULL);
    given_orders(1);
    followup_product_news(stage_moment, stage_customer(), &launch);
    then_trigger("alert/C1/P1");
}

#define GIFTS                                                                                                \
    "follow_ups:\n  gift:\n    on: purchase.completed\n    class: safety\n    channels: [email]\n    "       \
    "after: 1d\n"                                                                                            \
    "    withdraw: true\n    offer: small\n    variants:\n      - {if: orders >= 10, offer: large, "         \
    "content: thanks}\n"                                                                                     \
    "      - {if: event.net >= 10 EUR, offer: never}\n      - {if: orders >= 3, content: regular}\n"

static void then_gift(const char *order_id, int64_t orders, const char *offer, const char *content,
                      const char *variant)
{
    char id[64];
    given_orders(orders);
    given_now("2026-03-02T12:00:00Z");
    struct order order = {.completed = true, .time_s = 1, .currency = "EUR", .net_minor = 5000};
    order_set(stage_customer(), slice_of(order_id), &order);
    when_purchase_is_folded(order_id, 5000);
    when_time_is("2026-03-03T12:00:00Z");
    (void)snprintf(id, sizeof id, "gift/C1/%s", order_id);
    then_trigger(id);
    then_member("data.offer", offer);
    then_member("data.content", content);
    then_member("data.variant", variant);
}

static void when_order_is_cancelled(const char *order_id)
{
    struct order order;
    assert_true(order_get(stage_customer(), slice_of(order_id), &order));
    order.cancelled = true;
    order_set(stage_customer(), slice_of(order_id), &order);
    followup_order_undone(stage_moment, stage_customer(), slice_of(order_id));
}

static void the_first_variant_that_holds_is_taken_and_withdrawn(void **state)
{
    (void)state;
    given_policy(GIFTS);
    then_gift("A1", 1, "small", "gift", "null"); /* the event's amount is not at hand any more */
    then_gift("A2", 3, "small", "regular", "3");
    then_gift("A3", 10, "large", "thanks", "1");
    when_order_is_cancelled("A1");
    then_withdrawal("gift/C1/A1/withdrawn");
    then_member("data.offer", "small");
    when_order_is_cancelled("A3");
    then_withdrawal("gift/C1/A3/withdrawn");
    then_member("data.offer", "large");
    given_policy(
        "follow_ups:\n  gift: {on: purchase.completed, class: safety, channels: [email], offer: other}\n");
    when_order_is_cancelled("A2");
    then_withdrawal("gift/C1/A2/withdrawn");
    then_member("data.offer", "null"); /* of a variant that is gone */
    then_no_record();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(for_whom_it_is_not_meant_there_is_no_occasion),
        TEST(what_no_longer_holds_when_it_is_due_refuses),
        TEST(what_only_the_event_knew_was_answered_then),
        TEST(an_order_that_was_cancelled_is_said_to_be_before_the_condition),
        TEST(a_condition_that_a_new_policy_brings_is_asked_of_what_was_planned),
        TEST(a_complaint_is_asked_for_its_severity_and_reason_also_when_it_is_opened_again),
        TEST(a_round_birthday_is_meant_for_those_who_have_one),
        TEST(who_is_eighteen_today_is_an_adult),
        TEST(a_launch_is_for_those_who_care_in_more_than_one_way),
        TEST(the_first_variant_that_holds_is_taken_and_withdrawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
