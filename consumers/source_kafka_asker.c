/* SPDX-License-Identifier: MIT */
/* A second consumer, which joins no group, for questions about logs and for reading the topic of skips. On
 * the first one's connections a question waits behind the fetch that a broker holds open, up to
 * fetch.wait.max.ms each; and a worker asks for every home that recovers, while its others run. Opened when
 * first needed. */
#include "consumers/source_kafka_parts.h"

#include <stdio.h>

static enum status ask_end(struct source_kafka *kafka, const char *topic, int32_t number, int64_t end,
                           int64_t deadline_us, int64_t *ret_offset);

enum status asker_open(struct source_kafka *kafka)
{
    if (kafka->asker.rk != NULL) {
        return STATUS_OK;
    }
    rd_kafka_conf_t *conf = NULL;
    enum status status =
        kafka_client_begin(&kafka->asker, "asker", kafka->settings, kafka->source.error, &conf);
    if (status != STATUS_OK) {
        return status;
    }
    kafka_conf_set(conf, "group.id", kafka->group); /* librdkafka wants one for rd_kafka_assign */
    kafka_conf_set(conf, "isolation.level", "read_committed");
    kafka_conf_set(conf, "enable.auto.commit", "false");
    kafka_conf_set(conf, "auto.offset.reset", "error");
    kafka_conf_set(conf, "enable.partition.eof", "true");
    return kafka_client_open(&kafka->asker, RD_KAFKA_CONSUMER, conf, kafka->source.error);
}

/* Kafka's special time stamps -2 and -1 ask for the two ends, as rd_kafka_query_watermark_offsets does; but
 * that one does not return while no broker answers, whatever its time-out. */
enum status asker_ends(struct source_kafka *kafka, const char *topic, int32_t number, int64_t deadline_us,
                       struct bounds *ret_bounds)
{
    struct bounds bounds = {0};
    enum status status = asker_open(kafka);
    if (status == STATUS_OK) {
        status = ask_end(kafka, topic, number, RD_KAFKA_OFFSET_BEGINNING, deadline_us, &bounds.start);
    }
    if (status == STATUS_OK) {
        status = ask_end(kafka, topic, number, RD_KAFKA_OFFSET_END, deadline_us, &bounds.end);
    }
    if (status == STATUS_OK) {
        *ret_bounds = bounds;
    }
    return status;
}

static enum status ask_end(struct source_kafka *kafka, const char *topic, int32_t number, int64_t end,
                           int64_t deadline_us, int64_t *ret_offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *answer = rd_kafka_topic_partition_list_add(list, topic, number);
    answer->offset = end;
    rd_kafka_resp_err_t code =
        rd_kafka_offsets_for_times(kafka->asker.rk, list, kafka_left_ms(deadline_us) + 1);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = answer->err;
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && answer->offset < 0) {
        code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    }
    int64_t offset = answer->offset;
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char what[KAFKA_ERROR_SIZE];
        snprintf(what, sizeof what, "asking for the ends of %.40s [%d]", topic, (int)number);
        return kafka_fail(kafka->source.error, code, what, NULL);
    }
    *ret_offset = offset;
    return STATUS_OK;
}
