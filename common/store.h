/* SPDX-License-Identifier: MIT */
/* The port to where state lives: for each home a set of keys under one position. The store knows nothing of
 * customers: a key holds either a hash (field -> text) or a ranking (member -> score, ordered by score, then
 * by bytes, Redis' sorted set). Implementations: store_redis.h, and fakes in the tests.
 *
 * The position is the lock: a commit applies all its changes and moves the position, if and only if the
 * stored position is the one that it starts from. Everything of one home goes over one connection, in order,
 * so a read sees the commits that were begun before it. Reads end with the position, on the same connection,
 * and are to be used only when it is the expected one.
 *
 * On any status other than OK, store->error says in a sentence what happened. */
#ifndef COMMON_STORE_H
#define COMMON_STORE_H

#include "common/arena.h"
#include "common/slice.h"
#include "common/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POSITION_CLEARING (-2) /* a rebuild has begun: the home's keys are being removed */
#define POSITION_BROKEN                                                                                      \
    (-3) /* a commit failed half-way: store_positions says so, store_read says CORRUPT                       \
          */

struct store {
    const struct store_ops *ops;
    char error[256];
};

struct field {
    struct slice name, value;
};

/* A hash as read; field_count 0: the key does not exist. */
struct hash {
    struct field *fields;
    size_t field_count;
};

struct ranked {
    struct slice member;
    int64_t score;
};

struct ranking {
    struct ranked *entries;
    size_t count;
};

/* ---- reading */
enum read_kind { READ_HASH, READ_RANKS, READ_SCORE };

/* One thing to read of a home, and where its answer goes. READ_RANKS: at most limit entries strictly after
 * (after_score, after_member) in the ranking's order, with score <= max_score; after_member absent: from the
 * ranking's start. READ_SCORE: the entry of after_member itself, as a ranking of one or none. */
struct read {
    enum read_kind kind;
    struct slice key; /* without prefix and home, such as "c:C1" */
    int64_t after_score;
    struct slice after_member;
    int64_t max_score;
    size_t limit;
    struct hash ret_hash;
    struct ranking ret_ranking;
};

/* ---- writing */
enum change_kind {
    CHANGE_SET,    /* set fields of a hash */
    CHANGE_UNSET,  /* remove fields of a hash; their values are ignored */
    CHANGE_RANK,   /* set a member's score in a ranking */
    CHANGE_UNRANK, /* remove a member of a ranking */
    CHANGE_DELETE, /* remove the key, whatever it holds */
};

/* Fields for SET and UNSET; member and score for RANK and UNRANK. */
struct change {
    enum change_kind kind;
    struct slice key;
    const struct field *fields;
    size_t field_count;
    struct slice member;
    int64_t score;
};

struct commit {
    int32_t home;
    int64_t from, to;
    const struct change *changes;
    size_t change_count;
    enum status ret_status; /* set by store_settle: OK, MOVED, or what else happened */
    char ret_why[256];      /* when it was answered, and not with OK: what store->error said then */
};

struct store_ops {
    void (*close)(struct store *store);
    enum status (*reopen)(struct store *store);
    enum status (*read)(struct store *store, int32_t home, struct read *reads, size_t count,
                        struct arena *arena, int64_t *ret_position);
    enum status (*commit)(struct store *store, struct commit *commit);
    enum status (*settle)(struct store *store);
    enum status (*clear)(struct store *store, int32_t home);
    enum status (*place)(struct store *store, int32_t home, int64_t from, int64_t to);
    enum status (*positions)(struct store *store, const int32_t *homes, size_t count, int64_t *ret_positions);
    enum status (*note_get)(struct store *store, const char *name, struct arena *arena,
                            struct hash *ret_hash);
    enum status (*note_set)(struct store *store, const char *name, const struct field *fields, size_t count);
    enum status (*note_unset)(struct store *store, const char *name, const struct slice *fields,
                              size_t count);
};

/* Frees the store and what it holds. */
static inline void store_close(struct store *store)
{
    if (store != NULL) {
        store->ops->close(store);
    }
}

/* Drops the connection, and with it every begun commit, and makes a new one, checked as at the first opening.
 */
MUST_CHECK static inline enum status store_reopen(struct store *store)
{
    return store->ops->reopen(store);
}

/* Pipelined reads of one home, the position last. Answers live in the arena. A home never written has
 * position 0. WRONGTYPE under one of the keys is CORRUPT. */
MUST_CHECK static inline enum status store_read(struct store *store, int32_t home, struct read *reads,
                                                size_t count, struct arena *arena, int64_t *ret_position)
{
    return store->ops->read(store, home, reads, count, arena, ret_position);
}

/* Begins a commit: sends it and does not wait. *commit and all that it names must live until store_settle. */
MUST_CHECK static inline enum status store_commit(struct store *store, struct commit *commit)
{
    return store->ops->commit(store, commit);
}

/* Waits for all begun commits and sets each one's ret_status. OK when every answer has come, even a refusal;
 * otherwise the connection is lost, and commits without an answer have ret_status UNKNOWN. */
MUST_CHECK static inline enum status store_settle(struct store *store)
{
    return store->ops->settle(store);
}

/* Rebuild: position := clearing, remove all the home's keys in bounded steps, position := 0. Also finishes
 * what another began. One ranking stays, STORE_KEPT, with every score made negative: what a rebuild must not
 * forget, told apart from what it comes to know anew. */
#define STORE_KEPT "erased"
MUST_CHECK static inline enum status store_clear(struct store *store, int32_t home)
{
    return store->ops->clear(store, home);
}

/* Moves a home's position without changing anything else, if it is `from` (an operator accepted a gap). */
MUST_CHECK static inline enum status store_place(struct store *store, int32_t home, int64_t from, int64_t to)
{
    return store->ops->place(store, home, from, to);
}

/* The positions of several homes in one round trip; POSITION_CLEARING and POSITION_BROKEN as such. */
MUST_CHECK static inline enum status store_positions(struct store *store, const int32_t *homes, size_t count,
                                                     int64_t *ret_positions)
{
    return store->ops->positions(store, homes, count, ret_positions);
}

/* Notes: hashes under the installation's prefix that belong to no home and decide nothing in the fold:
 * "installation", "processes", "lease:NAME", "taken", "status", "commands", "offsets", "worker:NAME",
 * "suspect:NAME", "poison". */
MUST_CHECK static inline enum status store_note_get(struct store *store, const char *name,
                                                    struct arena *arena, struct hash *ret_hash)
{
    return store->ops->note_get(store, name, arena, ret_hash);
}
MUST_CHECK static inline enum status store_note_set(struct store *store, const char *name,
                                                    const struct field *fields, size_t count)
{
    return store->ops->note_set(store, name, fields, count);
}
MUST_CHECK static inline enum status store_note_unset(struct store *store, const char *name,
                                                      const struct slice *fields, size_t count)
{
    return store->ops->note_unset(store, name, fields, count);
}

#endif
