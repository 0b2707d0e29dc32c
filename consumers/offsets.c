/* SPDX-License-Identifier: MIT */
#include "consumers/offsets.h"

#include <stdlib.h>

static int compare(const void *a, const void *b);

void offsets_sort(int64_t *offsets, size_t count)
{
    if (count > 0) {
        qsort(offsets, count, sizeof *offsets, compare);
    }
}

bool offsets_hold(const int64_t *offsets, size_t count, int64_t offset)
{
    return count > 0 && bsearch(&offset, offsets, count, sizeof *offsets, compare) != NULL;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}
