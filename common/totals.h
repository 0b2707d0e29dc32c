/* SPDX-License-Identifier: MIT */
/* The counts of a home, kept in its state and so exact: names of docs/contract.md ("orders", "net:USD",
 * "decisions:birthday:no_consent"), values that may go up and down. Part of the fold: what is counted here is
 * counted once, whatever crashes. */
#ifndef COMMON_TOTALS_H
#define COMMON_TOTALS_H

#include "common/customer.h"

struct totals;

struct totals *totals_create(void);
void totals_destroy(struct totals *totals);

/* The name is up to three parts joined by ':'; absent parts are left out. */
void totals_add(struct totals *totals, const char *name, struct slice second, struct slice third,
                int64_t delta);
/* For tests, which look between two commits: totals_collect would take for stored what it gives. */
int64_t totals_get(const struct totals *totals, struct slice name);

MUST_CHECK enum status totals_load(struct totals *totals, const struct hash *hash); /* forgets all else */
size_t totals_collect(struct totals *totals, struct changes *changes); /* key "totals"; as customer_collect */

#endif
