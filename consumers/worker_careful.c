/* SPDX-License-Identifier: MIT */
/* Against a record that ends every process that folds it.
 *
 * Each start is counted in Redis (note `worker:NAME`) until a clean end, or until all has gone well. A worker
 * whose predecessor has not ended cleanly notes before each batch which offsets of which partitions it holds
 * (note `suspect:NAME`), and takes that back when the batch has gone out. What stands there at the next start
 * was in hand when the process ended: those records are suspicious, and each is worked on alone, noted with
 * how many processes this makes that ended with it in hand. At the third the next start names the offset in
 * the note `poison`, at which every owner parks. So a poison record ends five processes: one unnoticed, one
 * in whose batch it was, three alone with it. One end alone with a record is not enough, for any process may
 * be killed at any moment; that three in a row are killed at the same one of many is not to be expected.
 *
 * When has all gone well? Progress elsewhere says nothing about the partition where the record lies. But what
 * ended a process was in a batch that did not go out, or was not yet in Redis: so it lies among the first
 * records of its partition that the next process reads, not further than two batches from where that one
 * starts, or at the partition's end. Once every partition is past that, the count goes back to this one
 * start. So however long the log is, the care is over soon; and while it lasts batches are smaller, so that
 * there is little to be worked on alone. All other records are worked on together as ever.
 *
 * Workers of one process end together. So only one of them at a time works on a suspicious record: else one
 * that is innocent would be in hand, again and again, when the other's ends the process. */
#include "consumers/worker_private.h"

#include "common/log.h"
#include "common/mem.h"

#include <stdio.h>

#define ENDS_MAX       3
#define NOTED_RECORDS  500 /* most records in a turn while what is in hand is noted */
#define CAREFUL_TURN   100 /* while some of them are worked on alone: a turn must end soon */
#define BATCHES_IN_ALL 2   /* in hand when a process ends: folded, and not yet in Redis */

static bool is_noting(const struct worker *worker);
static enum status note_start(struct worker *worker, int64_t starts);
static enum status read_starts(struct worker *worker, struct arena *arena, int64_t *ret_starts);
static enum status read_suspicions(struct worker *worker, struct arena *arena);
static bool read_suspicion(const struct worker *worker, const struct field *field,
                           struct suspicion *ret_suspicion);
static enum status accuse(struct worker *worker, struct slice name, int64_t offset);
static struct suspicion *suspicion_of(const struct worker *worker, struct partition partition);
static bool is_suspicious(const struct worker *worker, const struct record *record);
static void gather_in_hand(struct worker *worker, size_t count);
static enum status note_suspicions(struct worker *worker, const struct suspicion *items, size_t count);
static void learn(struct worker *worker, struct partition partition);
static void put_back(struct worker *worker);
static void look_whether_all_is_well(struct worker *worker);
static bool is_past(const struct worker *worker, const struct charge *charge);
static const char *note_name(struct worker *worker, const char *kind);

enum status careful_start(struct worker *worker)
{
    struct arena *arena = arena_create(4096);
    enum status status = read_starts(worker, arena, &worker->unclean_ends);
    if (status == STATUS_OK) {
        status = read_suspicions(worker, arena);
    }
    if (status == STATUS_OK) {
        status = note_start(worker, worker->unclean_ends + 1);
    }
    if (status == STATUS_OK && worker->suspicion_count > 0) {
        log_warn("several processes in a row have not ended cleanly: folding one record at a time, where the "
                 "last one was",
                 " processes=%lld partitions=%zu", (long long)worker->unclean_ends, worker->suspicion_count);
    } else if (status == STATUS_OK && worker->unclean_ends > 0) {
        log_info("the last process has not ended cleanly: what is in hand is noted, until all has gone well",
                 " processes=%lld", (long long)worker->unclean_ends);
    }
    worker->start_noted = status == STATUS_OK;
    arena_destroy(arena);
    return status;
}

size_t careful_take_max(const struct worker *worker)
{
    size_t max = (size_t)worker->options.settings->batch_events;
    size_t bound = worker->suspicion_count > 0 ? CAREFUL_TURN : is_noting(worker) ? NOTED_RECORDS : max;
    return bound < max ? bound : max;
}

size_t careful_portion(const struct worker *worker, const struct record *records, size_t count)
{
    if (worker->suspicion_count == 0) {
        return count;
    }
    size_t together = 0;
    while (together < count && !is_suspicious(worker, &records[together])) {
        together++;
    }
    return together == 0 && count > 0 ? 1 : together;
}

enum status careful_before(struct worker *worker, size_t count)
{
    worker->in_hand_count = 0;
    if (count == 0 || !is_noting(worker)) {
        return STATUS_OK;
    }
    gather_in_hand(worker, count);
    worker->alone = is_suspicious(worker, &worker->records[0]) && worker->options.careful_lock != NULL;
    if (worker->alone) {
        atomic_store(&worker->stage, "waiting for another worker that folds one record at a time");
        pthread_mutex_lock(worker->options.careful_lock);
    }
    enum status status = note_suspicions(worker, worker->in_hand, worker->in_hand_count);
    enum status met = trouble_met(worker, NULL, status, worker->store->error);
    return met != STATUS_OK ? met : status;
}

