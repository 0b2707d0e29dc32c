/* SPDX-License-Identifier: MIT */
/* The Redis store's reads, positions and notes, and the requests that the other files of it share. A call
 * first takes the answers of the commits begun before it, for they come first on the connection. */
#include "common/store_redis_private.h"

#include <assert.h>
#include <stdlib.h>

#define READ_ATTEMPTS 3

static enum status redis_read(struct store *store, int32_t home, struct read *reads, size_t count,
                              struct arena *arena, int64_t *ret_position);
static enum status redis_positions(struct store *store, const int32_t *homes, size_t count,
                                   int64_t *ret_positions);
static enum status redis_note_get(struct store *store, const char *name, struct arena *arena,
                                  struct hash *ret_hash);
static enum status redis_note_set(struct store *store, const char *name, const struct field *fields,
                                  size_t count);
static enum status redis_note_unset(struct store *store, const char *name, const struct slice *fields,
                                    size_t count);
static void put_read(struct redis_store *redis, struct buf *out, int32_t home, const struct read *read);
static void put_position(struct redis_store *redis, struct buf *out, int32_t home);
static enum status take_reads(struct redis_store *redis, struct read *reads, size_t count,
                              struct arena *arena, bool *ret_forgot);
static enum status take_position(struct redis_store *redis, int32_t home, int64_t *ret_position);
static enum status take_read(struct redis_store *redis, const struct reply *reply, struct read *read,
                             struct arena *arena);
static enum status unexpected(struct redis_store *redis);
static enum status hash_of_reply(struct redis_store *redis, const struct reply *reply, struct arena *arena,
                                 struct hash *ret_hash);
static enum status ranking_of_reply(struct redis_store *redis, const struct reply *reply, int64_t max_score,
                                    struct arena *arena, struct ranking *ret_ranking);
static enum status entry_of_reply(struct redis_store *redis, const struct reply *reply, struct slice member,
                                  struct arena *arena, struct ranking *ret_ranking);
static enum status bad_score(struct redis_store *redis);

const struct store_ops redis_ops = {
    .close = redis_close,
    .reopen = redis_reopen,
    .read = redis_read,
    .commit = redis_commit,
    .settle = redis_settle,
    .clear = redis_clear,
    .place = redis_place,
    .positions = redis_positions,
    .note_get = redis_note_get,
    .note_set = redis_note_set,
    .note_unset = redis_note_unset,
};

static enum status redis_read(struct store *store, int32_t home, struct read *reads, size_t count,
                              struct arena *arena, int64_t *ret_position)
{
    struct redis_store *redis = redis_of(store);
    if (redis->link == NULL) {
        return STATUS_AWAY;
    }
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        for (size_t i = 0; i < count; i++) {
            put_read(redis, link_out(redis->link), home, &reads[i]);
        }
        put_position(redis, link_out(redis->link), home);
        enum status status = redis_take_answers(redis);
        bool forgot = false;
        if (status == STATUS_OK) {
            status = take_reads(redis, reads, count, arena, &forgot);
        }
        int64_t position = 0;
        if (redis->link == NULL) {
            return STATUS_AWAY;
        }
        enum status at = take_position(redis, home, &position);
        if (redis->link == NULL) {
            return STATUS_AWAY;
        }
        if (!forgot && redis->refused == 0) {
            status = status != STATUS_OK ? status : at;
            if (status == STATUS_OK) {
                *ret_position = position;
            }
            return status;
        }
        /* begun commits have not happened yet, or a ranking's script is gone: load, send, read anew */
        status = redis->refused > 0 ? redis_drain(redis) : redis_load_scripts(redis);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return redis_lose(redis, "Redis forgets its scripts as soon as they are loaded");
}

static enum status redis_positions(struct store *store, const int32_t *homes, size_t count,
                                   int64_t *ret_positions)
{
    struct redis_store *redis = redis_of(store);
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        put_position(redis, link_out(redis->link), homes[i]);
    }
    for (size_t i = 0; i < count; i++) {
        enum status one = take_position(redis, homes[i], &ret_positions[i]);
        if (redis->link == NULL) {
            return STATUS_AWAY;
        }
        if (one == STATUS_CORRUPT) { /* one home's trouble is not the others' */
            ret_positions[i] = POSITION_BROKEN;
        } else if (one != STATUS_OK) {
            status = one;
        }
    }
    return status;
}

