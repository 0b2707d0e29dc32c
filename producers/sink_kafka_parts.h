/* SPDX-License-Identifier: MIT */
/* What the files of the Kafka sink share; nobody else includes it. */
#ifndef PRODUCERS_SINK_KAFKA_PARTS_H
#define PRODUCERS_SINK_KAFKA_PARTS_H

#include "producers/kafka_client.h"
#include "producers/kafka_member.h"
#include "producers/sink.h"

#include <librdkafka/rdkafka.h>

struct sink_kafka {
    struct sink sink;
    const struct settings *settings; /* outlive the sink */
    char *id;                        /* transactional.id */
    struct kafka_client client;
    rd_kafka_topic_t *topics[OUT_TOPIC_COUNT];
    int64_t timeout_ms; /* transaction.timeout.ms: also how long a publish may take */
    bool ready;         /* the producer has its place and may begin */
    bool spent;         /* its end is not known, or another has taken its place: only a reopen helps */

    rd_kafka_resp_err_t refused; /* the first delivery of this transaction that failed */
};

/* ---- open */
MUST_CHECK enum status sink_kafka_warm_up(struct sink_kafka *kafka);

/* ---- publish */
enum status publish_outputs(struct sink *sink, const struct output *outputs, size_t output_count,
                            const struct progress *progress, size_t progress_count,
                            const struct generation *generation);
void publish_delivered_cb(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque);

#endif
