/* SPDX-License-Identifier: MIT */
#include "tests/fakes/draft.h"

#include <assert.h>
#include <stdarg.h>

struct draft *draft_of(struct arena *arena, int32_t home, int64_t from, int64_t to)
{
    struct draft *draft = arena_zalloc(arena, sizeof *draft);
    draft->arena = arena;
    draft->commit = (struct commit){.home = home, .from = from, .to = to};
    return draft;
}

void draft_change(struct draft *draft, struct change change)
{
    if (draft->count == draft->capacity) {
        size_t capacity = draft->capacity > 0 ? 2 * draft->capacity : 8;
        struct change *changes = arena_alloc(draft->arena, capacity * sizeof *changes);
        if (draft->count > 0) {
            memcpy(changes, draft->changes, draft->count * sizeof *changes);
        }
        draft->changes = changes;
        draft->capacity = capacity;
    }
    draft->changes[draft->count++] = change;
}

static struct slice keep(struct draft *draft, const char *text)
{
    return arena_copy(draft->arena, slice_of(text));
}

void draft_set(struct draft *draft, const char *key, ...)
{
    struct field *fields = arena_alloc(draft->arena, 32 * sizeof *fields);
    size_t count = 0;
    va_list args;
    va_start(args, key);
    for (const char *name = va_arg(args, const char *); name != NULL; name = va_arg(args, const char *)) {
        assert(count < 32);
        fields[count++] =
            (struct field){.name = keep(draft, name), .value = keep(draft, va_arg(args, const char *))};
    }
    va_end(args);
    draft_change(
        draft,
        (struct change){.kind = CHANGE_SET, .key = keep(draft, key), .fields = fields, .field_count = count});
}

void draft_unset(struct draft *draft, const char *key, ...)
{
    struct field *fields = arena_zalloc(draft->arena, 32 * sizeof *fields);
    size_t count = 0;
    va_list args;
    va_start(args, key);
    for (const char *name = va_arg(args, const char *); name != NULL; name = va_arg(args, const char *)) {
        assert(count < 32);
        fields[count++].name = keep(draft, name);
    }
    va_end(args);
    draft_change(draft,
                 (struct change){
                     .kind = CHANGE_UNSET, .key = keep(draft, key), .fields = fields, .field_count = count});
}

void draft_rank(struct draft *draft, const char *key, const char *member, int64_t score)
{
    draft_change(draft, (struct change){.kind = CHANGE_RANK,
                                        .key = keep(draft, key),
                                        .member = keep(draft, member),
                                        .score = score});
}

void draft_unrank(struct draft *draft, const char *key, const char *member)
{
    draft_change(draft, (struct change){
                            .kind = CHANGE_UNRANK, .key = keep(draft, key), .member = keep(draft, member)});
}

void draft_delete(struct draft *draft, const char *key)
{
    draft_change(draft, (struct change){.kind = CHANGE_DELETE, .key = keep(draft, key)});
}

enum status draft_begin(struct draft *draft, struct store *store)
{
    draft->commit.changes = draft->changes;
    draft->commit.change_count = draft->count;
    return store_commit(store, &draft->commit);
}

enum status draft_commit(struct draft *draft, struct store *store)
{
    enum status status = draft_begin(draft, store);
    if (status == STATUS_OK) {
        status = store_settle(store);
    }
    return status == STATUS_OK ? draft->commit.ret_status : status;
}

const char *draft_field(struct store *store, struct arena *arena, int32_t home, const char *key,
                        const char *name)
{
    struct read read = {.kind = READ_HASH, .key = slice_of(key)};
    int64_t position = 0;
    enum status status = store_read(store, home, &read, 1, arena, &position);
    assert(status == STATUS_OK);
    for (size_t i = 0; i < read.ret_hash.field_count; i++) {
        if (slice_is(read.ret_hash.fields[i].name, name)) {
            return arena_copy(arena, read.ret_hash.fields[i].value).data;
        }
    }
    return NULL;
}

int64_t draft_position(struct store *store, struct arena *arena, int32_t home)
{
    int64_t position = 0;
    enum status status = store_read(store, home, NULL, 0, arena, &position);
    assert(status == STATUS_OK);
    return position;
}
