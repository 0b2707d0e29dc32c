/* SPDX-License-Identifier: MIT */
/* The processes of loyald, by the leases that they keep in Redis: which of them live, and what they know. A
 * living process moves its lease every 500 ms. */
#ifndef CONSUMERS_CTL_PROCESSES_H
#define CONSUMERS_CTL_PROCESSES_H

#include "consumers/ctl/ctl.h"

/* A process, as its lease was when first looked at. */
struct process {
    struct slice name;
    struct policy_versions knows;
    int64_t beat;
    bool held, lives;
};

/* Starts as {0}. */
struct processes {
    struct process *items;
    size_t count, capacity;
};

/* Takes the process in, if it is not there. False: said. */
bool processes_add(struct ctl *ctl, struct processes *processes, struct slice name);
const struct process *processes_find(const struct processes *processes, struct slice name); /* NULL: none */

/* Waits until each has moved its lease, given it back, or not moved it for 2 s. False: said. */
bool processes_watch(struct ctl *ctl, struct processes *processes);
void processes_done(struct processes *processes);

/* Do all living processes know the versions of a policy? False: ret_why (CTL_SENTENCE bytes) names one that
 * does not. What goes wrong in asking is said, and ret_why is "". */
bool processes_know(struct ctl *ctl, struct policy_versions needed, char *ret_why);

#endif
