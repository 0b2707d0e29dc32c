/* SPDX-License-Identifier: MIT */
/* Asks a customer for everything, by its public functions only. */
#include "tests/fakes/customer_dump.h"

#include "tests/fakes/dump.h"

#include <stdio.h>

static const char *const prefixes[ITEM_KIND_COUNT] = {
#define ITEM_KIND(name, prefix, meaning) [ITEM_##name] = prefix,
#include "common/item.def"
#undef ITEM_KIND
};

static void dump_fixed(struct dump *dump, struct slice key, const struct customer *customer);
static void dump_items(struct dump *dump, struct slice key, const struct customer *customer);

char *customer_dump(const struct customer *customer)
{
    struct dump dump = {0};
    char text[160];
    struct slice id = customer_id(customer);
    snprintf(text, sizeof text, "c:%.*s", SLICE_ARG(id));
    dump_fixed(&dump, slice_of(text), customer);
    dump_items(&dump, slice_of(text), customer);
    if (customer_next_due(customer) != DUE_NEVER) {
        dump_rank(&dump, SLICE("timers"), id, customer_next_due(customer));
    }
    return dump_finish(&dump);
}

static void dump_fixed(struct dump *dump, struct slice key, const struct customer *customer)
{
    for (int i = 0; i < CUSTOMER_FIELD_COUNT; i++) {
        enum customer_field field = (enum customer_field)i;
        struct slice name = slice_of(customer_field_table[i].name);
        char number[32];
        if (customer_field_table[i].type != FIELD_TEXT) {
            snprintf(number, sizeof number, "%lld", (long long)customer_int(customer, field));
        }
        struct slice value =
            customer_field_table[i].type == FIELD_TEXT ? customer_text(customer, field) : slice_of(number);
        if (value.len > 0 && !slice_is(value, "0")) {
            dump_field(dump, key, name, value);
        }
    }
}

static void dump_items(struct dump *dump, struct slice key, const struct customer *customer)
{
    for (int kind = 0; kind < ITEM_KIND_COUNT; kind++) {
        struct slice item, value;
        for (size_t cursor = 0; customer_item_next(customer, (enum item_kind)kind, &cursor, &item, &value);) {
            char name[256];
            snprintf(name, sizeof name, "%s%.*s", prefixes[kind], SLICE_ARG(item));
            dump_field(dump, key, slice_of(name), value);
            if (kind == ITEM_INTEREST) {
                dump_rank(dump, slice_of(name), customer_id(customer), 0);
            }
        }
    }
}