void careful_after(struct worker *worker, bool went_out)
{
    for (size_t i = 0; went_out && i < worker->in_hand_count; i++) {
        learn(worker, worker->in_hand[i].partition);
    }
    if (worker->in_hand_count > 0 && !worker->store_dead) {
        put_back(worker);
    }
    if (worker->alone) {
        pthread_mutex_unlock(worker->options.careful_lock);
        worker->alone = false;
    }
    for (size_t i = 0; went_out && worker->unclean_ends > 0 && i < worker->charge_count; i++) {
        worker->charges[i].gone_through += worker->charges[i].record_count;
    }
    if (is_noting(worker) && !worker->store_dead) {
        look_whether_all_is_well(worker);
    }
}

void careful_clean_end(struct worker *worker)
{
    if (worker->start_noted) {
        (void)!note_start(worker, worker->unclean_ends);
    }
}

/* The operator has looked: the record may be tried again. */
enum status careful_forgive(struct worker *worker, struct charge *charge)
{
    struct arena *arena = arena_create(512);
    struct slice field = charge_name(worker, charge->partition, arena);
    charge->poison = OFFSET_NONE;
    enum status status = store_note_unset(worker->store, "poison", &field, 1);
    arena_destroy(arena);
    return status;
}

static bool is_noting(const struct worker *worker)
{
    return worker->unclean_ends > 0 || worker->suspicion_count > 0;
}

/* ---- starts */
static enum status note_start(struct worker *worker, int64_t starts)
{
    char value[32];
    snprintf(value, sizeof value, "%lld", (long long)starts);
    struct field field = {.name = SLICE("starts"), .value = slice_of(value)};
    return store_note_set(worker->store, note_name(worker, "worker"), &field, 1);
}

static enum status read_starts(struct worker *worker, struct arena *arena, int64_t *ret_starts)
{
    struct hash hash = {0};
    enum status status = store_note_get(worker->store, note_name(worker, "worker"), arena, &hash);
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        if (slice_is(hash.fields[i].name, "starts")) {
            (void)parse_int(hash.fields[i].value, ret_starts);
        }
    }
    return status;
}

/* ---- suspicions: TOPIC/PARTITION -> FROM TO ENDS */
static enum status read_suspicions(struct worker *worker, struct arena *arena)
{
    struct hash hash = {0};
    enum status status = store_note_get(worker->store, note_name(worker, "suspect"), arena, &hash);
    mem_free(worker->suspicions);
    worker->suspicions = mem_zalloc((hash.field_count + 1) * sizeof *worker->suspicions);
    worker->suspicion_count = 0;
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        struct suspicion *suspicion = &worker->suspicions[worker->suspicion_count];
        if (!read_suspicion(worker, &hash.fields[i], suspicion)) {
            status = store_note_unset(worker->store, note_name(worker, "suspect"), &hash.fields[i].name, 1);
        } else if (suspicion->ends >= ENDS_MAX) {
            status = accuse(worker, hash.fields[i].name, suspicion->from);
        } else {
            worker->suspicion_count++;
        }
    }
    return status;
}

static bool read_suspicion(const struct worker *worker, const struct field *field,
                           struct suspicion *ret_suspicion)
{
    struct suspicion read = {0};
    char text[400], topic[300];
    int32_t input = 0, inputs = (int32_t)settings_input_count(worker->options.settings);
    snprintf(text, sizeof text, "%.*s %.*s", SLICE_ARG(field->name), SLICE_ARG(field->value));
    long long from = 0, to = 0, ends = 0;
    if (sscanf(text, "%299[^/]/%d %lld %lld %lld", topic, &read.partition.number, &from, &to, &ends) != 5) {
        return false;
    }
    while (input < inputs &&
           strcmp(settings_input_name(worker->options.settings, (size_t)input), topic) != 0) {
        input++;
    }
    read.partition.topic = input;
    read.from = from;
    read.to = to;
    read.ends = ends;
    *ret_suspicion = read;
    return input < inputs;
}

static enum status accuse(struct worker *worker, struct slice name, int64_t offset)
{
    char value[32];
    snprintf(value, sizeof value, "%lld", (long long)offset);
    struct field poison = {.name = name, .value = slice_of(value)};
    log_warn("three processes in a row ended at the same record; its partition will be parked there",
             " partition=%.*s offset=%s", SLICE_ARG(name), value);
    enum status status = store_note_set(worker->store, "poison", &poison, 1);
    return status == STATUS_OK ? store_note_unset(worker->store, note_name(worker, "suspect"), &name, 1)
                               : status;
}

static struct suspicion *suspicion_of(const struct worker *worker, struct partition partition)
{
    for (size_t i = 0; i < worker->suspicion_count; i++) {
        struct suspicion *suspicion = &worker->suspicions[i];
        if (suspicion->partition.topic == partition.topic &&
            suspicion->partition.number == partition.number) {
            return suspicion;
        }
    }
    return NULL;
}

