/* SPDX-License-Identifier: MIT */
/* Runs tests/broker/broker, and makes and deletes topics. Records are in kafka_records.c. */
#include "tests/fakes/kafka_broker_private.h"

#include "common/clock.h"
#include "common/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 30000

static struct kafka_broker *make(const char *prefix);
static void start_own(struct kafka_broker *broker);
static void make_producer(struct kafka_broker *broker);
static char *shared_address(void);
static void run_script(const char *verb, const char *dir, char *ret_line, size_t size);

struct kafka_broker *kafka_broker_open(const char *prefix)
{
    struct kafka_broker *broker = make(prefix);
    broker->bootstrap = shared_address();
    if (broker->bootstrap == NULL) {
        start_own(broker);
    }
    make_producer(broker);
    return broker;
}

struct kafka_broker *kafka_broker_open_own(const char *prefix)
{
    struct kafka_broker *broker = make(prefix);
    start_own(broker);
    make_producer(broker);
    return broker;
}

void kafka_broker_close(struct kafka_broker *broker)
{
    if (broker == NULL) {
        return;
    }
    rd_kafka_queue_destroy(broker->answers);
    rd_kafka_destroy(broker->producer);
    if (broker->dir != NULL) {
        run_script("drop", broker->dir, NULL, 0);
    }
    for (size_t i = 0; i < broker->name_count; i++) {
        mem_free(broker->names[i]);
    }
    mem_free(broker->names);
    mem_free(broker->prefix);
    mem_free(broker->dir);
    mem_free(broker->bootstrap);
    mem_free(broker);
}

const char *kafka_broker_bootstrap(const struct kafka_broker *broker)
{
    return broker->bootstrap;
}

const char *kafka_broker_topic(struct kafka_broker *broker, const char *name)
{
    char full[200];
    snprintf(full, sizeof full, "%s.%s", broker->prefix, name);
    for (size_t i = 0; i < broker->name_count; i++) {
        if (strcmp(broker->names[i], full) == 0) {
            return broker->names[i];
        }
    }
    MEM_GROW(broker->names, broker->name_count, broker->name_capacity);
    broker->names[broker->name_count] = mem_strdup(full);
    return broker->names[broker->name_count++];
}

void kafka_broker_kill(struct kafka_broker *broker)
{
    kafka_must(broker->dir != NULL, "a shared broker is not killed");
    run_script("kill", broker->dir, NULL, 0);
}

void kafka_broker_restart(struct kafka_broker *broker)
{
    kafka_must(broker->dir != NULL, "a shared broker is not restarted");
    run_script("start", broker->dir, NULL, 0);
}

void kafka_broker_pause(struct kafka_broker *broker)
{
    kafka_must(broker->dir != NULL, "a shared broker is not paused");
    run_script("pause", broker->dir, NULL, 0);
}

void kafka_broker_resume(struct kafka_broker *broker)
{
    kafka_must(broker->dir != NULL, "a shared broker is not resumed");
    run_script("resume", broker->dir, NULL, 0);
}

void kafka_must(bool fine, const char *format, ...)
{
    if (fine) {
        return;
    }
    va_list args;
    va_start(args, format);
    fputs("the test's Kafka: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

/* ---- settings */

/* A file with what only a file can say. */
static void write_file(const struct kafka_broker *broker, char *path)
{
    int file = mkstemp(path);
    kafka_must(file >= 0, "%s cannot be made", path);
    FILE *stream = fdopen(file, "w");
    fprintf(stream, "kafka:\n  bootstrap.servers: \"%s\"\n", broker->bootstrap);
    fclose(stream);
}

struct settings *kafka_broker_settings(struct kafka_broker *broker, const char *const *environment)
{
    static const char *const topics[][2] = {
        {"HOME_LOG",     "events"      },
        {"FEEDERS",      "purchases"   },
        {"TRIGGERS",     "triggers"    },
        {"DECISIONS",    "decisions"   },
        {"DEAD_LETTERS", "dead-letters"},
        {"SKIPS",        "skips"       },
    };
    char lines[sizeof topics / sizeof topics[0]][250];
    char *merged[64];
    size_t count = 0;
    /* The first of two of one name wins in an environment. */
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        merged[count++] = (char *)environment[i];
    }
    kafka_must(count < 50, "too many settings");
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        snprintf(lines[i], sizeof lines[i], "LOYALD_TOPICS_%s=%s", topics[i][0],
                 kafka_broker_topic(broker, topics[i][1]));
        size_t name_len = strcspn(lines[i], "=") + 1;
        bool given = false;
        for (size_t j = 0; environment != NULL && environment[j] != NULL; j++) {
            given |= strncmp(environment[j], lines[i], name_len) == 0;
        }
        if (!given) {
            merged[count++] = lines[i];
        }
    }
    merged[count] = NULL;

    char path[] = "/tmp/loyald-test-XXXXXX";
    write_file(broker, path);
    struct buf problems = {0};
    struct settings *settings = NULL;
    bool fine = settings_load(path, merged, &problems, &settings);
    unlink(path);
    kafka_must(fine, "settings: %.*s", SLICE_ARG(buf_view(&problems)));
    buf_done(&problems);
    return settings;
}

/* ---- the script */

static struct kafka_broker *make(const char *prefix)
{
    struct kafka_broker *broker = mem_zalloc(sizeof *broker);
    char unique[128];
    snprintf(unique, sizeof unique, "%s-%llx", prefix,
             (unsigned long long)clock_monotonic_us() ^ (unsigned)getpid());
    broker->prefix = mem_strdup(unique);
    return broker;
}

