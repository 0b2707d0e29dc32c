/* SPDX-License-Identifier: MIT */
/* Amounts as people write them, and minor units as loyald counts them, by the digits of ISO 4217. */
#ifndef COMMON_MONEY_H
#define COMMON_MONEY_H

#include "common/buf.h"

/* Digits behind the point: 0 for JPY, 3 for KWD, 2 for all that are not listed. */
int money_digits(struct slice currency);

/* "49.99" and "USD" to 4999. False: ret_why (256 bytes) says what is wrong. */
bool money_parse(const char *text, const char *currency, int64_t *ret_minor, char *ret_why);

/* "49.99 USD". */
void money_text(struct buf *out, int64_t minor, struct slice currency);

/* "49.99", without the currency. */
void money_number(struct buf *out, int64_t minor, struct slice currency);

#endif
