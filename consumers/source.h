/* SPDX-License-Identifier: MIT */
/* The port to where records come from: one member of the consumer group. Implementations: source_kafka.h, and
 * fakes in the tests. On any status other than OK, source->error says in a sentence what happened.
 *
 * The life of an assignment: source_take returns REASSIGNED (and nothing else) after the group has dealt
 * anew; source_assignment then gives the partitions, and the group's generation has been pinned for
 * source_generation. Nothing is delivered of a partition until source_start names the offset. What was
 * delivered of the old assignment and not yet worked off is to be dropped. */
#ifndef CONSUMERS_SOURCE_H
#define CONSUMERS_SOURCE_H

#include "common/record.h"
#include "common/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct partition {
    int32_t topic; /* index into the list of input topics; 0 is the home log */
    int32_t number;
};

/* What Kafka knows of a partition. */
#define OFFSET_NONE (-1)
struct bounds {
    int64_t start, end; /* of the log: the first offset there is, and one past the last that is decided */
};

struct place {
    struct partition partition;
    int64_t offset;     /* start: where to go on; committed: C or OFFSET_NONE */
    enum status status; /* committed: OK, or BUSY while a transaction on it is open */
};

/* The pinned generation of the group, for the sink; opaque, borrowed from the source until the next
 * REASSIGNED. */
struct generation;

struct source {
    const struct source_ops *ops;
    char error[256];
};

struct source_ops {
    void (*close)(struct source *source);
    enum status (*reopen)(struct source *source);
    enum status (*take)(struct source *source, size_t max, int wait_ms, struct record *records,
                        size_t *ret_count);
    void (*release)(struct source *source, struct record *records, size_t count);
    enum status (*assignment)(struct source *source, const struct partition **ret_partitions,
                              size_t *ret_count);
    const struct generation *(*generation)(struct source *source);
    enum status (*committed)(struct source *source, struct place *places, size_t count, int timeout_ms);
    enum status (*bounds)(struct source *source, struct partition partition, int timeout_ms,
                          struct bounds *ret_bounds);
    enum status (*start)(struct source *source, const struct place *places, size_t count);
    enum status (*stop)(struct source *source, struct partition partition);
    int64_t (*end_seen)(struct source *source, struct partition partition);
    enum status (*skips)(struct source *source, int32_t home, int64_t **ret_offsets, size_t *ret_count);
};

/* Leaves the group (static members do not send leave) and frees the source. */
static inline void source_close(struct source *source)
{
    if (source != NULL) {
        source->ops->close(source);
    }
}

/* After a fatal error of the client: a new one of the same name. */
MUST_CHECK static inline enum status source_reopen(struct source *source)
{
    return source->ops->reopen(source);
}

/* Up to max records, or what came within wait_ms of the first wait; may be none. They are the caller's until
 * source_release, which must come before a reopen and the close. REASSIGNED: see above; also, with the same
 * assignment, when an offset to read lies outside the log. FENCED: reopen. AWAY: Kafka cannot be reached
 * (said once per outage; the call goes on working when it is back). */
MUST_CHECK static inline enum status source_take(struct source *source, size_t max, int wait_ms,
                                                 struct record *records, size_t *ret_count)
{
    return source->ops->take(source, max, wait_ms, records, ret_count);
}
static inline void source_release(struct source *source, struct record *records, size_t count)
{
    source->ops->release(source, records, count);
}

/* The current assignment; empty while the group deals. Borrowed until the next take. */
MUST_CHECK static inline enum status
source_assignment(struct source *source, const struct partition **ret_partitions, size_t *ret_count)
{
    return source->ops->assignment(source, ret_partitions, ret_count);
}
static inline const struct generation *source_generation(struct source *source)
{
    return source->ops->generation(source);
}

/* Stable C of each: never read past an open transaction. OK sets every place's status; one that is held back
 * is BUSY and does not hold up the others by more than timeout_ms. */
MUST_CHECK static inline enum status source_committed(struct source *source, struct place *places,
                                                      size_t count, int timeout_ms)
{
    return source->ops->committed(source, places, count, timeout_ms);
}

MUST_CHECK static inline enum status source_bounds(struct source *source, struct partition partition,
                                                   int timeout_ms, struct bounds *ret_bounds)
{
    return source->ops->bounds(source, partition, timeout_ms, ret_bounds);
}

/* Deliver from these offsets on. Also for a partition that is being read: what was fetched of it is dropped.
 */
MUST_CHECK static inline enum status source_start(struct source *source, const struct place *places,
                                                  size_t count)
{
    return source->ops->start(source, places, count);
}

/* Deliver nothing more of it (the home is parked). */
MUST_CHECK static inline enum status source_stop(struct source *source, struct partition partition)
{
    return source->ops->stop(source, partition);
}

/* The newest end of the partition's log that was seen, without asking, or the next offset to deliver when
 * there is no record behind it; OFFSET_NONE if unknown. For the lag. */
static inline int64_t source_end_seen(struct source *source, struct partition partition)
{
    return source->ops->end_seen(source, partition);
}

/* The offsets of this home that an operator has skipped, ascending, from the compacted topic of skips.
 * Returns owned (mem_free). */
MUST_CHECK static inline enum status source_skips(struct source *source, int32_t home, int64_t **ret_offsets,
                                                  size_t *ret_count)
{
    return source->ops->skips(source, home, ret_offsets, ret_count);
}

#endif
