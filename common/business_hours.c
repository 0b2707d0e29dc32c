/* SPDX-License-Identifier: MIT */
#include "common/business_hours.h"

#include <stdlib.h>

#define THURSDAY 3 /* 1970-01-01, where Monday is 0 */

static const struct day_hours *hours_of(const struct business_hours *hours, int64_t day);
static const struct day_hours *find_other(const struct business_hours *hours, struct civil_date date);

int other_day_compare(const void *a, const void *b)
{
    const struct civil_date *x = &((const struct other_day *)a)->date;
    const struct civil_date *y = &((const struct other_day *)b)->date;
    if (x->year != y->year) {
        return x->year < y->year ? -1 : 1;
    }
    int order = 100 * (x->month - y->month) + x->day - y->day;
    return (order > 0) - (order < 0);
}

int64_t business_next_open(const struct business_hours *hours, int64_t ms)
{
    return business_add(hours, ms, 0);
}

/* Opening by opening. One that a clock change shortens or skips is as long as it really is. */
int64_t business_add(const struct business_hours *hours, int64_t ms, int64_t working_ms)
{
    struct civil_date date;
    int hour = 0;
    zone_local(hours->zone, ms, &date, &hour);
    int64_t first_day = civil_date_to_days(date);
    for (int64_t day = first_day; day <= first_day + BUSINESS_DAYS_MAX; day++) {
        const struct day_hours *today = hours_of(hours, day);
        date = civil_date_from_days(day);
        for (size_t i = 0; i < today->count; i++) {
            int64_t from_ms = zone_instant(hours->zone, date, today->openings[i].from_minute);
            int64_t to_ms = zone_instant(hours->zone, date, today->openings[i].to_minute);
            from_ms = from_ms > ms ? from_ms : ms;
            if (to_ms - from_ms > working_ms) {
                return from_ms + working_ms;
            }
            working_ms -= to_ms > from_ms ? to_ms - from_ms : 0;
        }
    }
    return zone_instant(hours->zone, civil_date_from_days(first_day + BUSINESS_DAYS_MAX), 0);
}

static const struct day_hours *hours_of(const struct business_hours *hours, int64_t day)
{
    struct civil_date date = civil_date_from_days(day), yearly = {.month = date.month, .day = date.day};
    const struct day_hours *found = find_other(hours, date);
    found = found != NULL ? found : find_other(hours, yearly);
    int64_t weekday = (day % 7 + 7 + THURSDAY) % 7;
    return found != NULL ? found : &hours->week[weekday];
}

static const struct day_hours *find_other(const struct business_hours *hours, struct civil_date date)
{
    if (hours->other_count == 0) {
        return NULL;
    }
    const struct other_day key = {.date = date};
    const struct other_day *found =
        bsearch(&key, hours->others, hours->other_count, sizeof key, other_day_compare);
    return found != NULL ? &found->hours : NULL;
}
