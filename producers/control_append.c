/* SPDX-License-Identifier: MIT */
#include "producers/control_append.h"

#include "producers/outbox.h"
#include "producers/sink_kafka.h"

#include <stdio.h>

#define MEMBER "policy" /* names the transactional id */
#define TRIES  5        /* each waits for Kafka by itself */

static enum status publish(struct sink *sink, const struct outbox *outbox);

enum status control_append(const struct settings *settings, const char *kind, struct slice body,
                           int32_t homes, char *ret_why)
{
    struct sink *sink = NULL;
    struct arena *arena = arena_create(64 * 1024);
    struct outbox outbox = {.arena = arena};
    for (int32_t home = 0; home < homes; home++) {
        outbox_control(&outbox, kind, home, body);
    }
    enum status status = sink_kafka_open(settings, MEMBER, ret_why, &sink);
    if (status == STATUS_OK) {
        status = publish(sink, &outbox);
        snprintf(ret_why, 256, "%s", sink->error);
    }
    sink_close(sink);
    arena_destroy(arena);
    return status;
}

static enum status publish(struct sink *sink, const struct outbox *outbox)
{
    enum status status = sink_reopen(sink);
    for (int tries = 0; tries < TRIES && status_verdict(status) == VERDICT_repeat; tries++) {
        status = sink_reopen(sink);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = STATUS_ABORTED;
    for (int tries = 0; tries < TRIES && status == STATUS_ABORTED; tries++) {
        status = sink_publish(sink, outbox->items, outbox->count, NULL, 0, NULL);
    }
    return status;
}
