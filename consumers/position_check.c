/* SPDX-License-Identifier: MIT */
#include "consumers/position_check.h"

#include <stdio.h>

static enum status gap(const struct position_check *check, char *ret_why, const char *what, const char *todo);

enum status position_check_home(const struct position_check *check, int64_t *ret_start, int64_t *ret_live,
                                char *ret_why)
{
    int64_t s = check->position, c = check->committed;
    const struct bounds *log = &check->bounds;
    if (!check->accept_gap) {
        if (s > log->end || c > log->end) {
            return gap(check, ret_why,
                       "the log ends before what was folded or sent: the topic was made anew or cut",
                       "if so, accept-gap goes on with what is there");
        }
        if (s < log->start) {
            return gap(check, ret_why, "retention has removed events that were not folded",
                       "restore a Redis backup that is younger, or accept-gap to go on without them");
        }
        if (c == OFFSET_NONE && s > 0) {
            return gap(check, ret_why,
                       "the group has no offset, but Redis has folded up to here: offsets expired",
                       "accept-gap goes on from what Redis has folded");
        }
        if (c != OFFSET_NONE && s > c) {
            return gap(check, ret_why, "Redis is ahead of the group's offset: offsets were set back or lost",
                       "accept-gap goes on from what Redis has folded");
        }
        *ret_start = s;
        *ret_live = c == OFFSET_NONE ? s : c;
        return STATUS_OK;
    }
    int64_t start = s > log->end || s < log->start ? log->start : s;
    *ret_start = start;
    /* What was sent must not be sent again, as far as anybody still knows. */
    *ret_live = c != OFFSET_NONE && c <= log->end && c > start ? c : start;
    return STATUS_OK;
}

enum status position_check_feeder(const struct position_check *check, int64_t *ret_start, char *ret_why)
{
    int64_t c = check->committed;
    const struct bounds *log = &check->bounds;
    if (check->accept_gap) {
        *ret_start = c != OFFSET_NONE && c >= log->start && c <= log->end ? c : log->start;
        return STATUS_OK;
    }
    if (c == OFFSET_NONE && check->taken) {
        return gap(check, ret_why, "the group has no offset, but something was copied from here before",
                   "restore the group's offsets; accept-gap would copy again from the start of the log");
    }
    if (c == OFFSET_NONE) {
        *ret_start = log->start;
        return STATUS_OK;
    }
    if (c < log->start || c > log->end) {
        return gap(check, ret_why, "the group's offset lies outside the log",
                   "accept-gap goes on from the start of the log");
    }
    *ret_start = c;
    return STATUS_OK;
}

static enum status gap(const struct position_check *check, char *ret_why, const char *what, const char *todo)
{
    snprintf(ret_why, 256, "%s (S %lld, C %lld, log %lld to %lld); %s", what, (long long)check->position,
             (long long)check->committed, (long long)check->bounds.start, (long long)check->bounds.end, todo);
    return STATUS_GAP;
}
