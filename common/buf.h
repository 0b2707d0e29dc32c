/* SPDX-License-Identifier: MIT */
/* A growing run of bytes with fast appenders for what loyald writes most: integers, JSON strings, slices.
 * The caller owns the struct; buf_done frees what it holds. */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include "common/slice.h"

#include <stdint.h>

struct buf {
    char *data;
    size_t len, capacity;
};

void buf_done(struct buf *buf);
static inline void buf_reset(struct buf *buf)
{
    buf->len = 0;
}
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_slice(struct buf *buf, struct slice s);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_int(struct buf *buf, int64_t value);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "text" with quotes and JSON's escapes; text must be UTF-8. */
void buf_json_string(struct buf *buf, struct slice text);

/* An RFC 3339 instant in UTC with milliseconds, "1997-01-02T10:00:00.000Z", without quotes. */
void buf_instant(struct buf *buf, int64_t ms);

static inline struct slice buf_view(const struct buf *buf)
{
    return (struct slice){.data = buf->data != NULL ? buf->data : "", .len = buf->len};
}

/* Decimal text to a number: the whole slice, optional '-', no blanks, no overflow. False leaves *ret alone.
 */
bool parse_int(struct slice s, int64_t *ret);

#endif
