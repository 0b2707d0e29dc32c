/* SPDX-License-Identifier: MIT */
/* Single records for people's tools: one at a time and acknowledged, or some in one transaction together with
 * the offsets of a group. Not for workers: those have a sink. Knows no event. One thread at a time. On any
 * status but OK, kafka_writer_error says in a sentence what happened. */
#ifndef PRODUCERS_KAFKA_WRITER_H
#define PRODUCERS_KAFKA_WRITER_H

#include "common/record.h"
#include "common/status.h"
#include "config/settings.h"

#include <stddef.h>

struct kafka_writer;

struct written {
    int32_t partition;
    int64_t offset;
};

/* Does not wait for Kafka. transactional: NULL, or what follows the home log's name in the transactional id:
 * then everything must be between kafka_writer_begin and _commit. ret_error is 256 bytes. */
MUST_CHECK enum status kafka_writer_open(const struct settings *settings, const char *transactional,
                                         char *ret_error, struct kafka_writer **ret_writer);
void kafka_writer_close(struct kafka_writer *writer);
const char *kafka_writer_error(const struct kafka_writer *writer);

/* FATAL if there is no such topic. */
MUST_CHECK enum status kafka_writer_partitions(struct kafka_writer *writer, const char *topic, int timeout_ms,
                                               int32_t *ret_partitions);

/* One record; waits until Kafka has it. partition -1: by murmur2 of the key, as Java does; any without a key.
 * AWAY when it was not acknowledged in time: it may still have arrived. */
MUST_CHECK enum status kafka_writer_send(struct kafka_writer *writer, const char *topic, int32_t partition,
                                         const struct output *record, int timeout_ms,
                                         struct written *ret_written);

/* Ends another writer of the same transactional id, and its open transaction. To be called once, before
 * anything that decides what is sent is read. */
MUST_CHECK enum status kafka_writer_take_place(struct kafka_writer *writer, int timeout_ms);

MUST_CHECK enum status kafka_writer_begin(struct kafka_writer *writer);
/* Adds a record to the transaction. */
MUST_CHECK enum status kafka_writer_add(struct kafka_writer *writer, const char *topic,
                                        const struct output *record);
/* Commits the records and, in the same transaction, the group's next offsets of a topic: by partition, -1 for
 * those that stay. Anything but OK and UNKNOWN: nothing was written. */
MUST_CHECK enum status kafka_writer_commit(struct kafka_writer *writer, const char *group, const char *topic,
                                           const int64_t *offsets, size_t count, int timeout_ms);

#endif
