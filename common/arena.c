/* SPDX-License-Identifier: MIT */
/* A chain of blocks and a pointer that moves through it. Blocks that were kept at a reset are used again in
 * their order; one that is too small for what is asked is passed over until the next reset. Under
 * AddressSanitizer what is not given out is poisoned, so that a text kept beyond its batch is caught. */
#include "common/arena.h"

#include "common/mem.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define GIVE(p, bytes) ASAN_UNPOISON_MEMORY_REGION((p), (bytes))
#define TAKE(p, bytes) ASAN_POISON_MEMORY_REGION((p), (bytes))
#else
#define GIVE(p, bytes) ((void)0)
#define TAKE(p, bytes) ((void)0)
#endif

#define ALIGNMENT (_Alignof(max_align_t))

struct block {
    struct block *next;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    char *at, *end; /* what is free of the current block */
    struct block *first, *current;
    size_t block_bytes;
};

static void *alloc_elsewhere(struct arena *arena, size_t size);
static void use_block(struct arena *arena, struct block *block);
static void free_block(struct block *block);
static struct slice print(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

struct arena *arena_create(size_t block_bytes)
{
    assert(block_bytes > 0);
    struct arena *arena = mem_zalloc(sizeof *arena);
    arena->block_bytes = block_bytes;
    return arena;
}

void arena_destroy(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    for (struct block *block = arena->first; block != NULL;) {
        struct block *next = block->next;
        free_block(block);
        block = next;
    }
    mem_free(arena);
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    size_t size = bytes > 0 ? (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : ALIGNMENT;
    if (size < bytes) { /* wrapped around: more than there can be */
        size = SIZE_MAX - sizeof(struct block);
    }
    if (size > (size_t)(arena->end - arena->at)) {
        return alloc_elsewhere(arena, size);
    }
    void *p = arena->at;
    arena->at += size;
    GIVE(p, bytes);
    return p;
}

void *arena_zalloc(struct arena *arena, size_t bytes)
{
    return memset(arena_alloc(arena, bytes), 0, bytes);
}

struct slice arena_copy(struct arena *arena, struct slice s)
{
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len > 0) {
        memcpy(copy, s.data, s.len);
    }
    copy[s.len] = '\0';
    return (struct slice){.data = copy, .len = s.len};
}

struct slice arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct slice printed = print(arena, format, args);
    va_end(args);
    return printed;
}

void arena_reset(struct arena *arena, size_t keep_bytes)
{
    struct block **link = &arena->first;
    size_t kept = 0;
    while (*link != NULL) {
        struct block *block = *link;
        if (block->size <= keep_bytes - kept) {
            kept += block->size;
            TAKE(block->bytes, block->size);
            link = &block->next;
        } else {
            *link = block->next;
            free_block(block);
        }
    }
    arena->current = NULL;
    arena->at = arena->end = NULL;
    if (arena->first != NULL) {
        use_block(arena, arena->first);
    }
}

static void *alloc_elsewhere(struct arena *arena, size_t size)
{
    struct block **link = arena->current != NULL ? &arena->current->next : &arena->first;
    while (*link != NULL && (*link)->size < size) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        size_t block_size = size > arena->block_bytes ? size : arena->block_bytes;
        block_size = (block_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
        struct block *block = mem_alloc(sizeof *block + block_size);
        *block = (struct block){.next = NULL, .size = block_size};
        TAKE(block->bytes, block->size);
        *link = block;
    }
    use_block(arena, *link);
    return arena_alloc(arena, size);
}

static void use_block(struct arena *arena, struct block *block)
{
    arena->current = block;
    arena->at = block->bytes;
    arena->end = block->bytes + block->size;
}

static void free_block(struct block *block)
{
    GIVE(block->bytes, block->size);
    mem_free(block);
}

static struct slice print(struct arena *arena, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    assert(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    if ((size_t)len < sizeof small) {
        memcpy(text, small, (size_t)len + 1);
    } else {
        vsnprintf(text, (size_t)len + 1, format, again);
    }
    va_end(again);
    return (struct slice){.data = text, .len = (size_t)len};
}