/* ---- notes */
static enum status redis_note_get(struct store *store, const char *name, struct arena *arena,
                                  struct hash *ret_hash)
{
    struct redis_store *redis = redis_of(store);
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK) {
        return status;
    }
    struct buf *out = link_out(redis->link);
    put_count(out, 2);
    put_text(out, "HGETALL");
    put_slice(out, redis_note_key(redis, name, NULL));
    struct reply *reply = NULL;
    status = redis_ask(redis, arena, &reply);
    return status == STATUS_OK ? hash_of_reply(redis, reply, arena, ret_hash) : status;
}

static enum status redis_note_set(struct store *store, const char *name, const struct field *fields,
                                  size_t count)
{
    struct redis_store *redis = redis_of(store);
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK || count == 0) {
        return status;
    }
    struct buf *out = link_out(redis->link);
    put_count(out, 2 + 2 * count);
    put_text(out, "HSET");
    put_slice(out, redis_note_key(redis, name, NULL));
    for (size_t i = 0; i < count; i++) {
        put_slice(out, fields[i].name);
        put_slice(out, fields[i].value);
    }
    return redis_ask(redis, NULL, NULL);
}

static enum status redis_note_unset(struct store *store, const char *name, const struct slice *fields,
                                    size_t count)
{
    struct redis_store *redis = redis_of(store);
    enum status status = redis_be_quiet(redis);
    if (status != STATUS_OK || count == 0) {
        return status;
    }
    struct buf *out = link_out(redis->link);
    put_count(out, 2 + count);
    put_text(out, "HDEL");
    put_slice(out, redis_note_key(redis, name, NULL));
    for (size_t i = 0; i < count; i++) {
        put_slice(out, fields[i]);
    }
    return redis_ask(redis, NULL, NULL);
}

/* ---- reading */
static bool needs_no_answer(const struct read *read)
{
    return read->kind == READ_RANKS &&
           (read->limit == 0 || (read->after_member.data != NULL && read->after_score > read->max_score));
}

static void put_read(struct redis_store *redis, struct buf *out, int32_t home, const struct read *read)
{
    if (needs_no_answer(read)) {
        return;
    }
    struct slice key = redis_home_key(redis, home, read->key);
    if (read->kind == READ_HASH) {
        put_count(out, 2);
        put_text(out, "HGETALL");
        put_slice(out, key);
    } else if (read->kind == READ_SCORE) {
        put_count(out, 3);
        put_text(out, "ZSCORE");
        put_slice(out, key);
        put_slice(out, read->after_member);
    } else if (read->after_member.data == NULL) {
        put_count(out, 8);
        put_text(out, "ZRANGEBYSCORE");
        put_slice(out, key);
        put_text(out, "-inf");
        put_number(out, read->max_score);
        put_text(out, "WITHSCORES");
        put_text(out, "LIMIT");
        put_text(out, "0");
        put_number(out, (int64_t)read->limit);
    } else {
        redis_put_script(redis, out, SCRIPT_RANKS, 1, 3);
        put_slice(out, key);
        put_number(out, read->after_score);
        put_slice(out, read->after_member);
        put_number(out, (int64_t)read->limit);
    }
}

static void put_position(struct redis_store *redis, struct buf *out, int32_t home)
{
    put_count(out, 3);
    put_text(out, "HGET");
    put_slice(out, redis_home_key(redis, home, SLICE("home")));
    put_text(out, "position");
}

/* Every answer is taken, also after one that is bad: the next call's must be the next on the connection. */
static enum status take_reads(struct redis_store *redis, struct read *reads, size_t count,
                              struct arena *arena, bool *ret_forgot)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        reads[i].ret_hash = (struct hash){0};
        reads[i].ret_ranking = (struct ranking){0};
        if (needs_no_answer(&reads[i])) {
            continue;
        }
        struct reply *reply = link_next(redis->link, arena);
        if (reply == NULL) {
            return redis_lose(redis, link_error(redis->link));
        }
        if (redis_forgot_script(reply)) {
            *ret_forgot = true;
            continue;
        }
        enum status one = take_read(redis, reply, &reads[i], arena);
        status = status != STATUS_OK ? status : one;
    }
    return status;
}

