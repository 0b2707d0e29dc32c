/* SPDX-License-Identifier: MIT */
/* The block in which all text of a customer lies. It grows by moving: the old block lives until the new one
 * holds everything, so that a text taken from it may be put back in. */
#include "common/customer_parts.h"
#include "common/mem.h"

#include <assert.h>

#define CAPACITY_FIRST 192

static char *grow(struct customer *customer, size_t bytes);
static uint32_t moved(char *to, uint32_t *used, const char *from, uint32_t len, uint32_t room);

char *text_make_room(struct customer *customer, size_t bytes)
{
    return bytes > customer->text_capacity - customer->text_used ? grow(customer, bytes) : NULL;
}

struct span text_put(struct customer *customer, struct slice text, uint32_t room)
{
    assert(text.len <= room && room <= customer->text_capacity - customer->text_used);
    struct span span = {.at = customer->text_used, .len = (uint32_t)text.len, .room = room};
    if (text.len > 0) {
        memcpy(customer->text + span.at, text.data, text.len);
    }
    customer->text_used += room;
    return span;
}

void text_replace(struct customer *customer, struct span *span, struct slice text)
{
    if (text.len <= span->room) {
        if (text.len > 0) {
            memmove(customer->text + span->at, text.data, text.len);
        }
        span->len = (uint32_t)text.len;
        return;
    }
    text_waste(customer, span->room);
    *span = (struct span){0}; /* it is not to move along */
    uint32_t room = text_room(text.len);
    char *old = text_make_room(customer, room);
    *span = text_put(customer, text, room);
    mem_free(old);
}

/* A new block without the waste, with bytes to spare; gives back the old one, to be freed by the caller. */
static char *grow(struct customer *customer, size_t bytes)
{
    size_t needed = customer->text_used - customer->text_wasted + bytes;
    size_t capacity = needed + needed / 4;
    capacity = capacity > CAPACITY_FIRST ? (capacity + 31) & ~(size_t)31 : CAPACITY_FIRST;
    assert(capacity < UINT32_MAX);

    char *old = customer->text, *text = mem_alloc(capacity);
    uint32_t used = 0;
    for (int field = 0; field < CUSTOMER_FIELD_COUNT; field++) {
        if (customer_field_table[field].type == FIELD_TEXT) {
            struct span *span = &customer->fixed[field].text;
            span->at = moved(text, &used, old + span->at, span->len, span->room);
        }
    }
    for (uint32_t i = 0; i < customer->item_count; i++) {
        struct item *item = &customer->items[i];
        item->name_at = moved(text, &used, old + item->name_at, item->name_len, item->name_len);
        item->value.at = moved(text, &used, old + item->value.at, item->value.len, item->value.room);
    }
    customer->text = text;
    customer->text_capacity = (uint32_t)capacity;
    customer->text_used = used;
    customer->text_wasted = 0;
    return old;
}

static uint32_t moved(char *to, uint32_t *used, const char *from, uint32_t len, uint32_t room)
{
    uint32_t at = *used;
    if (len > 0) {
        memcpy(to + at, from, len);
    }
    *used += room;
    return at;
}
