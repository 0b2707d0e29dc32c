/* SPDX-License-Identifier: MIT */
/* What loyald and loyalctl ask of the Kafka cluster itself: make the topics, check them at start, say where
 * each input partition stands. One thread at a time; every call blocks for at most about its timeout. On any
 * status but OK, kafka_admin_error says in a sentence what happened. */
#ifndef PRODUCERS_KAFKA_ADMIN_H
#define PRODUCERS_KAFKA_ADMIN_H

#include "common/buf.h"
#include "common/status.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_admin;

/* Does not wait for Kafka. The settings are borrowed until the close. ret_error is 256 bytes. */
MUST_CHECK enum status kafka_admin_open(const struct settings *settings, char *ret_error,
                                        struct kafka_admin **ret_admin);
void kafka_admin_close(struct kafka_admin *admin);
const char *kafka_admin_error(const struct kafka_admin *admin);

/* Makes the topics of the settings that do not exist, and returns when they can be written to. What exists is
 * left alone and compared. A line per topic, and one per difference, goes to report, also on failure.
 * *ret_home_log_made: the caller appends the first policy to a home log that is new. */
MUST_CHECK enum status kafka_admin_topics_create(struct kafka_admin *admin, int timeout_ms,
                                                 struct buf *report, bool *ret_home_log_made);

/* What the check found out; 0, or "", for what could not be. */
struct kafka_facts {
    char cluster_id[64];
    int32_t homes;            /* partitions of the home log */
    int64_t txn_sweep_ms;     /* how often the broker ends transactions that are overdue */
    int64_t session_max_ms;   /* the longest session time-out that it allows */
    int64_t offsets_keep_min; /* minutes for which it keeps the offsets of an idle group */
};

/* The topics as they are against what loyald needs, one sentence a line that says what to do: *problems is
 * what it must not start with, *warnings what a person should look at. homes: the number that the
 * installation has in Redis; 0: not known yet. OK when it could look, whatever it found. The embedded broker
 * cannot answer most of it: its topics' existence and number of partitions are all that is checked. */
MUST_CHECK enum status kafka_admin_check(struct kafka_admin *admin, int32_t homes, int timeout_ms,
                                         struct kafka_facts *ret_facts, struct buf *problems,
                                         struct buf *warnings);

/* One partition of an input topic as Kafka knows it. */
struct input_place {
    int32_t topic; /* index into the list of input topics */
    int32_t partition;
    enum status
        status; /* BUSY: committed is open in a transaction now; else OK, or what went wrong with this one */
    int64_t committed; /* C, the group's next offset to read, stable; -1: none */
    int64_t start,
        end; /* of the log: the first offset, and one past the last that is decided; -1: not known */
};

/* All partitions of all input topics that exist, in order of topic and partition. Returns owned, by mem_free.
 */
MUST_CHECK enum status kafka_admin_places(struct kafka_admin *admin, int timeout_ms,
                                          struct input_place **ret_places, size_t *ret_count);

#endif
