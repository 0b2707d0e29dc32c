/* SPDX-License-Identifier: MIT */
/* Commits in flight: begun without waiting, answered in order. When Redis has forgotten the script (a
 * restart, a failover, SCRIPT FLUSH) it has run none of what it answers NOSCRIPT to, so those commits are
 * sent again in their order as soon as the answers of all others are in; what was read meanwhile is read anew
 * (store_redis.c). */
#include "common/store_redis_private.h"

#include "common/mem.h"

#include <stdio.h>

#define UNSENT_KEEP_BYTES  (256 * 1024) /* may wait for the kernel when a commit returns */
#define SCRATCH_KEEP_BYTES (1024 * 1024)
#define SEND_ATTEMPTS      3

static enum status send_again(struct redis_store *redis);
static enum status status_of_answer(struct redis_store *redis, const struct commit *commit,
                                    const struct reply *reply);

enum status redis_commit(struct store *store, struct commit *commit)
{
    struct redis_store *redis = redis_of(store);
    commit->ret_status = STATUS_UNKNOWN;
    if (redis->link == NULL) {
        return STATUS_AWAY;
    }
    arena_reset(redis->scratch, SCRATCH_KEEP_BYTES);
    MEM_GROW(redis->begun, redis->begun_count, redis->begun_capacity);
    redis->begun[redis->begun_count++] = commit;
    redis_encode_commit(redis, commit, link_out(redis->link));
    if (!link_send(redis->link, UNSENT_KEEP_BYTES)) {
        return redis_lose(redis, link_error(redis->link));
    }
    return STATUS_OK;
}

enum status redis_settle(struct store *store)
{
    struct redis_store *redis = redis_of(store);
    if (redis->link == NULL) {
        return STATUS_AWAY;
    }
    enum status status = redis_drain(redis);
    if (status == STATUS_OK && redis->demoted) {
        (void)redis_lose(redis, NULL);
    }
    return status;
}

enum status redis_drain(struct redis_store *redis)
{
    for (int attempt = 0; attempt < SEND_ATTEMPTS; attempt++) {
        enum status status = redis_take_answers(redis);
        if (status != STATUS_OK || redis->refused == 0) {
            return status;
        }
        status = send_again(redis);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return redis_lose(redis, "Redis forgets its scripts as soon as they are loaded");
}

enum status redis_be_quiet(struct redis_store *redis)
{
    return redis->link != NULL ? redis_drain(redis) : STATUS_AWAY;
}

enum status redis_take_answers(struct redis_store *redis)
{
    arena_reset(redis->scratch, SCRATCH_KEEP_BYTES);
    while (redis->answered < redis->begun_count) {
        struct reply *reply = link_next(redis->link, redis->scratch);
        if (reply == NULL) {
            return redis_lose(redis, link_error(redis->link));
        }
        struct commit *commit = redis->begun[redis->answered++];
        if (redis_forgot_script(reply)) {
            redis->begun[redis->refused++] = commit;
        } else {
            commit->ret_status = status_of_answer(redis, commit, reply);
            if (commit->ret_status != STATUS_OK) {
                snprintf(commit->ret_why, sizeof commit->ret_why, "%s", redis->store.error);
            }
        }
    }
    redis->begun_count = redis->answered = redis->refused;
    return STATUS_OK;
}

enum status redis_lose(struct redis_store *redis, const char *why)
{
    if (why != NULL) {
        redis_say(redis, "%s", why);
    }
    for (size_t i = 0; i < redis->begun_count; i++) {
        if (i < redis->refused || i >= redis->answered) {
            redis->begun[i]->ret_status = STATUS_UNKNOWN;
        }
    }
    redis->begun_count = redis->answered = redis->refused = 0;
    redis->demoted = false;
    link_close(redis->link);
    redis->link = NULL;
    return STATUS_AWAY;
}

static enum status send_again(struct redis_store *redis)
{
    enum status status = redis_load_scripts(redis);
    if (status != STATUS_OK) {
        return redis->link != NULL ? redis_lose(redis, NULL) : status;
    }
    redis->answered = redis->refused = 0;
    for (size_t i = 0; i < redis->begun_count; i++) {
        redis_encode_commit(redis, redis->begun[i], link_out(redis->link));
    }
    return link_send(redis->link, 0) ? STATUS_OK : redis_lose(redis, link_error(redis->link));
}

static enum status status_of_answer(struct redis_store *redis, const struct commit *commit,
                                    const struct reply *reply)
{
    if (reply->kind == REPLY_ERROR) {
        return redis_refused(redis, reply->text);
    }
    if (redis_answered(reply, "ok")) {
        return STATUS_OK;
    }
    struct slice detail = redis_detail(reply);
    if (redis_answered(reply, "moved")) {
        return redis_moved(redis, commit->home, commit->from, detail);
    }
    if (redis_answered(reply, "wrongtype")) {
        redis_say(redis,
                  "home %d: a key of the kind \"%.*s\" does not hold what loyald writes; nothing was changed",
                  (int)commit->home, SLICE_ARG(redis_key_kind(redis, commit->home, detail)));
        return STATUS_CORRUPT;
    }
    if (redis_answered(reply, "broken")) {
        redis_say(redis, "home %d: a commit failed half-way and the home must be rebuilt: %.*s",
                  (int)commit->home, detail.len < 150 ? (int)detail.len : 150, detail.data);
        return STATUS_CORRUPT;
    }
    redis_say(redis, "home %d: the commit script cannot read its arguments at \"%.*s\"", (int)commit->home,
              detail.len < 100 ? (int)detail.len : 100, detail.data);
    return STATUS_FATAL;
}
