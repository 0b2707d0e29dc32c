/* SPDX-License-Identifier: MIT */
/* What waiting cannot heal (worker_trouble.c): wherever Redis refuses for want of a right, the process ends
 * with Redis' sentence, nothing is lost by it, and the next one goes on where it was. */
#include "tests/fakes/dialogue.h"

#define THANKS "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"

static void given_thanks(void)
{
    given_policy("follow_ups:\n" THANKS);
    until_idle();
}

static void given_forbidden(enum fake_right right)
{
    fake_memory_forbid(the_memory(), right);
}

static void then_it_ends_and_the_next_one_goes_on(void)
{
    until_idle();
    then_process_ends(0, "the fake store forbids it");
    fake_memory_allow_all(the_memory());
    a_new_process_begins(0);
    until_idle();
    for (int i = 0; i < 2; i++) { /* a command that was not done is done */
        time_passes(1 * SECONDS);
        until_idle();
    }
    then_ready(home_of("C1"));
    then_nothing_is_waited_for(0);
}

static void then_thanked_once(void)
{
    then_it_ends_and_the_next_one_goes_on();
    then_trigger("thank-you", "C1", "A1");
    then_no_trigger();
    then_customer("C1", "orders", "1");
}

static void a_load_that_is_forbidden_ends_the_process(void **state)
{
    (void)state;
    given_thanks();
    given_forbidden(FAKE_MAY_READ);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
}

static void positions_that_are_forbidden_end_it(void **state)
{
    (void)state;
    given_thanks();
    given_forbidden(FAKE_MAY_READ);
    time_passes(1 * SECONDS);
    then_it_ends_and_the_next_one_goes_on();
}

static void a_recovery_that_is_forbidden_ends_it(void **state)
{
    (void)state;
    given_thanks();
    given_purchase("C1", "A1", 4999, "USD");
    worker_is_killed(0);
    given_forbidden(FAKE_MAY_READ);
    then_thanked_once();
}

static void a_commit_that_is_forbidden_ends_it(void **state)
{
    (void)state;
    given_thanks();
    given_forbidden(FAKE_MAY_COMMIT);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
    then_stat(STAT_commits_refused, 1);
}

static void a_commit_that_is_forbidden_while_the_next_batch_is_folded_ends_it(void **state)
{
    (void)state;
    given_thanks();
    given_batches(1, 1000);
    given_forbidden(FAKE_MAY_COMMIT);
    given_purchase("C1", "A1", 4999, "USD");
    given_visit("C1", "store");
    given_visit("C1", "store");
    then_thanked_once();
    then_customer("C1", "visits", "2");
}

static void a_connection_that_is_refused_ends_it(void **state)
{
    (void)state;
    given_thanks();
    expect_warning("Redis does not answer");
    fake_memory_fail_next(the_memory(), FAKE_READ_AWAY);
    given_forbidden(FAKE_MAY_REOPEN);
    given_purchase("C1", "A1", 4999, "USD");
    then_thanked_once();
}

static void a_command_that_is_forbidden_ends_it(void **state)
{
    (void)state;
    given_thanks();
    given_forbidden(FAKE_MAY_CLEAR);
    given_command(HOME_LOG, home_of("C1"), "rebuild");
    time_passes(1 * SECONDS);
    then_it_ends_and_the_next_one_goes_on();
}

static void commands_that_must_not_be_read_end_it(void **state)
{
    (void)state;
    given_thanks();
    given_forbidden(FAKE_MAY_READ_NOTES);
    time_passes(1 * SECONDS);
    then_it_ends_and_the_next_one_goes_on();
}

static void a_start_that_must_not_be_noted_ends_it(void **state)
{
    (void)state;
    given_thanks();
    worker_is_killed(0);
    given_forbidden(FAKE_MAY_SET_NOTES);
    then_it_ends_and_the_next_one_goes_on();
}

static void what_is_in_hand_that_must_not_be_noted_ends_it(void **state)
{
    (void)state;
    given_thanks();
    worker_is_killed(0);
    given_purchase("C1", "A1", 4999, "USD");
    worker_turns(1); /* the start is noted */
    given_forbidden(FAKE_MAY_SET_NOTES);
    expect_warning("the offsets could not be saved");
    then_thanked_once();
}

/* There is no home to be parked for it. */
static void a_note_of_another_type_ends_it(void **state)
{
    (void)state;
    given_thanks();
    fake_memory_spoil_note(the_memory(), "commands");
    time_passes(1 * SECONDS);
    until_idle();
    then_process_ends(0, "a key holds another type");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_load_that_is_forbidden_ends_the_process),
        flow_test(positions_that_are_forbidden_end_it),
        flow_test(a_recovery_that_is_forbidden_ends_it),
        flow_test(a_commit_that_is_forbidden_ends_it),
        flow_test(a_commit_that_is_forbidden_while_the_next_batch_is_folded_ends_it),
        flow_test(a_connection_that_is_refused_ends_it),
        flow_test(a_command_that_is_forbidden_ends_it),
        flow_test(commands_that_must_not_be_read_end_it),
        flow_test(a_start_that_must_not_be_noted_ends_it),
        flow_test(what_is_in_hand_that_must_not_be_noted_ends_it),
        flow_test(a_note_of_another_type_ends_it),
    };
    return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
