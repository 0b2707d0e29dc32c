/* SPDX-License-Identifier: MIT */
/* What the files of the Redis store need to ask one thing: its parts, its answer, script calls, keys. */
#include "common/store_redis_private.h"

#include <assert.h>

#define SCRATCH_KEEP_BYTES (1024 * 1024)

enum status redis_ask(struct redis_store *redis, struct arena *arena, struct reply **ret_reply)
{
    struct reply *reply = link_next(redis->link, arena != NULL ? arena : redis->scratch);
    if (reply == NULL) {
        return redis_lose(redis, link_error(redis->link));
    }
    if (reply->kind == REPLY_ERROR && !redis_forgot_script(reply)) {
        enum status status = redis_refused(redis, reply->text);
        if (redis->demoted) {
            (void)redis_lose(redis, NULL);
        }
        return status;
    }
    if (ret_reply != NULL) {
        *ret_reply = reply;
    }
    return STATUS_OK;
}

enum status redis_run(struct redis_store *redis, enum script script, const struct slice *keys,
                      size_t key_count, const struct slice *args, size_t arg_count, struct reply **ret_reply)
{
    enum status status = STATUS_OK;
    for (int attempt = 0; status == STATUS_OK; attempt++) {
        arena_reset(redis->scratch, SCRATCH_KEEP_BYTES);
        struct buf *out = link_out(redis->link);
        redis_put_script(redis, out, script, key_count, arg_count);
        for (size_t i = 0; i < key_count; i++) {
            put_slice(out, keys[i]);
        }
        for (size_t i = 0; i < arg_count; i++) {
            put_slice(out, args[i]);
        }
        struct reply *reply = NULL;
        status = redis_ask(redis, NULL, &reply);
        if (status == STATUS_OK && !redis_forgot_script(reply)) {
            *ret_reply = reply;
            return STATUS_OK;
        }
        if (status == STATUS_OK && attempt > 0) {
            return redis_lose(redis, "Redis forgets its scripts as soon as they are loaded");
        }
        if (status == STATUS_OK) {
            status = redis_load_scripts(redis);
        }
    }
    return status;
}

void redis_put_script(struct redis_store *redis, struct buf *out, enum script script, size_t key_count,
                      size_t arg_count)
{
    put_count(out, 3 + key_count + arg_count);
    put_text(out, "EVALSHA");
    put_text(out, redis->sha[script]);
    put_number(out, (int64_t)key_count);
}

enum status redis_load_scripts(struct redis_store *redis)
{
    struct buf *out = link_out(redis->link);
    for (int i = 0; i < SCRIPT_COUNT; i++) {
        put_count(out, 3);
        put_text(out, "SCRIPT");
        put_text(out, "LOAD");
        put_text(out, script_text((enum script)i));
    }
    enum status status = STATUS_OK;
    for (int i = 0; i < SCRIPT_COUNT; i++) {
        struct reply *reply = NULL;
        enum status one = redis_ask(redis, NULL, &reply);
        if (redis->link == NULL) {
            return one;
        }
        if (one == STATUS_OK && reply->kind == REPLY_TEXT && reply->text.len == sizeof redis->sha[i] - 1) {
            memcpy(redis->sha[i], reply->text.data, sizeof redis->sha[i]);
        } else if (status == STATUS_OK) {
            status = one != STATUS_OK ? one : STATUS_FATAL;
        }
    }
    return status;
}

void put_count(struct buf *out, size_t arguments)
{
    buf_char(out, '*');
    buf_int(out, (int64_t)arguments);
    buf_add(out, "\r\n", 2);
}

void put_slice(struct buf *out, struct slice s)
{
    /* written from the right: "$len\r\n" */
    char head[24];
    char *at = head + sizeof head;
    *--at = '\n';
    *--at = '\r';
    size_t rest = s.len;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    *--at = '$';
    buf_add(out, at, (size_t)(head + sizeof head - at));
    if (s.len > 0) {
        buf_add(out, s.data, s.len);
    }
    buf_add(out, "\r\n", 2);
}

void put_text(struct buf *out, const char *text)
{
    put_slice(out, slice_of(text));
}

void put_number(struct buf *out, int64_t number)
{
    char text[24];
    put_slice(out, number_text(number, text));
}

struct slice number_text(int64_t number, char text[24])
{
    char *at = text + 24;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        *--at = '-';
    }
    return (struct slice){.data = at, .len = (size_t)(text + 24 - at)};
}

bool redis_answered(const struct reply *reply, const char *word)
{
    return reply->kind == REPLY_LIST && reply->count > 0 && reply->items[0].kind == REPLY_TEXT &&
           slice_is(reply->items[0].text, word);
}

struct slice redis_detail(const struct reply *reply)
{
    bool there = reply->kind == REPLY_LIST && reply->count > 1 && reply->items[1].kind == REPLY_TEXT;
    return there ? reply->items[1].text : SLICE("");
}

enum status redis_moved(struct redis_store *redis, int32_t home, int64_t from, struct slice actual)
{
    if (slice_is(actual, "broken")) {
        redis_say(redis, "home %d must be rebuilt: a commit failed half-way", (int)home);
        return STATUS_CORRUPT;
    }
    redis_say(redis, "home %d stands at %.*s, not at %lld: another has written, or a write was lost",
              (int)home, actual.len < 40 ? (int)actual.len : 40, actual.data, (long long)from);
    return STATUS_MOVED;
}

struct slice redis_home_key(struct redis_store *redis, int32_t home, struct slice key)
{
    buf_reset(&redis->key);
    buf_text(&redis->key, redis->prefix);
    buf_add(&redis->key, ":{", 2);
    buf_int(&redis->key, home);
    buf_add(&redis->key, "}:", 2);
    buf_slice(&redis->key, key);
    return buf_view(&redis->key);
}

struct slice redis_note_key(struct redis_store *redis, const char *name, const char *rest)
{
    buf_reset(&redis->key);
    buf_text(&redis->key, redis->prefix);
    buf_char(&redis->key, ':');
    buf_text(&redis->key, name);
    if (rest != NULL) {
        buf_char(&redis->key, ':');
        buf_text(&redis->key, rest);
    }
    return buf_view(&redis->key);
}

/* The rest may be a customer's id, which belongs into no log. */
struct slice redis_key_kind(struct redis_store *redis, int32_t home, struct slice key)
{
    size_t before = redis_home_key(redis, home, SLICE("")).len;
    size_t len = before;
    while (len < key.len && key.data[len] != ':') {
        len++;
    }
    return before <= key.len ? (struct slice){.data = key.data + before, .len = len - before} : SLICE("");
}
