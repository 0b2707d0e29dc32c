/* SPDX-License-Identifier: MIT */
/* What the parts of a worker share: worker.c (the turn), worker_batch.c (from records to outputs),
 * worker_settle.c (answers to commits), worker_recover.c (recovery, parking), worker_trouble.c (what a
 * refusal of Redis means), worker_idle.c (ticks, commands, figures), worker_careful.c and
 * worker_suspicion.c (poison records), worker_charge.c (a partition's name and place). Nobody else includes
 * this. */
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
    int64_t begun;      /* where the commits that were begun leave the position: what a read must show */
    int64_t live_from;  /* C: records before it are folded in silence */
    int64_t next;       /* of a feeder: the next offset to copy */
    int64_t started_at; /* the last time */
    bool unsettled;     /* since then it has not gone on yet */
    int64_t *skips;     /* offsets that an operator skips, ascending */
    size_t skip_count;
    bool accept_gap;     /* an operator has said so: the check of the position passes until C is in order */
    int64_t poison;      /* an offset at which a process has ended three times, or OFFSET_NONE */
    size_t gone_through; /* records of it that went out, for the guard against poison */
    bool owes_commit;    /* Redis did not take its last one */
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

/* Offsets of a partition among which one may end processes. */
struct suspicion {
    struct partition partition;
    int64_t from, to;
    int64_t ends; /* processes that have ended with nothing else of the partition in hand */
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

    struct charge *charges; /* the assignment */
    size_t charge_count;
    struct charge **by_home; /* [homes]; NULL: not in this worker's care */

    struct batch batches[2]; /* the one being worked on, and the one whose commits are under way */
    int current;
    struct record *taken;   /* what the turn has taken */
    struct record *records; /* the part of it that is being worked on */
    struct arena *tree;     /* where the body of one record is parsed */
    struct arena *loading;  /* where customers are read to, some at a time */
    struct outbox outbox;
    struct buf scratch;
    struct policies policies; /* every policy that was met; few */
    char refusal[256];        /* why Redis did not take the commits that are owed */

    bool paused;          /* an operator has stopped intake: every partition is stopped, and none recovers */
    bool policy_compared; /* a difference from the policy file was said */

    bool start_noted;     /* this start is counted among those without a clean end */
    int64_t unclean_ends; /* before this start; 0 once all has gone well */
    struct suspicion *suspicions;
    size_t suspicion_count, suspicion_capacity;
    struct suspicion *in_hand; /* what is noted as such */
    size_t in_hand_count;
    bool alone; /* one suspicious record is in hand, and in no other worker of the process another */

    int64_t now_ms, idle_ms;
    pthread_mutex_t mutex; /* guards health */
    char health[512];
    _Atomic(const char *) stage; /* what it is at: a constant text */
    atomic_llong turned_us;      /* when its turn, or this part of it, began */
};

/* ---- worker_charge.c */
const char *charge_topic(const struct worker *worker, struct partition partition);
/* "TOPIC/PARTITION": its field in the notes. */
struct slice charge_name(const struct worker *worker, struct partition partition, struct arena *arena);
int64_t charge_next(const struct charge *charge); /* the offset to fold or copy next */
bool charge_is_at_end(const struct worker *worker, const struct charge *charge);

/* ---- worker_settle.c */
/* Waits for the commits that were begun, and does what their answers ask for. / Of this batch. OK, or FATAL
 * as trouble_met. */
MUST_CHECK enum status settle_begun(struct worker *worker);
MUST_CHECK enum status settle_batch(struct worker *worker, struct batch *batch);
/* Are there commits that Redis has refused, or that were lost, and that it has not taken since? */
bool settle_owes_commit(const struct worker *worker);

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

/* ---- worker_trouble.c */
/* Does what a status of the store asks for; charge: whose it is, NULL if nobody's. FATAL: the process must
 * end, and worker->error says why; else OK, with the home parked or recovering, or with store_dead. */
MUST_CHECK enum status trouble_met(struct worker *worker, struct charge *charge, enum status status,
                                   const char *why);

/* ---- worker_idle.c */
/* Work by the clock, about once a second: compare idle homes' positions, operators' commands, figures. */
enum status idle_work(struct worker *worker);
/* Adds ticks that are due to the outbox. */
void idle_ticks(struct worker *worker);
/* Tells the note `status` how a charge is. */
void idle_report(struct worker *worker, const struct charge *charge);
void idle_health(struct worker *worker);
/* Tells it of those that have been started, once they have gone on, or have nothing to read: before, they may
 * be parked at once by what stopped them the last time. */
void idle_report_settled(struct worker *worker);

/* ---- worker_suspicion.c: which offsets may be those that end processes */
/* Reads what the last process has left; an offset with which three have ended is accused. */
MUST_CHECK enum status suspicion_read(struct worker *worker, struct arena *arena);
/* Notes what is suspicious of the partitions in hand, and, if so asked, what is in hand itself. */
MUST_CHECK enum status suspicion_write(struct worker *worker, bool in_hand);
/* The range that holds this record, or NULL. */
struct suspicion *suspicion_of(const struct worker *worker, const struct record *record);
/* Has the partition a range still? */
bool suspicion_lies_in(const struct worker *worker, struct partition partition);
/* Up to next all has gone out. */
void suspicion_clear(struct worker *worker, struct partition partition, int64_t next);

/* ---- worker_careful.c */
enum status careful_start(struct worker *worker);
size_t careful_take_max(const struct worker *worker);
/* How many of these records may be worked on together, from the first on. */
size_t careful_portion(const struct worker *worker, const struct record *records, size_t count);
/* Around the work on worker->records; went_out: so far did it come. */
enum status careful_before(struct worker *worker, size_t count);
void careful_after(struct worker *worker, bool went_out);
void careful_clean_end(struct worker *worker);
/* The name of this worker's note of a kind; until the next call. */
const char *careful_note(struct worker *worker, const char *kind);
MUST_CHECK enum status careful_forgive(struct worker *worker, struct charge *charge);

#endif
