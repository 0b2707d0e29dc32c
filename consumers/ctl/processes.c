/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/processes.h"

#include "common/clock.h"
#include "common/mem.h"

#include <stdio.h>
#include <time.h>

#define LEASE_WAIT_MS 2000
#define LEASE_POLL_MS 50

static bool read_lease(struct ctl *ctl, struct process *process);
static bool look_again(struct ctl *ctl, struct processes *processes, bool *ret_wait);
static bool say_gap(struct policy_versions needed, const struct process *process, char *ret_why);

bool processes_add(struct ctl *ctl, struct processes *processes, struct slice name)
{
    struct process process = {.name = name};
    if (processes_find(processes, name) != NULL) {
        return true;
    }
    if (!read_lease(ctl, &process)) {
        return false;
    }
    MEM_GROW(processes->items, processes->count, processes->capacity);
    processes->items[processes->count++] = process;
    return true;
}

const struct process *processes_find(const struct processes *processes, struct slice name)
{
    for (size_t i = 0; i < processes->count; i++) {
        if (slice_equal(processes->items[i].name, name)) {
            return &processes->items[i];
        }
    }
    return NULL;
}

bool processes_watch(struct ctl *ctl, struct processes *processes)
{
    const struct timespec pause = {.tv_nsec = LEASE_POLL_MS * 1000000L};
    int64_t until_us = clock_monotonic_us() + LEASE_WAIT_MS * 1000LL;
    bool wait = false, ok = look_again(ctl, processes, &wait);
    while (ok && wait && clock_monotonic_us() < until_us) {
        (void)nanosleep(&pause, NULL);
        ok = look_again(ctl, processes, &wait);
    }
    return ok;
}

void processes_done(struct processes *processes)
{
    mem_free(processes->items);
}

/* Only those that do not know the policy are watched: where all do, nobody waits for the dead. */
bool processes_know(struct ctl *ctl, struct policy_versions needed, char *ret_why)
{
    struct hash names = {0};
    struct processes all = {0}, ignorant = {0};
    bool ok = ctl_note(ctl, "processes", &names);
    for (size_t i = 0; ok && i < names.field_count; i++) {
        struct slice name = names.fields[i].name;
        ok = processes_add(ctl, &all, name);
        const struct process *process = ok ? processes_find(&all, name) : NULL;
        if (process != NULL && process->held && policy_gap(needed, process->knows) != POLICY_NO_GAP) {
            MEM_GROW(ignorant.items, ignorant.count, ignorant.capacity);
            ignorant.items[ignorant.count++] = *process;
        }
    }
    ok = ok && processes_watch(ctl, &ignorant);
    for (size_t i = 0; ok && i < ignorant.count; i++) {
        ok = !ignorant.items[i].lives || !say_gap(needed, &ignorant.items[i], ret_why);
    }
    processes_done(&all);
    processes_done(&ignorant);
    return ok;
}

static bool read_lease(struct ctl *ctl, struct process *process)
{
    struct hash lease = {0};
    if (!ctl_note(ctl, arena_printf(ctl->arena, "lease:%.*s", SLICE_ARG(process->name)).data, &lease)) {
        return false;
    }
    process->held = lease.field_count > 0;
    process->beat = hash_number(&lease, "beat");
    process->knows = (struct policy_versions){.fold = hash_number(&lease, "fold"),
                                              .zones = hash_value(&lease, SLICE("zones"))};
    return true;
}

/* *ret_wait: some lease is held that has not moved yet. */
static bool look_again(struct ctl *ctl, struct processes *processes, bool *ret_wait)
{
    *ret_wait = false;
    for (size_t i = 0; i < processes->count; i++) {
        struct process *process = &processes->items[i], now = *process;
        if (!process->held || process->lives) {
            continue;
        }
        if (!read_lease(ctl, &now)) {
            return false;
        }
        now.lives = now.held && now.beat != process->beat;
        now.beat = process->beat;
        *process = now; /* it may have been upgraded meanwhile */
        *ret_wait = *ret_wait || (now.held && !now.lives);
    }
    return true;
}

/* False: there is none. */
static bool say_gap(struct policy_versions needed, const struct process *process, char *ret_why)
{
    const struct policy_versions knows = process->knows;
    const long long folds[] = {(long long)knows.fold, (long long)needed.fold};
    switch (policy_gap(needed, knows)) {
    case POLICY_NO_GAP:
        return false;
    case POLICY_FOLD_GAP:
        snprintf(ret_why, CTL_SENTENCE,
                 "process %.*s knows fold version %lld, this policy needs %lld: %s; nothing was activated",
                 SLICE_ARG(process->name), folds[0], folds[1],
                 knows.fold < needed.fold ? "upgrade it first"
                                          : "activate it with the loyalctl that belongs to it");
        return true;
    case POLICY_ZONE_GAP:
        snprintf(ret_why, CTL_SENTENCE,
                 "process %.*s has the zone data %.*s, this policy needs %.*s: update its ICU library first; "
                 "nothing was activated",
                 SLICE_ARG(process->name), SLICE_ARG(knows.zones), SLICE_ARG(needed.zones));
        return true;
    }
    return false;
}
