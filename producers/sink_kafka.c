/* SPDX-License-Identifier: MIT */
/* Opens the transactional producer of one worker, and ends it: configuration, fencing of the one before it,
 * and warming up. What a transaction is made of is in sink_kafka_publish.c. */
#include "producers/sink_kafka.h"

#include "common/mem.h"
#include "producers/sink_kafka_parts.h"

#include <stdio.h>

#define INIT_MS 3000 /* of one try: a worker that drains must not wait much longer */

static enum status open_client(struct sink_kafka *kafka, char *ret_error);
static void close_client(struct sink_kafka *kafka);
static enum status reopen(struct sink *sink);
static void close_sink(struct sink *sink);

static const struct sink_ops ops = {.close = close_sink, .reopen = reopen, .publish = publish_outputs};

enum status sink_kafka_open(const struct settings *settings, const char *member, char *ret_error,
                            struct sink **ret_sink)
{
    struct sink_kafka *kafka = mem_zalloc(sizeof *kafka);
    kafka->sink.ops = &ops;
    kafka->settings = settings;
    kafka->id = kafka_transactional_id(settings, member);
    enum status status = open_client(kafka, ret_error);
    if (status != STATUS_OK) {
        close_sink(&kafka->sink);
        return status;
    }
    *ret_sink = &kafka->sink;
    return STATUS_OK;
}

/* Ends the producer before this one, of the same id, and its open transaction; then learns where the
 * partitions are, so that the first transaction need not. AWAY or BUSY: may be called again, and goes on
 * where it was. */
enum status sink_kafka_warm_up(struct sink_kafka *kafka)
{
    rd_kafka_t *rk = kafka->client.rk;
    enum status status = kafka_fail_with(kafka->sink.error, rd_kafka_init_transactions(rk, INIT_MS),
                                         "taking the producer's place");
    if (status != STATUS_OK) {
        return status;
    }
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(rk, 0, NULL, &metadata, INIT_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_fail(kafka->sink.error, code, "asking where the output topics are", NULL);
    }
    for (int i = 0; i < metadata->topic_cnt && status == STATUS_OK; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        if (kafka_status(topic->err) == STATUS_FATAL) {
            char what[KAFKA_ERROR_SIZE];
            snprintf(what, sizeof what, "the topic %.60s cannot be written", topic->topic);
            status = kafka_fail(kafka->sink.error, topic->err, what, NULL);
        }
    }
    rd_kafka_metadata_destroy(metadata);
    kafka->ready = status == STATUS_OK;
    return status;
}

static void close_sink(struct sink *sink)
{
    struct sink_kafka *kafka = (struct sink_kafka *)sink;
    close_client(kafka);
    mem_free(kafka->id);
    mem_free(kafka);
}

/* A producer that has not been used yet goes on taking its place: the answer may be on its way. */
static enum status reopen(struct sink *sink)
{
    struct sink_kafka *kafka = (struct sink_kafka *)sink;
    bool fresh = kafka->client.rk != NULL && !kafka->ready && !kafka->spent &&
                 rd_kafka_fatal_error(kafka->client.rk, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!fresh) {
        close_client(kafka);
        enum status status = open_client(kafka, sink->error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    enum status status = sink_kafka_warm_up(kafka);
    kafka->spent = status == STATUS_FENCED || status == STATUS_UNKNOWN;
    return status;
}

static void close_client(struct sink_kafka *kafka)
{
    for (size_t i = 0; i < OUT_TOPIC_COUNT; i++) {
        if (kafka->topics[i] != NULL) {
            rd_kafka_topic_destroy(kafka->topics[i]);
            kafka->topics[i] = NULL;
        }
    }
    kafka_client_close(&kafka->client);
    kafka->ready = false;
    kafka->spent = false;
}

/* One request must be able to fail before the transaction does; librdkafka refuses anything else. */
static const char *request_timeout(const rd_kafka_conf_t *conf)
{
    return kafka_conf_number(conf, "transaction.timeout.ms") >= 5000 ? "5000" : "1000";
}

static void configure(const struct sink_kafka *kafka, rd_kafka_conf_t *conf)
{
    const struct settings *settings = kafka->settings;
    kafka_conf_set(conf, "transactional.id", kafka->id);
    kafka_conf_set(conf, "enable.idempotence", "true");
    kafka_conf_set(conf, "max.in.flight", "5");

    /* A key that is there goes to Java's partition for it: the customer's home. */
    kafka_conf_set(conf, "partitioner", "murmur2_random");

    kafka_conf_default(conf, settings, "transaction.timeout.ms", "10000");
    kafka_conf_default(conf, settings, "socket.timeout.ms", request_timeout(conf));
    kafka_conf_default(conf, settings, "linger.ms", "0");
    kafka_conf_default(conf, settings, "topic.metadata.propagation.max.ms", "3000");

    /* The default of 100 is paid at nearly every transaction: CONCURRENT_TRANSACTIONS right after a commit.
     */
    kafka_conf_default(conf, settings, "retry.backoff.ms", "2");
    rd_kafka_conf_set_dr_msg_cb(conf, publish_delivered_cb);
}

static enum status open_client(struct sink_kafka *kafka, char *ret_error)
{
    rd_kafka_conf_t *conf = NULL;
    kafka->client.owner = kafka;
    enum status status = kafka_client_begin(&kafka->client, "sink", kafka->settings, ret_error, &conf);
    if (status != STATUS_OK) {
        return status;
    }
    configure(kafka, conf);
    kafka->timeout_ms = kafka_conf_number(conf, "transaction.timeout.ms");
    status = kafka_client_open(&kafka->client, RD_KAFKA_PRODUCER, conf, ret_error);
    for (int i = 0; i < OUT_TOPIC_COUNT && status == STATUS_OK; i++) {
        const char *name = settings_output_name(kafka->settings, i);
        kafka->topics[i] = rd_kafka_topic_new(kafka->client.rk, name, NULL);
        if (kafka->topics[i] == NULL) {
            status = kafka_fail(ret_error, rd_kafka_last_error(), "naming an output topic", name);
        }
    }
    return status;
}
