/* SPDX-License-Identifier: MIT */
/* One transaction: begin, offsets, produce, commit, and what each failure means for the worker.
 *
 * The offsets go first. Right after a commit the coordinator refuses what is new for a few milliseconds;
 * librdkafka asks again for offsets after retry.backoff.ms, but for partitions only after 20 ms. And a worker
 * whose generation is over hears so before it has written anything. (The other way round librdkafka's fixed
 * wait of 1 ms before it adds partitions would pass meanwhile, which gains little: docs/performance.md.)
 *
 * Until the commit has been asked for, a transaction can be aborted, and its outcome is known. From then on
 * only librdkafka's answer counts; without one the outcome is UNKNOWN, and nothing but a new producer finds
 * out. */
#include "producers/sink_kafka_parts.h"

#include "common/probe.h"

#include <stdio.h>

#define REST_MS  5    /* between two tries of one step */
#define ABORT_MS 2000 /* for the abort, when the transaction has used up its time */

static enum status begin(struct sink_kafka *kafka);
static enum status produce(struct sink_kafka *kafka, const struct output *output, int64_t deadline_us);
static enum status send_offsets(struct sink_kafka *kafka, rd_kafka_topic_partition_list_t *offsets,
                                const struct generation *generation, int64_t deadline_us);
static enum status commit(struct sink_kafka *kafka, int64_t deadline_us);
static enum status give_up(struct sink_kafka *kafka, enum status cause);
static rd_kafka_topic_partition_list_t *list_offsets(const struct sink_kafka *kafka,
                                                     const struct progress *progress, size_t count);

enum status publish_outputs(struct sink *sink, const struct output *outputs, size_t output_count,
                            const struct progress *progress, size_t progress_count,
                            const struct generation *generation)
{
    struct sink_kafka *kafka = (struct sink_kafka *)sink;
    bool moves = progress_count > 0;
    if (moves && (generation == NULL || generation->metadata == NULL)) {
        snprintf(sink->error, sizeof sink->error,
                 "the worker is no member of the group now; nothing was published");
        return STATUS_REASSIGNED;
    }
    int64_t deadline_us = kafka_deadline_us(kafka->timeout_ms);
    enum status status = begin(kafka);
    if (status != STATUS_OK) {
        return status;
    }
    rd_kafka_topic_partition_list_t *offsets = list_offsets(kafka, progress, progress_count);
    if (status == STATUS_OK && moves) {
        status = send_offsets(kafka, offsets, generation, deadline_us);
    }
    for (size_t i = 0; i < output_count && status == STATUS_OK; i++) {
        status = produce(kafka, &outputs[i], deadline_us);
    }
    if (status == STATUS_OK) {
        probe("before_kafka_commit");
        status = commit(kafka, deadline_us);
        probe("after_kafka_commit");
    }
    if (status != STATUS_OK) {
        status = give_up(kafka, status);
    } else if (moves && generation->keep != NULL &&
               generation->keep(generation->owner, offsets, sink->error) != STATUS_OK) {
        status = STATUS_UNKNOWN;
    }
    rd_kafka_topic_partition_list_destroy(offsets);
    return status;
}

/* Inside rd_kafka_poll and the transaction's calls. */
void publish_delivered_cb(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk;
    struct sink_kafka *kafka = ((struct kafka_client *)opaque)->owner;
    bool purged =
        message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !purged &&
        kafka->refused == RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka->refused = message->err;
    }
}

/* The worker's generation is over: in the words of the group's coordinator. */
static bool is_dealt_anew(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
           code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
}

/* Destroys the error. OK: the step may be tried again. */
static enum status judge(struct sink_kafka *kafka, rd_kafka_error_t *error, const char *what)
{
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    bool fatal = rd_kafka_error_is_fatal(error);
    bool again = !fatal && rd_kafka_error_is_retriable(error);
    enum status status = kafka_fail_with(kafka->sink.error, error, what);
    if (fatal) {
        return status;
    }
    if (is_dealt_anew(code)) {
        return STATUS_REASSIGNED;
    }
    if (kafka_status(code) == STATUS_FATAL) {
        return STATUS_FATAL;
    }
    return again ? STATUS_OK : status;
}

static enum status begin(struct sink_kafka *kafka)
{
    char *words = kafka->sink.error;
    if (kafka->spent) {
        snprintf(words, KAFKA_ERROR_SIZE, "the producer is spent and must be opened anew");
        return STATUS_UNKNOWN;
    }
    kafka->refused = RD_KAFKA_RESP_ERR_NO_ERROR;
    enum status status = kafka->ready ? STATUS_OK : sink_kafka_warm_up(kafka);
    if (status == STATUS_OK) {
        status =
            kafka_fail_with(words, rd_kafka_begin_transaction(kafka->client.rk), "beginning a transaction");
    }
    kafka->spent = status == STATUS_FENCED || status == STATUS_UNKNOWN;
    return status == STATUS_AWAY || status == STATUS_BUSY ? STATUS_ABORTED : status;
}

/* Copies: after UNKNOWN librdkafka may hold a message longer than the batch lives. Never blocks inside
 * librdkafka, which would wait for reports that this thread serves. */
