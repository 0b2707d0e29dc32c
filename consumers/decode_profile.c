/* SPDX-License-Identifier: MIT */
/* The data of profile changes: every field may be there with a value, there with null (remove it), or absent.
 */
#include "common/calendar.h"
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

#define CHANNEL_BYTES_MAX  16 /* of a contact channel's name, with a blank */
#define LANGUAGE_BYTES_MAX 35 /* RFC 5646, 4.4.1: room for any tag in use */

struct birth_date {
    struct slice calendar;
    int64_t year, month, day; /* year 0: not known */
};

static field_reader read_birth_date, read_zone, read_country, read_region, read_language, read_interests,
    read_contact_channels;
static field_reader read_calendar, read_year, read_month_or_day;
static enum reject read_text(const struct json *json, struct arena *arena, enum presence *presence,
                             struct slice *ret_text);
static void put_digits(char *at, int64_t value, int digits);
static bool is_region(struct slice text);
static bool is_language(struct slice text);
static bool is_letter(char c);
static bool is_digit(char c);

static const struct field_rule profile_rules[] = {
    FIELD_RULE("birth_date", NULLABLE, read_birth_date, 0),
    FIELD_RULE("zone", NULLABLE, read_zone, 0),
    FIELD_RULE("country", NULLABLE, read_country, 0),
    FIELD_RULE("region", NULLABLE, read_region, 0),
    FIELD_RULE("language", NULLABLE, read_language, 0),
    FIELD_RULE("interests", NULLABLE, read_interests, 0),
    FIELD_RULE("contact_channels", NULLABLE, read_contact_channels, 0),
};

static const struct field_rule birth_date_rules[] = {
    FIELD_RULE("calendar", REQUIRED, read_calendar, offsetof(struct birth_date, calendar)),
    FIELD_RULE("year", OPTIONAL, read_year, offsetof(struct birth_date, year)),
    FIELD_RULE("month", REQUIRED, read_month_or_day, offsetof(struct birth_date, month)),
    FIELD_RULE("day", REQUIRED, read_month_or_day, offsetof(struct birth_date, day)),
};

#define COUNT(rules) (sizeof(rules) / sizeof(rules)[0])

enum reject event_decode_profile(const struct json *data, struct arena *arena, struct event *event)
{
    return fields_read(data, profile_rules, COUNT(profile_rules), arena, &event->data.profile);
}

static enum reject read_birth_date(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    if (json_type(json) == JSON_NULL) {
        profile->birth = FIELD_REMOVED;
        return REJECT_NONE;
    }
    struct birth_date birth = {0};
    enum reject reject = fields_read(json, birth_date_rules, COUNT(birth_date_rules), arena, &birth);
    if (reject != REJECT_NONE) {
        return reject;
    }
    char text[] = "YYYY-MM-DD", *month = text + 5;
    put_digits(text, birth.year, 4);
    put_digits(month, birth.month, 2);
    put_digits(month + 3, birth.day, 2);
    if (birth.year == 0) {
        memcpy(text + 3, "--", 2); /* "--MM-DD" begins here */
    }
    struct slice date = slice_of(birth.year == 0 ? text + 3 : text);
    struct civil_date civil;
    if (!civil_date_parse(date, &civil)) {
        return REJECT_bad_date;
    }
    profile->birth = FIELD_GIVEN;
    memcpy(profile->birth_text, date.data, date.len + 1);
    return REJECT_NONE;
}

static enum reject read_calendar(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice *calendar = member;
    if (!json_string(json, calendar)) {
        return REJECT_wrong_field_type;
    }
    bool known = slice_is(*calendar, "gregorian") || slice_is(*calendar, "solar");
    return known ? REJECT_NONE : REJECT_bad_field_value;
}

static enum reject read_year(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    int64_t *year = member;
    if (!json_int(json, year)) {
        return REJECT_wrong_field_type;
    }
    return *year >= 1 && *year <= 9999 ? REJECT_NONE : REJECT_bad_date;
}

static enum reject read_month_or_day(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    int64_t *number = member;
    if (!json_int(json, number)) {
        return REJECT_wrong_field_type;
    }
    return *number >= 1 && *number <= 31 ? REJECT_NONE : REJECT_bad_date;
}

