/* SPDX-License-Identifier: MIT */
#include "producers/shares.h"

#include "common/buf.h"
#include "common/mem.h"
#include "common/words.h"

#include <assert.h>

#define SHARES SLICE("shares")
#define BANKS  SLICE("banks")

static const char *const states[SHARE_STATE_COUNT] = {
    [SHARE_OPEN] = "open", [SHARE_ASKED] = "asked", [SHARE_CLOSED] = "closed"};

static bool read_share(const struct field *field, struct share *ret_share);
static bool read_bank(const struct field *field, struct bank *ret_bank);
static struct bank *find_bank(const struct shares *shares, struct slice pool);
static struct bank *open_bank(struct shares *shares, struct slice pool, int64_t since_ms, int64_t now_ms);
static struct slice own(struct slice text);
static void write(struct changes *changes, struct slice key, struct slice pool, struct words *value,
                  bool gone);

void shares_done(struct shares *shares)
{
    for (size_t i = 0; i < shares->count; i++) {
        mem_free((char *)shares->items[i].pool.data);
    }
    for (size_t i = 0; i < shares->bank_count; i++) {
        mem_free((char *)shares->banks[i].pool.data);
    }
    mem_free(shares->items);
    mem_free(shares->banks);
    *shares = (struct shares){0};
}

bool shares_load(struct shares *shares, const struct hash *held, const struct hash *banks)
{
    shares_done(shares);
    for (size_t i = 0; i < held->field_count; i++) {
        struct share share;
        if (!read_share(&held->fields[i], &share)) {
            return false;
        }
        share.pool = own(share.pool);
        MEM_GROW(shares->items, shares->count, shares->capacity);
        shares->items[shares->count++] = share;
    }
    for (size_t i = 0; i < banks->field_count; i++) {
        struct bank bank;
        if (!read_bank(&banks->fields[i], &bank)) {
            return false;
        }
        bank.pool = own(bank.pool);
        MEM_GROW(shares->banks, shares->bank_count, shares->bank_capacity);
        shares->banks[shares->bank_count++] = bank;
    }
    return true;
}

struct share *shares_find(const struct shares *shares, struct slice pool)
{
    for (size_t i = 0; i < shares->count; i++) {
        if (!shares->items[i].gone && slice_equal(shares->items[i].pool, pool)) {
            return &shares->items[i];
        }
    }
    return NULL;
}

bool shares_has(const struct shares *shares, struct slice pool, int64_t amount)
{
    const struct share *share = shares_find(shares, pool);
    return share != NULL && share->left >= amount;
}

void shares_take(struct shares *shares, struct slice pool, int64_t amount)
{
    struct share *share = shares_find(shares, pool);
    assert(share != NULL && share->left >= amount);
    share->left -= amount;
    share->dirty = true;
}

bool shares_can_wait(const struct shares *shares, struct slice pool, int64_t amount)
{
    const struct share *share = shares_find(shares, pool);
    return share == NULL || (share->left < amount && share->state != SHARE_CLOSED);
}

bool shares_must_ask(struct shares *shares, struct slice pool)
{
    struct share *share = shares_find(shares, pool);
    if (share == NULL) {
        MEM_GROW(shares->items, shares->count, shares->capacity);
        share = &shares->items[shares->count++];
        *share = (struct share){.pool = own(pool)};
    }
    if (share->state != SHARE_OPEN) {
        return false;
    }
    share->state = SHARE_ASKED;
    share->dirty = true;
    return true;
}

bool shares_receive(struct shares *shares, struct slice pool, int64_t amount)
{
    struct share *share = shares_find(shares, pool);
    if (share == NULL || share->state != SHARE_ASKED) {
        return false;
    }
    share->left += amount;
    share->state = amount > 0 ? SHARE_OPEN : SHARE_CLOSED;
    share->dirty = true;
    return true;
}

int64_t shares_end(struct shares *shares, struct share *share)
{
    (void)shares;
    share->gone = share->dirty = true;
    return share->left;
}

int64_t bank_give(struct shares *shares, struct slice pool, int64_t limit, int64_t least, int64_t since_ms,
                  int32_t homes, int64_t now_ms)
{
    struct bank *bank = find_bank(shares, pool);
    if (bank == NULL) {
        bank = open_bank(shares, pool, since_ms, now_ms);
    }
    int64_t left = bank != NULL ? limit - bank->given : 0;
    if (left < least || left <= 0) {
        return 0;
    }
    int64_t parts = 16 * (int64_t)homes, amount = (left + parts - 1) / parts;
    amount = amount < least ? least : amount;
    bank->given += amount;
    bank->dirty = true;
    return amount;
}

