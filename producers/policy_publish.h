/* SPDX-License-Identifier: MIT */
/* How a policy enters: as a record appended to every home, all in one transaction. All such appends share one
 * transactional id, so that two at once cannot leave homes with different policies. */
#ifndef PRODUCERS_POLICY_PUBLISH_H
#define PRODUCERS_POLICY_PUBLISH_H

#include "common/slice.h"
#include "common/status.h"
#include "config/settings.h"

/* yaml must have been parsed without mistakes. On failure nothing was appended, and ret_why (256 bytes) says
 * why. */
MUST_CHECK enum status policy_publish(const struct settings *settings, struct slice yaml, int32_t homes,
                                      char *ret_why);

#endif
