/* SPDX-License-Identifier: MIT */
/* The timers of a customer: items whose value is when they are due. The earliest is remembered with every
 * change. */
#include "common/buf.h"
#include "common/customer_parts.h"
#include "common/words.h"

#include <assert.h>

static int64_t due_of(struct slice value);

void customer_timer_set(struct customer *customer, struct slice name, int64_t due_ms)
{
    char room[INT_TEXT_BYTES];
    customer_item_set(customer, ITEM_TIMER, name, int_text(due_ms, room));
}

void customer_timer_remove(struct customer *customer, struct slice name)
{
    customer_item_remove(customer, ITEM_TIMER, name);
}

int64_t customer_next_due(const struct customer *customer)
{
    return customer->next_due;
}

int64_t timers_earliest(const struct customer *customer)
{
    int64_t earliest = DUE_NEVER;
    struct slice name, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_TIMER, &cursor, &name, &value);) {
        int64_t due = due_of(value);
        earliest = due < earliest ? due : earliest;
    }
    return earliest;
}

static int64_t due_of(struct slice value)
{
    int64_t due = DUE_NEVER;
    bool is_number = parse_int(value, &due);
    assert(is_number); /* customer_timer_set wrote it, or customer_load has checked it */
    return due;
}
