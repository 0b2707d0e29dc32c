/* SPDX-License-Identifier: MIT */
/* One line, one write: lines of several threads do not mix. Each value is formatted by itself and escaped
 * before it joins the line, so that no content can forge a line or a field. */
#include "common/log.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/log_limit.h"
#include "common/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define VALUE_BYTES_MAX 2048

static const struct {
    const char *setting, *shown;
} levels[] = {
    [LOG_LEVEL_DEBUG] = {"debug", "DEBUG"},
    [LOG_LEVEL_INFO] = {"info",  "INFO "},
    [LOG_LEVEL_WARN] = {"warn",  "WARN "},
    [LOG_LEVEL_ERROR] = {"error", "ERROR"},
};

static const struct log_rate message_rate = {.lines = 5, .window_us = 10000000};
static const struct log_rate state_rate = {.lines = 1, .window_us = 30000000};

static _Atomic(enum log_level) threshold = LOG_LEVEL_INFO;
static _Atomic(void (*)(enum log_level level, const char *line)) redirected;
static _Thread_local const char *thread_name;
static _Thread_local struct log_limit limit;

static void compose(struct buf *text, const char *msg, const char *fields, va_list args);
static void write_line(enum log_level level, const struct buf *text, uint32_t left_out);
static void write_stderr(struct buf *line);
static void add_fields(struct buf *line, const char *format, va_list args);
static char *print(const char *format, va_list args, size_t *ret_len);
static size_t length_until(const char *end, char *format, va_list args);
static const char *end_of_conversion(const char *at);
static void add_value(struct buf *line, struct slice value, bool is_quoted);
static bool is_plain(struct slice value);

void log_level_set(enum log_level level)
{
    threshold = level;
}

bool log_level_parse(const char *name, enum log_level *ret_level)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcasecmp(name, levels[i].setting) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_thread_name(const char *worker)
{
    thread_name = worker;
}

void log_write(enum log_level level, const char *msg, const char *fields, ...)
{
    uint32_t left_out = 0;
    bool is_limited = level < LOG_LEVEL_ERROR;
    if (level < threshold ||
        (is_limited && !log_limit_admits(&limit, msg, message_rate, clock_monotonic_us(), &left_out))) {
        return;
    }
    struct buf text = {0};
    va_list args;
    va_start(args, fields);
    compose(&text, msg, fields, args);
    va_end(args);
    write_line(level, &text, left_out);
    buf_done(&text);
}

void log_state(const char *msg, const char *fields, ...)
{
    uint32_t left_out = 0;
    if (LOG_LEVEL_WARN < threshold) {
        return;
    }
    struct buf text = {0};
    va_list args;
    va_start(args, fields);
    compose(&text, msg, fields, args);
    va_end(args);
    buf_char(&text, '\0'); /* the limit's key: the whole line */
    text.len--;
    if (log_limit_admits(&limit, text.data, state_rate, clock_monotonic_us(), &left_out)) {
        write_line(LOG_LEVEL_WARN, &text, left_out);
    }
    buf_done(&text);
}

void log_redirect(void (*sink)(enum log_level level, const char *line))
{
    redirected = sink;
    limit = (struct log_limit){.messages[0].hash = 0};
}

/* What a line says, behind its time and level. */
static void compose(struct buf *text, const char *msg, const char *fields, va_list args)
{
    buf_text(text, "msg=");
    buf_json_string(text, slice_of(msg));
    if (thread_name != NULL) {
        buf_text(text, " worker=");
        buf_text(text, thread_name);
    }
    add_fields(text, fields, args);
}

static void write_line(enum log_level level, const struct buf *text, uint32_t left_out)
{
    struct buf line = {0};
    buf_instant(&line, clock_wall_ms());
    buf_printf(&line, " %s ", levels[level].shown);
    buf_slice(&line, buf_view(text));
    if (left_out > 0) {
        buf_text(&line, " left_out=");
        buf_int(&line, left_out);
    }
    void (*sink)(enum log_level, const char *) = redirected;
    if (sink != NULL) {
        buf_char(&line, '\0');
        sink(level, line.data);
    } else {
        write_stderr(&line);
    }
    buf_done(&line);
}

/* A log that cannot be written is not worth an error: the daemon goes on. */
static void write_stderr(struct buf *line)
{
    buf_char(line, '\n');
    ssize_t written = write(STDERR_FILENO, line->data, line->len);
    (void)written;
}

/* The whole is printed by libc, so every conversion that the compiler allows is right. Where a value lies in
 * it is told by the lengths of what is printed up to its conversion, and with it. */
static void add_fields(struct buf *line, const char *format, va_list args)
{
    bool is_quoted = false;
    size_t whole_len = 0;
    char *copy = mem_strdup(format), *whole = print(format, args, &whole_len);
    if (*format != '\0' && *format != ' ') {
        buf_char(line, ' ');
    }
    for (const char *at = copy; *at != '\0';) {
        if (*at == '%') {
            const char *behind = end_of_conversion(at);
            size_t from = length_until(at, copy, args), to = length_until(behind, copy, args);
            to = to < whole_len ? to : whole_len; /* whatever another thread does to a text meanwhile */
            size_t len = from < to ? to - from : 0;
            add_value(line,
                      (struct slice){.data = whole + to - len,
                                     .len = len < VALUE_BYTES_MAX ? len : VALUE_BYTES_MAX},
                      is_quoted);
            at = behind;
        } else {
            is_quoted ^= *at == '"';
            buf_char(line, *at++);
        }
    }
    mem_free(copy);
    mem_free(whole);
}

static const char *end_of_conversion(const char *at)
{
    at++;
    at += strspn(at, "-+ #0123456789.*'hlLqjzt");
    return *at != '\0' ? at + 1 : at;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                               \
    "-Wformat-nonliteral" /* the compiler has checked it where log_write is called */
static char *print(const char *format, va_list args, size_t *ret_len)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    *ret_len = len > 0 ? (size_t)len : 0;
    char *text = mem_zalloc(*ret_len + 1);
    va_copy(again, args);
    (void)vsnprintf(text, *ret_len + 1, format, again);
    va_end(again);
    return text;
}

static size_t length_until(const char *end, char *format, va_list args)
{
    char *cut = format + (end - format);
    char there = *cut;
    va_list again;
    va_copy(again, args);
    *cut = '\0';
    int len = vsnprintf(NULL, 0, format, again);
    *cut = there;
    va_end(again);
    return len > 0 ? (size_t)len : 0;
}
#pragma GCC diagnostic pop

/* As a JSON string is escaped; one that the format has not quoted is quoted only where it must be. */
static void add_value(struct buf *line, struct slice value, bool is_quoted)
{
    if (is_plain(value)) {
        buf_slice(line, value);
        return;
    }
    struct buf string = {0};
    buf_json_string(&string, value);
    for (size_t i = 0; i < string.len; i++) {
        string.data[i] = string.data[i] == 0x7f ? '?' : string.data[i];
    }
    buf_slice(line,
              is_quoted ? (struct slice){.data = string.data + 1, .len = string.len - 2} : buf_view(&string));
    buf_done(&string);
}

static bool is_plain(struct slice value)
{
    size_t i = 0;
    while (i < value.len && (unsigned char)value.data[i] > ' ' &&
           strchr("\"\\=\x7f", value.data[i]) == NULL) {
        i++;
    }
    return i == value.len;
}
