/* SPDX-License-Identifier: MIT */
/* A customer's net spend, by currency: items `net:CURRENCY`, absent when 0, and the home's total of the same
 * name. */
#ifndef CONSUMERS_SPEND_H
#define CONSUMERS_SPEND_H

#include "common/customer.h"
#include "common/reject.h"
#include "common/totals.h"

#define CURRENCIES_MAX 8

/* Can this be added? sum_overflow, too_many_currencies or NONE. The limit of currencies holds for what comes
 * anew: taking back is always possible. */
enum reject spend_check(const struct customer *customer, const char *currency, int64_t delta_minor,
                        bool is_new);

/* Adds what spend_check has let pass. */
void spend_add(struct totals *totals, struct customer *customer, const char *currency, int64_t delta_minor);

#endif
