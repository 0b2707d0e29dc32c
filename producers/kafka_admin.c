/* SPDX-License-Identifier: MIT */
/* The admin client, and the making of topics. */
#include "producers/kafka_admin_private.h"

#include "common/clock.h"
#include "common/mem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MS_PER_DAY 86400000LL

static enum status create_missing(struct kafka_admin *admin, const struct topic_plans *plans,
                                  const struct rd_kafka_metadata *metadata, int64_t deadline_us,
                                  struct buf *report, bool *ret_home_log_made);

enum status kafka_admin_open(const struct settings *settings, char *ret_error, struct kafka_admin **ret_admin)
{
    struct kafka_admin *admin = mem_zalloc(sizeof *admin);
    admin->settings = settings;
    rd_kafka_conf_t *conf = NULL;
    enum status status = kafka_client_begin(&admin->client, "admin", settings, ret_error, &conf);
    if (status == STATUS_OK) {
        status = kafka_client_open(&admin->client, RD_KAFKA_PRODUCER, conf, ret_error);
    }
    if (status != STATUS_OK) {
        kafka_admin_close(admin);
        return status;
    }
    admin->answers = rd_kafka_queue_new(admin->client.rk);
    *ret_admin = admin;
    return STATUS_OK;
}

void kafka_admin_close(struct kafka_admin *admin)
{
    if (admin == NULL) {
        return;
    }
    if (admin->answers != NULL) {
        rd_kafka_queue_destroy(admin->answers);
    }
    kafka_client_close(&admin->client);
    mem_free(admin);
}

const char *kafka_admin_error(const struct kafka_admin *admin)
{
    return admin->error;
}

enum status kafka_admin_topics_create(struct kafka_admin *admin, int timeout_ms, struct buf *report,
                                      bool *ret_home_log_made)
{
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000LL;
    struct topic_plans plans;
    topic_plans_init(&plans, admin->settings, (int32_t)admin->settings->topics_homes);
    const struct rd_kafka_metadata *metadata = NULL;
    enum status status = admin_metadata(admin, timeout_ms, &metadata);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < plans.count; i++) {
            int32_t partitions = kafka_partitions_listed(metadata, plans.items[i].name);
            if (partitions > 0) {
                buf_printf(report, "topic %s exists, with %d partition%s, and is left as it is\n",
                           plans.items[i].name, (int)partitions, partitions == 1 ? "" : "s");
            }
        }
        status = admin_compare(admin, 0, &plans, metadata, admin_left_ms(deadline_us), report, report);
    }
    if (status == STATUS_OK) {
        status = create_missing(admin, &plans, metadata, deadline_us, report, ret_home_log_made);
    }
    if (metadata != NULL) {
        rd_kafka_metadata_destroy(metadata);
    }
    topic_plans_done(&plans);
    return status;
}

/* ---- shared with the other parts */

int admin_left_ms(int64_t deadline_us)
{
    int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
    return left_ms > 1 ? (int)left_ms : 1;
}

enum status admin_fail(struct kafka_admin *admin, rd_kafka_resp_err_t code, const char *what,
                       const char *reason)
{
    return kafka_client_fail(&admin->client, admin->error, code, what, reason);
}

enum status admin_metadata(struct kafka_admin *admin, int timeout_ms,
                           const struct rd_kafka_metadata **ret_metadata)
{
    rd_kafka_resp_err_t code = rd_kafka_metadata(admin->client.rk, 1, NULL, ret_metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return admin_fail(admin, code, "it does not list its topics", NULL);
    }
    return STATUS_OK;
}

rd_kafka_AdminOptions_t *admin_options(struct kafka_admin *admin, rd_kafka_admin_op_t op, int timeout_ms)
{
    char error[KAFKA_ERROR_SIZE];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->client.rk, op);
    rd_kafka_resp_err_t code =
        rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, error, sizeof error);
    assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
    return options;
}

enum status admin_answer(struct kafka_admin *admin, const char *what, int timeout_ms,
                         rd_kafka_event_t **ret_event)
{
    /* librdkafka ends the request itself after timeout_ms; a little more, so that no answer is left in the
     * queue. */
    rd_kafka_event_t *event = rd_kafka_queue_poll(admin->answers, timeout_ms + 5000);
    if (event == NULL) {
        return admin_fail(admin, RD_KAFKA_RESP_ERR__TIMED_OUT, what, NULL);
    }
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        enum status status = admin_fail(admin, code, what, rd_kafka_event_error_string(event));
        rd_kafka_event_destroy(event);
        return status;
    }
    *ret_event = event;
    return STATUS_OK;
}

/* ---- making topics */

