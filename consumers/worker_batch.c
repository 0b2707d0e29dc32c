/* SPDX-License-Identifier: MIT */
/* From what was taken to what goes out: records are dealt to the partitions in the worker's care, feeders'
 * copied home, homes' folded. A home that cannot go on here stops here; what it did before stands, and the
 * others go on. */
#include "consumers/worker_private.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/probe.h"
#include "consumers/offsets.h"

#include <assert.h>
#include <stdio.h>

#define CLOCK_AHEAD_MS (5 * 60 * 1000)
#define LOADS_AT_ONCE  1000
#define LOADING_KEEP   (8 * 1024 * 1024)

static void deal(struct worker *worker, size_t record_count);
static struct charge *charge_of(struct worker *worker, int32_t topic, int32_t number);
static void copy_home(struct worker *worker, struct charge *charge);
static enum status fold_home(struct worker *worker, struct charge *charge);
static void read_entries(struct worker *worker, struct charge *charge, struct entry *entries);
static enum status fold_records(struct worker *worker, struct charge *charge, struct entry *entries);
static enum status fold_one(struct worker *worker, struct charge *charge, struct entry *entry);
static enum status stop_here(struct worker *worker, struct charge *charge, enum status status,
                             const char *why);
static int64_t offset_in_hand(const struct charge *charge);
static enum status foresee(struct worker *worker, struct charge *charge, struct entry *entries);
static enum status load(struct worker *worker, struct charge *charge, struct wants *wants);
static bool is_skipped(const struct charge *charge, int64_t offset);
static bool is_poison(const struct charge *charge, int64_t offset);

enum status batch_work(struct worker *worker, size_t record_count)
{
    deal(worker, record_count);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < worker->charge_count && status == STATUS_OK; i++) {
        struct charge *charge = &worker->charges[i];
        if (charge->record_count == 0 || charge->care != CARE_READY) {
            continue;
        }
        if (charge->home == NULL) {
            copy_home(worker, charge);
        } else {
            status = fold_home(worker, charge);
        }
    }
    return status;
}

void batch_count(struct worker *worker, size_t record_count, bool went_out)
{
    const struct stats *counts = worker->counts;
    int64_t done = 0;
    if (went_out) {
        done = stats_get(counts, STAT_control_records, 0) + stats_get(counts, STAT_records_refolded, 0) +
               stats_get(counts, STAT_records_skipped, 0);
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
            done += stats_get(counts, STAT_events, outcome);
        }
    }
    assert(done <= (int64_t)record_count);
    stats_move(worker->counts, went_out ? worker->stats : NULL);
    stats_add(worker->stats, STAT_records_taken, (int64_t)record_count);
    stats_add(worker->stats, STAT_records_dropped, (int64_t)record_count - done);
}

/* Sorts the records by partition; of one partition they come in order of offset. */
static void deal(struct worker *worker, size_t record_count)
{
    struct arena *arena = worker->outbox.arena;
    for (size_t i = 0; i < worker->charge_count; i++) {
        worker->charges[i].record_count = 0;
    }
    for (size_t i = 0; i < record_count; i++) {
        struct charge *charge = charge_of(worker, worker->records[i].topic, worker->records[i].partition);
        if (charge != NULL) {
            charge->record_count++;
        }
    }
    for (size_t i = 0; i < worker->charge_count; i++) {
        struct charge *charge = &worker->charges[i];
        charge->records = arena_alloc(arena, (charge->record_count + 1) * sizeof *charge->records);
        charge->record_count = 0;
    }
    for (size_t i = 0; i < record_count; i++) {
        struct charge *charge = charge_of(worker, worker->records[i].topic, worker->records[i].partition);
        if (charge != NULL) {
            charge->records[charge->record_count++] = &worker->records[i];
        }
    }
}

static struct charge *charge_of(struct worker *worker, int32_t topic, int32_t number)
{
    if (topic == 0) {
        return number < worker->options.homes ? worker->by_home[number] : NULL;
    }
    for (size_t i = 0; i < worker->charge_count; i++) {
        const struct partition *partition = &worker->charges[i].partition;
        if (partition->topic == topic && partition->number == number) {
            return &worker->charges[i];
        }
    }
    return NULL;
}

