/* SPDX-License-Identifier: MIT */
/* How many partitions a topic has, for the tools that read or write it whole. */
#ifndef PRODUCERS_KAFKA_PARTITIONS_H
#define PRODUCERS_KAFKA_PARTITIONS_H

#include "producers/kafka_client.h"

/* FATAL, with a sentence in ret_error (KAFKA_ERROR_SIZE), for a topic that does not exist. Asking makes none.
 */
MUST_CHECK enum status kafka_partitions_of(struct kafka_client *client, const char *topic, int timeout_ms,
                                           char *ret_error, int32_t *ret_partitions);

/* The same in a list that was asked for; 0: there is no such topic. */
int32_t kafka_partitions_listed(const struct rd_kafka_metadata *metadata, const char *topic);

#endif
