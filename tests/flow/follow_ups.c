/* SPDX-License-Identifier: MIT */
/* Follow-ups end to end: from the event, over timers that only ticks let fire, to what goes out. */
#include "tests/fakes/dialogue.h"

#define THANKS "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"
#define COUPON                                                                                               \
    "  coupon: {on: purchase.completed, class: transactional, channels: [email], after: 1d, offer: "         \
    "ten-off, "                                                                                              \
    "withdraw: true, expires_after: 3d}\n"
#define OFFER "  offer: {on: purchase.completed, class: marketing, channels: [email], after: 1h}\n"
#define RECEIVED                                                                                             \
    "  received: {on: complaint.opened, class: transactional, channels: [email], expires_after: 3d}\n"
#define OVERDUE                                                                                              \
    "  overdue: {on: complaint.opened, class: task, after: {low: 3d, normal: 1d, high: 4h, critical: 1h}, "  \
    "unless: complaint.responded}\n"
#define GREETING                                                                                             \
    "  greeting: {on: birthday, class: marketing, at: \"09:00\", leap_day: feb-28, expires_after: 12h, "     \
    "channels: [email]}\n"
#define ALERT "  alert: {on: product.launched, class: marketing, channels: [email]}\n"

#define ENQUIRY "  enquiry: {on: visit.made, class: task, after: 2d, unless: purchase.completed}\n"
#define WIN_BACK                                                                                             \
    "  win-back: {on: silence, class: transactional, after: 60d, channels: [email], offer: come-back}\n"     \
    "  call-them: {on: silence, class: task, after: 90d}\n"

static void given_marketing_consent(const char *customer)
{
    given_consent(customer, "email", "marketing", "granted");
}

static void a_purchase_is_thanked_for_at_once(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase("C1", "A1", 4999, "USD");
    worker_turns(4);
    then_trigger("thank-you", "C1", "A1");
    then_no_trigger();
    then_no_decision();
    then_total("triggers:thank-you", 1);
}

static void in_shadow_the_thanks_are_a_decision(void **state)
{
    (void)state;
    given_policy("mode: shadow\nfollow_ups:\n" THANKS);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    then_no_trigger();
    then_decision("thank-you", "C1", "A1", "shadow");
}

static void before_any_policy_nothing_is_triggered(void **state)
{
    (void)state;
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    given_policy("follow_ups:\n" THANKS);
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    then_customer("C1", "orders", "2");
    then_trigger("thank-you", "C1", "A2");
    then_no_trigger();
    then_no_decision();
}

static void a_coupon_comes_after_its_delay_by_a_tick(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    then_no_trigger();
    then_customer("C1", "t:coupon:A1", "1772539200000");
    time_passes(1 * DAYS - 1);
    until_idle();
    then_no_trigger();
    time_passes(1 * SECONDS);
    until_idle();
    then_trigger("coupon", "C1", "A1");
    then_customer("C1", "t:coupon:A1", NULL);
    then_customer("C1", "o:A1", "o 1772452800 4999 USD 0 - +coupon");
}

static void a_coupon_of_a_cancelled_order_is_suppressed(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 4999, "USD");
    given_cancellation("C1", "A1");
    until_idle();
    time_passes(1 * DAYS);
    until_idle();
    then_no_trigger();
    then_decision("coupon", "C1", "A1", "order_cancelled");
}

static void a_coupon_that_was_sent_is_withdrawn_once(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    time_passes(1 * DAYS);
    until_idle();
    then_trigger("coupon", "C1", "A1");
    given_refund("C1", "R1", "A1", 4999);
    given_cancellation("C1", "A1");
    until_idle();
    then_withdrawal("coupon", "C1", "A1");
    then_no_trigger();
    then_total("withdrawn:coupon", 1);
}

static void without_consent_an_offer_is_suppressed(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OFFER);
    given_purchase("C1", "A1", 4999, "USD");
    given_purchase("C2", "A2", 4999, "USD");
    given_marketing_consent("C2");
    until_idle();
    time_passes(1 * HOURS);
    until_idle();
    then_decision("offer", "C1", "A1", "no_consent");
    then_trigger("offer", "C2", "A2");
}

