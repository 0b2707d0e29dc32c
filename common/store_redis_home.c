/* SPDX-License-Identifier: MIT */
/* What an operator asks of one home (clear it, move its position), and the lease of a process name. */
#include "common/store_redis_private.h"

#include <assert.h>
#include <stdio.h>

#define SCAN_COUNT   "1000" /* keys that Redis looks at in one call: about a millisecond */
#define LEASE_FIELDS 4      /* that a process may say of itself */

static enum status begin_clearing(struct redis_store *redis, int32_t home, struct arena *arena);
static enum status clear_scanned(struct redis_store *redis, int32_t home, struct arena *arena,
                                 const struct reply *found);
static enum status scan(struct redis_store *redis, struct slice cursor, struct slice pattern,
                        struct arena *arena, struct reply **ret_reply);
static struct slice pattern_of(struct redis_store *redis, int32_t home, struct arena *arena);
static enum status run_on_home(struct redis_store *redis, enum script script, int32_t home,
                               const struct slice *args, size_t arg_count, int64_t from);

/* Every removal is a script that looks whether the home is still being cleared: another may have finished,
 * and what it has written since is not ours to remove. New keys cannot appear meanwhile, so one scan finds
 * all. */
enum status redis_clear(struct store *store, int32_t home)
{
    struct redis_store *redis = redis_of(store);
    struct arena *arena = arena_create(64 * 1024);
    enum status status = begin_clearing(redis, home, arena);
    char cursor[24] = "0";
    bool scanned = false;
    while (status == STATUS_OK && !scanned) {
        arena_reset(arena, 64 * 1024);
        struct reply *found = NULL;
        status = scan(redis, slice_of(cursor), pattern_of(redis, home, arena), arena, &found);
        if (status == STATUS_OK) {
            snprintf(cursor, sizeof cursor, "%.*s", SLICE_ARG(found->items[0].text));
            scanned = strcmp(cursor, "0") == 0;
            status = clear_scanned(redis, home, arena, &found->items[1]);
        }
    }
    if (status == STATUS_OK) {
        status = run_on_home(redis, SCRIPT_CLEAR_END, home, NULL, 0, POSITION_CLEARING);
    }
    arena_destroy(arena);
    return status;
}

enum status redis_place(struct store *store, int32_t home, int64_t from, int64_t to)
{
    assert(to >= 0);
    char texts[2][24];
    snprintf(texts[0], sizeof texts[0], "%lld", (long long)from);
    snprintf(texts[1], sizeof texts[1], "%lld", (long long)to);
    struct slice args[] = {slice_of(texts[0]), slice_of(texts[1])};
    return run_on_home(redis_of(store), SCRIPT_PLACE, home, args, 2, from);
}

enum status store_redis_lease(struct store *store, const char *process, const char *token, bool take_over,
                              const struct field *says, size_t count, char *ret_other)
{
    assert(count <= LEASE_FIELDS);
    struct redis_store *redis = redis_of(store);
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK) {
        return status;
    }
    struct slice key = redis_note_key(redis, "lease", process);
    struct slice args[4 + 2 * LEASE_FIELDS];
    size_t arg_count = 0;
    args[arg_count++] = take_over ? SLICE("1") : SLICE("0");
    args[arg_count++] = SLICE("token");
    args[arg_count++] = slice_of(token);
    for (size_t i = 0; i < count; i++) {
        args[arg_count++] = says[i].name;
        args[arg_count++] = says[i].value;
    }
    struct reply *reply = NULL;
    status = redis_run(redis, SCRIPT_LEASE, &key, 1, args, arg_count, &reply);
    if (status != STATUS_OK || redis_answered(reply, "ok")) {
        return status;
    }
    snprintf(ret_other, 128, "%s", redis_detail(reply).data);
    redis_say(redis, "the name \"%.80s\" belongs to another process", process);
    return STATUS_BUSY;
}

