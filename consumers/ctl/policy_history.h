/* SPDX-License-Identifier: MIT */
/* The policies that were ever put in force, as the home log has them. */
#ifndef CONSUMERS_CTL_POLICY_HISTORY_H
#define CONSUMERS_CTL_POLICY_HISTORY_H

#include "consumers/ctl/ctl.h"

struct past_policy {
    int64_t offset, time_ms; /* of its record in one home's log */
    char version[17];
    struct slice body, text; /* text absent: the body cannot be read */
};

struct past_policies {
    struct past_policy *items; /* in order; in the ctl's arena, but for the list itself */
    size_t count, capacity;
    bool cut; /* the log's beginning is gone */
};

/* From the log of one home: every policy is appended to all of them. False: the sentence has been said. */
bool policy_history_read(struct ctl *ctl, struct past_policies *ret_policies);
void policy_history_done(struct past_policies *policies);

/* The newest whose version begins so; NULL: the sentence has been said. */
const struct past_policy *policy_history_find(const struct past_policies *policies, const char *version);

/* As a table, or its text. Returns the exit status. */
int policy_show_past(struct ctl *ctl, const char *version, bool as_text);

#endif
