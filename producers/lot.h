/* SPDX-License-Identifier: MIT */
/* What is chosen by lot, but always alike: a digest of the customer's id decides, no seed and no clock. */
#ifndef PRODUCERS_LOT_H
#define PRODUCERS_LOT_H

#include "config/policy.h"

/* Is the customer among those of whom the policy's holdout keeps off this class? */
bool lot_is_held_out(const struct policy *policy, const struct customer *customer,
                     enum message_class message_class);

/* The due time of what is due at a time of day, moved within the policy's spread, at last_ms at the latest.
 */
int64_t lot_spread(const struct policy *policy, const struct customer *customer, int64_t due_ms,
                   int64_t last_ms);

#endif
