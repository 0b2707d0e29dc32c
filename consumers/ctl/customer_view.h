/* SPDX-License-Identifier: MIT */
/* A customer as loyalctl shows it: read once from its home, with the policy that goes for it. */
#ifndef CONSUMERS_CTL_CUSTOMER_VIEW_H
#define CONSUMERS_CTL_CUSTOMER_VIEW_H

#include "common/customer.h"
#include "consumers/ctl/ctl.h"

struct customer_view {
    struct slice id;
    int32_t home;
    int64_t position; /* of the home, when this was read */
    struct hash hash; /* as it is in Redis */
    struct customer *customer;
    struct policy *policy; /* NULL: none in force */
    struct slice zone;     /* the customer's */
    bool erased;
    int64_t now_ms; /* as the home sees it */
};

/* False: the sentence has been said. */
bool customer_view_open(struct ctl *ctl, const char *id, struct customer_view *ret_view);
void customer_view_close(struct customer_view *view);

/* For people, in sections. */
void customer_view_print(struct ctl *ctl, const struct customer_view *view);

/* As members of the JSON object that is open. */
void customer_view_json(const struct customer_view *view, struct buf *out);

/* The items of a kind, by key; timers by their time. In the arena. */
struct view_item {
    struct slice key, value;
};
struct view_item *customer_view_items(const struct customer_view *view, enum item_kind kind,
                                      struct arena *arena, size_t *ret_count);

/* What keeps messages back: the complaints that freeze now, and until when they do at the latest. None where
 * no class of the policy freezes. */
struct view_freeze {
    int64_t until_ms;
    struct slice *complaints;
    size_t count;
};
struct view_freeze customer_view_freeze(const struct customer_view *view, struct arena *arena);

/* What the view's policy withholds meanwhile; false: nothing of this class. */
bool customer_view_freezes(const struct customer_view *view, enum message_class message_class);

/* Both halves of "FOLLOW-UP:OCCURRENCE"; second absent where there is no colon. */
void customer_view_split(struct slice key, struct slice *ret_first, struct slice *ret_second);

/* What an order's state is called. */
struct order;
const char *customer_view_order_state(const struct order *order);

#endif
