/* SPDX-License-Identifier: MIT */
#include "common/news.h"

#include "common/buf.h"
#include "common/cloudevent.h"

#include <assert.h>

static const char *const names[NEWS_KIND_COUNT] = {[NEWS_LAUNCHED] = "launched",
                                                   [NEWS_RESTOCKED] = "restocked",
                                                   [NEWS_REPRICED] = "repriced",
                                                   [NEWS_RECALLED] = "recalled"};

const char *news_kind_name(enum news_kind kind)
{
    assert(kind < NEWS_KIND_COUNT);
    return names[kind];
}

bool news_kind_parse(struct slice name, enum news_kind *ret_kind)
{
    for (int i = 0; i < NEWS_KIND_COUNT; i++) {
        if (slice_is(name, names[i])) {
            *ret_kind = (enum news_kind)i;
            return true;
        }
    }
    return false;
}

size_t news_audience_count(const struct news *news)
{
    return news->kind == NEWS_LAUNCHED ? news->interest_count : 1;
}

struct slice news_audience(const struct news *news, size_t number, struct arena *arena)
{
    assert(number < news_audience_count(news));
    switch (news->kind) {
    case NEWS_LAUNCHED:
        return arena_printf(arena, "i:%.*s", SLICE_ARG(news->interests[number]));
    case NEWS_RECALLED:
        return arena_printf(arena, "g:%.*s", SLICE_ARG(news->product_id));
    default:
        return arena_printf(arena, "w:%s:%.*s", names[news->kind], SLICE_ARG(news->product_id));
    }
}

struct slice news_occurrence(const struct news *news, struct arena *arena)
{
    if (news->kind == NEWS_LAUNCHED) {
        return news->product_id;
    }
    struct buf buf = {0};
    buf_slice(&buf, news->product_id);
    buf_char(&buf, '@');
    buf_instant(&buf, news->time_ms);
    struct slice occurrence = arena_copy(arena, buf_view(&buf));
    buf_done(&buf);
    return occurrence;
}

bool news_occurrence_read(struct slice occurrence, struct slice *ret_product_id, int64_t *ret_time_ms)
{
    size_t at = occurrence.len;
    while (at > 0 && occurrence.data[at - 1] != '@') {
        at--;
    }
    if (at < 2 || !instant_parse((struct slice){occurrence.data + at, occurrence.len - at}, ret_time_ms)) {
        return false;
    }
    *ret_product_id = (struct slice){.data = occurrence.data, .len = at - 1};
    return true;
}
