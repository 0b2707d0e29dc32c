/* SPDX-License-Identifier: MIT */
/* Follow-ups of complaints: the clock by severity, what stops it, and what a reopened complaint has left. The
 * complaint itself is changed here as consumers/complaint.c does it. */
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RECEIVED                                                                                             \
    "  received: {on: complaint.opened, class: transactional, channels: [email], expires_after: 1d}\n"
#define LATE(after)                                                                                          \
    "  late: {on: complaint.opened, class: task, after: " after ", unless: complaint.acknowledged}\n"
#define CARE "  care: {on: complaint.opened, class: task, after: 8h}\n"

static void change(enum complaint_state state)
{
    struct complaint complaint = {0};
    bool was_open = complaint_get(stage_customer(), SLICE("Q1"), &complaint) && complaint_is_open(&complaint);
    complaint.state = state;
    bool is_open = complaint_is_open(&complaint);
    if (was_open && !is_open) {
        complaint.spent_ms += stage_moment->now_ms - complaint.since_ms;
        complaint.since_ms = 0;
    } else if (!was_open && is_open) {
        complaint.since_ms = stage_moment->now_ms;
    }
    if (state == COMPLAINT_OPENED || state == COMPLAINT_REOPENED) {
        complaint.acknowledged = complaint.responded = false;
        complaint.opened_s = stage_moment->now_ms / 1000;
    }
    complaint.acknowledged = complaint.acknowledged || state == COMPLAINT_ACKNOWLEDGED;
    complaint.responded = complaint.responded || state == COMPLAINT_RESPONDED;
    complaint.newest_ms = stage_moment->now_ms;
    complaint_set(stage_customer(), SLICE("Q1"), &complaint);
}

static void when_opened(const char *severity)
{
    struct complaint complaint = {0};
    if (!complaint_get(stage_customer(), SLICE("Q1"), &complaint)) {
        change(COMPLAINT_OPENED);
        assert_true(complaint_get(stage_customer(), SLICE("Q1"), &complaint));
    }
    complaint.opened = true;
    complaint.reason = SLICE("broken");
    assert_true(severity_parse(slice_of(severity), &complaint.severity));
    complaint_set(stage_customer(), SLICE("Q1"), &complaint);
    followup_complaint_opened(stage_moment, stage_customer(), SLICE("Q1"), stage_moment->now_ms);
}

static void when_it_is(enum complaint_state state, const char *time)
{
    when_time_is(time);
    change(state);
    followup_complaint_changed(stage_moment, stage_customer(), SLICE("Q1"), stage_moment->now_ms);
}

static void who_complains_is_told_at_once_that_it_has_arrived(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" RECEIVED LATE("4h"));
    when_opened("high");
    then_trigger("received/C1/Q1");
    then_member("data.reason", "complaint.opened");
    then_member("data.variables.complaint_id", "Q1");
    then_member("data.variables.severity", "high");
    then_member("data.variables.reason", "broken");
    then_member("data.expires_at", "2026-03-03T12:00:00.000Z");
    then_no_record();
}

static void the_clock_runs_by_severity(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("{low: 3d, normal: 1d, high: 4h, critical: 1h}"));
    when_opened("high");
    then_timer("late:Q1", "2026-03-02T16:00:00Z");
    when_time_is("2026-03-02T16:00:00Z");
    then_trigger("late/C1/Q1");
    then_member("data.contact_channels", "task");
    then_no_record();
}

static void what_waits_for_an_acknowledgement_goes_when_it_comes(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("4h") CARE);
    when_opened("low");
    when_it_is(COMPLAINT_ACKNOWLEDGED, "2026-03-02T13:00:00Z");
    then_no_timer("late:Q1");
    then_timer("care:Q1", "2026-03-02T20:00:00Z");
    when_time_is("2026-03-02T20:00:00Z");
    then_trigger("care/C1/Q1");
    then_no_record();
}

static void an_answer_counts_as_an_acknowledgement_but_not_the_other_way_round(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("4h") "  mute: {on: complaint.opened, class: task, after: 4h, "
                                            "unless: complaint.responded}\n");
    when_opened("low");
    when_it_is(COMPLAINT_ACKNOWLEDGED, "2026-03-02T13:00:00Z");
    then_timer("mute:Q1", "2026-03-02T16:00:00Z");
    when_it_is(COMPLAINT_REOPENED, "2026-03-02T14:00:00Z"); /* while open: the clock goes on */
    then_timer("late:Q1", "2026-03-02T16:00:00Z");
    when_it_is(COMPLAINT_RESPONDED, "2026-03-02T15:00:00Z");
    then_no_timer("late:Q1");
    then_no_timer("mute:Q1");
    then_no_record();
}

