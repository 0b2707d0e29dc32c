/* SPDX-License-Identifier: MIT */
/* What every store does with ranges, large amounts, whole homes and notes, asserted over the fake and over
 * Redis alike. Commits: store_contract.c. */
#include "tests/fakes/both_stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* "a@1 b@1 " of one range. */
static const char *range(const char *key, const char *after_member, int64_t after_score, int64_t max,
                         size_t limit)
{
    struct read read = {.kind = READ_RANKS,
                        .key = slice_of(key),
                        .after_member = slice_of(after_member),
                        .after_score = after_score,
                        .max_score = max,
                        .limit = limit};
    int64_t position = 0;
    assert_int_equal(store_read(both.store, HOME, &read, 1, both.arena, &position), STATUS_OK);
    struct slice text = SLICE("");
    for (size_t i = 0; i < read.ret_ranking.count; i++) {
        text = arena_printf(both.arena, "%.*s%.*s@%lld ", SLICE_ARG(text),
                            SLICE_ARG(read.ret_ranking.entries[i].member),
                            (long long)read.ret_ranking.entries[i].score);
    }
    return text.data;
}

/* ---- ranges */
static void a_range_is_ordered_by_score_then_bytes(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    draft_rank(draft, "due", "b", 5);
    draft_rank(draft, "due", "\xc3\xa9", 5);
    draft_rank(draft, "due", "B", 5);
    draft_rank(draft, "due", "bb", 5);
    draft_rank(draft, "due", "a", 7);
    draft_rank(draft, "due", "z", -1);
    draft_rank(draft, "due", "far", 9007199254740992);
    draft_rank(draft, "due", "ms", 1700000000000);
    then_commits(draft, STATUS_OK);
    assert_string_equal(range("due", NULL, 0, 7, 100), "z@-1 B@5 b@5 bb@5 \xc3\xa9@5 a@7 ");
    assert_string_equal(range("due", NULL, 0, 7, 3), "z@-1 B@5 b@5 ");
    assert_string_equal(range("due", NULL, 0, 7, 0), "");
    assert_string_equal(range("due", NULL, 0, -2, 9), "");
    assert_string_equal(range("due", "a", 7, INT64_MAX, 9), "ms@1700000000000 far@9007199254740992 ");
    assert_string_equal(range("nothing", NULL, 0, 7, 9), "");
    assert_string_equal(range("nothing", "a", 0, 7, 9), "");
}

static void a_range_goes_on_after_its_cursor_whether_that_is_there_or_not(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    for (int i = 0; i < 9; i++) {
        char member[2] = {(char)('a' + 2 * i), '\0'}; /* a c e g i k m o q */
        draft_rank(draft, "due", member, i < 2 ? 1 : i < 7 ? 5 : 8);
    }
    then_commits(draft, STATUS_OK);
    assert_string_equal(range("due", "g", 5, 5, 2), "i@5 k@5 ");
    assert_string_equal(range("due", "h", 5, 5, 2), "i@5 k@5 ");
    assert_string_equal(range("due", "h", 5, 8, 9), "i@5 k@5 m@5 o@8 q@8 ");
    assert_string_equal(range("due", "a", 5, 8, 2), "e@5 g@5 ");
    assert_string_equal(range("due", "", 5, 8, 1), "e@5 ");
    assert_string_equal(range("due", "zz", 5, 8, 9), "o@8 q@8 ");
    assert_string_equal(range("due", "m", 5, 5, 9), "");
    assert_string_equal(range("due", "a", 3, 5, 1), "e@5 ");
    assert_string_equal(range("due", "q", 8, 99, 9), "");
    assert_string_equal(range("due", "a", 9, 8, 9), "");
    assert_string_equal(range("due", "a", 0, 1, 9), "a@1 c@1 ");
}

static void a_ranking_of_equal_scores_is_walked_chunk_by_chunk(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    char member[16];
    for (int i = 0; i < 2500; i++) {
        snprintf(member, sizeof member, "C%05d", i * 7919 % 2500);
        draft_rank(draft, "by:sku", member, 0);
    }
    then_commits(draft, STATUS_OK);
    struct read read = {.kind = READ_RANKS, .key = SLICE("by:sku"), .max_score = 0, .limit = 100};
    int seen = 0, chunks = 0;
    do {
        int64_t position = 0;
        assert_int_equal(store_read(both.store, HOME, &read, 1, both.arena, &position), STATUS_OK);
        for (size_t i = 0; i < read.ret_ranking.count; i++) {
            snprintf(member, sizeof member, "C%05d", seen++);
            assert_true(slice_is(read.ret_ranking.entries[i].member, member));
            read.after_member = read.ret_ranking.entries[i].member;
        }
        chunks++;
    } while (read.ret_ranking.count > 0);
    assert_int_equal(seen, 2500);
    assert_int_equal(chunks, 26);
}

