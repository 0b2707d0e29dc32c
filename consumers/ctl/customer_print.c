/* SPDX-License-Identifier: MIT */
/* A customer for people: sections, each field with what it means. */
#include "common/complaint.h"
#include "common/consent.h"
#include "common/order.h"
#include "common/refund.h"
#include "common/words.h"
#include "common/words.h"
#include "consumers/ctl/customer_view.h"
#include "common/money.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"

#define SECTION_FIELDS_MAX 8
#define INDENT             "  "

/* What is being printed. */
struct page {
    struct ctl *ctl;
    const struct customer_view *view;
    struct table table;
    struct buf cell;
};

struct section {
    const char *title;
    enum customer_field fields[SECTION_FIELDS_MAX];
    size_t field_count;
    enum item_kind items[4]; /* each with its own table */
    size_t item_count;
};

static const struct section sections[] = {
    {"Profile",
     {CUSTOMER_birth, CUSTOMER_birth_changed, CUSTOMER_zone, CUSTOMER_country, CUSTOMER_region,
      CUSTOMER_language, CUSTOMER_contact_channels, CUSTOMER_profile_time},
     8,                                                                                           {ITEM_INTEREST, ITEM_DATE, ITEM_MEMBER},
     3                                                                                                                                               },
    {"Consent",          {0},                                                                  0, {ITEM_CONSENT},                                   1},
    {"Activity",         {CUSTOMER_created, CUSTOMER_events, CUSTOMER_visits, CUSTOMER_hours}, 4, {ITEM_CHANNEL},                                   1},
    {"Orders",
     {CUSTOMER_orders, CUSTOMER_first_purchase, CUSTOMER_last_purchase, CUSTOMER_older_first,
      CUSTOMER_older_last},
     5,                                                                                           {ITEM_NET, ITEM_ORDER, ITEM_REFUND},
     3                                                                                                                                               },
    {"Categories",       {0},                                                                  0, {ITEM_CATEGORY},                                  1},
    {"Complaints",       {0},                                                                  0, {ITEM_COMPLAINT},                                 1},
    {"Products",         {0},                                                                  0, {ITEM_WAITS, ITEM_BOUGHT},                        2},
    {"What is due",      {0},                                                                  0, {ITEM_TIMER, ITEM_HELD},                          2},
    {"What was decided", {0},                                                                  0, {ITEM_LAST, ITEM_LAUNCH, ITEM_SENT, ITEM_ANSWER}, 4},
};

typedef void item_printer(struct page *page, struct slice key, struct slice value);
static item_printer print_net, print_channel, print_order, print_refund, print_category, print_complaint,
    print_consent, print_interest, print_member, print_bought, print_timer, print_held, print_sent,
    print_answer, print_last, print_news;

/* How each kind of item becomes a row. */
static const struct {
    struct column columns[7];
    size_t column_count;
    item_printer *print;
} kinds[ITEM_KIND_COUNT] = {
    [ITEM_NET] = {{{"NET SPEND", true}},                                                                          1, print_net      },
    [ITEM_CHANNEL] = {{{"SALES CHANNEL", false}, {"PURCHASES", true}, {"VISITS", true}, {"COMPLAINTS", true}},
                  4,                                                                                                 print_channel  },
    [ITEM_ORDER] = {{{"ORDER", false},
                     {"STATE", false},
                     {"WHEN", false},
                     {"NET", true},
                     {"REFUNDED", true},
                     {"CATEGORIES", false},
                     {"WITHDRAWABLE", false}},
                  7,                                                                                                 print_order    },
    [ITEM_REFUND] = {{{"REFUND", false}, {"WHEN", false}, {"AMOUNT", true}, {"ORDER", false}},
                  4,                                                                                                 print_refund   },
    [ITEM_CATEGORY] = {{{"CATEGORY", false}, {"ORDERS", true}},                                                        2, print_category },
    [ITEM_COMPLAINT] = {{{"COMPLAINT", false},
                         {"STATE", false},
                         {"SEVERITY", false},
                         {"OPENED", false},
                         {"CLOCK", true},
                         {"REASON", false}},
                  6,                                                                                                 print_complaint},
    [ITEM_CONSENT] = {{{"CONTACT CHANNEL", false},
                       {"PURPOSE", false},
                       {"STATE", false},
                       {"SINCE", false},
                       {"SOURCE", false},
                       {"TEXT", false}},
                  6,                                                                                                 print_consent  },
    [ITEM_INTEREST] = {{{"INTEREST", false}},                                                                          1, print_interest },
    [ITEM_WAITS] = {{{"WAITS FOR", false}, {"PRODUCT", false}, {"SINCE", false}},                                   3, print_news     },
    [ITEM_BOUGHT] = {{{"BOUGHT", false}, {"WHEN", false}},                                                           2, print_bought   },
    [ITEM_TIMER] = {{{"FOLLOW-UP", false}, {"FOR", false}, {"DUE", false}, {NULL, false}},                          4, print_timer    },
    [ITEM_HELD] = {{{"HELD OR PLANNED", false}, {"FOR", false}, {"FIRST DUE", false}},                             3, print_held     },
    [ITEM_SENT] =
        {{{"SENT", false}, {"FOLLOW-UP", false}, {"CLASS", false}, {"CHANNEL", false}, {"MODE", false}},
                  5,                                                                                                 print_sent     },
    [ITEM_DATE] = {{{"SPECIAL DATE", false}, {"DAY", false}},                                                      2, print_last     },
    [ITEM_MEMBER] = {{{"HOUSEHOLD", false}, {"RELATION", false}, {"BIRTH", false}, {"NAME", false}},
                  4,                                                                                                 print_member   },
    [ITEM_ANSWER] = {{{"ANSWERED", false}, {"FOR", false}, {"ANSWER", false}, {"WHEN", false}},
                  4,                                                                                                 print_answer   },
    [ITEM_LAST] = {{{"FOLLOW-UP", false}, {"LAST DECIDED FOR", false}},                                            2, print_last     },
    [ITEM_LAUNCH] = {{{"NEWS TOLD BY", false}, {"PRODUCT", false}, {"TIME", false}},                                 3, print_news     },
};

