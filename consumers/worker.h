/* SPDX-License-Identifier: MIT */
/* A worker: one member of the group, on one thread, that shares nothing with the others but one lock. It sees
 * Kafka and Redis as ports (source, sink, store) and is given `now`; so the same worker runs against the real
 * ones, against fakes, and in a simulated world. One call of worker_turn is one turn: take, route, decode,
 * load, fold, emit, commit, settle. */
#ifndef CONSUMERS_WORKER_H
#define CONSUMERS_WORKER_H

#include "common/stats.h"
#include "common/store.h"
#include "config/settings.h"
#include "consumers/source.h"
#include "producers/sink.h"

#include <pthread.h>
#include <stdbool.h>

struct worker;

struct worker_options {
    const struct settings *settings; /* borrowed */
    const char *name;                /* PROCESS-WORKER */
    int32_t homes;                   /* partitions of the home log */
    struct slice erasure_key;
    const char
        *policy_version; /* of the policy file that the process was started with, "" if none: only compared */
    struct source *source;         /* takes */
    struct sink *sink;             /* takes */
    struct store *store;           /* takes */
    struct stats *stats;           /* borrows */
    pthread_mutex_t *careful_lock; /* borrows; one for all workers of a process: see worker_careful.c. NULL if
                                      there is only one */
    int64_t now_ms;
};

struct worker *worker_create(const struct worker_options *options);

/* Gives up without another word to Kafka or Redis but closing: what is unfinished is done by the next owner.
 */
void worker_destroy(struct worker *worker);

/* One turn. OK: call again. FATAL: the process must end; worker_error says why. BUSY: another process of this
 * name has taken over; see the lease. Anything else is dealt with inside. */
MUST_CHECK enum status worker_turn(struct worker *worker, int64_t now_ms);

/* Before a clean end: waits for the commits that were begun, saves the positions, notes that the end was
 * clean. */
void worker_drain(struct worker *worker);

const char *worker_error(const struct worker *worker);

/* For other threads: what keeps it from being ready, as a line of text, "" if nothing does. It is as old as
 * the last turn: so also when that began (monotonic), and what the worker has been at since. */
void worker_health(struct worker *worker, char *ret_text, size_t size);
const char *worker_stage(const struct worker *worker, int64_t *ret_turned_us);

#endif
