/* SPDX-License-Identifier: MIT */
/* What an operator decides about a partition is done by its owner, who looks for such commands every second.
 */
#ifndef CONSUMERS_CTL_HOME_COMMAND_H
#define CONSUMERS_CTL_HOME_COMMAND_H

#include "consumers/ctl/ctl.h"

/* The partition that the command line names. */
struct home_target {
    const char *topic;
    int32_t partition;
    bool is_home;
    struct slice field; /* in the notes */
};

/* Gives the owner a command (retry, accept-gap or rebuild), waits until it is done, and tells what came of
 * it. */
int home_command(struct ctl *ctl, const struct home_target *target, const char *word);

#endif
