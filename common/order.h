/* SPDX-License-Identifier: MIT */
/* An order as a customer keeps it, and what it gives: see docs/contract.md, "What an event changes". */
#ifndef COMMON_ORDER_H
#define COMMON_ORDER_H

#include "common/customer.h"

#define ORDER_CATEGORIES_MAX 20

struct order {
    bool completed; /* the purchase itself has been folded */
    bool cancelled;
    bool refunded_whole; /* a refund named no amount */
    int64_t time_s;      /* of the purchase; of the first word of it before that */
    int64_t net_minor;   /* while completed */
    char currency[4];    /* "" while not known */
    int64_t refunded_minor;
    uint32_t categories; /* bit n: the category of letter 'a' + n */
    struct slice
        marks; /* "+coupon+gift@2..." follow-ups sent that can be withdrawn, and of which variant; a view */
};

/* False if the customer does not keep this order. CORRUPT texts cannot come here: customer_load has checked.
 */
bool order_get(const struct customer *customer, struct slice order_id, struct order *ret_order);
void order_set(struct customer *customer, struct slice order_id, const struct order *order);

/* The value of an `o:` field, for those who walk all orders; marks are a view into it. False if it is none.
 */
bool order_read(struct slice value, struct order *ret_order);

/* Completed, not cancelled, not wholly refunded. */
bool order_stands(const struct order *order);

/* What it gives to net spend: 0 unless it stands. */
int64_t order_gives_minor(const struct order *order);

bool order_has_mark(const struct order *order, struct slice follow_up);
/* mark: "coupon", or "gift@2" for its second variant. Nothing happens if the order is no longer kept or is so
 * marked. */
void order_mark(struct customer *customer, struct slice order_id, struct slice mark);

/* Is this text the value of an `o:` field? For customer_load. */
bool order_text_is_valid(struct slice value);

#endif
