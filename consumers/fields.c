/* SPDX-License-Identifier: MIT */
/* Reading fields by tables, and the readers that several events share. */
#include "consumers/fields.h"

#include "common/event.h"
#include "common/words.h"

#include <assert.h>

static void find_members(const struct json *data, const struct field_rule *rules, size_t count,
                         const struct json **ret_members);
static enum reject read_plain_name(const struct json *json, size_t max, struct arena *arena,
                                   struct slice *ret_name);

enum reject fields_read(const struct json *data, const struct field_rule *rules, size_t count,
                        struct arena *arena, void *target)
{
    assert(count <= FIELD_RULES_MAX);
    if (data != NULL && json_type(data) != JSON_OBJECT) {
        return REJECT_wrong_field_type;
    }
    const struct json *members[FIELD_RULES_MAX] = {NULL};
    find_members(data, rules, count, members);
    for (size_t i = 0; i < count; i++) {
        const struct field_rule *rule = &rules[i];
        bool is_null = members[i] != NULL && json_type(members[i]) == JSON_NULL;
        if (members[i] == NULL || (is_null && rule->need != NULLABLE)) {
            if (rule->need == REQUIRED) {
                return REJECT_missing_field;
            }
            continue;
        }
        enum reject reject = rule->read(members[i], arena, (char *)target + rule->offset);
        if (reject != REJECT_NONE) {
            return reject;
        }
    }
    return REJECT_NONE;
}

enum reject read_identifier(const struct json *json, struct arena *arena, void *member)
{
    return read_plain_name(json, IDENTIFIER_BYTES_MAX, arena, member);
}

enum reject read_name(const struct json *json, struct arena *arena, void *member)
{
    return read_plain_name(json, NAME_BYTES_MAX, arena, member);
}

enum reject read_currency(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice text;
    if (!json_string(json, &text)) {
        return REJECT_wrong_field_type;
    }
    return currency_is_valid(text) && currency_read(text, member) ? REJECT_NONE : REJECT_bad_currency;
}

enum reject read_amount(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    int64_t amount;
    if (json_type(json) != JSON_NUMBER) {
        return REJECT_wrong_field_type;
    }
    if (!json_int(json, &amount)) {
        return REJECT_amount_not_integer;
    }
    if (amount < 0 || amount > JSON_INT_MAX) {
        return REJECT_amount_out_of_range;
    }
    *(int64_t *)member = amount;
    return REJECT_NONE;
}

enum reject read_sales_channel(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    *(enum sales_channel *)member = sales_channel_of(name);
    return REJECT_NONE;
}

enum reject read_severity(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    return severity_parse(name, member) ? REJECT_NONE : REJECT_bad_field_value;
}

enum reject read_names(const struct json *json, struct arena *arena, struct slice **ret_names,
                       size_t *ret_count)
{
    if (json_type(json) != JSON_ARRAY) {
        return REJECT_wrong_field_type;
    }
    size_t count = 0, room = 0;
    for (const struct json *each = json_first(json); each != NULL && room < NAMES_MAX;
         each = json_next(each)) {
        room++;
    }
    struct slice *names = arena_alloc(arena, room * sizeof *names);
    for (const struct json *each = json_first(json); each != NULL; each = json_next(each)) {
        struct slice name;
        enum reject reject = read_plain_name(each, NAME_BYTES_MAX, arena, &name);
        if (reject != REJECT_NONE) {
            return reject;
        }
        names_add(names, &count, name);
    }
    *ret_names = names;
    *ret_count = count;
    return REJECT_NONE;
}

void names_add(struct slice *names, size_t *count, struct slice name)
{
    for (size_t i = 0; i < *count; i++) {
        if (slice_equal(names[i], name)) {
            return;
        }
    }
    if (*count < NAMES_MAX) {
        names[(*count)++] = name;
    }
}

/* Control characters are those of ASCII and of Latin-1 (U+0080 to U+009F); U+00A0 is a blank. */
bool is_plain_name(struct slice text, size_t max)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= 0x20 || c == 0x7f ||
            (c == 0xc2 && i + 1 < text.len && (unsigned char)text.data[i + 1] <= 0xa0)) {
            return false;
        }
    }
    return text.len >= 1 && text.len <= max;
}

static void find_members(const struct json *data, const struct field_rule *rules, size_t count,
                         const struct json **ret_members)
{
    for (const struct json *member = data != NULL ? json_first(data) : NULL; member != NULL;
         member = json_next(member)) {
        struct slice name = json_name(member);
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(name, rules[i].name)) {
                ret_members[i] = member;
                break;
            }
        }
    }
}

static enum reject read_plain_name(const struct json *json, size_t max, struct arena *arena,
                                   struct slice *ret_name)
{
    struct slice text;
    if (!json_string(json, &text)) {
        return REJECT_wrong_field_type;
    }
    if (!is_plain_name(text, max)) {
        return REJECT_bad_field_value;
    }
    *ret_name = arena_copy(arena, text);
    return REJECT_NONE;
}
