/* SPDX-License-Identifier: MIT */
/* What complaints make of a customer, in whatever order their events come. */
#include "consumers/handlers.h"
#include "tests/fakes/customer_dump.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define T       INT64_C(1772000000000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static struct event event_of(enum event_type type, const char *id, int64_t time_ms)
{
    struct event event = {.type = type, .time_ms = time_ms};
    event.data.complaint = (struct complaint_event){
        .complaint_id = slice_of(id), .severity = SEVERITY_NORMAL, .channel = SALES_web};
    return event;
}

static enum handled fold(struct event event)
{
    static event_handler *const handlers[] = {[EVENT_COMPLAINT_OPENED] = complaint_opened,
                                              [EVENT_COMPLAINT_ACKNOWLEDGED] = complaint_acknowledged,
                                              [EVENT_COMPLAINT_RESPONDED] = complaint_responded,
                                              [EVENT_COMPLAINT_RESOLVED] = complaint_resolved,
                                              [EVENT_COMPLAINT_REOPENED] = complaint_reopened};
    enum reject reject = REJECT_NONE;
    enum handled handled = handlers[event.type](stage_moment, stage_customer(), &event, &reject);
    assert_int_equal(reject, REJECT_NONE);
    return handled;
}

static void when(enum event_type type, const char *id, int64_t time_ms)
{
    assert_int_equal(fold(event_of(type, id, time_ms)), HANDLED_FOLDED);
}

static void given_time(int64_t now_ms)
{
    stage_moment->now_ms = now_ms;
}

static void a_complaint_goes_its_way(void **state)
{
    (void)state;
    struct event opened = event_of(EVENT_COMPLAINT_OPENED, "Q1", T);
    opened.data.complaint.severity = SEVERITY_HIGH;
    opened.data.complaint.reason = SLICE("late");
    given_time(T + 10);
    assert_int_equal(fold(opened), HANDLED_FOLDED);
    then_item(ITEM_COMPLAINT, "Q1", "o o h 1772000000 1772000000000 0 1772000000010 late");
    then_item(ITEM_CHANNEL, "web", "0 0 1");
    then_total("complaints_open", 1);
    when(EVENT_COMPLAINT_ACKNOWLEDGED, "Q1", T + 1);
    then_item(ITEM_COMPLAINT, "Q1", "a oa h 1772000000 1772000000001 0 1772000000010 late");
    when(EVENT_COMPLAINT_RESPONDED, "Q1", T + 2);
    then_item(ITEM_COMPLAINT, "Q1", "p oap h 1772000000 1772000000002 0 1772000000010 late");
    given_time(T + 110);
    when(EVENT_COMPLAINT_RESOLVED, "Q1", T + 3);
    then_item(ITEM_COMPLAINT, "Q1", "s oap h 1772000000 1772000000003 100 0 late");
    then_total("complaints_open", 0);
    given_time(T + 500);
    when(EVENT_COMPLAINT_REOPENED, "Q1", T + 5000);
    then_item(ITEM_COMPLAINT, "Q1", "n o h 1772000005 1772000005000 100 1772000000500 late");
    then_total("complaints_open", 1);
    then_item(ITEM_CHANNEL, "web", "0 0 1");
}

static void a_word_behind_the_solution_does_not_open_it_again(void **state)
{
    (void)state;
    given_time(T);
    when(EVENT_COMPLAINT_OPENED, "Q1", T);
    when(EVENT_COMPLAINT_RESOLVED, "Q1", T + 1000);
    when(EVENT_COMPLAINT_RESPONDED, "Q1", T + 2000);
    then_item(ITEM_COMPLAINT, "Q1", "s op n 1772000000 1772000002000 0 0 -");
    then_total("complaints_open", 0);
}

static void an_older_event_changes_no_state(void **state)
{
    (void)state;
    given_time(T);
    when(EVENT_COMPLAINT_OPENED, "Q1", T);
    when(EVENT_COMPLAINT_RESOLVED, "Q1", T + 9000);
    when(EVENT_COMPLAINT_RESPONDED, "Q1", T + 5000);
    then_item(ITEM_COMPLAINT, "Q1", "s op n 1772000000 1772000009000 0 0 -");
    when(EVENT_COMPLAINT_REOPENED, "Q1", T + 3000);
    then_item(ITEM_COMPLAINT, "Q1", "s op n 1772000003 1772000009000 0 0 -");
    then_total("complaints_open", 0);
}

static void an_opening_may_come_late(void **state)
{
    (void)state;
    given_time(T);
    when(EVENT_COMPLAINT_ACKNOWLEDGED, "Q1", T + 2000);
    then_item(ITEM_COMPLAINT, "Q1", "a a n 0 1772000002000 0 1772000000000 -");
    then_total("complaints_open", 1);
    then_item(ITEM_CHANNEL, "web", NULL);
    struct event opened = event_of(EVENT_COMPLAINT_OPENED, "Q1", T + 1000);
    opened.data.complaint.severity = SEVERITY_CRITICAL;
    opened.data.complaint.reason = SLICE("broken");
    given_time(T + 700);
    assert_int_equal(fold(opened), HANDLED_FOLDED);
    then_item(ITEM_COMPLAINT, "Q1", "a oa c 1772000001 1772000002000 0 1772000000000 broken");
    assert_int_equal(fold(opened), HANDLED_DUPLICATE);
    then_item(ITEM_CHANNEL, "web", "0 0 1");
    then_total("complaints_open", 1);
}

