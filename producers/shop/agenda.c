/* SPDX-License-Identifier: MIT */
#include "producers/shop/agenda.h"

#include "common/mem.h"

static bool is_before(const struct planned *one, const struct planned *other);
static void swap(struct planned *one, struct planned *other);

void agenda_done(struct agenda *agenda)
{
    mem_free(agenda->items);
    *agenda = (struct agenda){0};
}

void agenda_add(struct agenda *agenda, struct planned item)
{
    item.order = agenda->planned++;
    MEM_GROW(agenda->items, agenda->count, agenda->capacity);
    size_t at = agenda->count++;
    agenda->items[at] = item;
    for (; at > 0 && is_before(&agenda->items[at], &agenda->items[(at - 1) / 2]); at = (at - 1) / 2) {
        swap(&agenda->items[at], &agenda->items[(at - 1) / 2]);
    }
}

bool agenda_take(struct agenda *agenda, int64_t now_ms, struct planned *ret_item)
{
    if (agenda->count == 0 || agenda->items[0].due_ms > now_ms) {
        return false;
    }
    *ret_item = agenda->items[0];
    agenda->items[0] = agenda->items[--agenda->count];
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1, first = at;
        for (size_t i = child; i < child + 2 && i < agenda->count; i++) {
            first = is_before(&agenda->items[i], &agenda->items[first]) ? i : first;
        }
        if (first == at) {
            return true;
        }
        swap(&agenda->items[at], &agenda->items[first]);
        at = first;
    }
}

static bool is_before(const struct planned *one, const struct planned *other)
{
    return one->due_ms != other->due_ms ? one->due_ms < other->due_ms : one->order < other->order;
}

static void swap(struct planned *one, struct planned *other)
{
    struct planned kept = *one;
    *one = *other;
    *other = kept;
}
