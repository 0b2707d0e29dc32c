/* SPDX-License-Identifier: MIT */
/* A refund as text. */
#include "common/refund.h"

#include "common/buf.h"
#include "common/words.h"

bool refund_get(const struct customer *customer, struct slice refund_id, struct kept_refund *ret_refund)
{
    struct slice value;
    return customer_item(customer, ITEM_REFUND, refund_id, &value) && refund_text_read(value, ret_refund);
}

void refund_set(struct customer *customer, struct slice refund_id, const struct kept_refund *refund)
{
    struct words words;
    words_begin(&words);
    words_add_int(&words, refund->time_s);
    if (refund->has_amount) {
        words_add_int(&words, refund->net_minor);
    } else {
        words_add_char(&words, '-');
    }
    words_add(&words, refund->currency[0] != '\0' ? slice_of(refund->currency) : SLICE("-"));
    if (refund->order_id.data != NULL) {
        words_add(&words, refund->order_id);
    }
    customer_item_set(customer, ITEM_REFUND, refund_id, words_view(&words));
    words_done(&words);
}

bool refund_text_read(struct slice value, struct kept_refund *ret_refund)
{
    struct word_cursor cursor = {.rest = value};
    struct kept_refund refund = {.time_s = word_next_int(&cursor)};
    struct slice amount = word_next(&cursor);
    refund.has_amount = !slice_is(amount, "-");
    if (refund.has_amount && !parse_int(amount, &refund.net_minor)) {
        return false;
    }
    if (!currency_read(word_next(&cursor), refund.currency)) {
        return false;
    }
    if (word_is_there(&cursor)) {
        refund.order_id = word_next(&cursor);
    }
    if (!words_are_read(&cursor) || refund.time_s < 0 || refund.net_minor < 0) {
        return false;
    }
    *ret_refund = refund;
    return true;
}

bool refund_text_is_valid(struct slice value)
{
    struct kept_refund refund;
    return refund_text_read(value, &refund);
}
