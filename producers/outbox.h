/* SPDX-License-Identifier: MIT */
/* What a batch sends: records gathered while it is folded, in order. All memory is the batch's arena's. */
#ifndef PRODUCERS_OUTBOX_H
#define PRODUCERS_OUTBOX_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/record.h"

#include <stdbool.h>

/* No output may be larger, key, value and headers together: Kafka's default limit is 1048576. */
#define OUTPUT_BYTES_MAX 900000

struct outbox {
    struct arena *arena;
    bool silent; /* folding again what was sent already: everything added is dropped */
    struct output *items;
    size_t count, capacity;
};

/* Copies key and value into the arena; headers must live as long as it does. */
void outbox_add(struct outbox *outbox, enum out_topic topic, int32_t partition, struct slice key,
                struct slice value, const struct header *headers, size_t header_count);

/* A control record to a home of the home log: header `loyald-control: KIND HOME 1`, no key. */
void outbox_control(struct outbox *outbox, const char *kind, int32_t home, struct slice body);

/* The record as it came, with why and from where, to the dead letters; what is too large is cut
 * (docs/contract.md). topic_name is where it was read. A record that was copied home reports its origin. */
void outbox_dead_letter(struct outbox *outbox, const struct record *record, const char *topic_name,
                        const char *reason, const char *sentence);

/* The record as it came to a partition of the home log, with `loyald-origin` in place of any that the sender
 * set. */
void outbox_copy(struct outbox *outbox, const struct record *record, const char *topic_name, int32_t home);

/* Does a copy stay within OUTPUT_BYTES_MAX? */
bool outbox_can_copy(const struct record *record);

#endif
