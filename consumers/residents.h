/* SPDX-License-Identifier: MIT */
/* The customers of one home that are in memory. What is touched since the last commit was begun cannot leave;
 * of the others those not used lately leave first. */
#ifndef CONSUMERS_RESIDENTS_H
#define CONSUMERS_RESIDENTS_H

#include "common/customer.h"

struct resident {
    struct customer *customer;
    uint64_t hash;
    int64_t
        erased_ms; /* the score in `erased`; negative: before a rebuild, only what came after is refused */
    bool loaded;   /* what the store holds has been taken over */
    bool erased;   /* the customer has been erased: events are refused, see erased_ms */
    bool touched;  /* changed since the last commit was begun: Redis does not show it yet */
    bool in_run;   /* changed since the last cut: belongs to the commit being gathered */
    bool firing;   /* chosen for its timers before the record being prepared */
    bool recent;   /* used since the last sweep */
};

struct residents {
    struct resident **slots; /* open addressing, linear probing; a power of two, or none */
    size_t capacity, count;
    size_t hand; /* where the next sweep begins */
};

void residents_done(struct residents *residents);

/* NULL if the customer is not in memory. */
struct resident *residents_find(struct residents *residents, struct slice id);

/* A new one, which must not be there yet; its customer is empty. */
struct resident *residents_add(struct residents *residents, struct slice id);

/* Lets at least `wanted` go if so many are clean; returns how many went. */
size_t residents_sweep(struct residents *residents, size_t wanted);

#endif