static void the_clock_stands_while_the_complaint_is_resolved(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("4h") CARE);
    when_opened("low");
    when_it_is(COMPLAINT_RESOLVED, "2026-03-02T13:00:00Z");
    then_no_timer("late:Q1");
    then_no_timer("care:Q1");
    when_it_is(COMPLAINT_REOPENED, "2026-03-09T12:00:00Z");
    then_timer("late:Q1", "2026-03-09T15:00:00Z"); /* one of four hours was spent */
    then_timer("care:Q1", "2026-03-09T19:00:00Z");
    when_time_is("2026-03-10T12:00:00Z");
    then_trigger("late/C1/Q1");
    then_trigger("care/C1/Q1");
    then_no_record();
}

static void what_was_decided_is_not_planned_again_at_reopening(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" RECEIVED LATE("4h") CARE);
    when_opened("low");
    then_trigger("received/C1/Q1");
    when_it_is(COMPLAINT_RESOLVED, "2026-03-02T16:00:00Z"); /* in the very moment that the clock reaches it */
    then_trigger("late/C1/Q1");
    when_it_is(COMPLAINT_REOPENED, "2026-03-09T12:00:00Z");
    then_no_timer("late:Q1");
    then_timer("care:Q1", "2026-03-09T16:00:00Z");
    then_no_record();
}

static void time_that_ran_out_before_the_reopening_does_not_come_back(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("4h") CARE);
    when_opened("low");
    when_it_is(COMPLAINT_ACKNOWLEDGED, "2026-03-02T13:00:00Z");
    when_time_is("2026-03-02T20:00:00Z");
    then_trigger("care/C1/Q1");
    given_item(ITEM_LAST, "care", "Q2"); /* another complaint since then */
    when_it_is(COMPLAINT_RESOLVED, "2026-03-02T21:00:00Z");
    when_it_is(COMPLAINT_REOPENED, "2026-03-09T12:00:00Z");
    then_no_timer("late:Q1");
    then_no_timer("care:Q1");
    then_no_record();
}

static void a_policy_with_a_longer_time_does_not_send_it_again(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("4h"));
    when_opened("low");
    when_time_is("2026-03-02T16:00:00Z");
    then_trigger("late/C1/Q1");
    then_item(ITEM_LAST, "late", "Q1");
    given_policy("follow_ups:\n" LATE("9h"));
    when_it_is(COMPLAINT_RESOLVED, "2026-03-02T17:00:00Z");
    when_it_is(COMPLAINT_REOPENED, "2026-03-02T18:00:00Z");
    then_no_timer("late:Q1");
    given_timer("late:Q1", "2026-03-02T18:00:00Z");
    when_time_is("2026-03-02T18:00:00Z");
    then_decision("late/C1/Q1/suppressed", "suppressed", "already_sent");
}

static void an_opening_that_comes_after_the_end_says_so_once(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" RECEIVED LATE("4h") CARE);
    change(COMPLAINT_RESOLVED);
    followup_complaint_changed(stage_moment, stage_customer(), SLICE("Q1"), stage_moment->now_ms);
    then_no_record();
    when_opened("low");
    then_decision("received/C1/Q1/suppressed", "suppressed", "already_resolved");
    then_no_timer("late:Q1");
    then_no_timer("care:Q1");
    then_no_record();
}

static void an_opening_that_comes_late_finds_the_clock_running(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" RECEIVED LATE("4h") CARE
                 "  soon: {on: complaint.opened, class: task, after: 1h}\n");
    when_it_is(COMPLAINT_ACKNOWLEDGED, "2026-03-02T12:00:00Z");
    when_time_is("2026-03-02T14:00:00Z");
    then_no_record();
    when_opened("low");
    then_trigger("received/C1/Q1");
    then_trigger("soon/C1/Q1");
    then_member("data.not_before", "2026-03-02T13:00:00.000Z");
    then_no_timer("late:Q1"); /* never due: it is acknowledged */
    then_timer("care:Q1", "2026-03-02T20:00:00Z");
    then_no_record();
}

static void a_reopening_before_the_opening_plans_nothing_yet(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" CARE);
    when_it_is(COMPLAINT_REOPENED, "2026-03-02T12:00:00Z");
    then_no_timer("care:Q1");
    when_opened("critical");
    then_timer("care:Q1", "2026-03-02T20:00:00Z");
}

