/* SPDX-License-Identifier: MIT */
/* Where the shop's events go: to Kafka, or to standard output. Knows no Kafka library. */
#ifndef PRODUCERS_SHOP_OUTLET_H
#define PRODUCERS_SHOP_OUTLET_H

#include "config/settings.h"
#include "producers/shop/options.h"
#include "producers/shop/stream.h"

struct outlet {
    /* All of them: false means that it cannot go on, and error says why. */
    bool (*send)(struct outlet *outlet, const struct shop_event *event);
    bool (*wait)(struct outlet *outlet, int64_t until_us);       /* on the monotonic clock, while serving */
    bool (*finish)(struct outlet *outlet, int64_t last_time_ms); /* until all of it is acknowledged */
    void (*close)(struct outlet *outlet);
    int64_t sent, acknowledged; /* events */
    char error[SHOP_ERROR_SIZE];
};

/* The settings and the options are borrowed. */
bool kafka_outlet_open(const struct options *options, const struct settings *settings,
                       struct outlet **ret_outlet, char *ret_error);
struct outlet *print_outlet_open(const struct options *options, const struct settings *settings);

/* The topic for an event: the home log, or the feeder whose name has the word for it (such as "purchases"),
 * or else the first feeder. NULL: the settings have no feeder. */
const char *outlet_topic(const struct options *options, const struct settings *settings,
                         enum event_type type);

/* `"key":"...","event":{...}`, or, for what is broken and may not even be text, `"key":"...","hex":"..."`. */
void outlet_describe(struct buf *buf, struct slice key, struct slice body, bool malformed);

/* Set when the shop is told to end: every wait looks at it. */
bool shop_is_stopping(void);

#endif
