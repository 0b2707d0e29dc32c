/* SPDX-License-Identifier: MIT */
/* loyalctl dead-letters: what could not be taken, and why. */
#include "consumers/ctl/dead_letters.h"

#include "common/mem.h"
#include "common/reject.h"
#include "common/utf8.h"
#include "config/yaml.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/json_out.h"
#include "consumers/ctl/letter.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"
#include "producers/kafka_reader.h"

#include <stdlib.h>

#define READ_WAIT_MS 100
#define BEGIN_CHARS  60 /* of a body, for people */

const struct option_about dead_letters_options[] = {
    {"each",   OPTION_FLAG, NULL,    "a line for each, instead of the sums by reason"               },
    {"json",   OPTION_FLAG, NULL,    "each, for programs, one a line"                               },
    {"reason", OPTION_TEXT, "NAME",  "only those"                                                   },
    {"retry",  OPTION_FLAG, NULL,    "send them again, each once, to the topic where they came from"},
    {"to",     OPTION_TEXT, "TOPIC", "send them here instead"                                       },
    {NULL,     OPTION_FLAG, NULL,    NULL                                                           },
};

/* Those of one reason. */
struct sum {
    char *reason, *sentence;
    int64_t count, newest_ms;
};

/* What is gathered while the topic is read. */
struct reading {
    struct ctl *ctl;
    const char *reason; /* NULL: all */
    bool each, as_json;
    struct table table;
    struct sum *sums;
    size_t sum_count, sum_capacity;
};

static int no_reason(const char *name);
static int read_letters(struct reading *reading);
static void take(struct reading *reading, const struct record *record);
static void add_sum(struct reading *reading, const struct letter *letter);
static void add_row(struct reading *reading, const struct record *record, const struct letter *letter);
static void write_json(struct buf *out, const struct record *record, const struct letter *letter);
static void print_sums(struct reading *reading);

int dead_letters(struct ctl *ctl, const struct args *args)
{
    static const struct column columns[] = {
        {"TIME",   false},
        {"REASON", false},
        {"FROM",   false},
        {"KEY",    false},
        {"BODY",   false}
    };
    struct reading reading = {.ctl = ctl,
                              .reason = args_text(args, "reason"),
                              .each = args_has(args, "each"),
                              .as_json = args_has(args, "json")};
    if (reading.reason != NULL && !reject_is_known(slice_of(reading.reason))) {
        return no_reason(reading.reason);
    }
    if (args_has(args, "retry")) {
        return dead_letters_retry(ctl, reading.reason, args_text(args, "to"));
    }
    if (args_has(args, "to")) {
        return ctl_wrong("--to belongs to --retry");
    }
    table_init(&reading.table, columns, sizeof columns / sizeof *columns);
    int result = read_letters(&reading);
    if (result == CTL_DONE && !reading.as_json) {
        if (reading.sum_count == 0) {
            buf_text(&ctl->out, "none\n");
        } else if (reading.each) {
            table_print(&reading.table, ctl->colour, &ctl->out);
        } else {
            print_sums(&reading);
        }
    }
    for (size_t i = 0; i < reading.sum_count; i++) {
        mem_free(reading.sums[i].reason);
        mem_free(reading.sums[i].sentence);
    }
    mem_free(reading.sums);
    table_done(&reading.table);
    return result;
}

/* The nearest, or all of them. */
static int no_reason(const char *name)
{
    const char *names[REJECT_COUNT];
    size_t count = 0;
    struct buf list = {0};
    for (enum reject reject = REJECT_NONE + 1; reject < REJECT_COUNT; reject++) {
        names[count++] = reject_name(reject);
        buf_printf(&list, "%s%s", count > 1 ? ", " : "", reject_name(reject));
    }
    const char *nearest = yaml_nearest(names, count, slice_of(name));
    int result =
        nearest != NULL
            ? ctl_wrong("no event is refused for \"%s\"; did you mean %s?", name, nearest)
            : ctl_wrong("no event is refused for \"%s\"; there are %.*s", name, SLICE_ARG(buf_view(&list)));
    buf_done(&list);
    return result;
}

/* The whole topic, up to where it ends now. */
static int read_letters(struct reading *reading)
{
    struct ctl *ctl = reading->ctl;
    char why[256] = "";
    struct kafka_reader *reader = NULL;
    struct log_bounds *bounds = NULL;
    size_t count = 0;
    enum status status =
        kafka_reader_open(ctl->settings, ctl->settings->topics_dead_letters, NULL, why, &reader);
    if (status != STATUS_OK) {
        return ctl_fail_kafka(ctl, status, why);
    }
    status = kafka_reader_bounds(reader, CTL_WAIT_MS, &bounds, &count);
    int64_t *starts = mem_alloc((count + 1) * sizeof *starts);
    for (size_t i = 0; i < count; i++) {
        starts[i] = bounds[i].start < bounds[i].end ? bounds[i].start : -1;
    }
    if (status == STATUS_OK) {
        status = kafka_reader_start(reader, starts, count);
    }
    while (status == STATUS_OK && !kafka_reader_at_end(reader)) {
        const struct record *record = NULL;
        status = kafka_reader_next(reader, READ_WAIT_MS, &record);
        if (record != NULL) {
            take(reading, record);
        }
    }
    int result = status == STATUS_OK ? CTL_DONE : ctl_fail_kafka(ctl, status, kafka_reader_error(reader));
    mem_free(starts);
    mem_free(bounds);
    kafka_reader_close(reader);
    return result;
}

