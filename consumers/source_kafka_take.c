/* SPDX-License-Identifier: MIT */
/* Taking records, one by one from rd_kafka_consumer_poll (its batch call skips offsets around pause and seek
 * in 2.0.2, librdkafka #4208), and keeping them coming.
 *
 * A record borrows the message that it stands in, which the worker gives back by release; only its array of
 * headers is made here, and only if it has any. */
#include "consumers/source_kafka_parts.h"

#include "common/mem.h"

#include <stdio.h>

#define IDLE_MS  100  /* longest wait for the first record, so that the worker's idle work goes on */
#define PEAK_MIN 1000 /* a queue that never held more than this was hardly ever full */
#define WAKE_MS  50   /* longest wait for the answer that wakes a fetcher; only the question matters */

/* What a take has in hand. */
struct haul {
    struct record *records;
    size_t count, max;
    rd_kafka_topic_t *rkt; /* where the last record came from: most come in long runs of one partition */
    struct input *input;
};

static enum status gather(struct source_kafka *kafka, int wait_ms, struct haul *haul);
static void keep_coming(struct source_kafka *kafka);

enum status take_records(struct source *source, size_t max, int wait_ms, struct record *records,
                         size_t *ret_count)
{
    struct source_kafka *kafka = source_kafka_of(source);
    *ret_count = 0;

    /* A fenced member is told so once and then hears nothing for ever: ask before every wait. */
    enum status status = kafka_client_health(&kafka->client, source->error);
    if (status == STATUS_OK) {
        status = group_apply(kafka);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct haul haul = {.records = records, .max = max};
    status = gather(kafka, wait_ms, &haul);
    if (kafka->dealt && (status == STATUS_OK || status == STATUS_REASSIGNED)) {
        kafka->dealt = false;
        if (status == STATUS_OK) {
            snprintf(source->error, sizeof source->error, "the group has dealt its partitions anew");
        }
        status = STATUS_REASSIGNED;
    }
    if (status != STATUS_OK) {
        take_release(source, records, haul.count);
        return status;
    }
    keep_coming(kafka);
    *ret_count = haul.count;
    return STATUS_OK;
}

void take_release(struct source *source, struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mem_free((void *)records[i].headers);
        rd_kafka_message_destroy(records[i].owner);
        records[i] = (struct record){0};
    }
    source_kafka_of(source)->lent -= count;
}

/* The array lives as long as the record, the texts in the message. */
static void read_headers(const rd_kafka_message_t *message, struct record *record)
{
    rd_kafka_headers_t *headers = NULL;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return; /* it has none */
    }
    size_t count = rd_kafka_header_cnt(headers);
    struct header *array = mem_alloc((count + 1) * sizeof *array);
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        const void *value = NULL;
        size_t size = 0;
        (void)rd_kafka_header_get_all(headers, i, &name, &value, &size);
        array[i] = (struct header){
            .name = slice_of(name), .value = {.data = value, .len = size}
        };
    }
    record->headers = array;
    record->header_count = count;
}

/* Destroys what is of a partition that is held, or lies before what was asked for. */
static void take_in(struct source_kafka *kafka, rd_kafka_message_t *message, struct haul *haul)
{
    if (message->rkt != haul->rkt || haul->input == NULL ||
        message->partition != haul->input->partition.number) {
        haul->input = group_find_message(kafka, message);
        haul->rkt = message->rkt;
    }
    struct input *input = haul->input;
    if (input == NULL || input->next == OFFSET_NONE || message->offset < input->next) {
        rd_kafka_message_destroy(message);
        return;
    }
    input->next = message->offset + 1;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    struct record *record = &haul->records[haul->count++];
    *record = (struct record){
        .topic = input->partition.topic,
        .partition = message->partition,
        .offset = message->offset,
        .append_ms = rd_kafka_message_timestamp(message, &type),
        .key = {.data = message->key,     .len = message->key_len},
        .value = {.data = message->payload, .len = message->len    },
        .owner = message,
    };
    read_headers(message, record);
    kafka->lent++;
}

/* What came instead of a record. OK: librdkafka goes on by itself. Nothing of a partition may be passed over
 * in silence: an error that is not known to be repeated for us (a batch that cannot be unpacked) ends the
 * client. */
