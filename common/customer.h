/* SPDX-License-Identifier: MIT */
/* A customer: everything that loyald knows of one person, folded from that person's events.
 *
 * In Redis a customer is one hash with readable fields (docs/contract.md): the fixed fields of customer.def,
 * and items, fields named KIND:KEY, such as an order `o:A17`. In memory it is the same: fixed fields by enum,
 * items by kind and key, all text in one block. What has changed since the last customer_collect is known per
 * field. The typed forms of items are in order.h, complaint.h and consent.h. */
#ifndef COMMON_CUSTOMER_H
#define COMMON_CUSTOMER_H

#include "common/arena.h"
#include "common/slice.h"
#include "common/status.h"
#include "common/store.h"

#include <stdbool.h>
#include <stdint.h>

enum customer_field {
#define CUSTOMER_FIELD(name, type, meaning) CUSTOMER_##name,
#include "common/customer.def"
#undef CUSTOMER_FIELD
    CUSTOMER_FIELD_COUNT
};

enum customer_field_type { FIELD_COUNT, FIELD_TIME_MS, FIELD_TEXT };
struct customer_field_about {
    const char *name;
    enum customer_field_type type;
    const char *meaning;
};
extern const struct customer_field_about customer_field_table[CUSTOMER_FIELD_COUNT];

/* Items, by the prefix of their field: see item.def for prefix and meaning. */
enum item_kind {
#define ITEM_KIND(name, prefix, meaning) ITEM_##name,
#include "common/item.def"
#undef ITEM_KIND
    ITEM_KIND_COUNT
};

struct customer;

/* A customer without any field: one that does not exist. Copies the id. */
struct customer *customer_create(struct slice id);
void customer_destroy(struct customer *customer);

struct slice customer_id(const struct customer *customer);

/* False while it has no field at all: no event was folded, or it was erased. */
bool customer_exists(const struct customer *customer);

/* Takes over what the store holds; forgets all else. CORRUPT if a field is not what loyald writes: then
 * the customer is empty. */
MUST_CHECK enum status customer_load(struct customer *customer, const struct hash *hash);

/* Fixed fields. A text that is not set has len 0; views are valid until the next change of this customer. */
int64_t customer_int(const struct customer *customer, enum customer_field field);
void customer_int_set(struct customer *customer, enum customer_field field, int64_t value);
struct slice customer_text(const struct customer *customer, enum customer_field field);
void customer_text_set(struct customer *customer, enum customer_field field, struct slice value);

/* Items. Views are valid until the next change of this customer. key is without the prefix ("A17",
 * "email:marketing"). value must be at most 64 bytes, or the compact form of Redis' hash is lost; it is kept
 * all the same. */
bool customer_item(const struct customer *customer, enum item_kind kind, struct slice key,
                   struct slice *ret_value);
void customer_item_set(struct customer *customer, enum item_kind kind, struct slice key, struct slice value);
bool customer_item_remove(struct customer *customer, enum item_kind kind,
                          struct slice key); /* was it there? */
size_t customer_item_count(const struct customer *customer, enum item_kind kind);

/* Walks the items of a kind in no promised order: start with *cursor 0. No change of the customer meanwhile,
 * but for setting the item just visited to a value of the same length or less, or removing it. Whatever must
 * be deterministic chooses by the items' own order (smallest time, then key). */
bool customer_item_next(const struct customer *customer, enum item_kind kind, size_t *cursor,
                        struct slice *ret_key, struct slice *ret_value);

/* Of the items of a kind whose values are times: the one with the smallest (ties: by key in bytes). False if
 * there is none. */
bool customer_item_oldest(const struct customer *customer, enum item_kind kind, struct slice *ret_key,
                          int64_t *ret_time_ms);

/* Kinds of items by which the store can be asked who has one: for each item a ranking of its whole name, such
 * as `i:tea`, has the customer's id with score 0. Is the customer in this one? */
bool customer_in_index(const struct customer *customer, struct slice index);

/* Timers are items of kind TIMER: name ("yearly", "thank-you:A17") -> due. */
#define DUE_NEVER INT64_MAX
void customer_timer_set(struct customer *customer, struct slice name, int64_t due_ms);
void customer_timer_remove(struct customer *customer, struct slice name);
int64_t customer_next_due(const struct customer *customer); /* the earliest, or DUE_NEVER; cheap */

/* Removes every field (an erasure). */
void customer_clear(struct customer *customer);

/* A growing list of changes in an arena, for one commit. */
struct changes {
    struct arena *arena;
    struct change *items;
    size_t count, capacity;
};
void changes_add(struct changes *changes, struct change change);
/* One field; copies the texts into the arena. */
void changes_set(struct changes *changes, struct slice key, struct slice field, struct slice value);

/* Appends what has changed since the last call or load: fields of `c:ID`, the rank in `timers` when the next
 * due has moved, ranks in the indices. Afterwards nothing is marked as changed. */
void customer_collect(struct customer *customer, struct changes *changes);

#endif
