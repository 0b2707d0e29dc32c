/* SPDX-License-Identifier: MIT */
/* What all users of librdkafka share: a configuration from the settings, one way in which the client's own
 * messages reach our log, and one table that turns its errors into our statuses.
 *
 * A private header: it shows librdkafka's types and is therefore included only by the Kafka files themselves
 * (consumers/source_kafka*.c, producers/sink_kafka*.c, producers/kafka_*.c and fakes in the tests), never by
 * another header. */
#ifndef PRODUCERS_KAFKA_CLIENT_H
#define PRODUCERS_KAFKA_CLIENT_H

#include "common/record.h"
#include "common/status.h"
#include "config/settings.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

/* Of every buffer for a sentence here; source->error and sink->error are this long. */
#define KAFKA_ERROR_SIZE 256

/* ---- making a client
 * The order of use: begin, set the client's own values, open. What the settings give under `kafka:` is
 * applied in kafka_client_begin, so that values set afterwards win: those that the promise depends on cannot
 * be overridden. */

/* What a client's librdkafka callbacks know of it, and where they put what they hear. Lives as long as the
 * client; the caller's memory, not to be moved. */
struct kafka_client {
    rd_kafka_t *rk;   /* NULL: closed */
    const char *role; /* in log lines: "source", "sink", "admin"; borrowed */
    void *owner;      /* for the callbacks of the caller: see kafka_client_of */

    /* Written by the thread that polls (error_cb) and by librdkafka's own (log_cb), so behind a lock. */
    struct kafka_client_heard *heard;
};

/* A configuration with the settings' kafka list, our log and error callbacks, and `client` as the opaque.
 * Also defaults that a user may override: bootstrap.servers 127.0.0.1:9092, client.id "loyald-ROLE",
 * socket.timeout.ms 10000, reconnects within 50 to 1000 ms. A name that is only for the other kind of client
 * (such as fetch.* for a producer) does nothing, without a word. FATAL with a sentence that names the
 * mistaken line. Logs and errors are dealt with here: the caller sets neither log_cb, error_cb nor opaque. */
MUST_CHECK enum status kafka_client_begin(struct kafka_client *client, const char *role,
                                          const struct settings *settings, char *ret_error,
                                          rd_kafka_conf_t **ret_conf);

/* Sets a value that librdkafka is known to have; a refusal ends the process, for it cannot be. */
void kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value);

/* Makes the client. Takes conf, also on failure. Does not wait for Kafka. */
MUST_CHECK enum status kafka_client_open(struct kafka_client *client, rd_kafka_type_t kind,
                                         rd_kafka_conf_t *conf, char *ret_error);

/* Destroys rk (a consumer is closed first only by its owner, who knows whether it may wait) and forgets what
 * was heard. Safe on a client that was never opened, and twice. */
void kafka_client_close(struct kafka_client *client);

/* The client of an rd_kafka_t, from a callback (rd_kafka_opaque). */
struct kafka_client *kafka_client_of(const rd_kafka_t *rk);

/* ---- records */

/* The headers of an output in librdkafka's form, NULL for none. Copies; returns owned, until a producev has
 * taken them. */
rd_kafka_headers_t *kafka_headers_of(const struct output *output);

/* ---- what went wrong */

/* The worst thing heard since the last call, if any: FENCED or UNKNOWN after a fatal error (asked of
 * librdkafka itself, so it is said again and again until the client is closed: a fenced consumer says so once
 * and is silent for ever after), AWAY when no broker can be reached, else OK. UNKNOWN
 * for a client that is closed. Not blocking; any thread. */
MUST_CHECK enum status kafka_client_health(struct kafka_client *client, char *ret_error);

/* The last failure of a connection in librdkafka's words, "" for none; ret_words is KAFKA_ERROR_SIZE long. */
void kafka_client_words(struct kafka_client *client, char *ret_words);

/* The verdict on an error code: AWAY (network, no broker, time-outs, leader changes), BUSY (unstable offsets,
 * concurrent transactions, coordinator loading), ABORTED is never given here, REASSIGNED (illegal generation,
 * unknown member, rebalance in progress), FENCED (producer fenced, fenced instance id, invalid producer
 * epoch), FATAL (unknown topic, too large, authorization, bad configuration), GAP (offset out of range),
 * UNKNOWN for all else. */
enum status kafka_status(rd_kafka_resp_err_t code);

/* A sentence into ret_error: "WHAT: REASON (CODE)". Returns kafka_status(code). reason NULL: librdkafka's own
 * words. */
enum status kafka_fail(char *ret_error, rd_kafka_resp_err_t code, const char *what, const char *reason);

/* The same, with what the connections have said instead of the reason if Kafka is away. */
enum status kafka_client_fail(struct kafka_client *client, char *ret_error, rd_kafka_resp_err_t code,
                              const char *what, const char *reason);

/* As kafka_fail for an error object, which it destroys; NULL is OK. FENCED when the object is fatal and says
 * fenced, UNKNOWN for another fatal one; REASSIGNED (by its code) or else ABORTED when librdkafka says that
 * the transaction must be aborted (the caller still has to abort it); AWAY or BUSY when it may be retried;
 * else by its code. */
enum status kafka_fail_with(char *ret_error, rd_kafka_error_t *error, const char *what);

#endif