enum status store_redis_lease_release(struct store *store, const char *process, const char *token)
{
    struct redis_store *redis = redis_of(store);
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK) {
        return status;
    }
    struct slice key = redis_note_key(redis, "lease", process);
    struct slice args[] = {slice_of(token)};
    struct reply *reply = NULL;
    return redis_run(redis, SCRIPT_LEASE_RELEASE, &key, 1, args, 1, &reply);
}

static enum status run_on_home(struct redis_store *redis, enum script script, int32_t home,
                               const struct slice *args, size_t arg_count, int64_t from)
{
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK) {
        return status;
    }
    struct slice key = redis_home_key(redis, home, SLICE("home"));
    struct reply *reply = NULL;
    status = redis_run(redis, script, &key, 1, args, arg_count, &reply);
    if (status == STATUS_OK && redis_answered(reply, "moved")) {
        status = redis_moved(redis, home, from, redis_detail(reply));
    }
    return status;
}

static enum status scan(struct redis_store *redis, struct slice cursor, struct slice pattern,
                        struct arena *arena, struct reply **ret_reply)
{
    struct buf *out = link_out(redis->link);
    put_count(out, 6);
    put_text(out, "SCAN");
    put_slice(out, cursor);
    put_text(out, "MATCH");
    put_slice(out, pattern);
    put_text(out, "COUNT");
    put_text(out, SCAN_COUNT);
    struct reply *reply = NULL;
    enum status status = redis_ask(redis, arena, &reply);
    if (status != STATUS_OK) {
        return status;
    }
    if (reply->kind != REPLY_LIST || reply->count != 2 || reply->items[1].kind != REPLY_LIST) {
        return redis_lose(redis, "Redis gave an answer to SCAN that cannot be read");
    }
    *ret_reply = reply;
    return STATUS_OK;
}

static enum status begin_clearing(struct redis_store *redis, int32_t home, struct arena *arena)
{
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK) {
        return status;
    }
    struct slice keys[] = {arena_copy(arena, redis_home_key(redis, home, SLICE("home"))),
                           arena_copy(arena, redis_home_key(redis, home, SLICE(STORE_KEPT)))};
    struct reply *reply = NULL;
    return redis_run(redis, SCRIPT_CLEAR_BEGIN, keys, 2, NULL, 0, &reply);
}

static enum status clear_scanned(struct redis_store *redis, int32_t home, struct arena *arena,
                                 const struct reply *found)
{
    struct slice home_key = arena_copy(arena, redis_home_key(redis, home, SLICE("home")));
    struct slice kept_key = arena_copy(arena, redis_home_key(redis, home, SLICE(STORE_KEPT)));
    struct slice *keys = arena_alloc(arena, (found->count + 1) * sizeof *keys);
    size_t count = 0;
    keys[count++] = home_key;
    for (size_t i = 0; i < found->count; i++) {
        struct slice key = found->items[i].text;
        if (!slice_equal(key, home_key) && !slice_equal(key, kept_key)) {
            keys[count++] = key;
        }
    }
    /* a bucket of Redis' table can make SCAN give a few more than it was asked for; Lua unpacks thousands */
    struct reply *reply = NULL;
    enum status status =
        count > 1 ? redis_run(redis, SCRIPT_CLEAR_SOME, keys, count, NULL, 0, &reply) : STATUS_OK;
    if (status == STATUS_OK && count > 1 && redis_answered(reply, "moved")) {
        status = redis_moved(redis, home, POSITION_CLEARING, redis_detail(reply));
    }
    return status;
}

/* All keys of a home, with the prefix' own glob characters escaped. */
static struct slice pattern_of(struct redis_store *redis, int32_t home, struct arena *arena)
{
    struct slice key = redis_home_key(redis, home, SLICE(""));
    char *pattern = arena_alloc(arena, 2 * key.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] != '\0' && strchr("*?[]\\", key.data[i]) != NULL) {
            pattern[len++] = '\\';
        }
        pattern[len++] = key.data[i];
    }
    pattern[len++] = '*';
    return (struct slice){.data = pattern, .len = len};
}
