/* SPDX-License-Identifier: MIT */
/* Made-up chance: the same seed gives the same numbers on every machine. SplitMix64 (Steele, Lea and Flood,
 * 2014), which is small, fast and good enough to make up customers. */
#ifndef PRODUCERS_SHOP_RANDOM_H
#define PRODUCERS_SHOP_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

#define PPM 1000000U /* chances are given in millionths */

static inline uint64_t random_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/* A sequence of its own for each thing that is made up, such as the customer number `index`: what is drawn
 * for one changes nothing for another. */
static inline struct random random_of(uint64_t seed, uint64_t what, uint64_t index)
{
    return (struct random){.state = random_mix(random_mix(seed + 0x9e3779b97f4a7c15ULL * what) + index)};
}

static inline uint64_t random_next(struct random *random)
{
    random->state += 0x9e3779b97f4a7c15ULL;
    return random_mix(random->state);
}

/* 0 to below - 1; below is at least 1. */
static inline uint32_t random_below(struct random *random, uint32_t below)
{
    return (uint32_t)(((random_next(random) >> 32) * below) >> 32);
}

/* low to high, both included; a range of less than 2^32. */
static inline int64_t random_between(struct random *random, int64_t low, int64_t high)
{
    return low + random_below(random, (uint32_t)(high - low + 1));
}

static inline bool random_chance(struct random *random, uint32_t ppm)
{
    return random_below(random, PPM) < ppm;
}

#endif