#define SOLVED                                                                                               \
    "  was-it-solved: {on: complaint.resolved, class: transactional, after: 1d, channels: [email]}\n"

static void a_day_after_the_solution_the_customer_is_asked(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" SOLVED);
    given_complaint("C1", "Q1", "opened");
    until_idle();
    time_passes(1 * HOURS);
    given_complaint("C1", "Q1", "resolved");
    until_idle();
    time_passes(1 * DAYS);
    until_idle();
    then_trigger("was-it-solved", "C1", "Q1");
    given_complaint("C1", "Q1", "reopened");
    given_complaint("C1", "Q1", "resolved");
    until_idle();
    time_passes(2 * DAYS);
    until_idle();
    then_no_trigger();
    then_no_decision();
}

static void a_solution_that_was_none_is_not_asked_about(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" SOLVED);
    given_complaint("C1", "Q1", "opened");
    given_complaint("C1", "Q1", "resolved");
    until_idle();
    time_passes(1 * HOURS);
    given_complaint("C1", "Q1", "reopened");
    until_idle();
    time_passes(2 * DAYS);
    until_idle();
    then_no_trigger();
    given_complaint("C1", "Q1", "resolved");
    until_idle();
    time_passes(1 * DAYS);
    until_idle();
    then_trigger("was-it-solved", "C1", "Q1");
}

static void who_looked_and_did_not_buy_is_called(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" ENQUIRY);
    given_visit("C1", "store");
    given_visit("C2", "store");
    until_idle();
    time_passes(1 * DAYS);
    given_purchase("C2", "A2", 4999, "USD");
    until_idle();
    then_no_trigger();
    time_passes(1 * DAYS);
    until_idle();
    then_trigger("enquiry", "C1", "2026-03-02T12:00:00.000Z");
    then_decision("enquiry", "C2", "2026-03-02T12:00:00.000Z", "bought_since");
    then_no_trigger();
}

static void who_falls_silent_is_won_back_in_stages(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" WIN_BACK);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    then_customer("C1", "t:silence", "1777636800000");
    time_passes(60 * DAYS);
    until_idle();
    then_trigger("win-back", "C1", "2026-03-02T12:00:00.000Z");
    then_customer("C1", "t:silence", "1780228800000");
    time_passes(30 * DAYS);
    until_idle();
    then_trigger("call-them", "C1", "2026-03-02T12:00:00.000Z");
    then_no_trigger();
    then_customer("C1", "t:silence", NULL);
}

/* The timer does not move with the purchase: it comes, and plans itself anew. */
static void a_purchase_ends_the_silence(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" WIN_BACK);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    time_passes(59 * DAYS);
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    then_customer("C1", "t:silence", "1777636800000");
    time_passes(1 * DAYS);
    until_idle();
    then_no_trigger();
    then_customer("C1", "t:silence", "1782734400000");
    time_passes(59 * DAYS);
    until_idle();
    then_trigger("win-back", "C1", "2026-04-30T12:00:00.000Z");
    then_no_trigger();
    then_no_decision();
}

static void a_silence_that_a_cancellation_brings_back_is_decided_a_day_later(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" WIN_BACK);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    time_passes(59 * DAYS);
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    time_passes(2 * DAYS);
    given_cancellation("C1", "A2");
    until_idle();
    then_no_trigger();
    time_passes(1 * DAYS);
    until_idle();
    then_trigger("win-back", "C1", "2026-03-02T12:00:00.000Z");
}

static void an_old_silence_is_too_late(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" WIN_BACK);
    next_event_time("2025-01-01T10:00:00Z");
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    then_no_decision();
    time_passes(1 * DAYS);
    until_idle();
    then_decision("win-back", "C1", "2025-01-01T10:00:00.000Z", "expired");
    then_decision("call-them", "C1", "2025-01-01T10:00:00.000Z", "expired");
    then_no_trigger();
}

static void a_complaint_is_acknowledged_and_warned_of_when_nobody_answers(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" RECEIVED OVERDUE);
    given_severe_complaint("C1", "Q1", "critical");
    given_severe_complaint("C2", "Q2", "normal");
    until_idle();
    then_trigger("received", "C1", "Q1");
    then_trigger("received", "C2", "Q2");
    time_passes(1 * HOURS);
    until_idle();
    then_trigger("overdue", "C1", "Q1");
    given_complaint("C2", "Q2", "responded");
    until_idle();
    time_passes(1 * DAYS);
    until_idle();
    then_no_trigger();
    then_no_decision();
    then_total("complaints_open", 2);
}

