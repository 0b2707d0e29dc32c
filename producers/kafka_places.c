/* SPDX-License-Identifier: MIT */
/* Where each input partition stands in Kafka: the group's offsets, read stably, and the ends of the logs. For
 * people (loyalctl homes); the worker asks through its source. */
#include "producers/kafka_admin_private.h"

#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_member.h"

#include <assert.h>
#include <stdio.h>

#define REST_MS 50 /* between two tries */

static void list_places(const struct kafka_admin *admin, const struct rd_kafka_metadata *metadata,
                        struct input_place **ret_places, size_t *ret_count);
static enum status ask_as_member(struct kafka_admin *admin, struct input_place *places, size_t count,
                                 int64_t deadline_us);
static void read_all_bounds(struct kafka_admin *admin, struct input_place *places, size_t count,
                            int64_t deadline_us);

enum status kafka_admin_places(struct kafka_admin *admin, int timeout_ms, struct input_place **ret_places,
                               size_t *ret_count)
{
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000LL;
    const struct rd_kafka_metadata *metadata = NULL;
    enum status status = admin_metadata(admin, timeout_ms, &metadata);
    if (status != STATUS_OK) {
        return status;
    }
    struct input_place *places = NULL;
    size_t count = 0;
    list_places(admin, metadata, &places, &count);
    rd_kafka_metadata_destroy(metadata);
    if (count > 0) {
        status = ask_as_member(admin, places, count, deadline_us);
    }
    if (status != STATUS_OK) {
        mem_free(places);
        return status;
    }
    read_all_bounds(admin, places, count, deadline_us);
    *ret_places = places;
    *ret_count = count;
    return STATUS_OK;
}

static void list_places(const struct kafka_admin *admin, const struct rd_kafka_metadata *metadata,
                        struct input_place **ret_places, size_t *ret_count)
{
    size_t capacity = 0;
    for (size_t topic = 0; topic < settings_input_count(admin->settings); topic++) {
        int32_t partitions = kafka_partitions_listed(metadata, settings_input_name(admin->settings, topic));
        for (int32_t partition = 0; partition < partitions; partition++) {
            MEM_GROW(*ret_places, *ret_count, capacity);
            (*ret_places)[(*ret_count)++] = (struct input_place){
                .topic = (int32_t)topic, .partition = partition, .committed = -1, .start = -1, .end = -1};
        }
    }
}

/* ---- the group's offsets */

static rd_kafka_topic_partition_list_t *partition_list(const struct kafka_admin *admin,
                                                       const struct input_place *places, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(list, settings_input_name(admin->settings, (size_t)places[i].topic),
                                          places[i].partition);
    }
    return list;
}

/* The group and what is asked of it. Returns owned. */
static rd_kafka_ListConsumerGroupOffsets_t *group_request(const struct kafka_admin *admin,
                                                          const struct input_place *places, size_t count)
{
    char *group = kafka_group_name(admin->settings);
    rd_kafka_topic_partition_list_t *list = partition_list(admin, places, count);
    rd_kafka_ListConsumerGroupOffsets_t *request = rd_kafka_ListConsumerGroupOffsets_new(group, list);
    rd_kafka_topic_partition_list_destroy(list);
    mem_free(group);
    return request;
}

