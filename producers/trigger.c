/* SPDX-License-Identifier: MIT */
/* Triggers, withdrawals and decisions as JSON. A record is built in the moment's scratch and copied by the
 * outbox; while the outbox is silent nothing is built at all. */
#include "producers/trigger.h"

#include "common/words.h"

static const struct header content_type = {
    .name = {.data = "content-type",                 .len = 12},
    .value = {.data = "application/cloudevents+json", .len = 28},
};

static struct buf *begin_event(struct moment *moment, const struct customer *customer, const char *type,
                               struct slice id);
static void end_event(struct moment *moment, const struct customer *customer, enum out_topic topic);
static struct slice event_id(struct moment *moment, const struct customer *customer, struct slice name,
                             struct slice occurrence, const char *ending);
static size_t put_escaped(char *at, struct slice part);
static void add_subject(struct buf *out, struct slice name, const struct follow_up *follow_up,
                        struct slice occurrence, const struct customer *customer);
static void add_channels(struct buf *out, const enum contact_channel *channels, size_t channel_count);
static void add_text(struct buf *out, const char *member, struct slice text);
static void add_instant(struct buf *out, const char *member, int64_t ms);

void trigger_send(struct moment *moment, const struct customer *customer, const struct occasion *occasion,
                  size_t variant, const enum contact_channel *channels, size_t channel_count,
                  variables_writer *write_variables)
{
    if (moment->outbox->silent) {
        return;
    }
    const struct follow_up *follow_up = occasion->follow_up;
    struct buf *out = begin_event(moment, customer, "loyalty.follow_up.triggered.v1",
                                  event_id(moment, customer, follow_up->name, occasion->occurrence, ""));
    add_subject(out, follow_up->name, follow_up, occasion->occurrence, customer);
    add_channels(out, channels, channel_count);
    struct slice language = customer_text(customer, CUSTOMER_language);
    add_text(out, ",\"language\":", language.len > 0 ? language : (struct slice){0});
    add_text(out,
             ",\"content\":", variant > 0 ? follow_up->variants[variant - 1].content : follow_up->content);
    add_text(out, ",\"offer\":", variant > 0 ? follow_up->variants[variant - 1].offer : follow_up->offer);
    buf_text(out, ",\"variant\":");
    if (variant > 0) {
        buf_int(out, (int64_t)variant);
    } else {
        buf_text(out, "null");
    }
    buf_text(out, ",\"variables\":{");
    write_variables(out, moment, customer, occasion);
    buf_char(out, '}');
    add_text(out, ",\"reason\":", slice_of(occasion->reason));
    add_instant(out, ",\"not_before\":", occasion->due_ms);
    add_instant(out, ",\"expires_at\":", occasion->expires_ms);
    end_event(moment, customer, OUT_TRIGGERS);
}

void trigger_withdraw(struct moment *moment, const struct customer *customer, struct slice name,
                      const struct follow_up *follow_up, struct slice occurrence, struct slice offer,
                      const char *reason)
{
    if (moment->outbox->silent) {
        return;
    }
    struct buf *out = begin_event(moment, customer, "loyalty.coupon.withdrawn.v1",
                                  event_id(moment, customer, name, occurrence, "/withdrawn"));
    add_subject(out, name, follow_up, occurrence, customer);
    add_text(out, ",\"offer\":", offer);
    add_text(out, ",\"reason\":", slice_of(reason));
    end_event(moment, customer, OUT_TRIGGERS);
}

void trigger_decision(struct moment *moment, const struct customer *customer, struct slice name,
                      const struct follow_up *follow_up, struct slice occurrence, const char *outcome,
                      const char *reason)
{
    if (moment->outbox->silent) {
        return;
    }
    char ending[24] = "/";
    strncat(ending, outcome, sizeof ending - 2);
    struct buf *out = begin_event(moment, customer, "loyalty.follow_up.decided.v1",
                                  event_id(moment, customer, name, occurrence, ending));
    add_subject(out, name, follow_up, occurrence, customer);
    add_text(out, ",\"outcome\":", slice_of(outcome));
    add_text(out, ",\"reason\":", slice_of(reason));
    end_event(moment, customer, OUT_DECISIONS);
}

