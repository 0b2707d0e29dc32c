/* SPDX-License-Identifier: MIT */
/* Time as the log tells it: ticks, continuations, the window of due timers, clocks that are wrong. */
#include "tests/fakes/dialogue.h"

#define COUPON  "  coupon: {on: purchase.completed, class: transactional, channels: [email], after: 2h}\n"
#define OVERDUE "  overdue: {on: complaint.opened, class: task, after: 2h, unless: complaint.responded}\n"

static size_t first_ticks;

/* In homes in which nothing has happened yet, a first tick begins time. */
static void given_policy_in_force(const char *yaml)
{
    given_policy(yaml);
    until_idle();
    first_ticks = control_count("tick");
}

static size_t new_ticks(void)
{
    return control_count("tick") - first_ticks;
}

static void in_a_new_home_one_tick_begins_time(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" COUPON);
    until_idle();
    time_passes(1 * HOURS);
    until_idle();
    assert_int_equal(control_count("tick"), 4);
}

static void no_tick_comes_while_nothing_is_due(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 1, "USD");
    until_idle();
    for (int i = 0; i < 10; i++) {
        time_passes(10 * MINUTES);
        until_idle();
    }
    assert_int_equal(new_ticks(), 0);
}

static void one_tick_fires_all_that_is_due(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    for (int n = 1; n <= 5; n++) {
        given_purchase(customer_in(1, n), "A1", 1, "USD");
    }
    until_idle();
    time_passes(2 * HOURS);
    until_idle();
    assert_int_equal(trigger_count(), 5);
    assert_int_equal(new_ticks(), 1);
}

static void ticks_come_once_a_second_at_most(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    for (int n = 1; n <= 20; n++) {
        given_purchase(customer_in(1, n), "A1", 1, "USD");
        time_passes(100);
        until_idle();
    }
    time_passes(2 * HOURS - 2 * SECONDS);
    for (int i = 0; i < 20; i++) {
        until_idle();
        time_passes(100);
    }
    assert_in_range(new_ticks(), 2, 3);
    time_passes(1 * SECONDS);
    until_idle();
    assert_int_equal(trigger_count(), 20);
}

static void one_tick_at_most_is_unread(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    given_purchase(customer_in(1, 1), "A1", 1, "USD");
    until_idle();
    struct fake_partition *log = the_log(1);
    int64_t open = fake_kafka_append(the_kafka(), log, FAKE_OPEN, NULL);
    log->records[open].owner = 3;
    time_passes(2 * HOURS);
    for (int i = 0; i < 10; i++) {
        worker_turns(2);
        time_passes(1 * SECONDS);
    }
    assert_int_equal(new_ticks(), 1);
    then_no_trigger();
    log->records[open].state = FAKE_ABORTED;
    until_idle();
    then_trigger("coupon", customer_in(1, 1), "A1");
}

static void an_idle_home_is_ticked_daily(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    until_idle();
    time_passes(22 * HOURS);
    until_idle();
    assert_int_equal(new_ticks(), 0);
    time_passes(1 * HOURS);
    until_idle();
    assert_int_equal(new_ticks(), 4);
    time_passes(23 * HOURS);
    until_idle();
    assert_int_equal(new_ticks(), 8);
}

static void a_restart_forgets_no_timer(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 1, "USD");
    until_idle();
    worker_is_killed(0);
    time_passes(2 * HOURS);
    until_idle();
    then_trigger("coupon", "C1", "A1");
}

static void a_recovery_forgets_no_timer(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 1, "USD");
    until_idle();
    time_passes(2 * HOURS);
    until_idle(); /* this home has been ticked once */
    then_trigger("coupon", "C1", "A1");
    given_purchase("C1", "A2", 1, "USD");
    until_idle();
    expect_warning("Redis does not answer");
    expect_warning("Redis cannot be used");
    fake_memory_set_away(the_memory(), true);
    time_passes(1 * SECONDS);
    worker_turns(2);
    fake_memory_set_away(the_memory(), false);
    until_idle();
    time_passes(2 * HOURS);
    until_idle();
    then_trigger("coupon", "C1", "A2");
}

static void more_timers_than_one_record_may_fire_go_on_in_continuations(void **state)
{
    (void)state;
    given_policy_in_force("limits: {timers_per_record: 2}\nfollow_ups:\n" COUPON);
    for (int n = 1; n <= 7; n++) {
        given_purchase(customer_in(1, n), "A1", 1, "USD");
        given_purchase(customer_in(1, n), "A2", 1, "USD");
    }
    until_idle();
    time_passes(2 * HOURS);
    until_idle();
    assert_int_equal(trigger_count(), 14);
    assert_int_equal(new_ticks(), 1);
    assert_int_equal(control_count("continuation"), 3);
    then_home(1, "home", "continuation", NULL);
}

static void at_most_one_continuation_is_outstanding(void **state)
{
    (void)state;
    given_policy_in_force("limits: {timers_per_record: 1}\nfollow_ups:\n" COUPON);
    for (int n = 1; n <= 6; n++) {
        given_purchase(customer_in(1, n), "A1", 1, "USD");
    }
    until_idle();
    time_passes(2 * HOURS);
    for (int n = 7; n <= 9; n++) {
        given_visit(customer_in(1, n), "store"); /* each fires one, and only the first asks for more */
    }
    worker_turns(1);
    assert_int_equal(control_count("continuation"), 1);
    then_no_letter();
    until_idle();
    assert_int_equal(trigger_count(), 6);
    assert_int_equal(control_count("continuation"), 3);
}