/* ---- large */
static void thousands_of_keys_go_in_one_commit(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    for (int i = 0; i < 6000; i++) {
        const char *key = arena_printf(both.arena, "c:C%d", i).data;
        draft_set(draft, key, "name", key, "points", "3", "visits", "9", NULL);
    }
    for (int i = 0; i < 12000; i++) { /* timers: the old removed, the new set */
        const char *id = arena_printf(both.arena, "C%d:%d", i / 2, i % 2).data;
        if (i % 2 == 0) {
            draft_unrank(draft, "due", id);
        } else {
            draft_rank(draft, "due", id, i);
        }
    }
    then_commits(draft, STATUS_OK);
    struct read *reads = arena_zalloc(both.arena, 6001 * sizeof *reads);
    for (int i = 0; i < 6000; i++) {
        reads[i] = (struct read){.kind = READ_HASH, .key = arena_printf(both.arena, "c:C%d", i)};
    }
    reads[6000] = (struct read){.kind = READ_RANKS, .key = SLICE("due"), .max_score = 99999, .limit = 99999};
    int64_t position = 0;
    assert_int_equal(store_read(both.store, HOME, reads, 6001, both.arena, &position), STATUS_OK);
    assert_int_equal(position, 1);
    for (int i = 0; i < 6000; i++) {
        assert_int_equal(reads[i].ret_hash.field_count, 3);
    }
    assert_int_equal(reads[6000].ret_ranking.count, 6000);
    assert_true(slice_is(reads[6000].ret_ranking.entries[5999].member, "C5999:1"));
}

static void a_hash_of_ten_thousand_fields_goes_and_comes_whole(void **state)
{
    (void)state;
    struct field *fields = arena_alloc(both.arena, 10000 * sizeof *fields);
    for (int i = 0; i < 10000; i++) {
        fields[i] = (struct field){.name = arena_printf(both.arena, "field %d", i),
                                   .value = arena_printf(both.arena, "%d", i)};
    }
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    draft_change(draft, (struct change){
                            .kind = CHANGE_SET, .key = SLICE("big"), .fields = fields, .field_count = 10000});
    then_commits(draft, STATUS_OK);
    assert_string_equal(draft_field(both.store, both.arena, HOME, "big", "field 9999"), "9999");
    draft = draft_of(both.arena, HOME, 1, 2);
    draft_change(
        draft,
        (struct change){.kind = CHANGE_UNSET, .key = SLICE("big"), .fields = fields, .field_count = 9999});
    then_commits(draft, STATUS_OK);
    then_home_holds(HOME, "big field\\x209999=9999\nhome position=2\n");
}

/* ---- homes and notes */
static void clearing_a_home_leaves_the_others_alone(void **state)
{
    (void)state;
    static const int32_t homes[] = {1, 11, HOME};
    for (size_t i = 0; i < 3; i++) {
        struct draft *draft = draft_of(both.arena, homes[i], 0, 4);
        draft_set(draft, "c:C1", "name", "Ann", NULL);
        draft_rank(draft, "due", "C1", 1);
        then_commits(draft, STATUS_OK);
    }
    assert_int_equal(store_clear(both.store, 1), STATUS_OK);
    then_home_holds(1, "");
    then_home_holds(11, "c:C1 name=Ann\ndue C1@1\nhome position=4\n");
    then_home_holds(HOME, "c:C1 name=Ann\ndue C1@1\nhome position=4\n");
    then_commits(draft_of(both.arena, 1, 0, 2), STATUS_OK);
}

static void clearing_a_home_keeps_one_ranking_below_zero(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 4);
    draft_rank(draft, "erased", "a", 1700000000000);
    draft_rank(draft, "erased", "b", 5);
    draft_set(draft, "erased-too", "name", "Ann", NULL);
    then_commits(draft, STATUS_OK);
    assert_int_equal(store_clear(both.store, HOME), STATUS_OK);
    then_home_holds(HOME, "erased a@-1700000000000\nerased b@-5\n");
    draft = draft_of(both.arena, HOME, 0, 4);
    draft_rank(draft, "erased", "b", 6);
    then_commits(draft, STATUS_OK);
    assert_int_equal(store_clear(both.store, HOME), STATUS_OK);
    then_home_holds(HOME, "erased a@-1700000000000\nerased b@-6\n");
}