static void print_freeze(struct page *page);
static void print_section(struct page *page, const struct section *section);
static void print_fields(struct page *page, const struct section *section);
static void print_items(struct page *page, enum item_kind kind, bool is_first);
static bool has_field(const struct customer *customer, enum customer_field field);
static void cell_time(struct page *page, int64_t ms);
static void cell_money(struct page *page, int64_t minor, struct slice currency);

void customer_view_print(struct ctl *ctl, const struct customer_view *view)
{
    struct page page = {.ctl = ctl, .view = view};
    struct slice zone = view->zone;
    ctl_styled(ctl, STYLE_BOLD, "Customer ");
    text_plain(&ctl->out, view->id);
    buf_printf(&ctl->out, ", home %d, as of offset %lld; local time is that of %.*s\n", (int)view->home,
               (long long)view->position, SLICE_ARG(zone));
    print_freeze(&page);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        print_section(&page, &sections[i]);
    }
    buf_done(&page.cell);
}

/* Why nothing that sells goes out, said before all else: it is what one comes to ask. */
static void print_freeze(struct page *page)
{
    struct ctl *ctl = page->ctl;
    const char *gap = "Frozen: no ";
    struct view_freeze freeze = customer_view_freeze(page->view, ctl->arena);
    if (freeze.count == 0) {
        return;
    }
    for (enum message_class message_class = 0; message_class < CLASS_COUNT; message_class++) {
        if (customer_view_freezes(page->view, message_class)) {
            ctl_styled(ctl, STYLE_BAD, gap);
            ctl_styled(ctl, STYLE_BAD, message_class_name(message_class));
            gap = ", no ";
        }
    }
    buf_text(&ctl->out, " until ");
    when_utc(&ctl->out, freeze.until_ms);
    buf_text(&ctl->out, " (");
    when_relative(&ctl->out, freeze.until_ms, page->view->now_ms);
    buf_text(&ctl->out, freeze.count == 1 ? "), sooner if the complaint " : "), sooner if the complaints ");
    for (size_t i = 0; i < freeze.count; i++) {
        buf_text(&ctl->out, i > 0 ? ", " : "");
        text_plain(&ctl->out, freeze.complaints[i]);
    }
    buf_text(&ctl->out, freeze.count == 1 ? " is resolved\n" : " are resolved\n");
}

static void print_section(struct page *page, const struct section *section)
{
    const struct customer *customer = page->view->customer;
    bool any = false;
    for (size_t i = 0; i < section->field_count; i++) {
        any = any || has_field(customer, section->fields[i]);
    }
    for (size_t i = 0; i < section->item_count; i++) {
        any = any || customer_item_count(customer, section->items[i]) > 0;
    }
    if (!any) {
        return;
    }
    buf_char(&page->ctl->out, '\n');
    ctl_styled(page->ctl, STYLE_BOLD, section->title);
    buf_char(&page->ctl->out, '\n');
    size_t before = page->ctl->out.len;
    print_fields(page, section);
    for (size_t i = 0; i < section->item_count; i++) {
        bool is_first = page->ctl->out.len == before;
        print_items(page, section->items[i], is_first);
    }
}