static enum status take_read(struct redis_store *redis, const struct reply *reply, struct read *read,
                             struct arena *arena)
{
    if (reply->kind == REPLY_ERROR) {
        return redis_refused(redis, reply->text);
    }
    switch (read->kind) {
    case READ_HASH:
        return hash_of_reply(redis, reply, arena, &read->ret_hash);
    case READ_RANKS:
        return ranking_of_reply(redis, reply, read->max_score, arena, &read->ret_ranking);
    case READ_SCORE:
        return entry_of_reply(redis, reply, read->after_member, arena, &read->ret_ranking);
    }
    return unexpected(redis);
}

static enum status take_position(struct redis_store *redis, int32_t home, int64_t *ret_position)
{
    struct reply *reply = link_next(redis->link, redis->scratch);
    if (reply == NULL) {
        return redis_lose(redis, link_error(redis->link));
    }
    if (reply->kind == REPLY_ERROR) {
        return redis_refused(redis, reply->text);
    }
    int64_t position = 0;
    if (reply->kind == REPLY_TEXT && slice_is(reply->text, "clearing")) {
        position = POSITION_CLEARING;
    } else if (reply->kind != REPLY_NIL &&
               (reply->kind != REPLY_TEXT || !parse_int(reply->text, &position) || position < 0)) {
        redis_say(redis,
                  "home %d must be rebuilt: its position is no number (a commit failed half-way, or "
                  "something else writes under the prefix)",
                  (int)home);
        return STATUS_CORRUPT;
    }
    *ret_position = position;
    return STATUS_OK;
}

static enum status hash_of_reply(struct redis_store *redis, const struct reply *reply, struct arena *arena,
                                 struct hash *ret_hash)
{
    if (reply->kind != REPLY_LIST || reply->count % 2 != 0) {
        return unexpected(redis);
    }
    struct hash hash = {.field_count = reply->count / 2};
    hash.fields = hash.field_count > 0 ? arena_alloc(arena, hash.field_count * sizeof *hash.fields) : NULL;
    for (size_t i = 0; i < hash.field_count; i++) {
        hash.fields[i] =
            (struct field){.name = reply->items[2 * i].text, .value = reply->items[2 * i + 1].text};
    }
    *ret_hash = hash;
    return STATUS_OK;
}

/* Redis 7.2 and later write large scores as 1.7e+12. */
static bool parse_score(struct slice text, int64_t *ret_score)
{
    if (parse_int(text, ret_score)) {
        return true;
    }
    char *end = NULL;
    double score = strtod(text.data, &end);
    if (text.len == 0 || end != text.data + text.len || !(score >= -9.2e18 && score <= 9.2e18)) {
        return false;
    }
    *ret_score = (int64_t)score;
    return true;
}

static enum status ranking_of_reply(struct redis_store *redis, const struct reply *reply, int64_t max_score,
                                    struct arena *arena, struct ranking *ret_ranking)
{
    if (reply->kind != REPLY_LIST || reply->count % 2 != 0) {
        return unexpected(redis);
    }
    size_t count = reply->count / 2;
    struct ranking ranking = {0};
    ranking.entries = count > 0 ? arena_alloc(arena, count * sizeof *ranking.entries) : NULL;
    for (size_t i = 0; i < count; i++) {
        struct ranked *entry = &ranking.entries[i];
        entry->member = reply->items[2 * i].text;
        if (!parse_score(reply->items[2 * i + 1].text, &entry->score)) {
            return bad_score(redis);
        }
        if (entry->score > max_score) {
            break;
        }
        ranking.count++;
    }
    *ret_ranking = ranking;
    return STATUS_OK;
}

static enum status entry_of_reply(struct redis_store *redis, const struct reply *reply, struct slice member,
                                  struct arena *arena, struct ranking *ret_ranking)
{
    if (reply->kind == REPLY_NIL) {
        return STATUS_OK;
    }
    struct ranked *entry = arena_alloc(arena, sizeof *entry);
    entry->member = member;
    if (reply->kind != REPLY_TEXT || !parse_score(reply->text, &entry->score)) {
        return bad_score(redis);
    }
    *ret_ranking = (struct ranking){.entries = entry, .count = 1};
    return STATUS_OK;
}

static enum status bad_score(struct redis_store *redis)
{
    redis_say(redis, "a ranking holds a score that loyald does not write");
    return STATUS_CORRUPT;
}

static enum status unexpected(struct redis_store *redis)
{
    redis_say(redis, "Redis gave an answer of another form than was asked for");
    return STATUS_CORRUPT;
}
