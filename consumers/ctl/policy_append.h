/* SPDX-License-Identifier: MIT */
/* Bringing a policy into the log. */
#ifndef CONSUMERS_CTL_POLICY_APPEND_H
#define CONSUMERS_CTL_POLICY_APPEND_H

#include "consumers/ctl/ctl.h"

/* The file to take when none is given: the settings' policy.file, else the installed one. */
const char *policy_default_file(const struct ctl *ctl);

/* Reads a policy, whole. CTL_DONE; else every mistake has been said. *ret_policy is owned. */
int policy_read_file(const char *file, struct policy **ret_policy);

/* Append the policy, or any control record, to every home of the home log in one transaction. Either the
 * sentence has been said, or it is CTL_DONE. */
int policy_append(struct ctl *ctl, const struct policy *policy, int32_t homes);
int policy_append_control(struct ctl *ctl, const char *kind, struct slice body, int32_t homes);

#endif