static void take(struct reading *reading, const struct record *record)
{
    struct letter letter = letter_read(record);
    if (reading->reason != NULL && !slice_is(letter.reason, reading->reason)) {
        return;
    }
    add_sum(reading, &letter);
    if (reading->as_json) {
        write_json(&reading->ctl->out, record, &letter);
        ctl_flush(reading->ctl);
    } else if (reading->each) {
        add_row(reading, record, &letter);
    }
}

static void add_sum(struct reading *reading, const struct letter *letter)
{
    size_t i = 0;
    while (i < reading->sum_count && !slice_is(letter->reason, reading->sums[i].reason)) {
        i++;
    }
    if (i == reading->sum_count) {
        MEM_GROW(reading->sums, reading->sum_count, reading->sum_capacity);
        reading->sums[reading->sum_count++] =
            (struct sum){.reason = mem_copy(letter->reason), .sentence = mem_copy(letter->sentence)};
    }
    struct sum *sum = &reading->sums[i];
    sum->count++;
    sum->newest_ms = letter->time_ms > sum->newest_ms ? letter->time_ms : sum->newest_ms;
}

static void add_row(struct reading *reading, const struct record *record, const struct letter *letter)
{
    struct buf cell = {0};
    when_utc(&cell, letter->time_ms);
    table_buf(&reading->table, &cell);
    table_cell(&reading->table, letter->reason);
    buf_printf(&cell, "%.*s/%.*s/%.*s", SLICE_ARG(letter->topic), SLICE_ARG(letter->partition),
               SLICE_ARG(letter->offset));
    table_buf(&reading->table, &cell);
    table_cell(&reading->table, record->key.data != NULL ? record->key : SLICE("-"));
    struct slice body = record->value.data != NULL ? record->value : SLICE("(none)");
    body.len = body.len > BEGIN_CHARS ? BEGIN_CHARS : body.len;
    table_cell(&reading->table, body);
    buf_done(&cell);
}

/* Bytes as text where they are text, else in hexadecimal under NAME_hex. */
static void write_bytes(struct buf *out, const char *name, const char *hex_name, struct slice bytes)
{
    if (bytes.data == NULL) {
        json_null(out, name);
        return;
    }
    if (utf8_valid(bytes)) {
        json_text(out, name, bytes);
        return;
    }
    struct buf hex = {0};
    for (size_t i = 0; i < bytes.len; i++) {
        buf_printf(&hex, "%02x", (unsigned char)bytes.data[i]);
    }
    json_text(out, hex_name, buf_view(&hex));
    buf_done(&hex);
}

static void write_json(struct buf *out, const struct record *record, const struct letter *letter)
{
    json_open(out, NULL, '{');
    json_number(out, "partition", record->partition);
    json_number(out, "offset", record->offset);
    json_time(out, "time", letter->time_ms);
    write_bytes(out, "reason", "reason_hex", letter->reason);
    write_bytes(out, "sentence", "sentence_hex", letter->sentence);
    write_bytes(out, "from", "from_hex", letter->topic);
    write_bytes(out, "from_partition", "from_partition_hex", letter->partition);
    write_bytes(out, "from_offset", "from_offset_hex", letter->offset);
    json_flag(out, "cut", letter->cut);
    write_bytes(out, "key", "key_hex", record->key);
    write_bytes(out, "body", "body_hex", record->value);
    json_open(out, "headers", '[');
    for (size_t i = 0; i < record->header_count; i++) {
        if (!letter_header_is_ours(record->headers[i].name)) {
            json_open(out, NULL, '{');
            write_bytes(out, "name", "name_hex", record->headers[i].name);
            write_bytes(out, "value", "value_hex", record->headers[i].value);
            json_close(out, '}');
        }
    }
    json_close(out, ']');
    json_close(out, '}');
    buf_char(out, '\n');
}

static int compare_sums(const void *a, const void *b)
{
    const struct sum *x = a, *y = b;
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : strcmp(x->reason, y->reason);
}

static void print_sums(struct reading *reading)
{
    static const struct column columns[] = {
        {"REASON",  false},
        {"LETTERS", true },
        {"NEWEST",  false},
        {"MEANS",   false}
    };
    struct table table;
    struct buf cell = {0};
    int64_t all = 0;
    table_init(&table, columns, sizeof columns / sizeof *columns);
    qsort(reading->sums, reading->sum_count, sizeof *reading->sums, compare_sums);
    for (size_t i = 0; i < reading->sum_count; i++) {
        const struct sum *sum = &reading->sums[i];
        table_text(&table, sum->reason);
        table_int(&table, sum->count);
        when_utc(&cell, sum->newest_ms);
        table_buf(&table, &cell);
        table_text(&table, sum->sentence);
        all += sum->count;
    }
    table_print(&table, reading->ctl->colour, &reading->ctl->out);
    buf_printf(&reading->ctl->out,
               "\n%lld in all, back to where retention ends; an event that was sent again and refused again "
               "is one more each time. --each shows them, --retry sends them again\n",
               (long long)all);
    table_done(&table);
    buf_done(&cell);
}
