/* SPDX-License-Identifier: MIT */
/* What can be said of conditions without a customer, for warnings. It errs on the side of silence: "cannot"
 * is certain, "can" may only mean that it was not seen. Several conditions are all to hold; NULL is
 * everybody. */
#ifndef CONFIG_CONDITION_SENSE_H
#define CONFIG_CONDITION_SENSE_H

#include "config/condition.h"

bool condition_can_hold(const struct condition *const *conditions, size_t count);

/* Does the other one hold wherever all these do? */
bool condition_implies(const struct condition *const *conditions, size_t count,
                       const struct condition *other);

/* Can it hold once the event is gone? */
bool condition_can_hold_later(const struct condition *condition);

/* Are these only for those who have bought little, or not for long? */
bool condition_is_for_newcomers(const struct condition *const *conditions, size_t count);

#endif
