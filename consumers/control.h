/* SPDX-License-Identifier: MIT */
/* Control records: what loyald writes into the home log for itself (docs/contract.md, "Control records").
 * They have no key and a header `loyald-control: KIND HOME VERSION`. Accepted from the home log only; one
 * that cannot be read parks the home. */
#ifndef CONSUMERS_CONTROL_H
#define CONSUMERS_CONTROL_H

#include "common/event.h"
#include "common/record.h"
#include "producers/outbox.h"

enum control_kind {
#define CONTROL(name) CONTROL_##name,
#include "consumers/control.def"
#undef CONTROL
    CONTROL_COUNT
};

struct control {
    enum control_kind kind;
    struct launch launch;     /* broadcast, chunk */
    size_t interest;          /* chunk: which of the launch's interests */
    struct slice after;       /* chunk: absent at the beginning */
    int64_t time_ms;          /* end */
    struct slice kill_switch; /* switch: its name in producers/switches.h */
    bool paused;              /* switch */
    struct slice body;
};

bool control_is(const struct record *record);

/* False: *ret_why (256 bytes) says what is wrong with it. */
bool control_read(const struct record *record, int32_t home, struct arena *arena, struct control *ret_control,
                  char *ret_why);

/* Bodies of the records that name a launch. */
struct slice control_broadcast_body(const struct launch *launch, struct arena *arena);
struct slice control_chunk_body(const struct launch *launch, size_t interest, struct slice after,
                                struct arena *arena);

#endif
