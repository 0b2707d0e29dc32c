/* SPDX-License-Identifier: MIT */
/* A customer for programs. */
#include "common/complaint.h"
#include "common/consent.h"
#include "common/household.h"
#include "common/order.h"
#include "common/refund.h"
#include "common/words.h"
#include "consumers/ctl/customer_view.h"
#include "consumers/ctl/json_out.h"

typedef void item_writer(const struct customer_view *view, struct slice key, struct slice value,
                         struct buf *out);
static item_writer write_net, write_channel, write_order, write_refund, write_category, write_complaint,
    write_consent, write_interest, write_date, write_member, write_waits, write_bought, write_timer,
    write_held, write_sent, write_answer, write_last, write_launch;

static void write_freeze(const struct customer_view *view, struct arena *arena, struct buf *out);

/* One member of the object for each kind of item: a list. */
static const struct {
    const char *name;
    item_writer *write;
} kinds[ITEM_KIND_COUNT] = {
    [ITEM_NET] = {"net",            write_net      },
    [ITEM_CHANNEL] = {"sales_channels", write_channel  },
    [ITEM_ORDER] = {"orders",         write_order    },
    [ITEM_REFUND] = {"refunds",        write_refund   },
    [ITEM_CATEGORY] = {"categories",     write_category },
    [ITEM_COMPLAINT] = {"complaints",     write_complaint},
    [ITEM_CONSENT] = {"consents",       write_consent  },
    [ITEM_INTEREST] = {"interests",      write_interest },
    [ITEM_DATE] = {"special_dates",  write_date     },
    [ITEM_MEMBER] = {"household",      write_member   },
    [ITEM_WAITS] = {"subscriptions",  write_waits    },
    [ITEM_BOUGHT] = {"products",       write_bought   },
    [ITEM_TIMER] = {"timers",         write_timer    },
    [ITEM_HELD] = {"held",           write_held     },
    [ITEM_SENT] = {"sent",           write_sent     },
    [ITEM_ANSWER] = {"answers",        write_answer   },
    [ITEM_LAST] = {"last_decided",   write_last     },
    [ITEM_LAUNCH] = {"launch_alerts",  write_launch   },
};

void customer_view_json(const struct customer_view *view, struct buf *out)
{
    struct arena *arena = arena_create(4096);
    json_text(out, "customer", view->id);
    json_number(out, "home", view->home);
    json_number(out, "position", view->position);
    json_flag(out, "erased", view->erased);
    json_text(out, "local_zone", view->zone);
    write_freeze(view, arena, out);
    json_open(out, "fields", '{');
    for (enum customer_field field = 0; field < CUSTOMER_FIELD_COUNT; field++) {
        const struct customer_field_about *about = &customer_field_table[field];
        if (about->type == FIELD_TEXT && customer_text(view->customer, field).len > 0) {
            json_text(out, about->name, customer_text(view->customer, field));
        } else if (about->type == FIELD_TIME_MS && customer_int(view->customer, field) != 0) {
            json_time(out, about->name, customer_int(view->customer, field));
        } else if (about->type == FIELD_COUNT) {
            json_number(out, about->name, customer_int(view->customer, field));
        }
    }
    json_close(out, '}');
    for (enum item_kind kind = 0; kind < ITEM_KIND_COUNT; kind++) {
        size_t count = 0;
        struct view_item *items = customer_view_items(view, kind, arena, &count);
        json_open(out, kinds[kind].name, '[');
        for (size_t i = 0; i < count; i++) {
            kinds[kind].write(view, items[i].key, items[i].value, out);
        }
        json_close(out, ']');
    }
    arena_destroy(arena);
}

/* Null when nothing is withheld. */
static void write_freeze(const struct customer_view *view, struct arena *arena, struct buf *out)
{
    struct view_freeze freeze = customer_view_freeze(view, arena);
    if (freeze.count == 0) {
        json_null(out, "frozen");
        return;
    }
    json_open(out, "frozen", '{');
    json_open(out, "classes", '[');
    for (enum message_class message_class = 0; message_class < CLASS_COUNT; message_class++) {
        if (customer_view_freezes(view, message_class)) {
            json_text(out, NULL, slice_of(message_class_name(message_class)));
        }
    }
    json_close(out, ']');
    json_time(out, "until", freeze.until_ms);
    json_open(out, "complaints", '[');
    for (size_t i = 0; i < freeze.count; i++) {
        json_text(out, NULL, freeze.complaints[i]);
    }
    json_close(out, ']');
    json_close(out, '}');
}

static int64_t number_of(struct slice value)
{
    int64_t number = 0;
    (void)!parse_int(value, &number);
    return number;
}

