/* SPDX-License-Identifier: MIT */
/* How cancellations and refunds change their customer. Either may come before the purchase: then it waits
 * with the order's entry, which is not completed yet. */
#include "common/refund.h"

#include "consumers/handlers.h"
#include "consumers/order_change.h"
#include "consumers/spend.h"

static enum reject refund_order(struct moment *moment, struct customer *customer, const struct event *event);
static enum reject refund_without_order(struct moment *moment, struct customer *customer,
                                        const struct refund *refund);
static struct order begin_change(const struct order *before, bool known, int64_t time_ms);

enum handled purchase_cancelled(struct moment *moment, struct customer *customer, const struct event *event,
                                enum reject *ret_reject)
{
    struct slice order_id = event->data.cancellation.order_id;
    struct order before = {0};
    bool known = order_get(customer, order_id, &before);
    if (before.cancelled) {
        return HANDLED_DUPLICATE;
    }
    struct order after = begin_change(&before, known, event->time_ms);
    after.cancelled = true;
    enum reject reject = order_change_check(customer, &before, &after, false);
    if (reject != REJECT_NONE) {
        *ret_reject = reject;
        return HANDLED_REJECTED;
    }
    order_change(moment, customer, order_id, &before, &after);
    orders_forget(moment, customer);
    return HANDLED_FOLDED;
}

enum handled purchase_refunded(struct moment *moment, struct customer *customer, const struct event *event,
                               enum reject *ret_reject)
{
    const struct refund *refund = &event->data.refund;
    struct kept_refund kept;
    if (refund_get(customer, refund->refund_id, &kept)) {
        return HANDLED_DUPLICATE;
    }
    bool has_receipt = refund->order_id.data != NULL;
    enum reject reject =
        has_receipt ? refund_order(moment, customer, event) : refund_without_order(moment, customer, refund);
    if (reject != REJECT_NONE) {
        *ret_reject = reject;
        return HANDLED_REJECTED;
    }
    kept = (struct kept_refund){.time_s = event->time_ms / 1000,
                                .has_amount = refund->has_amount,
                                .net_minor = refund->net_minor,
                                .order_id = refund->order_id};
    memcpy(kept.currency, refund->currency, sizeof kept.currency);
    refund_set(customer, refund->refund_id, &kept);
    totals_add(moment->totals, "refunds", (struct slice){0}, (struct slice){0}, 1);
    orders_forget(moment, customer);
    return HANDLED_FOLDED;
}

static enum reject refund_order(struct moment *moment, struct customer *customer, const struct event *event)
{
    const struct refund *refund = &event->data.refund;
    struct order before = {0};
    bool known = order_get(customer, refund->order_id, &before);
    struct order after = begin_change(&before, known, event->time_ms);
    if (refund->currency[0] != '\0') {
        if (after.currency[0] != '\0' && strcmp(after.currency, refund->currency) != 0) {
            return REJECT_currency_differs;
        }
        memcpy(after.currency, refund->currency, sizeof after.currency);
    }
    if (!refund->has_amount) {
        after.refunded_whole = true;
    } else if (__builtin_add_overflow(after.refunded_minor, refund->net_minor, &after.refunded_minor)) {
        return REJECT_sum_overflow;
    }
    enum reject reject = order_change_check(customer, &before, &after, false);
    if (reject == REJECT_NONE) {
        order_change(moment, customer, refund->order_id, &before, &after);
    }
    return reject;
}

static enum reject refund_without_order(struct moment *moment, struct customer *customer,
                                        const struct refund *refund)
{
    enum reject reject = spend_check(customer, refund->currency, -refund->net_minor, true);
    if (reject == REJECT_NONE) {
        spend_add(moment->totals, customer, refund->currency, -refund->net_minor);
    }
    return reject;
}

/* Until the purchase itself is known, the earliest word of an order gives its time. */
static struct order begin_change(const struct order *before, bool known, int64_t time_ms)
{
    struct order order = *before;
    int64_t time_s = time_ms / 1000;
    if (!known || (!order.completed && time_s < order.time_s)) {
        order.time_s = time_s;
    }
    return order;
}