static void copy_home(struct worker *worker, struct charge *charge)
{
    const char *topic = charge_topic(worker, charge->partition);
    for (size_t i = 0; i < charge->record_count; i++) {
        const struct record *record = charge->records[i];
        struct entry entry;
        if (record->offset < charge->next) {
            continue;
        }
        if (is_poison(charge, record->offset)) {
            (void)stop_here(worker, charge, STATUS_CORRUPT, "");
            return;
        }
        probe("before_copy");
        entry_route(record, worker->options.homes, worker->tree, &entry);
        if (entry.kind == ENTRY_STRAY && !outbox_can_copy(record)) {
            entry.kind = ENTRY_REJECTED;
            entry.reject = REJECT_body_too_large;
        }
        if (entry.kind == ENTRY_STRAY) {
            outbox_copy(&worker->outbox, record, topic, entry.home);
            stats_add_outcome(worker->counts, STAT_events, OUTCOME_copied, 1);
        } else if (entry.kind == ENTRY_ANONYMOUS) {
            stats_add_outcome(worker->counts, STAT_events, OUTCOME_ignored, 1);
        } else {
            outbox_dead_letter(&worker->outbox, record, topic, reject_name(entry.reject),
                               reject_sentence(entry.reject));
            stats_add_reject(worker->counts, STAT_dead_letters, entry.reject, 1);
            stats_add_outcome(worker->counts, STAT_events, OUTCOME_dead_lettered, 1);
        }
        charge->next = record->offset + 1;
        charge->progressed = true;
    }
}

static enum status fold_home(struct worker *worker, struct charge *charge)
{
    struct home *home = charge->home;
    struct arena *arena = worker->outbox.arena;
    size_t outputs_before = worker->outbox.count;
    struct entry *entries = arena_alloc(arena, charge->record_count * sizeof *entries);
    read_entries(worker, charge, entries);
    enum status status = foresee(worker, charge, entries);
    if (status == STATUS_OK) {
        status = fold_records(worker, charge, entries);
    }
    worker->outbox.silent = false;
    enum verdict verdict = status_verdict(status);
    bool stands = verdict == VERDICT_fine || verdict == VERDICT_park || verdict == VERDICT_stop;
    stats_move(worker->home_counts, stands ? worker->counts : NULL);
    switch (verdict) {
    case VERDICT_fine:
    case VERDICT_park: /* what came before the record in question stands */
        home_cut(home, arena);
        return STATUS_OK;
    case VERDICT_stop:
        home_cut(home, arena);
        return status;
    default: /* the home's memory is not true, or nothing can be read: as if nothing had been taken */
        worker->outbox.count = outputs_before;
        charge->progressed = false;
        if (status == STATUS_MOVED) {
            log_warn("the position in Redis is another than this worker's; recovering the home",
                     " home=%d expected=%lld", home->number, (long long)charge->begun);
        }
        (void)!trouble_met(worker, charge, status, worker->store->error);
        return worker->store_dead ? status : STATUS_OK;
    }
}

/* What will be passed over, or parked at, is not even looked into: that may be what ends processes. */
static void read_entries(struct worker *worker, struct charge *charge, struct entry *entries)
{
    const struct home *home = charge->home;
    for (size_t i = 0; i < charge->record_count; i++) {
        const struct record *record = charge->records[i];
        entries[i] = (struct entry){.kind = ENTRY_ANONYMOUS, .record = record};
        if (record->offset < home->position || is_skipped(charge, record->offset) ||
            is_poison(charge, record->offset)) {
            continue;
        }
        entry_read(record, home->number, home->homes, home->policy->clock, worker->tree, worker->outbox.arena,
                   &entries[i]);
    }
}

static enum status fold_records(struct worker *worker, struct charge *charge, struct entry *entries)
{
    struct home *home = charge->home;
    size_t run = (size_t)worker->options.settings->batch_run;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < charge->record_count && status == STATUS_OK; i++) {
        int64_t offset = charge->records[i]->offset;
        if (offset < home->position) {
            continue;
        }
        /* What was sent before is folded in silence, and shares no commit with what is new. */
        worker->outbox.silent = offset < charge->live_from;
        if (!worker->outbox.silent && home->run_from < charge->live_from) {
            home_cut(home, worker->outbox.arena);
        }
        if (is_skipped(charge, offset)) {
            fold_skip(home, offset);
            stats_add(worker->home_counts, STAT_records_skipped, 1);
        } else {
            status = fold_one(worker, charge, &entries[i]);
        }
        if (status == STATUS_OK) {
            charge->progressed |= !worker->outbox.silent;
            if (home_run_size(home) >= run) {
                home_cut(home, worker->outbox.arena);
            }
        }
    }
    return status;
}

