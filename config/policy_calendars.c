/* SPDX-License-Identifier: MIT */
/* Reads the business calendars of a policy: when the people work who get its tasks. */
#include "config/policy_parts.h"

#include <stdlib.h>

#define CALENDARS_MAX  20
#define OTHER_DAYS_MAX 400
#define WORKING_MAX_MS (1000 * 3600000LL)
#define COUNT(array)   (sizeof(array) / sizeof *(array))

/* One calendar while it is read. */
struct reader {
    const struct yaml *node;
    struct arena *arena;
    const char *path; /* "calendars.service" */
    struct business_hours *hours;
};

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static void read_calendar(struct reader *reader);
static void check_working_time(const struct follow_up_reader *reader, const struct yaml *node);
static void read_week(struct reader *reader);
static void read_weekdays(struct reader *reader, const struct yaml *node);
static bool find_weekday(struct slice name, size_t *ret_weekday);
static void read_others(struct reader *reader);
static void add_other(struct reader *reader, const struct yaml *node, struct slice text,
                      const struct day_hours *hours);
static void read_openings(const struct reader *reader, const struct yaml *node, struct day_hours *hours);
static void read_opening(const struct yaml *node, const char *what, struct day_hours *hours);
static bool parse_minute(struct slice text, int *ret_minute);

void policy_read_calendars(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "calendars")) {
        return;
    }
    if (node->count > CALENDARS_MAX) {
        yaml_problem(node, "calendars has %zu of them; at most %d are read", node->count, CALENDARS_MAX);
        return;
    }
    policy->calendars = arena_zalloc(arena, (node->count + 1) * sizeof *policy->calendars);
    YAML_EACH(child, node)
    {
        struct reader reader = {.node = child,
                                .arena = arena,
                                .path = arena_printf(arena, "calendars.%.*s", SLICE_ARG(child->key)).data,
                                .hours = &policy->calendars[policy->calendar_count++]};
        reader.hours->name = child->key;
        reader.hours->zone = policy->default_zone;
        read_calendar(&reader);
    }
}

void policy_read_follow_up_calendar(struct follow_up_reader *reader)
{
    const struct yaml *node = yaml_get(reader->node, "calendar"), *after = yaml_get(reader->node, "after");
    const struct policy *policy = reader->policy;
    size_t choice = 0;
    if (node == NULL) {
        return;
    }
    const char **names = arena_zalloc(reader->arena, (policy->calendar_count + 1) * sizeof *names);
    for (size_t i = 0; i < policy->calendar_count; i++) {
        names[i] = arena_copy(reader->arena, policy->calendars[i].name).data;
    }
    if (policy->calendar_count == 0) {
        yaml_problem(node, "%s needs a calendar under 'calendars'; there is none",
                     policy_path(reader, "calendar"));
    } else if (yaml_choice(node, policy_path(reader, "calendar"), names, policy->calendar_count, &choice)) {
        reader->follow_up->calendar = &policy->calendars[choice];
    }
    if (after != NULL && after->kind == YAML_MAPPING) {
        YAML_EACH(child, after)
        {
            check_working_time(reader, child);
        }
    } else if (after != NULL) {
        check_working_time(reader, after);
    }
}

/* A day would be 24 hours of work, which nobody means. */
static void check_working_time(const struct follow_up_reader *reader, const struct yaml *node)
{
    int64_t ms = 0;
    if (node->kind != YAML_SCALAR || !policy_read_duration(node, policy_path(reader, "after"), 0, &ms)) {
        return; /* noted before */
    }
    if (node->text.data[node->text.len - 1] == 'd' || ms > WORKING_MAX_MS) {
        yaml_problem(node,
                     "%s counts the calendar's hours: write hours, such as 8h for a day of eight, at most "
                     "1000h, not '%.*s'",
                     policy_path(reader, "after"), SLICE_ARG(node->text));
    }
}

static void read_calendar(struct reader *reader)
{
    static const char *const keys[] = {"zone", "hours", "closed", "also_open"};
    if (!yaml_is_mapping(reader->node, reader->path)) {
        return;
    }
    (void)yaml_only_keys(reader->node, reader->path, keys, COUNT(keys));
    const struct yaml *node = yaml_get(reader->node, "zone");
    if (node != NULL) {
        noted(policy_read_zone(node, arena_printf(reader->arena, "%s.zone", reader->path).data,
                               &reader->hours->zone));
    }
    read_week(reader);
    read_others(reader);
}

static void read_week(struct reader *reader)
{
    const char *what = arena_printf(reader->arena, "%s.hours", reader->path).data;
    const struct yaml *node = yaml_get(reader->node, "hours");
    if (node == NULL || yaml_is_null(node)) {
        yaml_problem_at_key(reader->node, "%s needs 'hours', such as {mon-fri: \"09:00-18:00\"}",
                            reader->path);
    } else if (yaml_is_mapping(node, what)) {
        YAML_EACH(child, node)
        {
            read_weekdays(reader, child);
        }
        if (node->count == 0) {
            yaml_problem(node, "%s must name at least one day", what);
        }
    }
}