static void print_fields(struct page *page, const struct section *section)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false},
        {NULL, false}
    };
    const struct customer *customer = page->view->customer;
    table_init(&page->table, columns, 3);
    page->table.indent = INDENT;
    for (size_t i = 0; i < section->field_count; i++) {
        enum customer_field field = section->fields[i];
        const struct customer_field_about *about = &customer_field_table[field];
        if (!has_field(customer, field)) {
            continue;
        }
        table_text(&page->table, about->name);
        if (about->type == FIELD_TEXT) {
            table_cell(&page->table, customer_text(customer, field));
        } else if (about->type == FIELD_TIME_MS) {
            cell_time(page, customer_int(customer, field));
        } else {
            table_int(&page->table, customer_int(customer, field));
        }
        table_text(&page->table, about->meaning);
    }
    table_print(&page->table, false, &page->ctl->out);
    table_done(&page->table);
}

static void print_items(struct page *page, enum item_kind kind, bool is_first)
{
    size_t count = 0;
    struct view_item *items = customer_view_items(page->view, kind, page->ctl->arena, &count);
    if (count == 0) {
        return;
    }
    buf_text(&page->ctl->out, is_first ? "" : "\n");
    struct column columns[7];
    memcpy(columns, kinds[kind].columns, sizeof columns);
    for (size_t i = 0; i < kinds[kind].column_count; i++) {
        columns[i].title = columns[i].title != NULL ? columns[i].title : "";
    }
    table_init(&page->table, columns, kinds[kind].column_count);
    page->table.indent = INDENT;
    for (size_t i = 0; i < count; i++) {
        kinds[kind].print(page, items[i].key, items[i].value);
    }
    table_print(&page->table, page->ctl->colour, &page->ctl->out);
    table_done(&page->table);
}

static void print_net(struct page *page, struct slice key, struct slice value)
{
    int64_t minor = 0;
    (void)!parse_int(value, &minor);
    cell_money(page, minor, key);
}

static void print_channel(struct page *page, struct slice key, struct slice value)
{
    struct word_cursor cursor = {.rest = value};
    table_cell(&page->table, key);
    for (int i = 0; i < 3; i++) {
        table_int(&page->table, word_next_int(&cursor));
    }
}

static void print_order(struct page *page, struct slice key, struct slice value)
{
    struct order order = {0};
    struct slice category = {0};
    const char *gap = "";
    (void)!order_read(value, &order);
    struct slice currency = slice_of(order.currency);
    table_cell(&page->table, key);
    table_text(&page->table, customer_view_order_state(&order));
    cell_time(page, 1000 * order.time_s);
    if (order.completed) {
        cell_money(page, order.net_minor, currency);
    } else {
        table_text(&page->table, "");
    }
    if (order.refunded_whole || order.refunded_minor == 0) {
        table_text(&page->table, order.refunded_whole ? "all" : "");
    } else {
        cell_money(page, order.refunded_minor, currency);
    }
    for (int i = 0; i < ORDER_CATEGORIES_MAX; i++) {
        char letter = (char)('a' + i);
        struct slice name = {.data = &letter, .len = 1};
        if ((order.categories >> i & 1) != 0 &&
            customer_item(page->view->customer, ITEM_CATEGORY, name, &category)) {
            struct word_cursor cursor = {.rest = category};
            struct slice word = word_next(&cursor);
            buf_printf(&page->cell, "%s%.*s", gap, SLICE_ARG(word));
            gap = ", ";
        }
    }
    table_buf(&page->table, &page->cell);
    bool marked = order.marks.len > 1;
    table_cell(&page->table,
               marked ? (struct slice){.data = order.marks.data + 1, .len = order.marks.len - 1} : SLICE(""));
}

static void print_refund(struct page *page, struct slice key, struct slice value)
{
    struct kept_refund refund = {0};
    (void)!refund_text_read(value, &refund);
    table_cell(&page->table, key);
    cell_time(page, 1000 * refund.time_s);
    if (refund.has_amount) {
        cell_money(page, refund.net_minor, slice_of(refund.currency));
    } else {
        table_text(&page->table, "all");
    }
    table_cell(&page->table, refund.order_id.data != NULL ? refund.order_id : SLICE("without a receipt"));
}

static void print_category(struct page *page, struct slice key, struct slice value)
{
    (void)key; /* the letter by which orders name it */
    struct word_cursor cursor = {.rest = value};
    table_cell(&page->table, word_next(&cursor));
    table_int(&page->table, word_next_int(&cursor));
}

static void print_complaint(struct page *page, struct slice key, struct slice value)
{
    struct complaint complaint = {0};
    (void)!complaint_read(value, &complaint);
    table_cell(&page->table, key);
    table_text(&page->table, complaint_state_name(complaint.state));
    table_text(&page->table, severity_name(complaint.severity));
    cell_time(page, 1000 * complaint.opened_s);
    bool runs = complaint.since_ms > 0;
    when_duration(&page->cell, complaint.spent_ms + (runs ? page->view->now_ms - complaint.since_ms : 0));
    buf_text(&page->cell, runs ? ", runs" : ", stands");
    table_buf(&page->table, &page->cell);
    table_cell(&page->table, complaint.reason);
}

