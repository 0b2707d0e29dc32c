/* SPDX-License-Identifier: MIT */
/* The items of a customer: a short list, searched from its start. Which kinds there are at all is counted, so
 * that looking for what a customer has none of costs nothing. */
#include "common/buf.h"
#include "common/customer_parts.h"
#include "common/mem.h"

#include <assert.h>

const struct slice item_prefixes[ITEM_KIND_COUNT] = {
#define ITEM_KIND(name, prefix, meaning) [ITEM_##name] = SLICE(prefix),
#include "common/item.def"
#undef ITEM_KIND
};

static struct item *find(const struct customer *customer, enum item_kind kind, struct slice key);
static bool same_key(const char *text, struct slice key);
static void mark(struct customer *customer, struct item *item);
static bool is_live(const struct item *item);

bool customer_item(const struct customer *customer, enum item_kind kind, struct slice key,
                   struct slice *ret_value)
{
    const struct item *item = find(customer, kind, key);
    if (item == NULL || !is_live(item)) {
        return false;
    }
    *ret_value = text_view(customer, item->value);
    return true;
}

void customer_item_set(struct customer *customer, enum item_kind kind, struct slice key, struct slice value)
{
    struct item *item = find(customer, kind, key);
    if (item == NULL) {
        item = item_append(customer, kind, key, value);
    } else if (!is_live(item)) {
        text_replace(customer, &item->value, value);
        item->marks |= ITEM_LIVE;
        customer->live[kind]++;
    } else if (slice_equal(text_view(customer, item->value), value)) {
        return;
    } else {
        text_replace(customer, &item->value, value);
    }
    mark(customer, item);
}

bool customer_item_remove(struct customer *customer, enum item_kind kind, struct slice key)
{
    struct item *item = find(customer, kind, key);
    if (item == NULL || !is_live(item)) {
        return false;
    }
    item->marks &= (uint8_t)~ITEM_LIVE;
    customer->live[kind]--;
    mark(customer, item);
    return true;
}

size_t customer_item_count(const struct customer *customer, enum item_kind kind)
{
    return customer->live[kind];
}

bool customer_item_next(const struct customer *customer, enum item_kind kind, size_t *cursor,
                        struct slice *ret_key, struct slice *ret_value)
{
    if (customer->live[kind] == 0) {
        return false;
    }
    for (size_t i = *cursor; i < customer->item_count; i++) {
        const struct item *item = &customer->items[i];
        if (item->kind == kind && is_live(item)) {
            *ret_key = item_key(customer, item);
            *ret_value = text_view(customer, item->value);
            *cursor = i + 1;
            return true;
        }
    }
    *cursor = customer->item_count;
    return false;
}

bool customer_item_oldest(const struct customer *customer, enum item_kind kind, struct slice *ret_key,
                          int64_t *ret_time_ms)
{
    struct slice key, value;
    bool found = false;
    for (size_t cursor = 0; customer_item_next(customer, kind, &cursor, &key, &value);) {
        int64_t time_ms = 0;
        bool is_number = parse_int(value, &time_ms);
        assert(is_number); /* customer_load has checked it */
        if (!found || time_ms < *ret_time_ms ||
            (time_ms == *ret_time_ms && slice_compare(key, *ret_key) < 0)) {
            *ret_key = key;
            *ret_time_ms = time_ms;
            found = true;
        }
    }
    return found;
}

bool customer_in_index(const struct customer *customer, struct slice index)
{
    enum item_kind kind;
    if (!item_kind_of(index, &kind) || !item_is_indexed(kind)) {
        return false;
    }
    size_t prefix = item_prefixes[kind].len;
    struct slice value;
    return customer_item(customer, kind,
                         (struct slice){.data = index.data + prefix, .len = index.len - prefix}, &value);
}

bool item_kind_of(struct slice name, enum item_kind *ret_kind)
{
    for (int kind = 0; kind < ITEM_KIND_COUNT; kind++) {
        if (slice_has_prefix(name, item_prefixes[kind])) {
            *ret_kind = (enum item_kind)kind;
            return true;
        }
    }
    return false;
}

struct item *item_append(struct customer *customer, enum item_kind kind, struct slice key, struct slice value)
{
    struct slice prefix = item_prefixes[kind];
    assert(key.len + prefix.len <= UINT16_MAX);

    uint32_t name_len = (uint32_t)(prefix.len + key.len), room = text_room(value.len);
    char *old = text_make_room(customer, name_len + room);
    uint32_t name_at = text_put(customer, prefix, (uint32_t)prefix.len).at;
    text_put(customer, key, (uint32_t)key.len);
    struct span span = text_put(customer, value, room);
    mem_free(old);

    if (customer->item_count == customer->item_capacity) {
        items_make_room(customer, customer->item_count / 4 + 4);
    }
    struct item *item = &customer->items[customer->item_count++];
    *item = (struct item){.name_at = name_at,
                          .name_len = (uint16_t)name_len,
                          .kind = (uint8_t)kind,
                          .marks = ITEM_LIVE,
                          .value = span};
    customer->live[kind]++;
    customer->slots[kind]++;
    return item;
}

void items_make_room(struct customer *customer, size_t more)
{
    customer->item_capacity = customer->item_count + (uint32_t)more;
    customer->items = mem_realloc(customer->items, customer->item_capacity * sizeof *customer->items);
}

void items_sweep(struct customer *customer)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < customer->item_count; i++) {
        const struct item *item = &customer->items[i];
        if (is_live(item)) {
            customer->items[kept++] = *item;
        } else {
            customer->slots[item->kind]--;
            text_waste(customer, item->name_len + item->value.room);
        }
    }
    customer->item_count = kept;
}

static struct item *find(const struct customer *customer, enum item_kind kind, struct slice key)
{
    if (customer->slots[kind] == 0) {
        return NULL;
    }
    size_t prefix_len = item_prefixes[kind].len, name_len = prefix_len + key.len;
    for (uint32_t i = 0; i < customer->item_count; i++) {
        struct item *item = &customer->items[i];
        if (item->kind == kind && item->name_len == name_len &&
            same_key(customer->text + item->name_at + prefix_len, key)) {
            return item;
        }
    }
    return NULL;
}

/* Ids of one customer mostly differ in their last character. */
static bool same_key(const char *text, struct slice key)
{
    return key.len == 0 ||
           (text[key.len - 1] == key.data[key.len - 1] && memcmp(text, key.data, key.len - 1) == 0);
}

static void mark(struct customer *customer, struct item *item)
{
    item->marks |= ITEM_DIRTY;
    customer->changed = true;
    if (item->kind == ITEM_TIMER) {
        customer->next_due = timers_earliest(customer);
    }
}

static bool is_live(const struct item *item)
{
    return (item->marks & ITEM_LIVE) != 0;
}
