/* SPDX-License-Identifier: MIT */
/* Where and when something is decided: what follow-ups and event handlers are given besides the customer. */
#ifndef PRODUCERS_MOMENT_H
#define PRODUCERS_MOMENT_H

#include "common/stats.h"
#include "common/totals.h"
#include "config/policy.h"
#include "producers/outbox.h"
#include "producers/risk_counts.h"
#include "producers/switches.h"
#include "producers/shares.h"

struct moment {
    const struct policy *policy;     /* never NULL; before the first policy record policy_none() */
    const struct switches *switches; /* NULL: nothing is paused */
    struct risk_counts *risk;        /* NULL: nothing is counted for the risk brake */
    struct outbox *outbox;
    struct totals *totals;
    struct stats *stats; /* NULL while folding in silence: nothing is counted */
    struct arena *arena;
    struct buf *scratch;   /* for building texts; its content is nobody's */
    int64_t now_ms;        /* the log's */
    struct shares *shares; /* the home's */
    int32_t home, homes;
    int64_t offset; /* of the record being folded */
};

#endif