static rd_kafka_resp_err_t produce_once(struct sink_kafka *kafka, const struct output *output)
{
    rd_kafka_headers_t *headers = kafka_headers_of(output);
    rd_kafka_resp_err_t code =
        rd_kafka_producev(kafka->client.rk, RD_KAFKA_V_RKT(kafka->topics[output->topic]),
                          RD_KAFKA_V_PARTITION(output->partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(output->key.data, output->key.len),
                          RD_KAFKA_V_VALUE((void *)output->value.data, output->value.len),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != NULL) {
        rd_kafka_headers_destroy(headers);
    }
    return code;
}

static enum status produce(struct sink_kafka *kafka, const struct output *output, int64_t deadline_us)
{
    rd_kafka_resp_err_t code = produce_once(kafka, output);
    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && kafka_left_ms(deadline_us) > 0) {
        rd_kafka_poll(kafka->client.rk, REST_MS);
        code = produce_once(kafka, output);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return STATUS_OK;
    }
    char what[KAFKA_ERROR_SIZE];
    snprintf(what, sizeof what, "producing to %.60s", rd_kafka_topic_name(kafka->topics[output->topic]));
    enum status status = kafka_fail(kafka->sink.error, code, what, NULL);
    return status == STATUS_FATAL ? STATUS_FATAL
                                  : STATUS_ABORTED; /* give_up finds out if the client is dead */
}

static enum status send_offsets(struct sink_kafka *kafka, rd_kafka_topic_partition_list_t *offsets,
                                const struct generation *generation, int64_t deadline_us)
{
    for (;;) {
        rd_kafka_error_t *error = rd_kafka_send_offsets_to_transaction(
            kafka->client.rk, offsets, generation->metadata, kafka_left_ms(deadline_us) + 1);
        if (error == NULL) {
            return STATUS_OK;
        }
        enum status status = judge(kafka, error, "adding the offsets to the transaction");
        if (status != STATUS_OK) {
            return status;
        }
        if (kafka_left_ms(deadline_us) == 0) {
            return STATUS_ABORTED;
        }
        rd_kafka_poll(kafka->client.rk, REST_MS);
    }
}

/* OK, ABORTED, REASSIGNED, FATAL (it must be aborted), FENCED, UNKNOWN. */
static enum status commit(struct sink_kafka *kafka, int64_t deadline_us)
{
    for (;;) {
        rd_kafka_error_t *error =
            rd_kafka_commit_transaction(kafka->client.rk, kafka_left_ms(deadline_us) + 1);
        if (error == NULL) {
            return STATUS_OK;
        }
        bool abortable = rd_kafka_error_txn_requires_abort(error);
        enum status status = judge(kafka, error, "committing the transaction");
        if (abortable) {
            return status == STATUS_REASSIGNED || status == STATUS_FATAL ? status : STATUS_ABORTED;
        }
        if (status != STATUS_OK) {
            return status == STATUS_FENCED ? STATUS_FENCED : STATUS_UNKNOWN;
        }
        if (kafka_left_ms(deadline_us) == 0) {
            return STATUS_UNKNOWN;
        }
        rd_kafka_poll(kafka->client.rk, REST_MS);
    }
}

static enum status abort_transaction(struct sink_kafka *kafka)
{
    char words[KAFKA_ERROR_SIZE]; /* the worker wants to know what came first */
    int64_t deadline_us = kafka_deadline_us(ABORT_MS);
    for (;;) {
        rd_kafka_error_t *error =
            rd_kafka_abort_transaction(kafka->client.rk, kafka_left_ms(deadline_us) + 1);
        if (error == NULL) {
            return STATUS_OK;
        }
        bool again = rd_kafka_error_is_retriable(error) && !rd_kafka_error_is_fatal(error);
        enum status status = kafka_fail_with(words, error, "aborting the transaction");
        if (!again || kafka_left_ms(deadline_us) == 0) {
            return status == STATUS_FENCED ? STATUS_FENCED : STATUS_UNKNOWN;
        }
        rd_kafka_poll(kafka->client.rk, REST_MS);
    }
}

/* What the worker is told, and the state in which the producer is left. */
static enum status give_up(struct sink_kafka *kafka, enum status cause)
{
    enum status status = cause;
    if (cause != STATUS_FENCED && cause != STATUS_UNKNOWN) {
        enum status aborted = abort_transaction(kafka);
        if (aborted != STATUS_OK) {
            status = aborted;
        } else if (cause == STATUS_ABORTED && kafka_status(kafka->refused) == STATUS_FATAL) {
            status = kafka_fail(kafka->sink.error, kafka->refused, "a broker refused an output", NULL);
        }
    }
    kafka->spent = status == STATUS_FENCED || status == STATUS_UNKNOWN;
    return status;
}

static rd_kafka_topic_partition_list_t *list_offsets(const struct sink_kafka *kafka,
                                                     const struct progress *progress, size_t count)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        const char *topic = settings_input_name(kafka->settings, (size_t)progress[i].topic);
        rd_kafka_topic_partition_list_add(offsets, topic, progress[i].partition)->offset = progress[i].next;
    }
    return offsets;
}
