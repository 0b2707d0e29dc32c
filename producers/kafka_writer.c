/* SPDX-License-Identifier: MIT */
#include "producers/kafka_writer.h"

#include "common/mem.h"
#include "producers/kafka_client.h"
#include "producers/kafka_member.h"
#include "producers/kafka_partitions.h"

#include <stdio.h>

#define POLL_MS  100
#define ABORT_MS 5000
#define MOST_MS  "30000" /* until librdkafka gives a record up; callers wait for less */

struct kafka_writer {
    struct kafka_client client;
    bool open; /* a transaction is */
    char error[KAFKA_ERROR_SIZE];
};

/* Of one record on its way; freed by whichever comes last, the report or the one who waits. */
struct delivery {
    bool done, abandoned;
    rd_kafka_resp_err_t code;
    struct written written;
};

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque);
static enum status produce(struct kafka_writer *writer, const char *topic, int32_t partition,
                           const struct output *record, struct delivery *delivery);
static enum status fail(struct kafka_writer *writer, rd_kafka_resp_err_t code, const char *what);
static enum status abort_transaction(struct kafka_writer *writer, enum status cause);
static rd_kafka_error_t *send_offsets(struct kafka_writer *writer, const char *group, const char *topic,
                                      const int64_t *offsets, size_t count, int timeout_ms);

enum status kafka_writer_open(const struct settings *settings, const char *transactional, char *ret_error,
                              struct kafka_writer **ret_writer)
{
    struct kafka_writer *writer = mem_zalloc(sizeof *writer);
    rd_kafka_conf_t *conf = NULL;
    enum status status = kafka_client_begin(&writer->client, "writer", settings, ret_error, &conf);
    if (status == STATUS_OK) {
        kafka_conf_set(conf, "enable.idempotence", "true");
        kafka_conf_set(conf, "max.in.flight", "5");
        kafka_conf_set(conf, "partitioner", "murmur2_random");
        kafka_conf_default(conf, settings, "linger.ms", "0");
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        if (transactional != NULL) {
            char *id = kafka_transactional_id(settings, transactional);
            kafka_conf_set(conf, "transactional.id", id);
            mem_free(id);
            /* What a writer that was killed leaves open holds back readers of the same topics. */
            kafka_conf_default(conf, settings, "transaction.timeout.ms", "10000");
            kafka_conf_default(conf, settings, "socket.timeout.ms", "5000");
            kafka_conf_default(conf, settings, "retry.backoff.ms", "2");
        } else {
            kafka_conf_set(conf, "message.timeout.ms", MOST_MS);
        }
        status = kafka_client_open(&writer->client, RD_KAFKA_PRODUCER, conf, ret_error);
    }
    if (status != STATUS_OK) {
        kafka_writer_close(writer);
        return status;
    }
    *ret_writer = writer;
    return STATUS_OK;
}

void kafka_writer_close(struct kafka_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->client.rk != NULL) {
        /* What is still on its way reports now, while there is somebody to hear it. */
        rd_kafka_purge(writer->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(writer->client.rk, 0);
    }
    kafka_client_close(&writer->client);
    mem_free(writer);
}

const char *kafka_writer_error(const struct kafka_writer *writer)
{
    return writer->error;
}

enum status kafka_writer_partitions(struct kafka_writer *writer, const char *topic, int timeout_ms,
                                    int32_t *ret_partitions)
{
    return kafka_partitions_of(&writer->client, topic, timeout_ms, writer->error, ret_partitions);
}

enum status kafka_writer_send(struct kafka_writer *writer, const char *topic, int32_t partition,
                              const struct output *record, int timeout_ms, struct written *ret_written)
{
    struct delivery *delivery = mem_zalloc(sizeof *delivery);
    int64_t deadline_us = kafka_deadline_us(timeout_ms);
    enum status status = produce(writer, topic, partition, record, delivery);
    if (status != STATUS_OK) {
        mem_free(delivery);
        return status;
    }
    while (!delivery->done && kafka_left_ms(deadline_us) > 0) {
        rd_kafka_poll(writer->client.rk, POLL_MS);
    }
    if (!delivery->done) {
        delivery->abandoned = true;
        return fail(writer, RD_KAFKA_RESP_ERR__TIMED_OUT, "the record was not acknowledged in time");
    }
    if (delivery->code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        status = fail(writer, delivery->code, "Kafka did not take the record");
    } else {
        *ret_written = delivery->written;
    }
    mem_free(delivery);
    return status;
}

