/* SPDX-License-Identifier: MIT */
#include "consumers/fold_control.h"

#include "producers/followup.h"
#include "producers/places.h"

#include <assert.h>

static bool is_stopped(const struct home *home, const struct control *chunk);
static void stop_chunk(struct home *home, struct moment *moment, const struct control *control);
static void end(struct home *home, struct moment *moment, struct slice id);
static void act(struct home *home, struct moment *moment, const struct control *control);
static void receive_share(struct home *home, struct moment *moment, const struct control *control);
static void go_on(struct moment *moment, struct slice chunk);
static void fold_chunk(struct home *home, struct moment *moment, const struct control *control);
static void append_chunk(struct home *home, struct moment *moment, const struct news *news, size_t audience,
                         struct slice after);

bool fold_control_ready(struct home *home, const struct control *control, struct wants *wants)
{
    if (control->kind != CONTROL_chunk || is_stopped(home, control)) {
        return true;
    }
    struct slice index = news_audience(&control->news, control->audience, wants->arena);
    return home_has_chunk(home, index, control->after, wants);
}

void fold_control(struct home *home, struct moment *moment, const struct control *control,
                  const struct policy *next)
{
    switch (control->kind) {
    case CONTROL_policy:
        home_set_policy(home, next, control->body, moment->arena);
        break;
    case CONTROL_broadcast:
        if (followup_hears(home->policy, control->news.kind)) {
            if (!fan_outs_begin(&home->fan_outs, &control->news)) {
                totals_add(home->totals, "limited", (struct slice){0}, (struct slice){0}, 1);
            }
            append_chunk(home, moment, &control->news, 0, (struct slice){0});
        }
        break;
    case CONTROL_chunk:
        if (is_stopped(home, control)) {
            stop_chunk(home, moment, control);
        } else {
            fold_chunk(home, moment, control);
        }
        break;
    case CONTROL_fan_out:
        act(home, moment, control);
        break;
    case CONTROL_share_wanted:
        places_wanted(moment, control->pool, control->limit, control->least, control->since_ms,
                      (int32_t)control->asker);
        break;
    case CONTROL_share:
        receive_share(home, moment, control);
        break;
    case CONTROL_share_back:
        bank_take_back(&home->shares, control->pool, control->amount);
        break;
    case CONTROL_switch:
        home_switch(home, control->kill_switch, control->paused, moment->now_ms, moment->arena);
        break;
    case CONTROL_tick:
    case CONTROL_continuation:
    case CONTROL_end:
        break; /* time has passed, that is all */
    case CONTROL_COUNT:
        assert(false);
    }
}

/* Somebody has paused or cancelled it. One that is not listed cannot be. */
static bool is_stopped(const struct home *home, const struct control *chunk)
{
    const struct fan_out *fan_out = fan_outs_find(&home->fan_outs, chunk->news.fan_out);
    return fan_out != NULL && fan_out->state != FAN_OUT_RUNNING;
}

static void stop_chunk(struct home *home, struct moment *moment, const struct control *control)
{
    struct fan_out *fan_out = fan_outs_find(&home->fan_outs, control->news.fan_out);
    if (fan_out->state == FAN_OUT_PAUSED) {
        fan_out_keep(fan_out, control->body);
    } else {
        end(home, moment, control->news.fan_out);
    }
}

static void end(struct home *home, struct moment *moment, struct slice id)
{
    struct fan_out *fan_out = fan_outs_find(&home->fan_outs, id);
    if (fan_out != NULL) {
        fan_outs_end(&home->fan_outs, fan_out, moment->now_ms);
        places_go_back(moment, id);
    }
}

static void act(struct home *home, struct moment *moment, const struct control *control)
{
    struct slice id = control->fan_out;
    go_on(moment, fan_outs_act(&home->fan_outs, id, control->action, moment->now_ms, moment->arena));
    const struct fan_out *fan_out = fan_outs_find(&home->fan_outs, id);
    if (fan_out == NULL || fan_out->ended_ms != 0) {
        places_go_back(moment, id);
    }
}

/* Who has waited for places goes on with them, or knows that there are no more. */
static void receive_share(struct home *home, struct moment *moment, const struct control *control)
{
    const char *colon = memchr(control->pool.data, ':', control->pool.len);
    if (!shares_receive(&home->shares, control->pool, control->amount)) {
        places_send_back(moment, control->pool, control->amount);
    } else if (colon != NULL) {
        struct slice id = {.data = colon + 1,
                           .len = control->pool.len - (size_t)(colon + 1 - control->pool.data)};
        go_on(moment, fan_outs_go_on(&home->fan_outs, id, moment->arena));
    }
}

static void go_on(struct moment *moment, struct slice chunk)
{
    if (chunk.data != NULL) {
        outbox_control(moment->outbox, "chunk", moment->home, chunk);
    }
}

static void fold_chunk(struct home *home, struct moment *moment, const struct control *control)
{
    const struct news *news = &control->news;
    struct chunk_range chunk = home->chunk;
    struct fan_out *fan_out = fan_outs_find(&home->fan_outs, news->fan_out);
    struct slice after = control->after;
    int64_t reached = 0;
    bool waits = false;
    assert(chunk.ready);
    home->chunk = (struct chunk_range){0};
    for (size_t i = 0; i < chunk.count; i++) {
        waits = fan_out != NULL && places_are_awaited(moment, news);
        if (waits) {
            break;
        }
        struct resident *resident = residents_find(&home->residents, chunk.ids[i]);
        int64_t due_before = customer_next_due(resident->customer);
        bool existed = customer_exists(resident->customer);
        reached += followup_product_news(moment, resident->customer, news);
        home_touch(home, resident, due_before, existed);
        after = chunk.ids[i];
    }
    if (fan_out != NULL) {
        fan_out_reached(fan_out, reached);
    }
    if (waits) {
        fan_out_keep(fan_out, control_chunk_body(news, control->audience, after, moment->arena));
    } else if (chunk.full) {
        append_chunk(home, moment, news, control->audience, after);
    } else if (control->audience + 1 < news_audience_count(news)) {
        append_chunk(home, moment, news, control->audience + 1, (struct slice){0});
    } else {
        end(home, moment, news->fan_out);
    }
}

static void append_chunk(struct home *home, struct moment *moment, const struct news *news, size_t audience,
                         struct slice after)
{
    outbox_control(moment->outbox, "chunk", home->number,
                   control_chunk_body(news, audience, after, moment->arena));
}
