/* SPDX-License-Identifier: MIT */
/* What the HTTP port answers; called on its thread. */
#include "consumers/daemon_private.h"

#include "common/clock.h"
#include "common/mem.h"

#define STALLED_US (120 * 1000000LL) /* a worker that has not turned for so long is not live */

static bool is_live(void *context, struct buf *out);
static bool is_ready(void *context, struct buf *out);
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
        struct seat *seat = &daemon->seats[i];
        pthread_mutex_lock(&daemon->mutex);
        struct worker *worker = atomic_load(&seat->worker);
        unsigned long turns = worker != NULL ? worker_turns(worker) : 0;
        pthread_mutex_unlock(&daemon->mutex);
        int64_t now_us = clock_monotonic_us();
        if (turns != seat->turns_seen) {
            seat->turns_seen = turns;
            seat->turned_us = now_us;
        } else if (now_us - seat->turned_us > STALLED_US) {
            buf_printf(out, "worker %zu has not turned for %lld s\n", i,
                       (long long)(now_us - seat->turned_us) / 1000000);
            live = false;
        }
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
        if (worker != NULL) {
            worker_health(worker, text, sizeof text);
        }
        pthread_mutex_unlock(&daemon->mutex);
        if (text[0] != '\0') {
            buf_printf(out, "worker %zu: %s\n", i, text);
            ready = false;
        }
    }
    if (ready) {
        buf_text(out, "ready\n");
    }
    return ready;
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
