/* SPDX-License-Identifier: MIT */
/* What every store does with commits, asserted over the fake and over Redis alike, and the two compared over
 * random commits: what a flow test proves over the fake holds for Redis. Reads: store_contract_reads.c. */
#include "common/mem.h"
#include "tests/fakes/both_stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- one commit */
static void a_home_never_written_stands_at_0_and_holds_nothing(void **state)
{
    (void)state;
    struct read reads[] = {
        {.kind = READ_HASH, .key = SLICE("c:C1")},
        { .kind = READ_RANKS, .key = SLICE("due"),             .max_score = 9, .limit = 9}
    };
    int64_t position = 77;
    assert_int_equal(store_read(both.store, HOME, reads, 2, both.arena, &position), STATUS_OK);
    assert_int_equal(position, 0);
    assert_int_equal(reads[0].ret_hash.field_count, 0);
    assert_int_equal(reads[1].ret_ranking.count, 0);
}

static void a_commit_applies_every_kind_of_change_and_moves_the_position(void **state)
{
    (void)state;
    struct draft *first = draft_of(both.arena, HOME, 0, 10);
    draft_set(first, "c:C1", "name", "Ann", "points", "3", NULL);
    draft_set(first, "c:C2", "name", "Bob", NULL);
    draft_rank(first, "due", "C1", 500);
    draft_rank(first, "due", "C2", -4);
    draft_set(first, "old", "x", "1", NULL);
    then_commits(first, STATUS_OK);
    struct draft *second = draft_of(both.arena, HOME, 10, 12);
    draft_unset(second, "c:C1", "points", "never there", NULL);
    draft_set(second, "c:C1", "name", "Anna", NULL);
    draft_unrank(second, "due", "C2");
    draft_delete(second, "old");
    then_commits(second, STATUS_OK);
    then_home_holds(HOME, "c:C1 name=Anna\nc:C2 name=Bob\ndue C1@500\nhome position=12\n");
}

static void a_commit_without_changes_moves_the_position(void **state)
{
    (void)state;
    then_commits(draft_of(both.arena, HOME, 0, 5), STATUS_OK);
    struct draft *no_fields = draft_of(both.arena, HOME, 5, 6);
    draft_set(no_fields, "c:C1", NULL);
    draft_unset(no_fields, "c:C2", NULL);
    then_commits(no_fields, STATUS_OK);
    then_home_holds(HOME, "home position=6\n");
}

static void a_commit_from_another_position_changes_nothing_and_says_so(void **state)
{
    (void)state;
    then_commits(draft_of(both.arena, HOME, 0, 5), STATUS_OK);
    struct draft *late = draft_of(both.arena, HOME, 4, 6);
    draft_set(late, "c:C1", "name", "Ann", NULL);
    draft_delete(late, "c:C2");
    then_commits(late, STATUS_MOVED);
    struct draft *early = draft_of(both.arena, HOME, 6, 7);
    draft_rank(early, "due", "C1", 1);
    then_commits(early, STATUS_MOVED);
    then_home_holds(HOME, "home position=5\n");
}

static void a_key_of_another_type_leaves_everything_untouched(void **state)
{
    (void)state;
    struct draft *first = draft_of(both.arena, HOME, 0, 1);
    draft_set(first, "c:C1", "name", "Ann", NULL);
    draft_rank(first, "due", "C1", 1);
    then_commits(first, STATUS_OK);
    const char *before = "c:C1 name=Ann\ndue C1@1\nhome position=1\n";

    struct draft *hash_as_ranking = draft_of(both.arena, HOME, 1, 2);
    draft_set(hash_as_ranking, "c:C0", "name", "Zoe", NULL);
    draft_delete(hash_as_ranking, "due");
    draft_rank(hash_as_ranking, "c:C1", "C1", 1);
    then_commits(hash_as_ranking, STATUS_CORRUPT);
    then_home_holds(HOME, before);

    struct draft *ranking_as_hash = draft_of(both.arena, HOME, 1, 2);
    draft_set(ranking_as_hash, "c:C0", "name", "Zoe", NULL);
    draft_unset(ranking_as_hash, "due", "C1", NULL);
    then_commits(ranking_as_hash, STATUS_CORRUPT);
    then_home_holds(HOME, before);

    struct read read = {.kind = READ_HASH, .key = SLICE("due")};
    int64_t position = 0;
    assert_int_equal(store_read(both.store, HOME, &read, 1, both.arena, &position), STATUS_CORRUPT);
    assert_int_equal(draft_position(both.store, both.arena, HOME), 1);
}

