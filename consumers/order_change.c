/* SPDX-License-Identifier: MIT */
/* Taking and giving. An order that has ceased to stand never stands again, so its categories go with it:
 * their letters may come to mean others. */
#include "consumers/order_change.h"

#include "common/category.h"
#include "consumers/spend.h"
#include "producers/followup.h"

static void count_orders(struct moment *moment, struct customer *customer, int delta);
static void take_time(struct customer *customer, const struct order *order);
static void give_time(struct customer *customer, const struct order *order);
static int64_t earlier(int64_t a, int64_t b);

enum reject order_change_check(const struct customer *customer, const struct order *before,
                               const struct order *after, bool is_new)
{
    int64_t delta = order_gives_minor(after) - order_gives_minor(before);
    return delta != 0 ? spend_check(customer, after->currency, delta, is_new) : REJECT_NONE;
}

void order_change(struct moment *moment, struct customer *customer, struct slice order_id,
                  const struct order *before, const struct order *after)
{
    bool stood = order_stands(before), stands = order_stands(after);
    int64_t delta = order_gives_minor(after) - order_gives_minor(before);
    struct order kept = *after;
    kept.categories = stands ? after->categories : 0;
    order_set(customer, order_id, &kept); /* first: marks are a view */
    spend_add(moment->totals, customer, kept.currency, delta);
    if (stands && !stood) {
        count_orders(moment, customer, 1);
        give_time(customer, &kept);
        followup_last_purchase_changed(moment, customer);
    }
    if (stood && !stands) {
        category_uncount_orders(customer, before->categories);
        count_orders(moment, customer, -1);
        take_time(customer, before);
        followup_order_undone(moment, customer, order_id);
        followup_last_purchase_changed(moment, customer);
    }
}

static void count_orders(struct moment *moment, struct customer *customer, int delta)
{
    customer_int_set(customer, CUSTOMER_orders, customer_int(customer, CUSTOMER_orders) + delta);
    totals_add(moment->totals, "orders", (struct slice){0}, (struct slice){0}, delta);
}

static void give_time(struct customer *customer, const struct order *order)
{
    int64_t ms = order->time_s * 1000, last = customer_int(customer, CUSTOMER_last_purchase);
    customer_int_set(customer, CUSTOMER_first_purchase,
                     earlier(customer_int(customer, CUSTOMER_first_purchase), ms));
    customer_int_set(customer, CUSTOMER_last_purchase, ms > last ? ms : last);
}

/* Only an order at either end moves it: then all that stand are asked. */
static void take_time(struct customer *customer, const struct order *order)
{
    int64_t ms = order->time_s * 1000;
    if (ms != customer_int(customer, CUSTOMER_first_purchase) &&
        ms != customer_int(customer, CUSTOMER_last_purchase)) {
        return;
    }
    int64_t first = customer_int(customer, CUSTOMER_older_first);
    int64_t last = customer_int(customer, CUSTOMER_older_last);
    struct slice id, value;
    struct order each;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_ORDER, &cursor, &id, &value);) {
        if (order_read(value, &each) && order_stands(&each)) {
            first = earlier(first, each.time_s * 1000);
            last = each.time_s * 1000 > last ? each.time_s * 1000 : last;
        }
    }
    customer_int_set(customer, CUSTOMER_first_purchase, first);
    customer_int_set(customer, CUSTOMER_last_purchase, last);
}

/* 0 is no time. */
static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}
