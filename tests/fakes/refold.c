/* SPDX-License-Identifier: MIT */
#include "tests/fakes/refold.h"

#include "common/mem.h"
#include "consumers/worker.h"
#include "tests/fakes/dialogue_world.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/sink_fake.h"
#include "tests/fakes/source_fake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define HOMES_MAX  64
#define ROUNDS_MAX 100000

static struct fake_kafka *copy_log(const struct fake_kafka *from, const struct refold_options *options);
static void run_workers(struct fake_kafka *kafka, struct fake_memory *memory,
                        const struct refold_options *options);
static void deal(struct fake_kafka *kafka, int workers);
static void gather_outputs(const struct fake_kafka *kafka, struct refolded *ret);
static void gather_internal(const struct fake_topic *topic, const char *home_log, struct refolded *ret);
static bool is_internal(const struct fake_record *record, const char *home_log);
static void dump_record(struct dump *dump, struct slice topic, const struct fake_record *record);
static bool texts_equal(const char *a, const char *b, const char *what, const char *part);
static bool copied_once(void);

void refold(const struct fake_kafka *kafka, const struct refold_options *options, struct refolded *ret)
{
    struct fake_kafka *copy = copy_log(kafka, options);
    struct fake_memory *memory = fake_memory_create();
    run_workers(copy, memory, options);
    *ret = (struct refolded){0};
    for (int32_t home = 0; home < copy->inputs[0].partition_count; home++) {
        ret->homes[home] = fake_memory_dump(memory, home);
    }
    gather_outputs(copy, ret);
    gather_internal(&copy->swallowed, copy->inputs[0].name, ret);
    fake_kafka_destroy(copy);
    fake_memory_destroy(memory);
}

void refold_of_world(const struct fake_kafka *kafka, const struct fake_memory *memory, struct refolded *ret)
{
    *ret = (struct refolded){0};
    for (int32_t home = 0; home < kafka->inputs[0].partition_count; home++) {
        ret->homes[home] = fake_memory_dump(memory, home);
    }
    gather_outputs(kafka, ret);
    gather_internal(&kafka->inputs[0], kafka->inputs[0].name, ret);
}

void refolded_free(struct refolded *refolded)
{
    for (size_t i = 0; i < HOMES_MAX; i++) {
        free(refolded->homes[i]);
    }
    free(refolded->outputs);
    free(refolded->internal);
    *refolded = (struct refolded){0};
}

bool refolded_equal(const struct refolded *a, const struct refolded *b, const char *what)
{
    bool equal = true;
    for (size_t i = 0; i < HOMES_MAX; i++) {
        char part[32];
        snprintf(part, sizeof part, "home %zu", i);
        equal &= texts_equal(a->homes[i], b->homes[i], what, part);
    }
    equal &= texts_equal(a->outputs, b->outputs, what, "outputs");
    return texts_equal(a->internal, b->internal, what, "records to the home log") && equal;
}

bool world_is_true(void)
{
    struct refolded is, should;
    struct refold_options options = {.events = 100, .run = 1000, .customers = 60000, .workers = 1};
    refold_of_world(world.kafka, world.memory, &is);
    refold(world.kafka, &options, &should);
    bool equal = refolded_equal(&is, &should, "the world and a fold of its log from scratch");
    refolded_free(&is);
    refolded_free(&should);
    return copied_once() && equal;
}

static struct fake_kafka *copy_log(const struct fake_kafka *from, const struct refold_options *options)
{
    const char *name = from->inputs[0].name;
    int32_t homes = from->inputs[0].partition_count;
    assert(homes <= HOMES_MAX);
    struct fake_kafka *kafka = fake_kafka_create(&name, 1, homes, 0);
    for (int32_t home = 0; home < homes; home++) {
        const struct fake_partition *log = &from->inputs[0].partitions[home];
        struct fake_partition *copy = &kafka->inputs[0].partitions[home];
        for (size_t i = 0; i < log->count; i++) {
            const struct fake_record *record = &log->records[i];
            struct output output = {.key = record->key,
                                    .value = record->value,
                                    .headers = record->headers,
                                    .header_count = record->header_count};
            kafka->now_ms = record->append_ms;
            fake_kafka_append(kafka, copy, record->state, &output);
        }
        copy->committed = options->silent ? (int64_t)log->count : OFFSET_NONE;
    }
    for (size_t i = 0; i < from->skip_count; i++) {
        fake_kafka_skip(kafka, from->skips[i].home, from->skips[i].offset);
    }
    kafka->now_ms = from->now_ms;
    kafka->swallows = true;
    return kafka;
}

