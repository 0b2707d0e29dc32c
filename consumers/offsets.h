/* SPDX-License-Identifier: MIT */
/* Ascending lists of offsets. */
#ifndef CONSUMERS_OFFSETS_H
#define CONSUMERS_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void offsets_sort(int64_t *offsets, size_t count);
bool offsets_hold(const int64_t *offsets, size_t count, int64_t offset);

#endif
