/* SPDX-License-Identifier: MIT */
/* What all homes share and none may take more of than there is, such as the places of an event: each has a
 * bank, one of the homes, and the others ask it for shares (docs/how-it-works.md, "Shares"). This is a home's
 * part of it: the shares that it holds, and the banks that it keeps. Everything that changes them is a record
 * of the home's log. In the store: hash `shares`, field POOL "LEFT STATE"; hash `banks`, field POOL "GIVEN
 * SINCE_MS". */
#ifndef PRODUCERS_SHARES_H
#define PRODUCERS_SHARES_H

#include "common/customer.h"

/* A bank is kept for so long after what it is for began, and gives nothing any more afterwards: one that was
 * forgotten must not begin anew. Where so many are kept there is no further one. */
#define BANK_KEPT_MS (90 * INT64_C(86400000))
#define BANKS_MAX    1000

enum share_state { SHARE_OPEN, SHARE_ASKED, SHARE_CLOSED, SHARE_STATE_COUNT };

struct share {
    struct slice pool; /* owned */
    int64_t left;
    enum share_state state; /* ASKED: an answer is on its way; CLOSED: the bank has no more */
    bool dirty, gone;
};

struct bank {
    struct slice pool; /* owned */
    int64_t given, since_ms;
    bool dirty, gone;
};

struct shares {
    struct share *items;
    size_t count, capacity;
    struct bank *banks;
    size_t bank_count, bank_capacity;
};

void shares_done(struct shares *shares);

/* False: the hashes hold what loyald does not write. */
MUST_CHECK bool shares_load(struct shares *shares, const struct hash *held, const struct hash *banks);

/* NULL: it holds none. */
struct share *shares_find(const struct shares *shares, struct slice pool);

/* Is there so much? If there is, it is taken. */
bool shares_has(const struct shares *shares, struct slice pool, int64_t amount);
void shares_take(struct shares *shares, struct slice pool, int64_t amount);

/* Would it be worth while to wait for more? And is the bank to be asked first? That is noted. */
bool shares_can_wait(const struct shares *shares, struct slice pool, int64_t amount);
bool shares_must_ask(struct shares *shares, struct slice pool);

/* The bank's answer. False: nobody waits for it any more. */
bool shares_receive(struct shares *shares, struct slice pool, int64_t amount);

/* No more is needed: forgets the share and says what was left of it. */
int64_t shares_end(struct shares *shares, struct share *share);

/* The bank: of `limit` it gives the 16 P-th part of what is left, but at least `least`, or 0. since_ms: when
 * what it is for began. / Takes back. */
int64_t bank_give(struct shares *shares, struct slice pool, int64_t limit, int64_t least, int64_t since_ms,
                  int32_t homes, int64_t now_ms);
void bank_take_back(struct shares *shares, struct slice pool, int64_t amount);

/* What the store does not have yet. */
void shares_collect(struct shares *shares, struct changes *changes);

#endif
