/* SPDX-License-Identifier: MIT */
/* The check at start: is the Kafka cluster one on which loyald can keep its promise? Every rule has one
 * sentence. */
#include "producers/kafka_admin_private.h"

#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_member.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_DAY 86400000LL

/* Where the findings go, and what they are compared with. */
struct check {
    const struct settings *settings;
    int32_t homes;      /* of the installation; 0: not known yet */
    int64_t most_bytes; /* the largest record that our producers may send */
    struct buf *problems, *warnings;
};

/* The configuration of one topic or broker as described. */
struct described {
    const rd_kafka_ConfigEntry_t **entries;
    size_t count;
};

static enum status compare_configs(struct kafka_admin *admin, const struct topic_plan *const *present,
                                   size_t count, int timeout_ms, const struct check *check);
static void check_partitions(const struct check *check, const struct topic_plan *plan, int32_t partitions);
static void check_exist(const struct topic_plans *plans, const struct rd_kafka_metadata *metadata,
                        struct buf *problems);
static enum status read_broker(struct kafka_admin *admin, int timeout_ms, struct kafka_facts *facts);

enum status kafka_admin_check(struct kafka_admin *admin, int32_t homes, int timeout_ms,
                              struct kafka_facts *ret_facts, struct buf *problems, struct buf *warnings)
{
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000LL;
    const struct rd_kafka_metadata *metadata = NULL;
    enum status status = admin_metadata(admin, timeout_ms, &metadata);
    if (status != STATUS_OK) {
        return status;
    }
    struct topic_plans plans;
    topic_plans_init(&plans, admin->settings, homes);
    struct kafka_facts facts = {.homes = kafka_partitions_listed(metadata, admin->settings->topics_home_log)};
    char *cluster_id = rd_kafka_clusterid(admin->client.rk, admin_left_ms(deadline_us));
    snprintf(facts.cluster_id, sizeof facts.cluster_id, "%s", cluster_id != NULL ? cluster_id : "");
    free(cluster_id); /* by malloc, of librdkafka */

    check_exist(&plans, metadata, problems);
    status = admin_compare(admin, homes, &plans, metadata, admin_left_ms(deadline_us), problems, warnings);
    if (status == STATUS_OK && !admin->settings->process_embedded &&
        read_broker(admin, admin_left_ms(deadline_us), &facts) != STATUS_OK) {
        buf_printf(
            warnings,
            "the brokers' own settings could not be read, so time-outs are not compared with them: %s\n",
            admin->error);
    }
    if (status == STATUS_OK) {
        *ret_facts = facts;
    }
    topic_plans_done(&plans);
    rd_kafka_metadata_destroy(metadata);
    return status;
}

enum status admin_compare(struct kafka_admin *admin, int32_t homes, const struct topic_plans *plans,
                          const struct rd_kafka_metadata *metadata, int timeout_ms, struct buf *problems,
                          struct buf *warnings)
{
    struct check check = {.settings = admin->settings,
                          .homes = homes,
                          .most_bytes =
                              kafka_conf_number(rd_kafka_conf(admin->client.rk), "message.max.bytes"),
                          .problems = problems,
                          .warnings = warnings};
    const struct topic_plan **present = mem_alloc(plans->count * sizeof *present);
    size_t count = 0;
    for (size_t i = 0; i < plans->count; i++) {
        int32_t partitions = kafka_partitions_listed(metadata, plans->items[i].name);
        if (partitions > 0) {
            present[count++] = &plans->items[i];
            check_partitions(&check, &plans->items[i], partitions);
        }
    }
    enum status status = STATUS_OK;
    if (count > 0 && !admin->settings->process_embedded) {
        status = compare_configs(admin, present, count, timeout_ms, &check);
    }
    mem_free(present);
    return status;
}

/* ---- the rules */

