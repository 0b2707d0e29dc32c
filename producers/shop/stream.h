/* SPDX-License-Identifier: MIT */
/* A stream of the shop's events, one at a time: a replay, a made-up year, the benchmark's, or another stream
 * with faults put in. Reads no clock and knows no Kafka: the same options give the same bytes. */
#ifndef PRODUCERS_SHOP_STREAM_H
#define PRODUCERS_SHOP_STREAM_H

#include "common/event.h"

/* Lives until the next call of stream_next. */
struct shop_event {
    enum event_type type;
    int64_t time_ms;
    struct slice key;  /* the subject: the customer's id, for a launch the product's */
    struct slice body; /* a structured CloudEvent */
    bool malformed;    /* the body is broken on purpose */
};

struct stream {
    bool (*next)(struct stream *stream, struct shop_event *ret_event); /* false: that was all */
    void (*close)(struct stream *stream);
    int64_t expected; /* events there will be, for the progress bar; about, if there are faults */
    char about[256];  /* a sentence for people: what is from a file, and what is made up */
};

static inline bool stream_next(struct stream *stream, struct shop_event *ret_event)
{
    return stream->next(stream, ret_event);
}

static inline void stream_close(struct stream *stream)
{
    if (stream != NULL) {
        stream->close(stream);
    }
}

#endif
