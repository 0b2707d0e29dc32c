/* SPDX-License-Identifier: MIT */
/* The sentences of kafka_pair.h. */
#include "tests/fakes/kafka_pair.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"
#include "consumers/source_kafka.h"
#include "producers/sink_kafka.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TAKE_MAX 1000

static void expect(enum status status, const char *words);
static enum status take(struct pair *pair, size_t max, struct buf *text, size_t *ret_count);
static void expect_in_time(int64_t deadline_us, const char *waited_for);

void pair_open(struct pair *pair, struct settings *settings, const char *member)
{
    char error[256] = "";
    *pair = (struct pair){.settings = settings};
    expect(source_kafka_open(settings, member, error, &pair->source), error);
    expect(sink_kafka_open(settings, member, error, &pair->sink), error);
}

void pair_close(struct pair *pair)
{
    source_close(pair->source);
    sink_close(pair->sink);
    *pair = (struct pair){0};
}

void pair_make_topics(struct kafka_broker *broker, int32_t homes)
{
    static const char *const names[] = {"purchases", "triggers", "decisions", "dead-letters"};
    kafka_broker_make_topic(broker, kafka_broker_topic(broker, "events"), homes, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        kafka_broker_make_topic(broker, kafka_broker_topic(broker, names[i]), 2, NULL);
    }
}

/* One take; *dealt becomes the size of the assignment when the group has dealt. */
static void take_deal(struct pair *pair, size_t *dealt)
{
    size_t count = 0;
    const struct partition *partitions = NULL;
    enum status status = take(pair, TAKE_MAX, NULL, &count);
    assert_int_equal(count, 0);
    if (status == STATUS_REASSIGNED) {
        expect(source_assignment(pair->source, &partitions, dealt), pair->source->error);
    } else if (status != STATUS_AWAY) {
        expect(status, pair->source->error);
    }
}

void pair_wait_dealt(struct pair *pair, size_t partitions)
{
    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    for (size_t dealt = SIZE_MAX; dealt != partitions;) {
        expect_in_time(deadline_us, "assignment");
        take_deal(pair, &dealt);
    }
}

void pair_wait_both_dealt(struct pair *one, struct pair *two, size_t partitions)
{
    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    size_t dealt_one = SIZE_MAX;
    size_t dealt_two = SIZE_MAX;
    while (dealt_one != partitions || dealt_two != partitions) {
        expect_in_time(deadline_us, "assignment of both");
        take_deal(one, &dealt_one);
        take_deal(two, &dealt_two);
    }
}

void pair_wait_status(struct pair *pair, enum status wanted)
{
    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    enum status status = STATUS_COUNT;
    while (status != wanted) {
        expect_in_time(deadline_us, status_name(wanted));
        size_t count = 0;
        status = take(pair, TAKE_MAX, NULL, &count);
    }
}

void pair_start(struct pair *pair, int32_t topic, int32_t partition, int64_t offset)
{
    struct place place = {
        .partition = {.topic = topic, .number = partition},
          .offset = offset
    };
    expect(source_start(pair->source, &place, 1), pair->source->error);
}

void pair_start_all(struct pair *pair)
{
    const struct partition *partitions = NULL;
    size_t count = 0;
    expect(source_assignment(pair->source, &partitions, &count), pair->source->error);
    for (size_t i = 0; i < count; i++) {
        pair_start(pair, partitions[i].topic, partitions[i].number, 0);
    }
}

const char *pair_take(struct pair *pair, size_t wanted)
{
    static struct buf text;
    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    buf_reset(&text);
    for (size_t have = 0; have < wanted;) {
        expect_in_time(deadline_us, "records");
        size_t count = 0;
        expect(take(pair, wanted - have, &text, &count), pair->source->error);
        have += count;
    }
    buf_char(&text, '\0');
    return text.data;
}

void pair_take_nothing(struct pair *pair)
{
    size_t count = 0;
    for (int i = 0; i < 2; i++) {
        expect(take(pair, TAKE_MAX, NULL, &count), pair->source->error);
        assert_int_equal(count, 0);
    }
}

enum status pair_publish(struct pair *pair, const char *trigger, int32_t home, int64_t next)
{
    struct output output = {
        .topic = OUT_TRIGGERS, .partition = -1, .key = SLICE("C1"), .value = slice_of(trigger)};
    struct progress progress = {.topic = 0, .partition = home, .next = next};
    return sink_publish(pair->sink, &output, 1, &progress, next != OFFSET_NONE,
                        source_generation(pair->source));
}

int64_t pair_committed(struct pair *pair, int32_t home, int timeout_ms)
{
    struct place place = {
        .partition = {.topic = 0, .number = home}
    };
    expect(source_committed(pair->source, &place, 1, timeout_ms), pair->source->error);
    return place.status == STATUS_BUSY ? BUSY_PLACE : place.offset;
}

const char *pair_triggers(struct kafka_broker *broker)
{
    static struct buf text;
    struct kafka_reads reads;
    buf_reset(&text);
    kafka_broker_read_all(broker, kafka_broker_topic(broker, "triggers"), &reads);
    for (size_t i = 0; i < reads.count; i++) {
        buf_slice(&text, reads.items[i].value);
        buf_char(&text, ' ');
    }
    kafka_reads_done(&reads);
    buf_char(&text, '\0');
    return text.data;
}

static void expect(enum status status, const char *words)
{
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), words);
    }
}

static void expect_in_time(int64_t deadline_us, const char *waited_for)
{
    if (clock_monotonic_us() > deadline_us) {
        fail_msg("no %s in time", waited_for);
    }
}

static enum status take(struct pair *pair, size_t max, struct buf *text, size_t *ret_count)
{
    struct record records[TAKE_MAX];
    enum status status = source_take(pair->source, max < TAKE_MAX ? max : TAKE_MAX, 2, records, ret_count);
    if (status != STATUS_OK) {
        *ret_count = 0;
        return status;
    }
    for (size_t i = 0; i < *ret_count && text != NULL; i++) {
        buf_printf(text, "%.*s@%lld ", SLICE_ARG(records[i].value), (long long)records[i].offset);
    }
    source_release(pair->source, records, *ret_count);
    return STATUS_OK;
}
