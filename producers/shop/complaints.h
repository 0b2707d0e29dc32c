/* SPDX-License-Identifier: MIT */
/* How a made-up complaint goes: when it is acknowledged, answered, resolved and taken up again, if it is. */
#ifndef PRODUCERS_SHOP_COMPLAINTS_H
#define PRODUCERS_SHOP_COMPLAINTS_H

#include "common/event.h"
#include "producers/shop/random.h"

#define STAGES_MAX 6

struct complaint_plan {
    enum severity severity;
    struct slice reason;
    size_t stage_count; /* after the opening */
    struct {
        enum event_type type;
        int64_t after_ms; /* since the opening; ascending */
    } stages[STAGES_MAX];
};

struct complaint_plan complaint_plan_make(struct random *random);

#endif
