/* SPDX-License-Identifier: MIT */
/* When made-up events happen: spread evenly over days, or from now on, one after the other. */
#ifndef PRODUCERS_SHOP_PACE_H
#define PRODUCERS_SHOP_PACE_H

#include "producers/shop/options.h"

#define PACE_US_UNLIMITED 10 /* between events from now on that go out as fast as can be */

struct pace {
    int64_t begin_ms, step_ms, step_us; /* the n-th: n * step_ms + n * step_us / 1000 after the beginning */
};

static inline struct pace pace_of(const struct options *options)
{
    int64_t span_ms = (options->to_day - options->from_day + 1) * DAY_MS, step_us = 0;
    if (options->now_ms > 0) {
        step_us = options->rate > 0 ? 1000000 / options->rate : PACE_US_UNLIMITED;
        return (struct pace){.begin_ms = options->now_ms, .step_us = step_us};
    }
    step_us = span_ms % options->count * 1000 / options->count;
    return (struct pace){
        .begin_ms = options->from_day * DAY_MS, .step_ms = span_ms / options->count, .step_us = step_us};
}

static inline int64_t pace_time(const struct pace *pace, int64_t number)
{
    return pace->begin_ms + number * pace->step_ms + number * pace->step_us / 1000;
}

/* The length of a day for what is made up to take days: in a stream from now on an hour passes in a second.
 */
static inline int64_t pace_wait_ms(const struct options *options, int64_t wait_ms)
{
    return options->now_ms > 0 ? wait_ms / 3600 : wait_ms;
}

#endif
