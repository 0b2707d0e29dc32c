/* SPDX-License-Identifier: MIT */
/* Makes clients of librdkafka, listens to what they say of themselves, and judges their errors. It knows
 * nothing of topics, groups or transactions: those are its callers'. */
#include "producers/kafka_client.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/slice.h"
#include "producers/kafka_words.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define REASON_SIZE 131 /* leaves room for what failed, and for the name of the code */

/* One connection that fails says so on every try; only the last words are kept, for whoever asks. */
struct kafka_client_heard {
    pthread_mutex_t lock;
    bool away;                    /* all brokers are down, said since the last call of kafka_client_health */
    char words[KAFKA_ERROR_SIZE]; /* the last failure of a connection; "" for none */
};

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque);
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text);
static enum status apply_lines(rd_kafka_conf_t *conf, const struct text_list *lines, char *ret_error);

enum status kafka_client_begin(struct kafka_client *client, const char *role, const struct settings *settings,
                               char *ret_error, rd_kafka_conf_t **ret_conf)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char id[64];
    snprintf(id, sizeof id, "loyald-%s", role);
    kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:9092");
    kafka_conf_set(conf, "client.id", id);
    kafka_conf_set(conf, "socket.timeout.ms", "10000");
    kafka_conf_set(conf, "reconnect.backoff.ms", "50");
    kafka_conf_set(conf, "reconnect.backoff.max.ms", "1000");
    enum status status = apply_lines(conf, &settings->kafka, ret_error);
    if (status != STATUS_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, client);

    /* The owner's pointer is the caller's, who may have set it before. */
    client->rk = NULL;
    client->role = role;
    client->heard = mem_zalloc(sizeof *client->heard);
    int failed = pthread_mutex_init(&client->heard->lock, NULL);
    assert(failed == 0);
    *ret_conf = conf;
    return STATUS_OK;
}

void kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char error[KAFKA_ERROR_SIZE];
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, error, sizeof error);
    if (result != RD_KAFKA_CONF_OK) {
        log_error("librdkafka does not take a value that loyald gives it; another version is needed",
                  " name=%s value=\"%s\" error=\"%s\"", name, value, error);
    }
    assert(result == RD_KAFKA_CONF_OK);
}

enum status kafka_client_open(struct kafka_client *client, rd_kafka_type_t kind, rd_kafka_conf_t *conf,
                              char *ret_error)
{
    char error[KAFKA_ERROR_SIZE];
    client->rk = rd_kafka_new(kind, conf, error, sizeof error);
    if (client->rk == NULL) {
        snprintf(ret_error, KAFKA_ERROR_SIZE, "the Kafka client cannot be made: %.200s", error);
        rd_kafka_conf_destroy(conf);
        kafka_client_close(client);
        return STATUS_FATAL;
    }
    if (kind == RD_KAFKA_CONSUMER) {
        rd_kafka_poll_set_consumer(client->rk);
    }
    return STATUS_OK;
}

void kafka_client_close(struct kafka_client *client)
{
    if (client->rk != NULL) {
        rd_kafka_destroy(client->rk);
        client->rk = NULL;
    }
    if (client->heard != NULL) {
        pthread_mutex_destroy(&client->heard->lock);
        mem_free(client->heard);
        client->heard = NULL;
    }
}

struct kafka_client *kafka_client_of(const rd_kafka_t *rk)
{
    return rd_kafka_opaque(rk);
}

static bool is_fence(rd_kafka_resp_err_t code)
{
    return kafka_status(code) == STATUS_FENCED;
}

rd_kafka_headers_t *kafka_headers_of(const struct output *output)
{
    if (output->header_count == 0) {
        return NULL;
    }
    rd_kafka_headers_t *headers = rd_kafka_headers_new(output->header_count);
    for (size_t i = 0; i < output->header_count; i++) {
        const struct header *header = &output->headers[i];
        (void)rd_kafka_header_add(headers, header->name.data, (ssize_t)header->name.len, header->value.data,
                                  (ssize_t)header->value.len);
    }
    return headers;
}

enum status kafka_client_health(struct kafka_client *client, char *ret_error)
{
    if (client->rk == NULL) {
        snprintf(ret_error, KAFKA_ERROR_SIZE, "the Kafka client is closed");
        return STATUS_UNKNOWN;
    }
    char reason[KAFKA_ERROR_SIZE];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client->rk, reason, sizeof reason);
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_fail(ret_error, fatal, "the Kafka client is at its end", reason);
        return is_fence(fatal) ? STATUS_FENCED : STATUS_UNKNOWN;
    }
    struct kafka_client_heard *heard = client->heard;
    pthread_mutex_lock(&heard->lock);
    bool away = heard->away;
    heard->away = false;
    if (away) {
        snprintf(ret_error, KAFKA_ERROR_SIZE, "no Kafka broker can be reached: %.200s",
                 heard->words[0] != '\0' ? heard->words : "no reason was given");
    }
    pthread_mutex_unlock(&heard->lock);
    return away ? STATUS_AWAY : STATUS_OK;
}

