/* SPDX-License-Identifier: MIT */
/* When people work: opening hours by weekday in a zone, days that are closed or have hours of their own.
 * Working time is what lies within openings; an opening holds its first instant and not its last. */
#ifndef COMMON_BUSINESS_HOURS_H
#define COMMON_BUSINESS_HOURS_H

#include "common/calendar.h"

#include <stddef.h>

#define OPENINGS_MAX 4
struct day_hours {
    struct {
        int from_minute, to_minute; /* of the local day; to: up to 1440, midnight at its end */
    } openings[OPENINGS_MAX];       /* in order, without overlap */
    size_t count;                   /* 0: closed */
};

/* A day that is not like its weekday; year 0: every year, but for those that are named. */
struct other_day {
    struct civil_date date;
    struct day_hours hours;
};

struct business_hours {
    struct slice name, zone;
    struct day_hours week[7]; /* Monday first; at least one of them has an opening */
    struct other_day *others; /* sorted by other_day_compare */
    size_t other_count;
};

/* For qsort and bsearch, by date. */
int other_day_compare(const void *a, const void *b);

/* The first instant at or after ms that is open. */
int64_t business_next_open(const struct business_hours *hours, int64_t ms);

/* The instant at which working_ms of working time have passed since ms; where that is a closing time, the
 * next opening. After more than BUSINESS_DAYS_MAX days without enough of it: then. */
#define BUSINESS_DAYS_MAX 4000
int64_t business_add(const struct business_hours *hours, int64_t ms, int64_t working_ms);

#endif
