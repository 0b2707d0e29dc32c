/* SPDX-License-Identifier: MIT */
/* loyalctl triggers and decisions: what went out, for people to read along. */
#include "common/cloudevent.h"

#include "common/json.h"
#include "common/mem.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/reason.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"
#include "producers/kafka_reader.h"

#include <signal.h>
#include <stdlib.h>

#define NEWEST_DEFAULT 10
#define NEWEST_MOST    100000
#define NEWEST_REACH   3 /* offsets looked back for each record wanted: many are marks of transactions */
#define READ_WAIT_MS   100
#define COLUMNS_MOST   8

const struct option_about stream_options[] = {
    {"n",              OPTION_TEXT, "NUMBER", "only the newest so many; default: 10"                     },
    {"from-beginning", OPTION_FLAG, NULL,     "all that is there"                                        },
    {"follow",         OPTION_FLAG, NULL,     "go on with what comes, until interrupted"                 },
    {"json",           OPTION_FLAG, NULL,     "the events as they are, one a line"                       },
    {"customer",       OPTION_TEXT, "ID",     "only those of this customer; looks back as far as it must"},
    {NULL,             OPTION_FLAG, NULL,     NULL                                                       },
};

/* A record that was read, kept until it is shown. */
struct kept {
    int64_t time_ms, offset;
    int32_t partition;
    char *value;
    size_t len;
};

struct kept_list {
    struct kept *items;
    size_t count, capacity;
};

struct stream {
    struct ctl *ctl;
    struct kafka_reader *reader;
    const struct column *columns;
    size_t column_count;
    size_t widths[COLUMNS_MOST]; /* so far: what follows stands below what was shown */
    const char *customer;        /* NULL: all */
    void (*add_row)(struct table *table, const struct json *event);
    bool as_json;
};

static volatile sig_atomic_t interrupted;

static int run(struct ctl *ctl, const struct args *args, const char *topic, struct stream *stream);
static enum status show_newest(struct stream *stream, size_t newest);
static enum status read_back(struct stream *stream, const struct log_bounds *bounds, size_t count,
                             size_t reach, struct kept_list *list);
static enum status show_on(struct stream *stream, const struct log_bounds *bounds, size_t count,
                           bool from_beginning, bool follow);
static void show(struct stream *stream, const struct kept *records, size_t count, bool head);
static void add_trigger(struct table *table, const struct json *event);
static void add_decision(struct table *table, const struct json *event);

int show_triggers(struct ctl *ctl, const struct args *args)
{
    static const struct column columns[] = {
        {"TIME",      false},
        {"FOLLOW-UP", false},
        {"CUSTOMER",  false},
        {"FOR",       false},
        {"WAYS",      false},
        {"CONTENT",   false},
        {"OFFER",     false}
    };
    struct stream stream = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .add_row = add_trigger};
    return run(ctl, args, ctl->settings->topics_triggers, &stream);
}

int show_decisions(struct ctl *ctl, const struct args *args)
{
    static const struct column columns[] = {
        {"TIME",      false},
        {"FOLLOW-UP", false},
        {"CUSTOMER",  false},
        {"FOR",       false},
        {"OUTCOME",   false},
        {"REASON",    false},
        {"MEANING",   false}
    };
    struct stream stream = {
        .columns = columns, .column_count = sizeof columns / sizeof *columns, .add_row = add_decision};
    return run(ctl, args, ctl->settings->topics_decisions, &stream);
}

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static int run(struct ctl *ctl, const struct args *args, const char *topic, struct stream *stream)
{
    char why[256] = "";
    int64_t newest = NEWEST_DEFAULT;
    struct log_bounds *bounds = NULL;
    size_t count = 0;
    bool all = args_has(args, "from-beginning"), follow = args_has(args, "follow");
    if (all && args_has(args, "n")) {
        return ctl_wrong("-n and --from-beginning exclude each other");
    }
    if (args_has(args, "n") && !ctl_number(args_text(args, "n"), "-n", 0, NEWEST_MOST, &newest)) {
        return CTL_WRONG_USE;
    }
    stream->ctl = ctl;
    stream->as_json = args_has(args, "json");
    stream->customer = args_text(args, "customer");
    enum status status = kafka_reader_open(ctl->settings, topic, NULL, why, &stream->reader);
    if (status != STATUS_OK) {
        return ctl_fail_kafka(ctl, status, why);
    }
    status = kafka_reader_bounds(stream->reader, CTL_WAIT_MS, &bounds, &count);
    if (status == STATUS_OK && !all) {
        status = show_newest(stream, (size_t)newest);
    }
    if (status == STATUS_OK && (all || follow)) {
        struct sigaction action = {.sa_handler = on_interrupt};
        (void)sigaction(SIGINT, &action, NULL);
        status = show_on(stream, bounds, count, all, follow);
    }
    int result =
        status == STATUS_OK ? CTL_DONE : ctl_fail_kafka(ctl, status, kafka_reader_error(stream->reader));
    kafka_reader_close(stream->reader);
    mem_free(bounds);
    return result;
}

