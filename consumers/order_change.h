/* SPDX-License-Identifier: MIT */
/* The one way in which orders change a customer: what the order gave is taken away, the order changes, what
 * it gives now is given. So any order of arrival of a purchase, its cancellation and its refunds leaves the
 * same customer. */
#ifndef CONSUMERS_ORDER_CHANGE_H
#define CONSUMERS_ORDER_CHANGE_H

#include "common/order.h"
#include "common/reject.h"
#include "producers/moment.h"

/* Would the sums bear it? Changes nothing. before is all zero for an order that is not known; is_new: it
 * brings money, not only takes back. */
enum reject order_change_check(const struct customer *customer, const struct order *before,
                               const struct order *after, bool is_new);

/* Does it, and then withdraws what was sent for an order that stood and stands no longer. after->categories
 * are those that the order gives, counted already where it has come to stand just now. */
void order_change(struct moment *moment, struct customer *customer, struct slice order_id,
                  const struct order *before, const struct order *after);

/* Lets go of orders and refunds that are too many or too old. What they gave stays. */
void orders_forget(struct moment *moment, struct customer *customer);

#endif
