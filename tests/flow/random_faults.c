/* SPDX-License-Identifier: MIT */
/* Made-up worlds in which everything fails at made-up moments: transactions, connections, processes, deals of
 * the group, Redis that forgets. In the end each must be what a fold of its home log from scratch gives, in
 * state and in outputs, nothing doubled and nothing lost. LOYALD_SEED=N runs one world, LOYALD_SEEDS=N so
 * many. */
#include "tests/fakes/made_up.h"
#include "tests/fakes/source_fake.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEDS   300
#define STEPS   120
#define WORKERS 2

enum fault {
    FAULT_TRANSACTION,
    FAULT_TRANSACTIONS,
    FAULT_REDIS_CALL,
    FAULT_REDIS_AWAY,
    FAULT_KAFKA_AWAY,
    FAULT_ROLL_BACK,
    FAULT_ROLL_BACK_HOME,
    FAULT_FLUSH,
    FAULT_KILL,
    FAULT_RESTART,
    FAULT_TAKE,
    FAULT_START,
    FAULT_DEAL,
    FAULT_LATE_MEMBER,
    FAULT_HELD,
    FAULT_IN_PUBLISH,
    FAULT_BAD_RECORD,
    FAULT_COUNT
};

static struct {
    struct dice dice;
    int snapshots[8];
    int snapshot_count;
    struct skip bad[STEPS]; /* control records that cannot be read, until an operator skips them */
    int bad_count;
    long happened[FAULT_COUNT];
} chaos;

static void deal(struct dice *dice)
{
    switch (dice_throw(dice, 4)) {
    case 0:
        homes_go_to(0);
        break;
    case 1:
        homes_go_to(1);
        break;
    default:
        homes_are_dealt(WORKERS);
        break;
    }
}

static void roll_back(struct dice *dice, int32_t home)
{
    if (chaos.snapshot_count > 0) {
        fake_memory_roll_back(the_memory(), chaos.snapshots[dice_throw(dice, chaos.snapshot_count)], home);
    }
}

/* In the middle of a turn, between the fold and the transaction. */
static void in_publish(void *context)
{
    struct dice *dice = context;
    the_kafka()->before_publish = NULL;
    switch (dice_throw(dice, 4)) {
    case 0:
        deal(dice);
        break;
    case 1:
        roll_back(dice, EVERY_HOME);
        break;
    case 2:
        fake_memory_set_away(the_memory(), true);
        break;
    default:
        roll_back(dice, dice_throw(dice, 4));
        break;
    }
}

static void break_something(struct dice *dice)
{
    static const enum fake_outcome outcomes[] = {FAKE_ABORT,           FAKE_UNKNOWN_COMMITTED,
                                                 FAKE_UNKNOWN_ABORTED, FAKE_UNKNOWN_OPEN,
                                                 FAKE_REASSIGN,        FAKE_FENCE};
    static const enum status takes[] = {STATUS_AWAY, STATUS_FENCED, STATUS_UNKNOWN};
    enum fault fault = (enum fault)dice_throw(dice, FAULT_COUNT);
    int32_t home = 0;
    int worker = dice_throw(dice, WORKERS), times = 1;
    chaos.happened[fault]++;
    switch (fault) {
    case FAULT_TRANSACTION:
        fake_kafka_next(the_kafka(), outcomes[dice_throw(dice, 6)], 1);
        break;
    case FAULT_TRANSACTIONS:
        times = 1 + dice_throw(dice, 30);
        fake_kafka_next(the_kafka(), outcomes[dice_throw(dice, 6)], times);
        break;
    case FAULT_REDIS_CALL:
        fake_memory_fail_next(the_memory(), (enum fake_fault)dice_throw(dice, FAKE_FAULT_COUNT));
        break;
    case FAULT_REDIS_AWAY:
        fake_memory_set_away(the_memory(), true);
        break;
    case FAULT_KAFKA_AWAY:
        the_kafka()->away = true;
        break;
    case FAULT_ROLL_BACK:
        roll_back(dice, EVERY_HOME);
        break;
    case FAULT_ROLL_BACK_HOME:
        roll_back(dice, dice_throw(dice, 4));
        break;
    case FAULT_FLUSH:
        if (dice_throw(dice, 3) == 0) {
            fake_memory_flush(the_memory());
        }
        break;
    case FAULT_KILL:
        worker_is_killed(worker);
        break;
    case FAULT_RESTART:
        worker_restarts(worker);
        break;
    case FAULT_TAKE:
        source_fake_fail_take(source_of(worker), takes[dice_throw(dice, 3)]);
        break;
    case FAULT_START:
        source_fake_fail_start(source_of(worker));
        break;
    case FAULT_DEAL:
        deal(dice);
        break;
    case FAULT_LATE_MEMBER:
        deal(dice);
        the_kafka()->members[worker].dealt = false;
        break;
    case FAULT_HELD:
        the_log(dice_throw(dice, 4))->held = true;
        break;
    case FAULT_IN_PUBLISH:
        the_kafka()->before_publish = in_publish;
        the_kafka()->before_publish_context = dice;
        break;
    case FAULT_BAD_RECORD:
        home = dice_throw(dice, 4);
        chaos.bad[chaos.bad_count++] =
            (struct skip){.home = home, .offset = given_control(home, "dance", "{}")};
        break;
    case FAULT_COUNT:
        break;
    }
}