static void a_member_is_found_by_its_name(void **state)
{
    (void)state;
    struct draft *draft = draft_of(both.arena, HOME, 0, 1);
    draft_rank(draft, "due", "a", 1700000000000);
    draft_rank(draft, "due", "b", -5);
    then_commits(draft, STATUS_OK);
    struct read reads[] = {
        {.kind = READ_SCORE, .key = SLICE("due"),     .after_member = SLICE("a")},
        {.kind = READ_SCORE, .key = SLICE("due"),     .after_member = SLICE("b")},
        {.kind = READ_SCORE, .key = SLICE("due"),     .after_member = SLICE("c")},
        {.kind = READ_SCORE, .key = SLICE("nothing"), .after_member = SLICE("a")}
    };
    int64_t position = 0;
    assert_int_equal(store_read(both.store, HOME, reads, 4, both.arena, &position), STATUS_OK);
    assert_int_equal(reads[0].ret_ranking.entries[0].score, 1700000000000);
    assert_int_equal(reads[1].ret_ranking.entries[0].score, -5);
    assert_int_equal(reads[2].ret_ranking.count, 0);
    assert_int_equal(reads[3].ret_ranking.count, 0);
}

static void placing_moves_the_position_only_from_where_it_is(void **state)
{
    (void)state;
    assert_int_equal(store_place(both.store, HOME, 3, 9), STATUS_MOVED);
    assert_int_equal(store_place(both.store, HOME, 0, 9), STATUS_OK);
    assert_int_equal(store_place(both.store, HOME, 0, 10), STATUS_MOVED);
    then_home_holds(HOME, "home position=9\n");
    then_commits(draft_of(both.arena, HOME, 9, 12), STATUS_OK);
}

static void notes_are_set_read_and_unset(void **state)
{
    (void)state;
    struct hash hash;
    assert_int_equal(store_note_get(both.store, "installation", both.arena, &hash), STATUS_OK);
    assert_int_equal(hash.field_count, 0);
    struct field fields[] = {
        {SLICE("homes"), SLICE("64")            },
        {SLICE("topic"), SLICE("loyalty.events")}
    };
    assert_int_equal(store_note_set(both.store, "installation", fields, 2), STATUS_OK);
    assert_int_equal(store_note_set(both.store, "installation", fields, 0), STATUS_OK);
    assert_int_equal(store_note_unset(both.store, "installation", &fields[1].name, 1), STATUS_OK);
    assert_int_equal(store_note_get(both.store, "installation", both.arena, &hash), STATUS_OK);
    assert_int_equal(hash.field_count, 1);
    assert_true(slice_is(hash.fields[0].name, "homes"));
    assert_true(slice_is(hash.fields[0].value, "64"));
}

static void after_a_reopen_all_is_as_before(void **state)
{
    (void)state;
    then_commits(draft_of(both.arena, HOME, 0, 2), STATUS_OK);
    assert_int_equal(store_reopen(both.store), STATUS_OK);
    assert_int_equal(draft_position(both.store, both.arena, HOME), 2);
    then_commits(draft_of(both.arena, HOME, 2, 3), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest contract[] = {
        SENTENCE(a_range_is_ordered_by_score_then_bytes),
        SENTENCE(a_range_goes_on_after_its_cursor_whether_that_is_there_or_not),
        SENTENCE(a_ranking_of_equal_scores_is_walked_chunk_by_chunk),
        SENTENCE(thousands_of_keys_go_in_one_commit),
        SENTENCE(a_hash_of_ten_thousand_fields_goes_and_comes_whole),
        SENTENCE(clearing_a_home_leaves_the_others_alone),
        SENTENCE(clearing_a_home_keeps_one_ranking_below_zero),
        SENTENCE(a_member_is_found_by_its_name),
        SENTENCE(placing_moves_the_position_only_from_where_it_is),
        SENTENCE(notes_are_set_read_and_unset),
        SENTENCE(after_a_reopen_all_is_as_before),
    };
    int failed = cmocka_run_group_tests_name("the fake", contract, NULL, NULL);
    return failed + cmocka_run_group_tests_name("Redis", contract, both_start_server, both_stop_server);
}
