/* SPDX-License-Identifier: MIT */
#include "consumers/daemon_private.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "consumers/source_kafka.h"
#include "producers/sink_kafka.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS 1000

static void block_signals(sigset_t *ret_signals);
static enum status prepare(struct daemon *daemon, const sigset_t *signals);
static void wait_for(struct daemon *daemon, const char *what);
static void start_workers(struct daemon *daemon);
static void *work(void *context);
static struct worker *open_worker(struct seat *seat);
static void wait_for_end(struct daemon *daemon, const sigset_t *signals);
static void say_ready(const struct daemon *daemon);
static void end(struct daemon *daemon);

int daemon_run(struct settings *settings)
{
    struct daemon daemon = {.settings = settings};
    struct http_health health = daemon_health(&daemon);
    sigset_t signals;
    char why[256] = "";

    block_signals(&signals);
    pthread_mutex_init(&daemon.mutex, NULL);
    pthread_mutex_init(&daemon.careful_lock, NULL);
    wait_for(&daemon, "nothing is known yet");
    log_info("loyald starts", " version=%s", LOYALD_VERSION);
    if (settings->http_address[0] != '\0' &&
        http_open(settings->http_address, &health, why, &daemon.http) != STATUS_OK) {
        log_error("the HTTP port cannot be opened", " why=\"%s\"", why);
        atomic_store(&daemon.failed, true);
    } else if (prepare(&daemon, &signals) == STATUS_OK) {
        start_workers(&daemon);
        say_ready(&daemon);
        wait_for_end(&daemon, &signals);
    }
    int result = atomic_load(&daemon.failed) ? DAEMON_FAILED : DAEMON_DONE;
    end(&daemon);
    log_info("loyald ends", " status=%d", result);
    return result;
}

/* The main thread waits for them; the others never see them. */
static void block_signals(sigset_t *ret_signals)
{
    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGTERM);
    sigaddset(ret_signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
}

/* Again and again while Kafka or Redis is away; BUSY when a signal came meanwhile. */
static enum status prepare(struct daemon *daemon, const sigset_t *signals)
{
    char why[256] = "";
    enum status status = daemon_prepare(daemon, why);
    while (status_verdict(status) == VERDICT_repeat) {
        log_state("waiting for what loyald needs, and trying again", " why=\"%s\"", why);
        wait_for(daemon, why);
        int64_t pause_ms = clock_jitter_ms(RETRY_MS);
        struct timespec pause = {.tv_sec = pause_ms / 1000, .tv_nsec = pause_ms % 1000 * 1000000};
        if (sigtimedwait(signals, NULL, &pause) > 0) {
            return STATUS_BUSY;
        }
        status = daemon_prepare(daemon, why);
    }
    if (status != STATUS_OK) {
        log_error("loyald cannot start", " why=\"%s\"", why);
        atomic_store(&daemon->failed, true);
    }
    return status;
}

static void wait_for(struct daemon *daemon, const char *what)
{
    pthread_mutex_lock(&daemon->mutex);
    snprintf(daemon->waiting_for, sizeof daemon->waiting_for, "%s", what);
    pthread_mutex_unlock(&daemon->mutex);
}

static void start_workers(struct daemon *daemon)
{
    const struct settings *settings = daemon->settings;
    size_t count = settings->process_embedded ? 1 : (size_t)settings->process_workers;
    struct seat *seats = mem_zalloc(count * sizeof *seats);
    for (size_t i = 0; i < count; i++) {
        seats[i] = (struct seat){.daemon = daemon, .number = (int)i, .begun_us = clock_monotonic_us()};
        snprintf(seats[i].name, sizeof seats[i].name, "%s-%zu", daemon->process, i);
        seats[i].stats = stats_create(daemon->installation.homes);
    }
    pthread_mutex_lock(&daemon->mutex);
    daemon->seats = seats;
    daemon->seat_count = count;
    daemon->waiting_for[0] = '\0';
    pthread_mutex_unlock(&daemon->mutex);
    for (size_t i = 0; i < count; i++) {
        seats[i].running = pthread_create(&seats[i].thread, NULL, work, &seats[i]) == 0;
        if (!seats[i].running) {
            log_error("a worker's thread cannot be started", "%s", "");
            atomic_fetch_add(&daemon->ended, 1);
            atomic_store(&daemon->failed, true);
            atomic_store(&daemon->drain, true);
        }
    }
}

