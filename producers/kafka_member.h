/* SPDX-License-Identifier: MIT */
/* What the source and the sink of one worker must agree on: the group's name, the pinned generation, and how
 * a default is set that a person may override.
 *
 * A private header, like kafka_client.h: only the source's, the sink's and the
 * admin's files include it. */
#ifndef PRODUCERS_KAFKA_MEMBER_H
#define PRODUCERS_KAFKA_MEMBER_H

#include "common/status.h"
#include "config/settings.h"

#include <librdkafka/rdkafka.h>
#include <stdint.h>

/* See consumers/source.h. Pinned in the rebalance callback; the sink sends exactly this one with the offsets.
 */
struct generation {
    rd_kafka_consumer_group_metadata_t *metadata; /* NULL: not a member of the group now */

    /* Embedded only, else NULL: commits the offsets plainly, for the mock broker keeps none from
     * transactions. On the thread that publishes, which is the source's own. */
    enum status (*keep)(void *owner, const rd_kafka_topic_partition_list_t *offsets, char *ret_error);
    void *owner;
};

/* Both return owned (mem_free). */
char *kafka_group_name(const struct settings *settings);
char *kafka_transactional_id(const struct settings *settings, const char *member);

/* Sets a value unless the settings' kafka list gives one. */
void kafka_conf_default(rd_kafka_conf_t *conf, const struct settings *settings, const char *name,
                        const char *value);

/* The number that a configuration holds, from the settings or from librdkafka's own defaults. */
int64_t kafka_conf_number(const rd_kafka_conf_t *conf, const char *name);

/* Deadlines on the monotonic clock, in microseconds; what is left of one, never below 0. */
int64_t kafka_deadline_us(int64_t timeout_ms);
int kafka_left_ms(int64_t deadline_us);

#endif