void kafka_client_words(struct kafka_client *client, char *ret_words)
{
    pthread_mutex_lock(&client->heard->lock);
    memcpy(ret_words, client->heard->words, KAFKA_ERROR_SIZE);
    pthread_mutex_unlock(&client->heard->lock);
}

enum status kafka_fail(char *ret_error, rd_kafka_resp_err_t code, const char *what, const char *reason)
{
    char words[REASON_SIZE];
    kafka_words(reason != NULL ? reason : rd_kafka_err2str(code), words, sizeof words);
    snprintf(ret_error, KAFKA_ERROR_SIZE, "%.80s: %s (%s)", what, words, rd_kafka_err2name(code));
    return kafka_status(code);
}

enum status kafka_client_fail(struct kafka_client *client, char *ret_error, rd_kafka_resp_err_t code,
                              const char *what, const char *reason)
{
    enum status status = kafka_fail(ret_error, code, what, reason);
    char words[KAFKA_ERROR_SIZE];
    kafka_client_words(client, words);
    if (status == STATUS_AWAY && words[0] != '\0') {
        words[REASON_SIZE] = '\0';
        snprintf(ret_error, KAFKA_ERROR_SIZE, "%.80s: %.160s", what, words);
    }
    return status;
}

enum status kafka_fail_with(char *ret_error, rd_kafka_error_t *error, const char *what)
{
    if (error == NULL) {
        return STATUS_OK;
    }
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    enum status status = kafka_fail(ret_error, code, what, rd_kafka_error_string(error));
    if (rd_kafka_error_is_fatal(error)) {
        status = is_fence(code) ? STATUS_FENCED : STATUS_UNKNOWN;
    } else if (rd_kafka_error_txn_requires_abort(error)) {
        status = status == STATUS_REASSIGNED ? STATUS_REASSIGNED : STATUS_ABORTED;
    } else if (rd_kafka_error_is_retriable(error)) {
        status = status == STATUS_BUSY ? STATUS_BUSY : STATUS_AWAY;
    }
    rd_kafka_error_destroy(error);
    return status;
}

/* ---- what the settings give */

static enum status apply_line(rd_kafka_conf_t *conf, const char *line, char *ret_error)
{
    const char *sign = strchr(line, '=');
    if (sign == NULL) {
        snprintf(ret_error, KAFKA_ERROR_SIZE, "kafka: %.100s is not of the form name=value", line);
        return STATUS_FATAL;
    }
    char *name = mem_copy((struct slice){.data = line, .len = (size_t)(sign - line)});
    char refusal[200];
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, sign + 1, refusal, sizeof refusal);
    if (result != RD_KAFKA_CONF_OK) {
        /* The value may be a secret: librdkafka repeats it only for enumerations and numbers. */
        snprintf(ret_error, KAFKA_ERROR_SIZE, "kafka: %.60s is refused by librdkafka: %.150s", name, refusal);
    }
    mem_free(name);
    return result == RD_KAFKA_CONF_OK ? STATUS_OK : STATUS_FATAL;
}

static enum status apply_lines(rd_kafka_conf_t *conf, const struct text_list *lines, char *ret_error)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < lines->count && status == STATUS_OK; i++) {
        status = apply_line(conf, lines->items[i], ret_error);
    }
    return status;
}

/* ---- what librdkafka says */

static void hear(struct kafka_client *client, const char *words)
{
    pthread_mutex_lock(&client->heard->lock);
    kafka_words(words, client->heard->words, sizeof client->heard->words);
    pthread_mutex_unlock(&client->heard->lock);
}

/* On the thread that polls. A fatal error is not kept: kafka_client_health asks librdkafka itself. */
static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk;
    struct kafka_client *client = opaque;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        pthread_mutex_lock(&client->heard->lock);
        client->heard->away = true;
        pthread_mutex_unlock(&client->heard->lock);
    } else if (code != RD_KAFKA_RESP_ERR__FATAL) {
        hear(client, reason);
    }
    log_debug("Kafka's client met an error", " client=%s code=%s reason=\"%s\"", client->role,
              rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

/* A broken connection or a fatal error is the owner's to tell, once an outage; and every
 * client gets the same list of properties, of which the other kind's are ignored as meant. */
static bool is_expected(const char *facility, const char *text)
{
    return strcmp(facility, "FAIL") == 0 || strcmp(facility, "ERROR") == 0 ||
           strcmp(facility, "FATAL") == 0 || strcmp(facility, "REQTMOUT") == 0 ||
           (strcmp(facility, "CONFWARN") == 0 && strstr(text, "property and will be ignored") != NULL);
}

/* On any of librdkafka's threads, and on the caller's while the client is being made: the opaque is there by
 * then. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    struct kafka_client *client = rd_kafka_opaque(rk);
    if (strcmp(facility, "FAIL") == 0) {
        hear(client, text);
    }
    if (level <= LOG_WARNING && !is_expected(facility, text)) {
        log_warn("Kafka's client reports", " client=%s about=%s text=\"%s\"", client->role, facility, text);
    } else {
        log_debug("Kafka's client says", " client=%s about=%s text=\"%s\"", client->role, facility, text);
    }
}
