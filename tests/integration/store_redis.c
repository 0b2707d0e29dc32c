/* SPDX-License-Identifier: MIT */
/* What only a real Redis can do to the store: forget scripts and data, fill up, turn into a replica, cut
 * connections, hang, lose its power. What it refuses at the opening: store_redis_open.c. */
#include "common/mem.h"
#include "common/store_redis.h"
#include "tests/fakes/draft.h"
#include "tests/fakes/redis_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HOME 3

static struct redis_server *server;
static struct store *store;
static struct arena *arena;

static struct store *open_store(const char *address, int timeout_ms)
{
    struct store_redis_options options = {
        .address = address, .prefix = "lo*y[a]l?", .connect_timeout_ms = 5000, .timeout_ms = timeout_ms};
    char warning[256], error[256];
    struct store *opened = NULL;
    if (store_redis_open(&options, warning, error, &opened) != STATUS_OK) {
        fail_msg("%s", error);
    }
    assert_string_equal(warning, "");
    return opened;
}

static int begin_test(void **state)
{
    (void)state;
    arena = arena_create(64 * 1024);
    server = redis_server_start(NULL);
    store = open_store(redis_server_address(server), 10000);
    return 0;
}

static int end_test(void **state)
{
    (void)state;
    store_close(store);
    redis_server_stop(server);
    arena_destroy(arena);
    return 0;
}

#define KEY(rest) "lo*y[a]l?:{3}:" rest

static struct draft *points(int64_t from, int64_t to, const char *value)
{
    struct draft *draft = draft_of(arena, HOME, from, to);
    draft_set(draft, "c:C1", "points", value, NULL);
    return draft;
}

static void then_commits(struct draft *draft, enum status expected)
{
    enum status status = draft_commit(draft, store);
    if (status != expected) {
        fail_msg("%s instead of %s: %s", status_name(status), status_name(expected), store->error);
    }
}

static void then_error_tells(const char *part)
{
    if (strstr(store->error, part) == NULL) {
        fail_msg("\"%s\" does not tell \"%s\"", store->error, part);
    }
}

static void then_redis_answers(const char *expected, const char *question)
{
    assert_string_equal(redis_server_ask(server, question), expected);
}

/* ---- scripts */
static void scripts_that_redis_forgot_are_loaded_again(void **state)
{
    (void)state;
    then_commits(points(0, 1, "1"), STATUS_OK);
    redis_server_ask(server, "SCRIPT FLUSH");
    then_commits(points(1, 2, "2"), STATUS_OK);
    redis_server_ask(server, "SCRIPT FLUSH");
    assert_int_equal(store_place(store, HOME, 2, 3), STATUS_OK);
    assert_string_equal(draft_field(store, arena, HOME, "c:C1", "points"), "2");
}

static void commits_in_flight_are_sent_again_in_order_and_seen_by_the_read_behind_them(void **state)
{
    (void)state;
    redis_server_ask(server, "SCRIPT FLUSH");
    struct draft *drafts[] = {points(0, 1, "1"), points(1, 2, "2"), points(2, 3, "3")};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(draft_begin(drafts[i], store), STATUS_OK);
    }
    assert_string_equal(draft_field(store, arena, HOME, "c:C1", "points"), "3");
    assert_int_equal(draft_position(store, arena, HOME), 3);
    assert_int_equal(store_settle(store), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(drafts[i]->commit.ret_status, STATUS_OK);
    }
}

static void a_range_behind_a_cursor_survives_forgotten_scripts(void **state)
{
    (void)state;
    struct draft *draft = draft_of(arena, HOME, 0, 1);
    draft_rank(draft, "due", "a", 1);
    draft_rank(draft, "due", "b", 1);
    then_commits(draft, STATUS_OK);
    redis_server_ask(server, "SCRIPT FLUSH");
    struct read read = {.kind = READ_RANKS,
                        .key = SLICE("due"),
                        .after_member = SLICE("a"),
                        .after_score = 1,
                        .max_score = 1,
                        .limit = 9};
    int64_t position = 0;
    assert_int_equal(store_read(store, HOME, &read, 1, arena, &position), STATUS_OK);
    assert_int_equal(position, 1);
    assert_int_equal(read.ret_ranking.count, 1);
}

/* ---- lost data */
static void a_flush_between_commit_and_read_is_seen_by_the_position(void **state)
{
    (void)state;
    then_commits(points(0, 7, "1"), STATUS_OK);
    redis_server_ask(server, "FLUSHALL");
    assert_int_equal(draft_position(store, arena, HOME), 0);
    assert_null(draft_field(store, arena, HOME, "c:C1", "points"));
    then_commits(points(7, 8, "2"), STATUS_MOVED);
    then_error_tells("home 3 stands at 0, not at 7");
}