static void run_workers(struct fake_kafka *kafka, struct fake_memory *memory,
                        const struct refold_options *options)
{
    static const char *const names[FAKE_MEMBERS_MAX] = {"refold-0", "refold-1", "refold-2", "refold-3"};
    struct worker *workers[FAKE_MEMBERS_MAX];
    char feeders[] = "LOYALD_TOPICS_FEEDERS=";
    char embedded[] = "LOYALD_PROCESS_EMBEDDED=true"; /* no brokers need to be named */
    char *environment[] = {feeders, embedded, NULL};
    struct buf problems = {0};
    struct settings *settings = NULL;
    struct stats *stats = stats_create(kafka->inputs[0].partition_count);
    bool loaded = settings_load(NULL, environment, &problems, &settings);
    assert(loaded);
    settings->batch_events = options->events;
    settings->batch_run = options->run;
    settings->cache_customers = options->customers;
    deal(kafka, options->workers);
    for (int i = 0; i < options->workers; i++) {
        struct worker_options worker = {.settings = settings,
                                        .name = names[i],
                                        .homes = kafka->inputs[0].partition_count,
                                        .erasure_key = SLICE("a key of thirty-two bytes, no more"),
                                        .policy_version = "",
                                        .source = source_fake_open(kafka, i),
                                        .sink = sink_fake_open(kafka, i),
                                        .store = store_fake_open(memory),
                                        .stats = stats,
                                        .now_ms = kafka->now_ms};
        workers[i] = worker_create(&worker);
    }
    int quiet = 0;
    for (int round = 0; quiet < 3 && round < ROUNDS_MAX; round++) {
        unsigned long before = kafka->activity;
        for (int i = 0; i < options->workers; i++) {
            enum status status = worker_turn(workers[i], kafka->now_ms);
            assert(status == STATUS_OK);
        }
        quiet = kafka->activity == before ? quiet + 1 : 0;
    }
    assert(quiet == 3);
    for (int i = 0; i < options->workers; i++) {
        worker_destroy(workers[i]);
    }
    settings_free(settings);
    stats_destroy(stats);
    buf_done(&problems);
}

static void deal(struct fake_kafka *kafka, int workers)
{
    struct partition partitions[FAKE_MEMBERS_MAX][HOMES_MAX];
    struct fake_deal deals[FAKE_MEMBERS_MAX] = {{0}};
    for (int32_t home = 0; home < kafka->inputs[0].partition_count; home++) {
        struct fake_deal *deal = &deals[home % workers];
        partitions[home % workers][deal->count++] = (struct partition){.topic = 0, .number = home};
        deal->partitions = partitions[home % workers];
    }
    fake_kafka_deal(kafka, deals, (size_t)workers);
}

/* Letters of what a feeder's owner refused are no part of the fold. */
static void gather_outputs(const struct fake_kafka *kafka, struct refolded *ret)
{
    struct dump dump = {0};
    for (int topic = OUT_TRIGGERS; topic < OUT_TOPIC_COUNT; topic++) {
        const struct fake_partition *log = &kafka->outputs[topic].partitions[0];
        for (size_t i = 0; i < log->count; i++) {
            const struct fake_record *record = &log->records[i];
            struct slice from = record_header_of(record, "loyald-topic");
            if (record->state == FAKE_COMMITTED &&
                (topic != OUT_DEAD_LETTERS || slice_is(from, kafka->inputs[0].name))) {
                dump_record(&dump, slice_of(kafka->outputs[topic].name), record);
            }
        }
    }
    ret->outputs = dump_finish(&dump);
}

