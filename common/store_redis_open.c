/* SPDX-License-Identifier: MIT */
/* Opening the Redis store, the first time and again: connecting, logging in, and checking that this server is
 * one on which the promise holds. */
#include "common/store_redis_private.h"

#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define VERSION_LEAST        7
#define LISTPACK_VALUE_LEAST 64
#define LISTPACK_ENTRY_LEAST 128

static enum status connect_server(struct redis_store *redis, bool again, char *warning);
static enum status log_in(struct redis_store *redis);
static enum status check_server(struct redis_store *redis, bool again);
static enum status check_rights(struct redis_store *redis, bool again);
static enum status check_settings(struct redis_store *redis, char *warning);
static bool prefix_is_plain(const char *prefix);
static char *copy_of(const char *text);

enum status store_redis_open(const struct store_redis_options *options, char *ret_warning, char *ret_error,
                             struct store **ret_store)
{
    if (!prefix_is_plain(options->prefix)) {
        snprintf(ret_error, 256, "the prefix of the Redis keys must not be empty and must not hold { or }");
        return STATUS_FATAL;
    }
    if (!link_knows_address(options->address)) {
        snprintf(ret_error, 256,
                 "the address of Redis is \"%.150s\": write it as host:port, or as a socket's path",
                 options->address);
        return STATUS_FATAL;
    }
    struct redis_store *redis = mem_zalloc(sizeof *redis);
    redis->store.ops = &redis_ops;
    redis->address = copy_of(options->address);
    redis->user = copy_of(options->user);
    redis->password = copy_of(options->password);
    redis->prefix = copy_of(options->prefix);
    redis->database = options->database;
    redis->connect_timeout_ms = options->connect_timeout_ms;
    redis->timeout_ms = options->timeout_ms;
    redis->scratch = arena_create(16 * 1024);
    char warning[256] = "";
    enum status status = connect_server(redis, false, warning);
    if (status != STATUS_OK) {
        snprintf(ret_error, 256, "%s", redis->store.error);
        redis_close(&redis->store);
        return status;
    }
    snprintf(ret_warning, 256, "%s", warning);
    *ret_store = &redis->store;
    return STATUS_OK;
}

enum status redis_reopen(struct store *store)
{
    struct redis_store *redis = redis_of(store);
    (void)redis_lose(redis, NULL);
    char warning[256] = "";
    return connect_server(redis, true, warning);
}

/* Leaves begun commits alone: their owner may be gone. */
void redis_close(struct store *store)
{
    struct redis_store *redis = redis_of(store);
    link_close(redis->link);
    mem_free(redis->begun);
    arena_destroy(redis->scratch);
    buf_done(&redis->key);
    buf_done(&redis->keys);
    buf_done(&redis->args);
    buf_done(&redis->packed);
    mem_free(redis->address);
    mem_free(redis->user);
    mem_free(redis->password);
    mem_free(redis->prefix);
    mem_free(redis);
}

static enum status connect_server(struct redis_store *redis, bool again, char *warning)
{
    redis->link = link_open(redis->address, redis->connect_timeout_ms, redis->timeout_ms, redis->store.error);
    if (redis->link == NULL) {
        return STATUS_AWAY;
    }
    arena_reset(redis->scratch, 0);
    enum status status = log_in(redis);
    if (status == STATUS_OK) {
        status = check_server(redis, again);
    }
    if (status == STATUS_OK) {
        status = redis_load_scripts(redis);
    }
    if (status == STATUS_OK) {
        status = check_rights(redis, again);
    }
    if (status == STATUS_OK) {
        status = check_settings(redis, warning);
    }
    if (status != STATUS_OK && redis->link != NULL) {
        (void)redis_lose(redis, NULL);
    }
    return status;
}

