/* SPDX-License-Identifier: MIT */
/* A commit as the arguments of its script (see store_redis_script.c). Changes of one key come adjacent; those
 * of one kind that follow each other become one command, cut where Lua's stack would end. Where setting and
 * removing alternate under one key, as in the ranking of due timers, the last change of each name wins and
 * all of them become one setting and one removing. */
#include "common/store_redis_private.h"

#include "common/mem.h"

#include <assert.h>

#define ARGUMENTS_MAX 2000 /* of one command; Lua unpacks fewer than 8,000 */
#define NEXT_KEY      5    /* added to the code of a key's first command */

enum code { CODE_HSET, CODE_HDEL, CODE_ZADD, CODE_ZREM, CODE_UNLINK };

/* One field or member, set or removed. */
struct item {
    struct slice name, value;
    int64_t score;
    bool removed, outdated;
};

struct encoder {
    struct redis_store *redis; /* for its scratch */
    size_t arg_count;
    int next_key;              /* NEXT_KEY until the key's first command is out */
    size_t packed_count, room; /* items in the command being packed, and how many it will have */
};

static size_t run_of_key(const struct change *changes, size_t count);
static size_t run_of_kind(const struct change *changes, size_t count);
static void encode_key(struct encoder *encoder, const struct change *changes, size_t count);
static void encode_in_order(struct encoder *encoder, const struct change *changes, size_t count);
static void encode_merged(struct encoder *encoder, const struct change *changes, size_t count);
static void encode_run(struct encoder *encoder, const struct change *changes, size_t count);
static size_t items_of(const struct change *change);
static bool is_hash(enum change_kind kind);

void redis_encode_commit(struct redis_store *redis, const struct commit *commit, struct buf *out)
{
    struct encoder encoder = {.redis = redis};
    buf_reset(&redis->keys);
    buf_reset(&redis->args);
    put_slice(&redis->keys, redis_home_key(redis, commit->home, SLICE("home")));
    size_t key_count = 1;
    for (size_t i = 0; i < commit->change_count;) {
        size_t run = run_of_key(commit->changes + i, commit->change_count - i);
        encoder.next_key = NEXT_KEY;
        encode_key(&encoder, commit->changes + i, run);
        if (encoder.next_key == 0) {
            put_slice(&redis->keys, redis_home_key(redis, commit->home, commit->changes[i].key));
            key_count++;
        }
        i += run;
    }
    redis_put_script(redis, out, SCRIPT_COMMIT, key_count, 2 + encoder.arg_count);
    buf_add(out, redis->keys.data, redis->keys.len);
    put_number(out, commit->from);
    put_number(out, commit->to);
    if (redis->args.len > 0) {
        buf_add(out, redis->args.data, redis->args.len);
    }
}

static size_t run_of_key(const struct change *changes, size_t count)
{
    size_t run = 1;
    while (run < count && slice_equal(changes[run].key, changes[0].key)) {
        run++;
    }
    return run;
}

static size_t run_of_kind(const struct change *changes, size_t count)
{
    size_t run = 1;
    while (run < count && changes[run].kind == changes[0].kind) {
        run++;
    }
    return run;
}

/* Between two DELETEs the order matters only per name. Two runs, as of a customer whose fields are set and
 * some removed, are as cheap in order. */
static void encode_key(struct encoder *encoder, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count;) {
        if (changes[i].kind == CHANGE_DELETE) {
            encode_run(encoder, &changes[i], 1);
            i++;
            continue;
        }
        size_t end = i, kinds = 0;
        while (end < count && changes[end].kind != CHANGE_DELETE) {
            assert(is_hash(changes[end].kind) == is_hash(changes[i].kind)); /* a key is one or the other */
            end += run_of_kind(changes + end, count - end);
            kinds++;
        }
        if (kinds <= 2) {
            encode_in_order(encoder, changes + i, end - i);
        } else {
            encode_merged(encoder, changes + i, end - i);
        }
        i = end;
    }
}

static void encode_in_order(struct encoder *encoder, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t run = run_of_kind(changes + i, count - i);
        encode_run(encoder, changes + i, run);
        i += run;
    }
}

/* ---- commands */
static enum code code_of(enum change_kind kind)
{
    static const enum code codes[] = {
        [CHANGE_SET] = CODE_HSET,    [CHANGE_UNSET] = CODE_HDEL,    [CHANGE_RANK] = CODE_ZADD,
        [CHANGE_UNRANK] = CODE_ZREM, [CHANGE_DELETE] = CODE_UNLINK,
    };
    return codes[kind];
}

static size_t arguments_of(enum code code)
{
    return code == CODE_HSET || code == CODE_ZADD ? 2 : 1;
}

