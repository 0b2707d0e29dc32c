/* SPDX-License-Identifier: MIT */
/* Bringing a policy into the log. */
#ifndef CONSUMERS_CTL_POLICY_APPEND_H
#define CONSUMERS_CTL_POLICY_APPEND_H

#include "consumers/ctl/ctl.h"

/* The file to take when none is given: the settings' policy.file, else the installed one. */
const char *policy_default_file(const struct ctl *ctl);

/* Reads a policy, whole. CTL_DONE; else every mistake has been said. *ret_policy is owned. */
int policy_read_file(const char *file, struct policy **ret_policy);

/* Appends the policy to every home of the home log in one transaction. All who do this share one
 * transactional id, so that two at once cannot leave homes with different policies. */
int policy_append(struct ctl *ctl, const struct policy *policy, int32_t homes);

#endif
