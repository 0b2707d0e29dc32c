/* SPDX-License-Identifier: MIT */
/* What a worker does by the clock, about once a second: it compares the positions of its homes with what
 * Redis has (else a rollback would go unseen until the next event), does what operators have asked for, tells
 * how it is, and lets time pass in homes where nothing arrives. */
#include "consumers/worker_private.h"

#include "common/log.h"
#include "common/mem.h"

#include <stdio.h>

#define IDLE_MS 1000
#define TICK_MS 1000
#define DAILY_TICK_MS                                                                                        \
    (23LL * 60 * 60 * 1000) /* under a day, so that a folded idle home never looks cut off */

static enum status compare_positions(struct worker *worker);
static enum status do_commands(struct worker *worker);
static void pause_intake(struct worker *worker, bool paused);
static enum status do_command(struct worker *worker, struct charge *charge, struct slice command);
static void show_figures(struct worker *worker);
static const char *care_name(enum care care);

enum status idle_work(struct worker *worker)
{
    if (worker->now_ms - worker->idle_ms < IDLE_MS) {
        return STATUS_OK;
    }
    worker->idle_ms = worker->now_ms;
    enum status status = settle_begun(worker); /* a commit that was refused says why itself */
    if (worker->store_dead || status != STATUS_OK) {
        return status;
    }
    status = compare_positions(worker);
    if (status == STATUS_OK && !worker->store_dead) {
        status = do_commands(worker);
    }
    show_figures(worker);
    idle_health(worker);
    return status;
}

void idle_ticks(struct worker *worker)
{
    for (size_t i = 0; i < worker->charge_count; i++) {
        struct charge *charge = &worker->charges[i];
        struct home *home = charge->home;
        bool idle = home != NULL && charge->care == CARE_READY && charge->record_count == 0;
        if (!idle || charge->tick_unread || worker->now_ms - charge->tick_ms < TICK_MS ||
            home->policy == policy_none() || home->policy->clock != CLOCK_APPEND) {
            continue;
        }
        /* Where nobody knows, for the timers have not been read, a tick makes the fold read them. */
        bool due = home_next_due(home) <= worker->now_ms;
        bool daily = worker->now_ms - home->time_ms >= DAILY_TICK_MS;
        if (due || daily) {
            outbox_control(&worker->outbox, "tick", home->number, SLICE("{}"));
            charge->tick_unread = true;
            charge->tick_ms = worker->now_ms;
            stats_add(worker->counts, STAT_ticks, 1);
        }
    }
}

void idle_report_settled(struct worker *worker)
{
    for (size_t i = 0; i < worker->charge_count && !worker->store_dead; i++) {
        struct charge *charge = &worker->charges[i];
        if (charge->unsettled && charge->care == CARE_READY &&
            (charge_next(charge) > charge->started_at || charge_is_at_end(worker, charge))) {
            charge->unsettled = false;
            idle_report(worker, charge);
        }
    }
}

void idle_report(struct worker *worker, const struct charge *charge)
{
    struct arena *arena = arena_create(1024);
    bool parked = charge->care == CARE_PARKED;
    struct field field = {.name = charge_name(worker, charge->partition, arena),
                          .value =
                              arena_printf(arena, "%s %s%s%s", care_name(charge->care), worker->options.name,
                                           parked ? " " : "", parked ? charge->why : "")};
    if (store_note_set(worker->store, "status", &field, 1) != STATUS_OK) {
        stats_add(worker->stats, STAT_redis_errors,
                  1); /* only for people to read: the next call will find out */
    }
    arena_destroy(arena);
}

void idle_health(struct worker *worker)
{
    size_t parked = 0, recovering = 0;
    const char *why = "";
    for (size_t i = 0; i < worker->charge_count; i++) {
        const struct charge *charge = &worker->charges[i];
        parked += charge->care == CARE_PARKED;
        recovering += charge->care == CARE_NEW || charge->care == CARE_WAITING;
        why = charge->care == CARE_PARKED ? charge->why : why;
    }
    pthread_mutex_lock(&worker->mutex);
    worker->health[0] = '\0';
    if (worker->store_dead) {
        snprintf(worker->health, sizeof worker->health, "Redis: %s", worker->store->error);
    } else if (settle_owes_commit(worker)) { /* it could be opened, which says little */
        snprintf(worker->health, sizeof worker->health, "Redis: %s", worker->refusal);
    } else if (worker->sink_dead || worker->source_dead) {
        snprintf(worker->health, sizeof worker->health, "Kafka: %s",
                 worker->sink_dead ? worker->sink->error : worker->source->error);
    } else if (worker->paused) {
        snprintf(worker->health, sizeof worker->health,
                 "paused by an operator: no event is taken; loyalctl resume --all lets it go on");
    } else if (worker->charge_count == 0) {
        snprintf(worker->health, sizeof worker->health, "no partition is assigned yet");
    } else if (recovering > 0) {
        snprintf(worker->health, sizeof worker->health, "%zu partitions are recovering", recovering);
    } else if (parked > 0) {
        snprintf(worker->health, sizeof worker->health, "%zu partitions are parked: %s", parked, why);
    }
    pthread_mutex_unlock(&worker->mutex);
}

