/* SPDX-License-Identifier: MIT */
/* What cannot be right parks its partition with a sentence, the others go on, and a person decides: retry,
 * accept-gap, rebuild, skip. And records that end every process that folds them. */
#include "tests/fakes/dialogue.h"

#include <stdio.h>

#define THANKS "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"

static const char *one(void)
{
    return customer_in(1, 1);
}

/* Home 1 is folded and idle, and its worker gone. */
static void given_a_stopped_home(void)
{
    given_policy("follow_ups:\n" THANKS);
    given_purchase(one(), "A1", 4999, "USD");
    until_idle();
    worker_restarts(0);
    then_trigger("thank-you", one(), "A1");
}

static void then_the_others_go_on(void)
{
    given_purchase(customer_in(2, 1), "B1", 1, "USD");
    given_purchase(one(), "A2", 1, "USD");
    until_idle();
    then_trigger("thank-you", customer_in(2, 1), "B1");
    then_customer(one(), "orders", "1");
    then_no_trigger();
}

static void an_operator_says(const char *command)
{
    given_command(HOME_LOG, 1, command);
    time_passes(1 * SECONDS);
    until_idle();
}

/* ---- positions that cannot be right */
static void a_group_offset_that_went_back_parks(void **state)
{
    (void)state;
    given_a_stopped_home();
    the_log(1)->committed = 1;
    expect_warning("a partition is parked");
    world_is_incomplete();
    then_the_others_go_on();
    then_parked(1, "Redis is ahead of the group's offset");
    an_operator_says("retry");
    then_parked(1, "Redis is ahead of the group's offset");
    an_operator_says("accept-gap");
    then_ready(1);
    then_customer(one(), "orders", "2");
    then_trigger("thank-you", one(), "A2");
    then_no_trigger();
}

static void a_group_offset_that_expired_parks(void **state)
{
    (void)state;
    given_a_stopped_home();
    the_log(1)->committed = OFFSET_NONE;
    expect_warning("a partition is parked");
    world_is_incomplete();
    then_the_others_go_on();
    then_parked(1, "the group has no offset");
    an_operator_says("accept-gap");
    then_customer(one(), "orders", "2");
    then_trigger("thank-you", one(), "A2");
}

static void a_gap_that_was_accepted_is_closed_for_the_next_process_too(void **state)
{
    (void)state;
    given_a_stopped_home();
    the_log(1)->committed = OFFSET_NONE;
    expect_warning("a partition is parked");
    until_idle();
    an_operator_says("accept-gap");
    then_ready(1);
    worker_is_killed(0); /* and nothing has happened in this home meanwhile */
    until_idle();
    then_ready(1);
}

static void events_that_retention_has_eaten_park(void **state)
{
    (void)state;
    given_a_stopped_home();
    for (int i = 0; i < 3; i++) {
        given_visit(one(), "store");
    }
    fake_kafka_cut_start(the_log(1), (int64_t)the_log(1)->count - 1);
    expect_warning("a partition is parked");
    world_is_incomplete();
    then_the_others_go_on();
    then_parked(1, "retention has removed events that were not folded");
    an_operator_says("accept-gap");
    then_ready(1);
    then_customer(one(), "visits", "1");
    then_customer(one(), "orders", "2");
}

/* While C is held back nobody looks at the position again; the home may stand elsewhere by then. */
static void a_position_that_moves_before_a_gap_is_closed_is_read_again(void **state)
{
    (void)state;
    given_a_stopped_home();
    int64_t start = (int64_t)the_log(1)->count;
    given_visit(one(), "store");
    given_visit(one(), "store");
    fake_kafka_cut_start(the_log(1), start + 1);
    expect_warning("a partition is parked");
    world_is_incomplete();
    until_idle();
    the_log(1)->held = true;
    an_operator_says("accept-gap");
    fake_memory_set_position(the_memory(), 1, 1);
    the_log(1)->held = false;
    until_idle();
    then_ready(1);
    then_customer(one(), "visits", "1");
}

