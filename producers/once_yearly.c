/* SPDX-License-Identifier: MIT */
/* Once a year: `f:FOLLOW-UP`, for special dates `f:FOLLOW-UP:NAME`, for the household `f:FOLLOW-UP:MEMBER`,
 * is `YEAR`, or `YEAR SENT_MS` once it was sent, with an `s` behind it if in shadow. A year not after the
 * last one counts as decided, whatever the date has been changed to. Of special dates and members, those that
 * were taken back too, the newest limits.special_dates and limits.household of each follow-up are remembered.
 */
#include "common/words.h"
#include "producers/customer_date.h"
#include "producers/once.h"

#define GAP_MS    (300 * 86400000LL)
#define RECENT_MS (180 * 86400000LL)

struct last {
    int64_t year;
    int64_t sent_ms; /* 0: never */
    bool in_shadow;
};

static struct slice last_key(const struct moment *moment, const struct follow_up *follow_up,
                             struct slice name);
static bool read_last(const struct customer *customer, struct slice key, struct last *ret_last);
static void forget_names(const struct moment *moment, struct customer *customer,
                         const struct follow_up *follow_up);
static size_t find_oldest(const struct customer *customer, struct slice prefix, struct slice *ret_key);

bool once_yearly_is_known(const struct moment *moment, const struct customer *customer,
                          const struct follow_up *follow_up, struct slice occurrence)
{
    struct last last;
    struct slice name;
    int64_t year = 0;
    return occurrence_split(occurrence, &name, &year) &&
           read_last(customer, last_key(moment, follow_up, name), &last) && year <= last.year;
}

void once_yearly_note(const struct moment *moment, struct customer *customer,
                      const struct follow_up *follow_up, struct slice occurrence, bool passed)
{
    struct last last = {0};
    struct slice name;
    int64_t year = 0;
    if (!occurrence_split(occurrence, &name, &year)) {
        return; /* planned by a policy in which the follow-up's name meant something else */
    }
    struct slice key = arena_copy(moment->arena, last_key(moment, follow_up, name));
    if (read_last(customer, key, &last) && year <= last.year) {
        return;
    }
    if (passed) {
        last.sent_ms = moment->now_ms;
        last.in_shadow = follow_up->mode != MODE_LIVE;
    }
    struct words words;
    words_begin(&words);
    words_add_int(&words, year);
    if (last.sent_ms != 0) {
        words_add_int(&words, last.sent_ms);
    }
    if (last.in_shadow) {
        words_add_char(&words, 's');
    }
    customer_item_set(customer, ITEM_LAST, key, words_view(&words));
    words_done(&words);
    if (name.len > 0) {
        forget_names(moment, customer, follow_up);
    }
}

bool once_is_too_soon(const struct moment *moment, const struct customer *customer,
                      const struct follow_up *follow_up)
{
    struct last last;
    int64_t changed_ms = customer_int(customer, CUSTOMER_birth_changed);
    return follow_up->on == ON_BIRTHDAY && changed_ms != 0 && read_last(customer, follow_up->name, &last) &&
           last.sent_ms != 0 && last.sent_ms <= changed_ms && moment->now_ms - last.sent_ms < GAP_MS &&
           !(last.in_shadow && follow_up->mode == MODE_LIVE);
}

/* When it was sent is remembered over the years, so it was for this one only if that is not long ago: what
 * comes after it does so by 120 days at most. */
bool once_yearly_was_sent(const struct moment *moment, const struct customer *customer,
                          const struct follow_up *follow_up, struct slice occurrence, bool live)
{
    struct last last;
    struct slice name;
    int64_t year = 0;
    return occurrence_split(occurrence, &name, &year) &&
           read_last(customer, last_key(moment, follow_up, name), &last) && last.year == year &&
           !(live && last.in_shadow) && last.sent_ms != 0 && moment->now_ms - last.sent_ms < RECENT_MS;
}

static struct slice last_key(const struct moment *moment, const struct follow_up *follow_up,
                             struct slice name)
{
    return name.len > 0 ? once_key(moment, follow_up->name, name) : follow_up->name;
}

/* False: none, or left by a policy in which the name meant something else. */
static bool read_last(const struct customer *customer, struct slice key, struct last *ret_last)
{
    struct slice value;
    if (!customer_item(customer, ITEM_LAST, key, &value)) {
        return false;
    }
    struct word_cursor cursor = {.rest = value};
    struct last last = {.year = word_next_int(&cursor)};
    if (word_is_there(&cursor)) {
        last.sent_ms = word_next_int(&cursor);
    }
    if (word_is_there(&cursor)) {
        last.in_shadow = slice_is(word_next(&cursor), "s");
    }
    if (!words_are_read(&cursor)) {
        return false;
    }
    *ret_last = last;
    return true;
}

static void forget_names(const struct moment *moment, struct customer *customer,
                         const struct follow_up *follow_up)
{
    struct slice prefix = arena_copy(moment->arena, once_key(moment, follow_up->name, (struct slice){0}));
    struct slice oldest;
    int64_t limit = follow_up->on == ON_HOUSEHOLD_BIRTHDAY ? moment->policy->limits.household
                                                           : moment->policy->limits.special_dates;
    while (find_oldest(customer, prefix, &oldest) > (size_t)limit) {
        customer_item_remove(customer, ITEM_LAST, arena_copy(moment->arena, oldest));
    }
}

/* How many there are, and the oldest by year, then key. */
static size_t find_oldest(const struct customer *customer, struct slice prefix, struct slice *ret_key)
{
    size_t cursor = 0, count = 0;
    int64_t oldest = 0;
    struct slice key, value;
    while (customer_item_next(customer, ITEM_LAST, &cursor, &key, &value)) {
        struct last last = {0};
        if (!slice_has_prefix(key, prefix) || !read_last(customer, key, &last)) {
            continue;
        }
        if (count++ == 0 || last.year < oldest || (last.year == oldest && slice_compare(key, *ret_key) < 0)) {
            oldest = last.year;
            *ret_key = key;
        }
    }
    return count;
}
