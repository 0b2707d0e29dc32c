/* SPDX-License-Identifier: MIT */
/* The source in Kafka: a consumer of librdkafka, one per worker. */
#ifndef CONSUMERS_SOURCE_KAFKA_H
#define CONSUMERS_SOURCE_KAFKA_H

#include "config/settings.h"
#include "consumers/source.h"

/* member: this worker's lasting name, "PROCESS-WORKER"; becomes group.instance.id. The group is the home
 * log's name with "-loyald" behind it. embedded: the mock broker's limits apply (no static membership, C may
 * be unstable). */
MUST_CHECK enum status source_kafka_open(const struct settings *settings, const char *member, char *ret_error,
                                         struct source **ret_source);

#endif
