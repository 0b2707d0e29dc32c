/* SPDX-License-Identifier: MIT */
/* A record of a home's log as the fold sees it: what kind it is, and read as that. */
#ifndef CONSUMERS_ENTRY_H
#define CONSUMERS_ENTRY_H

#include "config/policy.h"
#include "consumers/control.h"
#include "consumers/decode.h"

enum entry_kind {
    ENTRY_EVENT,
    ENTRY_REJECTED,  /* cannot be taken: `reject` */
    ENTRY_ANONYMOUS, /* about nobody known: ignored */
    ENTRY_STRAY,     /* belongs to another home: `home` */
    ENTRY_CONTROL,
    ENTRY_UNREADABLE, /* a control record that cannot be read: `why` */
};

struct entry {
    enum entry_kind kind;
    const struct record *record;
    enum policy_clock clock; /* under which it was read */
    enum reject reject;
    int32_t home;
    union { /* by kind: a batch has thousands of them */
        struct event event;
        struct control control;
        char *why;
    };
};

/* Reads a record of partition `home` of the home log. Texts live in the arena or the record; `tree` is where
 * its body is parsed, and is reset first: a parsed body is ten times as large as what is kept of it. */
void entry_read(const struct record *record, int32_t home, int32_t homes, enum policy_clock clock,
                struct arena *tree, struct arena *arena, struct entry *ret_entry);

/* What becomes of a feeder's record: STRAY with its home, REJECTED or ANONYMOUS. A record with a key is not
 * looked into. */
void entry_route(const struct record *record, int32_t homes, struct arena *tree, struct entry *ret_entry);

#endif
