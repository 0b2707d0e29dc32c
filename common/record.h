/* SPDX-License-Identifier: MIT */
/* A Kafka record as loyald sees it, coming in (struct record) or going out (struct output), with no type of a
 * Kafka library in sight. */
#ifndef COMMON_RECORD_H
#define COMMON_RECORD_H

#include "common/slice.h"

#include <stdint.h>

struct header {
    struct slice name, value; /* value absent: a null header */
};

/* Memory belongs to the source until source_release. */
struct record {
    int32_t topic; /* index into the settings' list of input topics; 0 is the home log */
    int32_t partition;
    int64_t offset;
    int64_t append_ms;  /* when the log took it (home log), or the producer's time stamp (others) */
    struct slice key;   /* absent: no key */
    struct slice value; /* absent: a tombstone */
    const struct header *headers;
    size_t header_count;
    void *owner; /* the source's own handle */
};

/* Where an output goes. The names are settings. */
enum out_topic { OUT_HOME_LOG, OUT_TRIGGERS, OUT_DECISIONS, OUT_DEAD_LETTERS, OUT_TOPIC_COUNT };

struct output {
    enum out_topic topic;
    int32_t partition; /* -1: by murmur2 of the key */
    struct slice key, value;
    const struct header *headers;
    size_t header_count;
};

/* The header of this name, compared without case as CloudEvents' binding asks; the last if there
 * are several (as Kafka's lastHeader), absent if there is none. */
struct slice record_header(const struct record *record, const char *name);

/* Kafka's Java partitioner: (murmur2(key) & 0x7fffffff) mod partitions. The home of a customer. */
int32_t partition_of(struct slice key, int32_t partitions);

#endif
