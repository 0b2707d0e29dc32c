/* SPDX-License-Identifier: MIT */
/* The memory under store_fake.c: what is held, snapshots of it, and the faults that a test has asked for. */
#include "tests/fakes/fake_memory.h"

#include "common/mem.h"
#include "tests/fakes/dump.h"

#include <assert.h>
#include <stdio.h>

static struct slice copy_slice(struct slice s);
static void free_slice(struct slice s);
static struct fake_item *need_item(struct fake_home *home, struct slice key, struct slice name, bool ranking);
static void copy_home(struct fake_home *to, const struct fake_home *from);
static void free_state(struct fake_state *state);

struct fake_memory *fake_memory_create(void)
{
    return mem_zalloc(sizeof(struct fake_memory));
}

void fake_memory_destroy(struct fake_memory *memory)
{
    if (memory == NULL) {
        return;
    }
    free_state(&memory->now);
    for (size_t i = 0; i < memory->snapshot_count; i++) {
        free_state(&memory->snapshots[i]);
    }
    mem_free(memory->snapshots);
    mem_free(memory);
}

void fake_memory_fail_next(struct fake_memory *memory, enum fake_fault fault)
{
    memory->armed[fault] = true;
    memory->failed[fault] = false;
}

bool fake_memory_has_failed(const struct fake_memory *memory, enum fake_fault fault)
{
    return memory->failed[fault];
}

void fake_memory_forbid(struct fake_memory *memory, enum fake_right right)
{
    memory->forbidden[right] = true;
}

void fake_memory_allow_all(struct fake_memory *memory)
{
    memset(memory->forbidden, 0, sizeof memory->forbidden);
}

void fake_memory_set_away(struct fake_memory *memory, bool away)
{
    memory->away = away;
}

void fake_memory_set_room(struct fake_memory *memory, enum fake_room room)
{
    memory->room = room;
}

int fake_memory_reopened(const struct fake_memory *memory)
{
    return memory->reopened;
}

int fake_memory_save(struct fake_memory *memory)
{
    MEM_GROW(memory->snapshots, memory->snapshot_count, memory->snapshot_capacity);
    struct fake_state *saved = &memory->snapshots[memory->snapshot_count];
    *saved = (struct fake_state){0};
    for (size_t i = 0; i < memory->now.count; i++) {
        copy_home(fake_need_home(saved, memory->now.homes[i].home), &memory->now.homes[i]);
    }
    copy_home(&saved->notes, &memory->now.notes);
    return (int)memory->snapshot_count++;
}

void fake_memory_roll_back(struct fake_memory *memory, int snapshot, int32_t home)
{
    assert(snapshot >= 0 && (size_t)snapshot < memory->snapshot_count);
    static const struct fake_home nothing;
    const struct fake_state *saved = &memory->snapshots[snapshot];
    for (size_t i = 0; i < memory->now.count; i++) {
        if (home == EVERY_HOME || home == memory->now.homes[i].home) {
            copy_home(&memory->now.homes[i], &nothing);
        }
    }
    for (size_t i = 0; i < saved->count; i++) {
        if (home == EVERY_HOME || home == saved->homes[i].home) {
            copy_home(fake_need_home(&memory->now, saved->homes[i].home), &saved->homes[i]);
        }
    }
    if (home == EVERY_HOME) {
        copy_home(&memory->now.notes, &saved->notes);
    }
}

void fake_memory_flush(struct fake_memory *memory)
{
    free_state(&memory->now);
}

void fake_memory_spoil_note(struct fake_memory *memory, const char *name)
{
    fake_remove_key(&memory->now.notes, slice_of(name));
    fake_rank(&memory->now.notes, slice_of(name), SLICE("a member"), 1);
}

void fake_memory_set_position(struct fake_memory *memory, int32_t home, int64_t position)
{
    fake_need_home(&memory->now, home)->position = position;
}

int64_t fake_memory_position(const struct fake_memory *memory, int32_t home)
{
    const struct fake_home *held = fake_find_home(&memory->now, home);
    return held != NULL ? held->position : 0;
}

char *fake_memory_dump(const struct fake_memory *memory, int32_t home)
{
    struct dump dump = {0};
    const struct fake_home *held = fake_find_home(&memory->now, home);
    for (size_t i = 0; held != NULL && i < held->count; i++) {
        const struct fake_key *key = &held->keys[i];
        for (size_t j = 0; j < key->count; j++) {
            if (key->ranking) {
                dump_rank(&dump, key->name, key->items[j].name, key->items[j].score);
            } else {
                dump_field(&dump, key->name, key->items[j].name, key->items[j].value);
            }
        }
    }
    if (held != NULL && held->position != 0) {
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)held->position);
        dump_field(&dump, SLICE("home"), SLICE("position"),
                   held->position == POSITION_CLEARING ? SLICE("clearing")
                   : held->position == POSITION_BROKEN ? SLICE("broken")
                                                       : slice_of(text));
    }
    return dump_finish(&dump);
}

