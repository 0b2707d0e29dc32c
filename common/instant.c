/* SPDX-License-Identifier: MIT */
/* RFC 3339's date-time to milliseconds. Strict where the RFC is: two digits, 'T' between date and time, an
 * offset; "24:00" is no time, and second 60 is one at the end of a day of UTC only. What is finer than a
 * millisecond is cut off. */
#include "common/cloudevent.h"

static bool two_digits(const char **at, const char *end, int *ret);
static bool take(const char **at, const char *end, char c);
static bool take_digit(const char **at, const char *end, int *ret);
static bool parse_date(const char **at, const char *end, int64_t *ret_day);
static bool parse_time(const char **at, const char *end, int64_t *ret_ms, bool *ret_is_leap);
static bool parse_fraction(const char **at, const char *end, int64_t *ret_ms);
static bool parse_offset(const char **at, const char *end, int64_t *ret_ms);

#define MINUTE_MS 60000
#define DAY_MS    86400000

bool instant_parse(struct slice text, int64_t *ret_ms)
{
    const char *at = text.data, *end = text.data + text.len;
    int64_t day, in_day_ms, offset_ms;
    bool is_leap;
    if (text.len == 0 || !parse_date(&at, end, &day) || (!take(&at, end, 'T') && !take(&at, end, 't')) ||
        !parse_time(&at, end, &in_day_ms, &is_leap) || !parse_offset(&at, end, &offset_ms) || at != end) {
        return false;
    }
    int64_t ms = day * DAY_MS + in_day_ms - offset_ms;
    int64_t fraction_ms = (ms % 1000 + 1000) % 1000;
    if (is_leap && (ms - fraction_ms) % DAY_MS != 0) { /* second 60 has become the next day's second 0 */
        return false;
    }
    *ret_ms = ms;
    return true;
}

/* Days since 1970-01-01. Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, days_from_civil. */
static bool parse_date(const char **at, const char *end, int64_t *ret_day)
{
    static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int century, year, month, day;
    if (!two_digits(at, end, &century) || !two_digits(at, end, &year) || !take(at, end, '-') ||
        !two_digits(at, end, &month) || !take(at, end, '-') || !two_digits(at, end, &day)) {
        return false;
    }
    year += 100 * century;
    bool is_leap_year = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > month_days[month - 1] ||
        (month == 2 && day == 29 && !is_leap_year)) {
        return false;
    }
    int march_year = year - (month <= 2) + 400; /* an era more, so that all are positive */
    int era = march_year / 400, year_of_era = march_year % 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    *ret_day = (int64_t)(era - 1) * 146097 + day_of_era - 719468;
    return true;
}

static bool parse_time(const char **at, const char *end, int64_t *ret_ms, bool *ret_is_leap)
{
    int hour, minute, second;
    int64_t fraction_ms = 0;
    if (!two_digits(at, end, &hour) || !take(at, end, ':') || !two_digits(at, end, &minute) ||
        !take(at, end, ':') || !two_digits(at, end, &second) || hour > 23 || minute > 59 || second > 60 ||
        !parse_fraction(at, end, &fraction_ms)) {
        return false;
    }
    *ret_ms = ((int64_t)hour * 60 + minute) * MINUTE_MS + second * 1000 + fraction_ms;
    *ret_is_leap = second == 60;
    return true;
}

static bool parse_fraction(const char **at, const char *end, int64_t *ret_ms)
{
    if (!take(at, end, '.')) {
        return true;
    }
    int weight = 100, digit;
    int64_t ms = 0;
    if (!take_digit(at, end, &digit)) {
        return false;
    }
    do {
        ms += weight * digit;
        weight /= 10;
    } while (take_digit(at, end, &digit));
    *ret_ms = ms;
    return true;
}

static bool parse_offset(const char **at, const char *end, int64_t *ret_ms)
{
    int hours, minutes;
    if (take(at, end, 'Z') || take(at, end, 'z')) {
        *ret_ms = 0;
        return true;
    }
    bool is_west = take(at, end, '-');
    if ((!is_west && !take(at, end, '+')) || !two_digits(at, end, &hours) || !take(at, end, ':') ||
        !two_digits(at, end, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *ret_ms = (is_west ? -1 : 1) * ((int64_t)hours * 60 + minutes) * MINUTE_MS;
    return true;
}

static bool two_digits(const char **at, const char *end, int *ret)
{
    const char *p = *at;
    if (end - p < 2 || p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') {
        return false;
    }
    *ret = 10 * (p[0] - '0') + (p[1] - '0');
    *at += 2;
    return true;
}

static bool take(const char **at, const char *end, char c)
{
    if (*at == end || **at != c) {
        return false;
    }
    (*at)++;
    return true;
}

static bool take_digit(const char **at, const char *end, int *ret)
{
    if (*at == end || **at < '0' || **at > '9') {
        return false;
    }
    *ret = *(*at)++ - '0';
    return true;
}
