/* SPDX-License-Identifier: MIT */
/* The data of profile changes: every field may be there with a value, there with null (remove it), or absent.
 */
#include "common/lunar_year.h"
#include "common/yearly_date.h"
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

#define CHANNEL_BYTES_MAX  16 /* of a contact channel's name, with a blank */
#define LANGUAGE_BYTES_MAX 35 /* RFC 5646, 4.4.1: room for any tag in use */

/* A yearly date as the event has it. */
struct date_fields {
    struct slice name; /* of special dates */
    enum date_calendar calendar;
    int64_t year, month, day; /* year 0: not known */
    bool leap_month;
};

static field_reader read_birth_date, read_zone, read_country, read_region, read_language, read_interests,
    read_contact_channels, read_special_dates, read_members;
static field_reader read_calendar, read_year, read_month_or_day, read_leap_month;
static enum reject read_date(const struct date_fields *fields, struct yearly_date *ret_date);
static enum reject read_text(const struct json *json, struct arena *arena, enum presence *presence,
                             struct slice *ret_text);
static bool has_date(const struct profile *profile, struct slice name);
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
    FIELD_RULE("special_dates", NULLABLE, read_special_dates, 0),
    FIELD_RULE("household", NULLABLE, read_members, 0),
};

static const struct field_rule date_rules[] = {
    FIELD_RULE("calendar", REQUIRED, read_calendar, offsetof(struct date_fields, calendar)),
    FIELD_RULE("year", OPTIONAL, read_year, offsetof(struct date_fields, year)),
    FIELD_RULE("month", REQUIRED, read_month_or_day, offsetof(struct date_fields, month)),
    FIELD_RULE("day", REQUIRED, read_month_or_day, offsetof(struct date_fields, day)),
    FIELD_RULE("leap_month", OPTIONAL, read_leap_month, offsetof(struct date_fields, leap_month)),
};

static const struct field_rule special_date_rules[] = {
    FIELD_RULE("name", REQUIRED, read_name, offsetof(struct date_fields, name)),
    FIELD_RULE("calendar", OPTIONAL, read_calendar, offsetof(struct date_fields, calendar)),
    FIELD_RULE("year", OPTIONAL, read_year, offsetof(struct date_fields, year)),
    FIELD_RULE("month", REQUIRED, read_month_or_day, offsetof(struct date_fields, month)),
    FIELD_RULE("day", REQUIRED, read_month_or_day, offsetof(struct date_fields, day)),
    FIELD_RULE("leap_month", OPTIONAL, read_leap_month, offsetof(struct date_fields, leap_month)),
};

#define COUNT(rules) (sizeof(rules) / sizeof(rules)[0])

enum reject event_decode_profile(const struct json *data, struct arena *arena, struct event *event)
{
    return fields_read(data, profile_rules, COUNT(profile_rules), arena, &event->data.profile);
}

enum reject read_yearly_date(const struct json *json, struct arena *arena, struct yearly_date *ret_date)
{
    struct date_fields fields = {0};
    enum reject reject = fields_read(json, date_rules, COUNT(date_rules), arena, &fields);
    return reject == REJECT_NONE ? read_date(&fields, ret_date) : reject;
}

static enum reject read_birth_date(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    if (json_type(json) == JSON_NULL) {
        profile->birth = FIELD_REMOVED;
        return REJECT_NONE;
    }
    struct yearly_date birth;
    enum reject reject = read_yearly_date(json, arena, &birth);
    if (reject == REJECT_NONE) {
        profile->birth = FIELD_GIVEN;
        yearly_date_text(&birth, profile->birth_text);
    }
    return reject;
}

static enum reject read_members(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    profile->household = json_type(json) == JSON_NULL ? FIELD_REMOVED : FIELD_GIVEN;
    return profile->household == FIELD_REMOVED ? REJECT_NONE : read_household(json, arena, profile);
}

static enum reject read_date(const struct date_fields *fields, struct yearly_date *ret_date)
{
    struct yearly_date date = {.calendar = fields->calendar,
                               .year = (int)fields->year,
                               .month = (int)fields->month,
                               .day = (int)fields->day,
                               .leap_month = fields->leap_month};
    if (date.calendar == CALENDAR_LUNAR && date.year != 0 && !lunar_year_exists(date.year)) {
        return REJECT_lunar_year_out_of_range;
    }
    if (!yearly_date_exists(&date)) {
        return REJECT_bad_date;
    }
    *ret_date = date;
    return REJECT_NONE;
}

static enum reject read_calendar(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    bool lunar = slice_is(name, "chinese") || slice_is(name, "lunar");
    bool known = lunar || slice_is(name, "gregorian") || slice_is(name, "solar");
    *(enum date_calendar *)member = lunar ? CALENDAR_LUNAR : CALENDAR_SOLAR;
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

static enum reject read_leap_month(const struct json *json, struct arena *arena, void *member)
{
    (void)arena;
    return json_bool(json, member) ? REJECT_NONE : REJECT_wrong_field_type;
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

/* Of two of one name the first counts; what comes behind NAMES_MAX is passed over, as with names. */
static enum reject read_special_dates(const struct json *json, struct arena *arena, void *member)
{
    struct profile *profile = member;
    profile->special_dates = json_type(json) == JSON_NULL ? FIELD_REMOVED : FIELD_GIVEN;
    if (profile->special_dates == FIELD_REMOVED) {
        return REJECT_NONE;
    }
    if (json_type(json) != JSON_ARRAY) {
        return REJECT_wrong_field_type;
    }
    profile->dates = arena_alloc(arena, NAMES_MAX * sizeof *profile->dates);
    for (const struct json *each = json_first(json); each != NULL; each = json_next(each)) {
        struct date_fields fields = {0};
        struct yearly_date date;
        enum reject reject = fields_read(each, special_date_rules, COUNT(special_date_rules), arena, &fields);
        if (reject == REJECT_NONE) {
            reject = read_date(&fields, &date);
        }
        if (reject != REJECT_NONE) {
            return reject;
        }
        if (profile->date_count < NAMES_MAX && !has_date(profile, fields.name)) {
            struct special_date *special = &profile->dates[profile->date_count++];
            special->name = fields.name;
            yearly_date_text(&date, special->text);
        }
    }
    return REJECT_NONE;
}

static bool has_date(const struct profile *profile, struct slice name)
{
    for (size_t i = 0; i < profile->date_count; i++) {
        if (slice_equal(profile->dates[i].name, name)) {
            return true;
        }
    }
    return false;
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