static void print_consent(struct page *page, struct slice key, struct slice value)
{
    struct slice channel, purpose;
    enum contact_channel which = CONTACT_email;
    enum consent_purpose what = PURPOSE_MARKETING;
    struct consent consent = {.state = CONSENT_UNKNOWN};
    (void)value;
    customer_view_split(key, &channel, &purpose);
    if (contact_channel_parse(channel, &which) && consent_purpose_parse(purpose, &what)) {
        consent = consent_get(page->view->customer, which, what);
    }
    table_cell(&page->table, channel);
    table_cell(&page->table, purpose);
    table_text(&page->table, consent.once ? "granted once" : consent_state_name(consent.state));
    cell_time(page, consent.time_ms);
    table_cell(&page->table, consent.source);
    table_cell(&page->table, consent.text_version);
}

static void print_interest(struct page *page, struct slice key, struct slice value)
{
    (void)value;
    table_cell(&page->table, key);
}

static void print_bought(struct page *page, struct slice key, struct slice value)
{
    int64_t time_ms = 0;
    (void)!parse_int(value, &time_ms);
    table_cell(&page->table, key);
    cell_time(page, time_ms);
}

static void print_timer(struct page *page, struct slice key, struct slice value)
{
    struct slice follow_up, occurrence;
    int64_t due_ms = 0;
    (void)!parse_int(value, &due_ms);
    customer_view_split(key, &follow_up, &occurrence);
    bool is_yearly = occurrence.data == NULL;
    table_cell(&page->table, follow_up);
    table_cell(&page->table, is_yearly ? SLICE("(plans the greetings)") : occurrence);
    when_local(&page->cell, due_ms, page->view->zone);
    table_buf(&page->table, &page->cell);
    when_relative(&page->cell, due_ms, page->view->now_ms);
    table_buf(&page->table, &page->cell);
}

static void print_held(struct page *page, struct slice key, struct slice value)
{
    struct slice follow_up, occurrence;
    struct word_cursor cursor = {.rest = value};
    customer_view_split(key, &follow_up, &occurrence);
    table_cell(&page->table, follow_up);
    table_cell(&page->table, occurrence);
    cell_time(page, word_next_int(&cursor));
}

static void print_sent(struct page *page, struct slice key, struct slice value)
{
    struct slice time, number;
    struct word_cursor cursor = {.rest = value};
    int64_t time_ms = 0;
    customer_view_split(key, &time, &number);
    (void)!parse_int(time, &time_ms);
    cell_time(page, time_ms);
    for (int i = 0; i < 4; i++) {
        table_cell(&page->table, word_next(&cursor));
    }
}

static void print_member(struct page *page, struct slice key, struct slice value)
{
    struct word_cursor cursor = {.rest = value};
    table_cell(&page->table, key);
    table_cell(&page->table, word_next(&cursor));
    table_cell(&page->table, word_next(&cursor));
    table_cell(&page->table, word_is_there(&cursor) ? cursor.rest : SLICE(""));
}

static void print_answer(struct page *page, struct slice key, struct slice value)
{
    struct slice follow_up, occurrence;
    struct word_cursor cursor = {.rest = value};
    customer_view_split(key, &follow_up, &occurrence);
    table_cell(&page->table, follow_up);
    table_cell(&page->table, occurrence);
    table_cell(&page->table, word_next(&cursor));
    cell_time(page, word_next_int(&cursor));
}

static void print_last(struct page *page, struct slice key, struct slice value)
{
    table_cell(&page->table, key);
    table_cell(&page->table, value);
}

static void print_news(struct page *page, struct slice key, struct slice value)
{
    struct slice follow_up, product;
    int64_t time_ms = 0;
    (void)!parse_int(value, &time_ms);
    customer_view_split(key, &follow_up, &product);
    table_cell(&page->table, follow_up);
    table_cell(&page->table, product);
    cell_time(page, time_ms);
}

static bool has_field(const struct customer *customer, enum customer_field field)
{
    return customer_field_table[field].type == FIELD_TEXT ? customer_text(customer, field).len > 0
                                                          : customer_int(customer, field) != 0;
}

static void cell_time(struct page *page, int64_t ms)
{
    when_utc(&page->cell, ms);
    table_buf(&page->table, &page->cell);
}

static void cell_money(struct page *page, int64_t minor, struct slice currency)
{
    money_text(&page->cell, minor, currency);
    table_buf(&page->table, &page->cell);
}
