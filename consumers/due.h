/* SPDX-License-Identifier: MIT */
/* Whose timers are due next in a home: the beginning of the ranking `timers` as it is now, uncommitted
 * changes included. It is read from the store in windows and kept as a heap by (due, customer id). An entry
 * is true only if the customer's own next due is the same; others are left over from before a change and are
 * passed by. */
#ifndef CONSUMERS_DUE_H
#define CONSUMERS_DUE_H

#include "common/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct due_entry {
    int64_t due_ms;
    struct slice id; /* owned */
};

struct due_list {
    struct due_entry *heap;
    size_t count, capacity;
    bool whole;           /* the window reaches to the ranking's end */
    struct due_entry end; /* the last entry that the window has read; id absent: nothing read yet */
};

void due_done(struct due_list *due);

/* Forgets the window; the next need reads it again. */
void due_reset(struct due_list *due);

/* Is (due, id) inside the window, so that the list must know it? */
bool due_covers(const struct due_list *due, int64_t due_ms, struct slice id);

/* Adds an entry (copies the id). */
void due_push(struct due_list *due, int64_t due_ms, struct slice id);

/* The first entry, or NULL. / Takes it out; the caller owns entry.id. */
const struct due_entry *due_first(const struct due_list *due);
struct due_entry due_pop(struct due_list *due);

/* The store has shown the ranking up to this entry (absent id: to its end). */
void due_extend(struct due_list *due, int64_t due_ms, struct slice id);

#endif
