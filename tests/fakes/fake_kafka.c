/* SPDX-License-Identifier: MIT */
#include "tests/fakes/fake_kafka.h"

#include "common/mem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void topic_init(struct fake_topic *topic, const char *name, int32_t partitions);
static void topic_done(struct fake_topic *topic);
static void record_done(struct fake_record *record);
static struct slice owned(struct slice s);
static void end_in_topic(struct fake_kafka *kafka, struct fake_topic *topic, int member, bool committed);

struct fake_kafka *fake_kafka_create(const char *const *input_names, size_t input_count, int32_t homes,
                                     int32_t feeder_partitions)
{
    struct fake_kafka *kafka = mem_zalloc(sizeof *kafka);
    kafka->inputs = mem_zalloc(input_count * sizeof *kafka->inputs);
    kafka->input_count = input_count;
    for (size_t i = 0; i < input_count; i++) {
        topic_init(&kafka->inputs[i], input_names[i], i == 0 ? homes : feeder_partitions);
    }
    topic_init(&kafka->outputs[OUT_TRIGGERS], "loyalty.triggers", 1);
    topic_init(&kafka->outputs[OUT_DECISIONS], "loyalty.decisions", 1);
    topic_init(&kafka->outputs[OUT_DEAD_LETTERS], "loyalty.dead-letters", 1);
    topic_init(&kafka->swallowed, "swallowed", homes);
    kafka->generation = 1;
    return kafka;
}

void fake_kafka_destroy(struct fake_kafka *kafka)
{
    if (kafka == NULL) {
        return;
    }
    for (size_t i = 0; i < kafka->input_count; i++) {
        topic_done(&kafka->inputs[i]);
    }
    for (int i = 0; i < OUT_TOPIC_COUNT; i++) {
        topic_done(&kafka->outputs[i]);
    }
    topic_done(&kafka->swallowed);
    for (int i = 0; i < FAKE_MEMBERS_MAX; i++) {
        mem_free(kafka->members[i].partitions);
        mem_free(kafka->members[i].transaction.progress);
    }
    mem_free(kafka->inputs);
    mem_free(kafka->skips);
    mem_free(kafka);
}

struct fake_partition *fake_kafka_partition(struct fake_kafka *kafka, struct partition partition)
{
    assert((size_t)partition.topic < kafka->input_count);
    struct fake_topic *topic = &kafka->inputs[partition.topic];
    assert(partition.number >= 0 && partition.number < topic->partition_count);
    return &topic->partitions[partition.number];
}

int64_t fake_kafka_append(struct fake_kafka *kafka, struct fake_partition *log, enum fake_state state,
                          const struct output *output)
{
    MEM_GROW(log->records, log->count, log->capacity);
    struct fake_record *record = &log->records[log->count];
    *record = (struct fake_record){.state = state, .append_ms = kafka->now_ms};
    if (output != NULL) {
        record->key = owned(output->key);
        record->value = owned(output->value);
        record->headers = mem_zalloc((output->header_count + 1) * sizeof *record->headers);
        record->header_count = output->header_count;
        for (size_t i = 0; i < output->header_count; i++) {
            record->headers[i] = (struct header){.name = owned(output->headers[i].name),
                                                 .value = owned(output->headers[i].value)};
        }
    }
    kafka->activity++;
    return (int64_t)log->count++;
}

int64_t fake_kafka_end(const struct fake_partition *log)
{
    for (size_t i = (size_t)log->start; i < log->count; i++) {
        if (log->records[i].state == FAKE_OPEN) {
            return (int64_t)i;
        }
    }
    return (int64_t)log->count;
}

void fake_kafka_cut_start(struct fake_partition *log, int64_t start)
{
    assert(start <= (int64_t)log->count);
    log->start = start;
}

void fake_kafka_empty(struct fake_partition *log)
{
    for (size_t i = 0; i < log->count; i++) {
        record_done(&log->records[i]);
    }
    log->count = 0;
    log->start = 0;
}

