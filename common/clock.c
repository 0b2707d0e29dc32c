/* SPDX-License-Identifier: MIT */
/* The time and the dice. */
#include "common/clock.h"

#include <sys/random.h>
#include <time.h>

static int64_t read_clock(clockid_t id, int64_t per_second);
static uint64_t next_random(void);

int64_t clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME, 1000);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000);
}

int64_t clock_jitter_ms(int64_t base_ms)
{
    return base_ms > 0 ? base_ms + (int64_t)(next_random() % (uint64_t)base_ms) : 0;
}

static int64_t read_clock(clockid_t id, int64_t per_second)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * per_second + now.tv_nsec / (1000000000 / per_second);
}

/* splitmix64 (Steele, Lea, Flood 2014), a sequence of its own for each thread. */
static uint64_t next_random(void)
{
    static _Thread_local uint64_t state;
    if (state == 0 && getrandom(&state, sizeof state, GRND_NONBLOCK) != (ssize_t)sizeof state) {
        state = (uint64_t)clock_monotonic_us() ^ (uint64_t)(uintptr_t)&state << 16;
    }
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
