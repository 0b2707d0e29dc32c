/* SPDX-License-Identifier: MIT */
/* What happens when Redis refuses, is away, or forgets: it is filled from the log again, and nothing goes out
 * twice. That state and outputs are those of a fold from scratch is checked at the end of every test. */
#include "tests/fakes/dialogue.h"

#define THANKS "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"
#define COUPON "  coupon: {on: purchase.completed, class: transactional, channels: [email], after: 2h}\n"

static void given_thanks(void)
{
    given_policy("follow_ups:\n" THANKS);
    until_idle();
}

static void then_happened(enum fake_outcome outcome, int times)
{
    assert_int_equal(the_kafka()->happened[outcome], times);
}

static void then_thanked_once(void)
{
    until_idle();
    then_trigger("thank-you", "C1", "A1");
    then_no_trigger();
    then_customer("C1", "orders", "1");
}

static void a_refused_commit_is_its_own_homes_trouble(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("Redis refused a commit");
    given_visit(customer_in(1, 1), "store");
    given_visit(customer_in(2, 1), "store");
    fake_memory_fail_next(the_memory(), FAKE_COMMIT_MOVED);
    worker_turns(1);
    given_visit(customer_in(1, 1), "store");
    given_visit(customer_in(2, 1), "store");
    worker_turns(1);
    assert_true(fake_memory_has_failed(the_memory(), FAKE_COMMIT_MOVED));
    until_idle();
    then_customer(customer_in(1, 1), "visits", "2");
    then_customer(customer_in(2, 1), "visits", "2");
    then_stat(STAT_recoveries, 1);
    then_stat(STAT_commits_refused, 1);
}

static void a_connection_lost_in_a_commit_loses_nothing(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("the connection to Redis is lost");
    fake_memory_fail_next(the_memory(), FAKE_COMMIT_LOST);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
    assert_true(fake_memory_has_failed(the_memory(), FAKE_COMMIT_LOST));
}

static void an_answer_that_is_lost_doubles_nothing(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("the connection to Redis is lost");
    fake_memory_fail_next(the_memory(), FAKE_ANSWER_LOST);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
    assert_true(fake_memory_has_failed(the_memory(), FAKE_ANSWER_LOST));
    then_stat(STAT_records_refolded, 0);
}

static void a_connection_lost_in_a_read_drops_the_batch(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("Redis does not answer");
    fake_memory_fail_next(the_memory(), FAKE_READ_AWAY);
    given_purchase("C1", "A1", 4999, "USD");
    given_event("loyalty.visits", visit("C2", "store"));
    then_thanked_once();
    then_customer("C2", "visits", "1");
    assert_true(fake_memory_has_failed(the_memory(), FAKE_READ_AWAY));
}

/* No policy: so no tick comes by later and is committed. */
static void a_commit_whose_answer_is_lost_is_not_owed(void **state)
{
    (void)state;
    expect_warning("the connection to Redis is lost");
    expect_warning("Redis does not answer"); /* the feeders' recovery finds out first */
    fake_memory_fail_next(the_memory(), FAKE_ANSWER_LOST);
    given_visit("C1", "store");
    for (int i = 0; i < 10; i++) {
        worker_turns(1);
        time_passes(1 * SECONDS);
    }
    assert_true(fake_memory_has_failed(the_memory(), FAKE_ANSWER_LOST));
    then_customer("C1", "visits", "1");
    then_nothing_is_waited_for(0);
}

static void an_outage_of_redis_is_waited_for(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("Redis does not answer");
    expect_warning("Redis cannot be used");
    given_purchase("C1", "A1", 4999, "USD");
    fake_memory_set_away(the_memory(), true);
    for (int i = 0; i < 20; i++) {
        worker_turns(1);
        time_passes(500);
    }
    then_no_trigger();
    fake_memory_set_away(the_memory(), false);
    then_thanked_once();
}

/* Each try costs a recovery of all homes: they must become rarer, and say what they wait for. */
static void given_no_room(enum fake_room room)
{
    given_thanks();
    given_purchase("C1", "A1", 4999, "USD");
    given_visit(customer_in((home_of("C1") + 1) % 4, 1), "store");
    fake_memory_set_room(the_memory(), room);
    for (int i = 0; i < 200; i++) {
        worker_turns(1);
        time_passes(100);
        if (i >= 50) { /* between two tries too: nothing has got better */
            then_health(0, "Redis: the fake store is full");
        }
    }
    assert_in_range(fake_memory_reopened(the_memory()), 5, 15);
    then_no_customer("C1");
}

static void then_it_was_waited_for(void)
{
    fake_memory_set_room(the_memory(), FAKE_ROOM);
    then_thanked_once();
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    then_customer("C1", "orders", "2");
    then_trigger("thank-you", "C1", "A2");
}

static void a_redis_that_is_full_is_waited_for(void **state)
{
    (void)state;
    expect_warning("Redis refused a commit; waiting until it takes it");
    expect_warning("Redis cannot be used");
    given_no_room(FAKE_FULL);
    then_it_was_waited_for();
}

static void a_redis_with_room_for_little_is_waited_for_too(void **state)
{
    (void)state;
    expect_warning("Redis refused a commit; waiting until it takes it");
    given_no_room(FAKE_ROOM_FOR_LITTLE);
    then_it_was_waited_for();
}