/* One occasion may be held again and again, each time until later. */
void trigger_hold(struct moment *moment, const struct customer *customer, const struct occasion *occasion,
                  const char *reason, int64_t until_ms)
{
    if (moment->outbox->silent) {
        return;
    }
    char ending[6 + INT_TEXT_BYTES + 1] = "/held/", room[INT_TEXT_BYTES];
    struct slice until = int_text(until_ms, room), name = occasion->follow_up->name;
    memcpy(ending + 6, until.data, until.len);
    struct buf *out = begin_event(moment, customer, "loyalty.follow_up.decided.v1",
                                  event_id(moment, customer, name, occasion->occurrence, ending));
    add_subject(out, name, occasion->follow_up, occasion->occurrence, customer);
    buf_text(out, ",\"outcome\":\"held\"");
    add_text(out, ",\"reason\":", slice_of(reason));
    add_instant(out, ",\"until\":", until_ms);
    end_event(moment, customer, OUT_DECISIONS);
}

/* Up to and with the brace that opens data. */
static struct buf *begin_event(struct moment *moment, const struct customer *customer, const char *type,
                               struct slice id)
{
    struct buf *out = moment->scratch;
    buf_reset(out);
    buf_text(out, "{\"specversion\":\"1.0\",\"id\":");
    buf_json_string(out, id);
    buf_text(out, ",\"source\":\"/loyald\",\"type\":\"");
    buf_text(out, type);
    buf_text(out, "\",\"subject\":");
    buf_json_string(out, customer_id(customer));
    add_instant(out, ",\"time\":", moment->now_ms);
    buf_text(out, ",\"datacontenttype\":\"application/json\",\"data\":{");
    return out;
}

/* What every record closes with: where in the log it was decided, and by which policy. */
static void end_event(struct moment *moment, const struct customer *customer, enum out_topic topic)
{
    struct buf *out = moment->scratch;
    buf_text(out, ",\"home\":");
    buf_int(out, moment->home);
    buf_text(out, ",\"offset\":");
    buf_int(out, moment->offset);
    add_text(out, ",\"policy\":", slice_of(moment->policy->version));
    buf_text(out, "}}");
    outbox_add(moment->outbox, topic, -1, customer_id(customer), buf_view(out), &content_type, 1);
}

/* FOLLOW-UP/CUSTOMER/OCCURRENCE and an ending. Slashes inside the parts are escaped, or two occurrences could
 * have one id, and whoever deduplicates by it would lose a message. */
static struct slice event_id(struct moment *moment, const struct customer *customer, struct slice name,
                             struct slice occurrence, const char *ending)
{
    struct slice id = customer_id(customer);
    size_t ending_len = strlen(ending);
    char *text = arena_alloc(moment->arena, name.len + 1 + 3 * id.len + 1 + 3 * occurrence.len + ending_len);
    size_t len = put_escaped(text, name);
    text[len++] = '/';
    len += put_escaped(text + len, id);
    text[len++] = '/';
    len += put_escaped(text + len, occurrence);
    memcpy(text + len, ending, ending_len);
    return (struct slice){.data = text, .len = len + ending_len};
}

static size_t put_escaped(char *at, struct slice part)
{
    size_t len = 0;
    for (size_t i = 0; i < part.len; i++) {
        char c = part.data[i];
        if (c == '/' || c == '%') {
            memcpy(at + len, c == '/' ? "%2F" : "%25", 3);
            len += 3;
        } else {
            at[len++] = c;
        }
    }
    return len;
}

/* What every record begins with. */
static void add_subject(struct buf *out, struct slice name, const struct follow_up *follow_up,
                        struct slice occurrence, const struct customer *customer)
{
    struct slice class_name = {0};
    if (follow_up != NULL) {
        class_name = slice_of(message_class_name(follow_up->message_class));
    }
    add_text(out, "\"follow_up\":", name);
    add_text(out, ",\"class\":", class_name);
    add_text(out, ",\"occurrence\":", occurrence);
    add_text(out, ",\"customer\":", customer_id(customer));
}

static void add_channels(struct buf *out, const enum contact_channel *channels, size_t channel_count)
{
    buf_text(out, ",\"contact_channels\":[");
    for (size_t i = 0; i < channel_count; i++) {
        buf_text(out, i > 0 ? ",\"" : "\"");
        buf_text(out, contact_channel_name(channels[i]));
        buf_char(out, '"');
    }
    buf_char(out, ']');
}

/* An absent text is null. */
static void add_text(struct buf *out, const char *member, struct slice text)
{
    buf_text(out, member);
    if (text.data != NULL) {
        buf_json_string(out, text);
    } else {
        buf_text(out, "null");
    }
}

/* 0 is null: there is none. */
static void add_instant(struct buf *out, const char *member, int64_t ms)
{
    buf_text(out, member);
    if (ms == 0) {
        buf_text(out, "null");
        return;
    }
    buf_char(out, '"');
    buf_instant(out, ms);
    buf_char(out, '"');
}
