/* SPDX-License-Identifier: MIT */
/* What the files of the Kafka source share; nobody else includes it.
 *   source_kafka.c         opening, closing, the configuration
 *   source_kafka_group.c   what the group deals: rebalance callback, generation, where to read from
 *   source_kafka_take.c    records, and keeping them coming
 *   source_kafka_offsets.c questions about offsets
 *   source_kafka_asker.c   a second consumer for questions about logs
 *   source_kafka_skips.c   the topic of skipped records
 * All of it runs on the worker's thread; librdkafka calls back only inside rd_kafka_consumer_poll and
 * rd_kafka_consumer_close. */
#ifndef CONSUMERS_SOURCE_KAFKA_PARTS_H
#define CONSUMERS_SOURCE_KAFKA_PARTS_H

#include "consumers/source.h"
#include "producers/kafka_client.h"
#include "producers/kafka_member.h"

#include <librdkafka/rdkafka.h>

/* One partition of the assignment. */
struct input {
    struct partition partition;
    int64_t next;        /* the lowest offset not yet delivered; OFFSET_NONE: held, nothing is delivered */
    int64_t fetched_end; /* where the fetcher last found the log's end: behind it nothing is but markers */
};

struct skip {
    int32_t home;
    int64_t offset;
};

struct source_kafka {
    struct source source;
    const struct settings *settings; /* outlive the source */
    char *member, *group;
    struct kafka_client client;
    struct kafka_client asker; /* see source_kafka_asker.c; closed until it is needed */

    /* What the group has dealt, in order of (topic, number). partitions repeats the first member of inputs,
     * for source_assignment. */
    struct input *inputs;
    struct partition *partitions;
    size_t input_count;
    struct generation generation;
    bool dealt;     /* the assignment has changed, and take has not said so yet */
    bool closing;   /* the callback is not to ask librdkafka anything: it would wait for ever */
    bool unapplied; /* a start or stop that librdkafka has not been told */

    size_t lent; /* records that the worker has not released */

    /* To wake a fetcher that found its queue full: see source_kafka_take.c. */
    rd_kafka_queue_t *queue;
    size_t queue_peak;
    bool queue_wakes; /* librdkafka has fetch.queue.backoff.ms and needs no help */

    /* The topic of skips as it was when its end was skips_end. */
    struct skip *skips;
    size_t skip_count, skip_capacity;
    int64_t skips_end;
};

struct source_kafka *source_kafka_of(struct source *source);
const char *source_kafka_topic(const struct source_kafka *kafka, int32_t topic);

/* ---- group */
void group_rebalance_cb(rd_kafka_t *rk, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *partitions,
                        void *opaque);
void group_forget(struct source_kafka *kafka);

/* Holds every partition again, and makes take say REASSIGNED: the worker is to recover. */
void group_hold_all(struct source_kafka *kafka);
MUST_CHECK enum status group_apply(struct source_kafka *kafka);
/* rd_kafka_assign, safe to follow another. */
rd_kafka_resp_err_t group_assign(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list);
struct input *group_find(struct source_kafka *kafka, struct partition partition);
struct input *group_find_message(struct source_kafka *kafka, const rd_kafka_message_t *message);

enum status group_assignment(struct source *source, const struct partition **ret_partitions,
                             size_t *ret_count);
const struct generation *group_generation(struct source *source);
enum status group_start(struct source *source, const struct place *places, size_t count);
enum status group_stop(struct source *source, struct partition partition);

/* ---- take */
enum status take_records(struct source *source, size_t max, int wait_ms, struct record *records,
                         size_t *ret_count);
void take_release(struct source *source, struct record *records, size_t count);

/* ---- offsets */
enum status offsets_committed(struct source *source, struct place *places, size_t count, int timeout_ms);
enum status offsets_bounds(struct source *source, struct partition partition, int timeout_ms,
                           struct bounds *ret_bounds);
int64_t offsets_end_seen(struct source *source, struct partition partition);
enum status offsets_keep(void *owner, const rd_kafka_topic_partition_list_t *offsets, char *ret_error);

/* ---- asker */
MUST_CHECK enum status asker_open(struct source_kafka *kafka);
MUST_CHECK enum status asker_ends(struct source_kafka *kafka, const char *topic, int32_t number,
                                  int64_t deadline_us, struct bounds *ret_bounds);

/* ---- skips */
enum status skips_of_home(struct source *source, int32_t home, int64_t **ret_offsets, size_t *ret_count);

#endif
