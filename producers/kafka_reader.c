/* SPDX-License-Identifier: MIT */
#include "producers/kafka_reader.h"

#include "common/mem.h"
#include "producers/kafka_client.h"
#include "producers/kafka_member.h"
#include "producers/kafka_partitions.h"

#include <stdio.h>

struct kafka_reader {
    struct kafka_client client;
    char *topic;
    bool *ended; /* by partition; true too for those that are not read */
    size_t partition_count, open_count;
    rd_kafka_message_t *message; /* the last one given out */
    struct record record;
    struct header *headers;
    size_t header_capacity;
    char error[KAFKA_ERROR_SIZE];
};

static void set_ended(struct kafka_reader *reader, int32_t partition, bool ended);
static void release(struct kafka_reader *reader);
static void fill_record(struct kafka_reader *reader);
static enum status fail(struct kafka_reader *reader, rd_kafka_resp_err_t code, const char *what);

enum status kafka_reader_open(const struct settings *settings, const char *topic, const char *group,
                              char *ret_error, struct kafka_reader **ret_reader)
{
    struct kafka_reader *reader = mem_zalloc(sizeof *reader);
    rd_kafka_conf_t *conf = NULL;
    enum status status = kafka_client_begin(&reader->client, "reader", settings, ret_error, &conf);
    if (status == STATUS_OK) {
        /* librdkafka wants the name of a group from everyone who reads; without one of ours it is never used.
         */
        kafka_conf_set(conf, "group.id", group != NULL ? group : "loyalctl");
        kafka_conf_set(conf, "isolation.level", "read_committed");
        kafka_conf_set(conf, "enable.auto.commit", "false");
        kafka_conf_set(conf, "auto.offset.reset", "earliest"); /* retention may pass by while one reads */
        kafka_conf_set(conf, "enable.partition.eof", "true");
        kafka_conf_default(conf, settings, "fetch.wait.max.ms", "50");
        status = kafka_client_open(&reader->client, RD_KAFKA_CONSUMER, conf, ret_error);
    }
    if (status != STATUS_OK) {
        kafka_reader_close(reader);
        return status;
    }
    reader->topic = mem_strdup(topic);
    *ret_reader = reader;
    return STATUS_OK;
}

void kafka_reader_close(struct kafka_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    release(reader);
    kafka_client_close(&reader->client);
    mem_free(reader->topic);
    mem_free(reader->ended);
    mem_free(reader->headers);
    mem_free(reader);
}

const char *kafka_reader_error(const struct kafka_reader *reader)
{
    return reader->error;
}

enum status kafka_reader_bounds(struct kafka_reader *reader, int timeout_ms, struct log_bounds **ret_bounds,
                                size_t *ret_count)
{
    int64_t deadline_us = kafka_deadline_us(timeout_ms);
    int32_t partitions = 0;
    enum status status =
        kafka_partitions_of(&reader->client, reader->topic, timeout_ms, reader->error, &partitions);
    if (status != STATUS_OK) {
        return status;
    }
    struct log_bounds *bounds = mem_zalloc((size_t)partitions * sizeof *bounds);
    for (int32_t i = 0; i < partitions && status == STATUS_OK; i++) {
        rd_kafka_resp_err_t code =
            rd_kafka_query_watermark_offsets(reader->client.rk, reader->topic, i, &bounds[i].start,
                                             &bounds[i].end, kafka_left_ms(deadline_us) + 1);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            status = fail(reader, code, "the ends of a log cannot be read");
        }
    }
    if (status != STATUS_OK) {
        mem_free(bounds);
        return status;
    }
    *ret_bounds = bounds;
    *ret_count = (size_t)partitions;
    return STATUS_OK;
}

enum status kafka_reader_committed(struct kafka_reader *reader, int64_t *ret_offsets, size_t count,
                                   int timeout_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    rd_kafka_topic_partition_list_add_range(list, reader->topic, 0, (int32_t)count - 1);
    rd_kafka_resp_err_t code = rd_kafka_committed(reader->client.rk, list, timeout_ms);
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *found = &list->elems[i];
        code = code == RD_KAFKA_RESP_ERR_NO_ERROR ? found->err : code;
        ret_offsets[found->partition] = found->offset >= 0 ? found->offset : -1;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK
                                              : fail(reader, code, "a group's offsets cannot be read");
}

enum status kafka_reader_start(struct kafka_reader *reader, const int64_t *offsets, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    mem_free(reader->ended);
    reader->ended = mem_zalloc((count + 1) * sizeof *reader->ended);
    reader->partition_count = count;
    reader->open_count = 0;
    for (size_t i = 0; i < count; i++) {
        reader->ended[i] = offsets[i] < 0;
        reader->open_count += offsets[i] >= 0;
        if (offsets[i] >= 0) {
            rd_kafka_topic_partition_list_add(list, reader->topic, (int32_t)i)->offset = offsets[i];
        }
    }
    rd_kafka_resp_err_t code = rd_kafka_assign(reader->client.rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK : fail(reader, code, "a topic cannot be read");
}

enum status kafka_reader_next(struct kafka_reader *reader, int timeout_ms, const struct record **ret_record)
{
    release(reader);
    *ret_record = NULL;
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client.rk, timeout_ms);
    if (message == NULL) {
        char words[KAFKA_ERROR_SIZE];
        enum status health = kafka_client_health(&reader->client, words);
        if (health != STATUS_OK) {
            snprintf(reader->error, sizeof reader->error, "%s", words);
        }
        return health;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        set_ended(reader, message->partition, true);
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        set_ended(reader, message->partition, false);
        reader->message = message;
        fill_record(reader);
        *ret_record = &reader->record;
        return STATUS_OK;
    } else {
        enum status status = fail(reader, message->err, "a topic cannot be read");
        rd_kafka_message_destroy(message);
        return status;
    }
    rd_kafka_message_destroy(message);
    return STATUS_OK;
}

bool kafka_reader_at_end(const struct kafka_reader *reader)
{
    return reader->open_count == 0;
}

static void set_ended(struct kafka_reader *reader, int32_t partition, bool ended)
{
    if ((size_t)partition < reader->partition_count && reader->ended[partition] != ended) {
        reader->ended[partition] = ended;
        reader->open_count += ended ? (size_t)-1 : 1;
    }
}

static void release(struct kafka_reader *reader)
{
    if (reader->message != NULL) {
        rd_kafka_message_destroy(reader->message);
        reader->message = NULL;
    }
}

static void fill_record(struct kafka_reader *reader)
{
    const rd_kafka_message_t *message = reader->message;
    rd_kafka_timestamp_type_t kind;
    rd_kafka_headers_t *headers = NULL;
    size_t count = 0;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char *name = NULL;
        const void *value = NULL;
        size_t len = 0;
        while (rd_kafka_header_get_all(headers, count, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            MEM_GROW(reader->headers, count, reader->header_capacity);
            reader->headers[count++] = (struct header){
                .name = slice_of(name), .value = {.data = value, .len = len}
            };
        }
    }
    reader->record = (struct record){
        .partition = message->partition,
        .offset = message->offset,
        .append_ms = rd_kafka_message_timestamp(message, &kind),
        .key = {.data = message->key,     .len = message->key_len},
        .value = {.data = message->payload, .len = message->len    },
        .headers = reader->headers,
        .header_count = count
    };
}

static enum status fail(struct kafka_reader *reader, rd_kafka_resp_err_t code, const char *what)
{
    return kafka_client_fail(&reader->client, reader->error, code, what, NULL);
}
