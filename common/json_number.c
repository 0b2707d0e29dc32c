/* SPDX-License-Identifier: MIT */
/* Numbers become doubles in cJSON. So a number is refused when its double would be another integer than the
 * text says: integers beyond 2^53, and such as 0.99999999999999999999, which is no integer but becomes one.
 */
#include "common/json_number.h"

#include "common/json_scan.h"

#include <stdlib.h>

#define INT_DIGITS_MAX 16 /* of 2^53 */

static enum json_fault judge_real(struct slice text);
static bool is_whole(const char *text);

static inline bool is_digit(const unsigned char *at, const unsigned char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

enum json_fault json_scan_number(const unsigned char **at, const unsigned char *end)
{
    const unsigned char *begin = *at, *p = begin;
    p += p < end && *p == '-';
    const unsigned char *digits = p;
    uint64_t value = 0; /* wraps around in a long text, which its length refuses */
    while (is_digit(p, end)) {
        value = 10 * value + (uint64_t)(*p++ - '0');
    }
    size_t int_digits = (size_t)(p - digits);
    if (int_digits == 0 || (int_digits > 1 && *digits == '0')) {
        return JSON_BAD_SYNTAX;
    }
    bool is_real = false;
    if (p < end && *p == '.') {
        is_real = true;
        p++;
        if (!is_digit(p, end)) {
            return JSON_BAD_SYNTAX;
        }
        while (is_digit(p, end)) {
            p++;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        is_real = true;
        p++;
        p += p < end && (*p == '+' || *p == '-');
        if (!is_digit(p, end)) {
            return JSON_BAD_SYNTAX;
        }
        while (is_digit(p, end)) {
            p++;
        }
    }
    *at = p;
    if (is_real) {
        return judge_real((struct slice){.data = (const char *)begin, .len = (size_t)(p - begin)});
    }
    return int_digits > INT_DIGITS_MAX || value > JSON_INT_MAX ? JSON_BIG_NUMBER : JSON_OK;
}

/* 2^53 itself is refused here: 9007199254740993.0 becomes the same double. */
static enum json_fault judge_real(struct slice text)
{
    char copy[JSON_NUMBER_BYTES_MAX + 1];
    if (text.len > JSON_NUMBER_BYTES_MAX) {
        return JSON_BIG_NUMBER;
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    double value = strtod(copy, NULL);
    if (value <= (double)-JSON_INT_MAX || value >= (double)JSON_INT_MAX) {
        return JSON_BIG_NUMBER;
    }
    return value == (double)(int64_t)value && !is_whole(copy) ? JSON_BIG_NUMBER : JSON_OK;
}

/* Whether the last digit that is not 0 stands before the point, once the exponent has moved the point. */
static bool is_whole(const char *text)
{
    int digits = 0, before_point = -1, last = 0; /* last: how many digits up to the last that is not 0 */
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
        if (*text == '.') {
            before_point = digits;
        } else if (*text != '-') {
            digits++;
            last = *text != '0' ? digits : last;
        }
    }
    before_point = before_point >= 0 ? before_point : digits;
    long exponent = *text != '\0' ? strtol(text + 1, NULL, 10) : 0;
    return last == 0 || (exponent > -1000 && (exponent > 1000 || last <= before_point + exponent));
}
