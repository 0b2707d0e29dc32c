/* SPDX-License-Identifier: MIT */
/* What must be right before a worker starts: the name, the lease on it, Kafka's topics, Redis' installation.
 */
#include "consumers/daemon_private.h"

#include "common/file.h"
#include "common/log.h"
#include "config/policy.h"
#include "producers/control_append.h"
#include "producers/kafka_admin.h"

#include <stdio.h>
#include <unistd.h>

#define CHECK_WAIT_FIRST_MS 1500 /* so that it is soon said that Kafka is away */
#define CHECK_WAIT_MOST_MS  10000

static enum status prepare_embedded(struct daemon *daemon, char *ret_why);
static enum status name_process(struct daemon *daemon, char *ret_why);
static enum status note_policy(struct daemon *daemon, char *ret_why);
static enum status point_to_redis(struct daemon *daemon, char *ret_why);
static enum status check_kafka(struct daemon *daemon, struct kafka_facts *ret_facts, char *ret_why);
static enum status settle_installation(struct daemon *daemon, const struct kafka_facts *facts, char *ret_why);
static enum status publish_embedded_policy(struct daemon *daemon, int32_t homes, char *ret_why);
static void log_lines(enum log_level level, const char *msg, const struct buf *lines);

enum status daemon_prepare(struct daemon *daemon, char *ret_why)
{
    struct kafka_facts facts = {0};
    enum status status = STATUS_OK;
    if (daemon->settings->process_embedded && daemon->embedded == NULL) {
        status = prepare_embedded(daemon, ret_why);
    }
    if (status == STATUS_OK) {
        status = name_process(daemon, ret_why);
    }
    if (status == STATUS_OK) {
        status = note_policy(daemon, ret_why);
    }
    if (status == STATUS_OK) {
        status = point_to_redis(daemon, ret_why);
    }
    if (status == STATUS_OK && daemon->lease == NULL) {
        status = lease_take(&daemon->redis, daemon->process, ret_why, &daemon->lease);
        if (status == STATUS_BUSY) {
            return STATUS_FATAL; /* not for a moment: for as long as the other runs */
        }
    }
    if (status == STATUS_OK) {
        status = check_kafka(daemon, &facts, ret_why);
    }
    if (status == STATUS_OK) {
        status = settle_installation(daemon, &facts, ret_why);
    }
    if (status == STATUS_OK) {
        lease_keep_installation(daemon->lease, daemon->settings, &daemon->installation);
    }
    if (status == STATUS_OK && daemon->embedded != NULL) {
        status = publish_embedded_policy(daemon, facts.homes, ret_why);
    }
    return status;
}

static enum status name_process(struct daemon *daemon, char *ret_why)
{
    if (daemon->process[0] != '\0') {
        return STATUS_OK;
    }
    snprintf(daemon->process, sizeof daemon->process, "%s", daemon->settings->process_name);
    if (daemon->process[0] == '\0' && gethostname(daemon->process, sizeof daemon->process - 1) != 0) {
        snprintf(ret_why, 256, "the host has no name: set process.name");
        return STATUS_FATAL;
    }
    return STATUS_OK;
}

/* The policy file is only compared with what is in force. */
static enum status note_policy(struct daemon *daemon, char *ret_why)
{
    struct buf yaml = {0}, problems = {0};
    struct policy *policy = NULL;
    enum status status = STATUS_OK;
    const char *file = daemon->settings->policy_file;
    if (file[0] == '\0' || daemon->policy_version[0] != '\0') {
        return STATUS_OK;
    }
    if (!file_read(file, &yaml, ret_why)) {
        status = STATUS_FATAL;
    } else if (!policy_parse(file, buf_view(&yaml), &problems, &policy)) {
        log_lines(LOG_LEVEL_ERROR, "the policy has mistakes", &problems);
        snprintf(ret_why, 256, "%s has mistakes, see above", file);
        status = STATUS_FATAL;
    } else {
        snprintf(daemon->policy_version, sizeof daemon->policy_version, "%s", policy->version);
    }
    policy_free(policy);
    buf_done(&yaml);
    buf_done(&problems);
    return status;
}

