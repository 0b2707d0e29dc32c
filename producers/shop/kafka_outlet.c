/* SPDX-License-Identifier: MIT */
/* The way to Kafka: an idempotent producer, opened, served and ended. */
#include "producers/shop/kafka_outlet.h"

#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_member.h"

#include <errno.h>
#include <stdio.h>

#define ANSWER_MS     10000 /* how long Kafka may take to say that it is there */
#define LAST_WORDS_US 5000000
#define FILE_BUFFER   (256 * 1024)

static bool open_client(struct kafka_outlet *kafka);
static bool find_topics(struct kafka_outlet *kafka);
static bool wait_in_kafka(struct outlet *outlet, int64_t until_us);
static bool finish_kafka(struct outlet *outlet, int64_t last_time_ms);
static void close_kafka(struct outlet *outlet);

bool kafka_outlet_open(const struct options *options, const struct settings *settings,
                       struct outlet **ret_outlet, char *ret_error)
{
    struct kafka_outlet *kafka = mem_zalloc(sizeof *kafka);
    struct outlet *outlet = &kafka->outlet;
    *outlet = (struct outlet){
        .send = kafka_outlet_send, .wait = wait_in_kafka, .finish = finish_kafka, .close = close_kafka};
    kafka->options = options;
    kafka->settings = settings;
    bool opened = open_client(kafka) && find_topics(kafka);
    if (opened && (options->hold_back > 0 || options->end_of_time)) {
        opened = hold_back_open(settings, options->hold_back, &kafka->hold_back, outlet->error);
    }
    if (opened && options->acknowledged != NULL) {
        kafka->acknowledged = fopen(options->acknowledged, "we");
        opened = kafka->acknowledged != NULL;
        if (opened) {
            (void)setvbuf(kafka->acknowledged, NULL, _IOFBF, FILE_BUFFER);
        } else {
            snprintf(outlet->error, sizeof outlet->error, "%.300s cannot be written: %s",
                     options->acknowledged, strerror(errno));
        }
    }
    if (!opened) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%s", outlet->error);
        close_kafka(outlet);
        return false;
    }
    *ret_outlet = outlet;
    return true;
}

static void close_kafka(struct outlet *outlet)
{
    struct kafka_outlet *kafka = (struct kafka_outlet *)outlet;
    if (kafka->acknowledged != NULL) {
        (void)fclose(kafka->acknowledged);
    }
    hold_back_close(kafka->hold_back);
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        if (kafka->topics[type] != NULL) {
            rd_kafka_topic_destroy(kafka->topics[type]);
        }
    }
    if (kafka->home_log != NULL) {
        rd_kafka_topic_destroy(kafka->home_log);
    }
    if (kafka->client.rk != NULL) {
        (void)rd_kafka_purge(kafka->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    kafka_client_close(&kafka->client);
    buf_done(&kafka->line);
    mem_free(kafka);
}

static bool open_client(struct kafka_outlet *kafka)
{
    rd_kafka_conf_t *conf = NULL;
    kafka->client.owner = kafka;
    if (kafka_client_begin(&kafka->client, "shop", kafka->settings, kafka->outlet.error, &conf) !=
        STATUS_OK) {
        return false;
    }
    kafka_conf_set(conf, "enable.idempotence", "true");

    /* A customer's home is the Java client's partition for the id. */
    kafka_conf_set(conf, "partitioner", "murmur2");
    kafka_conf_default(conf, kafka->settings, "linger.ms", "5");
    kafka_conf_default(conf, kafka->settings, "queue.buffering.max.messages", "200000");
    rd_kafka_conf_set_dr_msg_cb(conf, kafka_outlet_delivered);
    return kafka_client_open(&kafka->client, RD_KAFKA_PRODUCER, conf, kafka->outlet.error) == STATUS_OK;
}

/* ---- topics */

static const struct rd_kafka_metadata_topic *find_topic(const struct rd_kafka_metadata *metadata,
                                                        const char *name)
{
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        if (strcmp(topic->topic, name) == 0 && topic->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            return topic;
        }
    }
    return NULL;
}

/* NULL: outlet.error says what is wrong. */
static rd_kafka_topic_t *open_topic(struct kafka_outlet *kafka, const struct rd_kafka_metadata *metadata,
                                    const char *name)
{
    char *error = kafka->outlet.error;
    if (name == NULL) {
        snprintf(error, SHOP_ERROR_SIZE,
                 "the settings name no feeder; send straight to the home log: --to home-log");
        return NULL;
    }
    if (find_topic(metadata, name) == NULL) {
        snprintf(error, SHOP_ERROR_SIZE, "Kafka has no topic %.200s; make the topics with loyalctl first",
                 name);
        return NULL;
    }
    rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka->client.rk, name, NULL);
    if (topic == NULL) {
        (void)kafka_fail(error, rd_kafka_last_error(), "a topic cannot be named", name);
    }
    return topic;
}

