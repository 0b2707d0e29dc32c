/* SPDX-License-Identifier: MIT */
/* Control records: what loyald writes into the home log for itself (docs/contract.md, "Control records").
 * They have no key and a header `loyald-control: KIND HOME VERSION`. Accepted from the home log only; one
 * that cannot be read parks the home. */
#ifndef CONSUMERS_CONTROL_H
#define CONSUMERS_CONTROL_H

#include "common/event.h"
#include "common/record.h"
#include "consumers/fan_outs.h"
#include "producers/outbox.h"

enum control_kind {
#define CONTROL(name) CONTROL_##name,
#include "consumers/control.def"
#undef CONTROL
    CONTROL_COUNT
};

struct control {
    enum control_kind kind;
    struct news news;     /* broadcast, chunk */
    size_t audience;      /* chunk: which of the news' audiences */
    struct slice after;   /* chunk: absent at the beginning */
    int64_t time_ms;      /* end */
    struct slice fan_out; /* fan_out: which, and what is asked of it */
    enum fan_out_action action;
    struct slice pool;                     /* share_wanted, share, share_back */
    int64_t amount;                        /* share, share_back */
    int64_t asker, limit, least, since_ms; /* share_wanted */
    struct slice kill_switch;              /* switch: its name in producers/switches.h */
    bool paused;                           /* switch */
    struct slice body;
};

bool control_is(const struct record *record);

/* False: *ret_why (256 bytes) says what is wrong with it. */
bool control_read(const struct record *record, int32_t home, struct arena *arena, struct control *ret_control,
                  char *ret_why);

/* Bodies of the records that carry news. */
struct slice control_broadcast_body(const struct news *news, struct arena *arena);
struct slice control_chunk_body(const struct news *news, size_t audience, struct slice after,
                                struct arena *arena);

#endif