/* "mon" or "mon-fri". */
static void read_weekdays(struct reader *reader, const struct yaml *node)
{
    size_t first = 0, last = 0;
    bool one = node->key.len == 3 && find_weekday(node->key, &first);
    struct slice end = {.data = node->key.data + 4, .len = 3};
    bool range = node->key.len == 7 && node->key.data[3] == '-' &&
                 find_weekday((struct slice){.data = node->key.data, .len = 3}, &first) &&
                 find_weekday(end, &last) && first < last;
    if (!one && !range) {
        yaml_problem_at_key(node,
                            "a day in %s.hours must be mon, tue, wed, thu, fri, sat, sun or a range such as "
                            "mon-fri, not '%.*s'",
                            reader->path, SLICE_ARG(node->key));
        return;
    }
    struct day_hours hours = {0};
    read_openings(reader, node, &hours);
    for (size_t day = first; day <= (one ? first : last); day++) {
        if (reader->hours->week[day].count > 0) {
            yaml_problem_at_key(node, "%s stands in %s.hours twice", weekdays[day], reader->path);
        }
        reader->hours->week[day] = hours;
    }
}

static bool find_weekday(struct slice name, size_t *ret_weekday)
{
    for (size_t i = 0; i < COUNT(weekdays); i++) {
        if (slice_is(name, weekdays[i])) {
            *ret_weekday = i;
            return true;
        }
    }
    return false;
}

static void read_others(struct reader *reader)
{
    const struct yaml *closed = yaml_get(reader->node, "closed");
    const struct yaml *open = yaml_get(reader->node, "also_open");
    const char *closed_path = arena_printf(reader->arena, "%s.closed", reader->path).data;
    const char *open_path = arena_printf(reader->arena, "%s.also_open", reader->path).data;
    bool has_closed = closed != NULL && !yaml_is_null(closed) && yaml_is_sequence(closed, closed_path);
    bool has_open = open != NULL && !yaml_is_null(open) && yaml_is_mapping(open, open_path);
    size_t count = (has_closed ? closed->count : 0) + (has_open ? open->count : 0);
    if (count > OTHER_DAYS_MAX) {
        yaml_problem_at_key(reader->node, "%s has %zu closed and open days; at most %d are read",
                            reader->path, count, OTHER_DAYS_MAX);
        return;
    }
    reader->hours->others = arena_zalloc(reader->arena, (count + 1) * sizeof *reader->hours->others);
    const struct day_hours none = {0};
    for (const struct yaml *each = has_closed ? closed->first : NULL; each != NULL; each = each->next) {
        struct slice text = {0};
        if (yaml_text(each, closed_path, &text)) {
            add_other(reader, each, text, &none);
        }
    }
    for (const struct yaml *each = has_open ? open->first : NULL; each != NULL; each = each->next) {
        struct day_hours hours = {0};
        read_openings(reader, each, &hours);
        add_other(reader, each, each->key, &hours);
    }
    qsort(reader->hours->others, reader->hours->other_count, sizeof *reader->hours->others,
          other_day_compare);
}

static void add_other(struct reader *reader, const struct yaml *node, struct slice text,
                      const struct day_hours *hours)
{
    struct other_day day = {.hours = *hours};
    if (!civil_date_parse(text, &day.date)) {
        yaml_problem(node,
                     "a day in %s must be a date such as 2026-12-24, or --12-25 for every year, not '%.*s'",
                     reader->path, SLICE_ARG(text));
        return;
    }
    for (size_t i = 0; i < reader->hours->other_count; i++) {
        if (other_day_compare(&reader->hours->others[i], &day) == 0) {
            yaml_problem(node, "%.*s stands in %s twice", SLICE_ARG(text), reader->path);
            return;
        }
    }
    reader->hours->others[reader->hours->other_count++] = day;
}

/* "09:00-18:00", or a list of such. */
static void read_openings(const struct reader *reader, const struct yaml *node, struct day_hours *hours)
{
    const char *what = arena_printf(reader->arena, "%s, %.*s:", reader->path, SLICE_ARG(node->key)).data;
    if (node->kind != YAML_SEQUENCE) {
        read_opening(node, what, hours);
        return;
    }
    if (node->count == 0 || node->count > OPENINGS_MAX) {
        yaml_problem(node, "%s has %zu openings; it needs 1 to %d", what, node->count, OPENINGS_MAX);
        return;
    }
    YAML_EACH(child, node)
    {
        read_opening(child, what, hours);
    }
}

static void read_opening(const struct yaml *node, const char *what, struct day_hours *hours)
{
    struct slice text = {0};
    int from = 0, to = 0;
    if (!yaml_text(node, what, &text)) {
        return;
    }
    int begun = hours->count > 0 ? hours->openings[hours->count - 1].to_minute : 0;
    if (text.len != 11 || text.data[5] != '-' || !parse_minute((struct slice){text.data, 5}, &from) ||
        !parse_minute((struct slice){text.data + 6, 5}, &to) || from >= to || from < begun) {
        yaml_problem(node, "%s must be hours such as \"09:00-18:00\", the earlier first, not '%.*s'", what,
                     SLICE_ARG(text));
        return;
    }
    hours->openings[hours->count].from_minute = from;
    hours->openings[hours->count++].to_minute = to;
}

/* "00:00" to "24:00". */
static bool parse_minute(struct slice text, int *ret_minute)
{
    int64_t hour = 0, minute = 0;
    if (text.data[2] != ':' || text.data[0] == '-' || text.data[3] == '-' ||
        !parse_int((struct slice){text.data, 2}, &hour) ||
        !parse_int((struct slice){text.data + 3, 2}, &minute) || minute > 59 || 60 * hour + minute > 1440) {
        return false;
    }
    *ret_minute = (int)(60 * hour + minute);
    return true;
}
