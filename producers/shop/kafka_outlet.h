/* SPDX-License-Identifier: MIT */
/* What the two halves of the way to Kafka share: kafka_outlet.c opens, ends and waits, kafka_send.c sends and
 * hears what became of it. A private header: it shows librdkafka's types. */
#ifndef PRODUCERS_SHOP_KAFKA_OUTLET_H
#define PRODUCERS_SHOP_KAFKA_OUTLET_H

#include "producers/kafka_client.h"
#include "producers/shop/hold_back.h"
#include "producers/shop/outlet.h"

#define LOOK_MS 20 /* between two looks at how far loyald is */

struct kafka_outlet {
    struct outlet outlet;
    const struct options *options;
    const struct settings *settings;
    struct kafka_client client;
    rd_kafka_topic_t
        *topics[EVENT_TYPE_COUNT]; /* one of its own for each type, also where the names are equal */
    rd_kafka_topic_t *home_log;
    int32_t homes;
    struct hold_back *hold_back; /* NULL: not asked for */
    bool launched;               /* the last event was a launch */
    FILE *acknowledged;          /* NULL: not asked for */
    struct buf line;
    bool failed; /* an event was refused, or the file cannot be written; outlet.error says which */
    bool told_away;
};

/* What a delivery report is about: rd_kafka_message_t's _private. */
enum delivery { DELIVERY_EVENT, DELIVERY_MALFORMED, DELIVERY_CONTROL };

bool kafka_outlet_send(struct outlet *outlet, const struct shop_event *event);
bool kafka_outlet_send_end(struct kafka_outlet *kafka, int32_t home, int64_t time_ms);
void kafka_outlet_delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque);

/* Serves the client until the deadline on the monotonic clock or until there is something to say. False: it
 * cannot go on. */
bool kafka_outlet_serve(struct kafka_outlet *kafka, int timeout_ms);
/* Until nothing is under way. */
bool kafka_outlet_flush(struct kafka_outlet *kafka);
/* And until loyald has done all of it, and all that came of it. True also when the shop is to end. */
bool kafka_outlet_wait_done(struct kafka_outlet *kafka);

#endif
