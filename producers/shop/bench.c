/* SPDX-License-Identifier: MIT */
#include "producers/shop/bench.h"

#include "common/mem.h"
#include "producers/shop/compose.h"
#include "producers/shop/pace.h"
#include "producers/shop/random.h"

#include <stdio.h>

struct bench {
    struct stream stream;
    struct random random;
    struct pace pace;
    int64_t count, made;
    uint32_t customers;
    uint32_t *complaints; /* of each customer: events so far; every second one resolves what the one before
                             opened */
    struct buf body;
    struct id_text id, customer, thing;
};

static const struct slice source = {"/shop/bench", 11};

static bool next_event(struct stream *stream, struct shop_event *ret_event);
static void close_bench(struct stream *stream);
static void write_purchase(struct bench *bench, struct head *head);
static void write_complaint(struct bench *bench, struct head *head, uint32_t customer);

struct stream *bench_open(const struct options *options)
{
    struct bench *bench = mem_zalloc(sizeof *bench);
    bench->stream = (struct stream){.next = next_event, .close = close_bench, .expected = options->count};
    snprintf(bench->stream.about, sizeof bench->stream.about,
             "%lld events of %d bytes, of %lld customers, are made up from seed %llu",
             (long long)options->count, BENCH_EVENT_BYTES, (long long)options->customers,
             (unsigned long long)options->seed);
    bench->random = random_of(options->seed, 'M', 0);
    bench->pace = pace_of(options);
    bench->count = options->count;
    bench->customers = (uint32_t)options->customers;
    bench->complaints = mem_zalloc(bench->customers * sizeof *bench->complaints);
    return &bench->stream;
}

static void close_bench(struct stream *stream)
{
    struct bench *bench = (struct bench *)stream;
    mem_free(bench->complaints);
    buf_done(&bench->body);
    mem_free(bench);
}

static bool next_event(struct stream *stream, struct shop_event *ret_event)
{
    struct bench *bench = (struct bench *)stream;
    if (bench->made == bench->count) {
        return false;
    }
    uint32_t customer = random_below(&bench->random, bench->customers);
    uint32_t kind = random_below(&bench->random, 100);
    struct head head = {.source = source,
                        .id = id_make(&bench->id, "event-", bench->made, 10),
                        .subject = id_make(&bench->customer, "C", customer, 8),
                        .time_ms = pace_time(&bench->pace, bench->made)};
    if (kind < 80) {
        write_purchase(bench, &head);
    } else if (kind < 95) {
        head.type = EVENT_VISIT_MADE;
        compose_visit(&bench->body, &head, random_below(&bench->random, 3));
    } else {
        write_complaint(bench, &head, customer);
    }
    compose_pad(&bench->body, BENCH_EVENT_BYTES);
    bench->made++;
    *ret_event = (struct shop_event){
        .type = head.type, .time_ms = head.time_ms, .key = head.subject, .body = buf_view(&bench->body)};
    return true;
}

static void write_purchase(struct bench *bench, struct head *head)
{
    struct goods goods = {.order_id = id_make(&bench->thing, "order-", bench->made, 10),
                          .currency = SLICE("USD"),
                          .net_minor = 500 + random_below(&bench->random, 20000),
                          .channel = random_below(&bench->random, 3), /* store, web, app */
                          .category = slice_of(genre_name(random_below(&bench->random, GENRE_COUNT))),
                          .items = 1 + random_below(&bench->random, 4)};
    head->type = EVENT_PURCHASE_COMPLETED;
    compose_purchase(&bench->body, head, &goods);
}

static void write_complaint(struct bench *bench, struct head *head, uint32_t customer)
{
    uint32_t number = bench->complaints[customer]++;
    struct slice complaint_id = id_make(&bench->thing, "complaint-", number / 2, 4);
    if (number % 2 == 0) {
        head->type = EVENT_COMPLAINT_OPENED;
        compose_opening(&bench->body, head, complaint_id, random_below(&bench->random, SEVERITY_COUNT),
                        SLICE("late_delivery"), SALES_web);
    } else {
        head->type = EVENT_COMPLAINT_RESOLVED;
        compose_stage(&bench->body, head, complaint_id);
    }
}