static bool is_suspicious(const struct worker *worker, const struct record *record)
{
    struct partition partition = {.topic = record->topic, .number = record->partition};
    const struct suspicion *suspicion = suspicion_of(worker, partition);
    return suspicion != NULL && record->offset >= suspicion->from && record->offset <= suspicion->to;
}

/* ---- what is in hand */
static void gather_in_hand(struct worker *worker, size_t count)
{
    size_t last = 0;
    worker->in_hand = arena_alloc(worker->outbox.arena, count * sizeof *worker->in_hand);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = &worker->records[i];
        struct partition partition = {.topic = record->topic, .number = record->partition};
        size_t at = worker->in_hand_count;
        /* most come in long runs of one partition */
        for (size_t k = 0; k < worker->in_hand_count && at == worker->in_hand_count; k++) {
            const struct partition *held = &worker->in_hand[(last + k) % worker->in_hand_count].partition;
            if (held->topic == partition.topic && held->number == partition.number) {
                at = (last + k) % worker->in_hand_count;
            }
        }
        if (at == worker->in_hand_count) {
            worker->in_hand[worker->in_hand_count++] =
                (struct suspicion){.partition = partition, .from = record->offset};
        }
        worker->in_hand[at].to = record->offset;
        last = at;
    }
    if (is_suspicious(worker, &worker->records[0])) { /* then it is alone */
        worker->in_hand[0].ends = suspicion_of(worker, worker->in_hand[0].partition)->ends + 1;
    }
}

static enum status note_suspicions(struct worker *worker, const struct suspicion *items, size_t count)
{
    struct arena *arena = worker->outbox.arena;
    struct field *fields = arena_alloc(arena, count * sizeof *fields);
    for (size_t i = 0; i < count; i++) {
        fields[i] = (struct field){.name = charge_name(worker, items[i].partition, arena),
                                   .value = arena_printf(arena, "%lld %lld %lld", (long long)items[i].from,
                                                         (long long)items[i].to, (long long)items[i].ends)};
    }
    return store_note_set(worker->store, note_name(worker, "suspect"), fields, count);
}

/* What has gone out is beyond suspicion. */
static void learn(struct worker *worker, struct partition partition)
{
    struct suspicion *suspicion = suspicion_of(worker, partition);
    for (size_t i = 0; suspicion != NULL && i < worker->charge_count; i++) {
        const struct charge *charge = &worker->charges[i];
        int64_t next = charge_next(charge);
        if (charge->partition.topic != partition.topic || charge->partition.number != partition.number ||
            next <= suspicion->from) {
            continue;
        }
        suspicion->from = next;
        suspicion->ends = 0;
        if (suspicion->from > suspicion->to) {
            *suspicion = worker->suspicions[--worker->suspicion_count];
        }
        return;
    }
}

/* The process still lives: nothing is in hand any more, and what was suspicious before may still be. A note
 * that cannot be written is written with the next batch. */
static void put_back(struct worker *worker)
{
    struct arena *arena = worker->outbox.arena;
    struct suspicion *kept = arena_alloc(arena, worker->in_hand_count * sizeof *kept);
    struct slice *gone = arena_alloc(arena, worker->in_hand_count * sizeof *gone);
    size_t kept_count = 0, gone_count = 0;
    for (size_t i = 0; i < worker->in_hand_count; i++) {
        const struct suspicion *suspicion = suspicion_of(worker, worker->in_hand[i].partition);
        if (suspicion != NULL) {
            kept[kept_count++] = *suspicion;
        } else {
            gone[gone_count++] = charge_name(worker, worker->in_hand[i].partition, arena);
        }
    }
    (void)!note_suspicions(worker, kept, kept_count);
    (void)!store_note_unset(worker->store, note_name(worker, "suspect"), gone, gone_count);
}

/* ---- until all has gone well */
static void look_whether_all_is_well(struct worker *worker)
{
    size_t past = 0;
    while (past < worker->charge_count && is_past(worker, &worker->charges[past])) {
        past++;
    }
    if (worker->charge_count == 0 || past < worker->charge_count || note_start(worker, 1) != STATUS_OK) {
        return;
    }
    struct arena *arena = worker->outbox.arena;
    struct slice *gone = arena_alloc(arena, (worker->suspicion_count + 1) * sizeof *gone);
    for (size_t i = 0; i < worker->suspicion_count; i++) {
        gone[i] = charge_name(worker, worker->suspicions[i].partition, arena);
    }
    (void)!store_note_unset(worker->store, note_name(worker, "suspect"), gone, worker->suspicion_count);
    worker->suspicion_count = 0;
    worker->unclean_ends = 0;
}

static bool is_past(const struct worker *worker, const struct charge *charge)
{
    if (charge->care != CARE_READY) {
        return charge->care == CARE_PARKED;
    }
    return charge_is_at_end(worker, charge) ||
           charge->gone_through >= BATCHES_IN_ALL * (size_t)worker->options.settings->batch_events;
}

static const char *note_name(struct worker *worker, const char *kind)
{
    buf_reset(&worker->scratch);
    buf_printf(&worker->scratch, "%s:%s", kind, worker->options.name);
    buf_char(&worker->scratch, '\0');
    return worker->scratch.data;
}
