/* SPDX-License-Identifier: MIT */
/* The note `suspect:NAME`: of each partition the ranges of offsets among which one may end processes, as
 * TOPIC/PARTITION -> FROM TO ENDS [FROM TO ENDS]... What is in hand stands in it too, for it is suspicious if
 * the process ends now; and beside it what was suspicious before, for that a process ends elsewhere says
 * nothing of it. What it means is worker_careful.c's. */
#include "consumers/worker_private.h"

#include "common/log.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define ENDS_MAX 3

static enum status read_field(struct worker *worker, const struct field *field, struct arena *arena);
static bool read_partition(const struct worker *worker, struct slice name, struct arena *arena,
                           struct partition *ret_partition);
static bool read_range(const char **at, struct suspicion *ret_range);
static enum status accuse(struct worker *worker, struct slice name, int64_t offset, struct arena *arena);
static struct slice ranges_of(const struct worker *worker, struct partition partition,
                              const struct suspicion *in_hand, struct arena *arena);
static bool is_of(struct partition one, struct partition other);

enum status suspicion_read(struct worker *worker, struct arena *arena)
{
    struct hash hash = {0};
    enum status status = store_note_get(worker->store, careful_note(worker, "suspect"), arena, &hash);
    worker->suspicion_count = 0;
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        status = read_field(worker, &hash.fields[i], arena);
    }
    return status;
}

enum status suspicion_write(struct worker *worker, bool in_hand)
{
    struct arena *arena = worker->outbox.arena;
    struct field *kept = arena_alloc(arena, (worker->in_hand_count + 1) * sizeof *kept);
    struct slice *gone = arena_alloc(arena, (worker->in_hand_count + 1) * sizeof *gone);
    size_t kept_count = 0, gone_count = 0;
    for (size_t i = 0; i < worker->in_hand_count; i++) {
        struct partition partition = worker->in_hand[i].partition;
        struct slice name = charge_name(worker, partition, arena);
        struct slice ranges = ranges_of(worker, partition, in_hand ? &worker->in_hand[i] : NULL, arena);
        if (ranges.len > 0) {
            kept[kept_count++] = (struct field){.name = name, .value = ranges};
        } else {
            gone[gone_count++] = name;
        }
    }
    const char *note = careful_note(worker, "suspect");
    enum status status = store_note_set(worker->store, note, kept, kept_count);
    return status == STATUS_OK ? store_note_unset(worker->store, note, gone, gone_count) : status;
}

struct suspicion *suspicion_of(const struct worker *worker, const struct record *record)
{
    struct partition partition = {.topic = record->topic, .number = record->partition};
    for (size_t i = 0; i < worker->suspicion_count; i++) {
        struct suspicion *range = &worker->suspicions[i];
        if (is_of(range->partition, partition) && record->offset >= range->from &&
            record->offset <= range->to) {
            return range;
        }
    }
    return NULL;
}

bool suspicion_lies_in(const struct worker *worker, struct partition partition)
{
    size_t i = 0;
    while (i < worker->suspicion_count && !is_of(worker->suspicions[i].partition, partition)) {
        i++;
    }
    return i < worker->suspicion_count;
}

void suspicion_clear(struct worker *worker, struct partition partition, int64_t next)
{
    for (size_t i = worker->suspicion_count; i-- > 0;) {
        struct suspicion *range = &worker->suspicions[i];
        if (!is_of(range->partition, partition) || next <= range->from) {
            continue;
        }
        range->from = next;
        range->ends = 0;
        if (range->from > range->to) {
            *range = worker->suspicions[--worker->suspicion_count];
        }
    }
}

/* What is accused is suspicious no more; a field of which nothing is left is removed. */
static enum status read_field(struct worker *worker, const struct field *field, struct arena *arena)
{
    struct suspicion range = {0};
    const char *at = arena_copy(arena, field->value).data;
    enum status status = STATUS_OK;
    struct slice left = SLICE("");
    if (read_partition(worker, field->name, arena, &range.partition)) {
        while (status == STATUS_OK && read_range(&at, &range)) {
            if (range.ends >= ENDS_MAX) {
                status = accuse(worker, field->name, range.from, arena);
            } else {
                MEM_GROW(worker->suspicions, worker->suspicion_count, worker->suspicion_capacity);
                worker->suspicions[worker->suspicion_count++] = range;
            }
        }
        left = ranges_of(worker, range.partition, NULL, arena);
    }
    if (status != STATUS_OK || slice_equal(left, field->value)) {
        return status;
    }
    struct field rest = {.name = field->name, .value = left};
    const char *note = careful_note(worker, "suspect");
    return left.len > 0 ? store_note_set(worker->store, note, &rest, 1)
                        : store_note_unset(worker->store, note, &field->name, 1);
}

static bool read_partition(const struct worker *worker, struct slice name, struct arena *arena,
                           struct partition *ret_partition)
{
    char topic[300];
    int32_t input = 0, number = 0, inputs = (int32_t)settings_input_count(worker->options.settings);
    if (sscanf(arena_copy(arena, name).data, "%299[^/]/%d", topic, &number) != 2) {
        return false;
    }
    while (input < inputs &&
           strcmp(settings_input_name(worker->options.settings, (size_t)input), topic) != 0) {
        input++;
    }
    *ret_partition = (struct partition){.topic = input, .number = number};
    return input < inputs;
}

static bool read_range(const char **at, struct suspicion *ret_range)
{
    long long from = 0, to = 0, ends = 0;
    int len = 0;
    if (sscanf(*at, "%lld %lld %lld%n", &from, &to, &ends, &len) != 3) {
        return false;
    }
    ret_range->from = from;
    ret_range->to = to;
    ret_range->ends = ends;
    *at += len;
    return true;
}

static enum status accuse(struct worker *worker, struct slice name, int64_t offset, struct arena *arena)
{
    struct field poison = {.name = name, .value = arena_printf(arena, "%lld", (long long)offset)};
    log_warn("three processes in a row ended at the same record; its partition will be parked there",
             " partition=%.*s offset=%lld", SLICE_ARG(name), (long long)offset);
    return store_note_set(worker->store, "poison", &poison, 1);
}

/* What is in hand alone is taken out of the range in which it lies: the rest of that stays suspicious. */
static struct slice ranges_of(const struct worker *worker, struct partition partition,
                              const struct suspicion *in_hand, struct arena *arena)
{
    struct slice text = SLICE("");
    if (in_hand != NULL) {
        text = arena_printf(arena, "%lld %lld %lld", (long long)in_hand->from, (long long)in_hand->to,
                            (long long)in_hand->ends);
    }
    for (size_t i = 0; i < worker->suspicion_count; i++) {
        struct suspicion range = worker->suspicions[i];
        if (in_hand != NULL && in_hand->from >= range.from && in_hand->to <= range.to) {
            range.from = in_hand->to + 1;
            range.ends = 0;
        }
        if (is_of(range.partition, partition) && range.from <= range.to) {
            text = arena_printf(arena, "%.*s%s%lld %lld %lld", SLICE_ARG(text), text.len > 0 ? " " : "",
                                (long long)range.from, (long long)range.to, (long long)range.ends);
        }
    }
    return text;
}

static bool is_of(struct partition one, struct partition other)
{
    return one.topic == other.topic && one.number == other.number;
}
