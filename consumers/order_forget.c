/* SPDX-License-Identifier: MIT */
/* The limits of what is kept of orders and refunds: so many, and so long. Which ones leave is decided by
 * their time and id alone, never by the order of arrival. */
#include "common/words.h"
#include "consumers/order_change.h"

#define DAY_MS INT64_C(86400000)

static void forget(struct moment *moment, struct customer *customer, enum item_kind kind, int64_t limit);
static bool find_oldest(const struct customer *customer, enum item_kind kind, struct slice *ret_id,
                        int64_t *ret_time_s);
static void keep_time(struct customer *customer, struct slice order_id);

void orders_forget(struct moment *moment, struct customer *customer)
{
    forget(moment, customer, ITEM_ORDER, moment->policy->limits.orders);
    forget(moment, customer, ITEM_REFUND, moment->policy->limits.refunds);
}

static void forget(struct moment *moment, struct customer *customer, enum item_kind kind, int64_t limit)
{
    int64_t horizon_ms = moment->now_ms - moment->policy->limits.order_days * DAY_MS;
    struct slice id;
    int64_t time_s = 0;
    while (find_oldest(customer, kind, &id, &time_s) &&
           ((int64_t)customer_item_count(customer, kind) > limit || time_s * 1000 < horizon_ms)) {
        if (kind == ITEM_ORDER) {
            keep_time(customer, id);
        }
        customer_item_remove(customer, kind, id);
        totals_add(moment->totals, "forgotten", (struct slice){0}, (struct slice){0}, 1);
    }
}

static bool find_oldest(const struct customer *customer, enum item_kind kind, struct slice *ret_id,
                        int64_t *ret_time_s)
{
    bool found = false;
    struct slice id, value;
    for (size_t next = 0; customer_item_next(customer, kind, &next, &id, &value);) {
        size_t at_time = kind == ITEM_ORDER ? 2 : 0; /* behind the letter of its state */
        struct word_cursor cursor = {
            {value.data + at_time, value.len - at_time},
            false
        };
        int64_t time_s = word_next_int(&cursor);
        if (!found || time_s < *ret_time_s || (time_s == *ret_time_s && slice_compare(id, *ret_id) < 0)) {
            *ret_id = id;
            *ret_time_s = time_s;
            found = true;
        }
    }
    return found;
}

/* No text changes here, so the views of the caller stay good. */
static void keep_time(struct customer *customer, struct slice order_id)
{
    struct order order;
    if (!order_get(customer, order_id, &order) || !order_stands(&order) || order.time_s == 0) {
        return;
    }
    int64_t ms = order.time_s * 1000;
    int64_t first = customer_int(customer, CUSTOMER_older_first);
    int64_t last = customer_int(customer, CUSTOMER_older_last);
    customer_int_set(customer, CUSTOMER_older_first, first == 0 || ms < first ? ms : first);
    customer_int_set(customer, CUSTOMER_older_last, ms > last ? ms : last);
}
