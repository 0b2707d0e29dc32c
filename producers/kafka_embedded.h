/* SPDX-License-Identifier: MIT */
/* A Kafka broker inside this process, for a look and for tests of injected errors: librdkafka's mock cluster,
 * a real TCP server on loopback. It keeps a few MiB per partition, stores no offsets from transactions, shows
 * aborted records, fences nobody, and forgets everything at the end. */
#ifndef PRODUCERS_KAFKA_EMBEDDED_H
#define PRODUCERS_KAFKA_EMBEDDED_H

#include "common/status.h"
#include "config/settings.h"

#include <stdint.h>

struct kafka_embedded;

/* With the topics that the settings name, the home log with so many homes. ret_error is 256 bytes. */
MUST_CHECK enum status kafka_embedded_open(const struct settings *settings, int32_t homes, char *ret_error,
                                           struct kafka_embedded **ret_embedded);
void kafka_embedded_close(struct kafka_embedded *embedded);

/* For bootstrap.servers; "127.0.0.1:PORT". */
const char *kafka_embedded_bootstrap(const struct kafka_embedded *embedded);

#endif