static void a_log_that_was_made_anew_parks(void **state)
{
    (void)state;
    given_a_stopped_home();
    fake_kafka_empty(the_log(1));
    expect_warning("a partition is parked");
    world_is_incomplete();
    given_purchase(customer_in(2, 1), "B1", 1, "USD");
    until_idle();
    then_trigger("thank-you", customer_in(2, 1), "B1");
    then_parked(1, "the topic was made anew or cut");
    an_operator_says("accept-gap");
    then_ready(1);
    given_purchase(one(), "A9", 4999, "USD");
    until_idle();
    then_trigger("thank-you", one(), "A9");
}

static void a_feeder_whose_offset_is_lost_parks_and_is_not_copied_again(void **state)
{
    (void)state;
    given_event("loyalty.visits", visit(one(), "store"));
    until_idle();
    worker_restarts(0);
    the_feeder("loyalty.visits")->committed = OFFSET_NONE;
    expect_warning("a partition is parked");
    world_is_incomplete();
    given_visit(one(), "web");
    until_idle();
    then_feeder_parked("loyalty.visits", "something was copied from here before");
    then_customer(one(), "visits", "2");
    then_counts(copied, 1);
    given_command("loyalty.visits", 0, "accept-gap");
    time_passes(1 * SECONDS);
    until_idle();
    then_counts(copied, 2); /* the ids that customers remember find it out */
    then_customer(one(), "visits", "2");
    assert_int_equal(the_feeder("loyalty.visits")->committed, 1);
}

static void a_feeder_whose_records_are_gone_parks(void **state)
{
    (void)state;
    given_event("loyalty.visits", visit(one(), "store"));
    until_idle();
    worker_restarts(0);
    given_event("loyalty.visits", visit(one(), "store"));
    given_event("loyalty.visits", visit(one(), "store"));
    fake_kafka_cut_start(the_feeder("loyalty.visits"), 2);
    expect_warning("a partition is parked");
    until_idle();
    then_feeder_parked("loyalty.visits", "lies outside the log");
    given_command("loyalty.visits", 0, "accept-gap");
    time_passes(1 * SECONDS);
    until_idle();
    then_customer(one(), "visits", "2");
}

static void a_feeder_that_never_had_a_record_starts_again_and_again(void **state)
{
    (void)state;
    until_idle();
    worker_restarts(0);
    until_idle();
    worker_restarts(0);
    given_event("loyalty.visits", visit(one(), "store"));
    until_idle();
    then_customer(one(), "visits", "1");
}

static void a_feeder_that_is_older_than_its_group_is_copied_from_its_start(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        given_event("loyalty.visits", visit(one(), "store"));
    }
    fake_kafka_cut_start(the_feeder("loyalty.visits"), 2);
    until_idle();
    then_customer(one(), "visits", "3");
}

/* ---- Redis that cannot be right */
static void a_broken_home_waits_for_its_rebuild(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase(one(), "A1", 4999, "USD");
    until_idle();
    fake_memory_fail_next(the_memory(), FAKE_COMMIT_BROKEN);
    given_purchase(one(), "A2", 1, "USD");
    expect_warning("a partition is parked");
    until_idle();
    then_parked(1, "must be rebuilt");
    an_operator_says("retry");
    then_parked(1, "must be rebuilt");
    given_purchase(customer_in(2, 1), "B1", 1, "USD");
    until_idle();
    then_trigger("thank-you", customer_in(2, 1), "B1");
    an_operator_says("rebuild");
    then_ready(1);
    then_customer(one(), "orders", "2");
    then_trigger("thank-you", one(), "A1");
    then_trigger("thank-you", one(), "A2");
    then_no_trigger();
}

