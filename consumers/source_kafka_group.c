/* SPDX-License-Identifier: MIT */
/* What the group deals, and where reading begins.
 *
 * In the rebalance callback the group gets its answer at once, with nothing to read: rd_kafka_assign of an
 * empty list. So heartbeats go on, and the next rebalance is met, however long the worker needs to recover.
 * What has been started is read by a later rd_kafka_assign outside of the callback, which the eager protocol
 * allows: the whole list of started partitions, each with the next offset to deliver. That drops all that
 * librdkafka had fetched (every partition gets a new version, and messages of an old version are thrown away
 * in its queue), so a partition that is started again delivers nothing stale. Starts and stops are gathered
 * until the next take, so a recovery of many homes costs one assign.
 *
 * A list that is not empty is assigned only when nothing is assigned and no fetcher is stopping. To
 * librdkafka a fetcher counts as started until it has reported its stop, so whatever takes the partition away
 * a second time before that (an assign, a close, a lost session) stops it a second time, and the second
 * report ends the process by an assertion (librdkafka #5573; in all versions up to 2.15). */
#include "consumers/source_kafka_parts.h"

#include "common/log.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

static int compare_partitions(const void *a, const void *b);
static int32_t topic_index(const struct settings *settings, const char *name);
static void deal(struct source_kafka *kafka, const rd_kafka_topic_partition_list_t *partitions);
static rd_kafka_resp_err_t assign_nothing(rd_kafka_t *rk);
static rd_kafka_resp_err_t wait_for_stops(rd_kafka_t *rk);
static bool is_member(rd_kafka_t *rk);

/* On the worker's thread, inside rd_kafka_consumer_poll. Nothing slow may happen here. */
void group_rebalance_cb(rd_kafka_t *rk, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *partitions,
                        void *opaque)
{
    struct source_kafka *kafka = ((struct kafka_client *)opaque)->owner;
    group_forget(kafka);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !kafka->closing) {
        /* A callback served late may find the session already over; another deal follows then. */
        if (is_member(rk)) {
            deal(kafka, partitions);
        }
        code = assign_nothing(rk);
    } else {
        code = rd_kafka_assign(rk, NULL);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        log_debug("Kafka's client did not take the assignment", " error=%s", rd_kafka_err2name(code));
    }
    kafka->dealt = true;
    rd_kafka_yield(rk); /* the poll that we are in returns now, not at its time-out */
}

void group_forget(struct source_kafka *kafka)
{
    mem_free(kafka->inputs);
    mem_free(kafka->partitions);
    kafka->inputs = NULL;
    kafka->partitions = NULL;
    kafka->input_count = 0;
    kafka->unapplied = false;
    if (kafka->generation.metadata != NULL) {
        rd_kafka_consumer_group_metadata_destroy(kafka->generation.metadata);
        kafka->generation.metadata = NULL;
    }
}

void group_hold_all(struct source_kafka *kafka)
{
    for (size_t i = 0; i < kafka->input_count; i++) {
        kafka->inputs[i].next = OFFSET_NONE;
    }
    kafka->unapplied = true;
    kafka->dealt = true;
}

enum status group_apply(struct source_kafka *kafka)
{
    if (!kafka->unapplied) {
        return STATUS_OK;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)kafka->input_count);
    for (size_t i = 0; i < kafka->input_count; i++) {
        const struct input *input = &kafka->inputs[i];
        if (input->next != OFFSET_NONE) {
            rd_kafka_topic_partition_list_add(list, source_kafka_topic(kafka, input->partition.topic),
                                              input->partition.number)
                ->offset = input->next;
        }
    }
    rd_kafka_resp_err_t code = group_assign(kafka->client.rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_fail(kafka->source.error, code, "telling Kafka's client where to read", NULL);
    }
    kafka->unapplied = false;
    kafka->queue_peak = 0;
    return STATUS_OK;
}

rd_kafka_resp_err_t group_assign(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t code = assign_nothing(rk);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && list->cnt > 0) {
        code = wait_for_stops(rk);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            code = rd_kafka_assign(rk, list);
        }
    }
    return code;
}

struct input *group_find(struct source_kafka *kafka, struct partition partition)
{
    struct input key = {.partition = partition};
    return kafka->input_count == 0
               ? NULL
               : bsearch(&key, kafka->inputs, kafka->input_count, sizeof key, compare_partitions);
}

struct input *group_find_message(struct source_kafka *kafka, const rd_kafka_message_t *message)
{
    if (message->rkt == NULL) {
        return NULL;
    }
    int32_t topic = topic_index(kafka->settings, rd_kafka_topic_name(message->rkt));
    return group_find(kafka, (struct partition){.topic = topic, .number = message->partition});
}

