/* SPDX-License-Identifier: MIT */
/* One event by hand: what all kinds of events share. */
#ifndef CONSUMERS_CTL_SEND_H
#define CONSUMERS_CTL_SEND_H

#include "common/event.h"
#include "consumers/ctl/command.h"

/* The options that every kind has, at the end of its own. */
#define SEND_COMMON                                                                                          \
    {"time", OPTION_TEXT, "INSTANT", "when it happened, RFC 3339; default: when Kafka takes it"},            \
        {"id", OPTION_TEXT, "ID",                                                                            \
         "the event's id; made up if not given. The same id again changes nothing"},                         \
        {"source", OPTION_TEXT, "SOURCE", "the event's source; default: /loyalctl"},                         \
        {"to", OPTION_TEXT, "TOPIC", "a feeder; default: the home log"},                                     \
        {"dry-run", OPTION_FLAG, NULL, "show the event and send nothing"},                                   \
    {                                                                                                        \
        NULL, OPTION_FLAG, NULL, NULL                                                                        \
    }

/* Makes the event, checks it as loyald will, sends it, waits for Kafka, says where it is. data is a JSON
 * object. */
int send_one(struct ctl *ctl, const struct args *args, enum event_type type, const char *subject,
             struct slice data);

/* The event as JSON, a structured CloudEvent. time absent: none. */
void send_event_text(struct buf *out, enum event_type type, const char *id, const char *source,
                     const char *subject, struct slice time, struct slice data);

/* The option's value, or an id that is made up, in the arena. */
const char *send_id(struct ctl *ctl, const struct args *args, const char *option);

#endif
