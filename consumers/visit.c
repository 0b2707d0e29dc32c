/* SPDX-License-Identifier: MIT */
/* How a visit changes its customer. */
#include "consumers/handlers.h"
#include "consumers/observe.h"
#include "producers/followup.h"

enum handled visit_made(struct moment *moment, struct customer *customer, const struct event *event,
                        enum reject *ret_reject)
{
    (void)ret_reject;
    customer_int_set(customer, CUSTOMER_visits, customer_int(customer, CUSTOMER_visits) + 1);
    observe(moment, customer, OBSERVED_VISIT, event->data.visit.channel, event->time_ms);
    followup_visit_made(moment, customer, &event->data.visit, event->time_ms);
    return HANDLED_FOLDED;
}
