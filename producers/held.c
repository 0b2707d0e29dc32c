/* SPDX-License-Identifier: MIT */
#include "producers/held.h"

#include "common/words.h"
#include "producers/once.h"

bool held_is_there(const struct moment *moment, const struct customer *customer, struct slice follow_up,
                   struct slice occurrence)
{
    struct slice value;
    return customer_item_count(customer, ITEM_HELD) > 0 &&
           customer_item(customer, ITEM_HELD, once_key(moment, follow_up, occurrence), &value);
}

void held_keep(const struct moment *moment, struct customer *customer, const struct occasion *occasion,
               int64_t until_ms)
{
    struct words value;
    words_begin(&value);
    words_add_int(&value, occasion->due_ms);
    if (occasion->launch != NULL) {
        words_add_int(&value, occasion->event_ms);
        words_add(&value, occasion->launch->name);
    }
    struct slice key = once_key(moment, occasion->follow_up->name, occasion->occurrence);
    customer_item_set(customer, ITEM_HELD, key, words_view(&value));
    customer_timer_set(customer, key, until_ms);
    words_done(&value);
}

bool held_take(const struct moment *moment, struct customer *customer, struct slice follow_up,
               struct slice occurrence, struct held *ret_held)
{
    struct slice value;
    if (customer_item_count(customer, ITEM_HELD) == 0) {
        return false;
    }
    struct slice key = once_key(moment, follow_up, occurrence);
    if (!customer_item(customer, ITEM_HELD, key, &value)) {
        return false;
    }
    struct word_cursor cursor = {.rest = value};
    struct held held = {.due_ms = word_next_int(&cursor)};
    if (word_is_there(&cursor)) {
        held.launch.product_id = arena_copy(moment->arena, occurrence);
        held.launch.time_ms = word_next_int(&cursor);
        held.launch.name = arena_copy(moment->arena, cursor.rest);
    }
    customer_item_remove(customer, ITEM_HELD, key);
    *ret_held = held;
    return true;
}
