/* SPDX-License-Identifier: MIT */
/* Recovery is one path: drop what is in memory, read S from Redis, then C from Kafka (stable), seek to S,
 * fold [S, C) in silence, go live from C on. It is the same after an assignment, a lost connection, a refused
 * commit, an outcome that is not known. What cannot be right parks the partition with a sentence; the others
 * go on. */
#include "consumers/worker_private.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/probe.h"
#include "consumers/position_check.h"

#include <assert.h>
#include <stdio.h>

#define COMMITTED_WAIT_MS   1000
#define COMMITTED_GLANCE_MS 50 /* while others are ready: they must not wait for those that are not */
#define BOUNDS_WAIT_MS      5000

static enum status read_home(struct worker *worker, struct charge *charge);
static enum status read_skips(struct worker *worker, struct charge *charge);
static enum status read_poison(struct worker *worker, struct charge *charge);
static enum status place_waiting(struct worker *worker);
static enum status place_one(struct worker *worker, struct charge *charge, const struct place *committed);
static enum status start_home(struct worker *worker, struct charge *charge, struct position_check *check);
static enum status start_feeder(struct worker *worker, struct charge *charge, struct position_check *check);
static enum status read_taken(struct worker *worker, const struct charge *charge, bool *ret_taken);
static enum status note_taken(struct worker *worker, const struct charge *charge);
static enum status go(struct worker *worker, struct charge *charge, int64_t start);
static void compare_policy(struct worker *worker, const struct charge *charge);

void recover_assignment(struct worker *worker)
{
    const struct partition *partitions = NULL;
    size_t count = 0;
    recover_forget_charges(worker);
    if (source_assignment(worker->source, &partitions, &count) != STATUS_OK) {
        return;
    }
    worker->charges = mem_zalloc((count + 1) * sizeof *worker->charges);
    worker->charge_count = count;
    for (size_t i = 0; i < count; i++) {
        struct charge *charge = &worker->charges[i];
        charge->partition = partitions[i];
        charge->poison = OFFSET_NONE;
        if (partitions[i].topic == 0) {
            charge->home =
                home_create(partitions[i].number, worker->options.homes, worker->options.erasure_key);
            worker->by_home[partitions[i].number] = charge;
        }
    }
    log_info("the group has dealt its partitions", " partitions=%zu", count);
}

void recover_forget_charges(struct worker *worker)
{
    for (size_t i = 0; i < worker->charge_count; i++) {
        if (worker->charges[i].home != NULL) {
            stats_forget_home(worker->stats, worker->charges[i].partition.number);
        }
        home_destroy(worker->charges[i].home);
        mem_free(worker->charges[i].skips);
    }
    mem_free(worker->charges);
    worker->charges = NULL;
    worker->charge_count = 0;
    memset(worker->by_home, 0, (size_t)worker->options.homes * sizeof *worker->by_home);
}

/* Nothing of it that has not gone out may go out later. */
static void drop(struct charge *charge)
{
    if (charge->home != NULL) {
        home_reset(charge->home);
    }
    charge->progressed = false;
    charge->record_count = 0;
    charge->tick_unread = false;
}

void recover_charge(struct worker *worker, struct charge *charge)
{
    drop(charge);
    charge->care = CARE_NEW;
    stats_add(worker->stats, STAT_recoveries, 1);
    if (source_stop(worker->source, charge->partition) != STATUS_OK) {
        worker->source_dead = true; /* a client that does not even pause */
    }
}

void recover_all(struct worker *worker)
{
    for (size_t i = 0; i < worker->charge_count; i++) {
        if (worker->charges[i].care != CARE_PARKED) {
            recover_charge(worker, &worker->charges[i]);
        } else {
            drop(&worker->charges[i]); /* what it has cut before it was parked was part of the batch */
        }
    }
}

/* What the home has folded and cut stays, and is committed. */
void recover_park(struct worker *worker, struct charge *charge, const char *why)
{
    charge->care = CARE_PARKED;
    snprintf(charge->why, sizeof charge->why, "%s", why);
    log_warn("a partition is parked until a person decides", " topic=%s partition=%d why=\"%s\"",
             charge_topic(worker, charge->partition), charge->partition.number, charge->why);
    if (source_stop(worker->source, charge->partition) != STATUS_OK) {
        worker->source_dead = true;
    }
    idle_report(worker, charge);
}

enum status recover_step(struct worker *worker)
{
    bool waiting = false, held = false; /* held: what one could not read, the next would wait for too */
    for (size_t i = 0; i < worker->charge_count; i++) {
        struct charge *charge = &worker->charges[i];
        if (charge->care == CARE_NEW && !held) {
            enum status status = charge->home != NULL ? read_home(worker, charge) : STATUS_OK;
            if (status == STATUS_OK && charge->care == CARE_NEW) {
                charge->care = CARE_WAITING;
            } else if (status != STATUS_OK) {
                status = status == STATUS_BUSY ? STATUS_OK /* not Redis: the skips cannot be read yet */
                                               : trouble_met(worker, charge, status, worker->store->error);
                if (status != STATUS_OK || worker->store_dead) {
                    return status;
                }
                held = charge->care == CARE_NEW;
            }
        }
        waiting |= charge->care == CARE_WAITING;
    }
    return waiting ? place_waiting(worker) : STATUS_OK;
}

