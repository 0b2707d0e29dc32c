/* SPDX-License-Identifier: MIT */
#include "consumers/control.h"

#include "common/buf.h"
#include "common/json.h"
#include "consumers/control_news.h"

#include <stdio.h>

#define CONTROL_VERSION 1

static bool read_head(struct slice head, enum control_kind *ret_kind, int64_t *ret_home,
                      int64_t *ret_version);
static bool read_chunk(const struct json *body, struct control *control);
static bool read_switch(const struct json *body, struct arena *arena, struct control *control);
static bool read_share_wanted(const struct json *body, struct control *control);
static struct slice finish(struct buf *buf, struct arena *arena);

static const char *const kind_names[] = {
#define CONTROL(name) #name,
#include "consumers/control.def"
#undef CONTROL
};

bool control_is(const struct record *record)
{
    return record_header(record, "loyald-control").data != NULL;
}

bool control_read(const struct record *record, int32_t home, struct arena *arena, struct control *ret_control,
                  char *ret_why)
{
    struct control control = {.body = record->value};
    int64_t to = -1, version = 0;
    struct slice head = record_header(record, "loyald-control");
    if (record->key.data != NULL || !read_head(head, &control.kind, &to, &version) || to != home) {
        snprintf(ret_why, 256, "the header loyald-control \"%.*s\" is not one that loyald writes to home %d",
                 (int)(head.len < 60 ? head.len : 60), head.data, home);
        return false;
    }
    if (version != CONTROL_VERSION) {
        snprintf(ret_why, 256, "the control record has version %lld; this loyald knows %d: use a newer one",
                 (long long)version, CONTROL_VERSION);
        return false;
    }
    const struct json *body = NULL;
    bool good = json_parse(record->value, arena, &body) == JSON_OK && json_type(body) == JSON_OBJECT;
    if (good && (control.kind == CONTROL_broadcast || control.kind == CONTROL_chunk)) {
        good = control_read_news(body, &control.news);
    }
    if (good && control.kind == CONTROL_chunk) {
        good = read_chunk(body, &control);
    }
    if (good && control.kind == CONTROL_fan_out) {
        struct slice action;
        good = json_string(json_member(body, "fan_out"), &control.fan_out) &&
               json_string(json_member(body, "do"), &action) && fan_out_action_parse(action, &control.action);
    }
    if (good && (control.kind == CONTROL_share || control.kind == CONTROL_share_back)) {
        good = json_string(json_member(body, "pool"), &control.pool) &&
               json_int(json_member(body, "amount"), &control.amount) && control.amount >= 0;
    }
    if (good && control.kind == CONTROL_share_wanted) {
        good = read_share_wanted(body, &control);
    }
    if (good && control.kind == CONTROL_end) {
        good = json_int(json_member(body, "time"), &control.time_ms);
    }
    if (good && control.kind == CONTROL_switch) {
        good = read_switch(body, arena, &control);
    }
    if (!good) {
        snprintf(ret_why, 256, "the body of the control record \"%s\" cannot be read",
                 kind_names[control.kind]);
        return false;
    }
    *ret_control = control;
    return true;
}

struct slice control_broadcast_body(const struct news *news, struct arena *arena)
{
    struct buf buf = {0};
    control_add_news(&buf, news);
    buf_char(&buf, '}');
    return finish(&buf, arena);
}

struct slice control_chunk_body(const struct news *news, size_t audience, struct slice after,
                                struct arena *arena)
{
    struct buf buf = {0};
    control_add_news(&buf, news);
    buf_text(&buf, ",\"audience\":");
    buf_int(&buf, (int64_t)audience);
    buf_text(&buf, ",\"after\":");
    buf_json_string(&buf, after.data != NULL ? after : SLICE(""));
    buf_char(&buf, '}');
    return finish(&buf, arena);
}

/* "KIND HOME VERSION" */
static bool read_head(struct slice head, enum control_kind *ret_kind, int64_t *ret_home, int64_t *ret_version)
{
    const char *end = head.data + head.len;
    const char *first = head.len > 0 ? memchr(head.data, ' ', head.len) : NULL;
    const char *second = first != NULL ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (second == NULL) {
        return false;
    }
    struct slice kind = {.data = head.data, .len = (size_t)(first - head.data)};
    struct slice home = {.data = first + 1, .len = (size_t)(second - first - 1)};
    struct slice version = {.data = second + 1, .len = (size_t)(end - second - 1)};
    for (int i = 0; i < CONTROL_COUNT; i++) {
        if (slice_is(kind, kind_names[i])) {
            *ret_kind = (enum control_kind)i;
            return parse_int(home, ret_home) && parse_int(version, ret_version);
        }
    }
    return false;
}

static bool read_chunk(const struct json *body, struct control *control)
{
    int64_t audience = 0;
    if (!json_int(json_member(body, "audience"), &audience) || audience < 0 ||
        (size_t)audience >= news_audience_count(&control->news) ||
        !json_string(json_member(body, "after"), &control->after)) {
        return false;
    }
    control->audience = (size_t)audience;
    if (control->after.len == 0) {
        control->after = (struct slice){0};
    }
    return true;
}

static bool read_switch(const struct json *body, struct arena *arena, struct control *control)
{
    struct slice what, name, state;
    if (!json_string(json_member(body, "what"), &what) || !json_string(json_member(body, "name"), &name) ||
        !json_string(json_member(body, "state"), &state)) {
        return false;
    }
    control->paused = slice_is(state, "paused");
    bool all = slice_is(what, "all") && name.len == 0;
    bool one = (slice_is(what, "class") || slice_is(what, "follow_up") || slice_is(what, "risk")) &&
               name.len > 0 && name.len <= 65;
    control->kill_switch = all ? what : arena_printf(arena, "%.*s:%.*s", SLICE_ARG(what), SLICE_ARG(name));
    return (all || one) && (control->paused || slice_is(state, "resumed"));
}

static bool read_share_wanted(const struct json *body, struct control *control)
{
    return json_string(json_member(body, "pool"), &control->pool) &&
           json_int(json_member(body, "home"), &control->asker) && control->asker >= 0 &&
           control->asker <= INT32_MAX && json_int(json_member(body, "limit"), &control->limit) &&
           json_int(json_member(body, "least"), &control->least) &&
           json_int(json_member(body, "since"), &control->since_ms);
}

static struct slice finish(struct buf *buf, struct arena *arena)
{
    struct slice body = arena_copy(arena, buf_view(buf));
    buf_done(buf);
    return body;
}
