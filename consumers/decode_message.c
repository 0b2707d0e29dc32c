/* SPDX-License-Identifier: MIT */
/* The data of what became of messages and tasks. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

#define FOLLOW_UP_BYTES_MAX 65 /* with its stage */

static field_reader read_follow_up, read_channel;

static const struct field_rule message_rules[] = {
    FIELD_RULE("follow_up", REQUIRED, read_follow_up, offsetof(struct message, follow_up)),
    FIELD_RULE("occurrence", REQUIRED, read_identifier, offsetof(struct message, occurrence)),
    FIELD_RULE("contact_channel", OPTIONAL, read_channel, offsetof(struct message, channel)),
};

enum reject event_decode_message(const struct json *data, struct arena *arena, struct event *event)
{
    event->data.message.channel = CONTACT_CHANNEL_COUNT;
    return fields_read(data, message_rules, sizeof message_rules / sizeof message_rules[0], arena,
                       &event->data.message);
}

static enum reject read_follow_up(const struct json *json, struct arena *arena, void *member)
{
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    if (!is_plain_name(name, FOLLOW_UP_BYTES_MAX) || memchr(name.data, ':', name.len) != NULL) {
        return REJECT_bad_field_value;
    }
    *(struct slice *)member = arena_copy(arena, name);
    return REJECT_NONE;
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