/* All that are missing in one sentence, and what makes them: it is one command. */
static void check_exist(const struct topic_plans *plans, const struct rd_kafka_metadata *metadata,
                        struct buf *problems)
{
    struct buf names = {0};
    size_t count = 0, feeders = 0;
    for (size_t i = 0; i < plans->count; i++) {
        const struct topic_plan *plan = &plans->items[i];
        if (kafka_partitions_listed(metadata, plan->name) == 0) {
            buf_printf(&names, "%s%s (%s)", count > 0 ? ", " : "", plan->name, topic_role_name(plan->role));
            count++;
            feeders += plan->role == TOPIC_FEEDER;
        }
    }
    if (count > 0) {
        buf_printf(problems, "%s: %.*s; make %s with `loyalctl topics create`%s\n",
                   count == 1 ? "a topic does not exist" : "topics do not exist", SLICE_ARG(buf_view(&names)),
                   count == 1 ? "it" : "them",
                   feeders > 0 ? ", or take feeders that you do not have out of topics.feeders" : "");
    }
    buf_done(&names);
}

/* What the installation was begun with goes before what the settings say: that counts only when the home log
 * is made. */
static void check_partitions(const struct check *check, const struct topic_plan *plan, int32_t partitions)
{
    int wanted = (int)check->settings->topics_homes;
    if (plan->role == TOPIC_SKIPS && partitions != 1) {
        buf_printf(check->problems, "topic %s (the skips) has %d partitions, but must have 1; make it anew\n",
                   plan->name, (int)partitions);
    }
    if (plan->role != TOPIC_HOME_LOG) {
        return;
    }
    if (check->homes != 0 && partitions != check->homes) {
        buf_printf(
            check->problems,
            "topic %s (the home log) has %d partitions, but %d homes are expected; the number is for good, "
            "so name the right topic in topics.home_log, or make a new one and import into it\n",
            plan->name, (int)partitions, (int)check->homes);
    } else if (partitions != wanted && !check->settings->process_embedded) {
        buf_printf(check->warnings,
                   "topics.homes is %d, but topic %s (the home log) exists and has %d partitions, which is "
                   "for good; set topics.homes to %d, or name another topic in topics.home_log\n",
                   wanted, plan->name, (int)partitions, (int)partitions);
    }
}

static const char *entry(const struct described *described, const char *name)
{
    for (size_t i = 0; i < described->count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(described->entries[i]);
        if (strcmp(rd_kafka_ConfigEntry_name(described->entries[i]), name) == 0 && value != NULL) {
            return value;
        }
    }
    return "";
}

static int64_t entry_number(const struct described *described, const char *name)
{
    int64_t value = 0;
    (void)parse_int(slice_of(entry(described, name)), &value);
    return value;
}

static void check_time(const struct check *check, const struct topic_plan *plan,
                       const struct described *described)
{
    const char *type = entry(described, "message.timestamp.type");
    if (plan->role == TOPIC_HOME_LOG && strcmp(type, "LogAppendTime") != 0) {
        buf_printf(
            check->problems,
            "topic %s (the home log) has message.timestamp.type=%s, but loyald's clock is the log's; set it "
            "to LogAppendTime before the first event\n",
            plan->name, type);
    }
}

static void check_cleanup(const struct check *check, const struct topic_plan *plan,
                          const struct described *described)
{
    const char *policy = entry(described, "cleanup.policy");
    bool compacted = strstr(policy, "compact") != NULL;
    if (plan->role == TOPIC_SKIPS && strcmp(policy, "compact") != 0) {
        buf_printf(
            check->problems,
            "topic %s (the skips) has cleanup.policy=%s, so skips would be forgotten; set it to compact\n",
            plan->name, policy);
    } else if (plan->role != TOPIC_SKIPS && compacted) {
        buf_printf(check->problems,
                   "topic %s (%s) has cleanup.policy=%s, which removes records; set it to delete\n",
                   plan->name, topic_role_name(plan->role), policy);
    }
}

static void check_retention(const struct check *check, const struct topic_plan *plan,
                            const struct described *described)
{
    if (plan->role == TOPIC_SKIPS) {
        return;
    }
    int64_t wanted_ms = check->settings->topics_retention_days * MS_PER_DAY;
    int64_t kept_ms = entry_number(described, "retention.ms");
    if (kept_ms != wanted_ms) {
        buf_printf(check->warnings,
                   "topic %s has retention.ms=%" PRId64 ", but topics.retention_days is %" PRId64
                   "; set retention.ms=%" PRId64 " or change the setting\n",
                   plan->name, kept_ms, check->settings->topics_retention_days, wanted_ms);
    }
    int64_t kept_bytes = entry_number(described, "retention.bytes");
    if (plan->role == TOPIC_HOME_LOG && kept_bytes >= 0) {
        buf_printf(check->warnings,
                   "topic %s (the home log) has retention.bytes=%" PRId64
                   ", so events may go before their time; set it to -1\n",
                   plan->name, kept_bytes);
    }
}

