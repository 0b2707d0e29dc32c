/* SPDX-License-Identifier: MIT */
/* All that loyald needs, in and under one process: an embedded Kafka (kafka_embedded.h) and a private
 * redis-server on a socket in a temporary directory, which ends with this process. For a look; promises
 * nothing across a restart. */
#ifndef PRODUCERS_EMBEDDED_H
#define PRODUCERS_EMBEDDED_H

#include "common/status.h"
#include "config/settings.h"

struct embedded;

/* Starts both and waits until they answer. To be called by the main thread: redis-server gets its end when
 * the thread that started it ends. ret_error is 256 bytes; FATAL when redis-server is not installed. */
MUST_CHECK enum status embedded_open(const struct settings *settings, char *ret_error,
                                     struct embedded **ret_embedded);
/* Ends both and removes the directory. */
void embedded_close(struct embedded *embedded);

const char *embedded_kafka(const struct embedded *embedded); /* host:port */
const char *embedded_redis(const struct embedded *embedded); /* path of the socket */

/* Points the settings to both: redis.* and everything under kafka:. */
void embedded_apply(const struct embedded *embedded, struct settings *settings);

#endif
