/* SPDX-License-Identifier: MIT */
/* Where explain's records come from: Kafka for the past, a sandbox for the future. */
#include "common/cloudevent.h"
#include "common/mem.h"
#include "consumers/ctl/explain.h"
#include "consumers/sandbox.h"
#include "producers/kafka_reader.h"

#include <stdlib.h>

#define REACH        200000 /* offsets looked back */
#define READ_WAIT_MS 100
#define DAY_MS       86400000LL

/* The sandbox's listener. */
struct listening {
    struct arena *arena;
    struct told_list *list;
};

static enum status read_back(struct ctl *ctl, struct kafka_reader *reader, struct slice customer,
                             struct told_list *list, int64_t *since_ms);
static void hear(void *context, const struct output *output);
static int compare_told(const void *a, const void *b);
static struct slice text_of(const struct json *object, const char *name);

bool explain_past(struct ctl *ctl, struct slice customer, struct told_list *ret_list, int64_t *ret_since_ms)
{
    const char *const topics[] = {ctl->settings->topics_triggers, ctl->settings->topics_decisions};
    *ret_since_ms = 0;
    for (size_t i = 0; i < 2; i++) {
        struct kafka_reader *reader = NULL;
        char why[256] = "";
        enum status status = kafka_reader_open(ctl->settings, topics[i], NULL, why, &reader);
        if (status == STATUS_OK) {
            status = read_back(ctl, reader, customer, ret_list, ret_since_ms);
        }
        if (status != STATUS_OK) {
            ctl_fail_kafka(ctl, status, reader != NULL ? kafka_reader_error(reader) : why);
        }
        kafka_reader_close(reader);
        if (status != STATUS_OK) {
            return false;
        }
    }
    if (ret_list->count > 0) {
        qsort(ret_list->items, ret_list->count, sizeof *ret_list->items, compare_told);
    }
    return true;
}

bool explain_future(struct ctl *ctl, const struct customer_view *view, const struct switches *switches,
                    int days, struct told_list *ret_list)
{
    struct listening listening = {.arena = ctl->arena, .list = ret_list};
    struct sandbox *sandbox = sandbox_create(1, hear, &listening);
    sandbox_activate(sandbox, view->policy, view->now_ms);
    for (size_t i = 0; i < switches->count; i++) {
        sandbox_pause(sandbox, switches->items[i].name);
    }
    bool good = sandbox_load(sandbox, view->id, &view->hash);
    if (good) {
        sandbox_pass(sandbox, view->now_ms + days * DAY_MS);
    } else {
        ctl_fail("what Redis has of this customer is not what loyald writes");
    }
    sandbox_destroy(sandbox);
    return good;
}

bool explain_read(struct arena *arena, struct slice value, struct told *ret_told)
{
    const struct json *event = NULL;
    if (json_parse(value, arena, &event) != JSON_OK) {
        return false;
    }
    const struct json *data = json_member(event, "data");
    struct slice type = text_of(event, "type"), outcome = text_of(data, "outcome");
    *ret_told = (struct told){.follow_up = text_of(data, "follow_up"),
                              .occurrence = text_of(data, "occurrence"),
                              .outcome = slice_is(type, "loyalty.follow_up.triggered.v1") ? SLICE("sent")
                                         : slice_is(type, "loyalty.coupon.withdrawn.v1")  ? SLICE("withdrawn")
                                                                                          : outcome,
                              .reason = text_of(data, "reason")};
    return instant_parse(text_of(event, "time"), &ret_told->time_ms);
}

void told_add(struct told_list *list, const struct told *told)
{
    MEM_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = *told;
}

/* What goes out has its customer as key, so all of it stands in one partition. */
static enum status read_back(struct ctl *ctl, struct kafka_reader *reader, struct slice customer,
                             struct told_list *list, int64_t *since_ms)
{
    struct log_bounds *bounds = NULL;
    size_t count = 0;
    enum status status = kafka_reader_bounds(reader, CTL_WAIT_MS, &bounds, &count);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t *starts = mem_alloc(count * sizeof *starts);
    for (size_t i = 0; i < count; i++) {
        starts[i] = -1;
    }
    size_t own = (size_t)partition_of(customer, (int32_t)count);
    int64_t end = bounds[own].end, start = end - REACH > bounds[own].start ? end - REACH : bounds[own].start;
    bool first = start > bounds[own].start, more = end > start;
    starts[own] = more ? start : -1;
    status = kafka_reader_start(reader, starts, count);
    while (status == STATUS_OK && more && !kafka_reader_at_end(reader)) {
        const struct record *record = NULL;
        struct told told;
        status = kafka_reader_next(reader, READ_WAIT_MS, &record);
        if (record == NULL) {
            continue;
        }
        if (first && record->append_ms > *since_ms) {
            *since_ms = record->append_ms;
        }
        first = false;
        more = record->offset + 1 < end;
        if (slice_equal(record->key, customer) &&
            explain_read(ctl->arena, arena_copy(ctl->arena, record->value), &told)) {
            told_add(list, &told);
        }
    }
    mem_free(starts);
    mem_free(bounds);
    return status;
}

static void hear(void *context, const struct output *output)
{
    struct listening *listening = context;
    struct told told;
    if (explain_read(listening->arena, arena_copy(listening->arena, output->value), &told)) {
        told_add(listening->list, &told);
    }
}

static int compare_told(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    return x->time_ms < y->time_ms ? -1 : x->time_ms > y->time_ms;
}

static struct slice text_of(const struct json *object, const char *name)
{
    struct slice text = SLICE("");
    const struct json *member = json_member(object, name);
    return member != NULL && json_string(member, &text) ? text : SLICE("");
}
