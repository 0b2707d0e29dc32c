/* SPDX-License-Identifier: MIT */
/* One window for each message, begun by its first line. */
#include "common/log_limit.h"

static uint64_t hash_of(const char *msg);
static int find(const struct log_limit *limit, uint64_t hash);

bool log_limit_admits(struct log_limit *limit, const char *msg, struct log_rate rate, int64_t now_us,
                      uint32_t *ret_left_out)
{
    uint64_t hash = hash_of(msg);
    int i = find(limit, hash);
    if (limit->messages[i].hash != hash) {
        limit->messages[i].hash = hash;
        limit->messages[i].since_us = now_us;
        limit->messages[i].written = limit->messages[i].left_out = 0;
    } else if (now_us - limit->messages[i].since_us >= rate.window_us) {
        limit->messages[i].since_us = now_us;
        limit->messages[i].written = 0;
    }
    if (limit->messages[i].written >= rate.lines) {
        limit->messages[i].left_out++;
        return false;
    }
    limit->messages[i].written++;
    *ret_left_out = limit->messages[i].left_out;
    limit->messages[i].left_out = 0;
    return true;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *msg)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *msg != '\0'; msg++) {
        hash = (hash ^ (unsigned char)*msg) * 0x100000001b3u;
    }
    return hash != 0 ? hash : 1;
}

/* The message's place, or else a free one, or else that of the oldest window. */
static int find(const struct log_limit *limit, uint64_t hash)
{
    int oldest = 0;
    for (int i = 0; i < LOG_LIMIT_MESSAGES; i++) {
        if (limit->messages[i].hash == hash || limit->messages[i].hash == 0) {
            return i;
        }
        if (limit->messages[i].since_us < limit->messages[oldest].since_us) {
            oldest = i;
        }
    }
    return oldest;
}
