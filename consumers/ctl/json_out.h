/* SPDX-License-Identifier: MIT */
/* Writing JSON objects and arrays, with the commas where they belong. Texts that are no UTF-8 cannot come
 * here. */
#ifndef CONSUMERS_CTL_JSON_OUT_H
#define CONSUMERS_CTL_JSON_OUT_H

#include "common/buf.h"

/* '{', '[' and their ends; name is NULL in an array and for the outermost. */
void json_open(struct buf *out, const char *name, char bracket);
void json_close(struct buf *out, char bracket);

void json_text(struct buf *out, const char *name, struct slice text);
void json_number(struct buf *out, const char *name, int64_t value);
void json_flag(struct buf *out, const char *name, bool value);
void json_null(struct buf *out, const char *name);
void json_time(struct buf *out, const char *name, int64_t ms); /* an instant, null for 0 */
void json_raw(struct buf *out, const char *name, struct slice json);

#endif
