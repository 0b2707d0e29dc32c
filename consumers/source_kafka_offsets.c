/* SPDX-License-Identifier: MIT */
/* Questions about offsets: what the group has committed, where a log begins and ends.
 *
 * Stable C is asked by the admin call, not by rd_kafka_committed: that one waits for all partitions together, so
 * one that an open transaction holds back would hold up all. */
#include "consumers/source_kafka_parts.h"

#include <stdio.h>

#define RETRY_MS 20 /* between two questions about the places that are held back */

static enum status ask(struct source_kafka *kafka, struct place *places, size_t count, int64_t deadline_us,
                       size_t *ret_busy);

enum status offsets_committed(struct source *source, struct place *places, size_t count, int timeout_ms)
{
    struct source_kafka *kafka = source_kafka_of(source);
    int64_t deadline_us = kafka_deadline_us(timeout_ms);
    for (size_t i = 0; i < count; i++) {
        places[i].status = STATUS_BUSY;
        places[i].offset = OFFSET_NONE;
    }
    rd_kafka_queue_t *pause = rd_kafka_queue_new(kafka->client.rk); /* nothing ever comes to it */
    enum status status = STATUS_OK;
    size_t busy = count;
    while (busy > 0) {
        status = rd_kafka_fatal_error(kafka->client.rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR
                     ? kafka_client_health(&kafka->client, source->error)
                     : ask(kafka, places, count, deadline_us, &busy);
        bool again = status == STATUS_OK || status == STATUS_BUSY || status == STATUS_AWAY;
        int left_ms = kafka_left_ms(deadline_us);
        if (busy == 0 || !again || left_ms == 0) {
            break;
        }
        rd_kafka_event_destroy(rd_kafka_queue_poll(pause, left_ms < RETRY_MS ? left_ms : RETRY_MS));
    }
    rd_kafka_queue_destroy(pause);
    return status;
}

enum status offsets_bounds(struct source *source, struct partition partition, int timeout_ms,
                           struct bounds *ret_bounds)
{
    struct source_kafka *kafka = source_kafka_of(source);
    return offsets_ends(kafka, source_kafka_topic(kafka, partition.topic), partition.number,
                        kafka_deadline_us(timeout_ms), ret_bounds);
}

/* Kafka's special time stamps -2 and -1 ask for the two ends, which rd_kafka_query_watermark_offsets does too; but
 * that one does not return while no broker answers, whatever its time-out. */
static enum status ask_end(struct source_kafka *kafka, const char *topic, int32_t number, int64_t end,
                           int64_t deadline_us, int64_t *ret_offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *answer = rd_kafka_topic_partition_list_add(list, topic, number);
    answer->offset = end;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(kafka->client.rk, list, kafka_left_ms(deadline_us) + 1);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = answer->err;
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && answer->offset < 0) {
        code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    }
    int64_t offset = answer->offset;
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char what[KAFKA_ERROR_SIZE];
        snprintf(what, sizeof what, "asking for the ends of %.40s [%d]", topic, (int)number);
        return kafka_fail(kafka->source.error, code, what, NULL);
    }
    *ret_offset = offset;
    return STATUS_OK;
}

/* With read_committed the end is the last stable offset. */
enum status offsets_ends(struct source_kafka *kafka, const char *topic, int32_t number, int64_t deadline_us,
                         struct bounds *ret_bounds)
{
    struct bounds bounds = {0};
    enum status status = ask_end(kafka, topic, number, RD_KAFKA_OFFSET_BEGINNING, deadline_us, &bounds.start);
    if (status == STATUS_OK) {
        status = ask_end(kafka, topic, number, RD_KAFKA_OFFSET_END, deadline_us, &bounds.end);
    }
    if (status == STATUS_OK) {
        *ret_bounds = bounds;
    }
    return status;
}

int64_t offsets_end_seen(struct source *source, struct partition partition)
{
    struct source_kafka *kafka = source_kafka_of(source);
    int64_t start = 0;
    int64_t end = 0;
    rd_kafka_resp_err_t code = rd_kafka_get_watermark_offsets(
        kafka->client.rk, source_kafka_topic(kafka, partition.topic), partition.number, &start, &end);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR && end >= 0 ? end : OFFSET_NONE;
}

