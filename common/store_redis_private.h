/* SPDX-License-Identifier: MIT */
/* What the files of the Redis store share, and nobody else includes.
 *
 *   store_redis.c         the port's reads, positions and notes
 *   store_redis_open.c    opening, and what is checked of the server
 *   store_redis_request.c one request and its answer, script calls, keys
 *   store_redis_commit.c  commits in flight
 *   store_redis_encode.c  a commit as the arguments of its script
 *   store_redis_home.c    clearing and placing a home, the lease of a process
 *   store_redis_script.c  the Lua scripts
 *   store_redis_error.c   Redis' errors as statuses and sentences
 *   store_redis_link.c    one connection: bytes out, replies in; the only one that includes hiredis */
#ifndef COMMON_STORE_REDIS_PRIVATE_H
#define COMMON_STORE_REDIS_PRIVATE_H

#include "common/buf.h"
#include "common/store_redis.h"

/* ---- one connection */
enum reply_kind { REPLY_TEXT, REPLY_NUMBER, REPLY_NIL, REPLY_LIST, REPLY_ERROR };

/* A reply lives in the arena it was asked for with. Texts and errors are NUL-terminated. */
struct reply {
    enum reply_kind kind;
    struct slice text;
    int64_t number;
    struct reply *items;
    size_t count;
};

struct redis_link;

/* Returns owned. NULL with a sentence in error (256 bytes) when there is no connection. */
struct redis_link *link_open(const char *address, int connect_timeout_ms, int timeout_ms, char *error);
void link_close(struct redis_link *link);

/* "host:port", "[host]:port" or "/path". */
bool link_knows_address(const char *address);

/* Where requests are written; sent by the calls below. */
struct buf *link_out(struct redis_link *link);

/* Sends until at most keep_bytes are left unsent, taking in what Redis answers meanwhile, so that neither
 * side waits for the other. False: the connection is lost, link_error says why. */
bool link_send(struct redis_link *link, size_t keep_bytes);

/* The next reply; sends what is unsent first. NULL: the connection is lost. */
struct reply *link_next(struct redis_link *link, struct arena *arena);
const char *link_error(const struct redis_link *link);

/* ---- scripts */
enum script {
    SCRIPT_COMMIT,
    SCRIPT_RANKS,
    SCRIPT_PLACE,
    SCRIPT_CLEAR_BEGIN,
    SCRIPT_CLEAR_SOME,
    SCRIPT_CLEAR_END,
    SCRIPT_LEASE,
    SCRIPT_LEASE_RELEASE,
    SCRIPT_PROBE,
    SCRIPT_COUNT
};

const char *script_text(enum script script);

/* ---- the store */
struct redis_store {
    struct store store; /* first: the port is this struct */
    char *address, *user, *password, *prefix;
    int database, connect_timeout_ms, timeout_ms;

    struct redis_link *link; /* NULL: lost, until the next reopen */
    bool demoted;            /* the server said that it is a replica now: leave it when all answers are in */
    char sha[SCRIPT_COUNT][41];

    /* Begun commits in order. [0, refused): answered NOSCRIPT, to be sent again; [refused, answered): free;
     * [answered, begun_count): not yet answered. */
    struct commit **begun;
    size_t begun_count, begun_capacity, answered, refused;

    struct arena *scratch; /* replies of which nothing is kept; empty between calls */
    struct buf key;        /* scratch: the key being made */
    struct buf keys, args; /* scratch: a commit's two halves */
    struct buf packed;     /* scratch: the arguments of one of its commands */
};

static inline struct redis_store *redis_of(struct store *store)
{
    return (struct redis_store *)store;
}

/* The server is not there any more: marks every unanswered commit UNKNOWN, notes why, drops the link. Returns
 * AWAY. */
enum status redis_lose(struct redis_store *redis, const char *why);

/* Takes the answers of all begun commits; those whose script Redis has forgotten are sent again, in order.
 * OK: no commit is in flight. */
enum status redis_drain(struct redis_store *redis);

/* The same for calls that go no further without a connection: AWAY when there is none. */
enum status redis_be_quiet(struct redis_store *redis);

/* Takes the answers that lie before what was just sent, without sending again. */
enum status redis_take_answers(struct redis_store *redis);

/* Parts of a request: the number of its arguments, then each of them. */
void put_count(struct buf *out, size_t arguments);
void put_slice(struct buf *out, struct slice s);
void put_text(struct buf *out, const char *text);
void put_number(struct buf *out, int64_t number);
struct slice number_text(int64_t number, char text[24]); /* decimal, somewhere in text */

/* One request, already written to link_out with nothing in flight before it, and its reply in arena (NULL:
 * scratch). An error reply becomes its status, except NOSCRIPT, which is a reply. */
enum status redis_ask(struct redis_store *redis, struct arena *arena, struct reply **ret_reply);

/* The same for a script: waits for what is in flight, writes the request, loads the scripts again if they are
 * gone. The reply lies in scratch. */
enum status redis_run(struct redis_store *redis, enum script script, const struct slice *keys,
                      size_t key_count, const struct slice *args, size_t arg_count, struct reply **ret_reply);

/* Begins "EVALSHA sha keys": arguments are those that follow, keys included. */
void redis_put_script(struct redis_store *redis, struct buf *out, enum script script, size_t key_count,
                      size_t arg_count);
enum status redis_load_scripts(struct redis_store *redis);

/* "PREFIX:{HOME}:KEY", "PREFIX:NAME"; valid until the next one is made. */
struct slice redis_home_key(struct redis_store *redis, int32_t home, struct slice key);
struct slice redis_note_key(struct redis_store *redis, const char *name, const char *rest);

/* A script's answer {word, detail}. */
bool redis_answered(const struct reply *reply, const char *word);
struct slice redis_detail(const struct reply *reply);

/* MOVED, or CORRUPT when the position tells of a commit that failed half-way; with the sentence. */
enum status redis_moved(struct redis_store *redis, int32_t home, int64_t from, struct slice actual);

/* "c" of "PREFIX:{3}:c:C1". */
struct slice redis_key_kind(struct redis_store *redis, int32_t home, struct slice key);

/* An error reply as a status, its sentence in store->error. */
enum status redis_refused(struct redis_store *redis, struct slice error);
bool redis_forgot_script(const struct reply *reply);
void redis_say(struct redis_store *redis, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends the commit's script call to out. */
void redis_encode_commit(struct redis_store *redis, const struct commit *commit, struct buf *out);

enum status redis_commit(struct store *store, struct commit *commit);
enum status redis_settle(struct store *store);
enum status redis_clear(struct store *store, int32_t home);
enum status redis_place(struct store *store, int32_t home, int64_t from, int64_t to);
enum status redis_reopen(struct store *store);
void redis_close(struct store *store);
extern const struct store_ops redis_ops;

#endif
