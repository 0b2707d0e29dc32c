/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/table.h"

#include "common/mem.h"
#include "common/utf8.h"

#define GAP 2

static size_t width_of(const struct table *table, size_t column);
static void print_head(const struct table *table, const size_t *widths, bool colour, struct buf *out);
static void print_row(const struct table *table, const size_t *widths, size_t row, struct buf *out);
static void trim(struct buf *out);
static void print_cell(const char *text, size_t width, bool right, bool last, struct buf *out);

void table_init(struct table *table, const struct column *columns, size_t column_count)
{
    *table = (struct table){.columns = columns, .column_count = column_count};
}

void table_done(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++) {
        mem_free(table->cells[i]);
    }
    mem_free(table->cells);
    *table = (struct table){.columns = NULL};
}

void table_cell(struct table *table, struct slice text)
{
    struct buf plain = {0};
    text_plain(&plain, text);
    MEM_GROW(table->cells, table->cell_count, table->cell_capacity);
    table->cells[table->cell_count++] = mem_copy(buf_view(&plain));
    buf_done(&plain);
}

void table_text(struct table *table, const char *text)
{
    table_cell(table, slice_of(text));
}

void table_int(struct table *table, int64_t value)
{
    struct buf text = {0};
    buf_int(&text, value);
    table_cell(table, buf_view(&text));
    buf_done(&text);
}

void table_buf(struct table *table, struct buf *text)
{
    table_cell(table, buf_view(text));
    buf_reset(text);
}

void table_print(const struct table *table, bool colour, struct buf *out)
{
    size_t *widths = mem_zalloc(table->column_count * sizeof *widths);
    for (size_t i = 0; i < table->column_count; i++) {
        widths[i] = width_of(table, i);
        if (table->least_widths != NULL && widths[i] > table->least_widths[i]) {
            table->least_widths[i] = widths[i];
        }
        widths[i] = table->least_widths != NULL ? table->least_widths[i] : widths[i];
    }
    if (table->columns[0].title != NULL) {
        print_head(table, widths, colour, out);
    }
    size_t rows = (table->cell_count + table->column_count - 1) / table->column_count;
    for (size_t row = 0; row < rows; row++) {
        print_row(table, widths, row, out);
    }
    mem_free(widths);
}

size_t text_width(struct slice text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++) {
        width += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    }
    return width;
}

void text_plain(struct buf *out, struct slice text)
{
    const unsigned char *at = (const unsigned char *)text.data, *end = at + text.len;
    while (at < end) {
        size_t len = utf8_sequence(at, end);
        bool control = *at < 0x20 || *at == 0x7f || (*at == 0xc2 && len == 2 && at[1] < 0xa0);
        if (len == 0 || control) {
            buf_char(out, '?');
        } else {
            buf_add(out, at, len);
        }
        at += len > 0 ? len : 1;
    }
}

static size_t width_of(const struct table *table, size_t column)
{
    const char *title = table->columns[column].title;
    size_t widest = title != NULL ? text_width(slice_of(title)) : 0;
    for (size_t i = column; i < table->cell_count; i += table->column_count) {
        size_t width = text_width(slice_of(table->cells[i]));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_head(const struct table *table, const size_t *widths, bool colour, struct buf *out)
{
    buf_text(out, table->indent != NULL ? table->indent : "");
    buf_text(out, colour ? "\033[1m" : "");
    for (size_t i = 0; i < table->column_count; i++) {
        print_cell(table->columns[i].title, widths[i], table->columns[i].right, i + 1 == table->column_count,
                   out);
    }
    trim(out);
    buf_text(out, colour ? "\033[0m\n" : "\n");
}

static void print_row(const struct table *table, const size_t *widths, size_t row, struct buf *out)
{
    buf_text(out, table->indent != NULL ? table->indent : "");
    for (size_t column = 0; column < table->column_count; column++) {
        size_t at = row * table->column_count + column;
        print_cell(at < table->cell_count ? table->cells[at] : "", widths[column],
                   table->columns[column].right, column + 1 == table->column_count, out);
    }
    trim(out);
    buf_char(out, '\n');
}

/* Empty cells at the end of a line. */
static void trim(struct buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ') {
        out->len--;
    }
}

static void print_cell(const char *text, size_t width, bool right, bool last, struct buf *out)
{
    size_t own = text_width(slice_of(text));
    size_t pad = width > own ? width - own : 0;
    buf_printf(out, "%*s", right ? (int)pad : 0, "");
    buf_text(out, text);
    buf_printf(out, "%*s", last ? 0 : (int)(right ? 0 : pad) + GAP, "");
}
