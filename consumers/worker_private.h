/* SPDX-License-Identifier: MIT */
/* What the parts of a worker share: worker.c (the turn), worker_batch.c (from records to outputs),
 * worker_recover.c (recovery, parking), worker_idle.c (ticks, commands, figures). Nobody else includes this.
 */
#ifndef CONSUMERS_WORKER_PRIVATE_H
#define CONSUMERS_WORKER_PRIVATE_H

#include "common/backoff.h"
#include "consumers/fold.h"
#include "consumers/worker.h"

#include <pthread.h>
#include <stdatomic.h>

/* How far a partition has come since it was assigned. */
enum care {
    CARE_NEW,     /* nothing is known: read S */
    CARE_WAITING, /* S is known: wait for a stable C */
    CARE_READY,   /* delivered and folded */
    CARE_PARKED,  /* a person must decide */
};

/* A partition in this worker's care: a home, or a feeder's partition (home NULL). */
struct charge {
    struct partition partition;
    enum care care;
    char why[256]; /* while parked */
    struct home *home;
    int64_t begun;     /* where the commits that were begun leave the position: what a read must show */
    int64_t live_from; /* C: records before it are folded in silence */
    int64_t next;      /* of a feeder: the next offset to copy */
    int64_t *skips;    /* offsets that an operator skips, ascending */
    size_t skip_count;
    bool accept_gap; /* an operator has said so: the check of the position passes until C is in order */
    int64_t poison;  /* an offset at which a process has ended three times, or OFFSET_NONE */
    bool tick_unread;
    int64_t tick_ms;         /* when the last tick was sent */
    struct record **records; /* of the batch being worked on; in its arena */
    size_t record_count;
    bool progressed; /* has something for the transaction's offsets */
};

struct batch {
    struct arena *arena;
    struct commit **commits; /* begun, not settled */
    size_t commit_count;
};

struct policies {
    struct policy **items;
    size_t count, capacity;
};

struct worker {
    struct worker_options options;
    struct source *source;
    struct sink *sink;
    struct store *store;
    struct stats *stats;
    struct stats *counts;      /* of the batch: they count when its transaction has committed */
    struct stats *home_counts; /* of the home being folded: they count when the batch has it */
    char error[256];

    bool source_dead, sink_dead, store_dead; /* must be opened anew first */
    struct backoff backoff;
    bool fenced;

    struct charge *charges; /* the assignment */
    size_t charge_count;
    struct charge **by_home; /* [homes]; NULL: not in this worker's care */

    struct batch batches[2]; /* the one being worked on, and the one whose commits are under way */
    int current;
    struct record *records;
    struct arena *tree;    /* where the body of one record is parsed */
    struct arena *loading; /* where customers are read to, some at a time */
    struct outbox outbox;
    struct buf scratch;
    struct policies policies; /* every policy that was met; few */

    bool careful;         /* after unclean ends: one record at a time, its offset stored first */
    size_t careful_left;  /* records until that is over */
    bool policy_compared; /* a difference from the policy file was said */
    bool start_noted;     /* this start is counted among those without progress */
    bool progress_noted;

    int64_t now_ms, idle_ms, swept_ms;
    pthread_mutex_t mutex; /* guards health */
    char health[512];
    atomic_ulong turns;
};

/* ---- worker_batch.c */
/* Folds and copies what was taken; outputs are in the outbox, commits cut in their homes. */
enum status batch_work(struct worker *worker, size_t record_count);
/* Counts what was done with the records if it has gone out; what was not done with them was dropped. */
void batch_count(struct worker *worker, size_t record_count, bool went_out);

/* ---- worker_recover.c */
void recover_assignment(struct worker *worker);
/* One step for every charge that is not ready; never waits long. */
enum status recover_step(struct worker *worker);
/* Drops what is in memory of it; recover_step goes on. / Of all. */
void recover_charge(struct worker *worker, struct charge *charge);
void recover_all(struct worker *worker);
void recover_park(struct worker *worker, struct charge *charge, const char *why);
void recover_forget_charges(struct worker *worker);
enum policy_fault recover_policy(void *worker, struct slice body, char *ret_why,
                                 const struct policy **ret_policy);

/* ---- worker_idle.c */
/* Work by the clock, about once a second: compare idle homes' positions, operators' commands, figures. */
enum status idle_work(struct worker *worker);
/* Adds ticks that are due to the outbox. */
void idle_ticks(struct worker *worker);
/* Tells the note `status` how a charge is. */
void idle_report(struct worker *worker, const struct charge *charge);
void idle_health(struct worker *worker);

/* ---- worker_careful.c */
enum status careful_start(struct worker *worker);
enum status careful_before(struct worker *worker, const struct record *record);
void careful_progress(struct worker *worker, size_t records);
void careful_clean_end(struct worker *worker);
void careful_forgive(struct worker *worker, struct charge *charge);

#endif
