/* SPDX-License-Identifier: MIT */
/* How a completed purchase changes its customer. */
#include "common/category.h"
#include "common/refund.h"
#include "consumers/bought.h"
#include "consumers/handlers.h"
#include "consumers/observe.h"
#include "consumers/order_change.h"
#include "producers/followup.h"

static void drop_foreign_refunds(const struct customer *customer, struct slice order_id, struct order *order);
static uint32_t count_categories(struct moment *moment, struct customer *customer,
                                 const struct purchase *purchase);

enum handled purchase_completed(struct moment *moment, struct customer *customer, const struct event *event,
                                enum reject *ret_reject)
{
    const struct purchase *purchase = &event->data.purchase;
    struct order before = {0};
    order_get(customer, purchase->order_id, &before);
    if (before.completed) {
        return HANDLED_DUPLICATE;
    }
    struct order after = before;
    after.completed = true;
    after.time_s = event->time_ms / 1000;
    after.net_minor = purchase->net_minor;
    memcpy(after.currency, purchase->currency, sizeof after.currency);
    if (before.currency[0] != '\0' && strcmp(before.currency, after.currency) != 0) {
        drop_foreign_refunds(customer, purchase->order_id, &after);
    }
    enum reject reject = order_change_check(customer, &before, &after, true);
    if (reject != REJECT_NONE) {
        *ret_reject = reject;
        return HANDLED_REJECTED;
    }
    if (order_stands(&after)) {
        after.categories = count_categories(moment, customer, purchase);
    }
    order_change(moment, customer, purchase->order_id, &before, &after);
    if (order_stands(&after)) {
        bought_note(moment, customer, purchase, event->time_ms);
    }
    observe(moment, customer, OBSERVED_PURCHASE, purchase->channel, event->time_ms);
    followup_purchase_completed(moment, customer, purchase, event->time_ms);
    orders_forget(moment, customer);
    return HANDLED_FOLDED;
}

/* Refunds that came before their order, in another currency than it has: they would have been refused behind
 * it, so they count for nothing. */
static void drop_foreign_refunds(const struct customer *customer, struct slice order_id, struct order *order)
{
    struct slice id, value;
    struct kept_refund refund;
    order->refunded_minor = 0;
    order->refunded_whole = false;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_REFUND, &cursor, &id, &value);) {
        if (!refund_text_read(value, &refund) || !slice_equal(refund.order_id, order_id) ||
            (refund.currency[0] != '\0' && strcmp(refund.currency, order->currency) != 0)) {
            continue;
        }
        order->refunded_whole = order->refunded_whole || !refund.has_amount;
        order->refunded_minor += refund.net_minor; /* at most 60 times 2^53 */
    }
}

static uint32_t count_categories(struct moment *moment, struct customer *customer,
                                 const struct purchase *purchase)
{
    uint32_t categories = 0;
    for (size_t i = 0; i < purchase->category_count; i++) {
        int number = category_count_order(customer, purchase->categories[i]);
        if (number >= 0) {
            categories |= UINT32_C(1) << number;
        } else {
            totals_add(moment->totals, "limited", (struct slice){0}, (struct slice){0}, 1);
        }
    }
    return categories;
}
