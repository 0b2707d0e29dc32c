/* SPDX-License-Identifier: MIT */
#include "common/yearly_date.h"

#include "common/lunar_year.h"

static bool lunar_exists(const struct yearly_date *date);
static bool lunar_in(const struct yearly_date *date, int year, enum lunar_day_30 rule,
                     struct civil_date *ret_day);
static bool solar_in(const struct yearly_date *date, int year, enum leap_day rule,
                     struct civil_date *ret_day);
static char *put_digits(char *at, int value, int digits);

bool yearly_date_exists(const struct yearly_date *date)
{
    if (date->calendar == CALENDAR_LUNAR) {
        return lunar_exists(date);
    }
    int year = date->year != 0 ? date->year : 2000;
    return year >= 1 && year <= 9999 && date->month >= 1 && date->month <= 12 && date->day >= 1 &&
           date->day <= civil_days_in_month(year, date->month) && !date->leap_month;
}

void yearly_date_text(const struct yearly_date *date, char ret_text[static YEARLY_DATE_TEXT_BYTES])
{
    char *at = ret_text;
    if (date->calendar == CALENDAR_LUNAR) {
        *at++ = 'L';
    }
    if (date->year != 0) {
        at = put_digits(at, date->year, 4);
    } else {
        *at++ = '-';
    }
    *at++ = '-';
    at = put_digits(at, date->month, 2);
    if (date->leap_month) {
        *at++ = 'L';
    }
    *at++ = '-';
    *put_digits(at, date->day, 2) = '\0';
}

/* The L before the day is taken out, then both calendars are written alike. */
bool yearly_date_parse(struct slice text, struct yearly_date *ret_date)
{
    char room[YEARLY_DATE_TEXT_BYTES];
    struct yearly_date date = {0};
    if (text.len == 0 || text.len >= sizeof room) {
        return false;
    }
    if (text.data[0] == 'L') {
        date.calendar = CALENDAR_LUNAR;
        text = (struct slice){.data = text.data + 1, .len = text.len - 1};
    }
    memcpy(room, text.data, text.len);
    if (text.len > 4 && room[text.len - 4] == 'L') {
        date.leap_month = true;
        memmove(room + text.len - 4, room + text.len - 3, 3);
        text.len--;
    }
    if (!civil_date_read((struct slice){.data = room, .len = text.len}, &date.year, &date.month, &date.day) ||
        !yearly_date_exists(&date)) {
        return false;
    }
    *ret_date = date;
    return true;
}

bool yearly_date_in(const struct yearly_date *date, int year, struct yearly_rules rules,
                    struct civil_date *ret_day)
{
    return date->calendar == CALENDAR_LUNAR ? lunar_in(date, year, rules.lunar_day_30, ret_day)
                                            : solar_in(date, year, rules.leap_day, ret_day);
}

bool yearly_date_first_in(const struct yearly_date *date, int year, struct civil_date *ret_day)
{
    const struct yearly_rules earliest = {.leap_day = LEAP_DAY_FEB_28, .lunar_day_30 = LUNAR_DAY_29};
    return yearly_date_in(date, year, earliest, ret_day);
}

bool yearly_date_born(const struct yearly_date *date, struct civil_date *ret_day)
{
    return date->year != 0 && yearly_date_first_in(date, date->year, ret_day);
}

bool yearly_date_age(const struct yearly_date *birth, struct civil_date day, int *ret_age)
{
    struct civil_date born;
    if (!yearly_date_born(birth, &born)) {
        return false;
    }
    bool before = day.month != born.month ? day.month < born.month : day.day < born.day;
    *ret_age = day.year - born.year - before;
    return true;
}

int yearly_date_year(const struct yearly_date *date, struct civil_date day)
{
    return date->calendar == CALENDAR_LUNAR ? lunar_year_of(day) : day.year;
}

static bool lunar_exists(const struct yearly_date *date)
{
    if (date->month < 1 || date->month > 12 || date->day < 1 ||
        (date->year != 0 && !lunar_year_exists(date->year))) {
        return false;
    }
    int first = date->year != 0 ? date->year : LUNAR_YEAR_MIN;
    int last = date->year != 0 ? date->year : LUNAR_YEAR_MAX;
    for (int year = first; year <= last; year++) {
        int64_t first_day = 0;
        int days = 0;
        if (lunar_month(year, date->month, date->leap_month, &first_day, &days) && date->day <= days) {
            return true;
        }
    }
    return false;
}

static bool lunar_in(const struct yearly_date *date, int year, enum lunar_day_30 rule,
                     struct civil_date *ret_day)
{
    int64_t first_day = 0;
    int days = 0;
    if (!lunar_year_exists(year) || (!lunar_month(year, date->month, date->leap_month, &first_day, &days) &&
                                     !lunar_month(year, date->month, false, &first_day, &days))) {
        return false;
    }
    int day = date->day;
    if (day > days && rule == LUNAR_SKIP) {
        return false;
    }
    if (day > days && rule == LUNAR_DAY_29) {
        day = days;
    }
    *ret_day = civil_date_from_days(first_day + day - 1); /* behind its end begins the next month */
    return true;
}

static bool solar_in(const struct yearly_date *date, int year, enum leap_day rule, struct civil_date *ret_day)
{
    struct civil_date day = {.year = year, .month = date->month, .day = date->day};
    if (day.day > civil_days_in_month(year, day.month)) {
        if (rule == LEAP_DAY_LEAP_YEARS) {
            return false;
        }
        day.month = rule == LEAP_DAY_FEB_28 ? 2 : 3;
        day.day = rule == LEAP_DAY_FEB_28 ? 28 : 1;
    }
    *ret_day = day;
    return true;
}

static char *put_digits(char *at, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}