static enum reject read_zone(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    enum reject reject = read_text(json, arena, &profile->zone, &profile->zone_text);
    bool given = reject == REJECT_NONE && profile->zone == FIELD_GIVEN;
    return given && !zone_exists(profile->zone_text) ? REJECT_unknown_zone : reject;
}

static enum reject read_country(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    enum reject reject = read_text(json, arena, &profile->country, &profile->country_text);
    struct slice text = profile->country_text;
    if (reject == REJECT_NONE && profile->country == FIELD_GIVEN &&
        !(text.len == 2 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' &&
          text.data[1] <= 'Z')) {
        return REJECT_bad_field_value;
    }
    return reject;
}

static enum reject read_region(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    enum reject reject = read_text(json, arena, &profile->region, &profile->region_text);
    bool given = reject == REJECT_NONE && profile->region == FIELD_GIVEN;
    return given && !is_region(profile->region_text) ? REJECT_bad_field_value : reject;
}

static enum reject read_language(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    enum reject reject = read_text(json, arena, &profile->language, &profile->language_text);
    bool given = reject == REJECT_NONE && profile->language == FIELD_GIVEN;
    return given && !is_language(profile->language_text) ? REJECT_bad_field_value : reject;
}

static enum reject read_interests(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    profile->interests = json_type(json) == JSON_NULL ? FIELD_REMOVED : FIELD_GIVEN;
    if (profile->interests == FIELD_REMOVED) {
        return REJECT_NONE;
    }
    return read_names(json, arena, &profile->interest_names, &profile->interest_count);
}

/* As it is kept: "email push". */
static enum reject read_contact_channels(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    bool known[CONTACT_CHANNEL_COUNT] = {false};
    char *text = arena_alloc(arena, CONTACT_CHANNEL_COUNT * CHANNEL_BYTES_MAX);
    size_t len = 0;
    profile->contact_channels = json_type(json) == JSON_NULL ? FIELD_REMOVED : FIELD_GIVEN;
    if (profile->contact_channels == FIELD_REMOVED) {
        return REJECT_NONE;
    }
    if (json_type(json) != JSON_ARRAY) {
        return REJECT_wrong_field_type;
    }
    for (const struct json *each = json_first(json); each != NULL; each = json_next(each)) {
        struct slice name;
        enum contact_channel channel;
        if (!json_string(each, &name)) {
            return REJECT_wrong_field_type;
        }
        if (!contact_channel_parse(name, &channel)) {
            return REJECT_bad_field_value;
        }
        if (!known[channel]) {
            known[channel] = true;
            if (len > 0) {
                text[len++] = ' ';
            }
            memcpy(text + len, name.data, name.len);
            len += name.len;
        }
    }
    profile->contact_channel_names = (struct slice){.data = text, .len = len};
    return REJECT_NONE;
}

static enum reject read_text(const struct json *json, struct arena *arena, enum presence *presence,
                             struct slice *ret_text)
{
    *presence = json_type(json) == JSON_NULL ? FIELD_REMOVED : FIELD_GIVEN;
    if (*presence == FIELD_REMOVED) {
        return REJECT_NONE;
    }
    struct slice text;
    if (!json_string(json, &text)) {
        return REJECT_wrong_field_type;
    }
    *ret_text = arena_copy(arena, text);
    return REJECT_NONE;
}

static void put_digits(char *at, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* ISO 3166-2 behind the hyphen: one to three capital letters or digits. */
static bool is_region(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!(text.data[i] >= 'A' && text.data[i] <= 'Z') && !is_digit(text.data[i])) {
            return false;
        }
    }
    return text.len >= 1 && text.len <= 3;
}

/* The form of a BCP 47 tag: parts of 1 to 8 letters and digits with hyphens between, the first of letters
 * only. Which parts are registered is not looked at. */
static bool is_language(struct slice text)
{
    size_t part = 0;
    bool is_first = true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '-' && part > 0) {
            part = 0;
            is_first = false;
        } else if (!is_letter(c) && !(is_digit(c) && !is_first)) {
            return false;
        } else if (++part > 8) {
            return false;
        }
    }
    return part > 0 && text.len >= 2 && text.len <= LANGUAGE_BYTES_MAX;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
