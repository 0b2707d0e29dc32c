/* SPDX-License-Identifier: MIT */
#include "consumers/worker_private.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/probe.h"

#include <assert.h>
#include <stdio.h>

#define ARENA_BLOCK (256 * 1024)
#define ARENA_KEEP  (8 * 1024 * 1024)
#define TREE_BLOCK  (16 * 1024)
#define ABORTS_MAX  20 /* of one batch before its outcome counts as unknown */

static bool clients_are_open(struct worker *worker);
static enum status open_clients(struct worker *worker);
static enum status open_store(struct worker *worker);
static enum status take(struct worker *worker, size_t *ret_count);
static enum status emit(struct worker *worker);
static size_t gather_progress(struct worker *worker, struct progress *progress);
static enum status publish(struct worker *worker, const struct progress *progress, size_t count);
static void commit(struct worker *worker, struct batch *batch);
static void sweep(struct worker *worker);
static void save_offsets(struct worker *worker);
static enum status begin_batches(struct worker *worker, size_t count);
static enum status begin_batch(struct worker *worker, size_t record_count);

struct worker *worker_create(const struct worker_options *options)
{
    struct worker *worker = mem_zalloc(sizeof *worker);
    worker->options = *options;
    worker->source = options->source;
    worker->sink = options->sink;
    worker->store = options->store;
    worker->stats = options->stats;
    worker->counts = stats_create(0);
    worker->home_counts = stats_create(0);
    worker->now_ms = options->now_ms;
    worker->by_home = mem_zalloc((size_t)options->homes * sizeof *worker->by_home);
    worker->taken = mem_zalloc((size_t)options->settings->batch_events * sizeof *worker->taken);
    for (int i = 0; i < 2; i++) {
        worker->batches[i].arena = arena_create(ARENA_BLOCK);
    }
    worker->outbox.arena = worker->batches[0].arena;
    worker->tree = arena_create(TREE_BLOCK);
    worker->loading = arena_create(ARENA_BLOCK);
    pthread_mutex_init(&worker->mutex, NULL);
    atomic_store(&worker->stage, "starting");
    atomic_store(&worker->turned_us, clock_monotonic_us());
    return worker;
}

void worker_destroy(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    recover_forget_charges(worker);
    source_close(worker->source);
    sink_close(worker->sink);
    store_close(worker->store);
    for (int i = 0; i < 2; i++) {
        arena_destroy(worker->batches[i].arena);
    }
    arena_destroy(worker->tree);
    arena_destroy(worker->loading);
    for (size_t i = 0; i < worker->policies.count; i++) {
        policy_free(worker->policies.items[i]);
    }
    mem_free(worker->policies.items);
    buf_done(&worker->scratch);
    mem_free(worker->by_home);
    mem_free(worker->taken);
    mem_free(worker->suspicions);
    stats_destroy(worker->counts);
    stats_destroy(worker->home_counts);
    pthread_mutex_destroy(&worker->mutex);
    mem_free(worker);
}

enum status worker_turn(struct worker *worker, int64_t now_ms)
{
    size_t count = 0;
    worker->now_ms = now_ms;
    atomic_store(&worker->turned_us, clock_monotonic_us());
    if (!clients_are_open(worker)) {
        return open_clients(worker);
    }
    enum status status = worker->start_noted ? STATUS_OK : careful_start(worker);
    if (status != STATUS_OK) {
        return trouble_met(worker, NULL, status, worker->store->error);
    }
    atomic_store(&worker->stage, "recovering partitions");
    status = worker->paused ? STATUS_OK : recover_step(worker);
    atomic_store(&worker->stage, "waiting for Redis");
    if (status == STATUS_OK) {
        status = idle_work(worker);
    }
    if (status == STATUS_OK) {
        status = take(worker, &count);
    }
    if (status == STATUS_OK) {
        status = begin_batches(worker, count);
    }
    source_release(worker->source, worker->taken, count);
    /* Whatever else went wrong has been dealt with: homes recover, clients are opened anew. */
    return status == STATUS_FATAL || status == STATUS_BUSY ? status : STATUS_OK;
}

