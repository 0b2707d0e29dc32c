/* SPDX-License-Identifier: MIT */
/* The store port in memory. The memory is one thing (as Redis is), each store over it another (a connection):
 * two workers of a test share the memory and have a store each. Not for several threads at once.
 *
 * A commit is applied when it is begun, so that reads see it, and answered at store_settle. */
#ifndef TESTS_FAKES_STORE_FAKE_H
#define TESTS_FAKES_STORE_FAKE_H

#include "common/store.h"

#define EVERY_HOME (-1)

struct fake_memory;

struct fake_memory *fake_memory_create(void);
void fake_memory_destroy(struct fake_memory *memory); /* after its stores are closed */

/* Returns owned (store_close). */
struct store *store_fake_open(struct fake_memory *memory);

/* ---- faults: each happens once, to the next call that it can happen to, on whichever store */
enum fake_fault {
    FAKE_COMMIT_MOVED,  /* the commit changes nothing and is answered MOVED */
    FAKE_COMMIT_BROKEN, /* answered CORRUPT, and the home's position is broken */
    FAKE_ANSWER_LOST,   /* the commit is applied, then the connection is lost */
    FAKE_COMMIT_LOST,   /* the connection is lost before the commit is applied */
    FAKE_READ_AWAY,     /* the connection is lost in the read */
    FAKE_FAULT_COUNT
};
void fake_memory_fail_next(struct fake_memory *memory, enum fake_fault fault);

/* True when the fault has happened since it was asked for: what a test meant to break must have been broken.
 */
bool fake_memory_has_failed(const struct fake_memory *memory, enum fake_fault fault);

/* While away, every call is AWAY, and afterwards each store needs a reopen. */
void fake_memory_set_away(struct fake_memory *memory, bool away);

/* What is forbidden is refused with FATAL, on a connection that stays, until all is allowed. */
enum fake_right {
    FAKE_MAY_READ, /* homes, their positions too */
    FAKE_MAY_COMMIT,
    FAKE_MAY_CLEAR, /* and place */
    FAKE_MAY_READ_NOTES,
    FAKE_MAY_SET_NOTES,
    FAKE_MAY_REOPEN,
    FAKE_RIGHT_COUNT
};
void fake_memory_forbid(struct fake_memory *memory, enum fake_right right);
void fake_memory_allow_all(struct fake_memory *memory);

/* How much room there is for writes. Without any, all that write are refused with AWAY, on a connection that
 * stays; a reopen too, unless a little fits: then notes are taken, and commits are not. */
enum fake_room { FAKE_ROOM, FAKE_ROOM_FOR_LITTLE, FAKE_FULL };
void fake_memory_set_room(struct fake_memory *memory, enum fake_room room);
int fake_memory_reopened(const struct fake_memory *memory); /* how often, by whichever store, in vain too */

/* ---- lost writes */
/* Remembers all homes (and notes); returns the snapshot's number. */
int fake_memory_save(struct fake_memory *memory);

/* Back to the snapshot: one home, or EVERY_HOME and the notes. */
void fake_memory_roll_back(struct fake_memory *memory, int snapshot, int32_t home);
void fake_memory_flush(struct fake_memory *memory);

/* Something else has made a ranking of this note. */
void fake_memory_spoil_note(struct fake_memory *memory, const char *name);

/* Places a home at any position, POSITION_CLEARING and POSITION_BROKEN too. */
void fake_memory_set_position(struct fake_memory *memory, int32_t home, int64_t position);
int64_t fake_memory_position(const struct fake_memory *memory, int32_t home);

/* All that a home holds, as sorted lines (see dump.h), its position as "home position=12". Returns owned
 * (free). */
char *fake_memory_dump(const struct fake_memory *memory, int32_t home);

#endif
