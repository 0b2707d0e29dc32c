/* SPDX-License-Identifier: MIT */
/* The port to where everything goes out: one transactional producer. Implementations: sink_kafka.h, and fakes
 * in the tests. On any status other than OK, sink->error says in a sentence what happened. */
#ifndef PRODUCERS_SINK_H
#define PRODUCERS_SINK_H

#include "common/record.h"
#include "common/status.h"

#include <stddef.h>
#include <stdint.h>

struct generation; /* see consumers/source.h; only handed through */

/* The next offset to read of an input partition. */
struct progress {
    int32_t topic; /* index into the list of input topics */
    int32_t partition;
    int64_t next;
};

struct sink {
    const struct sink_ops *ops;
    char error[256];
};

struct sink_ops {
    void (*close)(struct sink *sink);
    enum status (*reopen)(struct sink *sink);
    enum status (*publish)(struct sink *sink, const struct output *outputs, size_t output_count,
                           const struct progress *progress, size_t progress_count,
                           const struct generation *generation);
};

static inline void sink_close(struct sink *sink)
{
    if (sink != NULL) {
        sink->ops->close(sink);
    }
}

/* A new producer with the same transactional id: ends the old one and its open transaction, and warms up. */
MUST_CHECK static inline enum status sink_reopen(struct sink *sink)
{
    return sink->ops->reopen(sink);
}

/* One transaction: all outputs and the progress, or nothing. progress_count 0: outputs only. Blocks until the
 * outcome is known or cannot be.
 *   OK          committed
 *   ABORTED     known to be aborted: the same may be published again
 *   REASSIGNED  known to be aborted, for the generation is no longer the group's: drop the batch, recover
 *   UNKNOWN     not known: reopen the sink, then recover
 *   FENCED      another producer of this name has taken over: see the lease, reopen, recover
 *   FATAL       an output can never be sent (too large, topic missing or forbidden): nothing was published */
MUST_CHECK static inline enum status sink_publish(struct sink *sink, const struct output *outputs,
                                                  size_t output_count, const struct progress *progress,
                                                  size_t progress_count, const struct generation *generation)
{
    return sink->ops->publish(sink, outputs, output_count, progress, progress_count, generation);
}

#endif