/* Embedded only: see struct generation. */
enum status offsets_keep(void *owner, const rd_kafka_topic_partition_list_t *offsets, char *ret_error)
{
    struct source_kafka *kafka = owner;
    rd_kafka_resp_err_t code = rd_kafka_commit(kafka->client.rk, offsets, 0);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK
                                              : kafka_fail(ret_error, code, "storing the embedded offsets", NULL);
}

/* The answers for those places that have one; the others stay as they are. */
static void read_answers(struct source_kafka *kafka, const rd_kafka_topic_partition_list_t *answers,
                         struct place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct place *place = &places[i];
        const rd_kafka_topic_partition_t *answer = rd_kafka_topic_partition_list_find(
            answers, source_kafka_topic(kafka, place->partition.topic), place->partition.number);
        if (place->status == STATUS_BUSY && answer != NULL && answer->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            place->status = STATUS_OK;
            place->offset = answer->offset >= 0 ? answer->offset : OFFSET_NONE;
        }
    }
}

/* Any error of a partition but its being unstable ends the question. */
static enum status first_error(struct source_kafka *kafka, const rd_kafka_topic_partition_list_t *answers)
{
    for (int i = 0; i < answers->cnt; i++) {
        rd_kafka_resp_err_t code = answers->elems[i].err;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR && kafka_status(code) != STATUS_BUSY) {
            return kafka_fail(kafka->source.error, code, "asking for the committed offsets", NULL);
        }
    }
    return STATUS_OK;
}

static enum status read_event(struct source_kafka *kafka, rd_kafka_event_t *event, struct place *places,
                              size_t count)
{
    static const char what[] = "asking for the committed offsets";
    if (event == NULL) {
        return kafka_fail(kafka->source.error, RD_KAFKA_RESP_ERR__TIMED_OUT, what, NULL);
    }
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_fail(kafka->source.error, rd_kafka_event_error(event), what, rd_kafka_event_error_string(event));
    }
    size_t groups = 0;
    const rd_kafka_group_result_t **results =
        rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event), &groups);
    if (groups != 1) {
        return kafka_fail(kafka->source.error, RD_KAFKA_RESP_ERR__BAD_MSG, what, "the answer names no group");
    }
    const rd_kafka_error_t *error = rd_kafka_group_result_error(results[0]);
    if (error != NULL) {
        return kafka_fail(kafka->source.error, rd_kafka_error_code(error), what, rd_kafka_error_string(error));
    }
    const rd_kafka_topic_partition_list_t *answers = rd_kafka_group_result_partitions(results[0]);
    read_answers(kafka, answers, places, count);
    return first_error(kafka, answers);
}

/* Those of the places that have no answer yet. Duplicates are the caller's mistake. */
static rd_kafka_topic_partition_list_t *list_busy(struct source_kafka *kafka, const struct place *places,
                                                  size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        if (places[i].status == STATUS_BUSY) {
            rd_kafka_topic_partition_list_add(list, source_kafka_topic(kafka, places[i].partition.topic),
                                              places[i].partition.number);
        }
    }
    return list;
}

static rd_kafka_AdminOptions_t *stable_options(rd_kafka_t *rk, int timeout_ms)
{
    char ignored[KAFKA_ERROR_SIZE];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_error_destroy(rd_kafka_AdminOptions_set_require_stable_offsets(options, 1));
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, ignored, sizeof ignored);
    return options;
}

/* One question for all places that are still BUSY. */
static enum status ask(struct source_kafka *kafka, struct place *places, size_t count, int64_t deadline_us,
                       size_t *ret_busy)
{
    rd_kafka_t *rk = kafka->client.rk;
    int timeout_ms = kafka_left_ms(deadline_us) + 1;
    rd_kafka_topic_partition_list_t *list = list_busy(kafka, places, count);
    rd_kafka_ListConsumerGroupOffsets_t *question = rd_kafka_ListConsumerGroupOffsets_new(kafka->group, list);
    rd_kafka_AdminOptions_t *options = stable_options(rk, timeout_ms);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);

    rd_kafka_ListConsumerGroupOffsets(rk, &question, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    enum status status = read_event(kafka, event, places, count);

    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ListConsumerGroupOffsets_destroy(question);
    rd_kafka_topic_partition_list_destroy(list);
    *ret_busy = 0;
    for (size_t i = 0; i < count; i++) {
        *ret_busy += places[i].status == STATUS_BUSY;
    }
    return status;
}
