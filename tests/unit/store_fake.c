/* SPDX-License-Identifier: MIT */
/* The faults of the store in memory: what a flow test asks for must happen, once, and look as it does with
 * Redis. */
#include "common/mem.h"
#include "tests/fakes/draft.h"
#include "tests/fakes/store_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define HOME 3

static struct fake_memory *memory;
static struct store *store;
static struct arena *arena;

static int begin_test(void **state)
{
    (void)state;
    memory = fake_memory_create();
    store = store_fake_open(memory);
    arena = arena_create(4096);
    return 0;
}

static int end_test(void **state)
{
    (void)state;
    store_close(store);
    fake_memory_destroy(memory);
    arena_destroy(arena);
    return 0;
}

static struct draft *points(int64_t from, int64_t to, const char *value)
{
    struct draft *draft = draft_of(arena, HOME, from, to);
    draft_set(draft, "c:C1", "points", value, NULL);
    return draft;
}

static void a_commit_that_is_to_be_refused_is_and_only_that_one(void **state)
{
    (void)state;
    fake_memory_fail_next(memory, FAKE_COMMIT_MOVED);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_MOVED);
    assert_true(fake_memory_has_failed(memory, FAKE_COMMIT_MOVED));
    assert_int_equal(fake_memory_position(memory, HOME), 0);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_OK);
}

static void then_needs_a_reopen(struct draft *lost, int64_t position)
{
    assert_int_equal(lost->commit.ret_status, STATUS_UNKNOWN);
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(store_reopen(store), STATUS_OK);
    assert_int_equal(draft_position(store, arena, HOME), position);
}

static void an_answer_that_is_lost_leaves_a_commit_that_happened(void **state)
{
    (void)state;
    struct draft *draft = points(0, 1, "1");
    fake_memory_fail_next(memory, FAKE_ANSWER_LOST);
    assert_int_equal(draft_begin(draft, store), STATUS_AWAY);
    then_needs_a_reopen(draft, 1);
}

static void a_commit_that_is_lost_did_not_happen(void **state)
{
    (void)state;
    struct draft *draft = points(0, 1, "1");
    fake_memory_fail_next(memory, FAKE_COMMIT_LOST);
    assert_int_equal(draft_begin(draft, store), STATUS_AWAY);
    then_needs_a_reopen(draft, 0);
}

static void a_read_that_fails_makes_begun_commits_unknown(void **state)
{
    (void)state;
    struct draft *draft = points(0, 1, "1");
    assert_int_equal(draft_begin(draft, store), STATUS_OK);
    fake_memory_fail_next(memory, FAKE_READ_AWAY);
    int64_t position = 0;
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, &position), STATUS_AWAY);
    then_needs_a_reopen(draft, 1);
}

static void a_broken_home_stays_so_until_it_is_cleared(void **state)
{
    (void)state;
    int64_t position = 0;
    fake_memory_fail_next(memory, FAKE_COMMIT_BROKEN);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_CORRUPT);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_CORRUPT);
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, &position), STATUS_CORRUPT);
    assert_int_equal(store_clear(store, HOME), STATUS_OK);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_OK);
}

static void while_away_nothing_works_and_afterwards_each_store_reopens(void **state)
{
    (void)state;
    struct store *other = store_fake_open(memory);
    int64_t position = 0;
    fake_memory_set_away(memory, true);
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(store_reopen(store), STATUS_AWAY);
    fake_memory_set_away(memory, false);
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(store_reopen(store), STATUS_OK);
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, &position), STATUS_OK);
    assert_int_equal(store_read(other, HOME, NULL, 0, arena, &position), STATUS_OK); /* did not notice */
    store_close(other);
}

static void then_home_holds(const char *expected)
{
    char *held = fake_memory_dump(memory, HOME);
    assert_string_equal(held, expected);
    mem_free(held);
}

static void writes_are_lost_back_to_the_snapshot(void **state)
{
    (void)state;
    int empty = fake_memory_save(memory);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_OK);
    assert_int_equal(store_note_set(store, "status", &(struct field){SLICE("a"), SLICE("b")}, 1), STATUS_OK);
    int one = fake_memory_save(memory);
    struct draft *draft = points(1, 2, "2");
    draft_rank(draft, "due", "C1", 9);
    assert_int_equal(draft_commit(draft, store), STATUS_OK);
    then_home_holds("c:C1 points=2\ndue C1@9\nhome position=2\n");
    fake_memory_roll_back(memory, one, 4);
    then_home_holds("c:C1 points=2\ndue C1@9\nhome position=2\n");
    fake_memory_roll_back(memory, one, HOME);
    then_home_holds("c:C1 points=1\nhome position=1\n");
    fake_memory_roll_back(memory, empty, EVERY_HOME);
    then_home_holds("");
    struct hash hash;
    assert_int_equal(store_note_get(store, "status", arena, &hash), STATUS_OK);
    assert_int_equal(hash.field_count, 0);
    fake_memory_flush(memory);
    fake_memory_roll_back(memory, one, EVERY_HOME);
    then_home_holds("c:C1 points=1\nhome position=1\n");
    fake_memory_flush(memory);
    then_home_holds("");
}

static void two_stores_share_the_memory_and_only_one_moves_the_position(void **state)
{
    (void)state;
    struct store *zombie = store_fake_open(memory);
    assert_int_equal(draft_commit(points(0, 1, "1"), store), STATUS_OK);
    assert_int_equal(draft_commit(points(0, 1, "9"), zombie), STATUS_MOVED);
    assert_string_equal(draft_field(zombie, arena, HOME, "c:C1", "points"), "1");
    store_close(zombie);
}

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENTENCE(a_commit_that_is_to_be_refused_is_and_only_that_one),
        SENTENCE(an_answer_that_is_lost_leaves_a_commit_that_happened),
        SENTENCE(a_commit_that_is_lost_did_not_happen),
        SENTENCE(a_read_that_fails_makes_begun_commits_unknown),
        SENTENCE(a_broken_home_stays_so_until_it_is_cleared),
        SENTENCE(while_away_nothing_works_and_afterwards_each_store_reopens),
        SENTENCE(writes_are_lost_back_to_the_snapshot),
        SENTENCE(two_stores_share_the_memory_and_only_one_moves_the_position),
    };
    return cmocka_run_group_tests_name("the store in memory", tests, NULL, NULL);
}
