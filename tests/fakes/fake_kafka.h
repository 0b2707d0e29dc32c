/* SPDX-License-Identifier: MIT */
/* A Kafka in memory: topics whose partitions are logs, a consumer group with a generation, transactions that
 * are committed, aborted or left open. The sources (source_fake.h) and sinks (sink_fake.h) over it are the
 * clients; one member of the group has one of each. Not for several threads at once.
 *
 * As in Kafka, whatever a transaction wrote takes offsets whether it is committed or not, and its end takes
 * one more in each partition that it touched; readers see what is committed, and nothing behind a transaction
 * that is open. */
#ifndef TESTS_FAKES_FAKE_KAFKA_H
#define TESTS_FAKES_FAKE_KAFKA_H

#include "consumers/source.h"
#include "producers/sink.h"

#define FAKE_MEMBERS_MAX 4

enum fake_state { FAKE_COMMITTED, FAKE_ABORTED, FAKE_MARKER, FAKE_OPEN };

struct fake_record {
    enum fake_state state;
    int owner; /* the member whose transaction it is part of, while that is open */
    bool seen; /* a test has looked at it */
    int64_t append_ms;
    struct slice key, value; /* owned */
    struct header *headers;  /* owned, their texts too */
    size_t header_count;
};

/* The record at offset i is records[i]. */
struct fake_partition {
    struct fake_record *records;
    size_t count, capacity;
    int64_t start;     /* retention has removed what lies before */
    int64_t committed; /* C, or OFFSET_NONE */
    bool held;         /* an open transaction holds C back */
};

struct fake_topic {
    char name[64];
    struct fake_partition *partitions;
    int32_t partition_count;
};

/* What a transaction has written, until it ends. */
struct fake_transaction {
    bool open;
    struct progress *progress;
    size_t progress_count, progress_capacity;
};

struct generation {
    int64_t number;
    int member;
};

struct fake_member {
    bool dealt; /* its source has not been told yet */
    struct partition *partitions;
    size_t count, capacity;
    struct fake_transaction transaction; /* of its transactional id */
};

/* How publications end; those not listed here are committed. */
enum fake_outcome {
    FAKE_FINE,
    FAKE_ABORT,             /* ABORTED: written and aborted */
    FAKE_UNKNOWN_COMMITTED, /* UNKNOWN, and it was committed */
    FAKE_UNKNOWN_ABORTED,   /* UNKNOWN, and it was aborted */
    FAKE_UNKNOWN_OPEN,      /* UNKNOWN, and open until the same sink is opened anew, which aborts it */
    FAKE_REASSIGN,          /* REASSIGNED, whatever the generation */
    FAKE_FENCE,             /* FENCED */
    FAKE_REFUSE,            /* FATAL */
    FAKE_OUTCOME_COUNT
};

struct fake_kafka {
    struct fake_topic *inputs; /* the home log first */
    size_t input_count;
    struct fake_topic outputs[OUT_TOPIC_COUNT]; /* without that of OUT_HOME_LOG, which is inputs[0] */
    int64_t now_ms;
    int64_t generation;
    struct fake_member members[FAKE_MEMBERS_MAX];
    struct skip {
        int32_t home;
        int64_t offset;
    } * skips;
    size_t skip_count, skip_capacity;
    bool skips_unreadable;
    bool away;     /* the brokers cannot be reached */
    bool swallows; /* outputs to the home log go to `swallowed` instead: a log that is complete is folded */
    struct fake_topic swallowed;

    enum fake_outcome next_outcome;
    int next_outcome_times;
    int happened[FAKE_OUTCOME_COUNT];
    void (*before_publish)(void *context); /* called in each publication; may be NULL */
    const struct progress *publishing;     /* the progress of that one */
    size_t publishing_count;
    void *before_publish_context;
    unsigned long activity; /* grows with whatever clients move */
};

/* input_names: the home log, then feeders; each feeder has feeder_partitions. */
struct fake_kafka *fake_kafka_create(const char *const *input_names, size_t input_count, int32_t homes,
                                     int32_t feeder_partitions);
void fake_kafka_destroy(struct fake_kafka *kafka); /* after its clients are closed */

/* ---- logs */
struct fake_partition *fake_kafka_partition(struct fake_kafka *kafka, struct partition partition);
/* Appends one record and returns its offset. Copies. */
int64_t fake_kafka_append(struct fake_kafka *kafka, struct fake_partition *log, enum fake_state state,
                          const struct output *output);
/* The first offset that is not decided yet; readers see nothing from there on. */
int64_t fake_kafka_end(const struct fake_partition *log);
/* Retention: nothing before this offset is there any more. */
void fake_kafka_cut_start(struct fake_partition *log, int64_t start);
/* The topic was made anew: nothing is there. */
void fake_kafka_empty(struct fake_partition *log);

/* An operator has skipped this record. */
void fake_kafka_skip(struct fake_kafka *kafka, int32_t home, int64_t offset);

/* ---- the group */
/* Deals anew: partitions_of[i] to member i (count 0: none). Every member is told by its next take. */
struct fake_deal {
    const struct partition *partitions;
    size_t count;
};
void fake_kafka_deal(struct fake_kafka *kafka, const struct fake_deal *deals, size_t count);

/* The next publications end like this. */
void fake_kafka_next(struct fake_kafka *kafka, enum fake_outcome outcome, int times);

/* Ends a member's open transaction; committed or not. */
void fake_kafka_end_transaction(struct fake_kafka *kafka, int member, bool committed);

#endif