static void a_foreign_value_in_a_customer_parks(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase(one(), "A1", 4999, "USD");
    until_idle();
    worker_restarts(0);
    struct store *store = store_fake_open(the_memory());
    char key[40];
    snprintf(key, sizeof key, "c:%s", one());
    struct field field = {.name = SLICE("orders"), .value = SLICE("many")};
    struct change change = {.kind = CHANGE_SET, .key = slice_of(key), .fields = &field, .field_count = 1};
    int64_t position = fake_memory_position(the_memory(), 1);
    struct commit commit = {
        .home = 1, .from = position, .to = position, .changes = &change, .change_count = 1};
    assert_int_equal(store_commit(store, &commit), STATUS_OK);
    store_close(store);
    expect_warning("a partition is parked");
    given_visit(one(), "store");
    until_idle();
    then_parked(1, "holds what loyald does not write");
    an_operator_says("rebuild");
    then_customer(one(), "orders", "1");
    then_customer(one(), "visits", "1");
}

static void what_was_folded_before_the_parking_goes_out_only_with_its_transaction(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    until_idle();
    given_purchase(one(), "A1", 4999, "USD");
    int64_t bad = given_control(1, "dance", "{}");
    expect_warning("a partition is parked");
    expect_warning("a transaction did not come through");
    fake_kafka_next(the_kafka(), FAKE_UNKNOWN_ABORTED, 1);
    until_idle();
    then_no_trigger();
    then_no_customer(one());
    for (int i = 0; i < 3; i++) {
        given_visit(customer_in(2, 1), "store"); /* later batches bring nothing of it along */
        until_idle();
    }
    then_no_trigger();
    then_no_customer(one());
    fake_kafka_skip(the_kafka(), 1, bad);
    an_operator_says("retry");
    then_trigger("thank-you", one(), "A1");
    then_no_trigger();
}

static void a_rebuild_of_a_healthy_home_gives_the_same(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase(one(), "A1", 4999, "USD");
    until_idle();
    an_operator_says("rebuild");
    then_customer(one(), "orders", "1");
    then_trigger("thank-you", one(), "A1");
    then_no_trigger();
}

/* What came before an erasure is folded again as it was, the erasure too, and what came after it is refused.
 */
static void a_rebuild_erases_again_what_was_erased(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase(one(), "A1", 4999, "USD");
    given_erasure(one());
    int64_t offset = given_visit(one(), "store");
    given_visit(customer_in(1, 2), "store");
    until_idle();
    then_letter(HOME_LOG, offset, "customer_erased");
    for (int i = 0; i < 2; i++) {
        an_operator_says("rebuild");
        then_no_customer(one());
        then_total("erased", 1);
        then_total("orders", 1); /* totals name nobody, and stay */
        then_total("events:folded", 3);
        then_total("rejected:customer_erased", 1);
    }
    offset = given_visit(one(), "store");
    until_idle();
    then_letter(HOME_LOG, offset, "customer_erased");
    then_trigger("thank-you", one(), "A1");
    then_no_trigger();
}

/* An erasure that the log has no longer. */
static void a_rebuild_remembers_whom_it_has_no_erasure_of(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" THANKS);
    given_purchase(one(), "A1", 4999, "USD");
    given_erasure(one());
    until_idle();
    time_passes(1 * SECONDS);
    int64_t next = given_visit(one(), "store");
    given_visit(customer_in(1, 2), "store");
    until_idle();
    then_letter(HOME_LOG, next, "customer_erased");
    the_log(1)->start = next;
    world_is_incomplete();
    expect_warning("a partition is parked");
    an_operator_says("rebuild");
    then_parked(1, "retention has removed events that were not folded");
    an_operator_says("accept-gap");
    then_ready(1);
    then_customer(customer_in(1, 2), "visits", "1");
    then_no_customer(one());
    then_total("rejected:customer_erased", 1);
    next = given_visit(one(), "store");
    until_idle();
    then_letter(HOME_LOG, next, "customer_erased");
    then_no_customer(one());
    worker_restarts(0);
    next = given_visit(one(), "store");
    until_idle();
    then_letter(HOME_LOG, next, "customer_erased");
    then_trigger("thank-you", one(), "A1");
    then_no_trigger();
}