static void gather_internal(const struct fake_topic *topic, const char *home_log, struct refolded *ret)
{
    struct dump dump = {0};
    for (int32_t home = 0; home < topic->partition_count; home++) {
        const struct fake_partition *log = &topic->partitions[home];
        for (size_t i = 0; i < log->count; i++) {
            char name[32];
            snprintf(name, sizeof name, "to home %d", home);
            if (log->records[i].state == FAKE_COMMITTED && is_internal(&log->records[i], home_log)) {
                dump_record(&dump, slice_of(name), &log->records[i]);
            }
        }
    }
    ret->internal = dump_finish(&dump);
}

/* What the fold itself writes: ticks are the owner's, policies people's. */
static bool is_internal(const struct fake_record *record, const char *home_log)
{
    struct slice control = record_header_of(record, "loyald-control");
    struct slice origin = record_header_of(record, "loyald-origin");
    if (control.data != NULL) {
        return slice_has_prefix(control, SLICE("continuation ")) ||
               slice_has_prefix(control, SLICE("broadcast ")) || slice_has_prefix(control, SLICE("chunk "));
    }
    return slice_has_prefix(origin, slice_of(home_log));
}

static void dump_record(struct dump *dump, struct slice topic, const struct fake_record *record)
{
    struct buf text = {0};
    buf_slice(&text, record->value);
    for (size_t i = 0; i < record->header_count; i++) {
        buf_text(&text, " ");
        buf_slice(&text, record->headers[i].name);
        buf_text(&text, ": ");
        buf_slice(&text, record->headers[i].value);
    }
    dump_field(dump, topic, record->key, buf_view(&text));
    buf_done(&text);
}

static bool texts_equal(const char *a, const char *b, const char *what, const char *part)
{
    a = a != NULL ? a : "";
    b = b != NULL ? b : "";
    if (strcmp(a, b) == 0) {
        return true;
    }
    const char *line_a = a, *line_b = b;
    while (strcspn(line_a, "\n") == strcspn(line_b, "\n") &&
           strncmp(line_a, line_b, strcspn(line_a, "\n")) == 0) {
        line_a += strcspn(line_a, "\n") + 1;
        line_b += strcspn(line_b, "\n") + 1;
    }
    print_error("%s differ in %s:\n  %.*s\n  %.*s\n", what, part, (int)strcspn(line_a, "\n"), line_a,
                (int)strcspn(line_b, "\n"), line_b);
    return false;
}

/* No record of a feeder twice in the home logs, none without key lost; no letter twice. */
static bool copied_once(void)
{
    struct dump dump = {0};
    for (int32_t home = 0; home < world.homes; home++) {
        const struct fake_partition *log = the_log(home);
        for (size_t i = 0; i < log->count; i++) {
            struct slice origin = record_header_of(&log->records[i], "loyald-origin");
            if (log->records[i].state == FAKE_COMMITTED && origin.data != NULL) {
                dump_field(&dump, SLICE("copy"), origin, SLICE(""));
            }
        }
    }
    const struct fake_partition *letters = &world.kafka->outputs[OUT_DEAD_LETTERS].partitions[0];
    for (size_t i = 0; i < letters->count; i++) {
        const struct fake_record *letter = &letters->records[i];
        if (letter->state == FAKE_COMMITTED) {
            char place[128];
            snprintf(place, sizeof place, "%.*s/%.*s/%.*s",
                     SLICE_ARG(record_header_of(letter, "loyald-topic")),
                     SLICE_ARG(record_header_of(letter, "loyald-partition")),
                     SLICE_ARG(record_header_of(letter, "loyald-offset")));
            dump_field(&dump, SLICE("letter"), slice_of(place), SLICE(""));
        }
    }
    char *text = dump_finish(&dump);
    bool once = true;
    for (const char *line = text; *line != '\0' && once;) {
        size_t len = strcspn(line, "\n");
        const char *next = line + len + (line[len] == '\n');
        if (len > 0 && strcspn(next, "\n") == len && strncmp(line, next, len) == 0) {
            print_error("there are two of these: %.*s\n", (int)len, line);
            once = false;
        }
        line = next;
    }
    free(text);
    return once;
}
