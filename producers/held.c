/* SPDX-License-Identifier: MIT */
#include "producers/held.h"

#include "common/words.h"
#include "producers/once.h"

static void write_news(struct words *value, const struct news *news);
static void read_news(const struct moment *moment, struct word_cursor *cursor, struct slice occurrence,
                      struct news *news);

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
    if (occasion->news != NULL) {
        write_news(&value, occasion->news);
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
        read_news(moment, &cursor, occurrence, &held.news);
    }
    customer_item_remove(customer, ITEM_HELD, key);
    *ret_held = held;
    return true;
}

static void write_news(struct words *value, const struct news *news)
{
    if (news->kind == NEWS_LAUNCHED) {
        words_add_int(value, news->time_ms);
        words_add(value, news->name);
        return;
    }
    words_add(value, slice_of(news_kind_name(news->kind)));
    if (news->kind == NEWS_REPRICED) {
        words_add(value, slice_of(news->currency));
        words_add_int(value, news->old_minor);
        words_add_int(value, news->new_minor);
    } else if (news->kind == NEWS_RECALLED) {
        words_add(value, slice_of(severity_name(news->severity)));
        words_add(value, news->reference);
    }
}

/* A launch has its time where others have their kind. */
static void read_news(const struct moment *moment, struct word_cursor *cursor, struct slice occurrence,
                      struct news *news)
{
    struct slice first = word_next(cursor);
    if (!news_kind_parse(first, &news->kind)) {
        news->kind = NEWS_LAUNCHED;
        news->product_id = arena_copy(moment->arena, occurrence);
        (void)parse_int(first, &news->time_ms);
        news->name = arena_copy(moment->arena, cursor->rest);
        return;
    }
    if (!news_occurrence_read(arena_copy(moment->arena, occurrence), &news->product_id, &news->time_ms)) {
        return;
    }
    if (news->kind == NEWS_REPRICED) {
        struct slice currency = word_next(cursor);
        memcpy(news->currency, currency.data, currency.len < 3 ? currency.len : 3);
        news->old_minor = word_next_int(cursor);
        news->new_minor = word_next_int(cursor);
    } else if (news->kind == NEWS_RECALLED) {
        (void)severity_parse(word_next(cursor), &news->severity);
        news->reference = arena_copy(moment->arena, cursor->rest);
    }
}