static void a_complaints_clock_stands_while_it_is_resolved(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OVERDUE);
    given_complaint("C1", "Q1", "opened");
    until_idle();
    time_passes(23 * HOURS);
    given_complaint("C1", "Q1", "resolved");
    until_idle();
    then_total("complaints_open", 0);
    time_passes(20 * DAYS);
    given_complaint("C1", "Q1", "reopened");
    until_idle();
    time_passes(59 * MINUTES);
    until_idle();
    then_no_trigger();
    time_passes(1 * MINUTES);
    until_idle();
    then_trigger("overdue", "C1", "Q1");
}

static void an_open_complaint_freezes_what_sells(void **state)
{
    (void)state;
    given_policy("freeze: 30d\nfollow_ups:\n" OFFER);
    given_marketing_consent("C1");
    given_complaint("C1", "Q1", "opened");
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    time_passes(1 * HOURS);
    until_idle();
    then_decision("offer", "C1", "A1", "frozen");
    time_passes(31 * DAYS);
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    time_passes(1 * HOURS);
    until_idle();
    then_trigger("offer", "C1", "A2");
}

static void a_birthday_is_greeted_by_ticks_at_its_hour_and_again_next_year(void **state)
{
    (void)state;
    given_policy("default_zone: Europe/Berlin\nfollow_ups:\n" GREETING);
    given_marketing_consent("C1");
    given_profile("C1", "{\"birth_date\":{\"calendar\":\"gregorian\",\"year\":1980,\"month\":3,\"day\":9}}");
    until_idle();
    time_is("2026-03-09T07:59:59Z");
    until_idle();
    then_no_trigger();
    time_is("2026-03-09T08:00:01Z");
    until_idle();
    then_trigger("greeting", "C1", "2026");
    time_is("2027-03-09T07:59:00Z");
    until_idle();
    then_no_trigger();
    time_is("2027-03-09T08:00:01Z");
    until_idle();
    then_trigger("greeting", "C1", "2027");
    then_no_trigger();
    then_no_decision();
}

static void a_profile_that_comes_on_the_day_is_greeted_until_the_greeting_expires(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" GREETING);
    const char *today = "{\"birth_date\":{\"calendar\":\"gregorian\",\"month\":3,\"day\":2}}";
    given_marketing_consent("C1");
    given_marketing_consent("C2");
    given_profile("C1", today);
    until_idle();
    then_trigger("greeting", "C1", "2026");
    time_is("2026-03-02T21:00:01Z");
    given_profile("C2", today);
    until_idle();
    then_no_trigger();
    then_no_decision();
}

static void who_was_born_on_a_leap_day_is_greeted_the_day_before_in_other_years(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" GREETING);
    given_marketing_consent("C1");
    given_profile("C1", "{\"birth_date\":{\"calendar\":\"gregorian\",\"year\":1980,\"month\":2,\"day\":29}}");
    until_idle();
    time_is("2027-02-28T09:00:01Z");
    until_idle(); /* the year's timer has been due since midnight: one tick plans, and decides what is due */
    then_trigger("greeting", "C1", "2027");
    time_is("2028-02-28T12:00:00Z");
    until_idle();
    then_no_trigger();
    time_is("2028-02-29T09:00:01Z");
    until_idle();
    then_trigger("greeting", "C1", "2028");
    then_no_decision();
}

static void a_greeting_that_comes_too_late_is_expired(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" GREETING);
    given_marketing_consent("C1");
    given_profile("C1", "{\"birth_date\":{\"calendar\":\"gregorian\",\"month\":3,\"day\":9}}");
    until_idle();
    time_is("2026-03-09T21:00:01Z");
    until_idle();
    then_decision("greeting", "C1", "2026", "expired");
    then_no_trigger();
}

