/* SPDX-License-Identifier: MIT */
/* Dates of the proleptic Gregorian calendar: read, and counted in days. */
#include "common/calendar.h"

static bool parse_digits(const char *text, size_t digits, int *ret);
static int64_t floor_div(int64_t value, int64_t by);

bool civil_date_parse(struct slice text, struct civil_date *ret_date)
{
    struct civil_date date = {0};
    if (!civil_date_read(text, &date.year, &date.month, &date.day) || date.month < 1 || date.month > 12 ||
        date.day < 1 || date.day > civil_days_in_month(date.year != 0 ? date.year : 2000, date.month)) {
        return false;
    }
    *ret_date = date;
    return true;
}

bool civil_date_read(struct slice text, int *ret_year, int *ret_month, int *ret_day)
{
    int year = 0, month = 0, day = 0;
    bool has_year = text.len == 10 && text.data[4] == '-';
    bool no_year = text.len == 7 && text.data[0] == '-' && text.data[1] == '-';
    if (!has_year && !no_year) {
        return false;
    }
    const char *rest = text.data + text.len - 5; /* MM-DD */
    if ((has_year && (!parse_digits(text.data, 4, &year) || year == 0)) || !parse_digits(rest, 2, &month) ||
        rest[2] != '-' || !parse_digits(rest + 3, 2, &day)) {
        return false;
    }
    *ret_year = year;
    *ret_month = month;
    *ret_day = day;
    return true;
}

int civil_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Both ways by Howard Hinnant, chrono-Compatible Low-Level Date Algorithms. Years begin in March there, so
 * that the leap day is the last of its year. */
int64_t civil_date_to_days(struct civil_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = floor_div(year, 400), year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct civil_date civil_date_from_days(int64_t days)
{
    days += 719468;
    int64_t era = floor_div(days, 146097), day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    return (struct civil_date){.year = (int)(era * 400 + year_of_era + (month <= 2)),
                               .month = month,
                               .day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1)};
}

static bool parse_digits(const char *text, size_t digits, int *ret)
{
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = 10 * value + text[i] - '0';
    }
    *ret = value;
    return true;
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}