static void check_size(const struct check *check, const struct topic_plan *plan,
                       const struct described *described)
{
    int64_t taken_bytes = entry_number(described, "max.message.bytes");
    if (plan->role != TOPIC_FEEDER && taken_bytes < check->most_bytes) {
        buf_printf(check->problems,
                   "topic %s has max.message.bytes=%" PRId64 ", but loyald may send %" PRId64
                   "; raise it, or lower message.max.bytes under kafka:\n",
                   plan->name, taken_bytes, check->most_bytes);
    }
}

/* ---- asking */

static enum status describe(struct kafka_admin *admin, rd_kafka_ConfigResource_t **resources, size_t count,
                            int timeout_ms, rd_kafka_event_t **ret_event)
{
    rd_kafka_AdminOptions_t *options = admin_options(admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
    rd_kafka_DescribeConfigs(admin->client.rk, resources, count, options, admin->answers);
    rd_kafka_AdminOptions_destroy(options);
    return admin_answer(admin, "Kafka does not describe its configuration", timeout_ms, ret_event);
}

/* The answer's resources are in the order of the request. */
static enum status described_at(struct kafka_admin *admin, rd_kafka_event_t *event, size_t index,
                                struct described *ret)
{
    size_t count = 0;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
    if (index >= count) {
        return admin_fail(admin, RD_KAFKA_RESP_ERR__BAD_MSG, "Kafka does not describe its configuration",
                          NULL);
    }
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[index]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char what[80];
        snprintf(what, sizeof what, "Kafka does not describe %.50s",
                 rd_kafka_ConfigResource_name(resources[index]));
        return admin_fail(admin, code, what, rd_kafka_ConfigResource_error_string(resources[index]));
    }
    ret->entries = rd_kafka_ConfigResource_configs(resources[index], &ret->count);
    return STATUS_OK;
}

static enum status compare_configs(struct kafka_admin *admin, const struct topic_plan *const *present,
                                   size_t count, int timeout_ms, const struct check *check)
{
    rd_kafka_ConfigResource_t **resources = mem_alloc(count * sizeof *resources);
    for (size_t i = 0; i < count; i++) {
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, present[i]->name);
    }
    rd_kafka_event_t *event = NULL;
    enum status status = describe(admin, resources, count, timeout_ms, &event);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct described described;
        status = described_at(admin, event, i, &described);
        if (status == STATUS_OK) {
            check_time(check, present[i], &described);
            check_cleanup(check, present[i], &described);
            check_retention(check, present[i], &described);
            check_size(check, present[i], &described);
        }
    }
    if (event != NULL) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_ConfigResource_destroy_array(resources, count);
    mem_free(resources);
    return status;
}

/* Any broker will do: these are the same on all of a well-kept cluster. */
static enum status read_broker(struct kafka_admin *admin, int timeout_ms, struct kafka_facts *facts)
{
    char id[16];
    int32_t controller = rd_kafka_controllerid(admin->client.rk, timeout_ms);
    if (controller < 0) {
        return admin_fail(admin, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, "Kafka names no controller", NULL);
    }
    snprintf(id, sizeof id, "%d", (int)controller);
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, id);
    rd_kafka_event_t *event = NULL;
    struct described described;
    enum status status = describe(admin, &resource, 1, timeout_ms, &event);
    if (status == STATUS_OK) {
        status = described_at(admin, event, 0, &described);
    }
    if (status == STATUS_OK) {
        facts->txn_sweep_ms =
            entry_number(&described, "transaction.abort.timed.out.transaction.cleanup.interval.ms");
        facts->session_max_ms = entry_number(&described, "group.max.session.timeout.ms");
        facts->offsets_keep_min = entry_number(&described, "offsets.retention.minutes");
    }
    if (event != NULL) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_ConfigResource_destroy(resource);
    return status;
}
