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
 * starts, or at the partition's end; or it is suspicious already, and further only if Redis has gone back
 * since. Once every partition is past that, the count goes back to this one start. So however long the log
 * is, the care is over soon; and while it lasts batches are smaller, so that there is little to be worked on
 * alone. All other records are worked on together as ever.
 *
 * Workers of one process end together. So only one of them at a time works on a suspicious record: else one
 * that is innocent would be in hand, again and again, when the other's ends the process. */
#include "consumers/worker_private.h"

#include "common/log.h"

#include <stdio.h>

#define NOTED_RECORDS  500 /* most records in a turn while what is in hand is noted */
#define CAREFUL_TURN   100 /* while some of them are worked on alone: a turn must end soon */
#define BATCHES_IN_ALL 2   /* in hand when a process ends: folded, and not yet in Redis */

static bool is_noting(const struct worker *worker);
static enum status note_start(struct worker *worker, int64_t starts);
static enum status read_starts(struct worker *worker, struct arena *arena, int64_t *ret_starts);
static void gather_in_hand(struct worker *worker, size_t count);
static void learn(struct worker *worker, struct partition partition);
static void look_whether_all_is_well(struct worker *worker);
static bool is_past(const struct worker *worker, const struct charge *charge);

enum status careful_start(struct worker *worker)
{
    struct arena *arena = arena_create(4096);
    enum status status = read_starts(worker, arena, &worker->unclean_ends);
    if (status == STATUS_OK) {
        status = suspicion_read(worker, arena);
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
    while (together < count && suspicion_of(worker, &records[together]) == NULL) {
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
    worker->alone = suspicion_of(worker, &worker->records[0]) != NULL && worker->options.careful_lock != NULL;
    if (worker->alone) {
        atomic_store(&worker->stage, "waiting for another worker that folds one record at a time");
        pthread_mutex_lock(worker->options.careful_lock);
    }
    enum status status = suspicion_write(worker, true);
    enum status met = trouble_met(worker, NULL, status, worker->store->error);
    return met != STATUS_OK ? met : status;
}

void careful_after(struct worker *worker, bool went_out)
{
    for (size_t i = 0; went_out && i < worker->in_hand_count; i++) {
        learn(worker, worker->in_hand[i].partition);
    }
    if (worker->in_hand_count > 0 && !worker->store_dead) {
        /* The process still lives. A note that cannot be written is written with the next batch. */
        (void)!suspicion_write(worker, false);
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

const char *careful_note(struct worker *worker, const char *kind)
{
    buf_reset(&worker->scratch);
    buf_printf(&worker->scratch, "%s:%s", kind, worker->options.name);
    buf_char(&worker->scratch, '\0');
    return worker->scratch.data;
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
    return store_note_set(worker->store, careful_note(worker, "worker"), &field, 1);
}

static enum status read_starts(struct worker *worker, struct arena *arena, int64_t *ret_starts)
{
    struct hash hash = {0};
    enum status status = store_note_get(worker->store, careful_note(worker, "worker"), arena, &hash);
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        if (slice_is(hash.fields[i].name, "starts")) {
            (void)parse_int(hash.fields[i].value, ret_starts);
        }
    }
    return status;
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
    const struct suspicion *suspicion = suspicion_of(worker, &worker->records[0]);
    if (suspicion != NULL) { /* then it is alone */
        worker->in_hand[0].ends = suspicion->ends + 1;
    }
}

/* What has gone out is beyond suspicion. */
static void learn(struct worker *worker, struct partition partition)
{
    for (size_t i = 0; i < worker->charge_count; i++) {
        const struct charge *charge = &worker->charges[i];
        if (charge->partition.topic == partition.topic && charge->partition.number == partition.number) {
            suspicion_clear(worker, partition, charge_next(charge));
        }
    }
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
    (void)!store_note_unset(worker->store, careful_note(worker, "suspect"), gone, worker->suspicion_count);
    worker->suspicion_count = 0;
    worker->unclean_ends = 0;
}

static bool is_past(const struct worker *worker, const struct charge *charge)
{
    if (charge->care != CARE_READY) {
        return charge->care == CARE_PARKED;
    }
    bool far = charge->gone_through >= BATCHES_IN_ALL * (size_t)worker->options.settings->batch_events;
    return charge_is_at_end(worker, charge) || (far && !suspicion_lies_in(worker, charge->partition));
}
