/* SPDX-License-Identifier: MIT */
#include "common/money.h"

#include "common/json.h"
#include "common/words.h"

#include <stdio.h>

#define WHY_BYTES 256

/* ISO 4217:2015, table A.1, minor units other than 2. */
static const struct {
    char currency[4];
    int digits;
} others[] = {
    {"BIF", 0},
    {"CLP", 0},
    {"DJF", 0},
    {"GNF", 0},
    {"ISK", 0},
    {"JPY", 0},
    {"KMF", 0},
    {"KRW", 0},
    {"PYG", 0},
    {"RWF", 0},
    {"UGX", 0},
    {"UYI", 0},
    {"VND", 0},
    {"VUV", 0},
    {"XAF", 0},
    {"XOF", 0},
    {"XPF", 0},
    {"BHD", 3},
    {"IQD", 3},
    {"JOD", 3},
    {"KWD", 3},
    {"LYD", 3},
    {"OMR", 3},
    {"TND", 3},
    {"CLF", 4},
    {"UYW", 4},
};

static bool read_digits(const char **at, int64_t *value, int *ret_count);

int money_digits(struct slice currency)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (slice_is(currency, others[i].currency)) {
            return others[i].digits;
        }
    }
    return 2;
}

bool money_parse(const char *text, const char *currency, int64_t *ret_minor, char *ret_why)
{
    if (!currency_is_valid(slice_of(currency))) {
        snprintf(ret_why, WHY_BYTES,
                 "\"%.40s\" is no currency: three capital letters of ISO 4217, such as USD", currency);
        return false;
    }
    int digits = money_digits(slice_of(currency)), before = 0, behind = 0;
    int64_t value = 0;
    const char *at = text;
    bool fits = read_digits(&at, &value, &before);
    bool has_point = *at == '.';
    if (has_point) {
        at++;
        fits = fits && read_digits(&at, &value, &behind);
    }
    if (*at != '\0' || before == 0 || (has_point && behind == 0)) {
        snprintf(ret_why, WHY_BYTES,
                 "\"%.40s\" is no amount: digits, with a point before the fraction, such as 49.99", text);
        return false;
    }
    if (behind > digits) {
        snprintf(ret_why, WHY_BYTES, "\"%.40s\" has %d digit%s behind the point; %s has %d", text, behind,
                 behind == 1 ? "" : "s", currency, digits);
        return false;
    }
    for (int i = behind; i < digits; i++) {
        fits = fits && value <= JSON_INT_MAX / 10;
        value = fits ? 10 * value : 0;
    }
    if (!fits || value > JSON_INT_MAX) {
        snprintf(ret_why, WHY_BYTES, "\"%.40s\" is too large: at most 2^53 of the smallest unit", text);
        return false;
    }
    *ret_minor = value;
    return true;
}

void money_text(struct buf *out, int64_t minor, struct slice currency)
{
    money_number(out, minor, currency);
    buf_char(out, ' ');
    buf_slice(out, currency);
}

void money_number(struct buf *out, int64_t minor, struct slice currency)
{
    int digits = money_digits(currency);
    uint64_t rest = minor < 0 ? -(uint64_t)minor : (uint64_t)minor, unit = 1;
    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    buf_text(out, minor < 0 ? "-" : "");
    buf_printf(out, "%llu", (unsigned long long)(rest / unit));
    if (digits > 0) {
        buf_printf(out, ".%0*llu", digits, (unsigned long long)(rest % unit));
    }
}

/* False when the number is too large; goes on to the last digit all the same. */
static bool read_digits(const char **at, int64_t *value, int *ret_count)
{
    bool fits = true;
    for (; **at >= '0' && **at <= '9'; ++*at, ++*ret_count) {
        fits = fits && *value <= JSON_INT_MAX / 10;
        *value = fits ? 10 * *value + (**at - '0') : 0;
    }
    return fits;
}