static void a_continuation_that_is_skipped_is_not_waited_for(void **state)
{
    (void)state;
    given_policy_in_force("limits: {timers_per_record: 1}\nfollow_ups:\n" COUPON);
    for (int n = 1; n <= 6; n++) {
        given_purchase(customer_in(1, n), "A1", 1, "USD");
    }
    until_idle();
    time_passes(2 * HOURS);
    given_visit(customer_in(1, 7), "store");
    int64_t continuation = (int64_t)the_log(1)->count;
    worker_turns(1);
    assert_int_equal(control_count("continuation"), 1);
    fake_kafka_skip(the_kafka(), 1, continuation);
    worker_is_killed(0);
    given_visit(customer_in(1, 7), "store");
    until_idle();
    then_stat(STAT_records_skipped, 1);
    assert_int_equal(trigger_count(), 6);
    then_home(1, "home", "continuation", NULL);
}

static void the_own_timers_of_a_customer_fire_before_its_event_and_beyond_the_limit(void **state)
{
    (void)state;
    given_policy_in_force("limits: {timers_per_record: 1}\nfollow_ups:\n" COUPON);
    given_purchase(customer_in(1, 1), "A1", 1, "USD");
    given_purchase(customer_in(1, 2), "A1", 1, "USD");
    given_purchase(customer_in(1, 3), "A1", 1, "USD");
    until_idle();
    time_passes(2 * HOURS);
    int64_t offset = given_cancellation(customer_in(1, 3), "A1"); /* too late: its coupon has just gone out */
    until_idle();
    (void)offset;
    then_trigger("coupon", customer_in(1, 1), "A1");
    then_trigger("coupon", customer_in(1, 2), "A1");
    then_trigger("coupon", customer_in(1, 3), "A1");
    then_no_decision();
}

static void timers_beyond_the_window_that_was_read_fire_in_time(void **state)
{
    (void)state;
    given_homes(1);
    given_policy_in_force("follow_ups:\n" OVERDUE);
    for (int n = 1; n <= 300; n++) {
        given_complaint(customer_in(0, n), "Q1", "opened");
        time_passes(10);
    }
    until_idle();
    worker_restarts(0); /* the next one reads the first 256 */
    until_idle();
    for (int n = 1; n <= 260; n++) {
        given_complaint(customer_in(0, n), "Q1", "responded");
    }
    until_idle();
    time_passes(2 * HOURS);
    until_idle();
    assert_int_equal(trigger_count(), 40);
}

static void many_timers_in_many_windows_fire_once_each(void **state)
{
    (void)state;
    given_homes(1);
    given_batches(7, 3);
    given_cache(20);
    given_policy_in_force("limits: {timers_per_record: 9}\nfollow_ups:\n" COUPON);
    for (int n = 1; n <= 700; n++) {
        given_purchase(customer_in(0, n), "A1", 1, "USD");
    }
    until_idle();
    worker_restarts(0);
    time_passes(2 * HOURS);
    until_idle();
    assert_int_equal(trigger_count(), 700);
}

static void a_record_from_the_future_parks_its_home_until_the_clocks_are_right(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    given_purchase(customer_in(1, 1), "A1", 1, "USD");
    int64_t offset = given_visit(customer_in(1, 1), "store");
    the_log(1)->records[offset].append_ms += 5 * MINUTES + 1;
    given_visit(customer_in(2, 1), "store");
    offset = given_visit(customer_in(2, 1), "store");
    the_log(2)->records[offset].append_ms += 5 * MINUTES; /* just so */
    expect_warning("a partition is parked");
    until_idle();
    then_parked(1, "ahead of this machine's clock");
    then_customer(customer_in(1, 1), "orders", "1");
    then_customer(customer_in(1, 1), "visits", NULL);
    then_customer(customer_in(2, 1), "visits", "2");
    given_command(HOME_LOG, 1, "retry");
    time_passes(10 * MINUTES);
    until_idle();
    then_ready(1);
    then_customer(customer_in(1, 1), "visits", "1");
}

static void time_never_runs_backwards_in_a_home(void **state)
{
    (void)state;
    given_policy_in_force("follow_ups:\n" COUPON);
    time_passes(2 * HOURS);
    given_visit(customer_in(1, 1), "store");
    int64_t offset = given_purchase(customer_in(1, 1), "A1", 1, "USD");
    the_log(1)->records[offset].append_ms -= 2 * HOURS;
    until_idle();
    then_no_trigger();
    then_home(1, "home", "time", "1772460000000");
    then_customer(customer_in(1, 1), "t:coupon:A1", "1772467200000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(in_a_new_home_one_tick_begins_time),
        flow_test(no_tick_comes_while_nothing_is_due),
        flow_test(one_tick_fires_all_that_is_due),
        flow_test(ticks_come_once_a_second_at_most),
        flow_test(one_tick_at_most_is_unread),
        flow_test(an_idle_home_is_ticked_daily),
        flow_test(a_restart_forgets_no_timer),
        flow_test(a_recovery_forgets_no_timer),
        flow_test(more_timers_than_one_record_may_fire_go_on_in_continuations),
        flow_test(at_most_one_continuation_is_outstanding),
        flow_test(a_continuation_that_is_skipped_is_not_waited_for),
        flow_test(the_own_timers_of_a_customer_fire_before_its_event_and_beyond_the_limit),
        flow_test(timers_beyond_the_window_that_was_read_fire_in_time),
        flow_test(many_timers_in_many_windows_fire_once_each),
        flow_test(a_record_from_the_future_parks_its_home_until_the_clocks_are_right),
        flow_test(time_never_runs_backwards_in_a_home),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
