/* SPDX-License-Identifier: MIT */
/* Follow-ups that have come due and are held by the gate, and those of news of products that wait: what they
 * need to come back is kept of the customer in item `h:FOLLOW-UP:OCCURRENCE`, beside the timer `t:` of the
 * same name that brings them back: `DUE_MS`; of news also what there is to tell of them, of launches `DUE_MS
 * EVENT_MS NAME`, of others `DUE_MS restocked`, `DUE_MS repriced CURRENCY OLD NEW` or `DUE_MS recalled
 * SEVERITY REFERENCE`, whose product and time are in the occurrence. */
#ifndef PRODUCERS_HELD_H
#define PRODUCERS_HELD_H

#include "producers/gate.h"

struct held {
    int64_t due_ms;   /* when it came due at first, or will */
    struct news news; /* of a product; no product: it was something else */
};

bool held_is_there(const struct moment *moment, const struct customer *customer, struct slice follow_up,
                   struct slice occurrence);

/* Keeps the occasion and sets its timer. */
void held_keep(const struct moment *moment, struct customer *customer, const struct occasion *occasion,
               int64_t until_ms);

/* What was kept, in the moment's arena; it is kept no longer. False: nothing was. */
bool held_take(const struct moment *moment, struct customer *customer, struct slice follow_up,
               struct slice occurrence, struct held *ret_held);

#endif