static void write_net(const struct customer_view *view, struct slice key, struct slice value, struct buf *out)
{
    (void)view;
    json_open(out, NULL, '{');
    json_text(out, "currency", key);
    json_number(out, "minor", number_of(value));
    json_close(out, '}');
}

static void write_channel(const struct customer_view *view, struct slice key, struct slice value,
                          struct buf *out)
{
    (void)view;
    struct word_cursor cursor = {.rest = value};
    json_open(out, NULL, '{');
    json_text(out, "sales_channel", key);
    json_number(out, "purchases", word_next_int(&cursor));
    json_number(out, "visits", word_next_int(&cursor));
    json_number(out, "complaints", word_next_int(&cursor));
    json_close(out, '}');
}

static void write_order_categories(const struct customer_view *view, uint32_t categories, struct buf *out)
{
    struct slice value = {0};
    json_open(out, "categories", '[');
    for (int i = 0; i < ORDER_CATEGORIES_MAX; i++) {
        char letter = (char)('a' + i);
        struct slice key = {.data = &letter, .len = 1};
        if ((categories >> i & 1) != 0 && customer_item(view->customer, ITEM_CATEGORY, key, &value)) {
            struct word_cursor cursor = {.rest = value};
            json_text(out, NULL, word_next(&cursor));
        }
    }
    json_close(out, ']');
}

static void write_order(const struct customer_view *view, struct slice key, struct slice value,
                        struct buf *out)
{
    struct order order = {0};
    (void)!order_read(value, &order);
    json_open(out, NULL, '{');
    json_text(out, "order_id", key);
    json_text(out, "state", slice_of(customer_view_order_state(&order)));
    json_time(out, "time", 1000 * order.time_s);
    if (order.completed) {
        json_number(out, "net_minor", order.net_minor);
    }
    if (order.currency[0] != '\0') {
        json_text(out, "currency", slice_of(order.currency));
    }
    json_number(out, "refunded_minor", order.refunded_whole ? order.net_minor : order.refunded_minor);
    write_order_categories(view, order.categories, out);
    if (order.marks.len > 0) {
        json_text(out, "can_be_withdrawn", order.marks);
    }
    json_close(out, '}');
}

static void write_refund(const struct customer_view *view, struct slice key, struct slice value,
                         struct buf *out)
{
    (void)view;
    struct kept_refund refund = {0};
    (void)!refund_text_read(value, &refund);
    json_open(out, NULL, '{');
    json_text(out, "refund_id", key);
    json_time(out, "time", 1000 * refund.time_s);
    if (refund.has_amount) {
        json_number(out, "net_minor", refund.net_minor);
    }
    if (refund.currency[0] != '\0') {
        json_text(out, "currency", slice_of(refund.currency));
    }
    if (refund.order_id.data != NULL) {
        json_text(out, "order_id", refund.order_id);
    }
    json_close(out, '}');
}

static void write_category(const struct customer_view *view, struct slice key, struct slice value,
                           struct buf *out)
{
    (void)view;
    (void)key;
    struct word_cursor cursor = {.rest = value};
    json_open(out, NULL, '{');
    json_text(out, "category", word_next(&cursor));
    json_number(out, "orders", word_next_int(&cursor));
    json_close(out, '}');
}

static void write_complaint(const struct customer_view *view, struct slice key, struct slice value,
                            struct buf *out)
{
    (void)view;
    struct complaint complaint = {0};
    (void)!complaint_read(value, &complaint);
    json_open(out, NULL, '{');
    json_text(out, "complaint_id", key);
    json_text(out, "state", slice_of(complaint_state_name(complaint.state)));
    json_text(out, "severity", slice_of(severity_name(complaint.severity)));
    json_time(out, "opened", 1000 * complaint.opened_s);
    json_time(out, "newest", complaint.newest_ms);
    json_number(out, "spent_ms", complaint.spent_ms);
    json_time(out, "running_since", complaint.since_ms);
    json_text(out, "reason", complaint.reason);
    json_close(out, '}');
}

static void write_consent(const struct customer_view *view, struct slice key, struct slice value,
                          struct buf *out)
{
    struct slice channel, purpose;
    enum contact_channel which = CONTACT_email;
    enum consent_purpose what = PURPOSE_MARKETING;
    struct consent consent = {.state = CONSENT_UNKNOWN};
    (void)value;
    customer_view_split(key, &channel, &purpose);
    if (contact_channel_parse(channel, &which) && consent_purpose_parse(purpose, &what)) {
        consent = consent_get(view->customer, which, what);
    }
    json_open(out, NULL, '{');
    json_text(out, "contact_channel", channel);
    json_text(out, "purpose", purpose);
    json_text(out, "state", slice_of(consent_state_name(consent.state)));
    json_time(out, "time", consent.time_ms);
    if (consent.source.len > 0) {
        json_text(out, "source", consent.source);
    }
    if (consent.text_version.len > 0) {
        json_text(out, "text_version", consent.text_version);
    }
    if (consent.once) {
        json_flag(out, "once", true);
    }
    json_close(out, '}');
}