static enum status ask_committed(struct kafka_admin *admin, const struct input_place *places, size_t count,
                                 int timeout_ms, rd_kafka_event_t **ret_event)
{
    rd_kafka_AdminOptions_t *options =
        admin_options(admin, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_error_t *error = rd_kafka_AdminOptions_set_require_stable_offsets(options, 1);
    assert(error == NULL);
    rd_kafka_ListConsumerGroupOffsets_t *request = group_request(admin, places, count);
    rd_kafka_ListConsumerGroupOffsets(admin->client.rk, &request, 1, options, admin->answers);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    rd_kafka_AdminOptions_destroy(options);
    return admin_answer(admin, "the group's offsets cannot be read", timeout_ms, ret_event);
}

/* One partition's answer; an error of its own stays its own. */
static void take_committed(struct input_place *place, const rd_kafka_topic_partition_t *found)
{
    if (found == NULL) {
        place->status = STATUS_UNKNOWN;
        return;
    }
    place->status = kafka_status(found->err);
    if (place->status == STATUS_OK && found->offset >= 0) {
        place->committed = found->offset;
    }
}

static enum status read_committed(struct kafka_admin *admin, struct input_place *places, size_t count,
                                  int64_t deadline_us)
{
    rd_kafka_event_t *event = NULL;
    enum status status = ask_committed(admin, places, count, admin_left_ms(deadline_us), &event);
    if (status != STATUS_OK) {
        return status;
    }
    size_t group_count = 0;
    const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &group_count);
    assert(group_count == 1);
    const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[0]);
    const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(groups[0]);
    if (error != NULL) {
        status = admin_fail(admin, rd_kafka_error_code(error), "the group's offsets cannot be read",
                            rd_kafka_error_string(error));
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const char *topic = settings_input_name(admin->settings, (size_t)places[i].topic);
        take_committed(&places[i], rd_kafka_topic_partition_list_find((rd_kafka_topic_partition_list_t *)list,
                                                                      topic, places[i].partition));
    }
    rd_kafka_event_destroy(event);
    return status;
}

/* librdkafka up to 2.10 at least ends in a segmentation fault when the coordinator answers NOT_COORDINATOR,
 * as it does while it starts, to a client that has no group of its own (its issue 5040). So a consumer asks,
 * which never joins. What passes is asked again. */
static enum status ask_as_member(struct kafka_admin *admin, struct input_place *places, size_t count,
                                 int64_t deadline_us)
{
    struct kafka_admin member = {.settings = admin->settings};
    rd_kafka_conf_t *conf = NULL;
    enum status status = kafka_client_begin(&member.client, "places", admin->settings, admin->error, &conf);
    if (status != STATUS_OK) {
        return status;
    }
    char *group = kafka_group_name(admin->settings);
    kafka_conf_set(conf, "group.id", group);
    kafka_conf_set(conf, "enable.auto.commit", "false");
    mem_free(group);
    status = kafka_client_open(&member.client, RD_KAFKA_CONSUMER, conf, admin->error);
    if (status != STATUS_OK) {
        return status;
    }
    member.answers = rd_kafka_queue_new(member.client.rk);
    status = read_committed(&member, places, count, deadline_us);
    while ((status == STATUS_AWAY || status == STATUS_BUSY) && clock_monotonic_us() < deadline_us) {
        rd_kafka_poll(admin->client.rk, REST_MS);
        status = read_committed(&member, places, count, deadline_us);
    }
    snprintf(admin->error, sizeof admin->error, "%s", member.error);
    rd_kafka_queue_destroy(member.answers);
    kafka_client_close(&member.client);
    return status;
}

/* ---- the logs */

/* One partition without a leader is its own trouble: it gets this long at a time. */
#define TRY_MS 1000

/* librdkafka asks with its isolation level, read_committed by default for producers too: the end is the first
 * offset that is not decided yet. */
static enum status read_bounds(struct kafka_admin *admin, struct input_place *place, int64_t deadline_us)
{
    const char *topic = settings_input_name(admin->settings, (size_t)place->topic);
    int left_ms = admin_left_ms(deadline_us);
    int64_t start = -1, end = -1;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
        admin->client.rk, topic, place->partition, &start, &end, left_ms < TRY_MS ? left_ms : TRY_MS);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        place->start = start;
        place->end = end;
    }
    return kafka_status(code);
}

/* A partition may have no leader for a moment, just after it was made for one: those that fail are asked
 * again. */
static void read_all_bounds(struct kafka_admin *admin, struct input_place *places, size_t count,
                            int64_t deadline_us)
{
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < count; i++) {
            if (places[i].end >= 0) {
                continue;
            }
            enum status status = read_bounds(admin, &places[i], deadline_us);
            bool in_time = clock_monotonic_us() < deadline_us;
            if (status == STATUS_AWAY && in_time) {
                again = true;
            } else if (status != STATUS_OK) {
                places[i].status = status;
            }
        }
        if (again) {
            rd_kafka_poll(admin->client.rk, REST_MS);
        }
    }
}
