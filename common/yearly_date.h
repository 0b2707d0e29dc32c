/* SPDX-License-Identifier: MIT */
/* A day that comes back every year, by the solar (Gregorian) or the lunar (Chinese) calendar: a birthday, a
 * wedding day. Which civil day it is in a given year is decided here, with the rules that a policy chooses
 * for days that a year lacks. */
#ifndef COMMON_YEARLY_DATE_H
#define COMMON_YEARLY_DATE_H

#include "common/calendar.h"

enum date_calendar { CALENDAR_SOLAR, CALENDAR_LUNAR };

struct yearly_date {
    enum date_calendar calendar;
    int year; /* of its calendar; 0: not known */
    int month, day;
    bool leap_month; /* lunar: the repeated month of this number */
};

/* What follows when a year lacks the day: 29 February, or day 30 of a lunar month that has 29. */
enum leap_day { LEAP_DAY_FEB_28, LEAP_DAY_MAR_1, LEAP_DAY_LEAP_YEARS };
enum lunar_day_30 { LUNAR_DAY_29, LUNAR_NEXT_DAY, LUNAR_SKIP };
struct yearly_rules {
    enum leap_day leap_day;
    enum lunar_day_30 lunar_day_30;
};

/* Is there such a day: in its year, or, where that is not known, in any? A lunar year must be in the table.
 */
bool yearly_date_exists(const struct yearly_date *date);

/* "1980-04-30", "--04-30"; lunar "L1980-04-30", "L--04-30", in a leap month "L1980-04L-30". */
#define YEARLY_DATE_TEXT_BYTES 13 /* with the NUL */
void yearly_date_text(const struct yearly_date *date, char ret_text[static YEARLY_DATE_TEXT_BYTES]);
bool yearly_date_parse(struct slice text, struct yearly_date *ret_date); /* one that exists */

/* Its day in a year of its calendar. A leap month that the year lacks gives way to the ordinary month of that
 * number. False: it has none there, or the lunar year is not in the table. */
bool yearly_date_in(const struct yearly_date *date, int year, struct yearly_rules rules,
                    struct civil_date *ret_day);

/* The earliest that any rules may choose. */
bool yearly_date_first_in(const struct yearly_date *date, int year, struct civil_date *ret_day);

/* The civil day of the date itself; false where its year is not known. */
bool yearly_date_born(const struct yearly_date *date, struct civil_date *ret_day);

/* Whole years from birth to a day, by the civil calendar; false where the year of birth is not known. */
bool yearly_date_age(const struct yearly_date *birth, struct civil_date day, int *ret_age);

/* The year of its calendar in which a civil day lies. */
int yearly_date_year(const struct yearly_date *date, struct civil_date day);

#endif
