/* SPDX-License-Identifier: MIT */
/* One line, one write: lines of several threads do not mix. Each value is formatted by itself and escaped
 * before it joins the line, so that no content can forge a line or a field. */
#include "common/log.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/log_limit.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
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

static _Atomic(enum log_level) threshold = LOG_LEVEL_INFO;
static _Atomic(void (*)(enum log_level level, const char *line)) redirected;
static _Thread_local const char *thread_name;
static _Thread_local struct log_limit limit;

static void write_stderr(struct buf *line);
static void add_fields(struct buf *line, const char *format, va_list *args);
static const char *add_conversion(struct buf *line, const char *at, bool is_quoted, va_list *args);
static struct slice number_text(const char *spec, char conversion, const char *length, va_list *args,
                                char *text, size_t size);
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
    if (level < threshold || !log_limit_admits(&limit, msg, clock_monotonic_us(), &left_out)) {
        return;
    }
    struct buf line = {0};
    buf_instant(&line, clock_wall_ms());
    buf_char(&line, ' ');
    buf_text(&line, levels[level].shown);
    buf_text(&line, " msg=");
    buf_json_string(&line, slice_of(msg));
    if (thread_name != NULL) {
        buf_text(&line, " worker=");
        buf_text(&line, thread_name);
    }
    va_list args;
    va_start(args, fields);
    add_fields(&line, fields, &args);
    va_end(args);
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

void log_redirect(void (*sink)(enum log_level level, const char *line))
{
    redirected = sink;
}

/* A log that cannot be written is not worth an error: the daemon goes on. */
static void write_stderr(struct buf *line)
{
    buf_char(line, '\n');
    ssize_t written = write(STDERR_FILENO, line->data, line->len);
    (void)written;
}

static void add_fields(struct buf *line, const char *format, va_list *args)
{
    bool is_quoted = false;
    if (*format != '\0' && *format != ' ') {
        buf_char(line, ' ');
    }
    while (*format != '\0') {
        if (*format == '%') {
            format = add_conversion(line, format, is_quoted, args);
        } else {
            is_quoted ^= *format == '"';
            buf_char(line, *format++);
        }
    }
}

/* What the daemon's lines use of printf: %s with a precision, and whole numbers. Returns what follows. */
static const char *add_conversion(struct buf *line, const char *at, bool is_quoted, va_list *args)
{
    const char *begin = at++;
    char spec[16], text[64];
    size_t bound = VALUE_BYTES_MAX;
    at += strspn(at, "-+ 0#123456789");
    if (*at == '.' && at[1] == '*') {
        int precision = va_arg(*args, int);
        bound = precision >= 0 && precision < VALUE_BYTES_MAX ? (size_t)precision : bound;
        at += 2;
    } else if (*at == '.') {
        char *end = NULL;
        unsigned long precision = strtoul(at + 1, &end, 10);
        bound = precision < VALUE_BYTES_MAX ? precision : bound;
        at = end;
    }
    const char *length = at;
    at += strspn(at, "lz");
    if (*at == 's') {
        const char *value = va_arg(*args, const char *);
        add_value(line, (struct slice){.data = value, .len = bound > 0 ? strnlen(value, bound) : 0},
                  is_quoted);
    } else {
        assert((size_t)(at - begin) + 2 <= sizeof spec);
        snprintf(spec, sizeof spec, "%.*s", (int)(at - begin) + 1, begin);
        add_value(line, number_text(spec, *at, length, args, text, sizeof text), is_quoted);
    }
    return at + 1;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                               \
    "-Wformat-nonliteral" /* the compiler has checked it where log_write is called */
static struct slice number_text(const char *spec, char conversion, const char *length, va_list *args,
                                char *text, size_t size)
{
    assert(strchr("diux", conversion) != NULL);
    if (length[0] == 'z') {
        snprintf(text, size, spec, va_arg(*args, size_t));
    } else if (length[0] == 'l' && length[1] == 'l') {
        snprintf(text, size, spec, va_arg(*args, long long));
    } else if (length[0] == 'l') {
        snprintf(text, size, spec, va_arg(*args, long));
    } else {
        snprintf(text, size, spec, va_arg(*args, int));
    }
    return slice_of(text);
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
