/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/json_out.h"

/* A comma unless this is the first of its object or array; then the name. */
static void begin(struct buf *out, const char *name)
{
    char last = out->len > 0 ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != '\n') {
        buf_char(out, ',');
    }
    if (name != NULL) {
        buf_json_string(out, slice_of(name));
        buf_char(out, ':');
    }
}

void json_open(struct buf *out, const char *name, char bracket)
{
    begin(out, name);
    buf_char(out, bracket);
}

void json_close(struct buf *out, char bracket)
{
    buf_char(out, bracket);
}

void json_text(struct buf *out, const char *name, struct slice text)
{
    begin(out, name);
    buf_json_string(out, text);
}

void json_number(struct buf *out, const char *name, int64_t value)
{
    begin(out, name);
    buf_int(out, value);
}

void json_flag(struct buf *out, const char *name, bool value)
{
    begin(out, name);
    buf_text(out, value ? "true" : "false");
}

void json_null(struct buf *out, const char *name)
{
    begin(out, name);
    buf_text(out, "null");
}

void json_time(struct buf *out, const char *name, int64_t ms)
{
    if (ms == 0) {
        json_null(out, name);
        return;
    }
    begin(out, name);
    buf_char(out, '"');
    buf_instant(out, ms);
    buf_char(out, '"');
}

void json_raw(struct buf *out, const char *name, struct slice json)
{
    begin(out, name);
    buf_slice(out, json);
}