static enum status fold_one(struct worker *worker, struct charge *charge, struct entry *entry)
{
    struct home *home = charge->home;
    struct arena *arena = worker->outbox.arena;
    const struct record *record = entry->record;
    char why[256] = "";
    if (is_poison(charge, record->offset)) {
        return stop_here(worker, charge, STATUS_CORRUPT, "");
    }
    if (home->policy->clock == CLOCK_APPEND && record->append_ms > worker->now_ms + CLOCK_AHEAD_MS) {
        snprintf(why, sizeof why,
                 "the record at offset %lld was appended %lld s ahead of this machine's clock; "
                 "set the clocks right, then: loyalctl home %d retry",
                 (long long)record->offset, (long long)(record->append_ms - worker->now_ms) / 1000,
                 home->number);
        return stop_here(worker, charge, STATUS_CORRUPT, why);
    }
    if (entry->kind != ENTRY_CONTROL) {
        probe("before_fold"); /* of an event: ticks come when they like, and a test means a certain record */
    }
    enum status status = STATUS_OK;
    if (entry->clock != home->policy->clock) {
        entry_read(record, home->number, home->homes, home->policy->clock, worker->tree, arena, entry);
    }
    struct wants wants = {.arena = arena};
    while (!fold_ready(home, entry, &wants)) {
        status = load(worker, charge, &wants);
        if (status != STATUS_OK) {
            return status;
        }
        wants = (struct wants){.arena = arena};
    }
    struct fold fold = {.arena = arena,
                        .scratch = &worker->scratch,
                        .outbox = &worker->outbox,
                        .stats = worker->home_counts,
                        .home_log = settings_input_name(worker->options.settings, 0),
                        .policy_of = recover_policy,
                        .policy_context = worker};
    status = fold_entry(&fold, home, entry, why);
    if (status != STATUS_OK) {
        return stop_here(worker, charge, status, why);
    }
    if (entry->kind == ENTRY_CONTROL && entry->control.kind == CONTROL_tick) {
        charge->tick_unread = false;
    }
    return STATUS_OK;
}

/* This record cannot be folded: the partition is parked in front of it, or the process has to end. */
static enum status stop_here(struct worker *worker, struct charge *charge, enum status status,
                             const char *why)
{
    char sentence[512];
    if (why[0] == '\0') {
        snprintf(sentence, sizeof sentence,
                 "three processes in a row have ended while they folded the record at "
                 "offset %lld; look at it, then retry (or, in a home, skip it)",
                 (long long)charge->poison);
    } else if (status_verdict(status) == VERDICT_park) {
        snprintf(sentence, sizeof sentence, "at offset %lld: %s", (long long)offset_in_hand(charge), why);
    } else {
        snprintf(sentence, sizeof sentence, "home %d at offset %lld: %s", charge->partition.number,
                 (long long)offset_in_hand(charge), why);
    }
    (void)!trouble_met(worker, charge, status, sentence);
    return status;
}

/* The record that was to be folded; the position may be that of a transaction's marker before it. */
static int64_t offset_in_hand(const struct charge *charge)
{
    int64_t next = charge_next(charge);
    size_t i = 0;
    while (i < charge->record_count && charge->records[i]->offset < next) {
        i++;
    }
    return i < charge->record_count ? charge->records[i]->offset : next;
}

/* The customers of the whole batch, in few round trips: a customer as read takes several times what is kept
 * of it, so not all are read at once. */
static enum status foresee(struct worker *worker, struct charge *charge, struct entry *entries)
{
    enum status status = STATUS_OK;
    struct wants wants = {.arena = worker->loading};
    for (size_t i = 0; i < charge->record_count && status == STATUS_OK; i++) {
        size_t before = wants.count;
        if (fold_foresee(charge->home, &entries[i], &wants)) {
            stats_add(worker->stats, wants.count > before ? STAT_cache_misses : STAT_cache_hits, 1);
        }
        if (wants.count >= LOADS_AT_ONCE || (i + 1 == charge->record_count && wants.count > 0)) {
            status = load(worker, charge, &wants);
            arena_reset(worker->loading, LOADING_KEEP);
            wants = (struct wants){.arena = worker->loading};
        }
    }
    return status;
}

/* Reads, and takes over what was read only if the position behind it is the expected one. */
static enum status load(struct worker *worker, struct charge *charge, struct wants *wants)
{
    char why[256];
    int64_t position = 0;
    int64_t begin_us = clock_monotonic_us();
    enum status status =
        store_read(worker->store, charge->home->number, wants->reads, wants->count, wants->arena, &position);
    stats_observe(worker->stats, STAT_load_seconds, clock_monotonic_us() - begin_us);
    if (status == STATUS_CORRUPT || status == STATUS_FATAL) {
        return stop_here(worker, charge, status, worker->store->error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (position != charge->begun) {
        return STATUS_MOVED;
    }
    status = home_absorb(charge->home, wants, why);
    return status == STATUS_OK ? status : stop_here(worker, charge, status, why);
}

static bool is_skipped(const struct charge *charge, int64_t offset)
{
    return offsets_hold(charge->skips, charge->skip_count, offset);
}

static bool is_poison(const struct charge *charge, int64_t offset)
{
    return charge->poison != OFFSET_NONE && charge->poison == offset;
}