/* A complaint's events of one day, each permutation of them: the state in the end is the same. */
static void the_order_of_arrival_does_not_matter_to_the_state(void **state)
{
    static const enum event_type types[] = {EVENT_COMPLAINT_OPENED, EVENT_COMPLAINT_ACKNOWLEDGED,
                                            EVENT_COMPLAINT_RESPONDED, EVENT_COMPLAINT_RESOLVED};
    given_time(T);
    for (int order = 0; order < 24; order++) {
        int left[] = {0, 1, 2, 3}, rest = order;
        for (int n = 4; n > 0; n--) {
            int pick = rest % n;
            rest /= n;
            when(types[left[pick]], "Q1", T + left[pick] * 1000);
            memmove(&left[pick], &left[pick + 1], (size_t)(n - 1 - pick) * sizeof left[0]);
        }
        then_item(ITEM_COMPLAINT, "Q1", "s oap n 1772000000 1772000003000 0 0 -");
        then_total("complaints_open", 0);
        stage_clear(state);
        stage_set(state);
        given_time(T);
    }
}

static void an_open_complaint_freezes_for_a_while(void **state)
{
    (void)state;
    given_time(T);
    assert_false(complaint_freezes(stage_customer(), T, DAY_MS));
    when(EVENT_COMPLAINT_OPENED, "Q1", T - HOUR_MS);
    assert_true(complaint_freezes(stage_customer(), T, DAY_MS));
    assert_false(complaint_freezes(stage_customer(), T - HOUR_MS + DAY_MS, DAY_MS));
    when(EVENT_COMPLAINT_ACKNOWLEDGED, "Q2", T);
    assert_true(complaint_freezes(stage_customer(), T - HOUR_MS + DAY_MS, DAY_MS));
    when(EVENT_COMPLAINT_RESOLVED, "Q1", T);
    when(EVENT_COMPLAINT_RESOLVED, "Q2", T);
    assert_false(complaint_freezes(stage_customer(), T, DAY_MS));
}

static void resolved_ones_leave_first(void **state)
{
    (void)state;
    char id[8];
    given_time(T);
    for (int i = 0; i < 8; i++) {
        snprintf(id, sizeof id, "Q%d", i);
        when(EVENT_COMPLAINT_OPENED, id, T + i);
    }
    when(EVENT_COMPLAINT_RESOLVED, "Q5", T + 100);
    when(EVENT_COMPLAINT_OPENED, "R1", T + 50);
    then_item(ITEM_COMPLAINT, "Q5", NULL);
    then_total("complaints_open", 8);
    when(EVENT_COMPLAINT_OPENED, "R2", T + 50);
    then_item(ITEM_COMPLAINT, "Q0", NULL);
    assert_int_equal(customer_item_count(stage_customer(), ITEM_COMPLAINT), 8);
    then_total("complaints_open", 8);
    then_total("forgotten", 2);
}

static void settled_complaints_leave_when_their_time_has_come(void **state)
{
    (void)state;
    given_time(T);
    when(EVENT_COMPLAINT_OPENED, "Q1", T);
    when(EVENT_COMPLAINT_OPENED, "Q2", T);
    when(EVENT_COMPLAINT_RESOLVED, "Q1", T);
    given_time(T + 400 * DAY_MS);
    when(EVENT_COMPLAINT_ACKNOWLEDGED, "Q2", T);
    assert_int_equal(customer_item_count(stage_customer(), ITEM_COMPLAINT), 2);
    given_time(T + 400 * DAY_MS + 1);
    when(EVENT_COMPLAINT_RESPONDED, "Q2", T);
    then_item(ITEM_COMPLAINT, "Q1", NULL);
    then_item(ITEM_COMPLAINT, "Q2", "p oap n 1772000000 1772000000000 0 1772000000000 -");
}

static void a_long_complaint_still_fits(void **state)
{
    (void)state;
    struct event opened = event_of(EVENT_COMPLAINT_OPENED, "Q1", T);
    opened.data.complaint.reason = SLICE("fourteen-bytes");
    given_time(T);
    assert_int_equal(fold(opened), HANDLED_FOLDED);
    given_time(T + DAY_MS);
    when(EVENT_COMPLAINT_RESPONDED, "Q1", T + 1);
    when(EVENT_COMPLAINT_ACKNOWLEDGED, "Q1", T + 1);
    when(EVENT_COMPLAINT_RESOLVED, "Q1", T + 1);
    when(EVENT_COMPLAINT_REOPENED, "Q1", T + 1);
    when(EVENT_COMPLAINT_RESPONDED, "Q1", T + 2);
    struct slice value;
    assert_true(customer_item(stage_customer(), ITEM_COMPLAINT, SLICE("Q1"), &value));
    assert_in_range(value.len, 1, 72);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)
    const struct CMUnitTest tests[] = {
        TEST(a_complaint_goes_its_way),
        TEST(a_word_behind_the_solution_does_not_open_it_again),
        TEST(an_older_event_changes_no_state),
        TEST(an_opening_may_come_late),
        TEST(the_order_of_arrival_does_not_matter_to_the_state),
        TEST(an_open_complaint_freezes_for_a_while),
        TEST(resolved_ones_leave_first),
        TEST(settled_complaints_leave_when_their_time_has_come),
        TEST(a_long_complaint_still_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
