/* SPDX-License-Identifier: MIT */
#include "tests/fakes/source_fake.h"

#include "common/mem.h"
#include "consumers/offsets.h"

#include <assert.h>
#include <stdio.h>

/* A partition of this member's assignment. */
struct reading {
    struct partition partition;
    int64_t next; /* OFFSET_NONE: nothing is delivered */
};

struct source_fake {
    struct source source; /* first: the port is this struct */
    struct fake_kafka *kafka;
    int member;
    struct generation generation;
    struct reading *readings;
    struct partition *partitions;
    size_t count;
    size_t turn;            /* which partition comes first, in turns */
    struct record *records; /* the worker's, of which `lent` are out */
    size_t lent;
    enum status take_status;
    bool fails_start, dead;
};

static void read_partition(struct source_fake *fake, struct reading *reading, size_t max,
                           struct record *records, size_t *count);
static void lend(const struct fake_record *from, struct partition partition, int64_t offset,
                 struct record *ret_record);
static struct slice copied(struct slice s);

static struct source_fake *fake_of(struct source *source)
{
    return (struct source_fake *)source;
}

static struct reading *reading_of(struct source_fake *fake, struct partition partition)
{
    for (size_t i = 0; i < fake->count; i++) {
        if (fake->readings[i].partition.topic == partition.topic &&
            fake->readings[i].partition.number == partition.number) {
            return &fake->readings[i];
        }
    }
    return NULL;
}

static void forget(struct source_fake *fake)
{
    mem_free(fake->readings);
    mem_free(fake->partitions);
    fake->readings = NULL;
    fake->partitions = NULL;
    fake->count = 0;
}

static void fake_close(struct source *source)
{
    struct source_fake *fake = fake_of(source);
    assert(fake->lent == 0);
    forget(fake);
    mem_free(fake);
}

static enum status fake_reopen(struct source *source)
{
    struct source_fake *fake = fake_of(source);
    if (fake->kafka->away) {
        snprintf(source->error, sizeof source->error, "the fake Kafka is away");
        return STATUS_AWAY;
    }
    forget(fake);
    fake->dead = false;
    fake->kafka->members[fake->member].dealt = true;
    fake->kafka->activity++;
    return STATUS_OK;
}

static void join(struct source_fake *fake, struct fake_member *member)
{
    forget(fake);
    fake->count = member->count;
    fake->readings = mem_zalloc((member->count + 1) * sizeof *fake->readings);
    fake->partitions = mem_zalloc((member->count + 1) * sizeof *fake->partitions);
    for (size_t i = 0; i < member->count; i++) {
        fake->partitions[i] = member->partitions[i];
        fake->readings[i] = (struct reading){.partition = member->partitions[i], .next = OFFSET_NONE};
    }
    fake->generation = (struct generation){.number = fake->kafka->generation, .member = fake->member};
    member->dealt = false;
    fake->kafka->activity++;
}

static enum status fake_take(struct source *source, size_t max, int wait_ms, struct record *records,
                             size_t *ret_count)
{
    (void)wait_ms;
    struct source_fake *fake = fake_of(source);
    struct fake_member *member = &fake->kafka->members[fake->member];
    assert(fake->lent == 0);
    *ret_count = 0;
    if (fake->take_status != STATUS_OK) {
        enum status status = fake->take_status;
        fake->take_status = STATUS_OK;
        fake->dead = status_verdict(status) == VERDICT_reopen;
        snprintf(source->error, sizeof source->error, "the fake take fails");
        return status;
    }
    assert(!fake->dead);
    if (fake->kafka->away) {
        return STATUS_OK; /* nothing comes */
    }
    if (member->dealt) {
        join(fake, member);
        snprintf(source->error, sizeof source->error, "the group has dealt its partitions anew");
        return STATUS_REASSIGNED;
    }
    size_t count = 0;
    for (size_t i = 0; i < fake->count; i++) {
        read_partition(fake, &fake->readings[(fake->turn + i) % fake->count], max, records, &count);
    }
    fake->turn++;
    fake->records = records;
    fake->lent = *ret_count = count;
    return STATUS_OK;
}

static void fake_release(struct source *source, struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mem_free((char *)records[i].key.data);
        mem_free((char *)records[i].value.data);
        for (size_t k = 0; k < records[i].header_count; k++) {
            mem_free((char *)records[i].headers[k].name.data);
            mem_free((char *)records[i].headers[k].value.data);
        }
        mem_free((void *)records[i].headers);
        records[i] = (struct record){0};
    }
    fake_of(source)->lent -= count;
}

static enum status fake_assignment(struct source *source, const struct partition **ret_partitions,
                                   size_t *ret_count)
{
    *ret_partitions = fake_of(source)->partitions;
    *ret_count = fake_of(source)->count;
    return STATUS_OK;
}

static const struct generation *fake_generation(struct source *source)
{
    return &fake_of(source)->generation;
}

static enum status fake_committed(struct source *source, struct place *places, size_t count, int timeout_ms)
{
    (void)timeout_ms;
    struct source_fake *fake = fake_of(source);
    if (fake->kafka->away) {
        snprintf(source->error, sizeof source->error, "the fake Kafka is away");
        return STATUS_AWAY;
    }
    for (size_t i = 0; i < count; i++) {
        const struct fake_partition *log = fake_kafka_partition(fake->kafka, places[i].partition);
        places[i].status = log->held ? STATUS_BUSY : STATUS_OK;
        places[i].offset = log->held ? OFFSET_NONE : log->committed;
    }
    return STATUS_OK;
}

