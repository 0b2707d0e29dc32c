/* SPDX-License-Identifier: MIT */
#include "common/subscription.h"

#include "common/buf.h"
#include "common/words.h"

static struct slice key_of(struct words *words, enum news_kind kind, struct slice product_id);

bool subscription_get(const struct customer *customer, enum news_kind kind, struct slice product_id,
                      int64_t *ret_since_ms)
{
    struct words key;
    struct slice value;
    bool found = customer_item(customer, ITEM_WAITS, key_of(&key, kind, product_id), &value) &&
                 parse_int(value, ret_since_ms);
    words_done(&key);
    return found;
}

void subscription_set(struct customer *customer, enum news_kind kind, struct slice product_id,
                      int64_t since_ms)
{
    char room[INT_TEXT_BYTES];
    struct words key;
    customer_item_set(customer, ITEM_WAITS, key_of(&key, kind, product_id), int_text(since_ms, room));
    words_done(&key);
}

void subscription_end(struct customer *customer, enum news_kind kind, struct slice product_id)
{
    struct words key;
    customer_item_remove(customer, ITEM_WAITS, key_of(&key, kind, product_id));
    words_done(&key);
}

int64_t subscriptions_prune(struct customer *customer, int64_t horizon_ms, size_t limit)
{
    struct slice oldest = {0};
    int64_t since_ms = 0, dropped = 0;
    while (customer_item_oldest(customer, ITEM_WAITS, &oldest, &since_ms) &&
           (since_ms < horizon_ms || customer_item_count(customer, ITEM_WAITS) > limit)) {
        dropped += since_ms >= horizon_ms;
        customer_item_remove(customer, ITEM_WAITS, oldest);
    }
    return dropped;
}

static struct slice key_of(struct words *words, enum news_kind kind, struct slice product_id)
{
    words_begin(words);
    words_append(words, slice_of(news_kind_name(kind)));
    words_append(words, SLICE(":"));
    words_append(words, product_id);
    return words_view(words);
}
