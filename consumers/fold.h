/* SPDX-License-Identifier: MIT */
/* The fold: one record of the home log changes one home and decides what goes out. It reads no clock and no
 * file and asks nobody: fold_ready says what must be in memory first, fold_entry does the rest. The same log
 * gives the same state and the same outputs, wherever batches begin and end (docs/contract.md). */
#ifndef CONSUMERS_FOLD_H
#define CONSUMERS_FOLD_H

#include "common/stats.h"
#include "consumers/entry.h"
#include "consumers/home.h"

struct fold {
    struct arena *arena; /* the batch's */
    struct buf *scratch;
    struct outbox *outbox;
    struct stats *stats;  /* outcomes count only while the outbox is not silent */
    const char *home_log; /* its name, for dead letters */
    policy_finder *policy_of;
    void *policy_context;
};

/* Adds to wants the customer that the entry is about, for a whole batch's loads in one go. False: it is about
 * none. */
bool fold_foresee(struct home *home, const struct entry *entry, struct wants *wants);

/* True: all is in memory for fold_entry, which must follow at once. False: read wants, home_absorb, ask
 * again. */
bool fold_ready(struct home *home, const struct entry *entry, struct wants *wants);

/* Folds and moves the home's position behind the record. Not OK: nothing has changed, and *ret_why (256
 * bytes) says why this record cannot be folded: CORRUPT parks the home, FATAL (an unknown version) ends the
 * process. */
MUST_CHECK enum status fold_entry(struct fold *fold, struct home *home, const struct entry *entry,
                                  char *ret_why);

/* Passes over a record, as an operator has asked. It is not looked into: it may have been the continuation
 * that is outstanding, so another one may be asked for; one too many does no harm. */
void fold_skip(struct home *home, int64_t offset);

#endif