/* On the connection of the commits, behind those that were begun: what it shows must be where they lead. */
static enum status compare_positions(struct worker *worker)
{
    int32_t *homes = mem_alloc((worker->charge_count + 1) * sizeof *homes);
    int64_t *positions = mem_alloc((worker->charge_count + 1) * sizeof *positions);
    struct charge **whose = mem_alloc((worker->charge_count + 1) * sizeof *whose);
    size_t count = 0;
    for (size_t i = 0; i < worker->charge_count; i++) {
        if (worker->charges[i].home != NULL && worker->charges[i].care == CARE_READY) {
            whose[count] = &worker->charges[i];
            homes[count++] = worker->charges[i].partition.number;
        }
    }
    enum status status = count > 0 ? store_positions(worker->store, homes, count, positions) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (positions[i] != whose[i]->begun) {
            log_warn("the position in Redis is another than this worker's; recovering the home",
                     " home=%d expected=%lld found=%lld", homes[i], (long long)whose[i]->begun,
                     (long long)positions[i]);
            recover_charge(worker, whose[i]);
        }
    }
    mem_free(homes);
    mem_free(positions);
    mem_free(whose);
    return trouble_met(worker, NULL, status, worker->store->error);
}

/* What operators ask for: the note `commands`, TOPIC/PARTITION -> retry, accept-gap or rebuild; and `intake`,
 * which is there as long as everything is paused. */
static enum status do_commands(struct worker *worker)
{
    struct arena *arena = arena_create(4096);
    struct hash commands = {0};
    struct charge *whose = NULL;
    enum status status = store_note_get(worker->store, "commands", arena, &commands);
    bool paused = false;
    for (size_t i = 0; status == STATUS_OK && i < commands.field_count; i++) {
        paused |= slice_is(commands.fields[i].name, "intake");
    }
    if (status == STATUS_OK) {
        pause_intake(worker, paused);
    }
    for (size_t i = 0; status == STATUS_OK && i < commands.field_count; i++) {
        for (size_t k = 0; status == STATUS_OK && k < worker->charge_count; k++) {
            struct charge *charge = &worker->charges[k];
            if (slice_equal(charge_name(worker, charge->partition, arena), commands.fields[i].name)) {
                whose = charge;
                status = do_command(worker, charge, commands.fields[i].value);
                if (status == STATUS_OK) {
                    status = store_note_unset(worker->store, "commands", &commands.fields[i].name, 1);
                }
            }
        }
    }
    arena_destroy(arena);
    return trouble_met(worker, whose, status, worker->store->error);
}

/* A worker stays in its group, and takes nothing of what it has: what is behind in the log is as safe there
 * as it was. It goes on as after any other break. */
static void pause_intake(struct worker *worker, bool paused)
{
    if (worker->paused == paused) {
        return;
    }
    worker->paused = paused;
    log_info(paused ? "intake is stopped: an operator has paused everything" : "intake goes on", "%s", "");
    if (paused) {
        recover_all(worker);
    }
}

static enum status do_command(struct worker *worker, struct charge *charge, struct slice command)
{
    log_info("an operator's command", " topic=%s partition=%d command=%.*s",
             charge_topic(worker, charge->partition), charge->partition.number, SLICE_ARG(command));
    if (slice_is(command, "rebuild") && charge->home != NULL) {
        enum status status = store_clear(worker->store, charge->partition.number);
        if (status != STATUS_OK) {
            return status;
        }
    } else if (slice_is(command, "accept-gap")) {
        charge->accept_gap = true;
    } else if (!slice_is(command, "retry")) {
        log_warn("an operator's command is not known and is dropped", " command=%.*s", SLICE_ARG(command));
        return STATUS_OK;
    }
    recover_charge(worker, charge);
    return careful_forgive(worker, charge);
}

static void show_figures(struct worker *worker)
{
    int64_t homes = 0, live = 0, parked = 0, feeders_parked = 0, customers = 0;
    for (size_t i = 0; i < worker->charge_count; i++) {
        const struct charge *charge = &worker->charges[i];
        if (charge->home == NULL) {
            feeders_parked += charge->care == CARE_PARKED;
            continue;
        }
        homes++;
        live += charge->care == CARE_READY;
        parked += charge->care == CARE_PARKED;
        customers += (int64_t)charge->home->residents.count;
        int64_t end = source_end_seen(worker->source, charge->partition);
        int64_t lag = end == OFFSET_NONE || end < charge->begun ? 0 : end - charge->begun;
        int64_t age_ms = lag > 0 && charge->home->time_ms > 0 ? worker->now_ms - charge->home->time_ms : 0;
        stats_set_home(worker->stats, STAT_lag_records, charge->partition.number, lag);
        stats_set_home(worker->stats, STAT_lag_seconds, charge->partition.number, 1000 * age_ms);
    }
    stats_set(worker->stats, STAT_paused, worker->paused);
    stats_set(worker->stats, STAT_homes, homes);
    stats_set(worker->stats, STAT_homes_live, live);
    stats_set(worker->stats, STAT_homes_parked, parked);
    stats_set(worker->stats, STAT_feeders_parked, feeders_parked);
    stats_set(worker->stats, STAT_customers_cached, customers);
}

static const char *care_name(enum care care)
{
    static const char *const names[] = {
        [CARE_NEW] = "new", [CARE_WAITING] = "waiting", [CARE_READY] = "ready", [CARE_PARKED] = "parked"};
    return names[care];
}