static void an_unknown_command_is_dropped(void **state)
{
    (void)state;
    given_visit(one(), "store");
    until_idle();
    expect_warning("an operator's command is not known");
    an_operator_says("dance");
    then_ready(1);
}

/* ---- records that end processes: the test's processes end where a real one would crash, in the middle of
 * the transaction of the batch that holds the record */
static jmp_buf end_of_process;

static void die(void *context)
{
    (void)context;
    longjmp(end_of_process, 1);
}

/* Turns until the process has died, as it does whenever it publishes. */
static void a_process_dies_of_it(void)
{
    the_kafka()->before_publish = die;
    if (setjmp(end_of_process) == 0) {
        until_idle();
        fail_msg("the process has not died");
    }
    the_kafka()->before_publish = NULL;
    worker_is_abandoned(0);
}

/* The one that has run well so far, and one in whose batch the record is; then three that have it alone. */
static void processes_die_of_it(int times)
{
    for (int i = 0; i < times; i++) {
        if (i == 2) {
            expect_warning("folding one record at a time");
        }
        a_process_dies_of_it();
    }
}

static void three_ends_alone_with_a_record_park_it(void **state)
{
    (void)state;
    given_visit(one(), "store");
    until_idle();
    int64_t poison = given_visit(one(), "web");
    processes_die_of_it(5);
    expect_warning("three processes in a row ended at the same record");
    expect_warning("a partition is parked");
    given_visit(one(), "web");
    given_visit(customer_in(2, 1), "web");
    until_idle();
    then_parked(1, "three processes in a row have ended while they folded the record at offset 1");
    then_customer(one(), "visits", "1");
    then_customer(customer_in(2, 1), "visits", "1");
    worker_is_killed(0); /* every owner parks there */
    until_idle();
    then_parked(1, "three processes in a row");
    fake_kafka_skip(the_kafka(), 1, poison);
    an_operator_says("retry");
    then_ready(1);
    then_customer(one(), "visits", "2");
}

static void three_ends_alone_with_a_record_of_a_feeder_park_the_feeder(void **state)
{
    (void)state;
    given_visit(one(), "store");
    until_idle();
    given_event("loyalty.visits", visit(one(), "web"));
    processes_die_of_it(5);
    expect_warning("three processes in a row ended at the same record");
    expect_warning("a partition is parked");
    given_visit(one(), "web");
    until_idle();
    then_feeder_parked("loyalty.visits", "three processes in a row");
    then_customer(one(), "visits", "2");
    given_command("loyalty.visits", 0, "retry");
    time_passes(1 * SECONDS);
    until_idle();
    then_customer(one(), "visits", "3");
}

static void two_ends_alone_with_a_record_are_forgiven(void **state)
{
    (void)state;
    given_visit(one(), "store");
    until_idle();
    given_visit(one(), "web");
    processes_die_of_it(4);
    until_idle();
    then_customer(one(), "visits", "2");
    for (int i = 0; i < 5; i++) {
        worker_is_killed(0);
        given_visit(one(), "web");
        until_idle();
    }
    then_customer(one(), "visits", "7");
}

/* A record that ends processes, among others that do not. */
static int64_t poison_at;

static void die_of_poison(void *context)
{
    (void)context;
    for (size_t i = 0; i < the_kafka()->publishing_count; i++) {
        const struct progress *progress = &the_kafka()->publishing[i];
        if (progress->topic == 0 && progress->partition == 1 && progress->next > poison_at) {
            longjmp(end_of_process, 1);
        }
    }
}

static void a_process_dies_of_poison(void)
{
    the_kafka()->before_publish = die_of_poison;
    if (setjmp(end_of_process) == 0) {
        until_idle();
        fail_msg("the process has not died");
    }
    the_kafka()->before_publish = NULL;
    worker_is_abandoned(0);
}

