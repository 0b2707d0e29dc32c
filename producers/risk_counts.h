/* SPDX-License-Identifier: MIT */
/* What a home counts for its risk brake, by follow-up: the window that runs now and the one before it, so
 * that what is judged reaches back one window at least and two at most. Kept with the home, key `risk`. */
#ifndef PRODUCERS_RISK_COUNTS_H
#define PRODUCERS_RISK_COUNTS_H

#include "common/customer.h"

struct risk_count {
    struct slice name; /* owned */
    int64_t begun_ms, sent, reports, sent_before, reports_before;
    bool dirty;
};

struct risk_counts {
    struct risk_count *items;
    size_t count, capacity;
    bool changed;
};

void risk_counts_done(struct risk_counts *counts); /* empty afterwards */

/* That of the follow-up, moved on to the window in which now lies, and from now on changed. */
struct risk_count *risk_counts_at(struct risk_counts *counts, struct slice follow_up, int64_t now_ms,
                                  int64_t window_ms);

MUST_CHECK bool risk_counts_load(struct risk_counts *counts, const struct hash *hash);
void risk_counts_collect(struct risk_counts *counts, struct changes *changes);

#endif
