/* SPDX-License-Identifier: MIT */
#include "producers/policy_publish.h"

#include "config/policy.h"
#include "producers/outbox.h"
#include "producers/sink_kafka.h"

#include <stdio.h>

enum status policy_publish(const struct settings *settings, struct slice yaml, int32_t homes, char *ret_why)
{
    struct buf body = {0};
    struct sink *sink = NULL;
    struct arena *arena = arena_create(64 * 1024);
    struct outbox outbox = {.arena = arena};
    enum status status = sink_kafka_open(settings, "policy", ret_why, &sink);
    if (status != STATUS_OK) {
        goto done;
    }
    policy_record_body(yaml, &body);
    for (int32_t home = 0; home < homes; home++) {
        outbox_control(&outbox, "policy", home, buf_view(&body));
    }
    status = sink_publish(sink, outbox.items, outbox.count, NULL, 0, NULL);
    if (status != STATUS_OK) {
        snprintf(ret_why, 256, "%s", sink->error);
    }
done:
    sink_close(sink);
    arena_destroy(arena);
    buf_done(&body);
    return status;
}
