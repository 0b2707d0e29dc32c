/* SPDX-License-Identifier: MIT */
/* The topics of an installation, made from the settings in one place: what loyalctl makes, what the check at
 * start compares with, and what the embedded broker gets. Knows no Kafka library. */
#ifndef PRODUCERS_KAFKA_TOPICS_H
#define PRODUCERS_KAFKA_TOPICS_H

#include "config/settings.h"

#include <stddef.h>
#include <stdint.h>

enum topic_role { TOPIC_HOME_LOG, TOPIC_FEEDER, TOPIC_OUTPUT, TOPIC_SKIPS };

struct topic_plan {
    const char *name; /* borrowed from the settings */
    enum topic_role role;
    int32_t partitions; /* when it is made; only the home log and the skips are held to it afterwards */
};

struct topic_plans {
    struct topic_plan *items;
    size_t count;
};

/* The home log first, then the feeders in their order, then what goes out. homes: of the home log; the topics
 * that need no more for their order get min(homes, 8) partitions. */
void topic_plans_init(struct topic_plans *plans, const struct settings *settings, int32_t homes);
void topic_plans_done(struct topic_plans *plans);

/* For sentences: "the home log", "a feeder", ... */
const char *topic_role_name(enum topic_role role);

#endif
