/* SPDX-License-Identifier: MIT */
/* What a customer is made of: for the files customer*.c only.
 *
 * All text lies in one block. A value is overwritten in place while it fits; else it moves to the block's end
 * and what it leaves is waste, taken back when the block must grow. Removed items stay in the list, dead,
 * until they have been collected: the store must hear of them. */
#ifndef COMMON_CUSTOMER_PARTS_H
#define COMMON_CUSTOMER_PARTS_H

#include "common/customer.h"

struct span {
    uint32_t at, len, room; /* in the text block; room >= len bytes may be written there */
};

enum {
    ITEM_LIVE = 1,
    ITEM_DIRTY = 2,  /* set or removed since the last collect */
    ITEM_STORED = 4, /* the store's hash has the field */
    ITEM_RANKED = 8, /* of an indexed kind: the store's index has the customer */
};

struct item {
    uint32_t name_at; /* the whole name of the field, with the prefix of its kind */
    uint16_t name_len;
    uint8_t kind, marks;
    struct span value;
};

union fixed {
    int64_t number;
    struct span text;
};

struct customer {
    union fixed fixed[CUSTOMER_FIELD_COUNT];
    uint32_t present, dirty, stored; /* a bit for each fixed field */
    bool changed;                    /* something may have to be collected */
    bool deleted;                    /* cleared: the store's hash is to go before anything is set */
    uint16_t live[ITEM_KIND_COUNT], slots[ITEM_KIND_COUNT]; /* slots: with dead ones */

    char *text;
    uint32_t text_used, text_wasted, text_capacity;
    struct item *items;
    uint32_t item_count, item_capacity;

    int64_t next_due, ranked_due; /* ranked: as the store has it */
    struct slice id;
    char id_room[];
};

_Static_assert(CUSTOMER_FIELD_COUNT <= 32, "a bit for each fixed field");

extern const struct slice item_prefixes[ITEM_KIND_COUNT];

static inline bool item_is_indexed(enum item_kind kind)
{
    return kind == ITEM_INTEREST || kind == ITEM_WAITS || kind == ITEM_BOUGHT;
}

/* ---- customer_text.c */
static inline struct slice text_view(const struct customer *customer, struct span span)
{
    return (struct slice){.data = span.len > 0 ? customer->text + span.at : "", .len = span.len};
}

/* Makes room for bytes more at the block's end. Returns owned the old block if it had to move, else NULL: to
 * be freed when the texts that may lie in it have been put. */
MUST_CHECK char *text_make_room(struct customer *customer, size_t bytes);

/* Appends where room was made. */
struct span text_put(struct customer *customer, struct slice text, uint32_t room);

/* The room that a value of this length gets: some for growth. */
static inline uint32_t text_room(size_t len)
{
    return ((uint32_t)len + 2 + 3) & ~UINT32_C(3);
}

/* Puts another text there, in place or by moving it. The text may lie in the customer's own block. */
void text_replace(struct customer *customer, struct span *span, struct slice text);

static inline void text_waste(struct customer *customer, size_t bytes)
{
    customer->text_wasted += (uint32_t)bytes;
}

/* ---- customer_item.c */
static inline struct slice item_key(const struct customer *customer, const struct item *item)
{
    size_t prefix = item_prefixes[item->kind].len;
    return (struct slice){.data = customer->text + item->name_at + prefix, .len = item->name_len - prefix};
}

/* By the prefix of a field's name. */
bool item_kind_of(struct slice name, enum item_kind *ret_kind);

/* A new item at the list's end, clean. */
struct item *item_append(struct customer *customer, enum item_kind kind, struct slice key,
                         struct slice value);

/* Room for so many more. Tens of thousands of customers are in memory: no doubling. */
void items_make_room(struct customer *customer, size_t more);

/* Takes the dead items out of the list. */
void items_sweep(struct customer *customer);

/* ---- customer_timer.c */
int64_t timers_earliest(const struct customer *customer);

#endif