enum policy_fault recover_policy(void *context, struct slice body, char *ret_why,
                                 const struct policy **ret_policy)
{
    struct worker *worker = context;
    struct policy *policy = NULL;
    enum policy_fault fault = policy_record_read(body, ret_why, &policy);
    if (fault != POLICY_OK) {
        return fault;
    }
    struct policies *policies = &worker->policies;
    for (size_t i = 0; i < policies->count; i++) {
        if (strcmp(policies->items[i]->version, policy->version) == 0) {
            policy_free(policy);
            *ret_policy = policies->items[i];
            return POLICY_OK;
        }
    }
    MEM_GROW(policies->items, policies->count, policies->capacity);
    policies->items[policies->count++] = policy;
    *ret_policy = policy;
    return POLICY_OK;
}

/* S, and the home with it. */
static enum status read_home(struct worker *worker, struct charge *charge)
{
    struct read reads[HOME_READS];
    struct arena *arena = arena_create(64 * 1024);
    char why[256] = "";
    int64_t position = 0;
    home_reads(reads);
    probe("in_recovery");
    enum status status =
        store_read(worker->store, charge->partition.number, reads, HOME_READS, arena, &position);
    if (status == STATUS_OK && position == POSITION_CLEARING) {
        log_info("finishing a rebuild that was begun", " home=%d", charge->partition.number);
        status = store_clear(worker->store, charge->partition.number);
        if (status == STATUS_OK) {
            status = store_read(worker->store, charge->partition.number, reads, HOME_READS, arena, &position);
        }
    }
    if (status == STATUS_OK) {
        status = home_load(charge->home, reads, position, recover_policy, worker, why);
        charge->begun = position;
        if (status != STATUS_OK) {
            snprintf(worker->store->error, sizeof worker->store->error, "%s", why);
        }
    }
    arena_destroy(arena);
    if (status == STATUS_OK) {
        status = read_skips(worker, charge);
    }
    return status == STATUS_OK ? read_poison(worker, charge) : status;
}

static enum status read_skips(struct worker *worker, struct charge *charge)
{
    mem_free(charge->skips);
    charge->skips = NULL;
    charge->skip_count = 0;
    enum status status =
        source_skips(worker->source, charge->partition.number, &charge->skips, &charge->skip_count);
    if (status != STATUS_OK) {
        log_state("the topic of skips cannot be read", " error=\"%s\"", worker->source->error);
        return STATUS_BUSY; /* try again in a later step */
    }
    return STATUS_OK;
}

/* The offset at which processes have ended again and again, if there is one in this partition. */
static enum status read_poison(struct worker *worker, struct charge *charge)
{
    struct hash hash = {0};
    struct arena *arena = arena_create(4096);
    struct slice field = charge_name(worker, charge->partition, arena);
    enum status status = store_note_get(worker->store, "poison", arena, &hash);
    charge->poison = OFFSET_NONE;
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        if (slice_equal(hash.fields[i].name, field)) {
            (void)parse_int(hash.fields[i].value, &charge->poison);
        }
    }
    arena_destroy(arena);
    return status;
}

/* Asks for C of all that wait, at once; those held back by an open transaction wait on, the others start. */
static enum status place_waiting(struct worker *worker)
{
    struct place *places = mem_zalloc((worker->charge_count + 1) * sizeof *places);
    struct charge **whose = mem_zalloc((worker->charge_count + 1) * sizeof *whose);
    size_t count = 0;
    int wait_ms = COMMITTED_WAIT_MS;
    for (size_t i = 0; i < worker->charge_count; i++) {
        if (worker->charges[i].care == CARE_READY) {
            wait_ms = COMMITTED_GLANCE_MS;
        }
        if (worker->charges[i].care == CARE_WAITING) {
            whose[count] = &worker->charges[i];
            places[count++] = (struct place){.partition = worker->charges[i].partition};
        }
    }
    probe("before_committed");
    enum status status = source_committed(worker->source, places, count, wait_ms);
    if (status != STATUS_OK) {
        log_state("the group's offsets cannot be read", " error=\"%s\"", worker->source->error);
        worker->source_dead = status_verdict(status) == VERDICT_reopen;
        status = STATUS_OK; /* they go on waiting */
        count = 0;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (places[i].status == STATUS_OK) {
            status = place_one(worker, whose[i], &places[i]);
        }
    }
    mem_free(places);
    mem_free(whose);
    return status;
}