static void an_erased_customer_is_gone_and_refused_later(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS COUPON);
    given_purchase("C1", "A1", 4999, "USD");
    given_profile("C1", "{\"interests\":[\"tea\"]}");
    given_erasure("C1");
    until_idle();
    then_trigger("thank-you", "C1", "A1");
    then_no_customer("C1");
    then_total("customers", 0);
    then_total("erased", 1);
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    then_letter(HOME_LOG, (int64_t)record_count(home_of("C1")) - 1, "customer_erased");
    worker_restarts(0);
    int64_t offset = given_purchase("C1", "A3", 4999, "USD");
    until_idle();
    then_letter(HOME_LOG, offset, "customer_erased");
    given_erasure("C1");
    time_passes(2 * DAYS);
    until_idle();
    then_no_trigger();
    then_no_decision();
    then_no_customer("C1");
    then_total("erased", 1);
}

static void a_launch_reaches_everybody_with_the_interest_once_in_all_homes(void **state)
{
    (void)state;
    given_policy("limits: {fan_out_chunk: 3}\nfollow_ups:\n" ALERT);
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 5; n++) {
            given_marketing_consent(customer_in(home, n));
            given_profile(customer_in(home, n), n == 5   ? "{\"interests\":[\"coffee\"]}"
                                                : n == 4 ? "{\"interests\":[\"cake\",\"tea\"]}"
                                                         : "{\"interests\":[\"tea\"]}");
        }
    }
    until_idle();
    given_launch("P1", "Cake with tea", "[\"tea\",\"cake\"]");
    until_idle();
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 4; n++) {
            then_trigger("alert", customer_in(home, n), "P1");
        }
    }
    then_no_trigger();
    then_no_decision();
    assert_int_equal(control_count("broadcast"), 4);
    assert_int_equal(control_count("chunk"), 4 * 3); /* tea from the start, tea behind the third, cake */
    next_event_id("another");
    given_launch("P1", "Cake with tea", "[\"tea\",\"cake\"]");
    until_idle();
    then_counts(duplicate, 1);
    assert_int_equal(control_count("broadcast"), 4);
}

static void an_interest_that_is_dropped_before_the_fan_out_hears_nothing(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" ALERT);
    given_batches(1, 1000);
    given_marketing_consent("C1");
    given_profile("C1", "{\"interests\":[\"tea\"]}");
    until_idle();
    given_launch("P1", "Tea", "[\"tea\"]");
    given_profile("C1", "{\"interests\":[]}");
    until_idle();
    then_no_trigger();
    then_no_decision();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_purchase_is_thanked_for_at_once),
        flow_test(in_shadow_the_thanks_are_a_decision),
        flow_test(before_any_policy_nothing_is_triggered),
        flow_test(a_coupon_comes_after_its_delay_by_a_tick),
        flow_test(a_coupon_of_a_cancelled_order_is_suppressed),
        flow_test(a_coupon_that_was_sent_is_withdrawn_once),
        flow_test(without_consent_an_offer_is_suppressed),
        flow_test(a_complaint_is_acknowledged_and_warned_of_when_nobody_answers),
        flow_test(a_complaints_clock_stands_while_it_is_resolved),
        flow_test(a_day_after_the_solution_the_customer_is_asked),
        flow_test(a_solution_that_was_none_is_not_asked_about),
        flow_test(who_looked_and_did_not_buy_is_called),
        flow_test(who_falls_silent_is_won_back_in_stages),
        flow_test(a_purchase_ends_the_silence),
        flow_test(a_silence_that_a_cancellation_brings_back_is_decided_a_day_later),
        flow_test(an_old_silence_is_too_late),
        flow_test(an_open_complaint_freezes_what_sells),
        flow_test(a_birthday_is_greeted_by_ticks_at_its_hour_and_again_next_year),
        flow_test(a_profile_that_comes_on_the_day_is_greeted_until_the_greeting_expires),
        flow_test(who_was_born_on_a_leap_day_is_greeted_the_day_before_in_other_years),
        flow_test(a_greeting_that_comes_too_late_is_expired),
        flow_test(an_erased_customer_is_gone_and_refused_later),
        flow_test(a_launch_reaches_everybody_with_the_interest_once_in_all_homes),
        flow_test(an_interest_that_is_dropped_before_the_fan_out_hears_nothing),
    };
    return cmocka_run_group_tests_name("follow-ups", tests, NULL, NULL);
}
