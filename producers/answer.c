/* SPDX-License-Identifier: MIT */
#include "producers/answer.h"

#include "common/words.h"
#include "producers/once.h"

static struct slice base_of(struct slice follow_up);
static void forget_oldest(const struct moment *moment, struct customer *customer);

void answer_note(const struct moment *moment, struct customer *customer, struct slice follow_up,
                 struct slice occurrence, struct slice what, int64_t time_ms)
{
    struct words value;
    words_begin(&value);
    words_add(&value, what);
    words_add_int(&value, time_ms);
    customer_item_set(customer, ITEM_ANSWER, once_key(moment, base_of(follow_up), occurrence),
                      words_view(&value));
    forget_oldest(moment, customer);
}

bool answer_is_there(const struct moment *moment, const struct customer *customer, struct slice follow_up,
                     struct slice occurrence, struct slice what)
{
    struct slice value;
    if (customer_item_count(customer, ITEM_ANSWER) == 0 ||
        !customer_item(customer, ITEM_ANSWER, once_key(moment, base_of(follow_up), occurrence), &value)) {
        return false;
    }
    struct word_cursor cursor = {.rest = value};
    return slice_equal(word_next(&cursor), what);
}

static struct slice base_of(struct slice follow_up)
{
    const char *dot = memchr(follow_up.data, '.', follow_up.len);
    return (struct slice){.data = follow_up.data,
                          .len = dot != NULL ? (size_t)(dot - follow_up.data) : follow_up.len};
}

/* By time, then key. */
static void forget_oldest(const struct moment *moment, struct customer *customer)
{
    while (customer_item_count(customer, ITEM_ANSWER) > (size_t)moment->policy->limits.answers) {
        size_t cursor = 0;
        int64_t oldest_ms = INT64_MAX;
        struct slice oldest = {0}, key, value;
        while (customer_item_next(customer, ITEM_ANSWER, &cursor, &key, &value)) {
            struct word_cursor words = {.rest = value};
            (void)word_next(&words);
            int64_t time_ms = word_next_int(&words);
            if (time_ms < oldest_ms || (time_ms == oldest_ms && slice_compare(key, oldest) < 0)) {
                oldest_ms = time_ms;
                oldest = key;
            }
        }
        customer_item_remove(customer, ITEM_ANSWER, arena_copy(moment->arena, oldest));
    }
}