static void a_restart_from_a_snapshot_is_seen_by_the_position(void **state)
{
    (void)state;
    then_commits(points(0, 7, "1"), STATUS_OK);
    redis_server_ask(server, "SAVE");
    then_commits(points(7, 9, "2"), STATUS_OK);
    redis_server_kill(server);
    redis_server_restart(server, true);
    then_commits(points(9, 10, "3"), STATUS_AWAY);
    assert_int_equal(store_reopen(store), STATUS_OK);
    assert_int_equal(draft_position(store, arena, HOME), 7);
    assert_string_equal(draft_field(store, arena, HOME, "c:C1", "points"), "1");
}

/* ---- lost connections */
static void then_all_is_away_until_reopened(void)
{
    int64_t position = 0;
    struct hash hash;
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, &position), STATUS_AWAY);
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(store_clear(store, HOME), STATUS_AWAY);
    assert_int_equal(store_place(store, HOME, 0, 1), STATUS_AWAY);
    assert_int_equal(store_positions(store, (int32_t[]){HOME}, 1, &position), STATUS_AWAY);
    assert_int_equal(store_note_get(store, "status", arena, &hash), STATUS_AWAY);
    assert_int_equal(store_note_set(store, "status", NULL, 0), STATUS_AWAY);
    assert_int_equal(store_note_unset(store, "status", NULL, 0), STATUS_AWAY);
    char other[128];
    assert_int_equal(store_redis_lease(store, "p", "t", false, NULL, 0, other), STATUS_AWAY);
    then_commits(points(0, 1, "1"), STATUS_AWAY);
    assert_true(store->error[0] != '\0');
}

static void commits_in_flight_on_a_cut_connection_are_unknown(void **state)
{
    (void)state;
    struct draft *answered = points(0, 1, "1"), *first = points(1, 2, "2"), *second = points(2, 3, "3");
    then_commits(answered, STATUS_OK);
    redis_server_ask(server, "CLIENT PAUSE 60000 WRITE"); /* so that they are in flight for certain */
    assert_int_equal(draft_begin(first, store), STATUS_OK);
    assert_int_equal(draft_begin(second, store), STATUS_OK);
    redis_server_ask(server, "CLIENT KILL TYPE normal SKIPME yes");
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(answered->commit.ret_status, STATUS_OK);
    assert_int_equal(first->commit.ret_status, STATUS_UNKNOWN);
    assert_int_equal(second->commit.ret_status, STATUS_UNKNOWN);
    then_all_is_away_until_reopened();
    redis_server_ask(server, "CLIENT UNPAUSE");
    assert_int_equal(store_reopen(store), STATUS_OK);
    assert_int_equal(draft_position(store, arena, HOME), 1);
    then_commits(points(1, 2, "2"), STATUS_OK);
}

static void a_power_failure_is_away_until_redis_is_back(void **state)
{
    (void)state;
    then_commits(points(0, 1, "1"), STATUS_OK);
    redis_server_ask(server, "CLIENT PAUSE 60000 WRITE");
    struct draft *draft = points(1, 2, "2");
    assert_int_equal(draft_begin(draft, store), STATUS_OK);
    redis_server_kill(server);
    int64_t position = 0;
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, &position), STATUS_AWAY);
    assert_int_equal(draft->commit.ret_status, STATUS_UNKNOWN);
    assert_int_equal(store_reopen(store), STATUS_AWAY);
    then_error_tells("cannot be reached");
    redis_server_restart(server, false);
    assert_int_equal(store_reopen(store), STATUS_OK);
    assert_int_equal(draft_position(store, arena, HOME), 0);
}

static void a_redis_that_hangs_is_away_after_the_time_out(void **state)
{
    (void)state;
    store_close(store);
    store = open_store(redis_server_socket(server), 200);
    redis_server_freeze(server, true);
    struct draft *draft = points(0, 1, "1");
    assert_int_equal(draft_begin(draft, store), STATUS_OK);
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(draft->commit.ret_status, STATUS_UNKNOWN);
    then_error_tells("did not answer within 200 ms");
    redis_server_freeze(server, false);
    assert_int_equal(store_reopen(store), STATUS_OK);
}

