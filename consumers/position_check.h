/* SPDX-License-Identifier: MIT */
/* May a partition go on, and where? A pure function of what Redis, the group and the log say (the design of
 * recovery: docs/operations.md). Every answer but OK has a sentence that says what to do. */
#ifndef CONSUMERS_POSITION_CHECK_H
#define CONSUMERS_POSITION_CHECK_H

#include "common/status.h"
#include "consumers/source.h"

#include <stdint.h>

struct position_check {
    const char *topic;
    struct partition partition;
    int64_t position;     /* S of a home */
    int64_t committed;    /* C, or OFFSET_NONE */
    struct bounds bounds; /* of the log */
    bool taken;           /* of a feeder: something has been copied from it before */
    bool accept_gap;      /* an operator accepts what lies outside the log as lost */
};

/* OK: *ret_start is where to read from and *ret_live from where on outputs go out. GAP: *ret_why (256 bytes).
 */
enum status position_check_home(const struct position_check *check, int64_t *ret_start, int64_t *ret_live,
                                char *ret_why);
enum status position_check_feeder(const struct position_check *check, int64_t *ret_start, char *ret_why);

#endif
