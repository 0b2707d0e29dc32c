/* SPDX-License-Identifier: MIT */
/* The same log gives the same bytes of state and the same outputs: wherever batches and runs are cut, however
 * many workers there are, however little they keep in memory, live or in silence. */
#include "tests/fakes/dialogue_world.h"
#include "tests/fakes/made_up.h"
#include "tests/fakes/refold.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEDS  12
#define EVENTS 250

static void given_a_made_up_log(uint64_t seed)
{
    struct dice dice = {.state = seed};
    expect_any_warnings();
    int events = 1 + dice_throw(&dice, 20), run = 1 + dice_throw(&dice, 20);
    given_batches(events, run);
    made_up_policy(&dice);
    for (int i = 0; i < EVENTS; i++) {
        made_up_event(&dice);
        made_up_pause(&dice);
        if (dice_throw(&dice, 3) == 0) {
            worker_turns(1 + dice_throw(&dice, 3));
        }
    }
    until_idle();
    time_passes(3 * DAYS);
    until_idle();
}

static void then_a_fold_is_the_same(const struct refold_options *options, const struct refolded *wanted)
{
    char what[160];
    struct refolded found;
    snprintf(what, sizeof what, "batch.events %lld, batch.run %lld, cache.customers %lld, %d workers%s",
             (long long)options->events, (long long)options->run, (long long)options->customers,
             options->workers, options->silent ? ", silent" : "");
    refold(world.kafka, options, &found);
    bool same = refolded_equal(wanted, &found, what);
    refolded_free(&found);
    if (!same) {
        fail_msg("%s: another fold", what);
    }
}

static void then_every_fold_is_the_same(void)
{
    static const struct refold_options options[] = {
        {1,    1000, 60000, 1, false},
        {2,    1000, 60000, 1, false},
        {7,    1000, 60000, 1, false},
        {4000, 1000, 60000, 1, false},
        {4000, 1,    60000, 1, false},
        {4000, 2,    60000, 1, false},
        {7,    3,    60000, 3, false},
        {7,    1000, 1,     1, false},
        {1,    1,    0,     3, false},
    };
    struct refolded wanted;
    refold_of_world(world.kafka, world.memory, &wanted);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        then_a_fold_is_the_same(&options[i], &wanted);
    }
    free(wanted.outputs);
    free(wanted.internal);
    wanted.outputs = wanted.internal = NULL; /* what was sent before is not sent again */
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct refold_options silent = options[i];
        silent.silent = true;
        then_a_fold_is_the_same(&silent, &wanted);
    }
    refolded_free(&wanted);
}

static void any_fold_of_a_log_gives_the_same_state_and_outputs(void **state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        print_message("seed %d\n", (int)seed);
        given_a_made_up_log(seed);
        then_every_fold_is_the_same();
        assert_int_equal(dialogue_end(state), 0);
        assert_int_equal(dialogue_begin(state), 0);
    }
}

static void the_log_of_such_a_test_is_worth_it(void **state)
{
    (void)state;
    size_t triggers = 0, continuations = 0, chunks = 0, letters = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        given_a_made_up_log(seed);
        triggers += trigger_count();
        continuations += control_count("continuation");
        chunks += control_count("chunk");
        letters += (size_t)outcome_now(OUTCOME_dead_lettered);
        assert_true(outcome_now(OUTCOME_duplicate) > 0);
        assert_true(outcome_now(OUTCOME_copied) > 0);
        assert_int_equal(dialogue_end(state), 0);
        assert_int_equal(dialogue_begin(state), 0);
    }
    print_message("triggers %zu, continuations %zu, chunks %zu, letters %zu\n", triggers, continuations,
                  chunks, letters);
    assert_true(triggers > 100);
    assert_true(continuations > 5);
    assert_true(chunks > 20);
    assert_true(letters > 20);
}

/* They were seen before and are in memory no longer, so all must be read. */
static void a_batch_of_more_customers_than_are_read_at_once_is_the_same(void **state)
{
    (void)state;
    given_homes(1);
    given_batches(4000, 1000);
    given_cache(1);
    for (int visits = 1; visits <= 2; visits++) {
        for (int i = 1; i <= 2500; i++) {
            given_visit(customer_in(0, i), "store");
        }
        worker_turns(1);
    }
    until_idle();
    then_customer(customer_in(0, 1), "visits", "2");
    then_customer(customer_in(0, 1000), "visits", "2");
    then_customer(customer_in(0, 2500), "visits", "2");
}

/* More timers than are read at a time, and they come and go while the window is read on. */
static void any_fold_of_a_home_with_many_timers_is_the_same(void **state)
{
    (void)state;
    struct dice dice = {.state = 5};
    given_homes(1);
    given_batches(40, 15);
    given_cache(50);
    given_policy(
        "limits: {timers_per_record: 5}\nfollow_ups:\n"
        "  overdue: {on: complaint.opened, class: task, after: {low: 3h, normal: 2h, high: 1h, critical: "
        "30m}, unless: complaint.responded}\n");
    for (int i = 0; i < 4000; i++) {
        const char *customer = customer_in(0, 1 + dice_throw(&dice, 800));
        const char *complaint = dice_throw(&dice, 2) == 0 ? "Q1" : "Q2";
        static const char *const severities[] = {"low", "normal", "high", "critical"};
        switch (dice_throw(&dice, 4)) {
        case 0:
            given_complaint(customer, complaint, "responded");
            break;
        case 1:
            given_complaint(customer, complaint, dice_throw(&dice, 2) == 0 ? "resolved" : "reopened");
            break;
        default:
            given_severe_complaint(customer, complaint, severities[dice_throw(&dice, 4)]);
            break;
        }
        time_passes(dice_throw(&dice, 10 * SECONDS));
        if (dice_throw(&dice, 30) == 0) {
            worker_turns(1 + dice_throw(&dice, 3));
        }
        if (dice_throw(&dice, 500) == 0) {
            worker_restarts(0); /* the next one reads the window anew */
        }
    }
    until_idle();
    assert_true(trigger_count() > 200);
    then_every_fold_is_the_same();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(the_log_of_such_a_test_is_worth_it),
        flow_test(any_fold_of_a_log_gives_the_same_state_and_outputs),
        flow_test(a_batch_of_more_customers_than_are_read_at_once_is_the_same),
        flow_test(any_fold_of_a_home_with_many_timers_is_the_same),
    };
    return cmocka_run_group_tests_name("determinism", tests, NULL, NULL);
}
