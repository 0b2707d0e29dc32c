/* SPDX-License-Identifier: MIT */
/* Readers of the policy's single values. Each names its mistake where it stands and says what would be right.
 */
#include "config/policy_parts.h"

#include "common/cloudevent.h"

#include <stdio.h>

#define REFERENCE_BYTES_MAX 64
#define NAME_BYTES_MAX      32

static const struct {
    char letter;
    int64_t ms;
} units[] = {
    {'d', 86400000},
    {'h', 3600000 },
    {'m', 60000   },
    {'s', 1000    }
};
#define UNIT_COUNT (sizeof units / sizeof *units)

static bool read_plain(const struct yaml *node, const char *what, size_t bytes_max, struct slice *ret_text);

bool policy_read_duration(const struct yaml *node, const char *what, int64_t low_ms, int64_t *ret_ms)
{
    struct slice text = {0};
    int64_t ms = 0;
    if (!yaml_text(node, what, &text)) {
        return false;
    }
    if (!policy_parse_duration(text, &ms)) {
        yaml_problem(node, "%s must be a duration such as 30s, 15m, 12h or 3d, not '%.*s'", what,
                     SLICE_ARG(text));
        return false;
    }
    if (ms < low_ms || ms > POLICY_DURATION_MAX_MS) {
        struct buf low = {0};
        policy_duration_text(low_ms, &low);
        yaml_problem(node, "%s must lie between %.*s and 3650d, not %.*s", what, SLICE_ARG(buf_view(&low)),
                     SLICE_ARG(text));
        buf_done(&low);
        return false;
    }
    *ret_ms = ms;
    return true;
}

bool policy_read_time_of_day(const struct yaml *node, const char *what, int *ret_minute)
{
    struct slice text = {0};
    int64_t hour = 0, minute = 0;
    if (!yaml_text(node, what, &text)) {
        return false;
    }
    if (text.len != 5 || text.data[2] != ':' || !parse_int((struct slice){text.data, 2}, &hour) ||
        !parse_int((struct slice){text.data + 3, 2}, &minute) || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59) {
        yaml_problem(node, "%s must be a time of day such as \"09:00\", not '%.*s'", what, SLICE_ARG(text));
        return false;
    }
    *ret_minute = (int)(60 * hour + minute);
    return true;
}

bool policy_read_instant(const struct yaml *node, const char *what, struct slice zone, int64_t *ret_ms)
{
    struct slice text = {0};
    struct civil_date date = {0};
    int64_t ms = 0;
    if (!yaml_text(node, what, &text)) {
        return false;
    }
    if (civil_date_parse(text, &date) && date.year > 0) {
        ms = zone_instant(zone, date, 0);
    } else if (!instant_parse(text, &ms)) {
        yaml_problem(
            node,
            "%s must be a date such as 2025-01-31 or an instant such as 2025-01-31T09:00:00Z, not '%.*s'",
            what, SLICE_ARG(text));
        return false;
    }
    if (ms <= 0 || ms >= 4133980800000) {
        yaml_problem(node, "%s must lie between 1970 and 2100, not '%.*s'", what, SLICE_ARG(text));
        return false;
    }
    *ret_ms = ms;
    return true;
}

bool policy_read_zone(const struct yaml *node, const char *what, struct slice *ret_zone)
{
    struct slice text = {0};
    if (!yaml_text(node, what, &text)) {
        return false;
    }
    if (!zone_exists(text)) {
        yaml_problem(
            node,
            "%s must be a time zone's IANA name such as Europe/Berlin; '%.*s' is not in the zone data (%s)",
            what, SLICE_ARG(text), zone_data_version());
        return false;
    }
    *ret_zone = text;
    return true;
}

bool policy_read_reference(const struct yaml *node, const char *what, struct slice *ret_reference)
{
    return read_plain(node, what, REFERENCE_BYTES_MAX, ret_reference);
}

bool policy_read_name(const struct yaml *node, const char *what, struct slice *ret_name)
{
    return read_plain(node, what, NAME_BYTES_MAX, ret_name);
}

bool policy_is_name(struct slice name, size_t most)
{
    bool good = name.len >= 1 && name.len <= most;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    return good;
}

void policy_duration_text(int64_t ms, struct buf *out)
{
    size_t unit = ms == 0 ? UNIT_COUNT - 1 : 0;
    while (ms % units[unit].ms != 0) { /* all durations are whole seconds */
        unit++;
    }
    buf_int(out, ms / units[unit].ms);
    buf_char(out, units[unit].letter);
}

bool policy_parse_duration(struct slice text, int64_t *ret_ms)
{
    int64_t number = 0, ms = 0;
    if (text.len < 2 || text.data[0] == '-' || !parse_int((struct slice){text.data, text.len - 1}, &number)) {
        return false;
    }
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (text.data[text.len - 1] == units[i].letter) {
            if (__builtin_mul_overflow(number, units[i].ms, &ms)) {
                ms = INT64_MAX; /* too long, but a duration */
            }
            *ret_ms = ms;
            return true;
        }
    }
    return false;
}

static bool read_plain(const struct yaml *node, const char *what, size_t bytes_max, struct slice *ret_text)
{
    struct slice text = {0};
    if (!yaml_text(node, what, &text)) {
        return false;
    }
    bool good = text.len >= 1 && text.len <= bytes_max;
    for (size_t i = 0; i < text.len; i++) {
        good = good && (unsigned char)text.data[i] > 0x20 && text.data[i] != 0x7f;
    }
    if (!good) {
        yaml_problem(node, "%s must have 1 to %zu bytes without blanks and control characters, not '%.*s'",
                     what, bytes_max, SLICE_ARG(text));
        return false;
    }
    *ret_text = text;
    return true;
}
