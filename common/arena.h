/* SPDX-License-Identifier: MIT */
/* An arena gives out memory that lives until the batch is settled, and takes it all back at once. It grows by
 * blocks and keeps them for the next batch. Not shared between threads. Running out of memory ends the
 * process with a sentence (see mem.h): an abandoned batch is safe. */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include "common/slice.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_create(size_t block_bytes);
void arena_destroy(struct arena *arena);

/* Aligned for any type, not zeroed / zeroed. */
void *arena_alloc(struct arena *arena, size_t bytes);
void *arena_zalloc(struct arena *arena, size_t bytes);

/* Copies; the copy is also terminated by a NUL that len does not count. */
struct slice arena_copy(struct arena *arena, struct slice s);

struct slice arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Everything given out is invalid afterwards. Keeps at most keep_bytes of blocks. */
void arena_reset(struct arena *arena, size_t keep_bytes);

#endif
