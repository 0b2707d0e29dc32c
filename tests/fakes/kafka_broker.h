/* SPDX-License-Identifier: MIT */
/* A real Kafka broker for tests, and the few things that a test does with it. Whatever goes wrong here ends
 * the test program with a sentence: a test does not look at outcomes of its tools.
 *
 * LOYALD_TEST_KAFKA names a broker that runs already (its address, or a file that holds it), so that several
 * test programs can share one; else one is started by tests/broker/broker and ends with the program. */
#ifndef TESTS_FAKES_KAFKA_BROKER_H
#define TESTS_FAKES_KAFKA_BROKER_H

#include "common/record.h"
#include "config/settings.h"

#include <stddef.h>
#include <stdint.h>

struct kafka_broker;

/* prefix: begins the names of this program's topics, followed by what makes them unique to this run. */
struct kafka_broker *kafka_broker_open(const char *prefix);
/* One of its own, for a test that kills or pauses it. */
struct kafka_broker *kafka_broker_open_own(const char *prefix);
void kafka_broker_close(struct kafka_broker *broker);

const char *kafka_broker_bootstrap(const struct kafka_broker *broker);

/* The name of a topic in this run, such as "admin-1f2e.events" for "events". Lives as long as the broker. */
const char *kafka_broker_topic(struct kafka_broker *broker, const char *name);

/* Settings with this broker, all topics named by kafka_broker_topic ("events", "purchases", "triggers",
 * "decisions", "dead-letters", "skips"; one feeder), and over that the environment given, such as
 * {"LOYALD_TOPICS_HOMES=4", NULL}; NULL: nothing. Returns owned, by settings_free. */
struct settings *kafka_broker_settings(struct kafka_broker *broker, const char *const *environment);

/* Only for one of its own. What it has acknowledged is there after a kill and a restart, at the same address.
 */
void kafka_broker_kill(struct kafka_broker *broker);
void kafka_broker_restart(struct kafka_broker *broker);
void kafka_broker_pause(struct kafka_broker *broker);
void kafka_broker_resume(struct kafka_broker *broker);

/* ---- topics: full names from here on */

/* configs: pairs of name and value, ended by NULL; NULL: none. Returns when the topic can be written to. */
void kafka_broker_make_topic(struct kafka_broker *broker, const char *topic, int32_t partitions,
                             const char *const *configs);
/* Returns when it is gone. */
void kafka_broker_delete_topic(struct kafka_broker *broker, const char *topic);

/* ---- records */

/* Writes one record and waits for its acknowledgement; its offset. An absent key or value is null. */
int64_t kafka_broker_produce(struct kafka_broker *broker, const char *topic, int32_t partition,
                             struct slice key, struct slice value, const struct header *headers,
                             size_t header_count);

/* A record as read back; texts are NUL-terminated beyond their length. */
struct kafka_read {
    int32_t partition;
    int64_t offset, timestamp_ms;
    struct slice key, value;
    struct header *headers;
    size_t header_count;
};

struct kafka_reads {
    struct kafka_read *items;
    size_t count;
};

/* All committed records of a topic up to its end now, each partition's in order, partition after partition.
 */
void kafka_broker_read_all(struct kafka_broker *broker, const char *topic, struct kafka_reads *ret_reads);
void kafka_reads_done(struct kafka_reads *reads);

/* The value of a header, absent if there is none. */
struct slice kafka_read_header(const struct kafka_read *read, const char *name);

#endif