static void progress_elsewhere_does_not_hide_a_record_that_ends_processes(void **state)
{
    (void)state;
    given_batches(3, 1000);
    for (int i = 0; i < 5; i++) {
        given_visit(one(), "store");
    }
    poison_at = given_visit(one(), "web");
    given_visit(one(), "store");
    expect_warning("folding one record at a time");
    expect_warning("three processes in a row ended at the same record");
    expect_warning("a partition is parked");
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 9; k++) {
            given_visit(customer_in(2, 1), "store"); /* goes on in each process */
        }
        a_process_dies_of_poison();
    }
    for (int k = 0; k < 9; k++) {
        given_visit(customer_in(2, 1), "store");
    }
    until_idle();
    then_parked(1, "three processes in a row have ended while they folded the record at offset 5");
    then_customer(one(), "visits", "5");
    then_customer(customer_in(2, 1), "visits", "54");
    fake_kafka_skip(the_kafka(), 1, poison_at);
    an_operator_says("retry");
    then_customer(one(), "visits", "6");
}

/* ---- ends that come from outside, at any moment */
static int publications_left;

static void die_by_chance(void *context)
{
    (void)context;
    if (publications_left-- == 0) {
        longjmp(end_of_process, 1);
    }
}

static void a_process_is_killed_in_publication(int number)
{
    publications_left = number;
    the_kafka()->before_publish = die_by_chance;
    if (setjmp(end_of_process) == 0) {
        until_idle();
        fail_msg("the process was not killed");
    }
    the_kafka()->before_publish = NULL;
    worker_is_abandoned(0);
}

/* Two processes have ended alone with the fourth record of home 1. Then Redis loses that home, so that what
 * lies before is in hand again. */
static void given_a_suspicious_record_far_ahead(void)
{
    until_idle();
    int snapshot = fake_memory_save(the_memory());
    for (int i = 0; i < 3; i++) {
        given_visit(one(), "store");
    }
    until_idle();
    poison_at = given_visit(one(), "web");
    expect_warning("folding one record at a time");
    for (int i = 0; i < 4; i++) { /* two of them alone with it */
        a_process_dies_of_poison();
    }
    fake_memory_roll_back(the_memory(), snapshot, 1);
}

static void then_the_third_end_alone_parks_it(void)
{
    a_process_dies_of_poison();
    expect_warning("three processes in a row ended at the same record");
    expect_warning("a partition is parked");
    until_idle();
    then_parked(1, "three processes in a row have ended while they folded the record at offset 3");
    fake_kafka_skip(the_kafka(), 1, poison_at);
    an_operator_says("retry");
    then_ready(1);
    then_customer(one(), "visits", "3");
}

static void a_kill_before_a_suspicious_record_does_not_clear_it(void **state)
{
    (void)state;
    given_a_suspicious_record_far_ahead();
    given_visit(customer_in(0, 1), "store");
    a_process_is_killed_in_publication(0);
    then_the_third_end_alone_parks_it();
}

static void records_before_a_suspicious_one_do_not_clear_it(void **state)
{
    (void)state;
    given_batches(1, 1000); /* they are more than two batches */
    given_a_suspicious_record_far_ahead();
    then_the_third_end_alone_parks_it();
}

static void a_kill_at_one_suspicious_record_does_not_clear_the_others(void **state)
{
    (void)state;
    until_idle();
    given_visit(one(), "store");
    given_visit(one(), "store");
    poison_at = given_visit(one(), "web");
    expect_warning("folding one record at a time");
    a_process_dies_of_poison();
    a_process_dies_of_poison();            /* all three are suspicious */
    a_process_is_killed_in_publication(0); /* with the first of them alone */
    for (int i = 0; i < 3; i++) {
        a_process_dies_of_poison();
    }
    expect_warning("three processes in a row ended at the same record");
    expect_warning("a partition is parked");
    until_idle();
    then_parked(1, "three processes in a row have ended while they folded the record at offset 2");
    fake_kafka_skip(the_kafka(), 1, poison_at);
    an_operator_says("retry");
    then_ready(1);
    then_customer(one(), "visits", "2");
}

