/* SPDX-License-Identifier: MIT */
/* Net spend in checked arithmetic. */
#include "consumers/spend.h"

#include "common/buf.h"
#include "common/words.h"

static int64_t spent(const struct customer *customer, struct slice currency, bool *ret_known);

enum reject spend_check(const struct customer *customer, const char *currency, int64_t delta_minor,
                        bool is_new)
{
    bool known;
    int64_t sum = spent(customer, slice_of(currency), &known);
    if (__builtin_add_overflow(sum, delta_minor, &sum)) {
        return REJECT_sum_overflow;
    }
    if (is_new && !known && delta_minor != 0 && customer_item_count(customer, ITEM_NET) >= CURRENCIES_MAX) {
        return REJECT_too_many_currencies;
    }
    return REJECT_NONE;
}

void spend_add(struct totals *totals, struct customer *customer, const char *currency, int64_t delta_minor)
{
    if (delta_minor == 0) {
        return;
    }
    bool known;
    struct slice key = slice_of(currency);
    int64_t sum = spent(customer, key, &known) + delta_minor;
    if (sum != 0) {
        char room[INT_TEXT_BYTES];
        customer_item_set(customer, ITEM_NET, key, int_text(sum, room));
    } else {
        customer_item_remove(customer, ITEM_NET, key);
    }
    totals_add(totals, "net", key, (struct slice){0}, delta_minor);
}

static int64_t spent(const struct customer *customer, struct slice currency, bool *ret_known)
{
    struct slice value;
    int64_t sum = 0;
    *ret_known = customer_item(customer, ITEM_NET, currency, &value) && parse_int(value, &sum);
    return sum;
}
