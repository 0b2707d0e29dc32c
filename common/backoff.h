/* SPDX-License-Identifier: MIT */
/* When to try again: doubles from 50 ms to 5 s, with jitter that the caller draws. A pure state machine that
 * is given `now`. A try counts as a failure until something has proven it good. */
#ifndef COMMON_BACKOFF_H
#define COMMON_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    int64_t wait_ms;  /* the wait after the last failure; 0: none has failed */
    int64_t until_ms; /* not before this */
};

#define BACKOFF_FIRST_MS  50
#define BACKOFF_MAX_MS    5000
#define BACKOFF_FORGET_MS 60000 /* a failure so long after the one before is a new trouble */

static inline bool backoff_is_over(const struct backoff *backoff, int64_t now_ms)
{
    return now_ms >= backoff->until_ms;
}

static inline void backoff_succeeded(struct backoff *backoff)
{
    *backoff = (struct backoff){0};
}

/* How long the next wait is to be, before jitter. */
static inline int64_t backoff_next_ms(const struct backoff *backoff)
{
    int64_t wait_ms = backoff->wait_ms > 0 ? 2 * backoff->wait_ms : BACKOFF_FIRST_MS;
    return wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS;
}

static inline void backoff_forget_old(struct backoff *backoff, int64_t now_ms)
{
    if (now_ms - backoff->until_ms > BACKOFF_FORGET_MS) {
        backoff_succeeded(backoff);
    }
}

/* jittered_ms: a time around backoff_next_ms. */
static inline void backoff_failed(struct backoff *backoff, int64_t now_ms, int64_t jittered_ms)
{
    backoff->wait_ms = backoff_next_ms(backoff);
    backoff->until_ms = now_ms + jittered_ms;
}

#endif