static void config(rd_kafka_NewTopic_t *topic, const char *name, const char *value)
{
    rd_kafka_resp_err_t code = rd_kafka_NewTopic_set_config(topic, name, value);
    assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

static rd_kafka_NewTopic_t *new_topic(const struct topic_plan *plan, const struct settings *settings,
                                      char *ret_error)
{
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
        plan->name, plan->partitions, (int)settings->topics_replication, ret_error, KAFKA_ERROR_SIZE);
    if (topic == NULL) {
        return NULL;
    }
    if (plan->role == TOPIC_SKIPS) {
        config(topic, "cleanup.policy", "compact");
        return topic;
    }
    char retention_ms[32];
    snprintf(retention_ms, sizeof retention_ms, "%lld",
             (long long)settings->topics_retention_days * MS_PER_DAY);
    config(topic, "cleanup.policy", "delete");
    config(topic, "retention.ms", retention_ms);
    config(topic, "retention.bytes", "-1");
    if (plan->role == TOPIC_HOME_LOG) {
        config(topic, "message.timestamp.type", "LogAppendTime");
    }
    return topic;
}

/* Each topic has its own outcome. That another has made it meanwhile is none of our trouble. */
static enum status report_created(struct kafka_admin *admin, const rd_kafka_event_t *event,
                                  const struct topic_plan *const *made, struct buf *report)
{
    size_t count = 0;
    enum status status = STATUS_OK;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            buf_printf(report, "topic %s was made, with %d partition%s\n", made[i]->name,
                       (int)made[i]->partitions, made[i]->partitions == 1 ? "" : "s");
        } else if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            buf_printf(report, "topic %s was made by another at this moment; run this again to compare it\n",
                       made[i]->name);
        } else {
            const char *reason = rd_kafka_topic_result_error_string(results[i]);
            buf_printf(report, "topic %s could not be made: %s\n", made[i]->name,
                       reason != NULL ? reason : rd_kafka_err2str(code));
            status = admin_fail(admin, code, "not all topics could be made", reason);
        }
    }
    return status;
}

/* The controller has made them; the brokers hear of it a little later. */
static enum status wait_until_seen(struct kafka_admin *admin, const struct topic_plan *const *made,
                                   size_t count, int64_t deadline_us)
{
    for (;;) {
        const struct rd_kafka_metadata *metadata = NULL;
        enum status status = admin_metadata(admin, admin_left_ms(deadline_us), &metadata);
        if (status != STATUS_OK) {
            return status;
        }
        size_t seen = 0;
        for (size_t i = 0; i < count; i++) {
            seen += kafka_partitions_listed(metadata, made[i]->name) > 0;
        }
        rd_kafka_metadata_destroy(metadata);
        if (seen == count) {
            return STATUS_OK;
        }
        if (clock_monotonic_us() >= deadline_us) {
            snprintf(admin->error, sizeof admin->error,
                     "the topics were made, but the brokers do not list all of them yet; run this again");
            return STATUS_AWAY;
        }
        rd_kafka_poll(admin->client.rk, 50);
    }
}

static enum status create(struct kafka_admin *admin, const struct topic_plan *const *wanted, size_t count,
                          int64_t deadline_us, struct buf *report)
{
    rd_kafka_NewTopic_t **topics = mem_zalloc(count * sizeof *topics);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        char error[KAFKA_ERROR_SIZE];
        topics[i] = new_topic(wanted[i], admin->settings, error);
        if (topics[i] == NULL) {
            snprintf(admin->error, sizeof admin->error, "topic %.80s cannot be made: %.120s", wanted[i]->name,
                     error);
            status = STATUS_FATAL;
        }
    }
    if (status == STATUS_OK) {
        int timeout_ms = admin_left_ms(deadline_us);
        rd_kafka_event_t *event = NULL;
        rd_kafka_AdminOptions_t *options = admin_options(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
        rd_kafka_CreateTopics(admin->client.rk, topics, count, options, admin->answers);
        rd_kafka_AdminOptions_destroy(options);
        status = admin_answer(admin, "the topics could not be made", timeout_ms, &event);
        if (status == STATUS_OK) {
            status = report_created(admin, event, wanted, report);
            rd_kafka_event_destroy(event);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (topics[i] != NULL) {
            rd_kafka_NewTopic_destroy(topics[i]);
        }
    }
    mem_free(topics);
    return status == STATUS_OK ? wait_until_seen(admin, wanted, count, deadline_us) : status;
}

static enum status create_missing(struct kafka_admin *admin, const struct topic_plans *plans,
                                  const struct rd_kafka_metadata *metadata, int64_t deadline_us,
                                  struct buf *report, bool *ret_home_log_made)
{
    const struct topic_plan **missing = mem_alloc(plans->count * sizeof *missing);
    size_t count = 0;
    bool home_log = false;
    for (size_t i = 0; i < plans->count; i++) {
        if (kafka_partitions_listed(metadata, plans->items[i].name) == 0) {
            missing[count++] = &plans->items[i];
            home_log |= plans->items[i].role == TOPIC_HOME_LOG;
        }
    }
    enum status status = count > 0 ? create(admin, missing, count, deadline_us, report) : STATUS_OK;
    if (status == STATUS_OK) {
        *ret_home_log_made = home_log;
    }
    mem_free(missing);
    return status;
}