/* ---- reading */

/* What goes out has its customer as key. */
static bool is_wanted(const struct stream *stream, const struct record *record)
{
    return stream->customer == NULL || slice_is(record->key, stream->customer);
}

static void keep(struct kept_list *list, const struct record *record)
{
    MEM_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = (struct kept){.time_ms = record->append_ms,
                                               .offset = record->offset,
                                               .partition = record->partition,
                                               .value = mem_copy(record->value),
                                               .len = record->value.len};
}

static void kept_list_reset(struct kept_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        mem_free(list->items[i].value);
    }
    list->count = 0;
}

static int compare_kept(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    if (x->time_ms != y->time_ms) {
        return x->time_ms < y->time_ms ? -1 : 1;
    }
    if (x->partition != y->partition) {
        return x->partition < y->partition ? -1 : 1;
    }
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Looks further and further back until there are enough, or nothing lies further back. */
static enum status show_newest(struct stream *stream, size_t newest)
{
    struct kept_list list = {0};
    struct log_bounds *bounds = NULL;
    size_t count = 0, reach = NEWEST_REACH * newest + 1;
    enum status status = kafka_reader_bounds(stream->reader, CTL_WAIT_MS, &bounds, &count);
    bool more = newest > 0;
    while (status == STATUS_OK && more) {
        kept_list_reset(&list);
        status = read_back(stream, bounds, count, reach, &list);
        more = false;
        for (size_t i = 0; i < count; i++) {
            more = more || bounds[i].end - bounds[i].start > (int64_t)reach;
        }
        more = more && list.count < newest;
        reach *= 4;
    }
    if (list.count > 0) {
        qsort(list.items, list.count, sizeof *list.items, compare_kept);
    }
    size_t first = list.count > newest ? list.count - newest : 0;
    if (status == STATUS_OK) {
        show(stream, list.items + first, list.count - first, true);
    }
    kept_list_reset(&list);
    mem_free(list.items);
    mem_free(bounds);
    return status;
}

static enum status read_back(struct stream *stream, const struct log_bounds *bounds, size_t count,
                             size_t reach, struct kept_list *list)
{
    int64_t *starts = mem_alloc((count + 1) * sizeof *starts);
    for (size_t i = 0; i < count; i++) {
        int64_t back = bounds[i].end - (int64_t)reach;
        starts[i] = bounds[i].end == bounds[i].start ? -1 : back > bounds[i].start ? back : bounds[i].start;
    }
    enum status status = kafka_reader_start(stream->reader, starts, count);
    while (status == STATUS_OK && !kafka_reader_at_end(stream->reader)) {
        const struct record *record = NULL;
        status = kafka_reader_next(stream->reader, READ_WAIT_MS, &record);
        if (record != NULL && record->offset < bounds[record->partition].end && is_wanted(stream, record)) {
            keep(list, record);
        }
    }
    mem_free(starts);
    return status;
}

/* What comes, as it comes; without follow to the end. An outage while following is waited out. */
static enum status show_on(struct stream *stream, const struct log_bounds *bounds, size_t count,
                           bool from_beginning, bool follow)
{
    struct kept_list list = {0};
    int64_t *starts = mem_alloc((count + 1) * sizeof *starts);
    bool head = from_beginning;
    for (size_t i = 0; i < count; i++) {
        starts[i] = from_beginning ? bounds[i].start : bounds[i].end;
    }
    enum status status = kafka_reader_start(stream->reader, starts, count);
    while (status == STATUS_OK && !interrupted && (follow || !kafka_reader_at_end(stream->reader))) {
        const struct record *record = NULL;
        status = kafka_reader_next(stream->reader, READ_WAIT_MS, &record);
        status = follow && status == STATUS_AWAY ? STATUS_OK : status;
        if (record != NULL && is_wanted(stream, record)) {
            keep(&list, record);
        }
        if (list.count > 0 && (record == NULL || list.count >= 1000)) {
            show(stream, list.items, list.count, head);
            kept_list_reset(&list);
            head = false;
        }
    }
    show(stream, list.items, list.count, head && list.count > 0);
    kept_list_reset(&list);
    mem_free(list.items);
    mem_free(starts);
    return status;
}

/* ---- showing */

static void show(struct stream *stream, const struct kept *records, size_t count, bool head)
{
    struct ctl *ctl = stream->ctl;
    struct arena *arena = arena_create(16384);
    struct column columns[COLUMNS_MOST];
    struct table table;
    memcpy(columns, stream->columns, stream->column_count * sizeof *columns);
    columns[0].title = head ? columns[0].title : NULL;
    table_init(&table, columns, stream->column_count);
    table.least_widths = stream->widths;
    for (size_t i = 0; i < count; i++) {
        struct slice value = {.data = records[i].value, .len = records[i].len};
        const struct json *event = NULL;
        if (stream->as_json) {
            buf_slice(&ctl->out, value);
            buf_char(&ctl->out, '\n');
        } else if (json_parse(value, arena, &event) == JSON_OK) {
            stream->add_row(&table, event);
        }
    }
    if (!stream->as_json && table.cell_count > 0) {
        table_print(&table, ctl->colour, &ctl->out);
    } else if (!stream->as_json && head) {
        buf_text(&ctl->out, "none yet\n");
    }
    ctl_flush(ctl);
    table_done(&table);
    arena_destroy(arena);
}

static void cell_member(struct table *table, const struct json *object, const char *name)
{
    struct slice text = SLICE("-");
    const struct json *member = object != NULL ? json_member(object, name) : NULL;
    (void)(member != NULL && json_string(member, &text));
    table_cell(table, text);
}

static void cell_time(struct table *table, const struct json *event)
{
    struct slice text = {0};
    struct buf time = {0};
    int64_t ms = 0;
    const struct json *member = json_member(event, "time");
    if (member != NULL && json_string(member, &text) && instant_parse(text, &ms)) {
        when_utc(&time, ms);
    }
    table_buf(table, &time);
    buf_done(&time);
}

static void cell_list(struct table *table, const struct json *object, const char *name)
{
    struct buf text = {0};
    const struct json *list = object != NULL ? json_member(object, name) : NULL;
    for (const struct json *each = list != NULL ? json_first(list) : NULL; each != NULL;
         each = json_next(each)) {
        struct slice item = {0};
        if (json_string(each, &item)) {
            buf_printf(&text, "%s%.*s", text.len > 0 ? "," : "", SLICE_ARG(item));
        }
    }
    table_buf(table, &text);
    buf_done(&text);
}

static void add_trigger(struct table *table, const struct json *event)
{
    struct slice type = {0};
    const struct json *data = json_member(event, "data"), *member = json_member(event, "type");
    bool is_withdrawal =
        member != NULL && json_string(member, &type) && !slice_is(type, "loyalty.follow_up.triggered.v1");
    cell_time(table, event);
    cell_member(table, data, "follow_up");
    cell_member(table, data, "customer");
    cell_member(table, data, "occurrence");
    if (is_withdrawal) {
        table_text(table, "withdrawn");
    } else {
        cell_list(table, data, "contact_channels");
    }
    cell_member(table, data, is_withdrawal ? "reason" : "content");
    cell_member(table, data, "offer");
}

static void add_decision(struct table *table, const struct json *event)
{
    const struct json *data = json_member(event, "data");
    cell_time(table, event);
    cell_member(table, data, "follow_up");
    cell_member(table, data, "customer");
    cell_member(table, data, "occurrence");
    cell_member(table, data, "outcome");
    cell_member(table, data, "reason");
    struct slice reason = {0};
    const struct json *member = data != NULL ? json_member(data, "reason") : NULL;
    (void)(member != NULL && json_string(member, &reason));
    table_text(table, reason_sentence(reason));
}
