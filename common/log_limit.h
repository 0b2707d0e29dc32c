/* SPDX-License-Identifier: MIT */
/* Which repetitions of a message are written: at most LOG_LIMIT_LINES of one message in LOG_LIMIT_US. Used by
 * the log, one per thread; knows no clock. A zeroed struct is a fresh one. */
#ifndef COMMON_LOG_LIMIT_H
#define COMMON_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_LINES    5
#define LOG_LIMIT_US       10000000
#define LOG_LIMIT_MESSAGES 64 /* remembered at once; the one longest unused makes room */

struct log_limit {
    struct {
        uint64_t hash; /* of the message; 0: free */
        int64_t since_us;
        uint32_t written, left_out;
    } messages[LOG_LIMIT_MESSAGES];
};

/* Whether msg may be written now. If so, *ret_left_out is how many of it were not since the last that was. */
bool log_limit_admits(struct log_limit *limit, const char *msg, int64_t now_us, uint32_t *ret_left_out);

#endif
