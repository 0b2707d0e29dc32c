/* SPDX-License-Identifier: MIT */
/* What the parts of kafka_admin.h share: kafka_admin.c, kafka_check.c and kafka_places.c. Private to them. */
#ifndef PRODUCERS_KAFKA_ADMIN_PRIVATE_H
#define PRODUCERS_KAFKA_ADMIN_PRIVATE_H

#include "producers/kafka_admin.h"
#include "producers/kafka_client.h"
#include "producers/kafka_partitions.h"
#include "producers/kafka_topics.h"

struct kafka_admin {
    struct kafka_client client;
    const struct settings *settings;
    rd_kafka_queue_t *answers;
    char error[KAFKA_ERROR_SIZE];
};

/* What is left of a deadline (clock_monotonic_us), at least 1 ms, so that the call that meets it says so
 * itself. */
int admin_left_ms(int64_t deadline_us);

/* All topics of the cluster: asking for single ones would have a broker make them. Returns owned, by
 * rd_kafka_metadata_destroy. */
MUST_CHECK enum status admin_metadata(struct kafka_admin *admin, int timeout_ms,
                                      const struct rd_kafka_metadata **ret_metadata);

/* The options of an admin request with this timeout. Returns owned. */
rd_kafka_AdminOptions_t *admin_options(struct kafka_admin *admin, rd_kafka_admin_op_t op, int timeout_ms);

/* Waits for the answer to the one request under way. what begins the sentence of a failure. Returns owned, by
 * rd_kafka_event_destroy. */
MUST_CHECK enum status admin_answer(struct kafka_admin *admin, const char *what, int timeout_ms,
                                    rd_kafka_event_t **ret_event);

/* A failure's sentence, with what the connections have said if Kafka is away. Returns kafka_status(code). */
enum status admin_fail(struct kafka_admin *admin, rd_kafka_resp_err_t code, const char *what,
                       const char *reason);

/* Compares the topics that exist with the plans: see kafka_admin_check. */
MUST_CHECK enum status admin_compare(struct kafka_admin *admin, int32_t homes,
                                     const struct topic_plans *plans,
                                     const struct rd_kafka_metadata *metadata, int timeout_ms,
                                     struct buf *problems, struct buf *warnings);

#endif