static void mend(struct dice *dice)
{
    fake_memory_set_away(the_memory(), false);
    the_kafka()->away = false;
    if (dice_throw(dice, 2) == 0) {
        for (int32_t home = 0; home < 4; home++) {
            the_log(home)->held = false;
        }
        for (int i = 0; i < WORKERS; i++) {
            the_kafka()->members[i].dealt = true;
        }
        fake_kafka_next(the_kafka(), FAKE_FINE, 0);
        the_kafka()->before_publish = NULL;
    }
}

/* Skips what cannot be read, rebuilds what broke half-way, forgives what was accused of the kills. */
static void operators_look(void)
{
    for (; chaos.bad_count > 0; chaos.bad_count--) {
        fake_kafka_skip(the_kafka(), chaos.bad[chaos.bad_count - 1].home,
                        chaos.bad[chaos.bad_count - 1].offset);
    }
    for (int32_t home = 0; home < 4; home++) {
        given_command(HOME_LOG, home, is_parked(HOME_LOG, home, "must be rebuilt") ? "rebuild" : "retry");
    }
    given_command("loyalty.visits", 0, "retry");
    given_command("loyalty.purchases", 0, "retry");
}

static void live(struct dice *dice)
{
    given_workers(WORKERS);
    int events = 1 + dice_throw(dice, 30), run = 1 + dice_throw(dice, 10);
    given_batches(events, run);
    given_cache(dice_throw(dice, 2) == 0 ? 2 : 60000);
    made_up_policy(dice);
    for (int i = 0; i < STEPS; i++) {
        for (int n = dice_throw(dice, 4); n > 0; n--) {
            made_up_event(dice);
        }
        if (chaos.snapshot_count < 8 && dice_throw(dice, 10) == 0) {
            chaos.snapshots[chaos.snapshot_count++] = fake_memory_save(the_memory());
        }
        if (dice_throw(dice, 4) == 0) {
            break_something(dice);
        } else if (dice_throw(dice, 2) == 0) {
            mend(dice);
            if (dice_throw(dice, 8) == 0) {
                operators_look();
            }
        }
        turns_of(0, dice_throw(dice, 3));
        turns_of(1, dice_throw(dice, 3));
        made_up_pause(dice);
    }
}

static void come_to_rest(struct dice *dice)
{
    while (the_kafka()->before_publish != NULL || the_kafka()->next_outcome_times > 0 || the_log(0)->held ||
           the_log(1)->held || the_log(2)->held || the_log(3)->held) {
        mend(dice);
    }
    mend(dice);
    for (int i = 0; i < WORKERS; i++) {
        fake_kafka_end_transaction(the_kafka(), i, false);
        the_kafka()->members[i].dealt = true;
    }
    homes_are_dealt(WORKERS);
    until_idle();
    for (int i = 0; i < 2; i++) {
        operators_look();
        time_passes(1 * SECONDS);
        until_idle();
    }
    time_passes(3 * DAYS);
    until_idle();
    time_passes(1 * SECONDS);
    until_idle();
}

static void live_through(void **state, uint64_t seed)
{
    chaos.dice.state = seed * 7919;
    chaos.snapshot_count = 0;
    expect_any_warnings();
    live(&chaos.dice);
    come_to_rest(&chaos.dice);
    if (dialogue_end(state) != 0) {
        (void)dialogue_begin(state);
        fail_msg("the world of LOYALD_SEED=%llu is not true", (unsigned long long)seed);
    }
    assert_int_equal(dialogue_begin(state), 0);
}

static void whatever_fails_each_event_changes_its_customer_once_and_each_follow_up_is_sent_once(void **state)
{
    const char *one = getenv("LOYALD_SEED"), *many = getenv("LOYALD_SEEDS");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one != NULL ? 1 : many != NULL ? strtoull(many, NULL, 10) : SEEDS;
    for (uint64_t seed = first; seed < first + count; seed++) {
        live_through(state, seed);
    }
    for (int i = 0; i < FAULT_COUNT && count > 100; i++) {
        assert_true(chaos.happened[i] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(whatever_fails_each_event_changes_its_customer_once_and_each_follow_up_is_sent_once),
    };
    return cmocka_run_group_tests_name("random faults", tests, NULL, NULL);
}
