/* SPDX-License-Identifier: MIT */
#include "consumers/fan_outs.h"

#include "common/buf.h"
#include "common/mem.h"
#include "common/words.h"

#include <assert.h>

#define KEY   SLICE("fan-outs")
#define CHUNK SLICE("/chunk")

static const char *const states[FAN_OUT_STATE_COUNT] = {[FAN_OUT_RUNNING] = "running",
                                                        [FAN_OUT_PAUSED] = "paused",
                                                        [FAN_OUT_CANCELLED] = "cancelled",
                                                        [FAN_OUT_DONE] = "done"};
static const char *const actions[FAN_OUT_ACTION_COUNT] = {
    [FAN_OUT_PAUSE] = "pause", [FAN_OUT_RESUME] = "resume", [FAN_OUT_CANCEL] = "cancel"};

static bool find_name(struct slice name, const char *const *names, size_t count, size_t *ret_number);
static bool ends_with_chunk(struct slice name);
static struct slice own(struct slice text);
static void drop_chunk(struct fan_out *fan_out);
static void drop(struct fan_outs *fan_outs, size_t number);
static void forget_ended(struct fan_outs *fan_outs);
static struct slice value_of(const struct fan_out *fan_out, struct arena *arena);
static void unset(struct changes *changes, struct slice name);

const char *fan_out_state_name(enum fan_out_state state)
{
    assert(state < FAN_OUT_STATE_COUNT);
    return states[state];
}

const char *fan_out_action_name(enum fan_out_action action)
{
    assert(action < FAN_OUT_ACTION_COUNT);
    return actions[action];
}

bool fan_out_action_parse(struct slice name, enum fan_out_action *ret_action)
{
    size_t number = 0;
    bool found = find_name(name, actions, FAN_OUT_ACTION_COUNT, &number);
    *ret_action = (enum fan_out_action)number;
    return found;
}

void fan_outs_done(struct fan_outs *fan_outs)
{
    while (fan_outs->count > 0) {
        drop(fan_outs, fan_outs->count - 1);
    }
    mem_free(fan_outs->items);
    *fan_outs = (struct fan_outs){0};
}

bool fan_outs_load(struct fan_outs *fan_outs, const struct hash *hash)
{
    fan_outs_done(fan_outs);
    for (size_t i = 0; i < hash->field_count; i++) {
        struct fan_out fan_out;
        if (ends_with_chunk(hash->fields[i].name)) {
            continue;
        }
        if (!fan_out_read(&hash->fields[i], &fan_out)) {
            return false;
        }
        fan_out.id = own(fan_out.id);
        fan_out.product_id = own(fan_out.product_id);
        MEM_GROW(fan_outs->items, fan_outs->count, fan_outs->capacity);
        fan_outs->items[fan_outs->count++] = fan_out;
    }
    for (size_t i = 0; i < hash->field_count; i++) {
        struct slice name = hash->fields[i].name;
        if (ends_with_chunk(name)) {
            name.len -= CHUNK.len;
            struct fan_out *fan_out = fan_outs_find(fan_outs, name);
            if (fan_out == NULL) {
                return false;
            }
            fan_out->chunk = own(hash->fields[i].value);
            fan_out->chunk_stored = true;
        }
    }
    return true;
}

bool fan_out_read(const struct field *field, struct fan_out *ret_fan_out)
{
    struct word_cursor cursor = {.rest = field->value};
    size_t state = 0;
    struct fan_out fan_out = {.id = field->name};
    if (ends_with_chunk(field->name) || !find_name(word_next(&cursor), states, FAN_OUT_STATE_COUNT, &state) ||
        !news_kind_parse(word_next(&cursor), &fan_out.news)) {
        return false;
    }
    fan_out.state = (enum fan_out_state)state;
    fan_out.begun_ms = word_next_int(&cursor);
    fan_out.ended_ms = word_next_int(&cursor);
    fan_out.reached = word_next_int(&cursor);
    fan_out.product_id = word_next(&cursor);
    *ret_fan_out = fan_out;
    return words_are_read(&cursor);
}

struct fan_out *fan_outs_find(const struct fan_outs *fan_outs, struct slice id)
{
    for (size_t i = 0; i < fan_outs->count; i++) {
        if (slice_equal(fan_outs->items[i].id, id) && !fan_outs->items[i].gone) {
            return &fan_outs->items[i];
        }
    }
    return NULL;
}

bool fan_outs_begin(struct fan_outs *fan_outs, const struct news *news)
{
    size_t open = 0;
    for (size_t i = 0; i < fan_outs->count; i++) {
        open += fan_outs->items[i].ended_ms == 0 && !fan_outs->items[i].gone;
    }
    if (open >= FAN_OUTS_OPEN) {
        return false;
    }
    MEM_GROW(fan_outs->items, fan_outs->count, fan_outs->capacity);
    fan_outs->items[fan_outs->count++] = (struct fan_out){.id = own(news->fan_out),
                                                          .product_id = own(news->product_id),
                                                          .news = news->kind,
                                                          .begun_ms = news->begun_ms,
                                                          .dirty = true};
    return true;
}

void fan_out_reached(struct fan_out *fan_out, int64_t customers)
{
    fan_out->reached += customers;
    fan_out->dirty = true;
}

void fan_out_keep(struct fan_out *fan_out, struct slice chunk)
{
    assert(fan_out->chunk.data == NULL);
    fan_out->chunk = own(chunk);
    fan_out->dirty = true;
}

void fan_outs_end(struct fan_outs *fan_outs, struct fan_out *fan_out, int64_t now_ms)
{
    fan_out->state = fan_out->state == FAN_OUT_CANCELLED ? FAN_OUT_CANCELLED : FAN_OUT_DONE;
    fan_out->ended_ms = now_ms > 0 ? now_ms : 1;
    fan_out->dirty = true;
    drop_chunk(fan_out);
    forget_ended(fan_outs);
}

