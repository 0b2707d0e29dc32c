/* SPDX-License-Identifier: MIT */
#include "producers/places.h"

#include "common/record.h"
#include "producers/followup.h"
#include "producers/followup_kind.h"

#include <stdio.h>

static bool needs_place(const struct occasion *occasion);
static void ask(const struct moment *moment, const struct follow_up *follow_up, struct slice pool,
                int64_t since_ms);
static void append(const struct moment *moment, const char *kind, int32_t home, struct slice pool,
                   const char *rest);

struct slice places_pool(const struct moment *moment, const struct follow_up *follow_up,
                         const struct news *news)
{
    return arena_printf(moment->arena, "%.*s:%.*s", SLICE_ARG(follow_up->name), SLICE_ARG(news->fan_out));
}

bool places_are_taken(const struct moment *moment, const struct occasion *occasion)
{
    return needs_place(occasion) &&
           !shares_has(moment->shares, places_pool(moment, occasion->follow_up, occasion->news), 1);
}

void places_take(const struct moment *moment, const struct occasion *occasion)
{
    if (needs_place(occasion)) {
        shares_take(moment->shares, places_pool(moment, occasion->follow_up, occasion->news), 1);
    }
}

bool places_are_awaited(const struct moment *moment, const struct news *news)
{
    bool awaited = false;
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, followup_on_news(news->kind), follow_up)) != NULL) {
        if (follow_up->capacity == 0 || follow_up->mode == MODE_OFF) {
            continue;
        }
        struct slice pool = places_pool(moment, follow_up, news);
        if (shares_can_wait(moment->shares, pool, 1)) {
            awaited = true;
            if (shares_must_ask(moment->shares, pool)) {
                ask(moment, follow_up, pool, news->begun_ms);
            }
        }
    }
    return awaited;
}

void places_go_back(const struct moment *moment, struct slice fan_out)
{
    for (size_t i = 0; i < moment->shares->count; i++) {
        struct share *share = &moment->shares->items[i];
        const char *colon = memchr(share->pool.data, ':', share->pool.len);
        struct slice of = {.data = colon != NULL ? colon + 1 : "", .len = 0};
        of.len = colon != NULL ? share->pool.len - (size_t)(of.data - share->pool.data) : 0;
        if (!share->gone && slice_equal(of, fan_out)) {
            places_send_back(moment, share->pool, shares_end(moment->shares, share));
        }
    }
}

void places_wanted(const struct moment *moment, struct slice pool, int64_t limit, int64_t least,
                   int64_t since_ms, int32_t asker)
{
    char rest[64];
    int64_t amount = bank_give(moment->shares, pool, limit, least, since_ms, moment->homes, moment->now_ms);
    snprintf(rest, sizeof rest, "\"amount\":%lld", (long long)amount);
    append(moment, "share", asker, pool, rest);
}

void places_send_back(const struct moment *moment, struct slice pool, int64_t amount)
{
    char rest[64];
    if (amount > 0) {
        snprintf(rest, sizeof rest, "\"amount\":%lld", (long long)amount);
        append(moment, "share_back", partition_of(pool, moment->homes), pool, rest);
    }
}

static bool needs_place(const struct occasion *occasion)
{
    const struct news *news = occasion->news;
    return occasion->follow_up->capacity > 0 && news != NULL && news->fan_out.data != NULL;
}

static void ask(const struct moment *moment, const struct follow_up *follow_up, struct slice pool,
                int64_t since_ms)
{
    char rest[160];
    snprintf(rest, sizeof rest, "\"home\":%d,\"limit\":%lld,\"least\":1,\"since\":%lld", (int)moment->home,
             (long long)follow_up->capacity, (long long)since_ms);
    append(moment, "share_wanted", partition_of(pool, moment->homes), pool, rest);
}

static void append(const struct moment *moment, const char *kind, int32_t home, struct slice pool,
                   const char *rest)
{
    struct buf *body = moment->scratch;
    buf_reset(body);
    buf_text(body, "{\"pool\":");
    buf_json_string(body, pool);
    buf_char(body, ',');
    buf_text(body, rest);
    buf_char(body, '}');
    outbox_control(moment->outbox, kind, home, arena_copy(moment->arena, buf_view(body)));
}