static void two_homes_that_break_at_once_are_parked_each_with_its_sentence(void **state)
{
    (void)state;
    given_thanks();
    for (int32_t home = 1; home <= 2; home++) {
        given_visit(customer_in(home, 1), "store");
    }
    until_idle();
    fake_memory_set_position(the_memory(), 1, POSITION_BROKEN);
    fake_memory_set_position(the_memory(), 2, POSITION_BROKEN);
    for (int32_t home = 1; home <= 2; home++) {
        given_visit(customer_in(home, 1), "store");
    }
    expect_warning("a partition is parked");
    until_idle();
    then_parked(1, "home 1 must be rebuilt");
    then_parked(2, "home 2 must be rebuilt");
    given_command(HOME_LOG, 1, "rebuild");
    given_command(HOME_LOG, 2, "rebuild");
    time_passes(1 * SECONDS);
    until_idle();
    then_customer(customer_in(1, 1), "visits", "2");
}

static void a_rollback_is_healed_silently_from_the_log(void **state)
{
    (void)state;
    given_thanks();
    int snapshot = fake_memory_save(the_memory());
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    given_purchase("C1", "A2", 4999, "USD");
    until_idle();
    fake_memory_roll_back(the_memory(), snapshot, EVERY_HOME);
    then_no_customer("C1");
    expect_warning("Redis refused a commit");
    given_purchase("C1", "A3", 4999, "USD"); /* the customer is in memory: the commit finds out */
    until_idle();
    then_customer("C1", "orders", "3");
    then_trigger("thank-you", "C1", "A1");
    then_trigger("thank-you", "C1", "A2");
    then_trigger("thank-you", "C1", "A3");
}

static void a_rollback_is_noticed_by_a_read(void **state)
{
    (void)state;
    given_thanks();
    int snapshot = fake_memory_save(the_memory());
    given_purchase(customer_in(1, 1), "A1", 4999, "USD");
    until_idle();
    fake_memory_roll_back(the_memory(), snapshot, 1);
    expect_warning("the position in Redis is another");
    given_purchase(customer_in(1, 2), "A2", 4999, "USD");
    until_idle();
    then_customer(customer_in(1, 1), "orders", "1");
    then_customer(customer_in(1, 2), "orders", "1");
}

static void an_idle_home_notices_a_rollback_by_its_position(void **state)
{
    (void)state;
    given_thanks();
    int snapshot = fake_memory_save(the_memory());
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    fake_memory_roll_back(the_memory(), snapshot, EVERY_HOME);
    worker_turns(5);
    then_no_customer("C1");
    expect_warning("the position in Redis is another");
    time_passes(1 * SECONDS);
    worker_turns(3);
    then_customer("C1", "orders", "1");
    then_thanked_once();
}

static void an_empty_redis_is_filled_from_the_log(void **state)
{
    (void)state;
    given_thanks();
    given_purchase("C1", "A1", 4999, "USD");
    given_event("loyalty.visits", visit("C2", "web"));
    until_idle();
    worker_is_killed(0);
    fake_memory_flush(the_memory());
    then_thanked_once();
    then_customer("C2", "visits", "1");
    then_counts(copied, 1);
}

static void a_rebuild_that_was_begun_is_finished(void **state)
{
    (void)state;
    given_thanks();
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    worker_is_killed(0);
    fake_memory_set_position(the_memory(), home_of("C1"), POSITION_CLEARING);
    then_thanked_once();
}

static void what_was_folded_again_and_what_is_new_do_not_share_a_commit(void **state)
{
    (void)state;
    given_thanks();
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    given_purchase("C1", "A2", 4999, "USD");
    fake_memory_flush(the_memory());
    worker_is_killed(0);
    fake_kafka_next(the_kafka(), FAKE_UNKNOWN_ABORTED, 1); /* the new one does not go out */
    expect_warning("a transaction did not come through");
    worker_turns(2);
    then_happened(FAKE_UNKNOWN_ABORTED, 1);
    then_no_customer("C1"); /* and the position did not run ahead of what has gone out */
    until_idle();
    then_trigger("thank-you", "C1", "A1");
    then_trigger("thank-you", "C1", "A2");
    then_no_trigger();
}

static void timers_survive_a_rollback(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" COUPON);
    until_idle();
    int snapshot = fake_memory_save(the_memory());
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    fake_memory_roll_back(the_memory(), snapshot, EVERY_HOME);
    expect_warning("the position in Redis is another");
    time_passes(2 * HOURS);
    until_idle();
    then_trigger("coupon", "C1", "A1");
    snapshot = fake_memory_save(the_memory());
    given_visit("C1", "store");
    until_idle();
    fake_memory_flush(the_memory());
    time_passes(1 * SECONDS);
    until_idle();
    then_no_trigger();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_refused_commit_is_its_own_homes_trouble),
        flow_test(a_connection_lost_in_a_commit_loses_nothing),
        flow_test(an_answer_that_is_lost_doubles_nothing),
        flow_test(a_connection_lost_in_a_read_drops_the_batch),
        flow_test(a_commit_whose_answer_is_lost_is_not_owed),
        flow_test(an_outage_of_redis_is_waited_for),
        flow_test(a_redis_that_is_full_is_waited_for),
        flow_test(a_redis_with_room_for_little_is_waited_for_too),
        flow_test(two_homes_that_break_at_once_are_parked_each_with_its_sentence),
        flow_test(a_rollback_is_healed_silently_from_the_log),
        flow_test(a_rollback_is_noticed_by_a_read),
        flow_test(an_idle_home_notices_a_rollback_by_its_position),
        flow_test(an_empty_redis_is_filled_from_the_log),
        flow_test(a_rebuild_that_was_begun_is_finished),
        flow_test(what_was_folded_again_and_what_is_new_do_not_share_a_commit),
        flow_test(timers_survive_a_rollback),
    };
    return cmocka_run_group_tests_name("Redis", tests, NULL, NULL);
}
