/* SPDX-License-Identifier: MIT */
/* The sink in Kafka: a transactional producer of librdkafka, one per worker. */
#ifndef PRODUCERS_SINK_KAFKA_H
#define PRODUCERS_SINK_KAFKA_H

#include "config/settings.h"
#include "producers/sink.h"

/* member: this worker's lasting name, "PROCESS-WORKER"; becomes transactional.id (prefixed by the home log's
 * name). Does not wait for Kafka: the first publish or reopen does. embedded: offsets are committed plainly
 * after each transaction, for the mock broker keeps none from transactions. */
MUST_CHECK enum status sink_kafka_open(const struct settings *settings, const char *member, char *ret_error,
                                       struct sink **ret_sink);

#endif
