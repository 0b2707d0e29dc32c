/* SPDX-License-Identifier: MIT */
#include "consumers/daemon.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "common/mem.h"
#include "consumers/http.h"
#include "consumers/installation.h"
#include "consumers/lease.h"
#include "consumers/source_kafka.h"
#include "consumers/worker.h"
#include "producers/embedded.h"
#include "producers/kafka_admin.h"
#include "producers/policy_publish.h"
#include "producers/sink_kafka.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CHECK_WAIT_MS 10000
#define RETRY_MS      1000
#define STALLED_US    (120 * 1000000LL) /* a worker that has not turned for so long is not live */

struct seat { /* a worker and its thread */
    struct daemon *daemon;
    int number;
    char name[160];
    pthread_t thread;
    bool running;
    _Atomic(struct worker *) worker;
    struct stats *stats;
    unsigned long turns_seen;
    int64_t turned_us;
};

struct daemon {
    struct settings *settings;
    struct embedded *embedded;
    struct store_redis_options redis;
    char *password;
    char process[128];
    struct installation installation;
    struct lease *lease;
    struct http *http;
    struct seat *seats;
    size_t seat_count;
    pthread_mutex_t seats_mutex; /* a worker is not destroyed while the HTTP side looks at it */
    atomic_bool drain;           /* end after the batch */
    atomic_bool failed;          /* a person must see to it */
    atomic_int ended;            /* threads */
};

static enum status prepare(struct daemon *daemon, char *ret_why);
static enum status prepare_embedded(struct daemon *daemon, char *ret_why);
static enum status check_kafka(struct daemon *daemon, struct kafka_facts *ret_facts, char *ret_why);
static enum status settle_installation(struct daemon *daemon, const struct kafka_facts *facts, char *ret_why);
static enum status publish_embedded_policy(struct daemon *daemon, int32_t homes, char *ret_why);
static void *work(void *context);
static struct worker *open_worker(struct seat *seat);
static void wait_for_end(struct daemon *daemon, const sigset_t *signals);
static void log_lines(enum log_level level, const char *msg, const struct buf *lines);
static bool is_live(void *context, struct buf *out);
static bool is_ready(void *context, struct buf *out);
static void show_metrics(void *context, struct buf *out);
static void say_ready(const struct daemon *daemon);

int daemon_run(struct settings *settings)
{
    struct daemon daemon = {.settings = settings};
    struct http_health health = {
        .context = &daemon, .live = is_live, .ready = is_ready, .metrics = show_metrics};
    sigset_t signals;
    char why[256] = "";
    int result = DAEMON_FAILED;

    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* the main thread waits for them */
    pthread_mutex_init(&daemon.seats_mutex, NULL);

    log_info("loyald starts", " version=%s", LOYALD_VERSION);
    enum status status = prepare(&daemon, why);
    while (status_verdict(status) == VERDICT_repeat) {
        log_warn("waiting for what loyald needs", " why=\"%s\"", why);
        struct timespec pause = {.tv_sec = clock_jitter_ms(RETRY_MS) / 1000};
        if (sigtimedwait(&signals, NULL, &pause) > 0) {
            result = DAEMON_DONE;
            goto done;
        }
        status = prepare(&daemon, why);
    }
    if (status != STATUS_OK) {
        log_error("loyald cannot start", " why=\"%s\"", why);
        goto done;
    }
    daemon.seat_count = settings->process_embedded ? 1 : (size_t)settings->process_workers;
    daemon.seats = mem_zalloc(daemon.seat_count * sizeof *daemon.seats);
    for (size_t i = 0; i < daemon.seat_count; i++) {
        struct seat *seat = &daemon.seats[i];
        *seat = (struct seat){.daemon = &daemon, .number = (int)i, .turned_us = clock_monotonic_us()};
        snprintf(seat->name, sizeof seat->name, "%s-%zu", daemon.process, i);
        seat->stats = stats_create(daemon.installation.homes);
    }
    if (settings->http_address[0] != '\0' &&
        http_open(settings->http_address, &health, why, &daemon.http) != STATUS_OK) {
        log_error("the HTTP port cannot be opened", " why=\"%s\"", why);
        goto done;
    }
    for (size_t i = 0; i < daemon.seat_count; i++) {
        daemon.seats[i].running = pthread_create(&daemon.seats[i].thread, NULL, work, &daemon.seats[i]) == 0;
    }
    say_ready(&daemon);
    wait_for_end(&daemon, &signals);
    result = atomic_load(&daemon.failed) ? DAEMON_FAILED : DAEMON_DONE;
    log_info("loyald ends", " status=%d", result);

done:
    http_close(daemon.http);
    for (size_t i = 0; i < daemon.seat_count; i++) {
        if (daemon.seats[i].running) {
            pthread_join(daemon.seats[i].thread, NULL);
        }
        stats_destroy(daemon.seats[i].stats);
    }
    lease_release(daemon.lease);
    embedded_close(daemon.embedded);
    mem_free(daemon.seats);
    mem_free(daemon.password);
    pthread_mutex_destroy(&daemon.seats_mutex);
    return result;
}

