/* SPDX-License-Identifier: MIT */
/* Which repetitions of a message are written: so many in so long, by its rate. Used by the log, one per
 * thread; knows no clock. A zeroed struct is a fresh one. */
#ifndef COMMON_LOG_LIMIT_H
#define COMMON_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_MESSAGES 64 /* remembered at once; the one longest unused makes room */

struct log_rate {
    uint32_t lines;
    int64_t window_us;
};

struct log_limit {
    struct {
        uint64_t hash; /* of the message; 0: free */
        int64_t since_us;
        uint32_t written, left_out;
    } messages[LOG_LIMIT_MESSAGES];
};

/* Whether msg, which is always asked about with the same rate, may be written now. If so, *ret_left_out is
 * how many of it were not since the last that was. */
bool log_limit_admits(struct log_limit *limit, const char *msg, struct log_rate rate, int64_t now_us,
                      uint32_t *ret_left_out);

#endif
