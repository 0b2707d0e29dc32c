/* SPDX-License-Identifier: MIT */
#include "producers/shop/compose.h"

#include <assert.h>

static void begin(struct buf *buf, const struct head *head);
static void end(struct buf *buf);
static void add_name(struct buf *buf, struct slice name);
static void add_text(struct buf *buf, struct slice name, struct slice text);
static void add_number(struct buf *buf, struct slice name, int64_t number);
static void add_birth_date(struct buf *buf, struct civil_date birth);
static void add_interests(struct buf *buf, uint32_t interests);

void compose_purchase(struct buf *buf, const struct head *head, const struct goods *goods)
{
    begin(buf, head);
    add_text(buf, SLICE("order_id"), goods->order_id);
    add_text(buf, SLICE("currency"), goods->currency);
    add_number(buf, SLICE("net_minor"), goods->net_minor);
    add_text(buf, SLICE("sales_channel"), slice_of(sales_channel_name(goods->channel)));
    add_name(buf, SLICE("lines"));
    buf_text(buf, "[{\"sku\":\"cd-");
    buf_slice(buf, goods->category);
    buf_text(buf, "\",\"category\":\"");
    buf_slice(buf, goods->category);
    buf_text(buf, "\",\"quantity\":\"");
    buf_int(buf, goods->items);
    buf_text(buf, "\",\"unit\":\"piece\"}]");
    end(buf);
}

void compose_cancellation(struct buf *buf, const struct head *head, struct slice order_id)
{
    begin(buf, head);
    add_text(buf, SLICE("order_id"), order_id);
    end(buf);
}

void compose_refund(struct buf *buf, const struct head *head, struct slice refund_id,
                    const struct goods *goods)
{
    begin(buf, head);
    add_text(buf, SLICE("refund_id"), refund_id);
    add_text(buf, SLICE("order_id"), goods->order_id);
    add_number(buf, SLICE("net_minor"), goods->net_minor);
    add_text(buf, SLICE("currency"), goods->currency);
    end(buf);
}

void compose_visit(struct buf *buf, const struct head *head, enum sales_channel channel)
{
    begin(buf, head);
    add_text(buf, SLICE("sales_channel"), slice_of(sales_channel_name(channel)));
    end(buf);
}

void compose_opening(struct buf *buf, const struct head *head, struct slice complaint_id,
                     enum severity severity, struct slice reason, enum sales_channel channel)
{
    begin(buf, head);
    add_text(buf, SLICE("complaint_id"), complaint_id);
    add_text(buf, SLICE("severity"), slice_of(severity_name(severity)));
    add_text(buf, SLICE("reason"), reason);
    add_text(buf, SLICE("sales_channel"), slice_of(sales_channel_name(channel)));
    end(buf);
}

void compose_stage(struct buf *buf, const struct head *head, struct slice complaint_id)
{
    begin(buf, head);
    add_text(buf, SLICE("complaint_id"), complaint_id);
    end(buf);
}

void compose_profile(struct buf *buf, const struct head *head, const struct person *person)
{
    begin(buf, head);
    if (person->birth.month != 0) {
        add_birth_date(buf, person->birth);
    }
    if (person->tells_zone) {
        add_text(buf, SLICE("zone"), slice_of(person->place->zone));
    }
    add_text(buf, SLICE("country"), slice_of(person->place->country));
    add_text(buf, SLICE("region"), slice_of(person->place->region));
    add_text(buf, SLICE("language"), slice_of(person->language));
    add_interests(buf, person->interests);
    end(buf);
}

void compose_consent(struct buf *buf, const struct head *head, const struct consent_given *consent)
{
    begin(buf, head);
    add_text(buf, SLICE("contact_channel"), slice_of(contact_channel_name(consent->channel)));
    add_text(buf, SLICE("purpose"), slice_of(consent_purpose_name(consent->purpose)));
    add_text(buf, SLICE("state"), slice_of(consent_state_name(consent->state)));
    add_text(buf, SLICE("text_version"), SLICE("1"));
    end(buf);
}

void compose_launch(struct buf *buf, const struct head *head, struct slice name, uint32_t interests)
{
    begin(buf, head);
    add_text(buf, SLICE("name"), name);
    add_interests(buf, interests);
    end(buf);
}