static void reopening_with_commits_in_flight_makes_them_unknown(void **state)
{
    (void)state;
    redis_server_ask(server, "CLIENT PAUSE 60000 WRITE");
    struct draft *draft = points(0, 1, "1");
    assert_int_equal(draft_begin(draft, store), STATUS_OK);
    redis_server_ask(server, "CLIENT UNPAUSE");
    assert_int_equal(store_reopen(store), STATUS_OK);
    assert_int_equal(draft->commit.ret_status, STATUS_UNKNOWN);
    assert_int_equal(store_settle(store), STATUS_OK);
}

/* ---- a Redis that refuses */
static void a_full_redis_changes_nothing_and_the_same_commit_works_later(void **state)
{
    (void)state;
    then_commits(points(0, 1, "1"), STATUS_OK);
    redis_server_ask(server, "CONFIG SET maxmemory 1");
    struct draft *draft = draft_of(arena, HOME, 1, 2);
    draft_delete(draft, "c:C1");
    draft_set(draft, "c:C2", "points", "2", NULL);
    then_commits(draft, STATUS_AWAY);
    then_error_tells("maxmemory");
    then_redis_answers("1", "HGET " KEY("home") " position");
    then_redis_answers("1", "HGET " KEY("c:C1") " points");
    redis_server_ask(server, "CONFIG SET maxmemory 0");
    then_commits(draft, STATUS_OK);
}

static void a_redis_that_becomes_a_replica_is_left(void **state)
{
    (void)state;
    then_commits(points(0, 1, "1"), STATUS_OK);
    redis_server_ask(server, "REPLICAOF 127.0.0.1 1");
    struct draft *draft = points(1, 2, "2");
    assert_int_equal(draft_begin(draft, store), STATUS_OK);
    assert_int_equal(store_settle(store), STATUS_OK);
    assert_int_equal(draft->commit.ret_status, STATUS_AWAY);
    then_error_tells("replica");
    assert_int_equal(store_settle(store), STATUS_AWAY);
    assert_int_equal(store_reopen(store), STATUS_AWAY);
    then_error_tells("replica");
    redis_server_ask(server, "REPLICAOF NO ONE");
    assert_int_equal(store_reopen(store), STATUS_OK);
    then_commits(points(1, 2, "2"), STATUS_OK);
}

static void a_redis_without_its_replicas_refuses_before_any_change(void **state)
{
    (void)state;
    then_commits(points(0, 1, "1"), STATUS_OK);
    redis_server_ask(server, "CONFIG SET min-replicas-to-write 1");
    then_commits(points(1, 2, "2"), STATUS_AWAY);
    then_error_tells("min-replicas-to-write");
    redis_server_ask(server, "CONFIG SET min-replicas-to-write 0");
    then_commits(points(1, 2, "2"), STATUS_OK);
}

static void a_home_whose_commit_failed_half_way_stops_until_it_is_cleared(void **state)
{
    (void)state;
    redis_server_ask(server, "ACL SETUSER default -zadd"); /* after the opening had looked */
    struct draft *draft = draft_of(arena, HOME, 0, 1);
    draft_set(draft, "c:C1", "points", "1", NULL);
    draft_rank(draft, "due", "C1", 1);
    then_commits(draft, STATUS_CORRUPT);
    then_error_tells("half-way");
    redis_server_ask(server, "ACL SETUSER default +zadd");
    then_commits(points(0, 1, "1"), STATUS_CORRUPT);
    then_error_tells("rebuilt");
    int64_t positions[2] = {0};
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, positions), STATUS_CORRUPT);
    assert_int_equal(store_positions(store, (int32_t[]){HOME, 4}, 2, positions), STATUS_OK);
    assert_int_equal(positions[0], POSITION_BROKEN);
    assert_int_equal(positions[1], 0);
    assert_int_equal(store_clear(store, HOME), STATUS_OK);
    then_commits(draft, STATUS_OK);
}

static void a_sentence_about_a_wrong_key_names_no_customer(void **state)
{
    (void)state;
    redis_server_ask(server, "SET " KEY("c:C1") " x");
    then_commits(points(0, 1, "1"), STATUS_CORRUPT);
    then_error_tells("kind \"c\"");
    assert_null(strstr(store->error, "C1"));
    then_redis_answers("0", "EXISTS " KEY("home"));
    redis_server_ask(server, "DEL " KEY("c:C1"));
    redis_server_ask(server, "SET " KEY("home") " x");
    then_commits(points(0, 1, "1"), STATUS_CORRUPT);
    then_error_tells("kind \"home\"");
    assert_int_equal(store_clear(store, HOME), STATUS_OK);
    then_commits(points(0, 1, "1"), STATUS_OK);
}

