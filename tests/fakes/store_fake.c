/* SPDX-License-Identifier: MIT */
/* The port over fake_memory.c; its behaviour is held to Redis' by tests/integration/store_contract.c. */
#include "tests/fakes/fake_memory.h"

#include "common/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct fake_store {
    struct store store; /* first: the port is this struct */
    struct fake_memory *memory;
    bool lost;
    struct answer {
        struct commit *commit;
        enum status status;
    } * begun;
    size_t begun_count, begun_capacity;
};

static bool fails(struct fake_store *fake, enum fake_fault fault);
static enum status lose(struct fake_store *fake);
static enum status refuse(struct fake_store *fake);
static bool is_forbidden(struct fake_store *fake, enum fake_right right);
static bool is_away(struct fake_store *fake);
static enum status apply(struct fake_store *fake, const struct commit *commit);
static bool types_fit(const struct fake_home *home, const struct commit *commit);
static void apply_change(struct fake_home *home, const struct change *change);
static void copy_hash(const struct fake_home *home, struct slice key, struct arena *arena,
                      struct hash *ret_hash);
static void copy_entry(const struct fake_home *home, const struct read *read, struct arena *arena,
                       struct ranking *ret_ranking);
static void copy_range(const struct fake_home *home, const struct read *read, struct arena *arena,
                       struct ranking *ret_ranking);

static struct fake_store *fake_of(struct store *store)
{
    return (struct fake_store *)store;
}

static void fake_close(struct store *store)
{
    mem_free(fake_of(store)->begun);
    mem_free(store);
}

static enum status fake_reopen(struct store *store)
{
    struct fake_store *fake = fake_of(store);
    (void)lose(fake);
    fake->memory->reopened++;
    if (!fake->memory->away && is_forbidden(fake, FAKE_MAY_REOPEN)) {
        return STATUS_FATAL;
    }
    fake->lost = fake->memory->away || fake->memory->room == FAKE_FULL;
    return !fake->lost ? STATUS_OK : fake->memory->away ? STATUS_AWAY : refuse(fake);
}

static enum status fake_read(struct store *store, int32_t home, struct read *reads, size_t count,
                             struct arena *arena, int64_t *ret_position)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (fails(fake, FAKE_READ_AWAY)) {
        return lose(fake);
    }
    if (is_forbidden(fake, FAKE_MAY_READ)) {
        return STATUS_FATAL;
    }
    static const struct fake_home nothing;
    const struct fake_home *held = fake_find_home(&fake->memory->now, home);
    held = held != NULL ? held : &nothing;
    for (size_t i = 0; i < count; i++) {
        struct read *read = &reads[i];
        read->ret_hash = (struct hash){0};
        read->ret_ranking = (struct ranking){0};
        const struct fake_key *key = fake_find_key(held, read->key);
        if (key != NULL && key->ranking != (read->kind != READ_HASH)) {
            snprintf(store->error, sizeof store->error, "a key holds another type than loyald writes");
            return STATUS_CORRUPT;
        }
        if (read->kind == READ_HASH) {
            copy_hash(held, read->key, arena, &read->ret_hash);
        } else if (read->kind == READ_SCORE) {
            copy_entry(held, read, arena, &read->ret_ranking);
        } else {
            copy_range(held, read, arena, &read->ret_ranking);
        }
    }
    if (held->position == POSITION_BROKEN) {
        snprintf(store->error, sizeof store->error, "home %d must be rebuilt", (int)home);
        return STATUS_CORRUPT;
    }
    *ret_position = held->position;
    return STATUS_OK;
}

static enum status fake_commit(struct store *store, struct commit *commit)
{
    struct fake_store *fake = fake_of(store);
    commit->ret_status = STATUS_UNKNOWN;
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    MEM_GROW(fake->begun, fake->begun_count, fake->begun_capacity);
    struct answer *answer = &fake->begun[fake->begun_count++];
    *answer = (struct answer){.commit = commit};
    if (fails(fake, FAKE_COMMIT_LOST)) {
        return lose(fake);
    }
    answer->status = is_forbidden(fake, FAKE_MAY_COMMIT) ? STATUS_FATAL
                     : fake->memory->room == FAKE_ROOM   ? apply(fake, commit)
                                                         : refuse(fake);
    if (answer->status != STATUS_OK) {
        snprintf(commit->ret_why, sizeof commit->ret_why, "%s", store->error);
    }
    if (fails(fake, FAKE_ANSWER_LOST)) {
        return lose(fake);
    }
    return STATUS_OK;
}

static enum status fake_settle(struct store *store)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    for (size_t i = 0; i < fake->begun_count; i++) {
        fake->begun[i].commit->ret_status = fake->begun[i].status;
    }
    fake->begun_count = 0;
    return STATUS_OK;
}

