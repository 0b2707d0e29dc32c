/* SPDX-License-Identifier: MIT */
#include "consumers/control_news.h"

#include "common/words.h"

static bool read_launch(const struct json *body, struct news *news);
static bool read_reprice(const struct json *body, struct news *news);
static bool read_recall(const struct json *body, struct news *news);
static void add_launch(struct buf *buf, const struct news *news);
static void add_text(struct buf *buf, const char *name, struct slice text);
static void add_int(struct buf *buf, const char *name, int64_t value);

bool control_read_news(const struct json *body, struct news *ret_news)
{
    struct news news = {0};
    struct slice kind;
    if (!json_string(json_member(body, "fan_out"), &news.fan_out) ||
        !json_string(json_member(body, "news"), &kind) || !news_kind_parse(kind, &news.kind) ||
        !json_string(json_member(body, "product"), &news.product_id) ||
        !json_int(json_member(body, "time"), &news.time_ms) ||
        !json_int(json_member(body, "begun"), &news.begun_ms)) {
        return false;
    }
    bool good = true;
    switch (news.kind) {
    case NEWS_LAUNCHED:
        good = read_launch(body, &news);
        break;
    case NEWS_REPRICED:
        good = read_reprice(body, &news);
        break;
    case NEWS_RECALLED:
        good = read_recall(body, &news);
        break;
    default:
        break;
    }
    *ret_news = news;
    return good;
}

void control_add_news(struct buf *buf, const struct news *news)
{
    buf_text(buf, "{\"fan_out\":");
    buf_json_string(buf, news->fan_out);
    add_text(buf, "news", slice_of(news_kind_name(news->kind)));
    add_text(buf, "product", news->product_id);
    switch (news->kind) {
    case NEWS_LAUNCHED:
        add_launch(buf, news);
        break;
    case NEWS_REPRICED:
        add_text(buf, "currency", slice_of(news->currency));
        add_int(buf, "old_minor", news->old_minor);
        add_int(buf, "new_minor", news->new_minor);
        break;
    case NEWS_RECALLED:
        add_text(buf, "severity", slice_of(severity_name(news->severity)));
        add_text(buf, "reference", news->reference);
        break;
    default:
        break;
    }
    add_int(buf, "time", news->time_ms);
    add_int(buf, "begun", news->begun_ms);
}

static bool read_launch(const struct json *body, struct news *news)
{
    const struct json *interests = json_member(body, "interests");
    if (!json_string(json_member(body, "name"), &news->name) || json_type(interests) != JSON_ARRAY) {
        return false;
    }
    for (const struct json *item = json_first(interests); item != NULL; item = json_next(item)) {
        if (news->interest_count == sizeof news->interests / sizeof *news->interests ||
            !json_string(item, &news->interests[news->interest_count++])) {
            return false;
        }
    }
    return news->interest_count > 0;
}

static bool read_reprice(const struct json *body, struct news *news)
{
    struct slice currency;
    return json_string(json_member(body, "currency"), &currency) && currency_read(currency, news->currency) &&
           json_int(json_member(body, "old_minor"), &news->old_minor) &&
           json_int(json_member(body, "new_minor"), &news->new_minor);
}

static bool read_recall(const struct json *body, struct news *news)
{
    struct slice severity;
    return json_string(json_member(body, "severity"), &severity) &&
           severity_parse(severity, &news->severity) &&
           json_string(json_member(body, "reference"), &news->reference);
}

static void add_launch(struct buf *buf, const struct news *news)
{
    add_text(buf, "name", news->name);
    buf_text(buf, ",\"interests\":[");
    for (size_t i = 0; i < news->interest_count; i++) {
        buf_text(buf, i > 0 ? "," : "");
        buf_json_string(buf, news->interests[i]);
    }
    buf_char(buf, ']');
}

static void add_text(struct buf *buf, const char *name, struct slice text)
{
    buf_text(buf, ",\"");
    buf_text(buf, name);
    buf_text(buf, "\":");
    buf_json_string(buf, text);
}

static void add_int(struct buf *buf, const char *name, int64_t value)
{
    buf_text(buf, ",\"");
    buf_text(buf, name);
    buf_text(buf, "\":");
    buf_int(buf, value);
}
