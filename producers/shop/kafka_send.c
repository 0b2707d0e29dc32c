/* SPDX-License-Identifier: MIT */
/* Sends events, and hears from Kafka what became of them. */
#include "producers/shop/kafka_outlet.h"

#include <errno.h>
#include <stdio.h>

#define SERVE_EACH 256 /* events between two looks at what was acknowledged */

static bool let_launches_pass(struct kafka_outlet *kafka, const struct shop_event *event);
static bool make_room(struct kafka_outlet *kafka);
static bool is_queue_full(rd_kafka_resp_err_t code);
static void write_acknowledged(struct kafka_outlet *kafka, const rd_kafka_message_t *message);

bool kafka_outlet_send(struct outlet *outlet, const struct shop_event *event)
{
    static const char content_type[] = "application/cloudevents+json";
    struct kafka_outlet *kafka = (struct kafka_outlet *)outlet;
    enum delivery delivery = event->malformed ? DELIVERY_MALFORMED : DELIVERY_EVENT;
    if ((kafka->options->end_of_time && !let_launches_pass(kafka, event)) ||
        (kafka->options->hold_back > 0 && !make_room(kafka))) {
        return !kafka->failed; /* told to end: the event was not sent */
    }
    rd_kafka_resp_err_t code;
    while (is_queue_full(
        code = rd_kafka_producev(kafka->client.rk, RD_KAFKA_V_RKT(kafka->topics[event->type]),
                                 RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
                                 RD_KAFKA_V_KEY(event->key.data, event->key.len),
                                 RD_KAFKA_V_VALUE((void *)(intptr_t)event->body.data, event->body.len),
                                 RD_KAFKA_V_HEADER("content-type", content_type, sizeof content_type - 1),
                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_OPAQUE((void *)(intptr_t)delivery), RD_KAFKA_V_END))) {
        if (!kafka_outlet_serve(kafka, 100) || shop_is_stopping()) {
            return !kafka->failed;
        }
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)kafka_fail(outlet->error, code, "an event cannot be sent", NULL);
        kafka->failed = true;
        return false;
    }
    outlet->sent++;
    return outlet->sent % SERVE_EACH != 0 || kafka_outlet_serve(kafka, 0);
}

bool kafka_outlet_send_end(struct kafka_outlet *kafka, int32_t home, int64_t time_ms)
{
    char header[64], body[64];
    int header_len = snprintf(header, sizeof header, "end %d 1", (int)home);
    int body_len = snprintf(body, sizeof body, "{\"time\":%lld}", (long long)time_ms);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        kafka->client.rk, RD_KAFKA_V_RKT(kafka->home_log), RD_KAFKA_V_PARTITION(home),
        RD_KAFKA_V_VALUE(body, (size_t)body_len), RD_KAFKA_V_HEADER("loyald-control", header, header_len),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
        RD_KAFKA_V_OPAQUE((void *)(intptr_t)DELIVERY_CONTROL), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)kafka_fail(kafka->outlet.error, code, "the end of time cannot be sent", NULL);
        kafka->failed = true;
    }
    return !kafka->failed;
}

/* On the shop's own thread, from rd_kafka_poll and rd_kafka_flush. */
void kafka_outlet_delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)opaque;
    struct kafka_outlet *kafka = kafka_client_of(rk)->owner;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (!kafka->failed) {
            (void)kafka_fail(kafka->outlet.error, message->err, "an event was not acknowledged", NULL);
        }
        kafka->failed = true;
        return;
    }
    if ((intptr_t)message->_private != DELIVERY_CONTROL) {
        kafka->outlet.acknowledged++;
        if (kafka->acknowledged != NULL) {
            write_acknowledged(kafka, message);
        }
    }
}

static void write_acknowledged(struct kafka_outlet *kafka, const rd_kafka_message_t *message)
{
    struct buf *line = &kafka->line;
    buf_reset(line);
    buf_slice(line, SLICE("{\"topic\":\""));
    buf_text(line, rd_kafka_topic_name(message->rkt));
    buf_slice(line, SLICE("\",\"partition\":"));
    buf_int(line, message->partition);
    buf_slice(line, SLICE(",\"offset\":"));
    buf_int(line, message->offset);
    buf_char(line, ',');
    outlet_describe(line, (struct slice){.data = message->key, .len = message->key_len},
                    (struct slice){.data = message->payload, .len = message->len},
                    (intptr_t)message->_private == DELIVERY_MALFORMED);
    buf_slice(line, SLICE("}\n"));
    if (fwrite(line->data, 1, line->len, kafka->acknowledged) != line->len && !kafka->failed) {
        snprintf(kafka->outlet.error, SHOP_ERROR_SIZE, "%.300s cannot be written: %s",
                 kafka->options->acknowledged, strerror(errno));
        kafka->failed = true;
    }
}

/* In an import the log's order is time. What loyald appends for a launch, for all customers who care, must
 * stand behind all that happened before the launch, and before all that happened after it. */
static bool let_launches_pass(struct kafka_outlet *kafka, const struct shop_event *event)
{
    bool was_launch = kafka->launched;
    kafka->launched = event->type == EVENT_PRODUCT_LAUNCHED;
    return !(was_launch || kafka->launched) || (kafka_outlet_wait_done(kafka) && !shop_is_stopping());
}

/* Waits while loyald is too far behind. False: it cannot go on, or the shop is to end. */
static bool make_room(struct kafka_outlet *kafka)
{
    bool looked = false;
    while (!hold_back_take(kafka->hold_back)) {
        if (shop_is_stopping() ||
            !(looked ? kafka_outlet_serve(kafka, LOOK_MS) : kafka_outlet_flush(kafka))) {
            return false;
        }
        looked = true;
        if (!hold_back_look(kafka->hold_back, kafka->outlet.error)) {
            kafka->failed = true;
            return false;
        }
    }
    return true;
}

static bool is_queue_full(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
}
