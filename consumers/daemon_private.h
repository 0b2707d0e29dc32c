/* SPDX-License-Identifier: MIT */
/* What the parts of the daemon share: daemon.c (its life), daemon_prepare.c (what must be right before a
 * worker starts), daemon_health.c (what the HTTP port answers). Nobody else includes this. */
#ifndef CONSUMERS_DAEMON_PRIVATE_H
#define CONSUMERS_DAEMON_PRIVATE_H

#include "common/store_redis.h"
#include "consumers/daemon.h"
#include "consumers/http.h"
#include "consumers/installation.h"
#include "consumers/lease.h"
#include "consumers/worker.h"
#include "producers/embedded.h"

#include <pthread.h>
#include <stdatomic.h>

struct seat { /* a worker and its thread */
    struct daemon *daemon;
    int number;
    char name[160];
    pthread_t thread;
    bool running;
    _Atomic(struct worker *) worker;
    struct stats *stats;
    int64_t begun_us;
};

struct daemon {
    struct settings *settings;
    struct embedded *embedded;
    struct store_redis_options redis;
    char *password;
    char process[128];
    char policy_version[17]; /* of the file in the settings; "" if none */
    struct installation installation;
    int check_wait_ms; /* for Kafka's answers: short at first, longer with each try; 0: not tried yet */
    struct lease *lease;
    struct http *http;
    pthread_mutex_t mutex; /* guards the seats, waiting_for, and a worker's life against the HTTP side */
    pthread_mutex_t careful_lock; /* the workers' */
    struct seat *seats;
    size_t seat_count;
    char waiting_for[256]; /* before the workers start; "" then */
    atomic_bool drain;     /* end after the batch */
    atomic_bool failed;    /* a person must see to it */
    atomic_int ended;      /* threads */
};

/* Everything that must be right before a worker starts; may be called again after a failure that passes
 * (verdict repeat). ret_why is 256 bytes. */
MUST_CHECK enum status daemon_prepare(struct daemon *daemon, char *ret_why);

/* For http_open. */
struct http_health daemon_health(struct daemon *daemon);

#endif