/* All that was taken is one batch, but for records that are worked on alone. */
static enum status begin_batches(struct worker *worker, size_t count)
{
    enum status status = STATUS_OK;
    size_t done = 0;
    do {
        worker->records = worker->taken + done;
        size_t portion = careful_portion(worker, worker->records, count - done);
        status = begin_batch(worker, portion);
        done += portion;
    } while (done < count && status == STATUS_OK && clients_are_open(worker));
    return status;
}

/* fold, emit, settle the batch before, commit this one: its Redis commits run while the next batch is folded.
 */
static enum status begin_batch(struct worker *worker, size_t record_count)
{
    struct batch *before = &worker->batches[worker->current];
    struct batch *batch = &worker->batches[1 - worker->current];
    worker->current = 1 - worker->current;
    arena_reset(batch->arena, ARENA_KEEP);
    worker->outbox = (struct outbox){.arena = batch->arena};

    probe("after_take");
    atomic_store(&worker->turned_us, clock_monotonic_us());
    atomic_store(&worker->stage, "folding, or waiting for Redis");
    int64_t begin_us = clock_monotonic_us();
    enum status status = careful_before(worker, record_count);
    if (status == STATUS_OK) {
        status = batch_work(worker, record_count);
    }
    if (record_count > 0) {
        stats_add(worker->stats, STAT_batches, 1);
        stats_observe(worker->stats, STAT_batch_records, (int64_t)record_count);
        stats_observe(worker->stats, STAT_fold_seconds, clock_monotonic_us() - begin_us);
    }
    enum status emitted = status == STATUS_OK || status == STATUS_FATAL ? emit(worker) : status;
    batch_count(worker, record_count, emitted == STATUS_OK);
    enum status settled = settle_batch(worker, before);
    if (emitted == STATUS_OK) {
        commit(worker, batch);
    }
    if (record_count == 0 || status == STATUS_FATAL || settled == STATUS_FATAL) {
        enum status last = settle_batch(worker, batch);
        settled = settled == STATUS_OK ? last : settled;
    }
    careful_after(worker, emitted == STATUS_OK && status == STATUS_OK);
    idle_report_settled(worker);
    sweep(worker);
    return settled != STATUS_OK ? settled : status != STATUS_OK ? status : emitted;
}

void worker_drain(struct worker *worker)
{
    (void)!settle_begun(worker); /* it ends in any case */
    if (!worker->store_dead) {
        save_offsets(worker);
        careful_clean_end(worker);
    }
}

const char *worker_error(const struct worker *worker)
{
    return worker->error;
}

void worker_health(struct worker *worker, char *ret_text, size_t size)
{
    pthread_mutex_lock(&worker->mutex);
    snprintf(ret_text, size, "%s", worker->health);
    pthread_mutex_unlock(&worker->mutex);
}

const char *worker_stage(const struct worker *worker, int64_t *ret_turned_us)
{
    *ret_turned_us = atomic_load(&worker->turned_us);
    return atomic_load(&worker->stage);
}

static bool clients_are_open(struct worker *worker)
{
    return !worker->source_dead && !worker->sink_dead && !worker->store_dead;
}