/* Asks for all topics, since asking for one may make it, with the wrong number of homes. */
static bool find_topics(struct kafka_outlet *kafka)
{
    const struct rd_kafka_metadata *metadata = NULL;
    const char *home_log = kafka->settings->topics_home_log;
    rd_kafka_resp_err_t code = rd_kafka_metadata(kafka->client.rk, 1, NULL, &metadata, ANSWER_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char words[KAFKA_ERROR_SIZE];
        kafka_client_words(&kafka->client, words);
        snprintf(kafka->outlet.error, SHOP_ERROR_SIZE, "Kafka does not answer: %s",
                 words[0] != '\0' ? words : rd_kafka_err2str(code));
        return false;
    }
    bool found = true;
    for (int type = 0; type < EVENT_TYPE_COUNT && found; type++) {
        const char *name = outlet_topic(kafka->options, kafka->settings, (enum event_type)type);
        kafka->topics[type] = open_topic(kafka, metadata, name);
        found = kafka->topics[type] != NULL;
    }
    if (found && kafka->options->to_home_log) {
        kafka->homes = find_topic(metadata, home_log)->partition_cnt;
        kafka->home_log = open_topic(kafka, metadata, home_log);
        found = kafka->home_log != NULL;
    }
    rd_kafka_metadata_destroy(metadata);
    return found;
}

/* ---- waiting */

bool kafka_outlet_serve(struct kafka_outlet *kafka, int timeout_ms)
{
    char words[KAFKA_ERROR_SIZE];
    (void)rd_kafka_poll(kafka->client.rk, timeout_ms);
    enum status status = kafka_client_health(&kafka->client, words);
    if (status == STATUS_AWAY && !kafka->told_away) {
        fprintf(stderr, "loyald-shop: waiting for Kafka: %s\n", words);
        kafka->told_away = true;
    } else if (status != STATUS_OK && status != STATUS_AWAY && !kafka->failed) {
        snprintf(kafka->outlet.error, SHOP_ERROR_SIZE, "%s", words);
        kafka->failed = true;
    }
    return !kafka->failed;
}

bool kafka_outlet_flush(struct kafka_outlet *kafka)
{
    int64_t give_up_us = INT64_MAX;
    (void)rd_kafka_flush(kafka->client.rk, 0); /* what lingers goes out now */
    while (rd_kafka_outq_len(kafka->client.rk) > 0) {
        if (shop_is_stopping() && give_up_us == INT64_MAX) {
            give_up_us = clock_monotonic_us() + LAST_WORDS_US;
        }
        if (!kafka_outlet_serve(kafka, 100)) {
            return false;
        }
        if (clock_monotonic_us() > give_up_us) {
            snprintf(kafka->outlet.error, SHOP_ERROR_SIZE, "Kafka has not acknowledged all of it");
            kafka->failed = true;
            return false;
        }
    }
    return !kafka->failed;
}

bool kafka_outlet_wait_done(struct kafka_outlet *kafka)
{
    bool done = false;
    while (kafka_outlet_flush(kafka) && !done && !shop_is_stopping()) {
        if (!hold_back_look_done(kafka->hold_back, &done, kafka->outlet.error)) {
            kafka->failed = true;
        } else if (!done) {
            (void)kafka_outlet_serve(kafka, LOOK_MS);
        }
    }
    return !kafka->failed;
}

static bool wait_in_kafka(struct outlet *outlet, int64_t until_us)
{
    struct kafka_outlet *kafka = (struct kafka_outlet *)outlet;
    for (;;) {
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0 || shop_is_stopping()) {
            return true;
        }
        if (!kafka_outlet_serve(kafka, left_us > 100000 ? 100 : (int)(left_us + 999) / 1000)) {
            return false;
        }
    }
}

/* An import ends with the first midnight (UTC) that no event is later than. */
static bool finish_kafka(struct outlet *outlet, int64_t last_time_ms)
{
    struct kafka_outlet *kafka = (struct kafka_outlet *)outlet;
    bool done = kafka->options->end_of_time ? kafka_outlet_wait_done(kafka) : kafka_outlet_flush(kafka);
    if (done && kafka->options->end_of_time && !shop_is_stopping()) {
        int64_t end_ms = (last_time_ms / DAY_MS + 1) * DAY_MS;
        for (int32_t home = 0; home < kafka->homes && done; home++) {
            done = kafka_outlet_send_end(kafka, home, end_ms);
        }
        done = done && kafka_outlet_flush(kafka);
    }
    if (done && kafka->acknowledged != NULL && fflush(kafka->acknowledged) != 0) {
        snprintf(outlet->error, sizeof outlet->error, "%.300s cannot be written: %s",
                 kafka->options->acknowledged, strerror(errno));
        done = false;
    }
    return done;
}