enum status group_assignment(struct source *source, const struct partition **ret_partitions,
                             size_t *ret_count)
{
    struct source_kafka *kafka = source_kafka_of(source);
    *ret_partitions = kafka->partitions;
    *ret_count = kafka->input_count;
    return STATUS_OK;
}

const struct generation *group_generation(struct source *source)
{
    return &source_kafka_of(source)->generation;
}

enum status group_start(struct source *source, const struct place *places, size_t count)
{
    struct source_kafka *kafka = source_kafka_of(source);
    for (size_t i = 0; i < count; i++) {
        struct input *input = group_find(kafka, places[i].partition);
        if (input == NULL) {
            snprintf(source->error, sizeof source->error,
                     "partition %d of %s is no longer this worker's; take says what is",
                     places[i].partition.number, source_kafka_topic(kafka, places[i].partition.topic));
            return STATUS_REASSIGNED;
        }
        input->next = places[i].offset;
        input->fetched_end = OFFSET_NONE; /* what was found there is to be read again */
        kafka->unapplied = true;
    }
    return STATUS_OK;
}

enum status group_stop(struct source *source, struct partition partition)
{
    struct source_kafka *kafka = source_kafka_of(source);
    struct input *input = group_find(kafka, partition);
    if (input != NULL && input->next != OFFSET_NONE) {
        input->next = OFFSET_NONE;
        kafka->unapplied = true;
    }
    return STATUS_OK;
}

static int compare_partitions(const void *a, const void *b)
{
    const struct partition *x = &((const struct input *)a)->partition;
    const struct partition *y = &((const struct input *)b)->partition;
    if (x->topic != y->topic) {
        return x->topic < y->topic ? -1 : 1;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

/* -1: none of ours. */
static int32_t topic_index(const struct settings *settings, const char *name)
{
    size_t count = settings_input_count(settings);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(settings_input_name(settings, i), name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

static void deal(struct source_kafka *kafka, const rd_kafka_topic_partition_list_t *partitions)
{
    size_t count = 0;
    kafka->inputs = mem_zalloc(((size_t)partitions->cnt + 1) * sizeof *kafka->inputs);
    kafka->partitions = mem_zalloc(((size_t)partitions->cnt + 1) * sizeof *kafka->partitions);
    for (int i = 0; i < partitions->cnt; i++) {
        int32_t topic = topic_index(kafka->settings, partitions->elems[i].topic);
        if (topic >= 0) {
            kafka->inputs[count++] = (struct input){
                .partition = {.topic = topic, .number = partitions->elems[i].partition},
                  .next = OFFSET_NONE
            };
        }
    }
    qsort(kafka->inputs, count, sizeof *kafka->inputs, compare_partitions);
    for (size_t i = 0; i < count; i++) {
        kafka->partitions[i] = kafka->inputs[i].partition;
    }
    kafka->input_count = count;
    kafka->generation = (struct generation){
        .metadata = rd_kafka_consumer_group_metadata(kafka->client.rk),
        .keep = kafka->settings->process_embedded ? offsets_keep : NULL,
        .owner = kafka,
    };
}

static rd_kafka_resp_err_t assign_nothing(rd_kafka_t *rk)
{
    rd_kafka_topic_partition_list_t *none = rd_kafka_topic_partition_list_new(0);
    rd_kafka_resp_err_t code = rd_kafka_assign(rk, none);
    rd_kafka_topic_partition_list_destroy(none);
    return code;
}

/* Takes no longer than librdkafka's main thread needs to look at its queue twice, whatever the brokers do.
 * There is no call that waits for the stops. But that thread serves one queue in order, and an assign returns
 * when its stops are in it: behind a first question they have been served and their reports are in the queue,
 * behind a second one the reports have been served too. */
static rd_kafka_resp_err_t wait_for_stops(rd_kafka_t *rk)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < 2 && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        rd_kafka_topic_partition_list_t *list = NULL;
        code = rd_kafka_assignment(rk, &list);
        if (list != NULL) {
            rd_kafka_topic_partition_list_destroy(list);
        }
    }
    return code;
}

/* Without a member id there is no generation to pin: the group would take such offsets unfenced when it is
 * empty. */
static bool is_member(rd_kafka_t *rk)
{
    char *id = rd_kafka_memberid(rk);
    bool member = id != NULL && id[0] != '\0';
    rd_kafka_mem_free(rk, id);
    return member;
}