/* One try, when the back-off is over; meanwhile the group is kept, with nothing being delivered. */
static enum status open_clients(struct worker *worker)
{
    if (backoff_is_over(&worker->backoff, worker->now_ms)) {
        atomic_store(&worker->stage, worker->store_dead ? "connecting to Redis" : "connecting to Kafka");
        if (worker->store_dead && open_store(worker) != STATUS_OK) {
            return STATUS_FATAL;
        }
        if (worker->sink_dead && sink_reopen(worker->sink) == STATUS_OK) {
            log_info("a new producer is open", "%s", "");
            worker->sink_dead = false;
        } else if (worker->sink_dead) {
            log_state("Kafka cannot be written to", " error=\"%s\"", worker->sink->error);
        }
        if (worker->source_dead && source_reopen(worker->source) == STATUS_OK) {
            log_info("a new consumer is open", "%s", "");
            worker->source_dead = false;
        } else if (worker->source_dead) {
            log_state("Kafka cannot be read from", " error=\"%s\"", worker->source->error);
        }
        /* That they are open does not say that they do their work: a commit that passes does
         * (worker_settle.c). */
        backoff_forget_old(&worker->backoff, worker->now_ms);
        backoff_failed(&worker->backoff, worker->now_ms, clock_jitter_ms(backoff_next_ms(&worker->backoff)));
    }
    idle_health(worker);
    size_t count = 0;
    if (worker->source_dead) {
        return STATUS_OK;
    }
    enum status status = take(worker, &count);
    source_release(worker->source, worker->taken, count);
    return status;
}

static enum status open_store(struct worker *worker)
{
    enum status opened = store_reopen(worker->store);
    enum status status = trouble_met(worker, NULL, opened, worker->store->error);
    if (opened == STATUS_OK) {
        log_info("Redis is back", "%s", "");
        worker->store_dead = false;
    } else if (status == STATUS_OK) {
        log_state("Redis cannot be used", " error=\"%s\"", worker->store->error);
    }
    return status;
}

static enum status take(struct worker *worker, size_t *ret_count)
{
    const struct settings *settings = worker->options.settings;
    atomic_store(&worker->stage, "waiting for Kafka");
    enum status status = source_take(worker->source, careful_take_max(worker), (int)settings->batch_wait,
                                     worker->taken, ret_count);
    switch (status) {
    case STATUS_OK:
        return STATUS_OK;
    case STATUS_REASSIGNED:
        recover_assignment(worker);
        return STATUS_OK;
    case STATUS_AWAY:
        log_state("Kafka cannot be reached", " error=\"%s\"", worker->source->error);
        stats_add(worker->stats, STAT_kafka_errors, 1);
        return STATUS_OK;
    case STATUS_FATAL:
        snprintf(worker->error, sizeof worker->error, "%s", worker->source->error);
        return STATUS_FATAL;
    default:
        log_warn("the consumer has ended; a new one is opened", " error=\"%s\"", worker->source->error);
        stats_add(worker->stats, STAT_kafka_errors, 1);
        worker->source_dead = true;
        recover_forget_charges(worker);
        return status == STATUS_FENCED ? STATUS_BUSY : STATUS_OK;
    }
}

/* Outputs and progress in one transaction. Nothing to send is nothing to do. */
static enum status emit(struct worker *worker)
{
    idle_ticks(worker);
    struct arena *arena = worker->outbox.arena;
    struct progress *progress = arena_alloc(arena, (worker->charge_count + 1) * sizeof *progress);
    size_t count = gather_progress(worker, progress);
    if (count == 0 && worker->outbox.count == 0) {
        return STATUS_OK;
    }
    return publish(worker, progress, count);
}

static size_t gather_progress(struct worker *worker, struct progress *progress)
{
    size_t count = 0;
    for (size_t i = 0; i < worker->charge_count; i++) {
        const struct charge *charge = &worker->charges[i];
        if (charge->progressed) {
            progress[count++] = (struct progress){.topic = charge->partition.topic,
                                                  .partition = charge->partition.number,
                                                  .next = charge_next(charge)};
        }
    }
    return count;
}