/* Everything that must be right before a worker starts. May be called again after a failure that passes. */
static enum status prepare(struct daemon *daemon, char *ret_why)
{
    struct settings *settings = daemon->settings;
    struct kafka_facts facts = {0};
    enum status status = STATUS_OK;
    if (settings->process_embedded && daemon->embedded == NULL) {
        status = prepare_embedded(daemon, ret_why);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (daemon->process[0] == '\0') {
        snprintf(daemon->process, sizeof daemon->process, "%s", settings->process_name);
        if (daemon->process[0] == '\0' && gethostname(daemon->process, sizeof daemon->process - 1) != 0) {
            snprintf(ret_why, 256, "the host has no name: set process.name");
            return STATUS_FATAL;
        }
    }
    mem_free(daemon->password);
    daemon->password = NULL;
    if (!settings_secret(settings->redis_password_file, ret_why, &daemon->password)) {
        return STATUS_FATAL;
    }
    daemon->redis =
        (struct store_redis_options){.address = settings->redis_address,
                                     .user = settings->redis_user[0] != '\0' ? settings->redis_user : NULL,
                                     .password = daemon->password,
                                     .database = (int)settings->redis_database,
                                     .prefix = settings->redis_prefix,
                                     .connect_timeout_ms = (int)settings->redis_connect_timeout,
                                     .timeout_ms = (int)settings->redis_timeout};
    if (daemon->lease == NULL) {
        status = lease_take(&daemon->redis, daemon->process, ret_why, &daemon->lease);
    }
    if (status == STATUS_BUSY) {
        return STATUS_FATAL; /* not for long, as a fence would be: for as long as the other runs */
    }
    if (status == STATUS_OK) {
        status = check_kafka(daemon, &facts, ret_why);
    }
    if (status == STATUS_OK) {
        status = settle_installation(daemon, &facts, ret_why);
    }
    if (status == STATUS_OK && daemon->embedded != NULL) {
        status = publish_embedded_policy(daemon, facts.homes, ret_why);
    }
    return status;
}

static enum status prepare_embedded(struct daemon *daemon, char *ret_why)
{
    enum status status = embedded_open(daemon->settings, ret_why, &daemon->embedded);
    if (status == STATUS_OK) {
        embedded_apply(daemon->embedded, daemon->settings);
        log_warn(
            "embedded mode: Kafka and Redis live in and under this process, for a look; nothing is promised "
            "across a restart",
            " kafka=%s redis=%s", embedded_kafka(daemon->embedded), embedded_redis(daemon->embedded));
    }
    return status;
}

static enum status check_kafka(struct daemon *daemon, struct kafka_facts *ret_facts, char *ret_why)
{
    struct buf problems = {0}, warnings = {0};
    struct kafka_admin *admin = NULL;
    enum status status = kafka_admin_open(daemon->settings, ret_why, &admin);
    if (status != STATUS_OK) {
        return status;
    }
    status =
        kafka_admin_check(admin, daemon->installation.homes, CHECK_WAIT_MS, ret_facts, &problems, &warnings);
    if (status != STATUS_OK) {
        snprintf(ret_why, 256, "%s", kafka_admin_error(admin));
    } else if (problems.len > 0) {
        log_lines(LOG_LEVEL_ERROR, "Kafka is not as loyald needs it", &problems);
        snprintf(ret_why, 256, "Kafka is not as loyald needs it, see above");
        status = STATUS_FATAL;
    }
    log_lines(LOG_LEVEL_WARN, "Kafka could be set up better", &warnings);
    kafka_admin_close(admin);
    buf_done(&problems);
    buf_done(&warnings);
    return status;
}

static enum status settle_installation(struct daemon *daemon, const struct kafka_facts *facts, char *ret_why)
{
    char warning[256] = "";
    struct store *store = NULL;
    enum status status = store_redis_open(&daemon->redis, warning, ret_why, &store);
    if (status != STATUS_OK) {
        return status;
    }
    if (warning[0] != '\0') {
        log_warn("Redis could be set up better", " what=\"%s\"", warning);
    }
    const char *cluster = facts->cluster_id[0] != '\0' ? facts->cluster_id : "embedded";
    status =
        installation_settle(store, daemon->settings, facts->homes, cluster, ret_why, &daemon->installation);
    store_close(store);
    return status;
}

/* The embedded topics are new: the first record of every home is the policy, as `loyalctl topics create`
 * does. */
static enum status publish_embedded_policy(struct daemon *daemon, int32_t homes, char *ret_why)
{
    struct buf yaml = {0};
    enum status status = STATUS_OK;
    if (daemon->settings->policy_file[0] == '\0') {
        return STATUS_OK;
    }
    if (!file_read(daemon->settings->policy_file, &yaml, ret_why)) {
        status = STATUS_FATAL;
    } else {
        status = policy_publish(daemon->settings, buf_view(&yaml), homes, ret_why);
    }
    buf_done(&yaml);
    return status;
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
        pthread_mutex_lock(&daemon->seats_mutex);
        atomic_store(&seat->worker, NULL);
        pthread_mutex_unlock(&daemon->seats_mutex);
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
                                     .stats = seat->stats,
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
        (void)sigwaitinfo(signals, &info);
        atomic_store(&daemon->drain, info.si_pid != getpid() || atomic_load(&daemon->drain));
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
    log_info("loyald runs", " process=%s workers=%zu homes=%d http_port=%d", daemon->process, daemon->seat_count,
             daemon->installation.homes, daemon->http != NULL ? http_port(daemon->http) : 0);
}

static void log_lines(enum log_level level, const char *msg, const struct buf *lines)
{
    size_t begin = 0;
    for (size_t i = 0; i < lines->len; i++) {
        if (lines->data[i] == '\n') {
            log_write(level, msg, " what=\"%.*s\"", (int)(i - begin), lines->data + begin);
            begin = i + 1;
        }
    }
}

static bool is_live(void *context, struct buf *out)
{
    struct daemon *daemon = context;
    bool live = true;
    for (size_t i = 0; i < daemon->seat_count; i++) {
        struct seat *seat = &daemon->seats[i];
        pthread_mutex_lock(&daemon->seats_mutex);
        struct worker *worker = atomic_load(&seat->worker);
        unsigned long turns = worker != NULL ? worker_turns(worker) : 0;
        pthread_mutex_unlock(&daemon->seats_mutex);
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
    for (size_t i = 0; i < daemon->seat_count; i++) {
        char text[512] = "it has not started yet";
        pthread_mutex_lock(&daemon->seats_mutex);
        struct worker *worker = atomic_load(&daemon->seats[i].worker);
        if (worker != NULL) {
            worker_health(worker, text, sizeof text);
        }
        pthread_mutex_unlock(&daemon->seats_mutex);
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
    struct stats **stats = mem_alloc(daemon->seat_count * sizeof *stats);
    for (size_t i = 0; i < daemon->seat_count; i++) {
        stats[i] = daemon->seats[i].stats;
    }
    stats_render(stats, daemon->seat_count, out);
    mem_free(stats);
}
