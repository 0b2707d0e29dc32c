/* SPDX-License-Identifier: MIT */
/* What a made-up stream has planned for later, the earliest first: a heap. */
#ifndef PRODUCERS_SHOP_AGENDA_H
#define PRODUCERS_SHOP_AGENDA_H

#include "common/event.h"

struct planned {
    int64_t due_ms;
    uint64_t order; /* in which it was planned: what is due at once comes in this order */
    enum event_type type;
    uint32_t customer;
    int64_t number; /* of the order or complaint */
    int64_t net_minor;
};

struct agenda {
    struct planned *items;
    size_t count, capacity;
    uint64_t planned; /* ever */
};

void agenda_done(struct agenda *agenda);
void agenda_add(struct agenda *agenda, struct planned item); /* sets its order */
/* Takes the first if it is due. */
bool agenda_take(struct agenda *agenda, int64_t now_ms, struct planned *ret_item);

#endif
