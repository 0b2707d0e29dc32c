/* SPDX-License-Identifier: MIT */
/* From a hash of the store to a customer. Strict: what loyald would not have written itself is CORRUPT, for
 * somebody else writes there, and a guess would be kept for good. */
#include "common/buf.h"
#include "common/category.h"
#include "common/complaint.h"
#include "common/consent.h"
#include "common/customer_parts.h"
#include "common/event.h"
#include "common/household.h"
#include "common/mem.h"
#include "common/order.h"
#include "common/refund.h"
#include "common/words.h"
#include "common/yearly_date.h"

static void forget_all(struct customer *customer);
static bool take_field(struct customer *customer, const struct field *field);
static bool take_fixed(struct customer *customer, const struct field *field);
static bool take_item(struct customer *customer, enum item_kind kind, const struct field *field);
static bool item_is_valid(enum item_kind kind, struct slice key, struct slice value);
static bool fixed_text_is_valid(enum customer_field field, struct slice value);
static bool channel_is_valid(struct slice key, struct slice value);
static bool is_number(struct slice value);

enum status customer_load(struct customer *customer, const struct hash *hash)
{
    forget_all(customer);
    size_t bytes = 0, items = 0;
    for (size_t i = 0; i < hash->field_count; i++) {
        const struct field *field = &hash->fields[i];
        bytes += field->name.len + text_room(field->value.len);
        items += memchr(field->name.data, ':', field->name.len) != NULL;
    }
    mem_free(text_make_room(customer, bytes));
    items_make_room(customer, items);
    for (size_t i = 0; i < hash->field_count; i++) {
        if (!take_field(customer, &hash->fields[i])) {
            forget_all(customer);
            return STATUS_CORRUPT;
        }
    }
    customer->stored = customer->present;
    customer->dirty = 0;
    customer->changed = false;
    customer->next_due = customer->ranked_due = timers_earliest(customer);
    return STATUS_OK;
}

static void forget_all(struct customer *customer)
{
    memset(customer->fixed, 0, sizeof customer->fixed);
    memset(customer->live, 0, sizeof customer->live);
    memset(customer->slots, 0, sizeof customer->slots);
    customer->present = customer->dirty = customer->stored = 0;
    customer->changed = customer->deleted = false;
    customer->text_used = customer->text_wasted = 0;
    customer->item_count = 0;
    customer->next_due = customer->ranked_due = DUE_NEVER;
}

static bool take_field(struct customer *customer, const struct field *field)
{
    enum item_kind kind;
    return item_kind_of(field->name, &kind) ? take_item(customer, kind, field) : take_fixed(customer, field);
}

static bool take_fixed(struct customer *customer, const struct field *field)
{
    for (int i = 0; i < CUSTOMER_FIELD_COUNT; i++) {
        if (!slice_is(field->name, customer_field_table[i].name)) {
            continue;
        }
        if (customer_field_table[i].type == FIELD_TEXT) {
            customer_text_set(customer, (enum customer_field)i, field->value);
            return fixed_text_is_valid((enum customer_field)i, field->value);
        }
        int64_t value = 0;
        bool valid = parse_int(field->value, &value) && value > 0;
        customer_int_set(customer, (enum customer_field)i, value);
        return valid;
    }
    return false;
}

static bool take_item(struct customer *customer, enum item_kind kind, const struct field *field)
{
    size_t prefix = item_prefixes[kind].len;
    struct slice key = {.data = field->name.data + prefix, .len = field->name.len - prefix};
    if (key.len == 0 || key.len > UINT16_MAX - prefix || !item_is_valid(kind, key, field->value)) {
        return false;
    }
    struct item *item = item_append(customer, kind, key, field->value);
    item->marks |= item_is_indexed(kind) ? ITEM_STORED | ITEM_RANKED : ITEM_STORED;
    return true;
}

static bool item_is_valid(enum item_kind kind, struct slice key, struct slice value)
{
    switch (kind) {
    case ITEM_NET:
        return currency_is_valid(key) && is_number(value);
    case ITEM_CHANNEL:
        return channel_is_valid(key, value);
    case ITEM_ORDER:
        return order_text_is_valid(value);
    case ITEM_REFUND:
        return refund_text_is_valid(value);
    case ITEM_CATEGORY:
        return category_text_is_valid(key, value);
    case ITEM_COMPLAINT:
        return complaint_text_is_valid(value);
    case ITEM_CONSENT:
        return consent_text_is_valid(value);
    case ITEM_INTEREST:
        return slice_is(value, "declared");
    case ITEM_DATE:
        return yearly_date_parse(value, &(struct yearly_date){0});
    case ITEM_MEMBER:
        return household_read(value, &(struct household_member){0});
    case ITEM_WAITS:
    case ITEM_BOUGHT:
    case ITEM_TIMER:
        return is_number(value);
    case ITEM_HELD:
    case ITEM_SENT:
    case ITEM_ANSWER:
    case ITEM_LAST:
    case ITEM_LAUNCH:
        return value.len > 0; /* the follow-ups' own affair */
    case ITEM_KIND_COUNT:
        break;
    }
    return false;
}

static bool fixed_text_is_valid(enum customer_field field, struct slice value)
{
    switch (field) {
    case CUSTOMER_hours:
        return value.len == 24;
    case CUSTOMER_ids:
        return value.len > 0 && value.len <= 64 && value.len % 8 == 0;
    case CUSTOMER_ids_before:
        return value.len == 64;
    default:
        return value.len > 0;
    }
}

static bool channel_is_valid(struct slice key, struct slice value)
{
    struct word_cursor cursor = {.rest = value};
    for (int i = 0; i < 3; i++) {
        cursor.bad = word_next_int(&cursor) < 0 || cursor.bad;
    }
    return words_are_read(&cursor) && slice_is(key, sales_channel_name(sales_channel_of(key)));
}

static bool is_number(struct slice value)
{
    int64_t number;
    return parse_int(value, &number);
}