static void kills_by_chance_park_nothing(void **state)
{
    (void)state;
    static const int chance[] = {0, 0, 3, 2, 7, 0, 5, 1, 4, 11};
    until_idle();
    for (int i = 0; i < 200; i++) {
        given_visit(customer_in(i % 4, 1), "store");
        given_event("loyalty.visits", visit(customer_in(i % 4, 2), "web"));
    }
    expect_warning("folding one record at a time");
    for (size_t i = 0; i < sizeof chance / sizeof *chance; i++) {
        a_process_is_killed_in_publication(chance[i]);
    }
    until_idle();
    for (int32_t home = 0; home < 4; home++) {
        then_ready(home);
        then_customer(customer_in(home, 1), "visits", "50");
        then_customer(customer_in(home, 2), "visits", "50");
    }
}

static void the_care_is_over_soon_however_long_the_log_is(void **state)
{
    (void)state;
    enum { LONG = 12000 };
    given_batches(4000, 1000);
    until_idle();
    for (int i = 0; i < LONG; i++) {
        given_visit(one(), "store");
    }
    a_process_is_killed_in_publication(0);
    a_process_is_killed_in_publication(0);
    int64_t before = stat_now(STAT_transactions);
    expect_warning("folding one record at a time");
    until_idle();
    then_customer(one(), "visits", "12000");
    /* alone what was in hand; then small batches for as long as two usual ones; then usual ones */
    assert_in_range(stat_now(STAT_transactions) - before, 500, 500 + 2 * 4000 / 500 + LONG / 4000 + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_group_offset_that_went_back_parks),
        flow_test(a_group_offset_that_expired_parks),
        flow_test(a_gap_that_was_accepted_is_closed_for_the_next_process_too),
        flow_test(events_that_retention_has_eaten_park),
        flow_test(a_position_that_moves_before_a_gap_is_closed_is_read_again),
        flow_test(a_log_that_was_made_anew_parks),
        flow_test(a_feeder_whose_offset_is_lost_parks_and_is_not_copied_again),
        flow_test(a_feeder_whose_records_are_gone_parks),
        flow_test(a_feeder_that_never_had_a_record_starts_again_and_again),
        flow_test(a_feeder_that_is_older_than_its_group_is_copied_from_its_start),
        flow_test(a_broken_home_waits_for_its_rebuild),
        flow_test(a_foreign_value_in_a_customer_parks),
        flow_test(what_was_folded_before_the_parking_goes_out_only_with_its_transaction),
        flow_test(a_rebuild_of_a_healthy_home_gives_the_same),
        flow_test(a_rebuild_erases_again_what_was_erased),
        flow_test(a_rebuild_remembers_whom_it_has_no_erasure_of),
        flow_test(an_unknown_command_is_dropped),
        flow_test(three_ends_alone_with_a_record_park_it),
        flow_test(three_ends_alone_with_a_record_of_a_feeder_park_the_feeder),
        flow_test(two_ends_alone_with_a_record_are_forgiven),
        flow_test(progress_elsewhere_does_not_hide_a_record_that_ends_processes),
        flow_test(a_kill_before_a_suspicious_record_does_not_clear_it),
        flow_test(records_before_a_suspicious_one_do_not_clear_it),
        flow_test(a_kill_at_one_suspicious_record_does_not_clear_the_others),
        flow_test(kills_by_chance_park_nothing),
        flow_test(the_care_is_over_soon_however_long_the_log_is),
    };
    return cmocka_run_group_tests_name("parking", tests, NULL, NULL);
}
