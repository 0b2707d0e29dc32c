/* SPDX-License-Identifier: MIT */
/* A commit being written down by a test, change by change, and the asking of a store in one line. Texts are
 * copied. */
#ifndef TESTS_FAKES_DRAFT_H
#define TESTS_FAKES_DRAFT_H

#include "common/arena.h"
#include "common/store.h"

struct draft {
    struct arena *arena;
    struct change *changes;
    size_t count, capacity;
    struct commit commit;
};

/* An empty commit of one home, in the arena. */
struct draft *draft_of(struct arena *arena, int32_t home, int64_t from, int64_t to);

/* draft_set(draft, "c:C1", "name", "Ann", "points", "3", NULL) */
void draft_set(struct draft *draft, const char *key, ...) __attribute__((sentinel));
void draft_unset(struct draft *draft, const char *key, ...) __attribute__((sentinel));
void draft_rank(struct draft *draft, const char *key, const char *member, int64_t score);
void draft_unrank(struct draft *draft, const char *key, const char *member);
void draft_delete(struct draft *draft, const char *key);
void draft_change(struct draft *draft, struct change change); /* as it is, not copied */

/* Begins it; the status of beginning. */
MUST_CHECK enum status draft_begin(struct draft *draft, struct store *store);

/* Begins and settles it; its outcome. */
MUST_CHECK enum status draft_commit(struct draft *draft, struct store *store);

/* One field of one hash, as text; NULL when there is none. The status must be OK. */
const char *draft_field(struct store *store, struct arena *arena, int32_t home, const char *key,
                        const char *name);
int64_t draft_position(struct store *store, struct arena *arena, int32_t home);

#endif
