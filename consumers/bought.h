/* SPDX-License-Identifier: MIT */
/* Which products a customer has bought, so that a recall finds its buyers. */
#ifndef CONSUMERS_BOUGHT_H
#define CONSUMERS_BOUGHT_H

#include "common/event.h"
#include "producers/moment.h"

/* Remembers the products of a purchase, if the policy has a follow-up for recalls; forgets the oldest beyond
 * limits.products. */
void bought_note(struct moment *moment, struct customer *customer, const struct purchase *purchase,
                 int64_t time_ms);

#endif