static enum status point_to_redis(struct daemon *daemon, char *ret_why)
{
    const struct settings *settings = daemon->settings;
    if (daemon->password == NULL &&
        !settings_secret(settings->redis_password_file, ret_why, &daemon->password)) {
        return STATUS_FATAL;
    }
    daemon->redis =
        (struct store_redis_options){.address = settings->redis_address,
                                     .user = settings->redis_user[0] != '\0' ? settings->redis_user : NULL,
                                     .password = daemon->password,
                                     .database = (int)settings->redis_database,
                                     .prefix = settings->redis_prefix,
                                     .connect_timeout_ms = (int)settings->redis_connect_timeout,
                                     .timeout_ms = (int)settings->redis_timeout};
    return STATUS_OK;
}

static enum status prepare_embedded(struct daemon *daemon, char *ret_why)
{
    enum status status = embedded_open(daemon->settings, ret_why, &daemon->embedded);
    if (status == STATUS_OK) {
        embedded_apply(daemon->embedded, daemon->settings);
        log_warn(
            "embedded mode: Kafka and Redis live in and under this process, for a look; nothing is promised "
            "across a restart",
            " kafka=%s redis=%s", embedded_kafka(daemon->embedded), embedded_redis(daemon->embedded));
    }
    return status;
}

static enum status check_kafka(struct daemon *daemon, struct kafka_facts *ret_facts, char *ret_why)
{
    struct buf problems = {0}, warnings = {0};
    struct kafka_admin *admin = NULL;
    enum status status = kafka_admin_open(daemon->settings, ret_why, &admin);
    if (status != STATUS_OK) {
        return status;
    }
    int wait_ms = daemon->check_wait_ms > 0 ? daemon->check_wait_ms : CHECK_WAIT_FIRST_MS;
    status = kafka_admin_check(admin, daemon->installation.homes, wait_ms, ret_facts, &problems, &warnings);
    if (status != STATUS_OK) {
        daemon->check_wait_ms = 2 * wait_ms < CHECK_WAIT_MOST_MS ? 2 * wait_ms : CHECK_WAIT_MOST_MS;
        snprintf(ret_why, 256, "Kafka at %.80s%s: %.140s", settings_kafka_servers(daemon->settings),
                 status == STATUS_AWAY ? " cannot be reached" : "", kafka_admin_error(admin));
    } else if (problems.len > 0) {
        log_lines(LOG_LEVEL_ERROR, "Kafka is not as loyald needs it", &problems);
        snprintf(ret_why, 256, "Kafka is not as loyald needs it, see above");
        status = STATUS_FATAL;
    }
    log_lines(LOG_LEVEL_WARN, "Kafka could be set up better", &warnings);
    kafka_admin_close(admin);
    buf_done(&problems);
    buf_done(&warnings);
    return status;
}

static enum status settle_installation(struct daemon *daemon, const struct kafka_facts *facts, char *ret_why)
{
    char warning[256] = "";
    struct store *store = NULL;
    enum status status = store_redis_open(&daemon->redis, warning, ret_why, &store);
    if (status != STATUS_OK) {
        return status;
    }
    if (warning[0] != '\0') {
        log_warn("Redis could be set up better", " what=\"%s\"", warning);
    }
    const char *cluster = facts->cluster_id[0] != '\0' ? facts->cluster_id : "embedded";
    status =
        installation_settle(store, daemon->settings, facts->homes, cluster, ret_why, &daemon->installation);
    store_close(store);
    return status;
}

/* The embedded topics are new: the first record of every home is the policy, as `loyalctl topics create`
 * does. */
static enum status publish_embedded_policy(struct daemon *daemon, int32_t homes, char *ret_why)
{
    struct buf yaml = {0}, body = {0};
    enum status status = STATUS_OK;
    if (daemon->settings->policy_file[0] == '\0') {
        return STATUS_OK;
    }
    if (!file_read(daemon->settings->policy_file, &yaml, ret_why)) {
        status = STATUS_FATAL;
    } else {
        policy_record_body(buf_view(&yaml), &body);
        status = control_append(daemon->settings, "policy", buf_view(&body), homes, ret_why);
    }
    buf_done(&yaml);
    buf_done(&body);
    return status;
}

static void log_lines(enum log_level level, const char *msg, const struct buf *lines)
{
    size_t begin = 0;
    for (size_t i = 0; i < lines->len; i++) {
        if (lines->data[i] == '\n') {
            log_write(level, msg, " what=\"%.*s\"", (int)(i - begin), lines->data + begin);
            begin = i + 1;
        }
    }
}
