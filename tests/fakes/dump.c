/* SPDX-License-Identifier: MIT */
#include "tests/fakes/dump.h"

#include "common/buf.h"
#include "common/mem.h"

#include <stdlib.h>

static void add_plain(struct buf *line, struct slice s);
static void add_line(struct dump *dump, struct buf *line);
static int compare_lines(const void *a, const void *b);

void dump_field(struct dump *dump, struct slice key, struct slice name, struct slice value)
{
    struct buf line = {0};
    add_plain(&line, key);
    buf_char(&line, ' ');
    add_plain(&line, name);
    buf_char(&line, '=');
    add_plain(&line, value);
    add_line(dump, &line);
}

void dump_rank(struct dump *dump, struct slice key, struct slice member, int64_t score)
{
    struct buf line = {0};
    add_plain(&line, key);
    buf_char(&line, ' ');
    add_plain(&line, member);
    buf_char(&line, '@');
    buf_int(&line, score);
    add_line(dump, &line);
}

char *dump_finish(struct dump *dump)
{
    struct buf text = {0};
    if (dump->count > 0) {
        qsort(dump->lines, dump->count, sizeof *dump->lines, compare_lines);
    }
    for (size_t i = 0; i < dump->count; i++) {
        buf_text(&text, dump->lines[i]);
        buf_char(&text, '\n');
        mem_free(dump->lines[i]);
    }
    buf_char(&text, '\0');
    mem_free(dump->lines);
    *dump = (struct dump){0};
    return text.data;
}

static void add_plain(struct buf *line, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c > ' ' && c < 127 && c != '\\') {
            buf_char(line, (char)c);
        } else {
            buf_printf(line, "\\x%02x", c);
        }
    }
}

static void add_line(struct dump *dump, struct buf *line)
{
    MEM_GROW(dump->lines, dump->count, dump->capacity);
    dump->lines[dump->count++] = mem_copy(buf_view(line));
    buf_done(line);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}
