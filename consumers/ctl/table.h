/* SPDX-License-Identifier: MIT */
/* Text in columns for people. What comes from outside is made harmless for a terminal: control characters and
 * what is no UTF-8 become '?'. */
#ifndef CONSUMERS_CTL_TABLE_H
#define CONSUMERS_CTL_TABLE_H

#include "common/buf.h"

struct column {
    const char *title; /* NULL in all columns: no head */
    bool right;        /* numbers */
};

struct table {
    const struct column *columns; /* borrowed */
    size_t column_count;
    char **cells; /* row by row; owned */
    size_t cell_count, cell_capacity;
    size_t *least_widths; /* of the columns; they grow with what is printed, so that the next table of the
                             same columns stands below this one; borrowed. NULL: none */
    const char *indent;   /* before each line; NULL: none */
};

void table_init(struct table *table, const struct column *columns, size_t column_count);
void table_done(struct table *table);

/* The next cell, from left to right, then of the next row. */
void table_cell(struct table *table, struct slice text);
void table_text(struct table *table, const char *text);
void table_int(struct table *table, int64_t value);
void table_buf(struct table *table, struct buf *text); /* and empties it */

/* Pads columns to the widest cell, two blanks between; the head in bold if colour. Rows that are not full are
 * filled with empty cells. */
void table_print(const struct table *table, bool colour, struct buf *out);

/* How many columns of a terminal a text takes: its code points. */
size_t text_width(struct slice text);

/* A text from outside, harmless for a terminal. */
void text_plain(struct buf *out, struct slice text);

#endif
