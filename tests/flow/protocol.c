/* SPDX-License-Identifier: MIT */
/* What happens when something goes wrong between Kafka, the worker and Redis: everything once, whatever
 * comes. That state and outputs are those of a fold from scratch is checked at the end of every test. */
#include "tests/fakes/dialogue.h"
#include "tests/fakes/source_fake.h"

#define THANKS "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"

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

/* ---- transactions */
static void what_was_aborted_is_sent_again(void **state)
{
    (void)state;
    given_thanks();
    fake_kafka_next(the_kafka(), FAKE_ABORT, 3);
    given_purchase("C1", "A1", 4999, "USD");
    worker_turns(1);
    then_happened(FAKE_ABORT, 3);
    then_thanked_once();
    const struct fake_partition *log = &the_kafka()->outputs[OUT_TRIGGERS].partitions[0];
    size_t tries = 0;
    for (size_t i = 0; i < log->count; i++) {
        if (log->records[i].state != FAKE_MARKER) {
            tries++;
            assert_true(slice_equal(log->records[i].value, log->records[0].value));
        }
    }
    assert_int_equal(tries, 4);
    then_stat(STAT_transactions_aborted, 3);
    then_stat(STAT_recoveries, 0);
}

static void what_is_aborted_for_ever_is_recovered_from(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_ABORT, 50);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
    then_happened(FAKE_ABORT, 50);
    then_counts(folded, 1); /* though it was folded again after each recovery */
    then_stat(STAT_triggers, 1);
    then_total("events:folded", 1);
    assert_true(stat_now(STAT_records_dropped) >= 2);
}

static void an_unknown_outcome_that_was_committed_doubles_nothing(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_UNKNOWN_COMMITTED, 1);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
    then_happened(FAKE_UNKNOWN_COMMITTED, 1);
    then_stat(STAT_records_dropped, 1);
    then_stat(STAT_records_refolded, 1);
}

static void an_unknown_outcome_that_was_aborted_loses_nothing(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_UNKNOWN_ABORTED, 1);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
    then_stat(STAT_records_dropped, 1);
    then_stat(STAT_records_refolded, 0);
    then_counts(folded, 1);
}

static void an_unknown_outcome_that_is_still_open_is_ended_first(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_UNKNOWN_OPEN, 1);
    given_purchase("C1", "A1", 4999, "USD");
    given_event("loyalty.visits", visit("C2", "web"));
    then_thanked_once();
    then_customer("C2", "visits", "1");
}

static void feeder_copies_are_neither_lost_nor_doubled(void **state)
{
    (void)state;
    until_idle();
    expect_warning("a transaction did not come through");
    static const enum fake_outcome outcomes[] = {FAKE_ABORT, FAKE_UNKNOWN_COMMITTED, FAKE_UNKNOWN_ABORTED,
                                                 FAKE_UNKNOWN_OPEN};
    for (size_t i = 0; i < 4; i++) {
        fake_kafka_next(the_kafka(), outcomes[i], 1);
        given_event("loyalty.visits", visit("C1", "web"));
        given_event("loyalty.visits", visit("C2", "web"));
        given_event("loyalty.visits", "{oops");
        until_idle();
        then_happened(outcomes[i], 1);
    }
    then_customer("C1", "visits", "4");
    then_customer("C2", "visits", "4");
    for (int i = 0; i < 4; i++) {
        then_letter("loyalty.visits", 3 * i + 2, "bad_json");
    }
    then_no_letter();
}

static void a_fenced_producer_asks_its_process_to_look_at_the_lease(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_FENCE, 1);
    given_purchase("C1", "A1", 4999, "USD");
    worker_turns(1);
    assert_int_equal(last_status(0), STATUS_BUSY);
    then_thanked_once();
}

static void a_fenced_consumer_asks_too_and_all_is_recovered(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("the consumer has ended");
    source_fake_fail_take(source_of(0), STATUS_FENCED);
    given_purchase("C1", "A1", 4999, "USD");
    worker_turns(1);
    assert_int_equal(last_status(0), STATUS_BUSY);
    then_thanked_once();
}

static void a_consumer_that_cannot_be_opened_says_why(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("the consumer has ended");
    expect_warning("Kafka cannot be read from");
    source_fake_fail_take(source_of(0), STATUS_UNKNOWN);
    worker_turns(1);
    the_kafka()->away = true;
    worker_turns(1);
    the_kafka()->away = false;
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
}

static void an_output_that_can_never_be_sent_ends_the_process(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_REFUSE, 1);
    int64_t offset = given_purchase("C1", "A1", 4999, "USD");
    worker_turns(1);
    then_process_ends(0, "cannot be written to");
    then_no_trigger();
    then_no_customer("C1");
    assert_true(the_log(home_of("C1"))->committed <= offset);
}

/* ---- the group */
static void deal_anew(void *context)
{
    the_kafka()->before_publish = NULL;
    homes_are_dealt(*(int *)context);
}

static void homes_that_change_hands_go_on_where_they_were(void **state)
{
    (void)state;
    given_workers(2);
    given_thanks();
    for (int i = 0; i < 6; i++) {
        homes_go_to(i % 2);
        for (int32_t home = 0; home < 4; home++) {
            given_visit(customer_in(home, 1), "store");
        }
        worker_turns(1 + i % 3);
    }
    until_idle();
    for (int32_t home = 0; home < 4; home++) {
        then_customer(customer_in(home, 1), "visits", "6");
    }
}