struct slice fan_outs_act(struct fan_outs *fan_outs, struct slice id, enum fan_out_action action,
                          int64_t now_ms, struct arena *arena)
{
    struct fan_out *fan_out = fan_outs_find(fan_outs, id);
    if (fan_out == NULL || fan_out->ended_ms != 0 || fan_out->state == FAN_OUT_CANCELLED) {
        return (struct slice){0};
    }
    if (action == FAN_OUT_CANCEL) {
        fan_out->state = FAN_OUT_CANCELLED;
        fan_out->dirty = true;
        if (fan_out->chunk.data != NULL) { /* else it ends when its chunk comes */
            fan_outs_end(fan_outs, fan_out, now_ms);
        }
    } else if (action == FAN_OUT_PAUSE) {
        fan_out->state = FAN_OUT_PAUSED;
        fan_out->dirty = true;
    } else if (fan_out->state == FAN_OUT_PAUSED) {
        fan_out->state = FAN_OUT_RUNNING;
        fan_out->dirty = true;
        return fan_outs_go_on(fan_outs, id, arena);
    }
    return (struct slice){0};
}

struct slice fan_outs_go_on(struct fan_outs *fan_outs, struct slice id, struct arena *arena)
{
    struct slice chunk = {0};
    struct fan_out *fan_out = fan_outs_find(fan_outs, id);
    if (fan_out != NULL && fan_out->state == FAN_OUT_RUNNING && fan_out->chunk.data != NULL) {
        chunk = arena_copy(arena, fan_out->chunk);
        drop_chunk(fan_out);
        fan_out->dirty = true;
    }
    return chunk;
}

void fan_outs_collect(struct fan_outs *fan_outs, struct changes *changes)
{
    for (size_t i = 0; i < fan_outs->count; i++) {
        struct fan_out *fan_out = &fan_outs->items[i];
        if (!fan_out->dirty) {
            continue;
        }
        struct arena *arena = changes->arena;
        struct slice chunk_name = arena_printf(arena, "%.*s/chunk", SLICE_ARG(fan_out->id));
        if (fan_out->gone) {
            unset(changes, fan_out->id);
        } else {
            changes_set(changes, KEY, fan_out->id, value_of(fan_out, arena));
        }
        if (fan_out->chunk.data != NULL) {
            changes_set(changes, KEY, chunk_name, fan_out->chunk);
        } else if (fan_out->chunk_stored) {
            unset(changes, chunk_name);
        }
        fan_out->chunk_stored = fan_out->chunk.data != NULL;
        fan_out->dirty = false;
    }
    for (size_t i = fan_outs->count; i-- > 0;) {
        if (fan_outs->items[i].gone) {
            drop(fan_outs, i);
        }
    }
}

static bool find_name(struct slice name, const char *const *names, size_t count, size_t *ret_number)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(name, names[i])) {
            *ret_number = i;
            return true;
        }
    }
    return false;
}

static bool ends_with_chunk(struct slice name)
{
    return name.len > CHUNK.len && memcmp(name.data + name.len - CHUNK.len, CHUNK.data, CHUNK.len) == 0;
}

static struct slice own(struct slice text)
{
    return (struct slice){.data = mem_copy(text), .len = text.len};
}

static void drop_chunk(struct fan_out *fan_out)
{
    mem_free((char *)fan_out->chunk.data);
    fan_out->chunk = (struct slice){0};
}

static void drop(struct fan_outs *fan_outs, size_t number)
{
    struct fan_out *fan_out = &fan_outs->items[number];
    drop_chunk(fan_out);
    mem_free((char *)fan_out->id.data);
    mem_free((char *)fan_out->product_id.data);
    fan_outs->count--;
    memmove(fan_out, fan_out + 1, (fan_outs->count - number) * sizeof *fan_out);
}

/* Of those that have ended the oldest leave, by when they ended, then id. */
static void forget_ended(struct fan_outs *fan_outs)
{
    for (;;) {
        struct fan_out *oldest = NULL;
        size_t ended = 0;
        for (size_t i = 0; i < fan_outs->count; i++) {
            struct fan_out *each = &fan_outs->items[i];
            if (each->ended_ms == 0 || each->gone) {
                continue;
            }
            ended++;
            if (oldest == NULL || each->ended_ms < oldest->ended_ms ||
                (each->ended_ms == oldest->ended_ms && slice_compare(each->id, oldest->id) < 0)) {
                oldest = each;
            }
        }
        if (ended <= FAN_OUTS_ENDED) {
            return;
        }
        oldest->gone = oldest->dirty = true;
    }
}

static struct slice value_of(const struct fan_out *fan_out, struct arena *arena)
{
    struct words words;
    words_begin(&words);
    words_add(&words, slice_of(states[fan_out->state]));
    words_add(&words, slice_of(news_kind_name(fan_out->news)));
    words_add_int(&words, fan_out->begun_ms);
    words_add_int(&words, fan_out->ended_ms);
    words_add_int(&words, fan_out->reached);
    words_add(&words, fan_out->product_id);
    struct slice value = arena_copy(arena, words_view(&words));
    words_done(&words);
    return value;
}

static void unset(struct changes *changes, struct slice name)
{
    struct field *field = arena_alloc(changes->arena, sizeof *field);
    *field = (struct field){.name = arena_copy(changes->arena, name), .value = SLICE("")};
    changes_add(changes,
                (struct change){.kind = CHANGE_UNSET, .key = KEY, .fields = field, .field_count = 1});
}