static enum status fake_bounds(struct source *source, struct partition partition, int timeout_ms,
                               struct bounds *ret_bounds)
{
    (void)timeout_ms;
    struct source_fake *fake = fake_of(source);
    if (fake->kafka->away) {
        snprintf(source->error, sizeof source->error, "the fake Kafka is away");
        return STATUS_AWAY;
    }
    const struct fake_partition *log = fake_kafka_partition(fake->kafka, partition);
    *ret_bounds = (struct bounds){.start = log->start, .end = fake_kafka_end(log)};
    return STATUS_OK;
}

static enum status fake_start(struct source *source, const struct place *places, size_t count)
{
    struct source_fake *fake = fake_of(source);
    if (fake->fails_start) {
        fake->fails_start = false;
        snprintf(source->error, sizeof source->error, "the fake start fails");
        return STATUS_AWAY;
    }
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = reading_of(fake, places[i].partition);
        assert(reading != NULL);
        assert(places[i].offset >= 0);
        reading->next = places[i].offset;
    }
    fake->kafka->activity++;
    return STATUS_OK;
}

static enum status fake_stop(struct source *source, struct partition partition)
{
    struct reading *reading = reading_of(fake_of(source), partition);
    if (reading != NULL) {
        reading->next = OFFSET_NONE;
    }
    return STATUS_OK;
}

static int64_t fake_end_seen(struct source *source, struct partition partition)
{
    const struct fake_partition *log = fake_kafka_partition(fake_of(source)->kafka, partition);
    const struct reading *reading = reading_of(fake_of(source), partition);
    int64_t end = fake_kafka_end(log), next = reading != NULL ? reading->next : OFFSET_NONE;
    for (int64_t i = next; next != OFFSET_NONE && i < end; i++) {
        if (log->records[i].state == FAKE_COMMITTED) {
            return end;
        }
    }
    return next != OFFSET_NONE ? next : end; /* nothing but what transactions have left */
}

static enum status fake_skips(struct source *source, int32_t home, int64_t **ret_offsets, size_t *ret_count)
{
    struct fake_kafka *kafka = fake_of(source)->kafka;
    if (kafka->away || kafka->skips_unreadable) {
        snprintf(source->error, sizeof source->error, "the fake skips cannot be read");
        return STATUS_AWAY;
    }
    int64_t *offsets = mem_alloc((kafka->skip_count + 1) * sizeof *offsets);
    size_t count = 0;
    for (size_t i = 0; i < kafka->skip_count; i++) {
        if (kafka->skips[i].home == home) {
            offsets[count++] = kafka->skips[i].offset;
        }
    }
    offsets_sort(offsets, count);
    *ret_offsets = offsets;
    *ret_count = count;
    return STATUS_OK;
}

struct source *source_fake_open(struct fake_kafka *kafka, int member)
{
    static const struct source_ops ops = {
        .close = fake_close,
        .reopen = fake_reopen,
        .take = fake_take,
        .release = fake_release,
        .assignment = fake_assignment,
        .generation = fake_generation,
        .committed = fake_committed,
        .bounds = fake_bounds,
        .start = fake_start,
        .stop = fake_stop,
        .end_seen = fake_end_seen,
        .skips = fake_skips,
    };
    assert(member < FAKE_MEMBERS_MAX);
    struct source_fake *fake = mem_zalloc(sizeof *fake);
    fake->source.ops = &ops;
    fake->kafka = kafka;
    fake->member = member;
    kafka->members[member].dealt = true;
    return &fake->source;
}

void source_fake_fail_take(struct source *source, enum status status)
{
    fake_of(source)->take_status = status;
}

void source_fake_abandon(struct source *source)
{
    fake_release(source, fake_of(source)->records, fake_of(source)->lent);
}

void source_fake_fail_start(struct source *source)
{
    fake_of(source)->fails_start = true;
}

static void read_partition(struct source_fake *fake, struct reading *reading, size_t max,
                           struct record *records, size_t *count)
{
    const struct fake_partition *log = fake_kafka_partition(fake->kafka, reading->partition);
    int64_t end = fake_kafka_end(log);
    if (reading->next != OFFSET_NONE && reading->next < log->start) {
        reading->next = OFFSET_NONE; /* auto.offset.reset=error: the reader hears no more */
    }
    while (reading->next != OFFSET_NONE && reading->next < end && *count < max) {
        const struct fake_record *record = &log->records[reading->next];
        if (record->state == FAKE_COMMITTED) {
            lend(record, reading->partition, reading->next, &records[(*count)++]);
        }
        reading->next++;
        fake->kafka->activity++;
    }
}

static void lend(const struct fake_record *from, struct partition partition, int64_t offset,
                 struct record *ret_record)
{
    struct header *headers = NULL;
    if (from->header_count > 0) {
        headers = mem_alloc(from->header_count * sizeof *headers);
        for (size_t i = 0; i < from->header_count; i++) {
            headers[i] = (struct header){.name = copied(from->headers[i].name),
                                         .value = copied(from->headers[i].value)};
        }
    }
    *ret_record = (struct record){.topic = partition.topic,
                                  .partition = partition.number,
                                  .offset = offset,
                                  .append_ms = from->append_ms,
                                  .key = copied(from->key),
                                  .value = copied(from->value),
                                  .headers = headers,
                                  .header_count = from->header_count};
}

static struct slice copied(struct slice s)
{
    return (struct slice){.data = s.data != NULL ? mem_copy(s) : NULL, .len = s.len};
}
