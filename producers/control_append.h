/* SPDX-License-Identifier: MIT */
/* How people's control records (a policy, an import's end) enter: one to every home, all in one transaction.
 * All such appends share one transactional id, so that two at once cannot leave homes with different
 * policies. */
#ifndef PRODUCERS_CONTROL_APPEND_H
#define PRODUCERS_CONTROL_APPEND_H

#include "common/slice.h"
#include "common/status.h"
#include "config/settings.h"

/* What is known not to be in the log is tried again a few times. UNKNOWN: it may be there; FENCED: somebody
 * else appends right now, and this was not appended; anything else but OK: it was not. ret_why: 256 bytes. */
MUST_CHECK enum status control_append(const struct settings *settings, const char *kind, struct slice body,
                                      int32_t homes, char *ret_why);

#endif