/* A text in MessagePack's form. */
static void pack_text(struct buf *packed, struct slice text)
{
    unsigned char head[5];
    size_t n = 0;
    if (text.len < 32) {
        head[n++] = (unsigned char)(0xa0 | text.len);
    } else if (text.len <= UINT16_MAX) {
        head[n++] = 0xda;
        head[n++] = (unsigned char)(text.len >> 8);
        head[n++] = (unsigned char)text.len;
    } else {
        assert(text.len <= UINT32_MAX);
        head[n++] = 0xdb;
        head[n++] = (unsigned char)(text.len >> 24);
        head[n++] = (unsigned char)(text.len >> 16);
        head[n++] = (unsigned char)(text.len >> 8);
        head[n++] = (unsigned char)text.len;
    }
    buf_add(packed, head, n);
    if (text.len > 0) {
        buf_add(packed, text.data, text.len);
    }
}

static void pack_item(struct buf *packed, enum code code, const struct item *item)
{
    if (code == CODE_ZADD) {
        char text[24];
        pack_text(packed, number_text(item->score, text));
    }
    pack_text(packed, item->name);
    if (code == CODE_HSET) {
        pack_text(packed, item->value);
    }
}

/* Of a command's items as many as it may have. */
static size_t room_for(enum code code, size_t left)
{
    size_t most = ARGUMENTS_MAX / arguments_of(code);
    return left < most ? left : most;
}

static void put_code(struct encoder *encoder, enum code code, size_t items)
{
    put_number(&encoder->redis->args, (int64_t)(items * arguments_of(code) * 10) + code + encoder->next_key);
    encoder->arg_count++;
    encoder->next_key = 0;
}

/* Adds an item to the command being packed, and ends that when it has all its items. */
static void put_item(struct encoder *encoder, enum code code, const struct item *item, size_t left)
{
    struct buf *packed = &encoder->redis->packed;
    if (encoder->packed_count == 0) {
        encoder->room = room_for(code, left);
        buf_reset(packed);
    }
    pack_item(packed, code, item);
    if (++encoder->packed_count == encoder->room) {
        put_code(encoder, code, encoder->room);
        put_slice(&encoder->redis->args, buf_view(packed));
        encoder->arg_count++;
        encoder->packed_count = 0;
    }
}

static struct item item_of(const struct change *change, size_t index)
{
    bool removed = change->kind == CHANGE_UNSET || change->kind == CHANGE_UNRANK;
    if (is_hash(change->kind)) {
        return (struct item){
            .name = change->fields[index].name, .value = change->fields[index].value, .removed = removed};
    }
    return (struct item){.name = change->member, .score = change->score, .removed = removed};
}

/* Changes of one kind. */
static void encode_run(struct encoder *encoder, const struct change *changes, size_t count)
{
    enum code code = code_of(changes[0].kind);
    if (code == CODE_UNLINK) {
        put_code(encoder, code, 0);
        return;
    }
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        left += items_of(&changes[i]);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < items_of(&changes[i]); j++) {
            struct item item = item_of(&changes[i], j);
            put_item(encoder, code, &item, left--);
        }
    }
}

/* ---- merging */
static uint64_t hash_of(struct slice name)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 1099511628211u;
    }
    return hash;
}

/* Marks every item that a later one of its name replaces. slots holds indexes + 1, and is zero. */
static void mark_outdated(struct item *items, size_t count, uint32_t *slots, size_t slot_count)
{
    for (size_t i = 0; i < count; i++) {
        size_t slot = hash_of(items[i].name) & (slot_count - 1);
        while (slots[slot] != 0 && !slice_equal(items[slots[slot] - 1].name, items[i].name)) {
            slot = (slot + 1) & (slot_count - 1);
        }
        if (slots[slot] != 0) {
            items[slots[slot] - 1].outdated = true;
        }
        slots[slot] = (uint32_t)(i + 1);
    }
}

static void encode_items(struct encoder *encoder, enum code code, bool removed, const struct item *items,
                         size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        left += !items[i].outdated && items[i].removed == removed;
    }
    for (size_t i = 0; i < count; i++) {
        if (!items[i].outdated && items[i].removed == removed) {
            put_item(encoder, code, &items[i], left--);
        }
    }
}

static void encode_merged(struct encoder *encoder, const struct change *changes, size_t count)
{
    struct arena *scratch = encoder->redis->scratch;
    size_t item_count = 0, slot_count = 16;
    for (size_t i = 0; i < count; i++) {
        item_count += items_of(&changes[i]);
    }
    while (slot_count < 2 * item_count) {
        slot_count *= 2;
    }
    struct item *items = arena_alloc(scratch, item_count * sizeof *items);
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < items_of(&changes[i]); j++) {
            items[filled++] = item_of(&changes[i], j);
        }
    }
    mark_outdated(items, item_count, arena_zalloc(scratch, slot_count * sizeof(uint32_t)), slot_count);
    bool hash = is_hash(changes[0].kind);
    encode_items(encoder, hash ? CODE_HSET : CODE_ZADD, false, items, item_count);
    encode_items(encoder, hash ? CODE_HDEL : CODE_ZREM, true, items, item_count);
}

static size_t items_of(const struct change *change)
{
    return is_hash(change->kind) ? change->field_count : 1;
}

static bool is_hash(enum change_kind kind)
{
    return kind == CHANGE_SET || kind == CHANGE_UNSET;
}
