/* SPDX-License-Identifier: MIT */
/* From a customer to the changes that the store needs. All texts are copied into the arena, in one piece: the
 * customer goes on changing while the commit is under way. */
#include "common/customer_parts.h"
#include "common/words.h"

#include <assert.h>

/* What goes to the hash, and room for its text. */
struct gathering {
    struct customer *customer;
    struct field *sets, *unsets;
    size_t set_count, unset_count;
    char *text;
    size_t text_bytes;
};

static void collect_hash(struct customer *customer, struct slice key, struct changes *changes);
static void count_fields(struct gathering *g);
static void gather_fixed(struct gathering *g);
static void gather_items(struct gathering *g);
static struct slice copy(struct gathering *g, struct slice text);
static void collect_due(struct customer *customer, struct slice id, struct changes *changes);
static void collect_indices(struct customer *customer, struct slice id, struct changes *changes);
static struct slice text_of(struct arena *arena, struct slice prefix, struct slice text);

void customer_collect(struct customer *customer, struct changes *changes)
{
    if (!customer->changed) {
        return;
    }
    struct slice key = text_of(changes->arena, SLICE("c:"), customer->id);
    struct slice id = {.data = key.data + 2, .len = key.len - 2};
    collect_hash(customer, key, changes);
    collect_due(customer, id, changes);
    collect_indices(customer, id, changes);
    items_sweep(customer);
    customer->changed = false;
}

static void collect_hash(struct customer *customer, struct slice key, struct changes *changes)
{
    if (customer->deleted) {
        changes_add(changes, (struct change){.kind = CHANGE_DELETE, .key = key});
        customer->deleted = false;
    }
    struct gathering g = {.customer = customer};
    count_fields(&g);
    g.sets = arena_alloc(changes->arena, (g.set_count + g.unset_count) * sizeof *g.sets);
    g.unsets = g.sets + g.set_count;
    g.text = arena_alloc(changes->arena, g.text_bytes);
    g.set_count = g.unset_count = 0;
    gather_fixed(&g);
    gather_items(&g);
    if (g.set_count > 0) {
        changes_add(
            changes,
            (struct change){.kind = CHANGE_SET, .key = key, .fields = g.sets, .field_count = g.set_count});
    }
    if (g.unset_count > 0) {
        changes_add(changes,
                    (struct change){
                        .kind = CHANGE_UNSET, .key = key, .fields = g.unsets, .field_count = g.unset_count});
    }
}

/* Upper bounds of what gather_fixed and gather_items will take. */
static void count_fields(struct gathering *g)
{
    const struct customer *customer = g->customer;
    for (uint32_t bits = customer->dirty; bits != 0; bits &= bits - 1) {
        int field = __builtin_ctz(bits);
        bool is_text = customer_field_table[field].type == FIELD_TEXT;
        g->text_bytes += is_text ? customer->fixed[field].text.len : INT_TEXT_BYTES;
        g->set_count++;
    }
    g->unset_count = g->set_count;
    for (uint32_t i = 0; i < customer->item_count; i++) {
        const struct item *item = &customer->items[i];
        if ((item->marks & ITEM_DIRTY) != 0) {
            bool live = (item->marks & ITEM_LIVE) != 0;
            g->text_bytes += item->name_len + (live ? item->value.len : 0);
            g->set_count += live;
            g->unset_count += !live;
        }
    }
}

static void gather_fixed(struct gathering *g)
{
    struct customer *customer = g->customer;
    for (uint32_t bits = customer->dirty; bits != 0; bits &= bits - 1) {
        int field = __builtin_ctz(bits);
        uint32_t bit = UINT32_C(1) << field;
        struct slice name = slice_of(customer_field_table[field].name);
        if ((customer->present & bit) != 0) {
            char room[INT_TEXT_BYTES];
            struct slice value = customer_field_table[field].type == FIELD_TEXT
                                     ? text_view(customer, customer->fixed[field].text)
                                     : int_text(customer->fixed[field].number, room);
            g->sets[g->set_count++] = (struct field){.name = name, .value = copy(g, value)};
        } else if ((customer->stored & bit) != 0) {
            g->unsets[g->unset_count++] = (struct field){.name = name};
        }
    }
    customer->dirty = 0;
    customer->stored = customer->present;
}

static void gather_items(struct gathering *g)
{
    struct customer *customer = g->customer;
    for (uint32_t i = 0; i < customer->item_count; i++) {
        struct item *item = &customer->items[i];
        if ((item->marks & ITEM_DIRTY) == 0) {
            continue;
        }
        struct slice name = {.data = customer->text + item->name_at, .len = item->name_len};
        if ((item->marks & ITEM_LIVE) != 0) {
            g->sets[g->set_count++] =
                (struct field){.name = copy(g, name), .value = copy(g, text_view(customer, item->value))};
            item->marks |= ITEM_STORED;
        } else if ((item->marks & ITEM_STORED) != 0) {
            g->unsets[g->unset_count++] = (struct field){.name = copy(g, name)};
            item->marks &= (uint8_t)~ITEM_STORED;
        }
        item->marks &= (uint8_t)~ITEM_DIRTY;
    }
}

static struct slice copy(struct gathering *g, struct slice text)
{
    struct slice copied = {.data = g->text, .len = text.len};
    memcpy(g->text, text.data, text.len);
    g->text += text.len;
    return copied;
}

static void collect_due(struct customer *customer, struct slice id, struct changes *changes)
{
    if (customer->next_due == customer->ranked_due) {
        return;
    }
    customer->ranked_due = customer->next_due;
    changes_add(changes,
                (struct change){.kind = customer->next_due != DUE_NEVER ? CHANGE_RANK : CHANGE_UNRANK,
                                .key = SLICE("timers"),
                                .member = id,
                                .score = customer->next_due != DUE_NEVER ? customer->next_due : 0});
}

static void collect_indices(struct customer *customer, struct slice id, struct changes *changes)
{
    bool any =
        customer->slots[ITEM_INTEREST] + customer->slots[ITEM_WAITS] + customer->slots[ITEM_BOUGHT] > 0;
    for (uint32_t i = 0; any && i < customer->item_count; i++) {
        struct item *item = &customer->items[i];
        bool live = (item->marks & ITEM_LIVE) != 0, ranked = (item->marks & ITEM_RANKED) != 0;
        if (item_is_indexed(item->kind) && live != ranked) {
            struct slice name = {.data = customer->text + item->name_at, .len = item->name_len};
            changes_add(changes, (struct change){.kind = live ? CHANGE_RANK : CHANGE_UNRANK,
                                                 .key = arena_copy(changes->arena, name),
                                                 .member = id});
            item->marks ^= ITEM_RANKED;
        }
    }
}

static struct slice text_of(struct arena *arena, struct slice prefix, struct slice text)
{
    char *data = arena_alloc(arena, prefix.len + text.len);
    memcpy(data, prefix.data, prefix.len);
    memcpy(data + prefix.len, text.data, text.len);
    return (struct slice){.data = data, .len = prefix.len + text.len};
}
