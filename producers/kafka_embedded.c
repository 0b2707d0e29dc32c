/* SPDX-License-Identifier: MIT */
/* The broker inside this process. */
#include "producers/kafka_embedded.h"

#include "common/mem.h"
#include "producers/kafka_client.h"
#include "producers/kafka_topics.h"

#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>

struct kafka_embedded {
    struct kafka_client client; /* the mock cluster lives in a client, which is used for nothing else */
    rd_kafka_mock_cluster_t *cluster;
};

static enum status make_topics(struct kafka_embedded *embedded, const struct settings *settings,
                               int32_t homes, char *ret_error);
static void settle(struct kafka_embedded *embedded);

enum status kafka_embedded_open(const struct settings *settings, int32_t homes, char *ret_error,
                                struct kafka_embedded **ret_embedded)
{
    /* What the settings say of a cluster elsewhere, its encryption for one, is not for this client. */
    const struct settings none = {.kafka = {.count = 0}};
    struct kafka_embedded *embedded = mem_zalloc(sizeof *embedded);
    rd_kafka_conf_t *conf = NULL;
    enum status status = kafka_client_begin(&embedded->client, "embedded", &none, ret_error, &conf);
    if (status == STATUS_OK) {
        kafka_conf_set(conf, "bootstrap.servers", "");
        status = kafka_client_open(&embedded->client, RD_KAFKA_PRODUCER, conf, ret_error);
    }
    if (status == STATUS_OK) {
        embedded->cluster = rd_kafka_mock_cluster_new(embedded->client.rk, 1);
        if (embedded->cluster == NULL) {
            snprintf(ret_error, KAFKA_ERROR_SIZE, "the embedded Kafka cannot listen on 127.0.0.1");
            status = STATUS_FATAL;
        } else {
            rd_kafka_brokers_add(embedded->client.rk, kafka_embedded_bootstrap(embedded));
            status = make_topics(embedded, settings, homes, ret_error);
        }
    }
    if (status != STATUS_OK) {
        kafka_embedded_close(embedded);
        return status;
    }
    *ret_embedded = embedded;
    return STATUS_OK;
}

void kafka_embedded_close(struct kafka_embedded *embedded)
{
    if (embedded == NULL) {
        return;
    }
    if (embedded->cluster != NULL) {
        settle(embedded);
        rd_kafka_mock_cluster_destroy(embedded->cluster);
    }
    kafka_client_close(&embedded->client);
    mem_free(embedded);
}

const char *kafka_embedded_bootstrap(const struct kafka_embedded *embedded)
{
    return rd_kafka_mock_cluster_bootstraps(embedded->cluster);
}

static enum status make_topics(struct kafka_embedded *embedded, const struct settings *settings,
                               int32_t homes, char *ret_error)
{
    struct topic_plans plans;
    topic_plans_init(&plans, settings, homes);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plans.count && status == STATUS_OK; i++) {
        settle(embedded);
        rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(embedded->cluster, plans.items[i].name,
                                                              (int)plans.items[i].partitions, 1);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            status = kafka_fail(ret_error, code, "a topic of the embedded Kafka cannot be made",
                                plans.items[i].name);
        }
    }
    topic_plans_done(&plans);
    return status;
}

/* librdkafka 2.0.2: the cluster's thread serves the calls made to it, then empties the pipe that wakes it. A
 * call that comes between the two is seen only a second later. So each is preceded by a question over the
 * network: when that is answered the pipe has been emptied. */
static void settle(struct kafka_embedded *embedded)
{
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(embedded->client.rk, 1, NULL, &metadata, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(metadata);
    }
}
