/* SPDX-License-Identifier: MIT */
/* Reads a topic for people's tools: all its partitions, from where one likes, only what has been committed.
 * Joins no group and moves no offsets. One thread at a time. On any status but OK, kafka_reader_error says in
 * a sentence what happened. */
#ifndef PRODUCERS_KAFKA_READER_H
#define PRODUCERS_KAFKA_READER_H

#include "common/record.h"
#include "common/status.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct kafka_reader;

/* Of one partition's log: the first offset there is, and one past the last that is decided. */
struct log_bounds {
    int64_t start, end;
};

/* Does not wait for Kafka. group: whose offsets kafka_reader_committed reads; NULL: none. ret_error is 256
 * bytes. */
MUST_CHECK enum status kafka_reader_open(const struct settings *settings, const char *topic,
                                         const char *group, char *ret_error,
                                         struct kafka_reader **ret_reader);
void kafka_reader_close(struct kafka_reader *reader);
const char *kafka_reader_error(const struct kafka_reader *reader);

/* The bounds of each partition. Returns owned (mem_free). FATAL if there is no such topic. */
MUST_CHECK enum status kafka_reader_bounds(struct kafka_reader *reader, int timeout_ms,
                                           struct log_bounds **ret_bounds, size_t *ret_count);

/* The group's next offsets by partition, -1 for none; waits for open transactions. */
MUST_CHECK enum status kafka_reader_committed(struct kafka_reader *reader, int64_t *ret_offsets, size_t count,
                                              int timeout_ms);

/* Begins anew at these offsets, by partition; -1: nothing of this one. */
MUST_CHECK enum status kafka_reader_start(struct kafka_reader *reader, const int64_t *offsets, size_t count);

/* The next record, valid until the next call; topic is 0. OK and NULL: none came in this time, or all
 * partitions are at their ends (kafka_reader_at_end). Returns early at an end. */
MUST_CHECK enum status kafka_reader_next(struct kafka_reader *reader, int timeout_ms,
                                         const struct record **ret_record);

/* Have all partitions been read to their ends? True until something new has come. */
bool kafka_reader_at_end(const struct kafka_reader *reader);

#endif