/* ---- changes of one key */
static void what_follows_a_delete_begins_with_nothing(void **state)
{
    (void)state;
    struct draft *first = draft_of(both.arena, HOME, 0, 1);
    draft_set(first, "c:C1", "name", "Ann", "points", "3", NULL);
    draft_rank(first, "due", "C1", 1);
    then_commits(first, STATUS_OK);
    struct draft *second = draft_of(both.arena, HOME, 1, 2);
    draft_set(second, "c:C1", "lost", "1", NULL);
    draft_delete(second, "c:C1");
    draft_set(second, "c:C1", "points", "0", NULL);
    draft_delete(second, "due");
    draft_set(second, "due", "a hash", "now", NULL);
    then_commits(second, STATUS_OK);
    then_home_holds(HOME, "c:C1 points=0\ndue a\\x20hash=now\nhome position=2\n");
}

static void the_last_change_of_a_name_wins(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    draft_set(draft, "c:C1", "a", "1", "b", "1", "c", "1", NULL);
    draft_unset(draft, "c:C1", "a", "b", NULL);
    draft_set(draft, "c:C1", "b", "2", "d", "2", NULL);
    draft_unset(draft, "c:C1", "d", NULL);
    draft_rank(draft, "due", "x", 1);
    draft_rank(draft, "due", "x", 2);
    draft_unrank(draft, "due", "y");
    draft_rank(draft, "due", "y", 3);
    draft_unrank(draft, "due", "x");
    draft_rank(draft, "due", "z", 4);
    draft_rank(draft, "due", "x", 9);
    draft_unrank(draft, "due", "z");
    then_commits(draft, STATUS_OK);
    then_home_holds(HOME, "c:C1 b=2\nc:C1 c=1\ndue x@9\ndue y@3\nhome position=1\n");
}

static void a_key_whose_last_field_goes_is_gone(void **state)
{
    (void)state;
    struct draft *first = draft_of(both.arena, HOME, 0, 1);
    draft_set(first, "k", "a", "1", NULL);
    then_commits(first, STATUS_OK);
    struct draft *second = draft_of(both.arena, HOME, 1, 2);
    draft_unset(second, "k", "a", NULL);
    then_commits(second, STATUS_OK);
    struct draft *third = draft_of(both.arena, HOME, 2, 3);
    draft_rank(third, "k", "now a ranking", 1);
    then_commits(third, STATUS_OK);
    then_home_holds(HOME, "home position=3\nk now\\x20a\\x20ranking@1\n");
}

static struct slice value_of(const struct hash *hash, struct slice name)
{
    for (size_t i = 0; i < hash->field_count; i++) {
        if (slice_equal(hash->fields[i].name, name)) {
            return hash->fields[i].value;
        }
    }
    return (struct slice){0};
}

