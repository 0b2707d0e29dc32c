/* SPDX-License-Identifier: MIT */
/* The data of consents. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

static field_reader read_channel, read_purpose, read_state, read_text, read_once;

static const struct field_rule consent_rules[] = {
    FIELD_RULE("contact_channel", REQUIRED, read_channel, offsetof(struct consent_event, channel)),
    FIELD_RULE("purpose", REQUIRED, read_purpose, offsetof(struct consent_event, purpose)),
    FIELD_RULE("state", REQUIRED, read_state, offsetof(struct consent_event, state)),
    FIELD_RULE("source", OPTIONAL, read_text, offsetof(struct consent_event, source)),
    FIELD_RULE("text_version", OPTIONAL, read_text, offsetof(struct consent_event, text_version)),
    FIELD_RULE("once", OPTIONAL, read_once, offsetof(struct consent_event, once)),
};

enum reject event_decode_consent(const struct json *data, struct arena *arena, struct event *event)
{
    return fields_read(data, consent_rules, sizeof consent_rules / sizeof consent_rules[0], arena,
                       &event->data.consent);
}

static enum reject read_channel(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    return contact_channel_parse(name, member) ? REJECT_NONE : REJECT_bad_field_value;
}

static enum reject read_purpose(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    return consent_purpose_parse(name, member) ? REJECT_NONE : REJECT_bad_field_value;
}

static enum reject read_state(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    return consent_state_parse(name, member) ? REJECT_NONE : REJECT_bad_field_value;
}

/* "-" stands for nothing where it is kept. */
static enum reject read_text(const struct json *json, struct arena *arena, void *member)
{
    struct slice text;
    if (!json_string(json, &text)) {
        return REJECT_wrong_field_type;
    }
    if (!is_plain_name(text, CONSENT_TEXT_MAX) || slice_is(text, "-")) {
        return REJECT_bad_field_value;
    }
    *(struct slice *)member = arena_copy(arena, text);
    return REJECT_NONE;
}

static enum reject read_once(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    return json_bool(json, member) ? REJECT_NONE : REJECT_wrong_field_type;
}