static enum status place_one(struct worker *worker, struct charge *charge, const struct place *committed)
{
    struct position_check check = {.topic = charge_topic(worker, charge->partition),
                                   .partition = charge->partition,
                                   .position = charge->home != NULL ? charge->home->position : 0,
                                   .committed = committed->offset,
                                   .accept_gap = charge->accept_gap};
    enum status status = source_bounds(worker->source, charge->partition, BOUNDS_WAIT_MS, &check.bounds);
    if (status != STATUS_OK) {
        log_warn("the ends of a log cannot be read", " topic=%s partition=%d error=\"%s\"", check.topic,
                 charge->partition.number, worker->source->error);
        return STATUS_OK; /* it goes on waiting */
    }
    status = charge->home != NULL ? start_home(worker, charge, &check) : start_feeder(worker, charge, &check);
    return trouble_met(worker, charge, status, worker->store->error);
}

static enum status start_home(struct worker *worker, struct charge *charge, struct position_check *check)
{
    int64_t start = 0;
    char why[256];
    if (position_check_home(check, &start, &charge->live_from, why) != STATUS_OK) {
        recover_park(worker, charge, why);
        return STATUS_OK;
    }
    if (start != charge->home->position) {
        enum status status =
            store_place(worker->store, charge->partition.number, charge->home->position, start);
        if (status != STATUS_OK) {
            return status;
        }
        charge->home->position = charge->home->run_from = charge->begun = start;
    }
    /* A gap that was accepted is closed for the next process, too, once C is where S is. */
    charge->progressed = charge->accept_gap && charge->live_from == start;
    if (charge->live_from > start) {
        log_info("folding in silence what was sent before", " home=%d from=%lld to=%lld",
                 charge->partition.number, (long long)start, (long long)charge->live_from);
    }
    /* All that went out is in Redis, so also the commit of which no answer came. */
    charge->owes_commit &= charge->live_from > start;
    return go(worker, charge, start);
}

static enum status start_feeder(struct worker *worker, struct charge *charge, struct position_check *check)
{
    char why[256];
    enum status status = read_taken(worker, charge, &check->taken);
    if (status == STATUS_OK && position_check_feeder(check, &charge->next, why) != STATUS_OK) {
        recover_park(worker, charge, why);
        return STATUS_OK;
    }
    if (status == STATUS_OK && check->committed == OFFSET_NONE && !check->taken) {
        /* Its beginning becomes C, with this turn's transaction; it goes on waiting until that can be read.
         * So a feeder that has never had a record does not look like one whose C was lost. */
        charge->progressed = true;
        return STATUS_OK;
    }
    if (status == STATUS_OK && !check->taken) {
        status = note_taken(worker, charge);
    }
    if (status == STATUS_OK) {
        status = read_poison(worker, charge);
    }
    charge->progressed = charge->accept_gap;
    return status == STATUS_OK ? go(worker, charge, charge->next) : status;
}

/* Has something been copied from this feeder's partition? */
static enum status read_taken(struct worker *worker, const struct charge *charge, bool *ret_taken)
{
    struct hash hash = {0};
    struct arena *arena = arena_create(4096);
    struct slice field = charge_name(worker, charge->partition, arena);
    enum status status = store_note_get(worker->store, "taken", arena, &hash);
    for (size_t i = 0; status == STATUS_OK && i < hash.field_count; i++) {
        *ret_taken |= slice_equal(hash.fields[i].name, field);
    }
    arena_destroy(arena);
    return status;
}

/* Before the first copy: from now on a missing C is a loss, not a beginning. */
static enum status note_taken(struct worker *worker, const struct charge *charge)
{
    struct arena *arena = arena_create(512);
    struct field mark = {.name = charge_name(worker, charge->partition, arena), .value = SLICE("1")};
    enum status status = store_note_set(worker->store, "taken", &mark, 1);
    arena_destroy(arena);
    return status;
}

static enum status go(struct worker *worker, struct charge *charge, int64_t start)
{
    struct place place = {.partition = charge->partition, .offset = start};
    charge->accept_gap &= charge->progressed;
    if (source_start(worker->source, &place, 1) != STATUS_OK) {
        log_warn("a partition cannot be read", " topic=%s partition=%d error=\"%s\"",
                 charge_topic(worker, charge->partition), charge->partition.number, worker->source->error);
        return STATUS_OK; /* it goes on waiting */
    }
    charge->care = CARE_READY;
    charge->started_at = start;
    charge->unsettled = true;
    compare_policy(worker, charge);
    return STATUS_OK;
}

/* What is in force is what the log says; a file that says something else is perhaps one that nobody
 * activated. */
static void compare_policy(struct worker *worker, const struct charge *charge)
{
    const char *file = worker->options.policy_version;
    if (charge->home == NULL || file[0] == '\0' || worker->policy_compared ||
        charge->home->policy == policy_none() || strcmp(charge->home->policy->version, file) == 0) {
        return;
    }
    worker->policy_compared = true;
    log_warn(
        "the policy in force is another than the file's; `loyalctl policy activate` puts the file in force",
        " in_force=%s file=%s", charge->home->policy->version, file);
}
