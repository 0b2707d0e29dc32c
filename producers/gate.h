/* SPDX-License-Identifier: MIT */
/* The gate that every message passes: one ordered list of guards (gate.def), one reason each. Erasure comes
 * before it: an erased customer has no events, timers or index entries. */
#ifndef PRODUCERS_GATE_H
#define PRODUCERS_GATE_H

#include "common/event.h"
#include "producers/moment.h"

struct occasion {
    const struct follow_up *follow_up;
    struct slice occurrence; /* order id, complaint id, year, product id */
    int64_t event_ms; /* when what led to it happened: the event's time, or the due time of a birthday */
    int64_t due_ms;
    int64_t expires_ms;          /* the last millisecond in which it may go out; 0: there is none */
    const char *reason;          /* what led to it: an event type's short name or "birthday" */
    const struct launch *launch; /* product.launched only */
};

/* The name of the guard that refuses, or NULL: pass. On pass ret_channels (room for CONTACT_CHANNEL_COUNT)
 * has the allowed channels in order. */
const char *gate_refuses(const struct moment *moment, const struct customer *customer,
                         const struct occasion *occasion, enum contact_channel *ret_channels,
                         size_t *ret_channel_count);

#endif
