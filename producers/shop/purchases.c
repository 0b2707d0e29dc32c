/* SPDX-License-Identifier: MIT */
/* The only file that knows zlib, which reads what is not compressed as it is. */
#include "producers/shop/purchases.h"

#include "common/buf.h"
#include "common/calendar.h"
#include "common/mem.h"
#include "producers/shop/options.h"

#include <errno.h>
#include <stdio.h>
#include <zlib.h>

#define LINE_BYTES_MAX 256
#define ROWS_MAX       50000000U

static const char *read_row(struct slice line, struct purchase_row *row);
static struct slice take_word(struct slice *line);
static bool take_customer(struct slice word, char *ret_customer);
static bool take_day(struct slice word, int64_t *ret_day);
static bool take_cents(struct slice word, int64_t *ret_cents);
static const char *why_not(gzFile file, int64_t line, char *room, size_t size);

bool purchases_read(const char *path, int64_t from_day, int64_t to_day, struct purchases *ret_purchases,
                    char *ret_error)
{
    struct purchases purchases = {0};
    size_t capacity = 0;
    uint32_t line = 0;
    const char *wrong = NULL;
    char text[LINE_BYTES_MAX], room[200];
    gzFile file = gzopen(path, "rbe");
    if (file == NULL) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%.300s cannot be read: %s", path, strerror(errno));
        return false;
    }
    while (wrong == NULL && gzgets(file, text, sizeof text) != NULL) {
        struct purchase_row row = {.line = ++line};
        size_t len = strcspn(text, "\r\n");
        if (strspn(text, " \t") == len || (line == 1 && strpbrk(text, "0123456789") == NULL)) {
            continue; /* empty, or the names of the columns */
        }
        wrong = text[len] == '\0' && !gzeof(file) ? "the line is too long"
                                                  : read_row((struct slice){.data = text, .len = len}, &row);
        if (wrong == NULL && (from_day == DAY_NONE || row.day >= from_day) &&
            (to_day == DAY_NONE || row.day <= to_day)) {
            MEM_GROW(purchases.rows, purchases.count, capacity);
            purchases.rows[purchases.count++] = row;
        }
        wrong = wrong == NULL && line == ROWS_MAX ? "the file is too long" : wrong;
    }
    wrong = wrong == NULL ? why_not(file, line, room, sizeof room) : wrong;
    (void)gzclose(file);
    if (wrong != NULL) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%.250s:%u: %s", path, line, wrong);
        purchases_done(&purchases);
        return false;
    }
    *ret_purchases = purchases;
    return true;
}

void purchases_done(struct purchases *purchases)
{
    mem_free(purchases->rows);
    *purchases = (struct purchases){0};
}

/* gzgets ends alike at the end of the file and at one that is damaged. */
static const char *why_not(gzFile file, int64_t line, char *room, size_t size)
{
    int code = Z_OK;
    const char *words = gzerror(file, &code);
    if (code != Z_OK && code != Z_STREAM_END) {
        snprintf(room, size, "the file is damaged: %.150s", words);
        return room;
    }
    return line == 0 ? "the file is empty" : NULL;
}

/* NULL, or what is wrong. */
static const char *read_row(struct slice line, struct purchase_row *row)
{
    struct slice rest = line;
    int64_t items = 0;
    if (!take_customer(take_word(&rest), row->customer)) {
        return "the customer's id is not 1 to 15 letters, digits, '-', '_' or '.'";
    }
    if (!take_day(take_word(&rest), &row->day)) {
        return "the date is not a day as YYYYMMDD from 1971 to 2098";
    }
    if (!parse_int(take_word(&rest), &items) || items < 0 || items > INT32_MAX) {
        return "the number of items is not a whole number";
    }
    row->items = (int32_t)items;
    if (!take_cents(take_word(&rest), &row->cents)) {
        return "the amount is not dollars with up to two digits behind the point";
    }
    return take_word(&rest).len > 0 ? "there is more on the line than customer, date, items and dollars"
                                    : NULL;
}

static struct slice take_word(struct slice *line)
{
    const char *at = line->data, *end = line->data + line->len;
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    struct slice word = {.data = at, .len = 0};
    while (at < end && *at != ' ' && *at != '\t') {
        at++;
        word.len++;
    }
    *line = (struct slice){.data = at, .len = (size_t)(end - at)};
    return word;
}

static bool take_customer(struct slice word, char *ret_customer)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-' &&
            c != '_' && c != '.') {
            return false;
        }
    }
    if (word.len < 1 || word.len > CUSTOMER_BYTES_MAX) {
        return false;
    }
    memcpy(ret_customer, word.data, word.len);
    ret_customer[word.len] = '\0';
    return true;
}

static bool take_day(struct slice word, int64_t *ret_day)
{
    if (word.len != 8) {
        return false;
    }
    char text[] = "YYYY-MM-DD";
    memcpy(text, word.data, 4);
    memcpy(text + 5, word.data + 4, 2);
    memcpy(text + 8, word.data + 6, 2);
    struct civil_date date;
    if (!civil_date_parse(slice_of(text), &date) || date.year < 1971 || date.year > 2098) {
        return false;
    }
    *ret_day = civil_date_to_days(date);
    return true;
}

/* Without floating point, so that the cents are exact. */
static bool take_cents(struct slice word, int64_t *ret_cents)
{
    const char *point = word.len > 0 ? memchr(word.data, '.', word.len) : NULL;
    size_t whole_len = point != NULL ? (size_t)(point - word.data) : word.len;
    size_t digits = point != NULL ? word.len - whole_len - 1 : 0;
    int64_t dollars = 0, cents = 0;
    if (!parse_int((struct slice){.data = word.data, .len = whole_len}, &dollars) || word.data[0] == '-' ||
        dollars > INT32_MAX || digits > 2 || (point != NULL && digits == 0)) {
        return false;
    }
    if (digits > 0 &&
        (point[1] == '-' || !parse_int((struct slice){.data = point + 1, .len = digits}, &cents))) {
        return false;
    }
    *ret_cents = dollars * 100 + (digits == 1 ? 10 * cents : cents);
    return true;
}
