/* SPDX-License-Identifier: MIT */
/* The compacted topic of records that an operator has skipped: key "HOME/OFFSET", any value means skipped, a
 * tombstone takes it back. Every recovery of a home asks. The topic is read whole, by the asker, and only
 * when its end has moved since; a missing topic holds nothing. */
#include "consumers/source_kafka_parts.h"

#include "common/buf.h"
#include "common/mem.h"
#include "consumers/offsets.h"

#include <stdio.h>

#define TIMEOUT_MS 5000

static enum status find_end(struct source_kafka *kafka, int64_t deadline_us, int64_t *ret_end);
static enum status read_topic(struct source_kafka *kafka, int64_t deadline_us);

enum status skips_of_home(struct source *source, int32_t home, int64_t **ret_offsets, size_t *ret_count)
{
    struct source_kafka *kafka = source_kafka_of(source);
    int64_t deadline_us = kafka_deadline_us(TIMEOUT_MS);
    int64_t end = OFFSET_NONE;
    enum status status = asker_open(kafka);
    if (status == STATUS_OK) {
        status = find_end(kafka, deadline_us, &end);
    }
    if (status == STATUS_OK && end != kafka->skips_end) {
        kafka->skip_count = 0;
        kafka->skips_end = OFFSET_NONE;
        status = end > 0 ? read_topic(kafka, deadline_us) : STATUS_OK;
        if (status == STATUS_OK) {
            kafka->skips_end = end;
        }
    }
    if (status != STATUS_OK) {
        return status;
    }
    int64_t *offsets = mem_alloc((kafka->skip_count + 1) * sizeof *offsets);
    size_t count = 0;
    for (size_t i = 0; i < kafka->skip_count; i++) {
        if (kafka->skips[i].home == home) {
            offsets[count++] = kafka->skips[i].offset;
        }
    }
    offsets_sort(offsets, count);
    *ret_offsets = offsets;
    *ret_count = count;
    return STATUS_OK;
}

/* Whether the topic exists must be asked first: a question about the ends of an unknown one waits for it. */
static enum status topic_exists(struct source_kafka *kafka, int timeout_ms, bool *ret_exists)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka->asker.rk, kafka->settings->topics_skips, NULL);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = topic == NULL
                                   ? rd_kafka_last_error()
                                   : rd_kafka_metadata(kafka->asker.rk, 0, topic, &metadata, timeout_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic != NULL) {
        rd_kafka_topic_destroy(topic);
    }
    *ret_exists = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
               ? STATUS_OK
               : kafka_fail(kafka->source.error, code, "looking for the topic of skips", NULL);
}

/* 0 for a topic that is missing or empty. */
static enum status find_end(struct source_kafka *kafka, int64_t deadline_us, int64_t *ret_end)
{
    bool exists = false;
    struct bounds bounds = {0};
    enum status status = topic_exists(kafka, kafka_left_ms(deadline_us) + 1, &exists);
    if (status == STATUS_OK && exists) {
        status = asker_ends(kafka, kafka->settings->topics_skips, 0, deadline_us, &bounds);
    }
    if (status == STATUS_OK) {
        *ret_end = bounds.start < bounds.end ? bounds.end : 0;
    }
    return status;
}

/* False: not a key that loyalctl writes; it is passed over, for it names no record. */
static bool parse_key(struct slice key, struct skip *ret_skip)
{
    const char *sign = key.data != NULL ? memchr(key.data, '/', key.len) : NULL;
    int64_t home = 0;
    int64_t offset = 0;
    if (sign == NULL ||
        !parse_int((struct slice){.data = key.data, .len = (size_t)(sign - key.data)}, &home) ||
        !parse_int((struct slice){.data = sign + 1, .len = key.len - (size_t)(sign + 1 - key.data)},
                   &offset) ||
        home < 0 || home > INT32_MAX || offset < 0) {
        return false;
    }
    *ret_skip = (struct skip){.home = (int32_t)home, .offset = offset};
    return true;
}

static void note_skip(struct source_kafka *kafka, const rd_kafka_message_t *message)
{
    struct skip skip;
    if (!parse_key((struct slice){.data = message->key, .len = message->key_len}, &skip)) {
        return;
    }
    size_t i = 0;
    while (i < kafka->skip_count &&
           (kafka->skips[i].home != skip.home || kafka->skips[i].offset != skip.offset)) {
        i++;
    }
    bool skipped = message->payload != NULL && message->len > 0;
    if (skipped && i == kafka->skip_count) {
        MEM_GROW(kafka->skips, kafka->skip_count, kafka->skip_capacity);
        kafka->skips[kafka->skip_count++] = skip;
    } else if (!skipped && i < kafka->skip_count) {
        kafka->skips[i] = kafka->skips[--kafka->skip_count];
    }
}

/* offset RD_KAFKA_OFFSET_INVALID: nothing. */
static enum status read_from(struct source_kafka *kafka, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    if (offset != RD_KAFKA_OFFSET_INVALID) {
        rd_kafka_topic_partition_list_add(list, kafka->settings->topics_skips, 0)->offset = offset;
    }
    rd_kafka_resp_err_t code = group_assign(kafka->asker.rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? STATUS_OK
               : kafka_fail(kafka->source.error, code, "reading the skips", NULL);
}

static enum status read_message(struct source_kafka *kafka, const rd_kafka_message_t *message,
                                bool *ret_ended)
{
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        note_skip(kafka, message);
        return STATUS_OK;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        *ret_ended = true;
        return STATUS_OK;
    }
    enum status status =
        kafka_fail(kafka->source.error, message->err, "reading the skips", rd_kafka_message_errstr(message));
    return status == STATUS_AWAY || status == STATUS_BUSY ? STATUS_OK : status; /* librdkafka tries again */
}

static enum status read_topic(struct source_kafka *kafka, int64_t deadline_us)
{
    enum status status = read_from(kafka, RD_KAFKA_OFFSET_BEGINNING);
    bool ended = false;
    while (status == STATUS_OK && !ended) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(kafka->asker.rk, kafka_left_ms(deadline_us));
        if (message == NULL) {
            status = kafka_fail(kafka->source.error, RD_KAFKA_RESP_ERR__TIMED_OUT, "reading the skips", NULL);
            break;
        }
        status = read_message(kafka, message, &ended);
        rd_kafka_message_destroy(message);
    }
    enum status stopped = read_from(kafka, RD_KAFKA_OFFSET_INVALID);
    return status != STATUS_OK ? status : stopped;
}
