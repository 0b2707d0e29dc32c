/* SPDX-License-Identifier: MIT */
/* Appending to a growing run of bytes. The appenders avoid printf: half of a worker's time would go there. */
#include "common/buf.h"

#include "common/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define CAPACITY_FIRST 256
#define DAY_MS         86400000LL
#define YEAR_0000_MS   (-62167219200000LL)
#define YEAR_9999_MS   253402300799999LL /* its last millisecond */

static char *room_for(struct buf *buf, size_t len);
static char *put_digits(char *at, uint64_t value, int digits);
static void add_escape(struct buf *buf, unsigned char c);

void buf_done(struct buf *buf)
{
    mem_free(buf->data);
    *buf = (struct buf){0};
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    if (len > 0) {
        memcpy(room_for(buf, len), data, len);
        buf->len += len;
    }
}

void buf_slice(struct buf *buf, struct slice s)
{
    buf_add(buf, s.data, s.len);
}

void buf_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
    *room_for(buf, 1) = c;
    buf->len++;
}

void buf_int(struct buf *buf, int64_t value)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        *--at = '-';
    }
    buf_add(buf, at, (size_t)(digits + sizeof digits - at));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    char *at = room_for(buf, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(at, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

void buf_json_string(struct buf *buf, struct slice text)
{
    buf_char(buf, '"');
    size_t run = 0; /* where the bytes begin that go out as they are */
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            buf_add(buf, text.data + run, i - run);
            add_escape(buf, c);
            run = i + 1;
        }
    }
    if (run < text.len) {
        buf_add(buf, text.data + run, text.len - run);
    }
    buf_char(buf, '"');
}

/* RFC 3339 has four digits for the year: what lies outside is written as the nearest instant that it can say.
 * Civil date from days: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days. */
void buf_instant(struct buf *buf, int64_t ms)
{
    ms = ms < YEAR_0000_MS ? YEAR_0000_MS : ms > YEAR_9999_MS ? YEAR_9999_MS : ms;
    uint64_t since_0000_03_01 = (uint64_t)(ms + 719468 * DAY_MS + 400 * 365 * DAY_MS + 97 * DAY_MS);
    uint64_t days = since_0000_03_01 / DAY_MS, in_day = since_0000_03_01 % DAY_MS;
    uint64_t era = days / 146097, day_of_era = days % 146097;
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t march_month = (5 * day_of_year + 2) / 153;
    uint64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    uint64_t year = 400 * era + year_of_era + (month <= 2) - 400; /* one era was added above */

    char *at = room_for(buf, 24);
    at = put_digits(at, year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day_of_year - (153 * march_month + 2) / 5 + 1, 2);
    *at++ = 'T';
    at = put_digits(at, in_day / 3600000, 2);
    *at++ = ':';
    at = put_digits(at, in_day / 60000 % 60, 2);
    *at++ = ':';
    at = put_digits(at, in_day / 1000 % 60, 2);
    *at++ = '.';
    at = put_digits(at, in_day % 1000, 3);
    *at = 'Z';
    buf->len += 24;
}

bool parse_int(struct slice s, int64_t *ret)
{
    bool negative = s.len > 0 && s.data[0] == '-';
    size_t i = negative;
    if (i == s.len) {
        return false;
    }
    int64_t value = 0; /* built below zero, where there is room for the smallest number */
    for (; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, s.data[i] - '0', &value)) {
            return false;
        }
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    *ret = negative ? value : -value;
    return true;
}

static char *room_for(struct buf *buf, size_t len)
{
    if (len > buf->capacity - buf->len) {
        size_t capacity = buf->capacity > 0 ? 2 * buf->capacity : CAPACITY_FIRST;
        while (capacity - buf->len < len) {
            capacity *= 2;
        }
        buf->data = mem_realloc(buf->data, capacity);
        buf->capacity = capacity;
    }
    return buf->data + buf->len;
}

static char *put_digits(char *at, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

static void add_escape(struct buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char brief[0x5d] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (brief[c] != '\0') {
        buf_add(buf, (char[]){'\\', brief[c]}, 2);
    } else {
        buf_add(buf, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}
