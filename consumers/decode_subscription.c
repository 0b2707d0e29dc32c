/* SPDX-License-Identifier: MIT */
/* The data of subscriptions to news of a product. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

static field_reader read_kind, read_state;

static const struct field_rule rules[] = {
    FIELD_RULE("product_id", REQUIRED, read_identifier, offsetof(struct subscription, product_id)),
    FIELD_RULE("kind", REQUIRED, read_kind, offsetof(struct subscription, kind)),
    FIELD_RULE("state", REQUIRED, read_state, offsetof(struct subscription, cancelled)),
};

enum reject event_decode_subscription(const struct json *data, struct arena *arena, struct event *event)
{
    return fields_read(data, rules, sizeof rules / sizeof rules[0], arena, &event->data.subscription);
}

static enum reject read_kind(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    enum news_kind kind;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    if (!news_kind_parse(name, &kind) || (kind != NEWS_RESTOCKED && kind != NEWS_REPRICED)) {
        return REJECT_bad_field_value;
    }
    *(enum news_kind *)member = kind;
    return REJECT_NONE;
}

static enum reject read_state(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice state;
    if (!json_string(json, &state)) {
        return REJECT_wrong_field_type;
    }
    *(bool *)member = slice_is(state, "cancelled");
    return slice_is(state, "cancelled") || slice_is(state, "subscribed") ? REJECT_NONE
                                                                         : REJECT_bad_field_value;
}