void bank_take_back(struct shares *shares, struct slice pool, int64_t amount)
{
    struct bank *bank = find_bank(shares, pool);
    if (bank != NULL) {
        bank->given -= amount;
        bank->dirty = true;
    }
}

void shares_collect(struct shares *shares, struct changes *changes)
{
    size_t kept = 0;
    for (size_t i = 0; i < shares->count; i++) {
        struct share *share = &shares->items[i];
        if (share->dirty) {
            struct words value;
            words_begin(&value);
            words_add_int(&value, share->left);
            words_add(&value, slice_of(states[share->state]));
            write(changes, SHARES, share->pool, &value, share->gone);
            share->dirty = false;
        }
        if (share->gone) {
            mem_free((char *)share->pool.data);
        } else {
            shares->items[kept++] = *share;
        }
    }
    shares->count = kept;
    kept = 0;
    for (size_t i = 0; i < shares->bank_count; i++) {
        struct bank *bank = &shares->banks[i];
        if (bank->dirty) {
            struct words value;
            words_begin(&value);
            words_add_int(&value, bank->given);
            words_add_int(&value, bank->since_ms);
            write(changes, BANKS, bank->pool, &value, bank->gone);
            bank->dirty = false;
        }
        if (bank->gone) {
            mem_free((char *)bank->pool.data);
        } else {
            shares->banks[kept++] = *bank;
        }
    }
    shares->bank_count = kept;
}

static bool read_share(const struct field *field, struct share *ret_share)
{
    struct word_cursor cursor = {.rest = field->value};
    struct share share = {.pool = field->name, .left = word_next_int(&cursor)};
    struct slice state = word_next(&cursor);
    int number = 0;
    while (number < SHARE_STATE_COUNT && !slice_is(state, states[number])) {
        number++;
    }
    share.state = (enum share_state)number;
    *ret_share = share;
    return number < SHARE_STATE_COUNT && words_are_read(&cursor) && share.left >= 0;
}

static bool read_bank(const struct field *field, struct bank *ret_bank)
{
    struct word_cursor cursor = {.rest = field->value};
    struct bank bank = {.pool = field->name, .given = word_next_int(&cursor)};
    bank.since_ms = word_next_int(&cursor);
    *ret_bank = bank;
    return words_are_read(&cursor) && bank.given >= 0;
}

static struct bank *find_bank(const struct shares *shares, struct slice pool)
{
    for (size_t i = 0; i < shares->bank_count; i++) {
        if (!shares->banks[i].gone && slice_equal(shares->banks[i].pool, pool)) {
            return &shares->banks[i];
        }
    }
    return NULL;
}

/* Those that are too old to give anything are forgotten first. NULL: this one is too old itself, or there are
 * too many. */
static struct bank *open_bank(struct shares *shares, struct slice pool, int64_t since_ms, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < shares->bank_count; i++) {
        struct bank *bank = &shares->banks[i];
        if (!bank->gone && bank->since_ms < now_ms - BANK_KEPT_MS) {
            bank->gone = bank->dirty = true;
        }
        kept += !bank->gone;
    }
    if (since_ms < now_ms - BANK_KEPT_MS || kept >= BANKS_MAX) {
        return NULL;
    }
    MEM_GROW(shares->banks, shares->bank_count, shares->bank_capacity);
    struct bank *bank = &shares->banks[shares->bank_count++];
    *bank = (struct bank){.pool = own(pool), .since_ms = since_ms, .dirty = true};
    return bank;
}

static struct slice own(struct slice text)
{
    return (struct slice){.data = mem_copy(text), .len = text.len};
}

static void write(struct changes *changes, struct slice key, struct slice pool, struct words *value,
                  bool gone)
{
    if (gone) {
        struct field *field = arena_alloc(changes->arena, sizeof *field);
        *field = (struct field){.name = arena_copy(changes->arena, pool), .value = SLICE("")};
        changes_add(changes,
                    (struct change){.kind = CHANGE_UNSET, .key = key, .fields = field, .field_count = 1});
    } else {
        changes_set(changes, key, pool, words_view(value));
    }
    words_done(value);
}
