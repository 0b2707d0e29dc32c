/* SPDX-License-Identifier: MIT */
/* CloudEvents 1.0 in the Kafka binding, structured (content-type application/cloudevents+json) and binary
 * (ce_ headers), read from a record alike. A record without content-type and ce_ headers whose body is a JSON
 * object with specversion is taken as structured. */
#ifndef COMMON_CLOUDEVENT_H
#define COMMON_CLOUDEVENT_H

#include "common/arena.h"
#include "common/json.h"
#include "common/record.h"
#include "common/reject.h"

#include <stdbool.h>
#include <stdint.h>

#define BODY_BYTES_MAX    262144
#define SUBJECT_BYTES_MAX 128

struct cloudevent {
    struct slice id, source, type;
    struct slice subject; /* absent when the event has none */
    bool has_time;
    int64_t time_ms;
    const struct json *data; /* NULL when the event has none */
};

/* REJECT_NONE, or why the record is no CloudEvent that loyald reads. Checks the envelope only: that a key
 * equals the subject, what the type is and what data holds is the caller's business. *ret_event's texts live
 * in the arena or in the record. */
enum reject cloudevent_read(const struct record *record, struct arena *arena, struct cloudevent *ret_event);

/* RFC 3339 to milliseconds since 1970 ("1997-01-02T10:00:00.5+02:00"). A leap second counts as the next
 * second. */
bool instant_parse(struct slice text, int64_t *ret_ms);

#endif
