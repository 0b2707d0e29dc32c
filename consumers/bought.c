/* SPDX-License-Identifier: MIT */
/* A cancellation or refund leaves what is remembered here: who has had the product in hand is to hear of its
 * recall, and who has not is not harmed by it. */
#include "consumers/bought.h"

#include "common/buf.h"
#include "common/words.h"
#include "producers/followup.h"

void bought_note(struct moment *moment, struct customer *customer, const struct purchase *purchase,
                 int64_t time_ms)
{
    if (purchase->product_count == 0 || !followup_hears(moment->policy, NEWS_RECALLED)) {
        return;
    }
    char room[INT_TEXT_BYTES];
    for (size_t i = 0; i < purchase->product_count; i++) {
        struct slice value;
        int64_t before_ms = 0;
        bool known = customer_item(customer, ITEM_BOUGHT, purchase->products[i], &value) &&
                     parse_int(value, &before_ms);
        if (!known || before_ms < time_ms) {
            customer_item_set(customer, ITEM_BOUGHT, purchase->products[i], int_text(time_ms, room));
        }
    }
    struct slice oldest;
    int64_t oldest_ms = 0, forgotten = 0;
    while ((int64_t)customer_item_count(customer, ITEM_BOUGHT) > moment->policy->limits.products &&
           customer_item_oldest(customer, ITEM_BOUGHT, &oldest, &oldest_ms)) {
        customer_item_remove(customer, ITEM_BOUGHT, oldest);
        forgotten++;
    }
    totals_add(moment->totals, "products_forgotten", (struct slice){0}, (struct slice){0}, forgotten);
}
