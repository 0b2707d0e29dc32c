/* SPDX-License-Identifier: MIT */
/* Answers what the calendar says, for check_calendar.py to compare. Each line of standard input asks: DATE
 * (as a customer's birth is kept) ZONE LEAP_DAY LUNAR_DAY_30 YEAR DAYS MINUTE; the line of the answer is the
 * civil day, and when the minute of the day so many days later is, in milliseconds since 1970; or - where
 * there is no such day. */
#include "common/yearly_date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const leap_days[] = {"feb-28", "mar-1", "leap-years"};
static const char *const lunar_days_30[] = {"day-29", "next-day", "skip"};

static unsigned find(const char *const *names, const char *name)
{
    unsigned i = 0;
    while (strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

int main(void)
{
    char text[32], zone[64], leap_day[16], lunar_day_30[16];
    int year = 0, days = 0, minute = 0;
    while (scanf("%31s %63s %15s %15s %d %d %d", text, zone, leap_day, lunar_day_30, &year, &days, &minute) ==
           7) {
        struct yearly_date date;
        struct civil_date day;
        struct yearly_rules rules = {.leap_day = (enum leap_day)find(leap_days, leap_day),
                                     .lunar_day_30 = (enum lunar_day_30)find(lunar_days_30, lunar_day_30)};
        if (!yearly_date_parse(slice_of(text), &date) || !zone_exists(slice_of(zone))) {
            printf("wrong\n");
        } else if (!yearly_date_in(&date, year, rules, &day)) {
            printf("-\n");
        } else {
            struct civil_date due = civil_date_from_days(civil_date_to_days(day) + days);
            printf("%04d-%02d-%02d %" PRId64 "\n", day.year, day.month, day.day,
                   zone_instant(slice_of(zone), due, minute));
        }
    }
    return EXIT_SUCCESS;
}
