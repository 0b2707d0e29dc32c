/* SPDX-License-Identifier: MIT */
/* A policy as if it were live: to try what it does before it does it. */
#ifndef CONSUMERS_CTL_LIVE_POLICY_H
#define CONSUMERS_CTL_LIVE_POLICY_H

#include "config/policy.h"

/* As policy_parse, with the policy's mode live; a follow-up with a mode of its own keeps it. */
MUST_CHECK bool live_policy_parse(const char *file, struct slice yaml, struct buf *problems,
                                  struct policy **ret_policy);

#endif
