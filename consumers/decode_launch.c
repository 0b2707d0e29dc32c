/* SPDX-License-Identifier: MIT */
/* The data of product launches. Whose it is, the product, is the event's subject. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

#define PRODUCT_NAME_BYTES_MAX 128

static field_reader read_product_name, read_interests;

static const struct field_rule launch_rules[] = {
    FIELD_RULE("name", REQUIRED, read_product_name, offsetof(struct launch, name)),
    FIELD_RULE("interests", REQUIRED, read_interests, 0),
};

enum reject event_decode_launch(const struct json *data, struct arena *arena, struct event *event)
{
    struct launch *launch = &event->data.launch;
    launch->product_id = event->subject;
    launch->time_ms = event->time_ms;
    return fields_read(data, launch_rules, sizeof launch_rules / sizeof launch_rules[0], arena, launch);
}

/* A text for people: blanks are fine, control characters are not. */
static enum reject read_product_name(const struct json *json, struct arena *arena, void *member)
{
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < 0x20 || c == 0x7f) {
            return REJECT_bad_field_value;
        }
    }
    if (name.len < 1 || name.len > PRODUCT_NAME_BYTES_MAX) {
        return REJECT_bad_field_value;
    }
    *(struct slice *)member = arena_copy(arena, name);
    return REJECT_NONE;
}

static enum reject read_interests(const struct json *json, struct arena *arena, void *member)
{
    struct launch *launch = member;
    struct slice *names;
    size_t count;
    enum reject reject = read_names(json, arena, &names, &count);
    if (reject != REJECT_NONE) {
        return reject;
    }
    if (count < 1 || count > sizeof launch->interests / sizeof launch->interests[0]) {
        return REJECT_bad_field_value;
    }
    memcpy(launch->interests, names, count * sizeof *names);
    launch->interest_count = count;
    return REJECT_NONE;
}
