/* SPDX-License-Identifier: MIT */
/* A refund as a customer keeps it: item `r:REFUND`, value "TIME_S NET CURRENCY ORDER". So that the same
 * refund is known when it comes again. */
#ifndef COMMON_REFUND_H
#define COMMON_REFUND_H

#include "common/customer.h"

struct kept_refund {
    int64_t time_s;
    bool has_amount; /* else the whole order */
    int64_t net_minor;
    char currency[4];      /* "" if the refund named none */
    struct slice order_id; /* absent: a return without a receipt; a view */
};

bool refund_get(const struct customer *customer, struct slice refund_id, struct kept_refund *ret_refund);
void refund_set(struct customer *customer, struct slice refund_id, const struct kept_refund *refund);

bool refund_text_read(struct slice value, struct kept_refund *ret_refund);
bool refund_text_is_valid(struct slice value);

#endif