void fake_kafka_skip(struct fake_kafka *kafka, int32_t home, int64_t offset)
{
    MEM_GROW(kafka->skips, kafka->skip_count, kafka->skip_capacity);
    kafka->skips[kafka->skip_count++] = (struct skip){.home = home, .offset = offset};
}

void fake_kafka_deal(struct fake_kafka *kafka, const struct fake_deal *deals, size_t count)
{
    kafka->generation++;
    for (size_t i = 0; i < FAKE_MEMBERS_MAX; i++) {
        struct fake_member *member = &kafka->members[i];
        size_t dealt = i < count ? deals[i].count : 0;
        member->count = 0;
        for (size_t k = 0; k < dealt; k++) {
            MEM_GROW(member->partitions, member->count, member->capacity);
            member->partitions[member->count++] = deals[i].partitions[k];
        }
        member->dealt = true;
    }
    kafka->activity++;
}

void fake_kafka_next(struct fake_kafka *kafka, enum fake_outcome outcome, int times)
{
    kafka->next_outcome = outcome;
    kafka->next_outcome_times = times;
}

void fake_kafka_end_transaction(struct fake_kafka *kafka, int member, bool committed)
{
    struct fake_transaction *transaction = &kafka->members[member].transaction;
    if (!transaction->open) {
        return;
    }
    for (size_t i = 0; i < kafka->input_count; i++) {
        end_in_topic(kafka, &kafka->inputs[i], member, committed);
    }
    for (int i = 0; i < OUT_TOPIC_COUNT; i++) {
        end_in_topic(kafka, &kafka->outputs[i], member, committed);
    }
    end_in_topic(kafka, &kafka->swallowed, member, committed);
    for (size_t i = 0; i < transaction->progress_count; i++) {
        const struct progress *progress = &transaction->progress[i];
        struct partition place = {.topic = progress->topic, .number = progress->partition};
        struct fake_partition *log = fake_kafka_partition(kafka, place);
        log->committed = committed ? progress->next : log->committed;
        log->held = false;
    }
    transaction->open = false;
    transaction->progress_count = 0;
    kafka->activity++;
}

static void end_in_topic(struct fake_kafka *kafka, struct fake_topic *topic, int member, bool committed)
{
    for (int32_t p = 0; p < topic->partition_count; p++) {
        struct fake_partition *log = &topic->partitions[p];
        bool touched = false;
        for (size_t i = 0; i < log->count; i++) {
            struct fake_record *record = &log->records[i];
            if (record->state == FAKE_OPEN && record->owner == member) {
                record->state = committed ? FAKE_COMMITTED : FAKE_ABORTED;
                touched = true;
            }
        }
        if (touched) {
            fake_kafka_append(kafka, log, FAKE_MARKER, NULL);
        }
    }
}

static void topic_init(struct fake_topic *topic, const char *name, int32_t partitions)
{
    snprintf(topic->name, sizeof topic->name, "%s", name);
    topic->partition_count = partitions;
    topic->partitions = mem_zalloc((size_t)partitions * sizeof *topic->partitions);
    for (int32_t i = 0; i < partitions; i++) {
        topic->partitions[i].committed = OFFSET_NONE;
    }
}

static void topic_done(struct fake_topic *topic)
{
    for (int32_t i = 0; i < topic->partition_count; i++) {
        fake_kafka_empty(&topic->partitions[i]);
        mem_free(topic->partitions[i].records);
    }
    mem_free(topic->partitions);
}

static void record_done(struct fake_record *record)
{
    mem_free((char *)record->key.data);
    mem_free((char *)record->value.data);
    for (size_t i = 0; i < record->header_count; i++) {
        mem_free((char *)record->headers[i].name.data);
        mem_free((char *)record->headers[i].value.data);
    }
    mem_free(record->headers);
}

static struct slice owned(struct slice s)
{
    return (struct slice){.data = s.data != NULL ? mem_copy(s) : NULL, .len = s.len};
}