static enum status judge(struct source_kafka *kafka, const rd_kafka_message_t *message)
{
    char *error = kafka->source.error;
    const char *topic = message->rkt != NULL ? rd_kafka_topic_name(message->rkt) : "the group";
    char what[KAFKA_ERROR_SIZE];
    snprintf(what, sizeof what, "reading %.60s [%d]", topic, (int)message->partition);
    enum status status = kafka_fail(error, message->err, what, rd_kafka_message_errstr(message));
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED: /* the group takes everything away; the callback follows */
        group_forget(kafka);
        kafka->dealt = true;
        return STATUS_REASSIGNED;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: /* recovery compares the position with the log's bounds */
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        group_hold_all(kafka);
        return STATUS_REASSIGNED;
    case RD_KAFKA_RESP_ERR__FATAL:
        return kafka_client_health(&kafka->client, error);
    default:
        return status == STATUS_AWAY || status == STATUS_BUSY || status == STATUS_REASSIGNED ? STATUS_OK
                                                                                             : status;
    }
}

static enum status gather(struct source_kafka *kafka, int wait_ms, struct haul *haul)
{
    int64_t deadline_us = kafka_deadline_us(IDLE_MS);
    bool waited = false; /* the clock is asked only when nothing lies ready */
    while (haul->count < haul->max && !kafka->dealt) {
        rd_kafka_message_t *message =
            rd_kafka_consumer_poll(kafka->client.rk, waited ? kafka_left_ms(deadline_us) : 0);
        if (message == NULL) {
            if (waited && kafka_left_ms(deadline_us) == 0) {
                break;
            }
            waited = true;
            continue;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            struct input *input = group_find_message(kafka, message);
            if (input != NULL) {
                input->fetched_end = message->offset;
            }
            rd_kafka_message_destroy(message);
            continue;
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            enum status status = judge(kafka, message);
            rd_kafka_message_destroy(message);
            if (status != STATUS_OK) {
                return status;
            }
            continue;
        }
        take_in(kafka, message, haul);
        waited = false;
        if (haul->count == 1) {
            deadline_us = kafka_deadline_us(wait_ms);
        }
    }
    return STATUS_OK;
}

/* Is there more in the logs than what is queued? */
static bool is_behind(struct source_kafka *kafka, size_t queued)
{
    int64_t ahead = 0;
    for (size_t i = 0; i < kafka->input_count; i++) {
        const struct input *input = &kafka->inputs[i];
        int64_t end = offsets_end_seen(&kafka->source, input->partition);
        if (input->next != OFFSET_NONE && end > input->next) {
            ahead += end - input->next;
        }
    }
    return ahead > (int64_t)queued;
}

/* Asks each leader for the ends of what is read from it. The answer is not wanted: the request wakes the
 * thread that fetches. */
static void wake_fetchers(struct source_kafka *kafka)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)kafka->input_count);
    for (size_t i = 0; i < kafka->input_count; i++) {
        const struct input *input = &kafka->inputs[i];
        if (input->next != OFFSET_NONE) {
            rd_kafka_topic_partition_list_add(list, source_kafka_topic(kafka, input->partition.topic),
                                              input->partition.number)
                ->offset = RD_KAFKA_OFFSET_END;
        }
    }
    (void)rd_kafka_offsets_for_times(kafka->client.rk, list, WAKE_MS);
    rd_kafka_topic_partition_list_destroy(list);
}

/* librdkafka before 2.2 looks again at a full local queue only when some request wakes the broker's thread,
 * or after a second. So when half of the most that was queued has been taken, and the logs hold more, wake
 * it. */
static void keep_coming(struct source_kafka *kafka)
{
    if (kafka->queue_wakes) {
        return;
    }
    size_t queued = rd_kafka_queue_length(kafka->queue);
    if (queued > kafka->queue_peak) {
        kafka->queue_peak = queued;
    } else if (kafka->queue_peak >= PEAK_MIN && queued <= kafka->queue_peak / 2) {
        kafka->queue_peak = queued;
        if (is_behind(kafka, queued)) {
            wake_fetchers(kafka);
        }
    }
}
