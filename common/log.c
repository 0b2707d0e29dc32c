/* SPDX-License-Identifier: MIT */
/* One line, one write: lines of several threads do not mix. Control characters in the fields become '?', so
 * that no content can forge a line. */
#include "common/log.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/log_limit.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#define FIELDS_BYTES_MAX 2048

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
static void add_fields(struct buf *line, const char *fields);

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
    char formatted[FIELDS_BYTES_MAX];
    va_list args;
    va_start(args, fields);
    vsnprintf(formatted, sizeof formatted, fields, args);
    va_end(args);

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
    add_fields(&line, formatted);
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

static void add_fields(struct buf *line, const char *fields)
{
    if (*fields != '\0' && *fields != ' ') {
        buf_char(line, ' ');
    }
    for (; *fields != '\0'; fields++) {
        unsigned char c = (unsigned char)*fields;
        buf_char(line, c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
}
