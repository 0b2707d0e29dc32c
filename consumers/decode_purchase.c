/* SPDX-License-Identifier: MIT */
/* The data of purchases, cancellations and refunds. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

/* What is looked at of a purchase's line: its money must be money, though nothing is made of it here. */
struct line {
    struct slice category, product;
    int64_t unit_price_minor, discount_minor, tax_minor, cost_minor;
};

static field_reader read_lines, read_sku, read_refunded_amount;

static const struct field_rule line_rules[] = {
    FIELD_RULE("sku", OPTIONAL, read_sku, offsetof(struct line, product)),
    FIELD_RULE("category", OPTIONAL, read_name, offsetof(struct line, category)),
    FIELD_RULE("unit_price_minor", OPTIONAL, read_amount, offsetof(struct line, unit_price_minor)),
    FIELD_RULE("discount_minor", OPTIONAL, read_amount, offsetof(struct line, discount_minor)),
    FIELD_RULE("tax_minor", OPTIONAL, read_amount, offsetof(struct line, tax_minor)),
    FIELD_RULE("cost_minor", OPTIONAL, read_amount, offsetof(struct line, cost_minor)),
};

static const struct field_rule purchase_rules[] = {
    FIELD_RULE("order_id", REQUIRED, read_identifier, offsetof(struct purchase, order_id)),
    FIELD_RULE("currency", REQUIRED, read_currency, offsetof(struct purchase, currency)),
    FIELD_RULE("net_minor", REQUIRED, read_amount, offsetof(struct purchase, net_minor)),
    FIELD_RULE("sales_channel", OPTIONAL, read_sales_channel, offsetof(struct purchase, channel)),
    FIELD_RULE("lines", OPTIONAL, read_lines, 0),
};

static const struct field_rule cancellation_rules[] = {
    FIELD_RULE("order_id", REQUIRED, read_identifier, offsetof(struct cancellation, order_id)),
};

static const struct field_rule refund_rules[] = {
    FIELD_RULE("refund_id", REQUIRED, read_identifier, offsetof(struct refund, refund_id)),
    FIELD_RULE("order_id", OPTIONAL, read_identifier, offsetof(struct refund, order_id)),
    FIELD_RULE("net_minor", OPTIONAL, read_refunded_amount, 0),
    FIELD_RULE("currency", OPTIONAL, read_currency, offsetof(struct refund, currency)),
};

#define COUNT(rules) (sizeof(rules) / sizeof(rules)[0])

enum reject event_decode_purchase(const struct json *data, struct arena *arena, struct event *event)
{
    event->data.purchase.channel = SALES_other;
    return fields_read(data, purchase_rules, COUNT(purchase_rules), arena, &event->data.purchase);
}

enum reject event_decode_cancellation(const struct json *data, struct arena *arena, struct event *event)
{
    return fields_read(data, cancellation_rules, COUNT(cancellation_rules), arena, &event->data.cancellation);
}

enum reject event_decode_refund(const struct json *data, struct arena *arena, struct event *event)
{
    struct refund *refund = &event->data.refund;
    enum reject reject = fields_read(data, refund_rules, COUNT(refund_rules), arena, refund);
    bool has_receipt = refund->order_id.data != NULL;
    if (reject == REJECT_NONE && !has_receipt && (!refund->has_amount || refund->currency[0] == '\0')) {
        return REJECT_missing_field;
    }
    return reject;
}

static enum reject read_lines(const struct json *json, struct arena *arena, void *member)
{
    struct purchase *purchase = member;
    if (json_type(json) != JSON_ARRAY) {
        return REJECT_wrong_field_type;
    }
    size_t room = 0;
    for (const struct json *each = json_first(json); each != NULL && room < NAMES_MAX;
         each = json_next(each)) {
        room++;
    }
    purchase->categories = arena_alloc(arena, room * sizeof *purchase->categories);
    purchase->products = arena_alloc(arena, room * sizeof *purchase->products);
    for (const struct json *each = json_first(json); each != NULL; each = json_next(each)) {
        struct line line = {0};
        enum reject reject = fields_read(each, line_rules, COUNT(line_rules), arena, &line);
        if (reject != REJECT_NONE) {
            return reject;
        }
        if (line.category.data != NULL) {
            names_add(purchase->categories, &purchase->category_count, line.category);
        }
        if (line.product.data != NULL) {
            names_add(purchase->products, &purchase->product_count, line.product);
        }
    }
    return REJECT_NONE;
}

/* A sku that cannot be the id of a product is passed over: no purchase is lost by it. */
static enum reject read_sku(const struct json *json, struct arena *arena, void *member)
{
    struct slice sku;
    if (json_string(json, &sku) && is_plain_name(sku, IDENTIFIER_BYTES_MAX)) {
        *(struct slice *)member = arena_copy(arena, sku);
    }
    return REJECT_NONE;
}

static enum reject read_refunded_amount(const struct json *json, struct arena *arena, void *member)
{
    struct refund *refund = member;
    refund->has_amount = true;
    return read_amount(json, arena, &refund->net_minor);
}
