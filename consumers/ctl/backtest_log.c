/* SPDX-License-Identifier: MIT */
/* Events from the home log. It is read twice: first for what concerns every home, the news of products, and
 * for where it begins and ends; then home by home, so that only the customers of one are in memory at a time.
 * At last comes what was really sent and decided against. */
#include "common/mem.h"
#include "consumers/ctl/backtest.h"
#include "consumers/decode.h"
#include "producers/kafka_reader.h"

#include <stdlib.h>

#define READ_WAIT_MS 100
#define ARENA_BYTES  65536

struct told_news {
    int64_t time_ms;
    struct record record; /* its own copy */
};

struct log_reading {
    struct backtest *backtest;
    struct kafka_reader *reader;
    struct log_bounds *bounds;
    size_t homes;
    int64_t whole, done; /* offsets */
    struct arena *arena; /* of the news */
    struct told_news *news;
    size_t news_count, news_capacity;
};

typedef void record_taker(struct log_reading *reading, const struct record *record, void *context);

static enum status read_all(struct log_reading *reading, int32_t home, const char *what, record_taker *take,
                            void *context);
static void look_at(struct log_reading *reading, const struct record *record, void *context);
static void keep_news(struct log_reading *reading, const struct record *record, int64_t time_ms);
static enum status fold_home(struct log_reading *reading, int32_t home);
static void fold_one(struct log_reading *reading, const struct record *record, void *context);
static bool is_own_event(struct log_reading *reading, const struct record *record);
static bool count_what_was(struct backtest *backtest, const char *topic);
static bool is_news(struct slice wire);
static int compare_news(const void *a, const void *b);

bool backtest_log(struct backtest *backtest)
{
    struct ctl *ctl = backtest->ctl;
    struct log_reading reading = {.backtest = backtest, .arena = arena_create(ARENA_BYTES)};
    char why[256] = "";
    enum status status =
        kafka_reader_open(ctl->settings, ctl->settings->topics_home_log, NULL, why, &reading.reader);
    if (status == STATUS_OK) {
        status = kafka_reader_bounds(reading.reader, CTL_WAIT_MS, &reading.bounds, &reading.homes);
    }
    for (size_t home = 0; home < reading.homes; home++) {
        reading.whole += 2 * (reading.bounds[home].end - reading.bounds[home].start);
        backtest->missing += reading.bounds[home].start;
    }
    backtest->first_ms = INT64_MAX;
    for (size_t home = 0; status == STATUS_OK && home < reading.homes; home++) {
        status = read_all(&reading, (int32_t)home, "looking through the log", look_at, NULL);
    }
    if (reading.news_count > 0) {
        qsort(reading.news, reading.news_count, sizeof *reading.news, compare_news);
    }
    for (size_t home = 0; status == STATUS_OK && home < reading.homes; home++) {
        status = fold_home(&reading, (int32_t)home);
    }
    bool good = status == STATUS_OK;
    if (!good) {
        ctl_fail_kafka(ctl, status, reading.reader != NULL ? kafka_reader_error(reading.reader) : why);
    } else if (backtest->first_ms == INT64_MAX) {
        good = false;
        ctl_fail("the home log has no event in this time");
    }
    kafka_reader_close(reading.reader);
    mem_free(reading.bounds);
    mem_free(reading.news);
    arena_destroy(reading.arena);
    backtest->has_was = true;
    return good && count_what_was(backtest, ctl->settings->topics_triggers) &&
           count_what_was(backtest, ctl->settings->topics_decisions);
}

/* One partition, up to the end that it had. */
static enum status read_all(struct log_reading *reading, int32_t home, const char *what, record_taker *take,
                            void *context)
{
    const struct log_bounds *bounds = &reading->bounds[home];
    int64_t *starts = mem_alloc(reading->homes * sizeof *starts);
    int64_t begun = reading->done;
    for (size_t i = 0; i < reading->homes; i++) {
        starts[i] = (int32_t)i == home && bounds->end > bounds->start ? bounds->start : -1;
    }
    enum status status = kafka_reader_start(reading->reader, starts, reading->homes);
    bool more = bounds->end > bounds->start;
    while (status == STATUS_OK && more && !kafka_reader_at_end(reading->reader)) {
        const struct record *record = NULL;
        status = kafka_reader_next(reading->reader, READ_WAIT_MS, &record);
        if (record == NULL) {
            continue;
        }
        more = record->offset + 1 < bounds->end;
        if (record->offset < bounds->end) {
            take(reading, record, context);
            reading->done = begun + record->offset - bounds->start;
        }
        if (reading->whole > 0) {
            backtest_progress(reading->backtest, what, reading->done, reading->whole);
        }
    }
    reading->done = begun + bounds->end - bounds->start;
    mem_free(starts);
    return status;
}