void compose_news(struct buf *buf, const struct head *head, int64_t new_minor)
{
    begin(buf, head);
    if (head->type == EVENT_PRODUCT_REPRICED) {
        add_text(buf, SLICE("currency"), SLICE("USD"));
        add_number(buf, SLICE("old_minor"), 1000);
        add_number(buf, SLICE("new_minor"), new_minor);
    } else if (head->type == EVENT_PRODUCT_RECALLED) {
        add_text(buf, SLICE("severity"), SLICE("high"));
        add_text(buf, SLICE("reference"), SLICE("notice-1"));
    }
    end(buf);
}

void compose_subscription(struct buf *buf, const struct head *head, struct slice product_id,
                          enum news_kind kind, bool cancelled)
{
    begin(buf, head);
    add_text(buf, SLICE("product_id"), product_id);
    add_text(buf, SLICE("kind"), slice_of(news_kind_name(kind)));
    add_text(buf, SLICE("state"), cancelled ? SLICE("cancelled") : SLICE("subscribed"));
    end(buf);
}

void compose_pad(struct buf *buf, size_t bytes)
{
    static const char filling[] = "the quick brown fox jumps over the lazy dog and comes back for more, ";
    size_t needed = buf->len + sizeof(",\"note\":\"\"") - 1;
    if (needed > bytes) {
        return;
    }
    buf->len -= 2; /* data's brace and the event's */
    add_name(buf, SLICE("note"));
    buf_char(buf, '"');
    for (size_t left = bytes - needed; left > 0;) {
        size_t part = left < sizeof filling - 1 ? left : sizeof filling - 1;
        buf_add(buf, filling, part);
        left -= part;
    }
    buf_char(buf, '"');
    end(buf);
}

struct slice id_make(struct id_text *id, const char *before, int64_t number, int digits)
{
    size_t len = strlen(before);
    char reversed[20];
    int count = 0;
    for (; number > 0 || count < digits; number /= 10) {
        reversed[count++] = (char)('0' + number % 10);
    }
    assert(len + (size_t)count <= sizeof id->text);
    memcpy(id->text, before, len);
    while (count > 0) {
        id->text[len++] = reversed[--count];
    }
    id->len = len;
    return (struct slice){.data = id->text, .len = len};
}

/* Up to the opening brace of data. */
static void begin(struct buf *buf, const struct head *head)
{
    buf_reset(buf);
    buf_slice(buf, SLICE("{\"specversion\":\"1.0\",\"type\":\""));
    buf_text(buf, event_type_wire(head->type));
    buf_slice(buf, SLICE("\",\"source\":\""));
    buf_slice(buf, head->source);
    buf_slice(buf, SLICE("\",\"id\":\""));
    buf_slice(buf, head->id);
    buf_slice(buf, SLICE("\",\"subject\":\""));
    buf_slice(buf, head->subject);
    buf_slice(buf, SLICE("\",\"time\":\""));
    buf_instant(buf, head->time_ms);
    buf_slice(buf, SLICE("\",\"datacontenttype\":\"application/json\",\"data\":{"));
}

static void end(struct buf *buf)
{
    buf_slice(buf, SLICE("}}"));
}

static void add_name(struct buf *buf, struct slice name)
{
    if (buf->data[buf->len - 1] != '{') {
        buf_char(buf, ',');
    }
    buf_char(buf, '"');
    buf_slice(buf, name);
    buf_slice(buf, SLICE("\":"));
}

static void add_text(struct buf *buf, struct slice name, struct slice text)
{
    add_name(buf, name);
    buf_char(buf, '"');
    buf_slice(buf, text);
    buf_char(buf, '"');
}

static void add_number(struct buf *buf, struct slice name, int64_t number)
{
    add_name(buf, name);
    buf_int(buf, number);
}

static void add_birth_date(struct buf *buf, struct civil_date birth)
{
    add_name(buf, SLICE("birth_date"));
    buf_slice(buf, SLICE("{\"calendar\":\"gregorian\""));
    if (birth.year != 0) {
        add_number(buf, SLICE("year"), birth.year);
    }
    add_number(buf, SLICE("month"), birth.month);
    add_number(buf, SLICE("day"), birth.day);
    buf_char(buf, '}');
}

static void add_interests(struct buf *buf, uint32_t interests)
{
    add_name(buf, SLICE("interests"));
    buf_char(buf, '[');
    bool first = true;
    for (unsigned i = 0; i < GENRE_COUNT; i++) {
        if ((interests >> i & 1) != 0) {
            buf_text(buf, first ? "\"" : ",\"");
            buf_text(buf, genre_name(i));
            buf_char(buf, '"');
            first = false;
        }
    }
    buf_char(buf, ']');
}
