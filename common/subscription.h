/* SPDX-License-Identifier: MIT */
/* What a customer has asked to be told of: item `w:KIND:PRODUCT`, its value the time of the asking. A
 * subscription lapses; one that has lapsed is dropped when it is next looked at. */
#ifndef COMMON_SUBSCRIPTION_H
#define COMMON_SUBSCRIPTION_H

#include "common/customer.h"
#include "common/news.h"

/* Is the customer waiting for it, and since when? */
bool subscription_get(const struct customer *customer, enum news_kind kind, struct slice product_id,
                      int64_t *ret_since_ms);
void subscription_set(struct customer *customer, enum news_kind kind, struct slice product_id,
                      int64_t since_ms);
void subscription_end(struct customer *customer, enum news_kind kind, struct slice product_id);

/* Ends those begun before horizon_ms, and then the oldest (by time, then kind and product) until at most
 * `limit` are left. Returns how many were dropped for the limit. */
int64_t subscriptions_prune(struct customer *customer, int64_t horizon_ms, size_t limit);

#endif
