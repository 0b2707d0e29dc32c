/* SPDX-License-Identifier: MIT */
#include "consumers/due.h"

#include "common/mem.h"

#include <assert.h>

static int compare(int64_t a_ms, struct slice a, int64_t b_ms, struct slice b);
static bool before(const struct due_entry *a, const struct due_entry *b);
static void sink_down(struct due_list *due, size_t i);
static struct slice owned(struct slice id);

void due_done(struct due_list *due)
{
    for (size_t i = 0; i < due->count; i++) {
        mem_free((char *)due->heap[i].id.data);
    }
    mem_free(due->heap);
    mem_free((char *)due->end.id.data);
    *due = (struct due_list){0};
}

void due_reset(struct due_list *due)
{
    due_done(due);
}

bool due_covers(const struct due_list *due, int64_t due_ms, struct slice id)
{
    if (due->whole) {
        return true;
    }
    return due->end.id.data != NULL && compare(due_ms, id, due->end.due_ms, due->end.id) <= 0;
}

void due_push(struct due_list *due, int64_t due_ms, struct slice id)
{
    MEM_GROW(due->heap, due->count, due->capacity);
    size_t i = due->count++;
    due->heap[i] = (struct due_entry){.due_ms = due_ms, .id = owned(id)};
    while (i > 0 && before(&due->heap[i], &due->heap[(i - 1) / 2])) {
        struct due_entry parent = due->heap[(i - 1) / 2];
        due->heap[(i - 1) / 2] = due->heap[i];
        due->heap[i] = parent;
        i = (i - 1) / 2;
    }
}

const struct due_entry *due_first(const struct due_list *due)
{
    return due->count > 0 ? &due->heap[0] : NULL;
}

struct due_entry due_pop(struct due_list *due)
{
    assert(due->count > 0);
    struct due_entry first = due->heap[0];
    due->heap[0] = due->heap[--due->count];
    sink_down(due, 0);
    return first;
}

void due_extend(struct due_list *due, int64_t due_ms, struct slice id)
{
    mem_free((char *)due->end.id.data);
    due->end = (struct due_entry){0};
    due->whole = id.data == NULL;
    if (!due->whole) {
        due->end = (struct due_entry){.due_ms = due_ms, .id = owned(id)};
    }
}

static int compare(int64_t a_ms, struct slice a, int64_t b_ms, struct slice b)
{
    if (a_ms != b_ms) {
        return a_ms < b_ms ? -1 : 1;
    }
    return slice_compare(a, b);
}

static bool before(const struct due_entry *a, const struct due_entry *b)
{
    return compare(a->due_ms, a->id, b->due_ms, b->id) < 0;
}

static void sink_down(struct due_list *due, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < due->count; child++) {
            if (before(&due->heap[child], &due->heap[least])) {
                least = child;
            }
        }
        if (least == i) {
            return;
        }
        struct due_entry moved = due->heap[i];
        due->heap[i] = due->heap[least];
        due->heap[least] = moved;
        i = least;
    }
}

static struct slice owned(struct slice id)
{
    return (struct slice){.data = mem_copy(id), .len = id.len};
}
