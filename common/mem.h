/* SPDX-License-Identifier: MIT */
/* Heap memory that is always there: when the system has none left the process ends with a sentence and exit
 * status 70. That is safe at any moment, for everything unfinished is done again from the log. */
#ifndef COMMON_MEM_H
#define COMMON_MEM_H

#include "common/slice.h"

#include <stddef.h>

void *mem_alloc(size_t bytes);
void *mem_zalloc(size_t bytes);
void *mem_realloc(void *old, size_t bytes);
char *mem_strdup(const char *text);
char *mem_copy(struct slice s); /* returns owned, NUL-terminated */
void mem_free(void *p);

/* Makes room for one more element: grows the array at *items (of *capacity elements) when count has reached
 * it. */
#define MEM_GROW(items, count, capacity)                                                                     \
    do {                                                                                                     \
        if ((count) == (capacity)) {                                                                         \
            (capacity) = (capacity) > 0 ? 2 * (capacity) : 8;                                                \
            (items) = mem_realloc((items), (size_t)(capacity) * sizeof *(items));                            \
        }                                                                                                    \
    } while (0)

#endif
