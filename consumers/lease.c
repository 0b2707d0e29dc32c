/* SPDX-License-Identifier: MIT */
#include "consumers/lease.h"

#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/mem.h"

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

static enum status watch_other(struct store *store, const char *process, const char *token, char *ret_why);
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
    status = watch_other(store, process, lease->token, ret_why);
    if (status != STATUS_OK) {
        store_close(store);
        mem_free(lease);
        return status;
    }
    lease->store = store;
    pthread_mutex_init(&lease->mutex, NULL);
    pthread_cond_init(&lease->ended, NULL);
    if (pthread_create(&lease->thread, NULL, keep, lease) != 0) {
        snprintf(ret_why, 256, "no thread can be started");
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
    if (store_redis_lease_release(lease->store, lease->process, lease->token) != STATUS_OK) {
        log_debug("the lease could not be given back; the next start waits 2 s", "%s", "");
    }
    store_close(lease->store);
    pthread_mutex_destroy(&lease->mutex);
    pthread_cond_destroy(&lease->ended);
    mem_free(lease);
}

/* A lease that another holds is free if its counter does not move for 2 s: its process has ended. */
static enum status watch_other(struct store *store, const char *process, const char *token, char *ret_why)
{
    char first[128] = "", now[128] = "";
    int64_t until_us = clock_monotonic_us() + WATCH_MS * 1000LL;
    enum status status = store_redis_lease(store, process, token, false, first);
    while (status == STATUS_BUSY && clock_monotonic_us() < until_us) {
        struct timespec pause = {.tv_nsec = BEAT_MS / 2 * 1000000L};
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
        status = store_redis_lease(store, process, token, false, now);
        if (status == STATUS_BUSY && strcmp(first, now) != 0) {
            snprintf(ret_why, 256,
                     "another process runs under the name \"%s\"; give each its own process.name", process);
            return STATUS_BUSY;
        }
    }
    if (status == STATUS_BUSY) {
        status = store_redis_lease(store, process, token, true, now);
    }
    if (status != STATUS_OK) {
        snprintf(ret_why, 256, "%s", store->error);
    }
    return status;
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
    enum status status = store_redis_lease(lease->store, lease->process, lease->token, false, other);
    if (status != STATUS_BUSY) {
        lease->other[0] = '\0';
        if (status != STATUS_OK || keep_installation(lease) != STATUS_OK) {
            (void)!store_reopen(lease->store);
        }
        return;
    }
    /* Whoever lives moves the counter; a Redis that came back from a snapshot may show somebody dead. */
    if (strcmp(lease->other, other) == 0) {
        if (++lease->still_beats * BEAT_MS >= WATCH_MS) {
            (void)!store_redis_lease(lease->store, lease->process, lease->token, true, other);
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
