/* SPDX-License-Identifier: MIT */
/* The counts of a home: a list in the order of their first use, with a hash table of places in it. Names are
 * few (some tens) and live as long as the home is held. Sums that pass 63 bits wrap around: what is taken
 * back later makes them right again. */
#include "common/totals.h"

#include "common/buf.h"
#include "common/mem.h"
#include "common/words.h"

#include <assert.h>

#define NAME_BYTES_MAX 256
#define PLACES_FIRST   64

struct total {
    struct slice name; /* owned */
    int64_t value;
    bool dirty, stored;
};

struct totals {
    struct total *items;
    size_t count, capacity;
    uint32_t *places;   /* index + 1 into items; 0: free */
    size_t place_count; /* a power of two, at least twice count */
    bool changed;
};

static struct total *entry(struct totals *totals, struct slice name);
static size_t place_of(const struct totals *totals, struct slice name);
static void widen(struct totals *totals);
static uint32_t hash_of(struct slice name);
static void forget_all(struct totals *totals);
static size_t put(char *name, size_t len, struct slice part);
static size_t gather(struct totals *totals, struct changes *changes, bool set, struct field *fields);

struct totals *totals_create(void)
{
    struct totals *totals = mem_zalloc(sizeof *totals);
    totals->place_count = PLACES_FIRST;
    totals->places = mem_zalloc(totals->place_count * sizeof *totals->places);
    return totals;
}

void totals_destroy(struct totals *totals)
{
    if (totals != NULL) {
        forget_all(totals);
        mem_free(totals->items);
        mem_free(totals->places);
        mem_free(totals);
    }
}

void totals_add(struct totals *totals, const char *name, struct slice second, struct slice third,
                int64_t delta)
{
    if (delta == 0) {
        return;
    }
    char whole[NAME_BYTES_MAX];
    size_t len = put(whole, 0, slice_of(name));
    len = put(whole, len, second);
    len = put(whole, len, third);
    struct total *total = entry(totals, (struct slice){.data = whole, .len = len});
    total->value = (int64_t)((uint64_t)total->value + (uint64_t)delta);
    total->dirty = true;
    totals->changed = true;
}

int64_t totals_get(const struct totals *totals, struct slice name)
{
    uint32_t at = totals->places[place_of(totals, name)];
    return at > 0 ? totals->items[at - 1].value : 0;
}

enum status totals_load(struct totals *totals, const struct hash *hash)
{
    forget_all(totals);
    for (size_t i = 0; i < hash->field_count; i++) {
        int64_t value;
        if (!parse_int(hash->fields[i].value, &value)) {
            forget_all(totals);
            return STATUS_CORRUPT;
        }
        struct total *total = entry(totals, hash->fields[i].name);
        total->value = value;
        total->stored = true;
    }
    return STATUS_OK;
}

size_t totals_collect(struct totals *totals, struct changes *changes)
{
    if (!totals->changed) {
        return 0;
    }
    struct field *fields = arena_alloc(changes->arena, totals->count * sizeof *fields);
    size_t set = gather(totals, changes, true, fields);
    size_t unset = gather(totals, changes, false, fields + set);
    if (set > 0) {
        changes_add(changes,
                    (struct change){
                        .kind = CHANGE_SET, .key = SLICE("totals"), .fields = fields, .field_count = set});
    }
    if (unset > 0) {
        changes_add(changes, (struct change){.kind = CHANGE_UNSET,
                                             .key = SLICE("totals"),
                                             .fields = fields + set,
                                             .field_count = unset});
    }
    totals->changed = false;
    return set > 0 || unset > 0;
}

/* The dirty totals that are to be set, or those that are to go because they are 0 again. */
static size_t gather(struct totals *totals, struct changes *changes, bool set, struct field *fields)
{
    size_t count = 0;
    for (size_t i = 0; i < totals->count; i++) {
        struct total *total = &totals->items[i];
        if (!total->dirty || (total->value != 0) != set) {
            continue;
        }
        if (set || total->stored) {
            char room[INT_TEXT_BYTES];
            fields[count++] =
                (struct field){.name = arena_copy(changes->arena, total->name),
                               .value = arena_copy(changes->arena, int_text(total->value, room))};
        }
        total->dirty = false;
        total->stored = set;
    }
    return count;
}

static struct total *entry(struct totals *totals, struct slice name)
{
    size_t place = place_of(totals, name);
    if (totals->places[place] == 0) {
        if (2 * (totals->count + 1) > totals->place_count) {
            widen(totals);
            place = place_of(totals, name);
        }
        MEM_GROW(totals->items, totals->count, totals->capacity);
        totals->items[totals->count++] = (struct total){
            .name = {.data = mem_copy(name), .len = name.len}
        };
        totals->places[place] = (uint32_t)totals->count;
    }
    return &totals->items[totals->places[place] - 1];
}

/* Where the name is, or where it would go. */
static size_t place_of(const struct totals *totals, struct slice name)
{
    size_t place = hash_of(name) & (totals->place_count - 1);
    while (totals->places[place] != 0 && !slice_equal(totals->items[totals->places[place] - 1].name, name)) {
        place = (place + 1) & (totals->place_count - 1);
    }
    return place;
}

static void widen(struct totals *totals)
{
    mem_free(totals->places);
    totals->place_count *= 2;
    totals->places = mem_zalloc(totals->place_count * sizeof *totals->places);
    for (size_t i = 0; i < totals->count; i++) {
        totals->places[place_of(totals, totals->items[i].name)] = (uint32_t)(i + 1);
    }
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_of(struct slice name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static void forget_all(struct totals *totals)
{
    for (size_t i = 0; i < totals->count; i++) {
        mem_free((char *)totals->items[i].name.data);
    }
    totals->count = 0;
    totals->changed = false;
    memset(totals->places, 0, totals->place_count * sizeof *totals->places);
}

static size_t put(char *name, size_t len, struct slice part)
{
    if (part.data == NULL) {
        return len;
    }
    size_t colon = len > 0;
    assert(len + colon + part.len <= NAME_BYTES_MAX);
    if (colon) {
        name[len++] = ':';
    }
    memcpy(name + len, part.data, part.len);
    return len + part.len;
}
