/* SPDX-License-Identifier: MIT */
/* The list of an installation's topics. */
#include "producers/kafka_topics.h"

#include "common/mem.h"

/* Enough for every worker of a usual cluster to have some; a topic can be given more at any time, but the
 * home log. */
#define MOST_PARTITIONS 8

static void add(struct topic_plans *plans, const char *name, enum topic_role role, int32_t partitions)
{
    plans->items[plans->count++] = (struct topic_plan){.name = name, .role = role, .partitions = partitions};
}

void topic_plans_init(struct topic_plans *plans, const struct settings *settings, int32_t homes)
{
    const size_t without_feeders = 5;
    int32_t some = homes < MOST_PARTITIONS ? homes : MOST_PARTITIONS;
    plans->count = 0;
    plans->items = mem_alloc((settings->topics_feeders.count + without_feeders) * sizeof *plans->items);
    add(plans, settings->topics_home_log, TOPIC_HOME_LOG, homes);
    for (size_t i = 0; i < settings->topics_feeders.count; i++) {
        add(plans, settings->topics_feeders.items[i], TOPIC_FEEDER, some);
    }
    add(plans, settings->topics_triggers, TOPIC_OUTPUT, some);
    add(plans, settings->topics_decisions, TOPIC_OUTPUT, some);
    add(plans, settings->topics_dead_letters, TOPIC_OUTPUT, some);
    add(plans, settings->topics_skips, TOPIC_SKIPS, 1);
}

void topic_plans_done(struct topic_plans *plans)
{
    mem_free(plans->items);
    plans->items = NULL;
    plans->count = 0;
}

const char *topic_role_name(enum topic_role role)
{
    static const char *const names[] = {
        [TOPIC_HOME_LOG] = "the home log",
        [TOPIC_FEEDER] = "a feeder",
        [TOPIC_OUTPUT] = "an output",
        [TOPIC_SKIPS] = "the skips",
    };
    return names[role];
}
