/* SPDX-License-Identifier: MIT */
/* What kafka_broker.c and kafka_records.c share. */
#ifndef TESTS_FAKES_KAFKA_BROKER_PRIVATE_H
#define TESTS_FAKES_KAFKA_BROKER_PRIVATE_H

#include "tests/fakes/kafka_broker.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

struct kafka_broker {
    char *prefix;
    char *dir; /* of a broker of its own; NULL: shared */
    char *bootstrap;
    char **names; /* given out by kafka_broker_topic */
    size_t name_count, name_capacity;
    rd_kafka_t *producer;
    rd_kafka_queue_t *answers;
};

/* Ends the program with a sentence unless fine. */
void kafka_must(bool fine, const char *format, ...) __attribute__((format(printf, 2, 3)));

void kafka_set(rd_kafka_conf_t *conf, const char *name, const char *value);

/* Of a topic all of whose partitions have a leader; 0: there is none. */
int32_t kafka_partitions(struct kafka_broker *broker, const char *topic);

#endif
