/* SPDX-License-Identifier: MIT */
/* Policies and other control records as the log brings them: in force from their offset on, and what happens
 * with one that cannot be read. */
#include "tests/fakes/dialogue.h"

#define THANKS "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"
#define COUPON "  coupon: {on: purchase.completed, class: transactional, channels: [email], after: 1h}\n"

static void a_record_before_any_policy_changes_its_customer_and_triggers_nothing(void **state)
{
    (void)state;
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    time_passes(2 * DAYS);
    until_idle();
    then_customer("C1", "orders", "1");
    then_no_trigger();
    then_no_decision();
    assert_int_equal(control_count("tick"), 0);
}

static void a_policy_is_in_force_from_its_offset_on_in_the_middle_of_a_batch(void **state)
{
    (void)state;
    given_purchase("C1", "A1", 4999, "USD");
    given_policy("follow_ups:\n" THANKS);
    given_purchase("C1", "A2", 4999, "USD");
    given_policy("mode: shadow\nfollow_ups:\n" THANKS);
    given_purchase("C1", "A3", 4999, "USD");
    worker_turns(4);
    then_trigger("thank-you", "C1", "A2");
    then_no_trigger();
    then_decision("thank-you", "C1", "A3", "shadow");
    then_no_decision();
}

static void each_home_has_the_policy_that_its_own_log_says(void **state)
{
    (void)state;
    given_policy_in(0, "follow_ups:\n" THANKS);
    given_policy_in(1, "mode: shadow\nfollow_ups:\n" THANKS);
    given_purchase(customer_in(0, 1), "A1", 1, "USD");
    given_purchase(customer_in(1, 1), "A2", 1, "USD");
    given_purchase(customer_in(2, 1), "A3", 1, "USD");
    until_idle();
    then_trigger("thank-you", customer_in(0, 1), "A1");
    then_no_trigger();
    then_decision("thank-you", customer_in(1, 1), "A2", "shadow");
    then_no_decision();
}

static void a_policy_outlives_the_process(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    until_idle();
    worker_is_killed(0);
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    then_trigger("thank-you", "C1", "A1");
}

static void a_timer_of_a_follow_up_that_was_removed_is_decided_so(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" COUPON);
    given_purchase("C1", "A1", 4999, "USD");
    given_policy("follow_ups:\n" THANKS);
    until_idle();
    time_passes(1 * HOURS);
    until_idle();
    then_no_trigger();
    then_decision("coupon", "C1", "A1", "follow_up_removed");
}

static void an_unknown_fold_version_ends_the_process_when_all_before_it_is_committed(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase(customer_in(1, 1), "A1", 4999, "USD");
    int64_t offset = given_control(
        1, "policy", "{\"fold\":2,\"zones\":\"2000a\",\"policy\":\"policy: 1\\nfollow_ups: {}\\n\"}");
    given_purchase(customer_in(1, 1), "A2", 4999, "USD");
    worker_turns(4);
    then_process_ends(0, "fold version 2");
    then_trigger("thank-you", customer_in(1, 1), "A1");
    then_no_trigger();
    then_position(1, offset);
    then_committed(1, offset);
}

static void a_policy_that_cannot_be_read_parks_its_home_and_no_other(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    int64_t offset = given_control(1, "policy", "{\"fold\":1,\"zones\":\"2000a\"}");
    given_purchase(customer_in(1, 1), "A1", 4999, "USD");
    given_purchase(customer_in(2, 1), "A2", 4999, "USD");
    expect_warning("a partition is parked");
    world_is_incomplete();
    until_idle();
    then_parked(1, "policy record must have fold");
    then_position(1, offset);
    then_trigger("thank-you", customer_in(2, 1), "A2");
    then_no_trigger();
}

static void a_control_record_that_cannot_be_read_parks_its_home_and_no_other(void **state)
{
    (void)state;
    given_visit(customer_in(1, 1), "store");
    given_control(1, "dance", "{}");
    given_visit(customer_in(1, 1), "store");
    given_visit(customer_in(2, 1), "store");
    expect_warning("a partition is parked");
    world_is_incomplete();
    until_idle();
    then_parked(1, "at offset 1: the header loyald-control \"dance 1 1\"");
    then_customer(customer_in(1, 1), "visits", "1");
    then_position(1, 1);
    then_committed(1, 1);
    given_visit(customer_in(2, 1), "store");
    until_idle();
    then_customer(customer_in(2, 1), "visits", "2");
}

