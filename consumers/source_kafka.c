/* SPDX-License-Identifier: MIT */
/* Opens and closes the consumer of one worker, and gives it the configuration that the promise needs. The
 * other files of the source (see source_kafka_parts.h) use it. */
#include "consumers/source_kafka.h"

#include "common/mem.h"
#include "consumers/source_kafka_parts.h"

#include <assert.h>
#include <stdio.h>

static enum status open_client(struct source_kafka *kafka, char *ret_error);
static enum status reopen(struct source *source);
static void close_source(struct source *source);

static const struct source_ops ops = {
    .close = close_source,
    .reopen = reopen,
    .take = take_records,
    .release = take_release,
    .assignment = group_assignment,
    .generation = group_generation,
    .committed = offsets_committed,
    .bounds = offsets_bounds,
    .start = group_start,
    .stop = group_stop,
    .end_seen = offsets_end_seen,
    .skips = skips_of_home,
};

enum status source_kafka_open(const struct settings *settings, const char *member, char *ret_error,
                              struct source **ret_source)
{
    struct source_kafka *kafka = mem_zalloc(sizeof *kafka);
    kafka->source.ops = &ops;
    kafka->settings = settings;
    kafka->member = mem_strdup(member);
    kafka->group = kafka_group_name(settings);
    kafka->skips_end = OFFSET_NONE;
    enum status status = open_client(kafka, ret_error);
    if (status != STATUS_OK) {
        close_source(&kafka->source);
        return status;
    }
    *ret_source = &kafka->source;
    return STATUS_OK;
}

struct source_kafka *source_kafka_of(struct source *source)
{
    return (struct source_kafka *)source;
}

const char *source_kafka_topic(const struct source_kafka *kafka, int32_t topic)
{
    return settings_input_name(kafka->settings, (size_t)topic);
}

/* A static member sends no leave, and after a fatal error there is nothing to say; but the members of the
 * embedded Kafka are not static, and one that left without a word would be waited for. */
static void close_client(struct source_kafka *kafka)
{
    assert(kafka->lent == 0); /* records live in the client: they must be released before it goes */
    kafka->closing = true;
    if (kafka->client.rk != NULL) {
        if (kafka->settings->process_embedded) {
            rd_kafka_consumer_close(kafka->client.rk);
        }
        rd_kafka_queue_destroy(kafka->queue);
        kafka->queue = NULL;
    }
    kafka_client_close(&kafka->client); /* calls back with a deal that lay waiting */
    kafka_client_close(&kafka->asker);
    group_forget(kafka);
    kafka->closing = false;
    kafka->dealt = false;
}

static void close_source(struct source *source)
{
    struct source_kafka *kafka = source_kafka_of(source);
    close_client(kafka);
    mem_free(kafka->skips);
    mem_free(kafka->group);
    mem_free(kafka->member);
    mem_free(kafka);
}

static enum status reopen(struct source *source)
{
    struct source_kafka *kafka = source_kafka_of(source);
    close_client(kafka);
    return open_client(kafka, source->error);
}

/* What the promise depends on: see the design's rules 4 and 5. kafka_refused.def keeps people from these. */
static void promise(const struct source_kafka *kafka, rd_kafka_conf_t *conf)
{
    kafka_conf_set(conf, "group.id", kafka->group);
    kafka_conf_set(conf, "isolation.level", "read_committed");
    kafka_conf_set(conf, "enable.auto.commit", "false");
    kafka_conf_set(conf, "enable.auto.offset.store", "false");
    kafka_conf_set(conf, "auto.offset.reset", "error");
    kafka_conf_set(conf, "enable.partition.eof", "true"); /* for the lag: markers have offsets too */
    kafka_conf_set(conf, "retry.backoff.ms", "20");       /* how often a held back C is asked for */

    /* range would put partition 0 of every feeder on one worker; cooperative-sticky loses assignments when
     * something is committed during a rebalance (librdkafka #4059, #4800, #4528). */
    kafka_conf_set(conf, "partition.assignment.strategy", "roundrobin");
    if (!kafka->settings->process_embedded) {
        kafka_conf_set(conf, "group.instance.id", kafka->member);
    }
}

/* What makes it fast, within bounded memory. A person may know better. */
static void set_defaults(struct source_kafka *kafka, rd_kafka_conf_t *conf)
{
    static const struct {
        const char *name, *value, *embedded; /* embedded NULL: the same */
    } defaults[] = {
        {"session.timeout.ms",         "45000",   "6000"},
        {"fetch.wait.max.ms",          "100",     "10"  },
        {"fetch.error.backoff.ms",     "50",      NULL  },
        {"queued.min.messages",        "40000",   NULL  },
        {"queued.max.messages.kbytes", "8192",    NULL  },
        {"fetch.max.bytes",            "8388608", NULL  },
 /* As much of one home as a fetch may hold: of a backlog a batch then has one or two homes, in which
  * a customer occurs several times and is written once. */
        {"fetch.message.max.bytes",    "8388608", NULL  },
    };
    bool embedded = kafka->settings->process_embedded;
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        const char *value =
            embedded && defaults[i].embedded != NULL ? defaults[i].embedded : defaults[i].value;
        kafka_conf_default(conf, kafka->settings, defaults[i].name, value);
    }
    kafka->queue_wakes = rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "5", NULL, 0) == RD_KAFKA_CONF_OK;
}

static enum status subscribe(struct source_kafka *kafka, char *ret_error)
{
    size_t count = settings_input_count(kafka->settings);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(topics, settings_input_name(kafka->settings, i),
                                          RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(kafka->client.rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? STATUS_OK
                                              : kafka_fail(ret_error, code, "joining the group", NULL);
}

static enum status open_client(struct source_kafka *kafka, char *ret_error)
{
    rd_kafka_conf_t *conf = NULL;
    kafka->client.owner = kafka;
    enum status status = kafka_client_begin(&kafka->client, "source", kafka->settings, ret_error, &conf);
    if (status != STATUS_OK) {
        return status;
    }
    promise(kafka, conf);
    set_defaults(kafka, conf);
    rd_kafka_conf_set_rebalance_cb(conf, group_rebalance_cb);
    status = kafka_client_open(&kafka->client, RD_KAFKA_CONSUMER, conf, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    kafka->queue = rd_kafka_queue_get_consumer(kafka->client.rk);
    kafka->queue_peak = 0;
    return subscribe(kafka, ret_error);
}