static void any_byte_is_kept_and_empty_values_are_values(void **state)
{
    (void)state;
    const struct slice odd_key = {.data = "c:\0\r\n*3{9}", .len = 11},
                       odd_name = {.data = "\xff\0", .len = 2};
    const struct slice odd_value = {.data = "\0\r\n", .len = 3}, empty = SLICE(""), absent = {0};
    struct field fields[] = {
        {odd_name,        odd_value},
        {SLICE("empty"),  empty    },
        {SLICE("absent"), absent   }
    };
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    draft_change(draft,
                 (struct change){.kind = CHANGE_SET, .key = odd_key, .fields = fields, .field_count = 3});
    draft_change(draft,
                 (struct change){.kind = CHANGE_RANK, .key = SLICE("r"), .member = odd_key, .score = 1});
    draft_change(draft, (struct change){.kind = CHANGE_RANK, .key = SLICE("r"), .member = empty, .score = 1});
    then_commits(draft, STATUS_OK);

    struct read hash = {.kind = READ_HASH, .key = odd_key};
    struct read all = {.kind = READ_RANKS, .key = SLICE("r"), .max_score = 1, .limit = 5};
    struct read rest = all;
    rest.after_member = empty;
    rest.after_score = 1;
    struct read reads[] = {hash, all, rest};
    int64_t position = 0;
    assert_int_equal(store_read(both.store, HOME, reads, 3, both.arena, &position), STATUS_OK);
    assert_int_equal(reads[0].ret_hash.field_count, 3);
    assert_true(slice_equal(value_of(&reads[0].ret_hash, odd_name), odd_value));
    assert_non_null(value_of(&reads[0].ret_hash, SLICE("empty")).data);
    assert_int_equal(value_of(&reads[0].ret_hash, SLICE("empty")).len, 0);
    assert_non_null(value_of(&reads[0].ret_hash, SLICE("absent")).data);
    assert_int_equal(reads[1].ret_ranking.count, 2);
    assert_int_equal(reads[1].ret_ranking.entries[0].member.len, 0);
    assert_true(slice_equal(reads[1].ret_ranking.entries[1].member, odd_key));
    assert_int_equal(reads[2].ret_ranking.count, 1);
    assert_true(slice_equal(reads[2].ret_ranking.entries[0].member, odd_key));
}

/* ---- several commits */
static void a_read_sees_the_commits_begun_before_it(void **state)
{
    (void)state;
    struct draft *first = draft_of(both.arena, HOME, 0, 1), *second = draft_of(both.arena, HOME, 1, 2);
    draft_set(first, "c:C1", "points", "1", NULL);
    draft_set(second, "c:C1", "points", "2", NULL);
    assert_int_equal(draft_begin(first, both.store), STATUS_OK);
    assert_int_equal(draft_begin(second, both.store), STATUS_OK);
    assert_string_equal(draft_field(both.store, both.arena, HOME, "c:C1", "points"), "2");
    assert_int_equal(draft_position(both.store, both.arena, HOME), 2);
    assert_int_equal(store_settle(both.store), STATUS_OK);
    assert_int_equal(first->commit.ret_status, STATUS_OK);
    assert_int_equal(second->commit.ret_status, STATUS_OK);
}

static void one_commit_refused_refuses_those_of_its_home_after_it(void **state)
{
    (void)state;
    struct draft *drafts[] = {draft_of(both.arena, HOME, 0, 1), draft_of(both.arena, HOME, 7, 8),
                              draft_of(both.arena, HOME, 8, 9), draft_of(both.arena, 4, 0, 2)};
    const enum status expected[] = {STATUS_OK, STATUS_MOVED, STATUS_MOVED, STATUS_OK};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(draft_begin(drafts[i], both.store), STATUS_OK);
    }
    assert_int_equal(store_settle(both.store), STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(drafts[i]->commit.ret_status, expected[i]);
    }
    int64_t positions[3];
    assert_int_equal(store_positions(both.store, (int32_t[]){HOME, 4, 5}, 3, positions), STATUS_OK);
    assert_int_equal(positions[0], 1);
    assert_int_equal(positions[1], 2);
    assert_int_equal(positions[2], 0);
}

static void settling_nothing_is_fine(void **state)
{
    (void)state;
    assert_int_equal(store_settle(both.store), STATUS_OK);
    assert_int_equal(store_settle(both.store), STATUS_OK);
}