static enum status log_in(struct redis_store *redis)
{
    struct buf *out = link_out(redis->link);
    if (redis->password != NULL) {
        put_count(out, redis->user != NULL ? 3 : 2);
        put_text(out, "AUTH");
        if (redis->user != NULL) {
            put_text(out, redis->user);
        }
        put_text(out, redis->password);
        enum status status = redis_ask(redis, NULL, NULL);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (redis->database == 0) {
        return STATUS_OK;
    }
    put_count(out, 2);
    put_text(out, "SELECT");
    put_number(out, redis->database);
    return redis_ask(redis, NULL, NULL);
}

/* ---- what the server says of itself */
static struct slice info_value(struct slice info, const char *name)
{
    const char *at = strstr(info.data, name);
    while (at != NULL && at != info.data && at[-1] != '\n') {
        at = strstr(at + 1, name);
    }
    if (at == NULL) {
        return (struct slice){0};
    }
    at += strlen(name);
    return (struct slice){.data = at, .len = strcspn(at, "\r\n")};
}

static enum status check_version(struct redis_store *redis, struct slice version)
{
    if (version.data == NULL || atoi(version.data) < VERSION_LEAST) {
        redis_say(redis, "Redis at %.100s is version %.*s; loyald needs Redis 7 or Valkey 8 or later",
                  redis->address, version.len < 20 ? (int)version.len : 20,
                  version.data != NULL ? version.data : "");
        return STATUS_FATAL;
    }
    return STATUS_OK;
}

/* While a failover goes on, the address may for a moment lead to a replica: that is no reason to stop a
 * daemon which has been running. */
static enum status check_server(struct redis_store *redis, bool again)
{
    struct buf *out = link_out(redis->link);
    put_count(out, 1);
    put_text(out, "INFO");
    struct reply *reply = NULL;
    enum status status = redis_ask(redis, NULL, &reply);
    if (status != STATUS_OK) {
        return status;
    }
    if (reply->kind != REPLY_TEXT) {
        redis_say(redis, "what answers at %.100s is not Redis", redis->address);
        return STATUS_FATAL;
    }
    if (slice_is(info_value(reply->text, "loading:"), "1")) {
        redis_say(redis, "Redis at %.100s is still loading its data", redis->address);
        return STATUS_AWAY;
    }
    if (!slice_is(info_value(reply->text, "role:"), "master")) {
        redis_say(redis, "Redis at %.100s is a replica and takes no writes: give the address of the primary",
                  redis->address);
        return again ? STATUS_AWAY : STATUS_FATAL;
    }
    struct slice policy = info_value(reply->text, "maxmemory_policy:");
    if (!slice_is(policy, "noeviction")) {
        redis_say(redis,
                  "Redis at %.100s would drop customers when memory is short: set its maxmemory-policy to "
                  "noeviction (it is %.*s)",
                  redis->address, policy.len < 40 ? (int)policy.len : 40,
                  policy.data != NULL ? policy.data : "");
        return STATUS_FATAL;
    }
    return check_version(redis, info_value(reply->text, "redis_version:"));
}

/* A commit whose later write is forbidden would fail half-way. Other refusals, as for want of memory, pass by
 * at first: loyalctl only reads, and loyald must write its lease, which says the same. A worker that was
 * refused waits until they have passed. */
static enum status check_rights(struct redis_store *redis, bool again)
{
    struct slice key = redis_home_key(redis, 0, SLICE("probe"));
    struct reply *reply = NULL;
    enum status status = redis_run(redis, SCRIPT_PROBE, &key, 1, NULL, 0, &reply);
    return again || status == STATUS_FATAL || redis->link == NULL ? status : STATUS_OK;
}

static void check_least(const struct reply *reply, const char *name, int64_t least, char *warning)
{
    for (size_t i = 0; i + 1 < reply->count; i += 2) {
        int64_t value = 0;
        if (slice_is(reply->items[i].text, name) && parse_int(reply->items[i + 1].text, &value) &&
            value < least) {
            size_t len = strlen(warning);
            snprintf(warning + len, 256 - len, "%s%s of Redis is %lld: at least %lld saves memory",
                     len > 0 ? "; " : "", name, (long long)value, (long long)least);
        }
    }
}

static enum status check_settings(struct redis_store *redis, char *warning)
{
    struct buf *out = link_out(redis->link);
    put_count(out, 3);
    put_text(out, "CONFIG");
    put_text(out, "GET");
    put_text(out, "hash-max-listpack-*");
    struct reply *reply = NULL;
    enum status status = redis_ask(redis, NULL, &reply);
    if (redis->link == NULL) {
        return status;
    }
    if (status != STATUS_OK || reply->kind != REPLY_LIST) {
        snprintf(warning, 256,
                 "Redis does not allow CONFIG GET: hash-max-listpack-value and -entries are not checked");
        return STATUS_OK;
    }
    check_least(reply, "hash-max-listpack-value", LISTPACK_VALUE_LEAST, warning);
    check_least(reply, "hash-max-listpack-entries", LISTPACK_ENTRY_LEAST, warning);
    return STATUS_OK;
}

/* Braces in the prefix would be the hash tag instead of the home. */
static bool prefix_is_plain(const char *prefix)
{
    return prefix[0] != '\0' && strpbrk(prefix, "{}") == NULL;
}

static char *copy_of(const char *text)
{
    return text != NULL ? mem_strdup(text) : NULL;
}