enum status kafka_writer_take_place(struct kafka_writer *writer, int timeout_ms)
{
    int64_t deadline_us = kafka_deadline_us(timeout_ms);
    for (;;) {
        rd_kafka_error_t *error =
            rd_kafka_init_transactions(writer->client.rk, kafka_left_ms(deadline_us) + 1);
        bool again = error != NULL && rd_kafka_error_is_retriable(error) && kafka_left_ms(deadline_us) > 0;
        enum status status = kafka_fail_with(writer->error, error, "taking the producer's place");
        if (!again) {
            return status;
        }
    }
}

enum status kafka_writer_begin(struct kafka_writer *writer)
{
    enum status status = kafka_fail_with(writer->error, rd_kafka_begin_transaction(writer->client.rk),
                                         "beginning a transaction");
    writer->open = status == STATUS_OK;
    return status;
}

enum status kafka_writer_add(struct kafka_writer *writer, const char *topic, const struct output *record)
{
    enum status status = produce(writer, topic, record->partition, record, NULL);
    return status == STATUS_OK ? status : abort_transaction(writer, status);
}

enum status kafka_writer_commit(struct kafka_writer *writer, const char *group, const char *topic,
                                const int64_t *offsets, size_t count, int timeout_ms)
{
    rd_kafka_error_t *error = send_offsets(writer, group, topic, offsets, count, timeout_ms);
    if (error != NULL) {
        return abort_transaction(
            writer, kafka_fail_with(writer->error, error, "adding the offsets to the transaction"));
    }
    error = rd_kafka_commit_transaction(writer->client.rk, timeout_ms);
    bool abortable = error != NULL && rd_kafka_error_txn_requires_abort(error);
    enum status status = kafka_fail_with(writer->error, error, "committing the transaction");
    if (abortable) {
        return abort_transaction(writer, status);
    }
    writer->open = false;
    return status == STATUS_OK || status == STATUS_FENCED ? status : STATUS_UNKNOWN;
}

/* On the thread that polls. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk;
    (void)opaque;
    struct delivery *delivery = message->_private;
    if (delivery == NULL) {
        return;
    }
    if (delivery->abandoned) {
        mem_free(delivery);
        return;
    }
    delivery->done = true;
    delivery->code = message->err;
    delivery->written = (struct written){.partition = message->partition, .offset = message->offset};
}

static enum status produce(struct kafka_writer *writer, const char *topic, int32_t partition,
                           const struct output *record, struct delivery *delivery)
{
    rd_kafka_headers_t *headers = kafka_headers_of(record);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        writer->client.rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record->key.data, record->key.len),
        RD_KAFKA_V_VALUE((void *)record->value.data, record->value.len), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_OPAQUE(delivery), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (headers != NULL) {
            rd_kafka_headers_destroy(headers);
        }
        return fail(writer, code, "Kafka's client did not take the record");
    }
    return STATUS_OK;
}

/* What the connections have to say is heard by polling. */
static enum status fail(struct kafka_writer *writer, rd_kafka_resp_err_t code, const char *what)
{
    rd_kafka_poll(writer->client.rk, 0);
    return kafka_client_fail(&writer->client, writer->error, code, what, NULL);
}

/* Keeps the sentence of what came first. A transaction that cannot be aborted is ended by the next of this
 * id, or by the broker. */
static enum status abort_transaction(struct kafka_writer *writer, enum status cause)
{
    char words[KAFKA_ERROR_SIZE];
    if (writer->open) {
        (void)!kafka_fail_with(words, rd_kafka_abort_transaction(writer->client.rk, ABORT_MS),
                               "aborting the transaction");
        writer->open = false;
    }
    return cause;
}

static rd_kafka_error_t *send_offsets(struct kafka_writer *writer, const char *group, const char *topic,
                                      const int64_t *offsets, size_t count, int timeout_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata_new(group);
    for (size_t i = 0; i < count; i++) {
        if (offsets[i] >= 0) {
            rd_kafka_topic_partition_list_add(list, topic, (int32_t)i)->offset = offsets[i];
        }
    }
    rd_kafka_error_t *error =
        rd_kafka_send_offsets_to_transaction(writer->client.rk, list, metadata, timeout_ms);
    rd_kafka_consumer_group_metadata_destroy(metadata);
    rd_kafka_topic_partition_list_destroy(list);
    return error;
}
