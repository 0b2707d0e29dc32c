/* SPDX-License-Identifier: MIT */
/* A customer's life and its fixed fields. Items are in customer_item.c, timers in customer_timer.c, the way
 * from and to the store in customer_load.c and customer_collect.c. */
#include "common/customer.h"

#include "common/customer_parts.h"
#include "common/mem.h"

#include <assert.h>

const struct customer_field_about customer_field_table[CUSTOMER_FIELD_COUNT] = {
#define CUSTOMER_FIELD(id, kind, text) {.name = #id, .type = FIELD_##kind, .meaning = text},
#include "common/customer.def"
#undef CUSTOMER_FIELD
};

static void mark_fixed(struct customer *customer, enum customer_field field, bool present);
static void forget_texts(struct customer *customer);

struct customer *customer_create(struct slice id)
{
    struct customer *customer = mem_zalloc(sizeof *customer + id.len);
    memcpy(customer->id_room, id.data, id.len);
    customer->id = (struct slice){.data = customer->id_room, .len = id.len};
    customer->next_due = DUE_NEVER;
    customer->ranked_due = DUE_NEVER;
    return customer;
}

void customer_destroy(struct customer *customer)
{
    if (customer != NULL) {
        mem_free(customer->text);
        mem_free(customer->items);
        mem_free(customer);
    }
}

struct slice customer_id(const struct customer *customer)
{
    return customer->id;
}

bool customer_exists(const struct customer *customer)
{
    bool exists = customer->present != 0;
    for (int kind = 0; kind < ITEM_KIND_COUNT && !exists; kind++) {
        exists = customer->live[kind] > 0;
    }
    return exists;
}

int64_t customer_int(const struct customer *customer, enum customer_field field)
{
    assert(customer_field_table[field].type != FIELD_TEXT);
    return customer->fixed[field].number;
}

void customer_int_set(struct customer *customer, enum customer_field field, int64_t value)
{
    assert(customer_field_table[field].type != FIELD_TEXT);
    if (customer->fixed[field].number != value) {
        customer->fixed[field].number = value;
        mark_fixed(customer, field, value != 0);
    }
}

struct slice customer_text(const struct customer *customer, enum customer_field field)
{
    assert(customer_field_table[field].type == FIELD_TEXT);
    return text_view(customer, customer->fixed[field].text);
}

void customer_text_set(struct customer *customer, enum customer_field field, struct slice value)
{
    if (!slice_equal(customer_text(customer, field), value)) {
        text_replace(customer, &customer->fixed[field].text, value);
        mark_fixed(customer, field, value.len > 0);
    }
}

void customer_clear(struct customer *customer)
{
    bool stored = customer->stored != 0;
    for (uint32_t i = 0; i < customer->item_count; i++) {
        struct item *item = &customer->items[i];
        stored = stored || (item->marks & ITEM_STORED) != 0;
        item->marks &= ITEM_RANKED;
    }
    memset(customer->live, 0, sizeof customer->live);
    forget_texts(customer);
    memset(customer->fixed, 0, sizeof customer->fixed);
    customer->present = customer->dirty = customer->stored = 0;
    customer->next_due = DUE_NEVER;
    customer->deleted = customer->deleted || stored;
    customer->changed = true;
}

static void mark_fixed(struct customer *customer, enum customer_field field, bool present)
{
    uint32_t bit = UINT32_C(1) << field;
    customer->present = present ? customer->present | bit : customer->present & ~bit;
    customer->dirty |= bit;
    customer->changed = true;
}

/* The room of the fixed texts becomes waste; the names of dead items are still needed. */
static void forget_texts(struct customer *customer)
{
    for (int field = 0; field < CUSTOMER_FIELD_COUNT; field++) {
        if (customer_field_table[field].type == FIELD_TEXT) {
            text_waste(customer, customer->fixed[field].text.room);
        }
    }
}
