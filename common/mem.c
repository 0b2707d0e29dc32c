/* SPDX-License-Identifier: MIT */
/* Heap memory or the end of the process. Everything in loyald that allocates comes through here or through an
 * arena, which does too; no caller has to think about a NULL. */
#include "common/mem.h"

#include <stdlib.h>
#include <unistd.h>

#define EXIT_NO_MEMORY 70

static void *checked(void *p);

void *mem_alloc(size_t bytes)
{
    return checked(malloc(bytes > 0 ? bytes : 1));
}

void *mem_zalloc(size_t bytes)
{
    return checked(calloc(1, bytes > 0 ? bytes : 1));
}

void *mem_realloc(void *old, size_t bytes)
{
    return checked(realloc(old, bytes > 0 ? bytes : 1));
}

char *mem_strdup(const char *text)
{
    return mem_copy(slice_of(text));
}

char *mem_copy(struct slice s)
{
    char *copy = mem_alloc(s.len + 1);
    if (s.len > 0) {
        memcpy(copy, s.data, s.len);
    }
    copy[s.len] = '\0';
    return copy;
}

void mem_free(void *p)
{
    free(p);
}

/* Straight to the file descriptor: the log would need memory too. */
static void *checked(void *p)
{
    static const char sentence[] = "loyald: the system has no memory left; give the process more, or make "
                                   "batch.events or cache.customers smaller\n";
    if (p == NULL) {
        ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
        (void)written;
        _exit(EXIT_NO_MEMORY);
    }
    return p;
}
