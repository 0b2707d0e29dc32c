/* SPDX-License-Identifier: MIT */
#include "tests/fakes/sink_fake.h"

#include "common/mem.h"

#include <assert.h>
#include <stdio.h>

struct sink_fake {
    struct sink sink; /* first: the port is this struct */
    struct fake_kafka *kafka;
    int member;
    bool dead;
};

static enum fake_outcome next_outcome(struct fake_kafka *kafka);
static void write_open(struct sink_fake *fake, const struct output *outputs, size_t output_count,
                       const struct progress *progress, size_t progress_count);
static struct fake_partition *target(struct fake_kafka *kafka, const struct output *output);
static enum status say(struct sink *sink, enum status status, const char *sentence);

static struct sink_fake *fake_of(struct sink *sink)
{
    return (struct sink_fake *)sink;
}

static void fake_close(struct sink *sink)
{
    mem_free(sink);
}

static enum status fake_reopen(struct sink *sink)
{
    struct sink_fake *fake = fake_of(sink);
    if (fake->kafka->away) {
        return say(sink, STATUS_AWAY, "the fake Kafka is away");
    }
    fake_kafka_end_transaction(fake->kafka, fake->member, false);
    fake->dead = false;
    fake->kafka->activity++;
    return STATUS_OK;
}

static enum status fake_publish(struct sink *sink, const struct output *outputs, size_t output_count,
                                const struct progress *progress, size_t progress_count,
                                const struct generation *generation)
{
    struct sink_fake *fake = fake_of(sink);
    struct fake_kafka *kafka = fake->kafka;
    assert(!fake->dead);
    if (kafka->away) {
        fake->dead = true;
        return say(sink, STATUS_UNKNOWN, "the fake Kafka is away");
    }
    if (kafka->before_publish != NULL) {
        kafka->publishing = progress;
        kafka->publishing_count = progress_count;
        kafka->before_publish(kafka->before_publish_context);
    }
    if (progress_count > 0 && generation->number != kafka->generation) {
        return say(sink, STATUS_REASSIGNED, "the generation is no longer the group's");
    }
    enum fake_outcome outcome = next_outcome(kafka);
    if (outcome == FAKE_REFUSE) {
        return say(sink, STATUS_FATAL, "the fake topic cannot be written to");
    }
    write_open(fake, outputs, output_count, progress, progress_count);
    if (outcome != FAKE_UNKNOWN_OPEN) {
        fake_kafka_end_transaction(kafka, fake->member,
                                   outcome == FAKE_FINE || outcome == FAKE_UNKNOWN_COMMITTED);
    }
    switch (outcome) {
    case FAKE_ABORT:
        return say(sink, STATUS_ABORTED, "the fake transaction is aborted");
    case FAKE_REASSIGN:
        return say(sink, STATUS_REASSIGNED, "the fake generation is another");
    case FAKE_UNKNOWN_COMMITTED:
    case FAKE_UNKNOWN_ABORTED:
    case FAKE_UNKNOWN_OPEN:
        fake->dead = true;
        return say(sink, STATUS_UNKNOWN, "nobody knows");
    case FAKE_FENCE:
        fake->dead = true;
        return say(sink, STATUS_FENCED, "another fake producer has taken over");
    default:
        return STATUS_OK;
    }
}

struct sink *sink_fake_open(struct fake_kafka *kafka, int member)
{
    static const struct sink_ops ops = {.close = fake_close, .reopen = fake_reopen, .publish = fake_publish};
    assert(member < FAKE_MEMBERS_MAX);
    struct sink_fake *fake = mem_zalloc(sizeof *fake);
    fake->sink.ops = &ops;
    fake->kafka = kafka;
    fake->member = member;
    fake_kafka_end_transaction(kafka, member, false);
    return &fake->sink;
}

static enum fake_outcome next_outcome(struct fake_kafka *kafka)
{
    if (kafka->next_outcome_times == 0) {
        return FAKE_FINE;
    }
    kafka->next_outcome_times--;
    kafka->happened[kafka->next_outcome]++;
    return kafka->next_outcome;
}

static void write_open(struct sink_fake *fake, const struct output *outputs, size_t output_count,
                       const struct progress *progress, size_t progress_count)
{
    struct fake_transaction *transaction = &fake->kafka->members[fake->member].transaction;
    assert(!transaction->open);
    transaction->open = true;
    transaction->progress_count = 0;
    for (size_t i = 0; i < output_count; i++) {
        struct fake_partition *log = target(fake->kafka, &outputs[i]);
        int64_t offset = fake_kafka_append(fake->kafka, log, FAKE_OPEN, &outputs[i]);
        log->records[offset].owner = fake->member;
    }
    for (size_t i = 0; i < progress_count; i++) {
        struct partition place = {.topic = progress[i].topic, .number = progress[i].partition};
        struct fake_partition *log = fake_kafka_partition(fake->kafka, place);
        assert(progress[i].next <= fake_kafka_end(log));
        if (log->committed > progress[i].next && log->committed <= (int64_t)log->count) {
            fprintf(stderr, "offsets of %d/%d are set back from %lld to %lld\n", place.topic, place.number,
                    (long long)log->committed, (long long)progress[i].next);
            assert(false);
        }
        log->held = true;
        MEM_GROW(transaction->progress, transaction->progress_count, transaction->progress_capacity);
        transaction->progress[transaction->progress_count++] = progress[i];
    }
}

static struct fake_partition *target(struct fake_kafka *kafka, const struct output *output)
{
    if (output->topic != OUT_HOME_LOG) {
        return &kafka->outputs[output->topic].partitions[0];
    }
    struct fake_topic *topic = kafka->swallows ? &kafka->swallowed : &kafka->inputs[0];
    int32_t number =
        output->partition >= 0 ? output->partition : partition_of(output->key, topic->partition_count);
    assert(number < topic->partition_count);
    return &topic->partitions[number];
}

static enum status say(struct sink *sink, enum status status, const char *sentence)
{
    snprintf(sink->error, sizeof sink->error, "%s", sentence);
    return status;
}
