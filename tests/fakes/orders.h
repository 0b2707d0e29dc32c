/* SPDX-License-Identifier: MIT */
/* Purchases, cancellations and refunds as events, folded by their handlers into the stage's customer. */
#ifndef TESTS_FAKES_ORDERS_H
#define TESTS_FAKES_ORDERS_H

#include "consumers/handlers.h"

struct event completed_event(const char *order_id, int64_t time_ms, int64_t net_minor, const char *currency);
struct event cancelled_event(const char *order_id, int64_t time_ms);

/* order_id NULL: without a receipt; net_minor < 0: the whole order; currency NULL: none named. */
struct event refunded_event(const char *refund_id, const char *order_id, int64_t time_ms, int64_t net_minor,
                            const char *currency);

/* Folds it. A rejection must leave the customer as it was. */
enum handled fold_event_of_order(const struct event *event, enum reject *ret_reject);

void then_folded(struct event event);
void then_duplicate(struct event event);
void then_rejected(struct event event, enum reject expected);

#endif
