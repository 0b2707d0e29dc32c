/* SPDX-License-Identifier: MIT */
/* The answers to commits that were begun, and what they ask for. A position that is another, or a home that
 * cannot be right, is that home's trouble; a lost connection, and a Redis that refuses to write for now,
 * everybody's: those who had commits in it owe one, and the back-off stays as it is until they have paid. */
#include "consumers/worker_private.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/probe.h"

#include <stdio.h>

static enum status settle_one(struct worker *worker, const struct batch *batch, const struct commit *done);
static void lose_store(struct worker *worker, const struct batch *batch);

enum status settle_begun(struct worker *worker)
{
    return settle_batch(worker, &worker->batches[worker->current]);
}

enum status settle_batch(struct worker *worker, struct batch *batch)
{
    enum status status = STATUS_OK;
    if (batch->commit_count == 0) {
        return STATUS_OK;
    }
    atomic_store(&worker->stage, "waiting for Redis");
    int64_t begin_us = clock_monotonic_us();
    if (store_settle(worker->store) != STATUS_OK) {
        log_state("the connection to Redis is lost", " error=\"%s\"", worker->store->error);
        lose_store(worker, batch);
    }
    stats_observe(worker->stats, STAT_commit_seconds, clock_monotonic_us() - begin_us);
    for (size_t i = 0; i < batch->commit_count && !worker->store_dead; i++) {
        enum status one = settle_one(worker, batch, batch->commits[i]);
        status = status == STATUS_OK ? one : status;
    }
    if (!worker->store_dead && !settle_owes_commit(worker)) {
        backoff_succeeded(&worker->backoff);
    }
    batch->commit_count = 0;
    probe("after_settle");
    return status;
}

bool settle_owes_commit(const struct worker *worker)
{
    size_t i = 0;
    while (i < worker->charge_count &&
           !(worker->charges[i].owes_commit && worker->charges[i].care != CARE_PARKED)) {
        i++;
    }
    return i < worker->charge_count;
}

static enum status settle_one(struct worker *worker, const struct batch *batch, const struct commit *done)
{
    struct charge *charge = worker->by_home[done->home];
    enum verdict verdict = status_verdict(done->ret_status);
    if (verdict == VERDICT_fine) {
        stats_add(worker->stats, STAT_commits, 1);
        if (charge != NULL) {
            charge->owes_commit = false;
        }
        return STATUS_OK;
    }
    stats_add(worker->stats, STAT_commits_refused, 1);
    if (verdict == VERDICT_repeat || verdict == VERDICT_reopen) {
        log_warn("Redis refused a commit; waiting until it takes it", " home=%d error=\"%s\"", done->home,
                 done->ret_why);
        snprintf(worker->store->error, sizeof worker->store->error, "%s", done->ret_why);
        lose_store(worker, batch);
    } else if (verdict != VERDICT_stop && (charge == NULL || charge->care != CARE_READY)) {
        return STATUS_OK; /* no longer this worker's, or on its way already */
    } else if (verdict == VERDICT_recover) {
        log_warn("Redis refused a commit, for the position is another; recovering the home",
                 " home=%d from=%lld", done->home, (long long)done->from);
    }
    return trouble_met(worker, charge, done->ret_status, done->ret_why);
}

static void lose_store(struct worker *worker, const struct batch *batch)
{
    stats_add(worker->stats, STAT_redis_errors, 1);
    snprintf(worker->refusal, sizeof worker->refusal, "%s", worker->store->error);
    for (size_t i = 0; i < batch->commit_count; i++) {
        struct charge *charge = worker->by_home[batch->commits[i]->home];
        if (charge != NULL) {
            charge->owes_commit = batch->commits[i]->ret_status != STATUS_OK;
        }
    }
    worker->store_dead = true;
    recover_all(worker);
}