static void a_publication_with_an_old_generation_is_dropped_and_done_by_the_next_owner(void **state)
{
    (void)state;
    static int two = 2;
    given_workers(2);
    given_thanks();
    expect_warning("a transaction did not come through");
    the_kafka()->before_publish = deal_anew;
    the_kafka()->before_publish_context = &two;
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
}

static void a_worker_that_was_told_late_changes_nothing(void **state)
{
    (void)state;
    given_workers(2);
    given_thanks();
    homes_go_to(0);
    until_idle();
    given_purchase("C1", "A1", 4999, "USD");
    homes_go_to(1);
    expect_warning("the position in Redis is another");
    turns_of(1, 5); /* the new owner is through with it before the old one has a turn */
    then_trigger("thank-you", "C1", "A1");
    given_purchase("C1", "A2", 4999, "USD");
    the_kafka()->members[0].dealt = false; /* the old one does not hear of it yet */
    expect_warning("a transaction did not come through");
    turns_of(0, 3);
    the_kafka()->members[0].dealt = true;
    until_idle();
    then_trigger("thank-you", "C1", "A2");
    then_no_trigger();
    then_customer("C1", "orders", "2");
}

static void a_killed_worker_leaves_nothing_undone(void **state)
{
    (void)state;
    given_thanks();
    given_purchase("C1", "A1", 4999, "USD");
    worker_turns(1);
    worker_is_killed(0); /* its commit was begun, and nobody has heard how it ended */
    then_thanked_once();
}

static void the_others_run_while_one_homes_offset_is_held_back(void **state)
{
    (void)state;
    given_thanks();
    the_log(1)->held = true;
    homes_go_to(0);
    given_visit(customer_in(1, 1), "store");
    given_visit(customer_in(2, 1), "store");
    until_idle();
    then_customer(customer_in(2, 1), "visits", "1");
    then_no_customer(customer_in(1, 1));
    the_log(1)->held = false;
    until_idle();
    then_customer(customer_in(1, 1), "visits", "1");
}

static void a_home_that_cannot_be_read_does_not_hold_up_one_that_waits(void **state)
{
    (void)state;
    given_thanks();
    the_log(1)->held = true;
    homes_go_to(0);
    given_visit(customer_in(1, 1), "store");
    until_idle();
    then_no_customer(customer_in(1, 1));
    expect_warning("the topic of skips cannot be read");
    the_kafka()->skips_unreadable = true;
    given_command(HOME_LOG, 2, "retry");
    time_passes(1 * SECONDS);
    worker_turns(2);
    the_log(1)->held = false;
    worker_turns(5);
    then_customer(customer_in(1, 1), "visits", "1");
    the_kafka()->skips_unreadable = false;
    given_visit(customer_in(2, 1), "store");
    until_idle();
    then_customer(customer_in(2, 1), "visits", "1");
}

static void a_partition_that_cannot_be_started_is_tried_again(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a partition cannot be read");
    homes_go_to(0);
    source_fake_fail_start(source_of(0));
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
}

static void an_outage_of_kafka_is_waited_for(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("a transaction did not come through");
    expect_warning("Kafka cannot be written to");
    given_purchase("C1", "A1", 4999, "USD");
    the_kafka()->before_publish = NULL;
    source_fake_fail_take(source_of(0), STATUS_AWAY);
    expect_warning("Kafka cannot be reached");
    worker_turns(1);
    given_control(home_of("C1"), "tick", "{}");
    the_kafka()->away = true;
    worker_turns(5);
    the_kafka()->away = false;
    fake_kafka_next(the_kafka(), FAKE_UNKNOWN_OPEN, 1);
    worker_turns(1);
    the_kafka()->away = true;
    for (int i = 0; i < 20; i++) {
        worker_turns(1);
        time_passes(500);
    }
    the_kafka()->away = false;
    then_thanked_once();
}

static void skips_that_cannot_be_read_hold_up_the_recovery(void **state)
{
    (void)state;
    expect_warning("the topic of skips cannot be read");
    the_kafka()->skips_unreadable = true;
    given_visit("C1", "store");
    worker_turns(5);
    then_no_customer("C1");
    the_kafka()->skips_unreadable = false;
    until_idle();
    then_customer("C1", "visits", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(what_was_aborted_is_sent_again),
        flow_test(what_is_aborted_for_ever_is_recovered_from),
        flow_test(an_unknown_outcome_that_was_committed_doubles_nothing),
        flow_test(an_unknown_outcome_that_was_aborted_loses_nothing),
        flow_test(an_unknown_outcome_that_is_still_open_is_ended_first),
        flow_test(feeder_copies_are_neither_lost_nor_doubled),
        flow_test(a_fenced_producer_asks_its_process_to_look_at_the_lease),
        flow_test(a_fenced_consumer_asks_too_and_all_is_recovered),
        flow_test(a_consumer_that_cannot_be_opened_says_why),
        flow_test(an_output_that_can_never_be_sent_ends_the_process),
        flow_test(homes_that_change_hands_go_on_where_they_were),
        flow_test(a_publication_with_an_old_generation_is_dropped_and_done_by_the_next_owner),
        flow_test(a_worker_that_was_told_late_changes_nothing),
        flow_test(a_killed_worker_leaves_nothing_undone),
        flow_test(the_others_run_while_one_homes_offset_is_held_back),
        flow_test(a_home_that_cannot_be_read_does_not_hold_up_one_that_waits),
        flow_test(a_partition_that_cannot_be_started_is_tried_again),
        flow_test(an_outage_of_kafka_is_waited_for),
        flow_test(skips_that_cannot_be_read_hold_up_the_recovery),
    };
    return cmocka_run_group_tests_name("protocol", tests, NULL, NULL);
}
