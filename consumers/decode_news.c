/* SPDX-License-Identifier: MIT */
/* The data of news of products: launches, restocks, new prices, recalls. Whose they are, the product, is the
 * event's subject. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

#define PRODUCT_NAME_BYTES_MAX 128

static field_reader read_product_name, read_interests;
static enum reject read_news(const struct json *data, const struct field_rule *rules, size_t count,
                             struct arena *arena, enum news_kind kind, struct event *event);

static const struct field_rule launch_rules[] = {
    FIELD_RULE("name", REQUIRED, read_product_name, offsetof(struct news, name)),
    FIELD_RULE("interests", REQUIRED, read_interests, 0),
};

static const struct field_rule reprice_rules[] = {
    FIELD_RULE("currency", REQUIRED, read_currency, offsetof(struct news, currency)),
    FIELD_RULE("old_minor", REQUIRED, read_amount, offsetof(struct news, old_minor)),
    FIELD_RULE("new_minor", REQUIRED, read_amount, offsetof(struct news, new_minor)),
};

static const struct field_rule recall_rules[] = {
    FIELD_RULE("severity", REQUIRED, read_severity, offsetof(struct news, severity)),
    FIELD_RULE("reference", REQUIRED, read_identifier, offsetof(struct news, reference)),
};

#define COUNT(rules) (sizeof(rules) / sizeof(rules)[0])

enum reject event_decode_launch(const struct json *data, struct arena *arena, struct event *event)
{
    return read_news(data, launch_rules, COUNT(launch_rules), arena, NEWS_LAUNCHED, event);
}

enum reject event_decode_restock(const struct json *data, struct arena *arena, struct event *event)
{
    return read_news(data, NULL, 0, arena, NEWS_RESTOCKED, event);
}

enum reject event_decode_reprice(const struct json *data, struct arena *arena, struct event *event)
{
    return read_news(data, reprice_rules, COUNT(reprice_rules), arena, NEWS_REPRICED, event);
}

enum reject event_decode_recall(const struct json *data, struct arena *arena, struct event *event)
{
    return read_news(data, recall_rules, COUNT(recall_rules), arena, NEWS_RECALLED, event);
}

static enum reject read_news(const struct json *data, const struct field_rule *rules, size_t count,
                             struct arena *arena, enum news_kind kind, struct event *event)
{
    struct news *news = &event->data.news;
    news->kind = kind;
    news->product_id = event->subject;
    news->time_ms = event->time_ms;
    return fields_read(data, rules, count, arena, news);
}

/* A text for people: blanks are fine, control characters are not. */
static enum reject read_product_name(const struct json *json, struct arena *arena, void *member)
{
    struct slice name;
    if (!json_string(json, &name)) {
        return REJECT_wrong_field_type;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < 0x20 || c == 0x7f) {
            return REJECT_bad_field_value;
        }
    }
    if (name.len < 1 || name.len > PRODUCT_NAME_BYTES_MAX) {
        return REJECT_bad_field_value;
    }
    *(struct slice *)member = arena_copy(arena, name);
    return REJECT_NONE;
}

static enum reject read_interests(const struct json *json, struct arena *arena, void *member)
{
    struct news *news = member;
    struct slice *names;
    size_t count;
    enum reject reject = read_names(json, arena, &names, &count);
    if (reject != REJECT_NONE) {
        return reject;
    }
    if (count < 1 || count > sizeof news->interests / sizeof news->interests[0]) {
        return REJECT_bad_field_value;
    }
    memcpy(news->interests, names, count * sizeof *names);
    news->interest_count = count;
    return REJECT_NONE;
}
