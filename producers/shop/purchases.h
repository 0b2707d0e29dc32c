/* SPDX-License-Identifier: MIT */
/* Reads a purchases file: a line per purchase with customer id, date YYYYMMDD, items and dollars between
 * blanks, in any order of lines (CDNOW's master file is sorted by customer). Plain or compressed by gzip. */
#ifndef PRODUCERS_SHOP_PURCHASES_H
#define PRODUCERS_SHOP_PURCHASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUSTOMER_BYTES_MAX 15

struct purchase_row {
    char customer[CUSTOMER_BYTES_MAX + 1]; /* as it stands there; letters, digits, '-', '_' and '.' */
    uint32_t line;                         /* of the file, which numbers the orders */
    int32_t items;
    int64_t day; /* since 1970-01-01 */
    int64_t cents;
};

struct purchases {
    struct purchase_row *rows;
    size_t count;
};

/* The rows from from_day to to_day (both included; DAY_NONE: no bound) in the file's order. False: ret_error
 * (SHOP_ERROR_SIZE) names the line. */
bool purchases_read(const char *path, int64_t from_day, int64_t to_day, struct purchases *ret_purchases,
                    char *ret_error);
void purchases_done(struct purchases *purchases);

#endif
