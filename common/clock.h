/* SPDX-License-Identifier: MIT */
/* The only file that asks for the time. Everything else is given `now`. The fold never sees these: its time
 * is the log's. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);      /* since 1970-01-01 UTC */
int64_t clock_monotonic_us(void); /* for durations and deadlines */

/* A random duration in [base, 2 * base): jitter for back-off. Thread-safe. */
int64_t clock_jitter_ms(int64_t base_ms);

#endif