static void a_timer_that_another_policy_planned_obeys_the_one_in_force(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  late: {on: complaint.opened, class: task, after: 4h}\n");
    when_opened("low");
    when_it_is(COMPLAINT_ACKNOWLEDGED, "2026-03-02T13:00:00Z");
    then_timer("late:Q1", "2026-03-02T16:00:00Z");
    given_policy("follow_ups:\n" LATE("4h"));
    when_time_is("2026-03-02T16:00:00Z");
    then_no_record();
    given_policy("follow_ups: {}\n"); /* not there when the complaint is resolved */
    given_timer("late:Q1", "2026-03-02T18:00:00Z");
    when_it_is(COMPLAINT_RESOLVED, "2026-03-02T17:00:00Z");
    given_policy("follow_ups:\n" LATE("4h"));
    when_time_is("2026-03-02T18:00:00Z");
    then_decision("late/C1/Q1/suppressed", "suppressed", "already_resolved");
}

static void a_complaint_that_is_no_longer_kept_is_taken_to_be_open(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" LATE("4h"));
    when_opened("low");
    customer_item_remove(stage_customer(), ITEM_COMPLAINT, SLICE("Q1"));
    when_time_is("2026-03-02T16:00:00Z");
    then_trigger("late/C1/Q1");
    then_member("data.variables.complaint_id", "Q1");
    then_member("data.variables.severity", "");
    then_no_record();
}

static void what_is_off_plans_nothing_but_lets_go(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" CARE);
    when_opened("low");
    then_timer("care:Q1", "2026-03-02T20:00:00Z");
    given_policy("mode: off\nfollow_ups:\n" CARE);
    when_it_is(COMPLAINT_RESOLVED, "2026-03-02T13:00:00Z");
    then_no_timer("care:Q1");
    when_it_is(COMPLAINT_REOPENED, "2026-03-02T14:00:00Z");
    then_no_timer("care:Q1");
    then_no_record();
}

#define SERVICE                                                                                              \
    "calendars: {service: {zone: Europe/Berlin, hours: {mon-fri: '09:00-18:00'}, closed: ['2026-03-09']}}\n" \
    "follow_ups:\n"                                                                                          \
    "  late: {on: complaint.opened, class: task, calendar: service, after: 4h}\n"                            \
    "  call: {on: complaint.opened, class: task, calendar: service}\n"

static void a_task_counts_the_hours_of_its_calendar(void **state)
{
    (void)state;
    given_policy(SERVICE);
    given_now("2026-03-06T15:00:00Z"); /* Friday, two hours before it closes; Monday is closed */
    when_opened("low");
    then_trigger("call/C1/Q1");
    then_timer("late:Q1", "2026-03-10T10:00:00Z");
    when_time_is("2026-03-10T10:00:00Z");
    then_trigger("late/C1/Q1");
    then_no_record();
}

static void what_falls_outside_the_hours_is_due_at_the_next_opening(void **state)
{
    (void)state;
    given_policy(SERVICE);
    given_now("2026-03-07T11:00:00Z");
    when_opened("low");
    then_no_record();
    then_timer("call:Q1", "2026-03-10T08:00:00Z");
    then_timer("late:Q1", "2026-03-10T12:00:00Z");
    when_it_is(COMPLAINT_RESOLVED, "2026-03-07T12:00:00Z");
    then_no_timer("late:Q1");
    when_it_is(COMPLAINT_REOPENED, "2026-03-10T09:00:00Z"); /* an hour by the wall clock is spent */
    then_timer("late:Q1", "2026-03-10T12:00:00Z");
    then_no_timer("call:Q1");
    when_time_is("2026-03-10T12:00:00Z");
    then_trigger("late/C1/Q1");
    then_no_record();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_complains_is_told_at_once_that_it_has_arrived),
        TEST(the_clock_runs_by_severity),
        TEST(what_waits_for_an_acknowledgement_goes_when_it_comes),
        TEST(an_answer_counts_as_an_acknowledgement_but_not_the_other_way_round),
        TEST(the_clock_stands_while_the_complaint_is_resolved),
        TEST(what_was_decided_is_not_planned_again_at_reopening),
        TEST(a_task_counts_the_hours_of_its_calendar),
        TEST(what_falls_outside_the_hours_is_due_at_the_next_opening),
        TEST(time_that_ran_out_before_the_reopening_does_not_come_back),
        TEST(a_policy_with_a_longer_time_does_not_send_it_again),
        TEST(an_opening_that_comes_after_the_end_says_so_once),
        TEST(an_opening_that_comes_late_finds_the_clock_running),
        TEST(a_reopening_before_the_opening_plans_nothing_yet),
        TEST(a_timer_that_another_policy_planned_obeys_the_one_in_force),
        TEST(a_complaint_that_is_no_longer_kept_is_taken_to_be_open),
        TEST(what_is_off_plans_nothing_but_lets_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