/* ---- homes, keys, items */
struct fake_home *fake_find_home(const struct fake_state *state, int32_t home)
{
    for (size_t i = 0; i < state->count; i++) {
        if (state->homes[i].home == home) {
            return &state->homes[i];
        }
    }
    return NULL;
}

struct fake_home *fake_need_home(struct fake_state *state, int32_t home)
{
    struct fake_home *held = fake_find_home(state, home);
    if (held == NULL) {
        MEM_GROW(state->homes, state->count, state->capacity);
        held = &state->homes[state->count++];
        *held = (struct fake_home){.home = home};
    }
    return held;
}

/* Where the name is, or would be. */
static size_t place_of_key(const struct fake_home *home, struct slice name)
{
    size_t low = 0, high = home->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(home->keys[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t place_of_item(const struct fake_key *key, struct slice name)
{
    size_t low = 0, high = key->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(key->items[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct fake_key *fake_find_key(const struct fake_home *home, struct slice name)
{
    size_t place = place_of_key(home, name);
    return place < home->count && slice_equal(home->keys[place].name, name) ? &home->keys[place] : NULL;
}

void fake_set(struct fake_home *home, struct slice key, struct slice name, struct slice value)
{
    struct fake_item *item = need_item(home, key, name, false);
    free_slice(item->value);
    item->value = copy_slice(value);
}

void fake_rank(struct fake_home *home, struct slice key, struct slice member, int64_t score)
{
    need_item(home, key, member, true)->score = score;
}

void fake_remove_item(struct fake_home *home, struct slice key, struct slice name)
{
    struct fake_key *held = fake_find_key(home, key);
    size_t place = held != NULL ? place_of_item(held, name) : 0;
    if (held == NULL || place == held->count || !slice_equal(held->items[place].name, name)) {
        return;
    }
    free_slice(held->items[place].name);
    free_slice(held->items[place].value);
    held->count--;
    memmove(&held->items[place], &held->items[place + 1], (held->count - place) * sizeof *held->items);
    if (held->count == 0) {
        fake_remove_key(home, key);
    }
}

void fake_remove_key(struct fake_home *home, struct slice key)
{
    struct fake_key *held = fake_find_key(home, key);
    if (held == NULL) {
        return;
    }
    for (size_t i = 0; i < held->count; i++) {
        free_slice(held->items[i].name);
        free_slice(held->items[i].value);
    }
    mem_free(held->items);
    free_slice(held->name);
    home->count--;
    memmove(held, held + 1, (size_t)(home->keys + home->count - held) * sizeof *held);
}

void fake_clear_home(struct fake_home *home)
{
    struct fake_home kept = {.home = home->home};
    const struct fake_key *key = fake_find_key(home, SLICE(STORE_KEPT));
    for (size_t i = 0; key != NULL && key->ranking && i < key->count; i++) {
        int64_t score = key->items[i].score;
        fake_rank(&kept, key->name, key->items[i].name, score > 0 ? -score : score);
    }
    fake_empty_home(home);
    *home = kept;
}

void fake_empty_home(struct fake_home *home)
{
    while (home->count > 0) {
        fake_remove_key(home, home->keys[home->count - 1].name);
    }
    mem_free(home->keys);
    *home = (struct fake_home){.home = home->home};
}

static struct fake_item *need_item(struct fake_home *home, struct slice key, struct slice name, bool ranking)
{
    struct fake_key *held = fake_find_key(home, key);
    if (held == NULL) {
        size_t place = place_of_key(home, key);
        MEM_GROW(home->keys, home->count, home->capacity);
        held = &home->keys[place];
        memmove(held + 1, held, (home->count - place) * sizeof *held);
        *held = (struct fake_key){.name = copy_slice(key), .ranking = ranking};
        home->count++;
    }
    assert(held->ranking == ranking);
    size_t place = place_of_item(held, name);
    if (place == held->count || !slice_equal(held->items[place].name, name)) {
        MEM_GROW(held->items, held->count, held->capacity);
        memmove(&held->items[place + 1], &held->items[place], (held->count - place) * sizeof *held->items);
        held->items[place] = (struct fake_item){.name = copy_slice(name)};
        held->count++;
    }
    return &held->items[place];
}

static struct slice copy_slice(struct slice s)
{
    return (struct slice){.data = mem_copy(s), .len = s.len};
}

static void free_slice(struct slice s)
{
    mem_free((char *)s.data);
}

static void copy_home(struct fake_home *to, const struct fake_home *from)
{
    fake_empty_home(to);
    to->position = from->position;
    for (size_t i = 0; i < from->count; i++) {
        const struct fake_key *key = &from->keys[i];
        for (size_t j = 0; j < key->count; j++) {
            if (key->ranking) {
                fake_rank(to, key->name, key->items[j].name, key->items[j].score);
            } else {
                fake_set(to, key->name, key->items[j].name, key->items[j].value);
            }
        }
    }
}

static void free_state(struct fake_state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        fake_empty_home(&state->homes[i]);
    }
    fake_empty_home(&state->notes);
    mem_free(state->homes);
    *state = (struct fake_state){0};
}