static void look_at(struct log_reading *reading, const struct record *record, void *context)
{
    struct backtest *backtest = reading->backtest;
    int64_t time_ms = 0;
    struct slice type;
    (void)context;
    if (record_header(record, "loyald-control").data != NULL || !is_own_event(reading, record) ||
        !backtest_time(backtest, record, &time_ms, &type) || time_ms >= backtest->to_ms) {
        return;
    }
    backtest->first_ms = time_ms < backtest->first_ms ? time_ms : backtest->first_ms;
    backtest->last_ms = time_ms > backtest->last_ms ? time_ms : backtest->last_ms;
    if (is_news(type)) {
        keep_news(reading, record, time_ms);
    }
}

static void keep_news(struct log_reading *reading, const struct record *record, int64_t time_ms)
{
    MEM_GROW(reading->news, reading->news_count, reading->news_capacity);
    struct told_news *told = &reading->news[reading->news_count++];
    struct header *headers = arena_alloc(reading->arena, (record->header_count + 1) * sizeof *headers);
    *told = (struct told_news){.time_ms = time_ms, .record = *record};
    for (size_t i = 0; i < record->header_count; i++) {
        headers[i] = (struct header){.name = arena_copy(reading->arena, record->headers[i].name),
                                     .value = arena_copy(reading->arena, record->headers[i].value)};
    }
    told->record.headers = headers;
    told->record.value = arena_copy(reading->arena, record->value);
    told->record.key = record->key.data != NULL ? arena_copy(reading->arena, record->key) : record->key;
}

struct folding {
    struct sandbox *sandbox;
    size_t heard; /* how many news this home has heard of */
};

/* A world of one home: all that lives in it, and all news. */
static enum status fold_home(struct log_reading *reading, int32_t home)
{
    struct backtest *backtest = reading->backtest;
    if (backtest->first_ms == INT64_MAX) {
        return STATUS_OK;
    }
    struct folding folding = {.sandbox = backtest_begin(backtest, 1, backtest->first_ms)};
    enum status status = read_all(reading, home, "folding", fold_one, &folding);
    while (folding.heard < reading->news_count) {
        const struct told_news *told = &reading->news[folding.heard++];
        backtest_event(backtest, folding.sandbox, &told->record, told->time_ms);
    }
    backtest_end(backtest, folding.sandbox);
    return status;
}

static void fold_one(struct log_reading *reading, const struct record *record, void *context)
{
    struct backtest *backtest = reading->backtest;
    struct folding *folding = context;
    int64_t time_ms = 0;
    struct slice type;
    if (record_header(record, "loyald-control").data != NULL || !is_own_event(reading, record)) {
        return;
    }
    if (!backtest_time(backtest, record, &time_ms, &type)) {
        backtest->unreadable++;
        return;
    }
    if (time_ms >= backtest->to_ms || is_news(type)) {
        return;
    }
    while (folding->heard < reading->news_count && reading->news[folding->heard].time_ms <= time_ms) {
        const struct told_news *told = &reading->news[folding->heard++];
        backtest_event(backtest, folding->sandbox, &told->record, told->time_ms);
        backtest->events--; /* of all homes, it counts where it was read */
    }
    backtest_event(backtest, folding->sandbox, record, time_ms);
}

/* Of a product: all homes hear of it. */
static bool is_news(struct slice wire)
{
    enum event_type type;
    return event_type_parse(wire, &type) && event_type_about(type) == ABOUT_PRODUCT;
}

/* One that stands in a wrong partition was copied to the right one. */
static bool is_own_event(struct log_reading *reading, const struct record *record)
{
    struct slice subject = record->key;
    arena_reset(reading->backtest->arena, ARENA_BYTES);
    if (subject.data == NULL &&
        event_decode_subject(record, reading->backtest->arena, &subject) != REJECT_NONE) {
        return false;
    }
    return subject.data != NULL && partition_of(subject, (int32_t)reading->homes) == record->partition;
}

static void count_record(struct log_reading *reading, const struct record *record, void *context)
{
    (void)context;
    backtest_count(reading->backtest, record->value, TALLY_WAS);
}

static bool count_what_was(struct backtest *backtest, const char *topic)
{
    struct log_reading reading = {.backtest = backtest};
    char why[256] = "";
    enum status status = kafka_reader_open(backtest->ctl->settings, topic, NULL, why, &reading.reader);
    if (status == STATUS_OK) {
        status = kafka_reader_bounds(reading.reader, CTL_WAIT_MS, &reading.bounds, &reading.homes);
    }
    for (size_t i = 0; status == STATUS_OK && i < reading.homes; i++) {
        status = read_all(&reading, (int32_t)i, "", count_record, NULL);
    }
    if (status != STATUS_OK) {
        ctl_fail_kafka(backtest->ctl, status,
                       reading.reader != NULL ? kafka_reader_error(reading.reader) : why);
    }
    kafka_reader_close(reading.reader);
    mem_free(reading.bounds);
    return status == STATUS_OK;
}

static int compare_news(const void *a, const void *b)
{
    const struct told_news *x = a, *y = b;
    return x->time_ms < y->time_ms ? -1 : x->time_ms > y->time_ms;
}
