/* SPDX-License-Identifier: MIT */
/* Civil dates and time zones, by ICU; the only file that knows it. Zones are looked up once and kept, for
 * all threads. Offsets after 2149 are taken to stay as they are then. */
#ifndef COMMON_CALENDAR_H
#define COMMON_CALENDAR_H

#include "common/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct civil_date {
    int year, month, day; /* Gregorian, month 1..12; year 0: not known */
};

/* "YYYY-MM-DD" or "--MM-DD"; checks that the day exists (29 February without a year does). */
bool civil_date_parse(struct slice text, struct civil_date *ret_date);

/* The same form, whatever the numbers mean; the year is 0 where there is none. */
bool civil_date_read(struct slice text, int *ret_year, int *ret_month, int *ret_day);

int civil_days_in_month(int year, int month);

/* Days since 1970-01-01, and back. The year must be known. */
int64_t civil_date_to_days(struct civil_date date);
struct civil_date civil_date_from_days(int64_t days);

bool zone_exists(struct slice zone); /* an IANA name in ICU's data */
const char *zone_data_version(void); /* such as "2024a" */

/* The only zone of a country, where it has just one canonical one; absent otherwise. A view that lives for
 * good. */
struct slice zone_of_country(struct slice country);

/* The local date and hour of an instant. The zone must exist. */
void zone_local(struct slice zone, int64_t ms, struct civil_date *ret_date, int *ret_hour);

/* The instant of a local date and minute of the day. A time that a clock change skips: the next instant that
 * exists; one that comes twice: the first. A date that the zone skips as a whole: the first instant after it.
 */
int64_t zone_instant(struct slice zone, struct civil_date date, int minute_of_day);

/* The first instant, not before ms, at which the local clock shows no time between the two minutes of the
 * day: from from_minute on and before to_minute; across midnight where from_minute is the later one. ms
 * itself if it shows none now. The two differ. */
int64_t zone_outside(struct slice zone, int64_t ms, int from_minute, int to_minute);

#endif
