/* SPDX-License-Identifier: MIT */
/* What the HTTP port answers; called on its thread. */
#include "consumers/daemon_private.h"

#include "common/clock.h"
#include "common/mem.h"

#define SECOND_US  1000000LL
#define LATE_US    (5 * SECOND_US)   /* a worker that has not turned for so long is not ready, */
#define STALLED_US (120 * SECOND_US) /* and for so long not live */

static bool is_live(void *context, struct buf *out);
static bool is_ready(void *context, struct buf *out);
static bool is_late(const struct seat *seat, int64_t bound_us, struct buf *out);
static void show_metrics(void *context, struct buf *out);
static size_t seat_count(struct daemon *daemon);

struct http_health daemon_health(struct daemon *daemon)
{
    return (struct http_health){
        .context = daemon, .live = is_live, .ready = is_ready, .metrics = show_metrics};
}

static bool is_live(void *context, struct buf *out)
{
    struct daemon *daemon = context;
    bool live = true;
    size_t count = seat_count(daemon);
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&daemon->mutex);
        live &= !is_late(&daemon->seats[i], STALLED_US, out);
        pthread_mutex_unlock(&daemon->mutex);
    }
    if (live) {
        buf_text(out, "live\n");
    }
    return live;
}

static bool is_ready(void *context, struct buf *out)
{
    struct daemon *daemon = context;
    bool ready = true;
    pthread_mutex_lock(&daemon->mutex);
    if (daemon->waiting_for[0] != '\0') {
        buf_printf(out, "starting: %s\n", daemon->waiting_for);
        ready = false;
    }
    size_t count = daemon->seat_count;
    pthread_mutex_unlock(&daemon->mutex);
    for (size_t i = 0; i < count; i++) {
        char text[512] = "it has not started yet";
        pthread_mutex_lock(&daemon->mutex);
        struct worker *worker = atomic_load(&daemon->seats[i].worker);
        bool late = is_late(&daemon->seats[i], LATE_US, out);
        if (worker != NULL) {
            worker_health(worker, text, sizeof text);
        }
        pthread_mutex_unlock(&daemon->mutex);
        if (text[0] != '\0' && !late) { /* else it is old */
            buf_printf(out, "worker %zu: %s\n", i, text);
        }
        ready &= !late && text[0] == '\0';
    }
    if (ready) {
        buf_text(out, "ready\n");
    }
    return ready;
}

/* Judged from here, for a worker that waits cannot say so. */
static bool is_late(const struct seat *seat, int64_t bound_us, struct buf *out)
{
    const struct worker *worker = atomic_load(&seat->worker);
    int64_t turned_us = seat->begun_us;
    const char *stage = worker != NULL ? worker_stage(worker, &turned_us) : "starting";
    int64_t late_us = clock_monotonic_us() - turned_us;
    if (late_us < bound_us) {
        return false;
    }
    buf_printf(out, "worker %d: it has been %s for %lld s\n", seat->number, stage,
               (long long)(late_us / SECOND_US));
    return true;
}

static void show_metrics(void *context, struct buf *out)
{
    struct daemon *daemon = context;
    size_t count = seat_count(daemon);
    struct stats **stats = mem_alloc((count + 1) * sizeof *stats);
    for (size_t i = 0; i < count; i++) {
        stats[i] = daemon->seats[i].stats;
    }
    stats_render(stats, count, out);
    mem_free(stats);
}

/* 0 until the workers start. */
static size_t seat_count(struct daemon *daemon)
{
    pthread_mutex_lock(&daemon->mutex);
    size_t count = daemon->seat_count;
    pthread_mutex_unlock(&daemon->mutex);
    return count;
}
