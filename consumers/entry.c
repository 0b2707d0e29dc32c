/* SPDX-License-Identifier: MIT */
#include "consumers/entry.h"

#define TREE_KEEP (256 * 1024)

static void place_event(struct entry *entry, int32_t home, int32_t homes);

void entry_read(const struct record *record, int32_t home, int32_t homes, enum policy_clock clock,
                struct arena *tree, struct arena *arena, struct entry *ret_entry)
{
    *ret_entry = (struct entry){.record = record, .clock = clock, .home = home};
    if (record->headers != NULL && control_is(record)) {
        char why[256];
        ret_entry->kind = ENTRY_CONTROL;
        if (!control_read(record, home, arena, &ret_entry->control, why)) {
            ret_entry->kind = ENTRY_UNREADABLE;
            ret_entry->why = (char *)arena_copy(arena, slice_of(why)).data;
        }
        return;
    }
    if (record->key.data != NULL && partition_of(record->key, homes) != home) {
        ret_entry->kind = ENTRY_STRAY;
        ret_entry->home = partition_of(record->key, homes);
        return;
    }
    arena_reset(tree, TREE_KEEP);
    ret_entry->reject = event_decode(record, clock == CLOCK_EVENT, tree, arena, &ret_entry->event);
    if (ret_entry->reject != REJECT_NONE) {
        ret_entry->kind = ENTRY_REJECTED;
        return;
    }
    place_event(ret_entry, home, homes);
}

void entry_route(const struct record *record, int32_t homes, struct arena *tree, struct entry *ret_entry)
{
    *ret_entry = (struct entry){.record = record, .kind = ENTRY_STRAY};
    if (record->headers != NULL && control_is(record)) {
        ret_entry->kind = ENTRY_REJECTED;
        ret_entry->reject = REJECT_control_type;
        return;
    }
    if (record->key.data != NULL) {
        ret_entry->home = partition_of(record->key, homes);
        return;
    }
    struct slice subject = {0};
    arena_reset(tree, TREE_KEEP);
    ret_entry->reject = event_decode_subject(record, tree, &subject);
    if (ret_entry->reject != REJECT_NONE) {
        ret_entry->kind = ENTRY_REJECTED;
    } else if (subject.data == NULL) {
        ret_entry->kind = ENTRY_ANONYMOUS;
    } else {
        ret_entry->home = partition_of(subject, homes);
    }
}

/* An event without a key may have come to any partition. */
static void place_event(struct entry *entry, int32_t home, int32_t homes)
{
    struct slice subject = entry->event.subject;
    if (subject.data == NULL) {
        entry->kind = ENTRY_ANONYMOUS;
        return;
    }
    entry->kind = ENTRY_EVENT;
    if (entry->record->key.data == NULL && partition_of(subject, homes) != home) {
        entry->kind = ENTRY_STRAY;
        entry->home = partition_of(subject, homes);
    }
}