static enum status fake_clear(struct store *store, int32_t home)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (is_forbidden(fake, FAKE_MAY_CLEAR)) {
        return STATUS_FATAL;
    }
    fake_clear_home(fake_need_home(&fake->memory->now, home));
    return STATUS_OK;
}

static enum status fake_place(struct store *store, int32_t home, int64_t from, int64_t to)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (is_forbidden(fake, FAKE_MAY_CLEAR)) {
        return STATUS_FATAL;
    }
    struct commit move = {.home = home, .from = from, .to = to};
    return apply(fake, &move);
}

static enum status fake_positions(struct store *store, const int32_t *homes, size_t count,
                                  int64_t *ret_positions)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (is_forbidden(fake, FAKE_MAY_READ)) {
        return STATUS_FATAL;
    }
    for (size_t i = 0; i < count; i++) {
        ret_positions[i] = fake_memory_position(fake->memory, homes[i]);
    }
    return STATUS_OK;
}

static enum status fake_note_get(struct store *store, const char *name, struct arena *arena,
                                 struct hash *ret_hash)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (is_forbidden(fake, FAKE_MAY_READ_NOTES)) {
        return STATUS_FATAL;
    }
    const struct fake_key *key = fake_find_key(&fake->memory->now.notes, slice_of(name));
    if (key != NULL && key->ranking) {
        snprintf(store->error, sizeof store->error, "a key holds another type than loyald writes");
        return STATUS_CORRUPT;
    }
    copy_hash(&fake->memory->now.notes, slice_of(name), arena, ret_hash);
    return STATUS_OK;
}

static enum status fake_note_set(struct store *store, const char *name, const struct field *fields,
                                 size_t count)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (is_forbidden(fake, FAKE_MAY_SET_NOTES)) {
        return STATUS_FATAL;
    }
    if (fake->memory->room == FAKE_FULL) {
        return refuse(fake);
    }
    for (size_t i = 0; i < count; i++) {
        fake_set(&fake->memory->now.notes, slice_of(name), fields[i].name, fields[i].value);
    }
    return STATUS_OK;
}

static enum status fake_note_unset(struct store *store, const char *name, const struct slice *fields,
                                   size_t count)
{
    struct fake_store *fake = fake_of(store);
    if (is_away(fake)) {
        return STATUS_AWAY;
    }
    if (is_forbidden(fake, FAKE_MAY_SET_NOTES)) {
        return STATUS_FATAL;
    }
    for (size_t i = 0; i < count; i++) {
        fake_remove_item(&fake->memory->now.notes, slice_of(name), fields[i]);
    }
    return STATUS_OK;
}

struct store *store_fake_open(struct fake_memory *memory)
{
    static const struct store_ops ops = {
        .close = fake_close,
        .reopen = fake_reopen,
        .read = fake_read,
        .commit = fake_commit,
        .settle = fake_settle,
        .clear = fake_clear,
        .place = fake_place,
        .positions = fake_positions,
        .note_get = fake_note_get,
        .note_set = fake_note_set,
        .note_unset = fake_note_unset,
    };
    struct fake_store *fake = mem_zalloc(sizeof *fake);
    fake->store.ops = &ops;
    fake->memory = memory;
    return &fake->store;
}

/* ---- faults */
static bool fails(struct fake_store *fake, enum fake_fault fault)
{
    if (!fake->memory->armed[fault]) {
        return false;
    }
    fake->memory->armed[fault] = false;
    fake->memory->failed[fault] = true;
    return true;
}

static enum status lose(struct fake_store *fake)
{
    for (size_t i = 0; i < fake->begun_count; i++) {
        fake->begun[i].commit->ret_status = STATUS_UNKNOWN;
    }
    fake->begun_count = 0;
    fake->lost = true;
    snprintf(fake->store.error, sizeof fake->store.error, "the fake store is away");
    return STATUS_AWAY;
}

static enum status refuse(struct fake_store *fake)
{
    snprintf(fake->store.error, sizeof fake->store.error, "the fake store is full");
    return STATUS_AWAY;
}

static bool is_forbidden(struct fake_store *fake, enum fake_right right)
{
    if (fake->memory->forbidden[right]) {
        snprintf(fake->store.error, sizeof fake->store.error, "the fake store forbids it");
    }
    return fake->memory->forbidden[right];
}

static bool is_away(struct fake_store *fake)
{
    if (fake->memory->away && !fake->lost) {
        (void)lose(fake);
    }
    return fake->lost;
}

