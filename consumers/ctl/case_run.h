/* SPDX-License-Identifier: MIT */
/* How a case goes: it is played in a sandbox of its own, and what came is laid beside what was expected. */
#ifndef CONSUMERS_CTL_CASE_RUN_H
#define CONSUMERS_CTL_CASE_RUN_H

#include "consumers/ctl/case_file.h"

enum case_mark { MARK_BOTH, MARK_EXPECTED, MARK_CAME };

/* One line of what came or should have. */
struct case_finding {
    struct case_line line;
    enum case_mark mark;
};

struct case_result {
    struct case_finding *findings; /* in order of time; in the arena that was given */
    size_t count;
    bool right;
};

void case_run(const struct policy_case *policy_case, struct arena *arena, struct case_result *ret_result);

#endif