static void end(struct daemon *daemon)
{
    http_close(daemon->http);
    for (size_t i = 0; i < daemon->seat_count; i++) {
        if (daemon->seats[i].running) {
            pthread_join(daemon->seats[i].thread, NULL);
        }
        stats_destroy(daemon->seats[i].stats);
    }
    lease_release(daemon->lease);
    embedded_close(daemon->embedded);
    mem_free(daemon->seats);
    mem_free(daemon->password);
    pthread_mutex_destroy(&daemon->mutex);
    pthread_mutex_destroy(&daemon->careful_lock);
}

static void *work(void *context)
{
    struct seat *seat = context;
    struct daemon *daemon = seat->daemon;
    char number[16];
    snprintf(number, sizeof number, "%d", seat->number);
    log_thread_name(number);
    struct worker *worker = open_worker(seat);
    atomic_store(&seat->worker, worker);
    while (worker != NULL && !atomic_load(&daemon->drain)) {
        enum status status = worker_turn(worker, clock_wall_ms());
        if (status == STATUS_BUSY && !lease_is_lost(daemon->lease)) {
            continue; /* fenced, and nobody else has the name: a member of before; the worker opens anew */
        }
        if (status != STATUS_OK) {
            const char *why =
                status == STATUS_BUSY ? "another process runs under this name" : worker_error(worker);
            log_error("this worker cannot go on, so the process ends", " why=\"%s\"", why);
            atomic_store(&daemon->failed, true);
            atomic_store(&daemon->drain, true);
        }
    }
    if (worker != NULL) {
        worker_drain(worker);
        pthread_mutex_lock(&daemon->mutex);
        atomic_store(&seat->worker, NULL);
        seat->begun_us = clock_monotonic_us(); /* it is not late: it has ended */
        pthread_mutex_unlock(&daemon->mutex);
        worker_destroy(worker);
    }
    atomic_fetch_add(&daemon->ended, 1);
    kill(getpid(), SIGTERM); /* wakes the main thread when this was the last */
    return NULL;
}

static struct worker *open_worker(struct seat *seat)
{
    struct daemon *daemon = seat->daemon;
    char why[256] = "", warning[256] = "";
    struct worker_options options = {.settings = daemon->settings,
                                     .name = seat->name,
                                     .homes = daemon->installation.homes,
                                     .erasure_key = slice_of(daemon->installation.erasure_key),
                                     .policy_version = daemon->policy_version,
                                     .stats = seat->stats,
                                     .careful_lock = &daemon->careful_lock,
                                     .now_ms = clock_wall_ms()};
    enum status status = store_redis_open(&daemon->redis, warning, why, &options.store);
    if (status == STATUS_OK) {
        status = sink_kafka_open(daemon->settings, seat->name, why, &options.sink);
    }
    if (status == STATUS_OK) {
        status = source_kafka_open(daemon->settings, seat->name, why, &options.source);
    }
    if (status == STATUS_OK) {
        return worker_create(&options);
    }
    log_error("a worker cannot start", " why=\"%s\"", why);
    sink_close(options.sink);
    store_close(options.store);
    atomic_store(&daemon->failed, true);
    atomic_store(&daemon->drain, true);
    return NULL;
}

/* The first signal drains, the second ends at once; a drain that takes too long ends too, cleanly: an
 * abandoned batch is safe. */
static void wait_for_end(struct daemon *daemon, const sigset_t *signals)
{
    siginfo_t info;
    while (!atomic_load(&daemon->drain)) {
        if (sigwaitinfo(signals, &info) > 0 && info.si_pid != getpid()) {
            atomic_store(&daemon->drain, true);
        }
    }
    int64_t until_us = clock_monotonic_us() + 1000 * daemon->settings->shutdown_timeout;
    log_info("draining: a batch in hand is finished", "%s", "");
    while (atomic_load(&daemon->ended) < (int)daemon->seat_count) {
        int64_t left_us = until_us - clock_monotonic_us();
        struct timespec left = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
        int got = left_us > 0 ? sigtimedwait(signals, &info, &left) : -1;
        if ((got > 0 && info.si_pid != getpid()) || left_us <= 0) {
            log_warn(got > 0 ? "a second signal: ending at once" : "the drain takes too long: ending now",
                     " note=\"what is unfinished is done by the next owner\"%s", "");
            embedded_close(daemon->embedded);
            _exit(atomic_load(&daemon->failed) ? DAEMON_FAILED : DAEMON_DONE);
        }
    }
}

static void say_ready(const struct daemon *daemon)
{
    log_info("loyald runs", " process=%s workers=%zu homes=%d http_port=%d", daemon->process,
             daemon->seat_count, daemon->installation.homes,
             daemon->http != NULL ? http_port(daemon->http) : 0);
}