/* ---- commits */
static enum status apply(struct fake_store *fake, const struct commit *commit)
{
    struct fake_home *home = fake_need_home(&fake->memory->now, commit->home);
    if (home->position == POSITION_BROKEN || fails(fake, FAKE_COMMIT_BROKEN)) {
        home->position = POSITION_BROKEN;
        snprintf(fake->store.error, sizeof fake->store.error, "home %d must be rebuilt", (int)commit->home);
        return STATUS_CORRUPT;
    }
    if (home->position != commit->from || home->position < 0 || fails(fake, FAKE_COMMIT_MOVED)) {
        snprintf(fake->store.error, sizeof fake->store.error, "home %d stands at %lld, not at %lld",
                 (int)commit->home, (long long)home->position, (long long)commit->from);
        return STATUS_MOVED;
    }
    if (!types_fit(home, commit)) {
        snprintf(fake->store.error, sizeof fake->store.error, "a key holds another type than loyald writes");
        return STATUS_CORRUPT;
    }
    for (size_t i = 0; i < commit->change_count; i++) {
        apply_change(home, &commit->changes[i]);
    }
    home->position = commit->to;
    return STATUS_OK;
}

static bool is_rank_change(enum change_kind kind)
{
    return kind == CHANGE_RANK || kind == CHANGE_UNRANK;
}

/* As the script in Redis: the type that a key has now, unless the commit removes it first. */
static bool types_fit(const struct fake_home *home, const struct commit *commit)
{
    bool gone = false;
    for (size_t i = 0; i < commit->change_count; i++) {
        const struct change *change = &commit->changes[i];
        if (i == 0 || !slice_equal(change->key, commit->changes[i - 1].key)) {
            gone = false;
        }
        const struct fake_key *key = fake_find_key(home, change->key);
        if (change->kind == CHANGE_DELETE) {
            gone = true;
        } else if (!gone && key != NULL && key->ranking != is_rank_change(change->kind)) {
            return false;
        }
    }
    return true;
}

static void apply_change(struct fake_home *home, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_SET:
        for (size_t i = 0; i < change->field_count; i++) {
            fake_set(home, change->key, change->fields[i].name, change->fields[i].value);
        }
        break;
    case CHANGE_UNSET:
        for (size_t i = 0; i < change->field_count; i++) {
            fake_remove_item(home, change->key, change->fields[i].name);
        }
        break;
    case CHANGE_RANK:
        fake_rank(home, change->key, change->member, change->score);
        break;
    case CHANGE_UNRANK:
        fake_remove_item(home, change->key, change->member);
        break;
    case CHANGE_DELETE:
        fake_remove_key(home, change->key);
        break;
    }
}

/* ---- reads */
static void copy_hash(const struct fake_home *home, struct slice key, struct arena *arena,
                      struct hash *ret_hash)
{
    const struct fake_key *held = fake_find_key(home, key);
    size_t count = held != NULL ? held->count : 0;
    *ret_hash = (struct hash){.field_count = count};
    ret_hash->fields = count > 0 ? arena_alloc(arena, count * sizeof *ret_hash->fields) : NULL;
    for (size_t i = 0; i < count; i++) {
        ret_hash->fields[i] = (struct field){.name = arena_copy(arena, held->items[i].name),
                                             .value = arena_copy(arena, held->items[i].value)};
    }
}

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *one = a, *other = b;
    if (one->score != other->score) {
        return one->score < other->score ? -1 : 1;
    }
    return slice_compare(one->member, other->member);
}

static void copy_entry(const struct fake_home *home, const struct read *read, struct arena *arena,
                       struct ranking *ret_ranking)
{
    const struct fake_key *held = fake_find_key(home, read->key);
    for (size_t i = 0; held != NULL && i < held->count; i++) {
        if (slice_equal(held->items[i].name, read->after_member)) {
            ret_ranking->entries = arena_alloc(arena, sizeof *ret_ranking->entries);
            ret_ranking->entries[0] =
                (struct ranked){.member = read->after_member, .score = held->items[i].score};
            ret_ranking->count = 1;
        }
    }
}

static void copy_range(const struct fake_home *home, const struct read *read, struct arena *arena,
                       struct ranking *ret_ranking)
{
    const struct fake_key *held = fake_find_key(home, read->key);
    if (held == NULL) {
        return;
    }
    struct ranked cursor = {.member = read->after_member, .score = read->after_score};
    struct ranked *entries = arena_alloc(arena, held->count * sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < held->count; i++) {
        struct ranked entry = {.member = held->items[i].name, .score = held->items[i].score};
        bool is_after = read->after_member.data == NULL || compare_ranked(&entry, &cursor) > 0;
        if (is_after && entry.score <= read->max_score) {
            entries[count++] = entry;
        }
    }
    if (count > 0) {
        qsort(entries, count, sizeof *entries, compare_ranked);
    }
    ret_ranking->count = count < read->limit ? count : read->limit;
    ret_ranking->entries = entries;
    for (size_t i = 0; i < ret_ranking->count; i++) {
        entries[i].member = arena_copy(arena, entries[i].member);
    }
}
