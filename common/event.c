/* SPDX-License-Identifier: MIT */
/* The tables of events and sales channels. */
#include "common/event.h"

#include <assert.h>

static const struct {
    struct slice wire;
    enum event_about about;
} events[EVENT_TYPE_COUNT] = {
#define EVENT(name, text, member, whose) [EVENT_##name] = {SLICE(text), ABOUT_##whose},
#include "common/event.def"
#undef EVENT
};

static const char *const sales_channels[SALES_CHANNEL_COUNT] = {
#define SALES_CHANNEL(name) [SALES_##name] = #name,
#include "common/sales_channel.def"
#undef SALES_CHANNEL
};

const char *sales_channel_name(enum sales_channel channel)
{
    assert(channel < SALES_CHANNEL_COUNT);
    return sales_channels[channel];
}

enum sales_channel sales_channel_of(struct slice name)
{
    for (int i = 0; i < SALES_CHANNEL_COUNT; i++) {
        if (slice_is(name, sales_channels[i])) {
            return (enum sales_channel)i;
        }
    }
    return SALES_other;
}

const char *event_type_wire(enum event_type type)
{
    assert(type < EVENT_TYPE_COUNT);
    return events[type].wire.data;
}

enum event_about event_type_about(enum event_type type)
{
    assert(type < EVENT_TYPE_COUNT);
    return events[type].about;
}

bool event_type_parse(struct slice wire, enum event_type *ret_type)
{
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        if (slice_equal(wire, events[i].wire)) {
            *ret_type = (enum event_type)i;
            return true;
        }
    }
    return false;
}