/* Returns owned; NULL: no broker is shared. */
static char *shared_address(void)
{
    const char *given = getenv("LOYALD_TEST_KAFKA");
    if (given == NULL || given[0] == '\0') {
        return NULL;
    }
    if (strchr(given, '/') == NULL) {
        return mem_strdup(given);
    }
    char line[100] = "";
    FILE *file = fopen(given, "r");
    kafka_must(file != NULL && fgets(line, sizeof line, file) != NULL, "%s holds no address", given);
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return mem_strdup(line);
}

static void start_own(struct kafka_broker *broker)
{
    char dir[] = "/tmp/loyald-kafka-XXXXXX";
    kafka_must(mkdtemp(dir) != NULL, "%s cannot be made", dir);
    broker->dir = mem_strdup(dir);
    char line[100];
    run_script("start", dir, line, sizeof line);
    broker->bootstrap = mem_strdup(line);
}

static void run_script(const char *verb, const char *dir, char *ret_line, size_t size)
{
    char command[500];
    snprintf(command, sizeof command, "LOYALD_TEST_OWNER=%d '%s/tests/broker/broker' %s '%s'", (int)getpid(),
             SOURCE_DIR, verb, dir);
    FILE *script = popen(command, "r");
    kafka_must(script != NULL, "the shell cannot be started");
    char line[100] = "";
    bool answered = fgets(line, sizeof line, script) != NULL;
    int outcome = pclose(script);
    kafka_must(outcome == 0, "`broker %s` failed", verb);
    if (ret_line != NULL) {
        kafka_must(answered, "`broker %s` gave no address", verb);
        line[strcspn(line, "\n")] = '\0';
        snprintf(ret_line, size, "%s", line);
    }
}

/* ---- topics */

static void make_producer(struct kafka_broker *broker)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    kafka_set(conf, "bootstrap.servers", broker->bootstrap);
    kafka_set(conf, "linger.ms", "0");
    kafka_set(conf, "log_level", "0");
    kafka_set(conf, "reconnect.backoff.max.ms", "200");
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    broker->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    kafka_must(broker->producer != NULL, "no producer: %s", error);
    broker->answers = rd_kafka_queue_new(broker->producer);
}

void kafka_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char error[256];
    kafka_must(rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK, "%s", error);
}

/* All topics are asked for: asking for one could make it. */
int32_t kafka_partitions(struct kafka_broker *broker, const char *topic)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(broker->producer, 1, NULL, &metadata, PATIENCE_MS);
    kafka_must(code == RD_KAFKA_RESP_ERR_NO_ERROR, "no metadata: %s", rd_kafka_err2str(code));
    int32_t partitions = 0;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *found = &metadata->topics[i];
        bool led = strcmp(found->topic, topic) == 0;
        for (int p = 0; led && p < found->partition_cnt; p++) {
            led = found->partitions[p].leader >= 0;
        }
        if (led) {
            partitions = found->partition_cnt;
        }
    }
    rd_kafka_metadata_destroy(metadata);
    return partitions;
}

static void wait_for_partitions(struct kafka_broker *broker, const char *topic, int32_t wanted)
{
    int64_t deadline_us = clock_monotonic_us() + PATIENCE_MS * 1000LL;
    while (kafka_partitions(broker, topic) != wanted) {
        kafka_must(clock_monotonic_us() < deadline_us, "topic %s does not come to %d partitions", topic,
                   (int)wanted);
        rd_kafka_poll(broker->producer, 20);
    }
}

/* The one answer that is awaited has one topic. */
static void await_topic(struct kafka_broker *broker, const char *what, const char *topic,
                        const rd_kafka_topic_result_t **(*results)(rd_kafka_event_t *, size_t *))
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(broker->answers, PATIENCE_MS);
    kafka_must(event != NULL, "topic %s was not %s in time", topic, what);
    kafka_must(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, "topic %s was not %s: %s", topic,
               what, rd_kafka_event_error_string(event));
    size_t count = 0;
    const rd_kafka_topic_result_t **list = results(event, &count);
    kafka_must(count == 1 && rd_kafka_topic_result_error(list[0]) == RD_KAFKA_RESP_ERR_NO_ERROR,
               "topic %s was not %s: %s", topic, what, rd_kafka_topic_result_error_string(list[0]));
    rd_kafka_event_destroy(event);
}

static const rd_kafka_topic_result_t **created(rd_kafka_event_t *event, size_t *ret_count)
{
    return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), ret_count);
}

static const rd_kafka_topic_result_t **deleted(rd_kafka_event_t *event, size_t *ret_count)
{
    return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), ret_count);
}

void kafka_broker_make_topic(struct kafka_broker *broker, const char *topic, int32_t partitions,
                             const char *const *configs)
{
    char error[256];
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic, partitions, 1, error, sizeof error);
    kafka_must(made != NULL, "topic %s: %s", topic, error);
    for (size_t i = 0; configs != NULL && configs[i] != NULL; i += 2) {
        kafka_must(rd_kafka_NewTopic_set_config(made, configs[i], configs[i + 1]) ==
                       RD_KAFKA_RESP_ERR_NO_ERROR,
                   "topic %s: %s", topic, configs[i]);
    }
    rd_kafka_CreateTopics(broker->producer, &made, 1, NULL, broker->answers);
    rd_kafka_NewTopic_destroy(made);
    await_topic(broker, "made", topic, created);
    wait_for_partitions(broker, topic, partitions);
}

void kafka_broker_delete_topic(struct kafka_broker *broker, const char *topic)
{
    rd_kafka_DeleteTopic_t *gone = rd_kafka_DeleteTopic_new(topic);
    rd_kafka_DeleteTopics(broker->producer, &gone, 1, NULL, broker->answers);
    rd_kafka_DeleteTopic_destroy(gone);
    await_topic(broker, "deleted", topic, deleted);
    wait_for_partitions(broker, topic, 0);
}
