/* SPDX-License-Identifier: MIT */
#include "producers/kafka_partitions.h"

#include <stdio.h>
#include <string.h>

enum status kafka_partitions_of(struct kafka_client *client, const char *topic, int timeout_ms,
                                char *ret_error, int32_t *ret_partitions)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client->rk, 1, NULL, &metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_client_fail(client, ret_error, code, "Kafka does not list its topics", NULL);
    }
    int32_t partitions = kafka_partitions_listed(metadata, topic);
    rd_kafka_metadata_destroy(metadata);
    if (partitions == 0) {
        snprintf(ret_error, KAFKA_ERROR_SIZE,
                 "there is no topic %.150s; `loyalctl topics create` makes those of the settings", topic);
        return STATUS_FATAL;
    }
    *ret_partitions = partitions;
    return STATUS_OK;
}

int32_t kafka_partitions_listed(const struct rd_kafka_metadata *metadata, const char *topic)
{
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, topic) == 0) {
            return (int32_t)metadata->topics[i].partition_cnt;
        }
    }
    return 0;
}