/* ---- clearing */
static void a_clearing_that_is_found_is_finished(void **state)
{
    (void)state;
    redis_server_ask(server, "HSET " KEY("home") " position clearing policy old");
    for (int i = 0; i < 3000; i++) {
        redis_server_ask(server, "HSET " KEY("c:C%d") " points 1", i);
    }
    redis_server_ask(server, "SET " KEY("erased") " of another type");
    redis_server_ask(server, "SET loXy[a]l?:{3}:other 1"); /* what the prefix would match as a pattern */
    redis_server_ask(server, "SET lo*yal?:{3}:other 1");
    int64_t position = 0;
    assert_int_equal(store_read(store, HOME, NULL, 0, arena, &position), STATUS_OK);
    assert_int_equal(position, POSITION_CLEARING);
    then_commits(points(0, 1, "1"), STATUS_MOVED);
    assert_int_equal(store_positions(store, (int32_t[]){HOME}, 1, &position), STATUS_OK);
    assert_int_equal(position, POSITION_CLEARING);
    assert_int_equal(store_clear(store, HOME), STATUS_OK);
    then_redis_answers("3", "DBSIZE");
    then_redis_answers("position\n0", "HGETALL " KEY("home"));
}

/* ---- size */
static void a_pipeline_larger_than_every_buffer_does_not_stick(void **state)
{
    (void)state;
    store_close(store);
    store = open_store(redis_server_socket(server), 10000);
    struct field *fields = arena_alloc(arena, 500 * sizeof *fields);
    for (int i = 0; i < 500; i++) {
        fields[i] = (struct field){.name = arena_printf(arena, "field %d", i),
                                   .value = SLICE("sixty-four bytes and more, so that answers outgrow every "
                                                  "buffer that there is")};
    }
    struct draft *draft = draft_of(arena, HOME, 0, 1);
    struct change change = {.kind = CHANGE_SET, .key = SLICE("big"), .fields = fields, .field_count = 500};
    draft_change(draft, change);
    then_commits(draft, STATUS_OK);
    enum { READS = 1000 };
    struct read *reads = arena_zalloc(arena, READS * sizeof *reads);
    for (size_t i = 0; i < READS; i++) {
        reads[i] = (struct read){.kind = READ_HASH, .key = SLICE("big")};
    }
    struct draft *drafts[200];
    for (int i = 0; i < 200; i++) {
        drafts[i] = draft_of(arena, HOME, i + 1, i + 2);
        draft_change(drafts[i], change);
        assert_int_equal(draft_begin(drafts[i], store), STATUS_OK);
    }
    int64_t position = 0;
    assert_int_equal(store_read(store, HOME, reads, READS, arena, &position), STATUS_OK);
    assert_int_equal(position, 201);
    assert_int_equal(reads[READS - 1].ret_hash.field_count, 500);
    assert_int_equal(store_settle(store), STATUS_OK);
    assert_int_equal(drafts[199]->commit.ret_status, STATUS_OK);
}

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENTENCE(scripts_that_redis_forgot_are_loaded_again),
        SENTENCE(commits_in_flight_are_sent_again_in_order_and_seen_by_the_read_behind_them),
        SENTENCE(a_range_behind_a_cursor_survives_forgotten_scripts),
        SENTENCE(a_flush_between_commit_and_read_is_seen_by_the_position),
        SENTENCE(a_restart_from_a_snapshot_is_seen_by_the_position),
        SENTENCE(commits_in_flight_on_a_cut_connection_are_unknown),
        SENTENCE(a_power_failure_is_away_until_redis_is_back),
        SENTENCE(a_redis_that_hangs_is_away_after_the_time_out),
        SENTENCE(reopening_with_commits_in_flight_makes_them_unknown),
        SENTENCE(a_full_redis_changes_nothing_and_the_same_commit_works_later),
        SENTENCE(a_redis_that_becomes_a_replica_is_left),
        SENTENCE(a_redis_without_its_replicas_refuses_before_any_change),
        SENTENCE(a_home_whose_commit_failed_half_way_stops_until_it_is_cleared),
        SENTENCE(a_sentence_about_a_wrong_key_names_no_customer),
        SENTENCE(a_clearing_that_is_found_is_finished),
        SENTENCE(a_pipeline_larger_than_every_buffer_does_not_stick),
    };
    return cmocka_run_group_tests_name("the Redis store", tests, NULL, NULL);
}