static enum status publish(struct worker *worker, const struct progress *progress, size_t count)
{
    atomic_store(&worker->stage, "waiting for Kafka");
    for (int tries = 0;; tries++) {
        int64_t begin_us = clock_monotonic_us();
        enum status status = sink_publish(worker->sink, worker->outbox.items, worker->outbox.count, progress,
                                          count, source_generation(worker->source));
        if (status == STATUS_OK) {
            stats_observe(worker->stats, STAT_transaction_seconds, clock_monotonic_us() - begin_us);
            stats_add(worker->stats, STAT_transactions, 1);
            return STATUS_OK;
        }
        stats_add(worker->stats, STAT_kafka_errors, 1);
        if (status == STATUS_ABORTED || status == STATUS_REASSIGNED) {
            stats_add(worker->stats, STAT_transactions_aborted, 1);
        } else {
            stats_add(worker->stats, STAT_transactions_unknown, 1);
        }
        if (status == STATUS_ABORTED && tries < ABORTS_MAX) {
            log_debug("a transaction was aborted; it is sent again", " error=\"%s\"", worker->sink->error);
            continue;
        }
        /* What was folded is no longer known to be what the log says next: all homes recover. */
        log_warn("a transaction did not come through; recovering from the log", " status=%s error=\"%s\"",
                 status_name(status), worker->sink->error);
        recover_all(worker);
        if (status == STATUS_FATAL) {
            snprintf(worker->error, sizeof worker->error, "%s", worker->sink->error);
            return STATUS_FATAL;
        }
        if (status != STATUS_REASSIGNED) {
            worker->sink_dead = true;
        }
        return status == STATUS_FENCED ? STATUS_BUSY : STATUS_MOVED;
    }
}

/* Sends every commit that was cut, home after home, and does not wait. */
static void commit(struct worker *worker, struct batch *batch)
{
    size_t total = 0;
    for (size_t i = 0; i < worker->charge_count; i++) {
        struct charge *charge = &worker->charges[i];
        charge->accept_gap &= !charge->progressed;
        charge->progressed = false;
        total += charge->home != NULL ? charge->home->commit_count : 0;
    }
    batch->commits = arena_alloc(batch->arena, (total + 1) * sizeof *batch->commits);
    for (size_t i = 0; i < worker->charge_count; i++) {
        struct home *home = worker->charges[i].home;
        if (home == NULL || home->commit_count == 0) {
            continue;
        }
        for (size_t k = 0; k < home->commit_count; k++) {
            probe("before_redis_commit");
            if (store_commit(worker->store, home->commits[k]) != STATUS_OK) {
                home->commits[k]->ret_status = STATUS_UNKNOWN; /* settle_batch finds it */
            }
            probe("after_redis_commit");
            batch->commits[batch->commit_count++] = home->commits[k];
        }
        worker->charges[i].begun = home->run_from;
        home_begun(home);
    }
}

/* The offsets of an idle group expire in Kafka: what they were is kept in the note `offsets`. */
static void save_offsets(struct worker *worker)
{
    struct arena *arena = arena_create(ARENA_BLOCK);
    struct field *fields = arena_alloc(arena, (worker->charge_count + 1) * sizeof *fields);
    size_t count = 0;
    for (size_t i = 0; i < worker->charge_count; i++) {
        const struct charge *charge = &worker->charges[i];
        if (charge->care != CARE_READY) {
            continue;
        }
        int64_t next = charge_next(charge);
        next = next > charge->live_from ? next : charge->live_from; /* 0 of a feeder */
        fields[count++] = (struct field){.name = charge_name(worker, charge->partition, arena),
                                         .value = arena_printf(arena, "%lld", (long long)next)};
    }
    if (count > 0 && store_note_set(worker->store, "offsets", fields, count) != STATUS_OK) {
        log_warn("the offsets could not be saved in Redis", " error=\"%s\"", worker->store->error);
    }
    arena_destroy(arena);
}

/* Keeps the customers in memory under their bound. */
static void sweep(struct worker *worker)
{
    size_t count = 0, bound = (size_t)worker->options.settings->cache_customers;
    for (size_t i = 0; i < worker->charge_count; i++) {
        count += worker->charges[i].home != NULL ? worker->charges[i].home->residents.count : 0;
    }
    for (size_t i = 0; i < worker->charge_count && count > bound; i++) {
        struct home *home = worker->charges[i].home;
        if (home != NULL) {
            /* Each home gives in proportion to what it holds. */
            size_t share = home->residents.count * (count - bound) / count + 1;
            residents_sweep(&home->residents, share);
        }
    }
}
