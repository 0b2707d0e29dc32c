/* SPDX-License-Identifier: MIT */
#include "consumers/lease.h"

#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/mem.h"
#include "config/policy.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define BEAT_MS  500
#define WATCH_MS 2000

struct lease {
    struct store *store;
    char process[128], token[33];
    char other[128]; /* the holder that was seen in our place, with its counter; "" if none */
    int still_beats; /* for how many beats that counter has not moved */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the three behind `ended` */
    pthread_cond_t ended;
    bool end;
    const struct settings *settings;         /* NULL: there is no installation to keep yet */
    const struct installation *installation; /* which does not change any more */
    atomic_bool lost;
};

static enum status claim(struct lease *lease, bool take_over, char *ret_other);
static enum status watch_other(struct lease *lease, char *ret_why);
static enum status enlist(struct lease *lease);
static void *keep(void *context);
static void wait_beat(struct lease *lease);
static void beat(struct lease *lease);
static enum status keep_installation(struct lease *lease);

enum status lease_take(const struct store_redis_options *options, const char *process, char *ret_why,
                       struct lease **ret_lease)
{
    char warning[256];
    struct store *store = NULL;
    struct lease *lease = NULL;
    enum status status = store_redis_open(options, warning, ret_why, &store);
    if (status != STATUS_OK) {
        return status;
    }
    lease = mem_zalloc(sizeof *lease);
    snprintf(lease->process, sizeof lease->process, "%s", process);
    digest_random_hex(lease->token, sizeof lease->token);
    lease->store = store;
    status = watch_other(lease, ret_why);
    if (status != STATUS_OK) {
        store_close(store);
        mem_free(lease);
        return status;
    }
    pthread_mutex_init(&lease->mutex, NULL);
    pthread_cond_init(&lease->ended, NULL);
    if (pthread_create(&lease->thread, NULL, keep, lease) != 0) {
        snprintf(ret_why, 256, "no thread can be started");
        pthread_cond_destroy(&lease->ended);
        pthread_mutex_destroy(&lease->mutex);
        store_close(store);
        mem_free(lease);
        return STATUS_FATAL;
    }
    *ret_lease = lease;
    return STATUS_OK;
}

void lease_keep_installation(struct lease *lease, const struct settings *settings,
                             const struct installation *installation)
{
    pthread_mutex_lock(&lease->mutex);
    lease->settings = settings;
    lease->installation = installation;
    pthread_mutex_unlock(&lease->mutex);
}

bool lease_is_lost(struct lease *lease)
{
    return atomic_load(&lease->lost);
}

void lease_release(struct lease *lease)
{
    if (lease == NULL) {
        return;
    }
    pthread_mutex_lock(&lease->mutex);
    lease->end = true;
    pthread_cond_signal(&lease->ended);
    pthread_mutex_unlock(&lease->mutex);
    pthread_join(lease->thread, NULL);
    struct slice name = slice_of(lease->process);
    if (store_redis_lease_release(lease->store, lease->process, lease->token) != STATUS_OK ||
        store_note_unset(lease->store, "processes", &name, 1) != STATUS_OK) {
        log_debug("the lease could not be given back; the next start waits 2 s", "%s", "");
    }
    store_close(lease->store);
    pthread_mutex_destroy(&lease->mutex);
    pthread_cond_destroy(&lease->ended);
    mem_free(lease);
}

/* Takes the lease, or moves it, with what this process knows: a policy that a living process does not know is
 * not activated. */
static enum status claim(struct lease *lease, bool take_over, char *ret_other)
{
    const struct policy_versions known = policy_versions_here();
    char fold[24];
    snprintf(fold, sizeof fold, "%lld", (long long)known.fold);
    const struct field says[] = {
        {SLICE("fold"),  slice_of(fold)},
        {SLICE("zones"), known.zones   }
    };
    return store_redis_lease(lease->store, lease->process, lease->token, take_over, says, 2, ret_other);
}

/* A lease that another holds is free if its counter does not move for 2 s: its process has ended. */
static enum status watch_other(struct lease *lease, char *ret_why)
{
    char first[128] = "", now[128] = "";
    int64_t until_us = clock_monotonic_us() + WATCH_MS * 1000LL;
    enum status status = claim(lease, false, first);
    while (status == STATUS_BUSY && clock_monotonic_us() < until_us) {
        struct timespec pause = {.tv_nsec = BEAT_MS / 2 * 1000000L};
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
        status = claim(lease, false, now);
        if (status == STATUS_BUSY && strcmp(first, now) != 0) {
            snprintf(ret_why, 256,
                     "another process runs under the name \"%s\"; give each its own process.name",
                     lease->process);
            return STATUS_BUSY;
        }
    }
    if (status == STATUS_BUSY) {
        status = claim(lease, true, now);
    }
    if (status == STATUS_OK) {
        status = enlist(lease);
    }
    if (status != STATUS_OK) {
        snprintf(ret_why, 256, "%s", lease->store->error);
    }
    return status;
}

/* Leases are found by this list; Redis may have lost it. */
static enum status enlist(struct lease *lease)
{
    const struct field name = {slice_of(lease->process), SLICE(LOYALD_VERSION)};
    return store_note_set(lease->store, "processes", &name, 1);
}

static void *keep(void *context)
{
    struct lease *lease = context;
    log_thread_name("lease");
    pthread_mutex_lock(&lease->mutex);
    while (!lease->end) {
        wait_beat(lease);
        if (!lease->end) {
            pthread_mutex_unlock(&lease->mutex);
            beat(lease);
            pthread_mutex_lock(&lease->mutex);
        }
    }
    pthread_mutex_unlock(&lease->mutex);
    return NULL;
}

static void wait_beat(struct lease *lease)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += BEAT_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!lease->end && pthread_cond_timedwait(&lease->ended, &lease->mutex, &until) != ETIMEDOUT) {
    }
}

/* Redis away is no loss: whoever wants the name needs Redis too. */
static void beat(struct lease *lease)
{
    char other[128];
    enum status status = claim(lease, false, other);
    if (status != STATUS_BUSY) {
        lease->other[0] = '\0';
        if (status != STATUS_OK || enlist(lease) != STATUS_OK || keep_installation(lease) != STATUS_OK) {
            (void)!store_reopen(lease->store);
        }
        return;
    }
    /* Whoever lives moves the counter; a Redis that came back from a snapshot may show somebody dead. */
    if (strcmp(lease->other, other) == 0) {
        if (++lease->still_beats * BEAT_MS >= WATCH_MS) {
            (void)!claim(lease, true, other);
        }
    } else if (lease->other[0] == '\0') {
        lease->still_beats = 0;
        snprintf(lease->other, sizeof lease->other, "%s", other);
    } else if (!atomic_exchange(&lease->lost, true)) {
        log_error("another process has taken over this one's name", " process=%s", lease->process);
    }
}

static enum status keep_installation(struct lease *lease)
{
    pthread_mutex_lock(&lease->mutex);
    const struct settings *settings = lease->settings;
    const struct installation *installation = lease->installation;
    pthread_mutex_unlock(&lease->mutex);
    return settings != NULL ? installation_keep(lease->store, settings, installation) : STATUS_OK;
}
