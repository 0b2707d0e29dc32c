/* SPDX-License-Identifier: MIT */
/* Once-only marks. Each kind of follow-up has its own memory, as short as its occasions allow. */
#include "producers/once.h"

#include "common/news.h"
#include "common/order.h"
#include "common/words.h"

static void note_order(const struct moment *moment, struct customer *customer,
                       const struct follow_up *follow_up, struct slice order_id, size_t variant);
static bool newest_covers(const struct moment *moment, const struct customer *customer,
                          const struct follow_up *follow_up, struct slice occurrence);
static void note_newest(const struct moment *moment, struct customer *customer,
                        const struct follow_up *follow_up, struct slice occurrence);
static void note_product(const struct moment *moment, struct customer *customer,
                         const struct follow_up *follow_up, struct slice product_id, int64_t time_ms);
static void forget_launches(const struct moment *moment, struct customer *customer, struct slice follow_up);
static size_t find_oldest_launch(const struct customer *customer, struct slice prefix, struct slice *ret_key);

bool once_is_known(const struct moment *moment, const struct customer *customer,
                   const struct follow_up *follow_up, struct slice occurrence)
{
    struct order order;
    struct slice value;
    switch (follow_up->on) {
    case ON_PURCHASE_COMPLETED:
        return order_get(customer, occurrence, &order) && order_has_mark(&order, follow_up->name);
    case ON_COMPLAINT_OPENED:
    case ON_VISIT_MADE:
    case ON_SILENCE:
    case ON_COMPLAINT_RESOLVED:
        return customer_item(customer, ITEM_LAST, follow_up->name, &value) && slice_equal(value, occurrence);
    case ON_BIRTHDAY:
    case ON_SPECIAL_DATE:
    case ON_ANNIVERSARY:
    case ON_HOUSEHOLD_BIRTHDAY:
        return once_yearly_is_known(moment, customer, follow_up, occurrence);
    case ON_PRODUCT_RESTOCKED:
    case ON_PRODUCT_REPRICED:
    case ON_PRODUCT_RECALLED:
        return newest_covers(moment, customer, follow_up, occurrence);
    case ON_PRODUCT_LAUNCHED:
        return customer_item(customer, ITEM_LAUNCH, once_key(moment, follow_up->name, occurrence), &value);
    case ON_COUNT:
        break;
    }
    return false;
}

void once_note(const struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
               struct slice occurrence, bool passed, size_t variant)
{
    switch (follow_up->on) {
    case ON_PURCHASE_COMPLETED:
        if (passed && follow_up->mode == MODE_LIVE && follow_up->withdraw) {
            note_order(moment, customer, follow_up, occurrence, variant);
        }
        break;
    case ON_COMPLAINT_OPENED:
    case ON_VISIT_MADE:
    case ON_SILENCE:
    case ON_COMPLAINT_RESOLVED:
        customer_item_set(customer, ITEM_LAST, follow_up->name, occurrence);
        break;
    case ON_BIRTHDAY:
    case ON_SPECIAL_DATE:
    case ON_ANNIVERSARY:
    case ON_HOUSEHOLD_BIRTHDAY:
        once_yearly_note(moment, customer, follow_up, occurrence, passed);
        break;
    case ON_PRODUCT_RESTOCKED:
    case ON_PRODUCT_REPRICED:
    case ON_PRODUCT_RECALLED:
        note_newest(moment, customer, follow_up, occurrence);
        break;
    case ON_PRODUCT_LAUNCHED:
        note_product(moment, customer, follow_up, occurrence, moment->now_ms);
        break;
    case ON_COUNT:
        break;
    }
}

struct slice once_key(const struct moment *moment, struct slice follow_up, struct slice occurrence)
{
    buf_reset(moment->scratch);
    buf_slice(moment->scratch, follow_up);
    buf_char(moment->scratch, ':');
    buf_slice(moment->scratch, occurrence);
    return buf_view(moment->scratch);
}

/* An order that is no longer kept cannot be cancelled either: there is nothing to mark. */
static void note_order(const struct moment *moment, struct customer *customer,
                       const struct follow_up *follow_up, struct slice order_id, size_t variant)
{
    struct order order;
    if (order_get(customer, order_id, &order) && !order_has_mark(&order, follow_up->name)) {
        buf_reset(moment->scratch);
        buf_slice(moment->scratch, follow_up->name);
        if (variant > 0) {
            buf_char(moment->scratch, '@');
            buf_int(moment->scratch, (int64_t)variant);
        }
        order_mark(customer, order_id, buf_view(moment->scratch));
    }
}

/* Of a product, by time: what is older than the newest that was decided counts as decided. */
static bool newest_covers(const struct moment *moment, const struct customer *customer,
                          const struct follow_up *follow_up, struct slice occurrence)
{
    struct slice product_id, value;
    int64_t time_ms = 0, newest_ms = 0;
    return news_occurrence_read(occurrence, &product_id, &time_ms) &&
           customer_item(customer, ITEM_LAUNCH, once_key(moment, follow_up->name, product_id), &value) &&
           parse_int(value, &newest_ms) && time_ms <= newest_ms;
}

static void note_newest(const struct moment *moment, struct customer *customer,
                        const struct follow_up *follow_up, struct slice occurrence)
{
    struct slice product_id;
    int64_t time_ms = 0;
    if (news_occurrence_read(occurrence, &product_id, &time_ms) &&
        !newest_covers(moment, customer, follow_up, occurrence)) {
        note_product(moment, customer, follow_up, product_id, time_ms);
    }
}

static void note_product(const struct moment *moment, struct customer *customer,
                         const struct follow_up *follow_up, struct slice product_id, int64_t time_ms)
{
    char room[INT_TEXT_BYTES];
    struct slice key = arena_copy(moment->arena, once_key(moment, follow_up->name, product_id));
    customer_item_set(customer, ITEM_LAUNCH, key, int_text(time_ms, room));
    forget_launches(moment, customer, follow_up->name);
}

static void forget_launches(const struct moment *moment, struct customer *customer, struct slice follow_up)
{
    struct slice prefix = arena_copy(moment->arena, once_key(moment, follow_up, (struct slice){0}));
    struct slice oldest;
    while (find_oldest_launch(customer, prefix, &oldest) > (size_t)moment->policy->limits.launches) {
        customer_item_remove(customer, ITEM_LAUNCH, arena_copy(moment->arena, oldest));
    }
}

/* How many there are, and the oldest by time, then key. */
static size_t find_oldest_launch(const struct customer *customer, struct slice prefix, struct slice *ret_key)
{
    size_t cursor = 0, count = 0;
    int64_t oldest_ms = 0;
    struct slice key, value;
    while (customer_item_next(customer, ITEM_LAUNCH, &cursor, &key, &value)) {
        int64_t at_ms = 0;
        if (!slice_has_prefix(key, prefix) || !parse_int(value, &at_ms)) {
            continue;
        }
        if (count++ == 0 || at_ms < oldest_ms || (at_ms == oldest_ms && slice_compare(key, *ret_key) < 0)) {
            oldest_ms = at_ms;
            *ret_key = key;
        }
    }
    return count;
}
