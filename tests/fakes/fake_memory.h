/* SPDX-License-Identifier: MIT */
/* What store_fake.c and fake_memory.c share: the keys of homes, sorted arrays all the way down. */
#ifndef TESTS_FAKES_FAKE_MEMORY_H
#define TESTS_FAKES_FAKE_MEMORY_H

#include "tests/fakes/store_fake.h"

/* A field of a hash or a member of a ranking. */
struct fake_item {
    struct slice name, value; /* owned; value absent in a ranking */
    int64_t score;
};

struct fake_key {
    struct slice name; /* owned */
    bool ranking;
    struct fake_item *items; /* by name */
    size_t count, capacity;
};

struct fake_home {
    int32_t home;
    int64_t position;
    struct fake_key *keys; /* by name */
    size_t count, capacity;
};

struct fake_state {
    struct fake_home *homes;
    size_t count, capacity;
    struct fake_home notes;
};

struct fake_memory {
    struct fake_state now;
    struct fake_state *snapshots;
    size_t snapshot_count, snapshot_capacity;
    bool armed[FAKE_FAULT_COUNT], failed[FAKE_FAULT_COUNT];
    bool forbidden[FAKE_RIGHT_COUNT];
    bool away;
    enum fake_room room;
    int reopened;
};

/* NULL when there is none. */
struct fake_home *fake_find_home(const struct fake_state *state, int32_t home);
struct fake_key *fake_find_key(const struct fake_home *home, struct slice name);

/* Makes it when there is none. */
struct fake_home *fake_need_home(struct fake_state *state, int32_t home);

void fake_set(struct fake_home *home, struct slice key, struct slice name, struct slice value);
void fake_rank(struct fake_home *home, struct slice key, struct slice member, int64_t score);
void fake_remove_item(struct fake_home *home, struct slice key, struct slice name);
void fake_remove_key(struct fake_home *home, struct slice key);
void fake_empty_home(struct fake_home *home);
void fake_clear_home(struct fake_home *home); /* as store_clear does: one ranking stays */

#endif
