/* SPDX-License-Identifier: MIT */
/* Writes single records, and reads whole topics back. */
#include "tests/fakes/kafka_broker_private.h"

#include "common/clock.h"
#include "common/mem.h"

#include <string.h>

#define PATIENCE_MS 30000

/* ---- writing */

struct delivery {
    bool done;
    rd_kafka_resp_err_t error;
    int64_t offset;
};

static rd_kafka_headers_t *headers_of(const struct header *headers, size_t count)
{
    rd_kafka_headers_t *made = rd_kafka_headers_new(count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_header_add(made, headers[i].name.data, (ssize_t)headers[i].name.len, headers[i].value.data,
                            (ssize_t)headers[i].value.len);
    }
    return made;
}

/* The producer has no delivery callback, so reports come as events on its main queue. */
static void await_delivery(struct kafka_broker *broker, rd_kafka_queue_t *queue, struct delivery *delivery)
{
    int64_t deadline_us = clock_monotonic_us() + PATIENCE_MS * 1000LL;
    while (!delivery->done) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);
        const rd_kafka_message_t *message = NULL;
        while (event != NULL && rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR &&
               (message = rd_kafka_event_message_next(event)) != NULL) {
            struct delivery *which = message->_private;
            *which = (struct delivery){.done = true, .error = message->err, .offset = message->offset};
        }
        if (event != NULL) {
            rd_kafka_event_destroy(event);
        }
        kafka_must(delivery->done || clock_monotonic_us() < deadline_us,
                   "a record was not acknowledged in time by %s", broker->bootstrap);
    }
}

int64_t kafka_broker_produce(struct kafka_broker *broker, const char *topic, int32_t partition,
                             struct slice key, struct slice value, const struct header *headers,
                             size_t header_count)
{
    struct delivery delivery = {.done = false};
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(broker->producer);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        broker->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_KEY(key.data, key.len), RD_KAFKA_V_VALUE((void *)value.data, value.len),
        RD_KAFKA_V_HEADERS(headers_of(headers, header_count)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
    kafka_must(code == RD_KAFKA_RESP_ERR_NO_ERROR, "%s takes no record: %s", topic, rd_kafka_err2str(code));
    await_delivery(broker, queue, &delivery);
    rd_kafka_queue_destroy(queue);
    kafka_must(delivery.error == RD_KAFKA_RESP_ERR_NO_ERROR, "%s refused a record: %s", topic,
               rd_kafka_err2str(delivery.error));
    return delivery.offset;
}

/* ---- reading */

static struct slice copy_of(const void *data, size_t len)
{
    if (data == NULL) {
        return (struct slice){0};
    }
    return (struct slice){.data = mem_copy((struct slice){.data = data, .len = len}), .len = len};
}

static void copy_headers(struct kafka_read *read, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }
    read->header_count = rd_kafka_header_cnt(headers);
    read->headers = mem_zalloc((read->header_count + 1) * sizeof *read->headers);
    for (size_t i = 0; i < read->header_count; i++) {
        const char *name = NULL;
        const void *value = NULL;
        size_t len = 0;
        rd_kafka_header_get_all(headers, i, &name, &value, &len);
        read->headers[i] = (struct header){.name = copy_of(name, strlen(name)), .value = copy_of(value, len)};
    }
}

static rd_kafka_t *make_consumer(struct kafka_broker *broker)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    kafka_set(conf, "bootstrap.servers", broker->bootstrap);
    kafka_set(conf, "group.id", broker->prefix);
    kafka_set(conf, "isolation.level", "read_committed");
    kafka_set(conf, "auto.offset.reset", "error");
    kafka_set(conf, "enable.auto.commit", "false");
    kafka_set(conf, "enable.partition.eof", "true");
    kafka_set(conf, "fetch.wait.max.ms", "10");
    kafka_set(conf, "log_level", "0");
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    kafka_must(consumer != NULL, "no consumer: %s", error);
    rd_kafka_poll_set_consumer(consumer);
    return consumer;
}

/* One partition, so that its records are together and its end is its own. */
static void read_partition(rd_kafka_t *consumer, const char *topic, int32_t partition,
                           struct kafka_reads *reads, size_t *capacity)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    int64_t deadline_us = clock_monotonic_us() + PATIENCE_MS * 1000LL;
    bool at_end = false;
    while (!at_end) {
        kafka_must(clock_monotonic_us() < deadline_us, "%s [%d] has no end", topic, (int)partition);
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (message == NULL) {
            continue;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            at_end = message->partition == partition;
        } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            MEM_GROW(reads->items, reads->count, *capacity);
            struct kafka_read *read = &reads->items[reads->count++];
            *read = (struct kafka_read){.partition = message->partition,
                                        .offset = message->offset,
                                        .timestamp_ms = rd_kafka_message_timestamp(message, NULL),
                                        .key = copy_of(message->key, message->key_len),
                                        .value = copy_of(message->payload, message->len)};
            copy_headers(read, message);
        }
        rd_kafka_message_destroy(message);
    }
}

void kafka_broker_read_all(struct kafka_broker *broker, const char *topic, struct kafka_reads *ret_reads)
{
    struct kafka_reads reads = {0};
    size_t capacity = 0;
    int32_t partitions = kafka_partitions(broker, topic);
    kafka_must(partitions > 0, "there is no topic %s to read", topic);
    rd_kafka_t *consumer = make_consumer(broker);
    for (int32_t partition = 0; partition < partitions; partition++) {
        read_partition(consumer, topic, partition, &reads, &capacity);
    }
    rd_kafka_assign(consumer, NULL);
    rd_kafka_destroy_flags(consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    *ret_reads = reads;
}

void kafka_reads_done(struct kafka_reads *reads)
{
    for (size_t i = 0; i < reads->count; i++) {
        struct kafka_read *read = &reads->items[i];
        mem_free((void *)read->key.data);
        mem_free((void *)read->value.data);
        for (size_t h = 0; h < read->header_count; h++) {
            mem_free((void *)read->headers[h].name.data);
            mem_free((void *)read->headers[h].value.data);
        }
        mem_free(read->headers);
    }
    mem_free(reads->items);
    *reads = (struct kafka_reads){0};
}

struct slice kafka_read_header(const struct kafka_read *read, const char *name)
{
    for (size_t i = 0; i < read->header_count; i++) {
        if (slice_is(read->headers[i].name, name)) {
            return read->headers[i].value;
        }
    }
    return (struct slice){0};
}