/* ---- the two compared */
static uint32_t chance(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

/* Names are few, so that changes meet; keys that begin with r are mostly rankings, now and then the wrong
 * type. */
static void add_random_key(struct draft *draft, int number, uint32_t *seed)
{
    bool ranking = chance(seed, 2) == 0;
    const char *key =
        arena_printf(both.arena, "%c%d", ranking != (chance(seed, 40) == 0) ? 'r' : 'h', number).data;
    for (uint32_t left = 1 + chance(seed, 6); left > 0; left--) {
        const char *name = arena_printf(both.arena, "n%u", (unsigned)chance(seed, 5)).data;
        uint32_t dice = chance(seed, 10);
        if (dice == 0) {
            draft_delete(draft, key);
        } else if (ranking && dice < 6) {
            draft_rank(draft, key, name, (int64_t)chance(seed, 4) - 1);
        } else if (ranking) {
            draft_unrank(draft, key, name);
        } else if (dice < 6) {
            draft_set(draft, key, name, arena_printf(both.arena, "%u", (unsigned)chance(seed, 99)).data,
                      "all", "x", NULL);
        } else {
            draft_unset(draft, key, name, "all", NULL);
        }
    }
}

static void random_commits_leave_the_fake_and_redis_equal(void **state)
{
    (void)state;
    struct store *fake = store_fake_open(both.memory);
    uint32_t seed = 20261122;
    int64_t position = 0;
    int outcomes[STATUS_COUNT] = {0};
    for (int turn = 0; turn < 600; turn++) {
        struct draft *draft =
            draft_of(both.arena, HOME, chance(&seed, 20) == 0 ? position + 1 : position, position + 2);
        for (int key = 0; key < 8; key++) {
            if (chance(&seed, 3) == 0) {
                add_random_key(draft, key, &seed);
            }
        }
        enum status over_redis = draft_commit(draft, both.store), over_fake = draft_commit(draft, fake);
        assert_int_equal(over_redis, over_fake);
        outcomes[over_redis]++;
        position += over_redis == STATUS_OK ? 2 : 0;
        char *expected = fake_memory_dump(both.memory, HOME);
        then_home_holds(HOME, expected);
        mem_free(expected);
        arena_reset(both.arena, 1 << 20);
    }
    assert_true(outcomes[STATUS_OK] > 300);
    assert_true(outcomes[STATUS_MOVED] > 5);
    assert_true(outcomes[STATUS_CORRUPT] > 5);
    store_close(fake);
}

int main(void)
{
    const struct CMUnitTest contract[] = {
        SENTENCE(a_home_never_written_stands_at_0_and_holds_nothing),
        SENTENCE(a_commit_applies_every_kind_of_change_and_moves_the_position),
        SENTENCE(a_commit_without_changes_moves_the_position),
        SENTENCE(a_commit_from_another_position_changes_nothing_and_says_so),
        SENTENCE(a_key_of_another_type_leaves_everything_untouched),
        SENTENCE(what_follows_a_delete_begins_with_nothing),
        SENTENCE(the_last_change_of_a_name_wins),
        SENTENCE(a_key_whose_last_field_goes_is_gone),
        SENTENCE(any_byte_is_kept_and_empty_values_are_values),
        SENTENCE(a_read_sees_the_commits_begun_before_it),
        SENTENCE(one_commit_refused_refuses_those_of_its_home_after_it),
        SENTENCE(settling_nothing_is_fine),
    };
    const struct CMUnitTest compared[] = {SENTENCE(random_commits_leave_the_fake_and_redis_equal)};
    int failed = cmocka_run_group_tests_name("the fake", contract, NULL, NULL);
    failed += cmocka_run_group_tests_name("Redis", contract, both_start_server, both_stop_server);
    failed += cmocka_run_group_tests_name("both", compared, both_start_server, both_stop_server);
    return failed;
}
