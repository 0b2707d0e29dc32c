/* SPDX-License-Identifier: MIT */
/* Questions about offsets: what the group has committed, where a log begins and ends.
 *
 * Stable C is asked for all places at once. A question that an open transaction holds back librdkafka repeats
 * until its time-out and then says no more than that, so the places are asked one by one after that. (Its
 * admin call would answer place by place, but 2.0.2 ends the process when that call timed out in an outage
 * and the broker comes back.) */
#include "consumers/source_kafka_parts.h"

#define ALL_MS 200 /* most for all places together, and for finding out whether anybody answers */
#define ONE_MS 20  /* least for one place */

static rd_kafka_resp_err_t ask(struct source_kafka *kafka, struct place *places, size_t count,
                               int timeout_ms);
static rd_kafka_resp_err_t ask_nothing(struct source_kafka *kafka);

enum status offsets_committed(struct source *source, struct place *places, size_t count, int timeout_ms)
{
    struct source_kafka *kafka = source_kafka_of(source);
    if (rd_kafka_fatal_error(kafka->client.rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_client_health(&kafka->client, source->error);
    }
    rd_kafka_resp_err_t code = ask(kafka, places, count, timeout_ms > ALL_MS ? ALL_MS : timeout_ms);
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) {
        code = ask_nothing(kafka);
        int each_ms = count > 0 ? timeout_ms / (int)count : 0;
        for (size_t i = 0; i < count && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
            code = ask(kafka, &places[i], 1, each_ms < ONE_MS ? ONE_MS : each_ms);
            if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) {
                code = RD_KAFKA_RESP_ERR_NO_ERROR; /* somebody answers, so it is held back */
            }
        }
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? STATUS_OK
               : kafka_fail(source->error, code, "asking for the committed offsets", NULL);
}

/* With read_committed the end is the last stable offset. */
enum status offsets_bounds(struct source *source, struct partition partition, int timeout_ms,
                           struct bounds *ret_bounds)
{
    struct source_kafka *kafka = source_kafka_of(source);
    return asker_ends(kafka, source_kafka_topic(kafka, partition.topic), partition.number,
                      kafka_deadline_us(timeout_ms), ret_bounds);
}

int64_t offsets_end_seen(struct source *source, struct partition partition)
{
    struct source_kafka *kafka = source_kafka_of(source);
    int64_t start = 0;
    int64_t end = 0;
    rd_kafka_resp_err_t code = rd_kafka_get_watermark_offsets(
        kafka->client.rk, source_kafka_topic(kafka, partition.topic), partition.number, &start, &end);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || end < 0) {
        return OFFSET_NONE;
    }
    /* A transaction's end takes an offset that no record has: all that is there has been delivered. */
    const struct input *input = group_find(kafka, partition);
    bool nothing_left = input != NULL && input->next != OFFSET_NONE && input->fetched_end == end;
    return nothing_left ? input->next : end;
}

/* Embedded only: see struct generation. */
enum status offsets_keep(void *owner, const rd_kafka_topic_partition_list_t *offsets, char *ret_error)
{
    struct source_kafka *kafka = owner;
    rd_kafka_resp_err_t code = rd_kafka_commit(kafka->client.rk, offsets, 0);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? STATUS_OK
               : kafka_fail(ret_error, code, "storing the embedded offsets", NULL);
}

/* Places without an answer become BUSY. An error of a place but its being held back is the question's. */
static rd_kafka_resp_err_t ask(struct source_kafka *kafka, struct place *places, size_t count, int timeout_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        places[i].status = STATUS_BUSY;
        places[i].offset = OFFSET_NONE;
        rd_kafka_topic_partition_list_add(list, source_kafka_topic(kafka, places[i].partition.topic),
                                          places[i].partition.number);
    }
    rd_kafka_resp_err_t code = rd_kafka_committed(kafka->client.rk, list, timeout_ms);
    for (size_t i = 0; i < count && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        const rd_kafka_topic_partition_t *answer = &list->elems[i];
        if (answer->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            places[i].status = STATUS_OK;
            places[i].offset = answer->offset >= 0 ? answer->offset : OFFSET_NONE;
        } else if (kafka_status(answer->err) != STATUS_BUSY) {
            code = answer->err;
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

/* Does anybody answer? Asks for a place that no transaction ever holds back, for the group does not commit
 * it. */
static rd_kafka_resp_err_t ask_nothing(struct source_kafka *kafka)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, kafka->settings->topics_skips, 0);
    rd_kafka_resp_err_t code = rd_kafka_committed(kafka->client.rk, list, ALL_MS);
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}