static void a_control_record_for_another_home_parks(void **state)
{
    (void)state;
    given_record(HOME_LOG, 1, NULL, "{}", "loyald-control: tick 2 1");
    expect_warning("a partition is parked");
    world_is_incomplete();
    until_idle();
    then_parked(1, "is not one that loyald writes to home 1");
}

static void a_control_record_of_a_later_version_parks(void **state)
{
    (void)state;
    given_record(HOME_LOG, 1, NULL, "{}", "loyald-control: tick 1 2");
    expect_warning("a partition is parked");
    world_is_incomplete();
    until_idle();
    then_parked(1, "use a newer one");
}

static void a_control_record_with_a_key_parks(void **state)
{
    (void)state;
    given_record(HOME_LOG, 1, customer_in(1, 1), "{}", "loyald-control: tick 1 1");
    expect_warning("a partition is parked");
    world_is_incomplete();
    until_idle();
    then_parked(1, "at offset 0");
}

static void an_operator_skips_a_record_that_cannot_be_read(void **state)
{
    (void)state;
    given_visit(customer_in(1, 1), "store");
    int64_t offset = given_control(1, "dance", "{}");
    given_visit(customer_in(1, 1), "store");
    expect_warning("a partition is parked");
    until_idle();
    then_parked(1, "at offset 1");
    fake_kafka_skip(the_kafka(), 1, offset);
    given_command(HOME_LOG, 1, "retry");
    time_passes(1 * SECONDS);
    until_idle();
    then_ready(1);
    then_customer(customer_in(1, 1), "visits", "2");
    then_stat(STAT_records_skipped, 1);
    fake_memory_flush(the_memory()); /* a refold passes over it too */
    expect_warning("the position in Redis is another");
    time_passes(1 * SECONDS);
    until_idle();
    then_customer(customer_in(1, 1), "visits", "2");
}

static void an_import_ends_with_all_timers_up_to_its_end(void **state)
{
    (void)state;
    given_policy("clock: event\nfollow_ups:\n" COUPON);
    next_event_time("2019-05-01T10:00:00Z");
    given_purchase("C1", "A1", 4999, "USD");
    next_event_time("2019-05-01T10:30:00Z");
    given_purchase("C2", "A2", 4999, "USD");
    until_idle();
    then_no_trigger();
    for (int32_t home = 0; home < 4; home++) {
        given_control(home, "end",
                      "{\"time\":1556706600000}"); /* 10:30 UTC, half an hour too early for both */
    }
    until_idle();
    then_no_trigger();
    for (int32_t home = 0; home < 4; home++) {
        given_control(home, "end", "{\"time\":1556710200000}"); /* 11:30 */
    }
    until_idle();
    then_trigger("coupon", "C1", "A1");
    then_trigger("coupon", "C2", "A2");
    assert_int_equal(control_count("tick"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_record_before_any_policy_changes_its_customer_and_triggers_nothing),
        flow_test(a_policy_is_in_force_from_its_offset_on_in_the_middle_of_a_batch),
        flow_test(each_home_has_the_policy_that_its_own_log_says),
        flow_test(a_policy_outlives_the_process),
        flow_test(a_timer_of_a_follow_up_that_was_removed_is_decided_so),
        flow_test(an_unknown_fold_version_ends_the_process_when_all_before_it_is_committed),
        flow_test(a_policy_that_cannot_be_read_parks_its_home_and_no_other),
        flow_test(a_control_record_that_cannot_be_read_parks_its_home_and_no_other),
        flow_test(a_control_record_for_another_home_parks),
        flow_test(a_control_record_of_a_later_version_parks),
        flow_test(a_control_record_with_a_key_parks),
        flow_test(an_operator_skips_a_record_that_cannot_be_read),
        flow_test(an_import_ends_with_all_timers_up_to_its_end),
    };
    return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