static void write_interest(const struct customer_view *view, struct slice key, struct slice value,
                           struct buf *out)
{
    (void)view;
    (void)value;
    json_text(out, NULL, key);
}

static void write_waits(const struct customer_view *view, struct slice key, struct slice value,
                        struct buf *out)
{
    (void)view;
    struct slice kind, product;
    customer_view_split(key, &kind, &product);
    json_open(out, NULL, '{');
    json_text(out, "kind", kind);
    json_text(out, "product", product);
    json_time(out, "since", number_of(value));
    json_close(out, '}');
}

static void write_bought(const struct customer_view *view, struct slice key, struct slice value,
                         struct buf *out)
{
    (void)view;
    json_open(out, NULL, '{');
    json_text(out, "product", key);
    json_time(out, "time", number_of(value));
    json_close(out, '}');
}

static void write_timer(const struct customer_view *view, struct slice key, struct slice value,
                        struct buf *out)
{
    (void)view;
    struct slice follow_up, occurrence;
    customer_view_split(key, &follow_up, &occurrence);
    json_open(out, NULL, '{');
    json_text(out, "follow_up", follow_up);
    if (occurrence.data != NULL) {
        json_text(out, "occurrence", occurrence);
    }
    json_time(out, "due", number_of(value));
    json_close(out, '}');
}

static void write_held(const struct customer_view *view, struct slice key, struct slice value,
                       struct buf *out)
{
    (void)view;
    struct slice follow_up, occurrence;
    struct word_cursor cursor = {.rest = value};
    customer_view_split(key, &follow_up, &occurrence);
    json_open(out, NULL, '{');
    json_text(out, "follow_up", follow_up);
    json_text(out, "occurrence", occurrence);
    json_time(out, "first_due", word_next_int(&cursor));
    json_close(out, '}');
}

static void write_sent(const struct customer_view *view, struct slice key, struct slice value,
                       struct buf *out)
{
    (void)view;
    struct slice time, number;
    struct word_cursor cursor = {.rest = value};
    customer_view_split(key, &time, &number);
    json_open(out, NULL, '{');
    json_time(out, "time", number_of(time));
    json_text(out, "follow_up", word_next(&cursor));
    json_text(out, "class", word_next(&cursor));
    json_text(out, "contact_channel", word_next(&cursor));
    json_text(out, "mode", word_next(&cursor));
    json_close(out, '}');
}

static void write_date(const struct customer_view *view, struct slice key, struct slice value,
                       struct buf *out)
{
    (void)view;
    json_open(out, NULL, '{');
    json_text(out, "name", key);
    json_text(out, "date", value);
    json_close(out, '}');
}

static void write_member(const struct customer_view *view, struct slice key, struct slice value,
                         struct buf *out)
{
    (void)view;
    struct word_cursor cursor = {.rest = value};
    json_open(out, NULL, '{');
    json_text(out, "member", key);
    json_text(out, "relation", word_next(&cursor));
    json_text(out, "birth", word_next(&cursor));
    if (word_is_there(&cursor)) {
        json_text(out, "name", cursor.rest);
    }
    json_close(out, '}');
}

static void write_answer(const struct customer_view *view, struct slice key, struct slice value,
                         struct buf *out)
{
    (void)view;
    struct slice follow_up, occurrence;
    struct word_cursor cursor = {.rest = value};
    customer_view_split(key, &follow_up, &occurrence);
    json_open(out, NULL, '{');
    json_text(out, "follow_up", follow_up);
    json_text(out, "occurrence", occurrence);
    json_text(out, "answer", word_next(&cursor));
    json_time(out, "time", word_next_int(&cursor));
    json_close(out, '}');
}

static void write_last(const struct customer_view *view, struct slice key, struct slice value,
                       struct buf *out)
{
    (void)view;
    json_open(out, NULL, '{');
    json_text(out, "follow_up", key);
    json_text(out, "occurrence", value);
    json_close(out, '}');
}

static void write_launch(const struct customer_view *view, struct slice key, struct slice value,
                         struct buf *out)
{
    (void)view;
    struct slice follow_up, product;
    customer_view_split(key, &follow_up, &product);
    json_open(out, NULL, '{');
    json_text(out, "follow_up", follow_up);
    json_text(out, "product", product);
    json_time(out, "time", number_of(value));
    json_close(out, '}');
}
