/* SPDX-License-Identifier: MIT */
/* Inside `loyalctl explain`: what was decided for a customer, and what will be as things stand. */
#ifndef CONSUMERS_CTL_EXPLAIN_H
#define CONSUMERS_CTL_EXPLAIN_H

#include "consumers/ctl/customer_view.h"
#include "producers/switches.h"

/* One record about a follow-up, in the ctl's arena. */
struct told {
    int64_t time_ms;
    struct slice follow_up, occurrence, outcome, reason; /* outcome: "sent", "withdrawn", or the decision's */
};

struct told_list {
    struct told *items; /* in order of time */
    size_t count, capacity;
};

/* What stands in loyalty.triggers and loyalty.decisions, looked for from their ends backwards, within bounds:
 * *ret_since_ms is how far that reached, 0 if to their beginning. False: the sentence has been said. */
bool explain_past(struct ctl *ctl, struct slice customer, struct told_list *ret_list, int64_t *ret_since_ms);

/* What will be decided within so many days if nothing happens: time passes for the customer in a sandbox.
 * False: the sentence has been said. */
bool explain_future(struct ctl *ctl, const struct customer_view *view, const struct switches *switches,
                    int days, struct told_list *ret_list);

/* Writes for whom it is meant, line by line; nothing where it is meant for all. */
void explain_meant(struct ctl *ctl, const struct customer_view *view, const struct follow_up *follow_up);

/* A record of either topic. False: it is none. */
bool explain_read(struct arena *arena, struct slice value, struct told *ret_told);
void told_add(struct told_list *list, const struct told *told);

#endif
