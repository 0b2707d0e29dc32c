/* SPDX-License-Identifier: MIT */
/* What is held: how it comes back, and what happened to it meanwhile. And who is first of what is due at the
 * same instant. */
#include "common/subscription.h"
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NIGHT "quiet_hours: {from: '21:00', to: '08:00', classes: [marketing, content, task]}\n"
#define COUPON                                                                                               \
    "  coupon: {on: purchase.completed, class: marketing, channels: [email], offer: ten-off, "               \
    "withdraw: true, expires_after: 1d}\n"
#define ALERT   "  alert: {on: product.launched, class: content, channels: [email], after: 2d}\n"
#define GREET   "  greet: {on: birthday, class: marketing, channels: [email], at: '23:00'}\n"
#define LATE    "  late: {on: complaint.opened, class: task, after: 1h, unless: complaint.responded}\n"
#define EVENING "2026-03-02T22:00:00Z"
#define MORNING "2026-03-03T08:00:00Z"

static void given_order(const char *order_id)
{
    struct order order = {
        .completed = true, .time_s = stage_moment->now_ms / 1000, .net_minor = 1250, .currency = "EUR"};
    order_set(stage_customer(), slice_of(order_id), &order);
}

static void given_night(const char *follow_ups)
{
    struct buf text = {0};
    buf_text(&text, NIGHT "follow_ups:\n");
    buf_text(&text, follow_ups);
    buf_char(&text, '\0');
    given_policy(text.data);
    buf_done(&text);
    given_now(EVENING);
    given_consent("email", "marketing", "granted");
    given_consent("email", "content", "granted");
}

