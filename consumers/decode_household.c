/* SPDX-License-Identifier: MIT */
/* The household of a profile change: who lives with the customer, and when they were born. */
#include "common/household.h"
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

static field_reader read_id, read_relation, read_birth, read_called;
static bool has_member(const struct profile *profile, struct slice id);

static const struct field_rule member_rules[] = {
    FIELD_RULE("member", REQUIRED, read_id, offsetof(struct household_member, id)),
    FIELD_RULE("relation", REQUIRED, read_relation, offsetof(struct household_member, relation)),
    FIELD_RULE("birth_date", REQUIRED, read_birth, offsetof(struct household_member, birth)),
    FIELD_RULE("name", OPTIONAL, read_called, offsetof(struct household_member, name)),
};

/* Of two of one id the first counts; what comes behind NAMES_MAX is passed over, as with names. */
enum reject read_household(const struct json *json, struct arena *arena, struct profile *profile)
{
    if (json_type(json) != JSON_ARRAY) {
        return REJECT_wrong_field_type;
    }
    profile->members = arena_alloc(arena, NAMES_MAX * sizeof *profile->members);
    for (const struct json *each = json_first(json); each != NULL; each = json_next(each)) {
        struct household_member member = {0};
        enum reject reject =
            fields_read(each, member_rules, sizeof member_rules / sizeof *member_rules, arena, &member);
        if (reject != REJECT_NONE) {
            return reject;
        }
        if (profile->member_count < NAMES_MAX && !has_member(profile, member.id)) {
            profile->members[profile->member_count++] = member;
        }
    }
    return REJECT_NONE;
}

static bool has_member(const struct profile *profile, struct slice id)
{
    for (size_t i = 0; i < profile->member_count; i++) {
        if (slice_equal(profile->members[i].id, id)) {
            return true;
        }
    }
    return false;
}

static enum reject read_id(const struct json *json, struct arena *arena, void *member)
{
    struct slice id;
    if (!json_string(json, &id)) {
        return REJECT_wrong_field_type;
    }
    *(struct slice *)member = arena_copy(arena, id);
    return is_plain_name(id, MEMBER_ID_BYTES_MAX) ? REJECT_NONE : REJECT_bad_field_value;
}

static enum reject read_relation(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    return relation_parse(name, member) ? REJECT_NONE : REJECT_bad_field_value;
}

static enum reject read_birth(const struct json *json, struct arena *arena, void *member)
{
    return read_yearly_date(json, arena, member);
}

/* A text for people: blanks are fine, control characters are not. */
static enum reject read_called(const struct json *json, struct arena *arena, void *member)
{
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    bool good = name.len >= 1 && name.len <= MEMBER_NAME_BYTES_MAX;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        good = good && c >= 0x20 && c != 0x7f;
    }
    *(struct slice *)member = arena_copy(arena, name);
    return good ? REJECT_NONE : REJECT_bad_field_value;
}
