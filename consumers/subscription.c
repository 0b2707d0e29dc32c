/* SPDX-License-Identifier: MIT */
/* How a subscription to news of a product changes its customer. In the order of the log; but a cancellation
 * that is older than the subscription does not end it. */
#include "common/subscription.h"

#include "consumers/handlers.h"

#define DAY_MS INT64_C(86400000)

enum handled subscription_changed(struct moment *moment, struct customer *customer, const struct event *event,
                                  enum reject *ret_reject)
{
    (void)ret_reject;
    const struct subscription *wish = &event->data.subscription;
    int64_t since_ms = 0;
    bool waits = subscription_get(customer, wish->kind, wish->product_id, &since_ms);
    if (wish->cancelled && waits && since_ms <= event->time_ms) {
        subscription_end(customer, wish->kind, wish->product_id);
    }
    if (!wish->cancelled && (!waits || since_ms < event->time_ms)) {
        subscription_set(customer, wish->kind, wish->product_id, event->time_ms);
    }
    int64_t horizon_ms = moment->now_ms - moment->policy->limits.subscription_days * DAY_MS;
    int64_t dropped = subscriptions_prune(customer, horizon_ms, (size_t)moment->policy->limits.subscriptions);
    totals_add(moment->totals, "limited", (struct slice){0}, (struct slice){0}, dropped);
    return HANDLED_FOLDED;
}
