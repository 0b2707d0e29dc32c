/* SPDX-License-Identifier: MIT */
/* The growing list of changes of a commit (see customer.h). */
#include "common/customer.h"

#define CAPACITY_FIRST 64

void changes_add(struct changes *changes, struct change change)
{
    if (changes->count == changes->capacity) {
        size_t capacity = changes->capacity > 0 ? 2 * changes->capacity : CAPACITY_FIRST;
        struct change *items = arena_alloc(changes->arena, capacity * sizeof *items);
        if (changes->count > 0) {
            memcpy(items, changes->items, changes->count * sizeof *items);
        }
        changes->items = items;
        changes->capacity = capacity;
    }
    changes->items[changes->count++] = change;
}

void changes_set(struct changes *changes, struct slice key, struct slice field, struct slice value)
{
    struct field *copy = arena_alloc(changes->arena, sizeof *copy);
    *copy =
        (struct field){.name = arena_copy(changes->arena, field), .value = arena_copy(changes->arena, value)};
    changes_add(changes, (struct change){.kind = CHANGE_SET,
                                         .key = arena_copy(changes->arena, key),
                                         .fields = copy,
                                         .field_count = 1});
}