static void when_purchase_is_folded(const char *order_id)
{
    given_order(order_id);
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR"};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void when_product_is_launched(const char *product)
{
    struct news launch = {
        .product_id = slice_of(product), .name = SLICE("Tea No. 5"), .time_ms = stage_moment->now_ms - 500};
    followup_product_news(stage_moment, stage_customer(), &launch);
}

static void when_complaint_is(enum complaint_state state, bool responded)
{
    struct complaint complaint;
    bool known = complaint_get(stage_customer(), SLICE("Q1"), &complaint);
    if (!known) {
        complaint = (struct complaint){.severity = SEVERITY_NORMAL,
                                       .opened = true,
                                       .opened_s = stage_moment->now_ms / 1000,
                                       .since_ms = stage_moment->now_ms};
    }
    complaint.state = state;
    complaint.responded = responded;
    complaint_set(stage_customer(), SLICE("Q1"), &complaint);
    (known ? followup_complaint_changed : followup_complaint_opened)(stage_moment, stage_customer(),
                                                                     SLICE("Q1"), stage_moment->now_ms);
}

static void then_held(const char *id, const char *until)
{
    then_decision(id, "held", "quiet_hours");
    then_member("data.until", until);
}

#define HELD_COUPON "coupon/C1/A1/held/1772524800000"

static void given_held_coupon(void)
{
    given_night(COUPON);
    when_purchase_is_folded("A1");
    then_held(HELD_COUPON, "2026-03-03T08:00:00.000Z");
    then_timer("coupon:A1", MORNING);
    then_item(ITEM_HELD, "coupon:A1", "1772488800000");
    then_total("held:coupon:quiet_hours", 1);
    then_total("decisions:coupon:quiet_hours", 0);
}

static void what_was_held_is_sent_in_the_morning_as_of_when_it_was_due(void **state)
{
    (void)state;
    given_held_coupon();
    when_time_is("2026-03-03T07:59:59.999Z");
    then_no_record();
    when_time_is(MORNING);
    then_trigger("coupon/C1/A1");
    then_member("data.not_before", "2026-03-02T22:00:00.000Z");
    then_member("data.expires_at", "2026-03-03T22:00:00.000Z");
    then_no_timer("coupon:A1");
    then_item(ITEM_HELD, "coupon:A1", NULL);
    then_no_record();
}

static void consent_that_was_withdrawn_meanwhile_counts(void **state)
{
    (void)state;
    given_held_coupon();
    given_consent("email", "marketing", "withdrawn");
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/suppressed", "suppressed", "no_consent");
    then_item(ITEM_HELD, "coupon:A1", NULL);
}

static void a_complaint_that_was_opened_meanwhile_freezes(void **state)
{
    (void)state;
    given_held_coupon();
    when_complaint_is(COMPLAINT_OPENED, false);
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/suppressed", "suppressed", "frozen");
}

static void a_freeze_that_ends_at_night_gives_way_to_the_night(void **state)
{
    (void)state;
    given_night(COUPON);
    given_now("2026-01-31T23:30:00Z"); /* 30 days before half past eleven */
    when_complaint_is(COMPLAINT_OPENED, false);
    given_now("2026-03-02T23:29:59Z");
    when_purchase_is_folded("A0");
    then_decision("coupon/C1/A0/suppressed", "suppressed", "frozen");
    given_now("2026-03-02T23:30:00Z");
    when_purchase_is_folded("A1");
    then_held(HELD_COUPON, "2026-03-03T08:00:00.000Z");
    when_time_is(MORNING);
    then_trigger("coupon/C1/A1");
}

static void an_order_that_was_cancelled_meanwhile_gets_nothing(void **state)
{
    (void)state;
    given_held_coupon();
    struct order order;
    assert_true(order_get(stage_customer(), SLICE("A1"), &order));
    order.cancelled = true;
    order_set(stage_customer(), SLICE("A1"), &order);
    followup_order_undone(stage_moment, stage_customer(), SLICE("A1"));
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/suppressed", "suppressed", "order_cancelled");
    then_no_record();
}

static void what_would_be_too_late_in_the_morning_expires(void **state)
{
    (void)state;
    given_night(
        "  coupon: {on: purchase.completed, class: marketing, channels: [email], expires_after: 2h}\n");
    when_purchase_is_folded("A1");
    then_held(HELD_COUPON, "2026-03-03T08:00:00.000Z");
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/suppressed", "suppressed", "expired");
}

static void a_follow_up_that_was_switched_off_meanwhile_is_settled(void **state)
{
    (void)state;
    given_held_coupon();
    when_purchase_is_folded("A2");
    then_held("coupon/C1/A2/held/1772524800000", "2026-03-03T08:00:00.000Z");
    given_policy(
        "follow_ups:\n  coupon: {on: purchase.completed, class: marketing, channels: [email], mode: off}\n");
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/suppressed", "suppressed", "off");
    then_decision("coupon/C1/A2/suppressed", "suppressed", "off");
}

static void a_follow_up_that_was_removed_meanwhile_is_settled(void **state)
{
    (void)state;
    given_held_coupon();
    given_policy("follow_ups:\n" GREET);
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/suppressed", "suppressed", "follow_up_removed");
    then_item(ITEM_HELD, "coupon:A1", NULL);
}

static void who_moves_while_it_is_held_may_be_held_again(void **state)
{
    (void)state;
    given_held_coupon();
    given_field(CUSTOMER_zone, "America/New_York"); /* 03:00 there in the morning of UTC */
    when_time_is(MORNING);
    then_held("coupon/C1/A1/held/1772542800000", "2026-03-03T13:00:00.000Z");
    then_item(ITEM_HELD, "coupon:A1", "1772488800000");
    when_time_is("2026-03-03T13:00:00Z");
    then_trigger("coupon/C1/A1");
    then_member("data.not_before", "2026-03-02T22:00:00.000Z");
}

static void an_erased_customer_has_nothing_held(void **state)
{
    (void)state;
    given_held_coupon();
    customer_clear(stage_customer());
    when_time_is(MORNING);
    then_no_record();
}

static void in_shadow_mode_it_is_held_too(void **state)
{
    (void)state;
    given_policy("mode: shadow\n" NIGHT "follow_ups:\n" COUPON);
    given_consent("email", "marketing", "granted");
    given_now(EVENING);
    when_purchase_is_folded("A1");
    then_held(HELD_COUPON, "2026-03-03T08:00:00.000Z");
    when_time_is(MORNING);
    then_decision("coupon/C1/A1/shadow", "shadow", "shadow");
}

static void a_complaint_answered_while_its_task_is_held_needs_none(void **state)
{
    (void)state;
    given_night(LATE);
    when_complaint_is(COMPLAINT_OPENED, false);
    when_time_is("2026-03-02T23:00:00Z");
    then_held("late/C1/Q1/held/1772524800000", "2026-03-03T08:00:00.000Z");
    given_now("2026-03-03T01:00:00Z");
    when_complaint_is(COMPLAINT_RESPONDED, true);
    then_timer("late:Q1", MORNING);
    when_time_is(MORNING);
    then_decision("late/C1/Q1/suppressed", "suppressed", "settled");
}

static void a_complaint_reopened_while_its_task_is_held_is_not_planned_twice(void **state)
{
    (void)state;
    given_night(LATE);
    when_complaint_is(COMPLAINT_OPENED, false);
    when_time_is("2026-03-02T23:00:00Z");
    then_held("late/C1/Q1/held/1772524800000", "2026-03-03T08:00:00.000Z");
    when_complaint_is(COMPLAINT_RESOLVED, false);
    when_complaint_is(COMPLAINT_REOPENED, false);
    then_timer("late:Q1", MORNING);
    when_time_is(MORNING);
    then_trigger("late/C1/Q1");
    then_no_record();
}

static void a_launch_waits_its_head_start_and_comes_back_with_its_name(void **state)
{
    (void)state;
    given_night(ALERT);
    when_product_is_launched("P1");
    when_product_is_launched("P1"); /* by another interest */
    then_timer("alert:P1", "2026-03-04T22:00:00Z");
    then_item(ITEM_HELD, "alert:P1", "1772661600000 1772488799500 Tea No. 5");
    when_time_is("2026-03-04T22:00:00Z");
    then_held("alert/C1/P1/held/1772697600000", "2026-03-05T08:00:00.000Z");
    when_product_is_launched("P1");
    then_no_record();
    when_time_is("2026-03-05T08:00:00Z");
    then_trigger("alert/C1/P1");
    then_member("data.variables.name", "Tea No. 5");
    then_member("data.variables.product", "P1");
    then_member("data.not_before", "2026-03-04T22:00:00.000Z");
    then_item(ITEM_HELD, "alert:P1", NULL);
    when_product_is_launched("P1");
    then_no_record();
}

static void news_of_a_product_wait_and_come_back_with_what_there_is_to_tell(void **state)
{
    (void)state;
    given_night("  cheaper: {on: product.repriced, class: content, channels: [email], after: 1h}\n"
                "  recall: {on: product.recalled, class: task, after: 1h}\n");
    given_now("2026-03-02T20:30:00Z");
    struct news price = {.kind = NEWS_REPRICED,
                         .product_id = SLICE("P@1"),
                         .time_ms = stage_moment->now_ms - 500,
                         .currency = "EUR",
                         .old_minor = 500,
                         .new_minor = 450};
    struct news recall = {.kind = NEWS_RECALLED,
                          .product_id = SLICE("P2"),
                          .time_ms = stage_moment->now_ms - 500,
                          .severity = SEVERITY_CRITICAL,
                          .reference = SLICE("notice-7")};
    subscription_set(stage_customer(), NEWS_REPRICED, price.product_id, price.time_ms);
    followup_product_news(stage_moment, stage_customer(), &price);
    followup_product_news(stage_moment, stage_customer(), &recall);
    then_item(ITEM_HELD, "cheaper:P@1@2026-03-02T20:29:59.500Z", "1772487000000 repriced EUR 500 450");
    then_item(ITEM_HELD, "recall:P2@2026-03-02T20:29:59.500Z", "1772487000000 recalled critical notice-7");
    when_time_is("2026-03-02T21:30:00Z");
    then_held("cheaper/C1/P@1@2026-03-02T20:29:59.500Z/held/1772524800000", "2026-03-03T08:00:00.000Z");
    then_held("recall/C1/P2@2026-03-02T20:29:59.500Z/held/1772524800000", "2026-03-03T08:00:00.000Z");
    then_item(ITEM_WAITS, "repriced:P@1", "1772483399500");
    when_time_is(MORNING);
    then_trigger("cheaper/C1/P@1@2026-03-02T20:29:59.500Z");
    then_member("data.variables.product", "P@1");
    then_member("data.variables.currency", "EUR");
    then_item(ITEM_WAITS, "repriced:P@1", NULL);
    then_item(ITEM_LAUNCH, "cheaper:P@1", "1772483399500");
    then_trigger("recall/C1/P2@2026-03-02T20:29:59.500Z");
    then_member("data.variables.severity", "critical");
    then_member("data.variables.reference", "notice-7");
    then_no_record();
}

static void a_launch_that_waited_is_judged_by_when_it_was(void **state)
{
    (void)state;
    given_night(ALERT);
    when_product_is_launched("P1");
    given_policy("not_before: 2026-03-02T22:00:00Z\nfollow_ups:\n" ALERT);
    when_time_is("2026-03-04T22:00:00Z");
    then_decision("alert/C1/P1/suppressed", "suppressed", "not_before");
}

static void a_greeting_that_is_held_outlives_a_change_of_the_profile(void **state)
{
    (void)state;
    given_night(
        "  greet: {on: birthday, class: marketing, channels: [email], at: '23:00', expires_after: 12h}\n");
    given_field(CUSTOMER_birth, "1980-03-02");
    followup_profile_changed(stage_moment, stage_customer());
    when_time_is("2026-03-02T23:00:00Z");
    then_held("greet/C1/2026/held/1772524800000", "2026-03-03T08:00:00.000Z");
    given_field(CUSTOMER_zone, "Europe/London");
    followup_profile_changed(stage_moment, stage_customer());
    then_timer("greet:2026", MORNING);
    when_time_is(MORNING);
    then_trigger("greet/C1/2026");
    then_member("data.not_before", "2026-03-02T23:00:00.000Z");
    then_item(ITEM_LAST, "greet", "2026 1772524800000");
}

static void of_what_is_due_together_the_higher_priority_is_first_then_the_files_order(void **state)
{
    (void)state;
    given_policy(
        "follow_ups:\n"
        "  zebra: {on: purchase.completed, class: transactional, channels: [email], after: 1h}\n"
        "  ape: {on: purchase.completed, class: transactional, channels: [email], after: 1h}\n"
        "  bear: {on: purchase.completed, class: transactional, channels: [email], after: 1h, priority: 5}\n"
        "  cow: {on: purchase.completed, class: transactional, channels: [email], after: 1h, priority: -1}\n"
        "  soon: {on: purchase.completed, class: transactional, channels: [email], after: 30m, "
        "priority: -100}\n");
    when_purchase_is_folded("A1");
    given_timer("gone:A1", "2026-03-02T13:00:00Z");
    when_time_is("2026-03-02T13:00:00Z");
    then_trigger("soon/C1/A1"); /* due earlier */
    then_trigger("bear/C1/A1");
    then_trigger("zebra/C1/A1");
    then_trigger("ape/C1/A1");
    then_trigger("cow/C1/A1");
    then_decision("gone/C1/A1/suppressed", "suppressed", "follow_up_removed");
    then_no_record();
}

static void what_one_event_leads_to_comes_by_priority_too(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  zebra: {on: purchase.completed, class: transactional, channels: [email]}\n"
                 "  ape: {on: purchase.completed, class: transactional, channels: [email]}\n"
                 "  bear: {on: purchase.completed, class: transactional, channels: [email], priority: 5}\n");
    when_purchase_is_folded("A1");
    then_trigger("bear/C1/A1");
    then_trigger("zebra/C1/A1");
    then_trigger("ape/C1/A1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_held_is_sent_in_the_morning_as_of_when_it_was_due),
        TEST(consent_that_was_withdrawn_meanwhile_counts),
        TEST(a_complaint_that_was_opened_meanwhile_freezes),
        TEST(a_freeze_that_ends_at_night_gives_way_to_the_night),
        TEST(an_order_that_was_cancelled_meanwhile_gets_nothing),
        TEST(what_would_be_too_late_in_the_morning_expires),
        TEST(a_follow_up_that_was_switched_off_meanwhile_is_settled),
        TEST(a_follow_up_that_was_removed_meanwhile_is_settled),
        TEST(who_moves_while_it_is_held_may_be_held_again),
        TEST(an_erased_customer_has_nothing_held),
        TEST(in_shadow_mode_it_is_held_too),
        TEST(a_complaint_answered_while_its_task_is_held_needs_none),
        TEST(a_complaint_reopened_while_its_task_is_held_is_not_planned_twice),
        TEST(a_launch_waits_its_head_start_and_comes_back_with_its_name),
        TEST(news_of_a_product_wait_and_come_back_with_what_there_is_to_tell),
        TEST(a_launch_that_waited_is_judged_by_when_it_was),
        TEST(a_greeting_that_is_held_outlives_a_change_of_the_profile),
        TEST(of_what_is_due_together_the_higher_priority_is_first_then_the_files_order),
        TEST(what_one_event_leads_to_comes_by_priority_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
