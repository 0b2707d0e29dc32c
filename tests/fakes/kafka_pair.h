/* SPDX-License-Identifier: MIT */
/* One worker's source and sink on a real broker, and the short sentences in which tests speak of them.
 * Anything that a test did not ask about fails it. */
#ifndef TESTS_FAKES_KAFKA_PAIR_H
#define TESTS_FAKES_KAFKA_PAIR_H

#include "consumers/source.h"
#include "producers/sink.h"
#include "tests/fakes/kafka_broker.h"

#define PAIR_PATIENCE_MS 30000

struct pair {
    struct settings *settings; /* borrowed */
    struct source *source;
    struct sink *sink;
};

void pair_open(struct pair *pair, struct settings *settings, const char *member);
void pair_close(struct pair *pair);

/* The topics that every test needs: "events" with homes partitions, "purchases" with 2, the outputs with 2.
 */
void pair_make_topics(struct kafka_broker *broker, int32_t homes);

/* Takes until the group has dealt this worker so many partitions; what is delivered meanwhile fails the test.
 */
void pair_wait_dealt(struct pair *pair, size_t partitions);

/* The same for two workers at once, each so many: none is dealt anything while the other does not take. Both
 * must have said REASSIGNED. */
void pair_wait_both_dealt(struct pair *one, struct pair *two, size_t partitions);

/* Takes until this status comes, and releases what is delivered. */
void pair_wait_status(struct pair *pair, enum status wanted);

void pair_start(struct pair *pair, int32_t topic, int32_t partition, int64_t offset);

/* Starts all of the assignment at 0. */
void pair_start_all(struct pair *pair);

/* Takes until count records have come, each "VALUE@OFFSET ", joined; in a buffer that the next call uses
 * again. */
const char *pair_take(struct pair *pair, size_t count);

/* A take or two that must bring nothing. */
void pair_take_nothing(struct pair *pair);

/* Publishes one trigger and, if next is not OFFSET_NONE, the progress of home. */
enum status pair_publish(struct pair *pair, const char *trigger, int32_t home, int64_t next);

/* Stable C of a home: the offset, OFFSET_NONE, or BUSY_PLACE. */
#define BUSY_PLACE (-2)
int64_t pair_committed(struct pair *pair, int32_t home, int timeout_ms);

/* The values of all visible triggers, joined by blanks; in a buffer that the next call uses again. */
const char *pair_triggers(struct kafka_broker *broker);

#endif
