/* SPDX-License-Identifier: MIT */
/* Well-formed UTF-8 as in table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing beyond
 * U+10FFFF. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include "common/slice.h"

/* The length of the sequence at `at`, which lies before end; 0: it is not well-formed or is cut off. */
static inline size_t utf8_sequence(const unsigned char *at, const unsigned char *end)
{
    unsigned char c = at[0];
    if (c < 0x80) {
        return 1;
    }
    size_t len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (c < 0xc2 || c > 0xf4 || (size_t)(end - at) < len) {
        return 0;
    }
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

/* Writes the code point's sequence; to has 4 bytes. Returns its length. */
static inline size_t utf8_encode(unsigned point, char *to)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    to[0] = (char)((0xf00 >> len & 0xf0) | point);
    return len;
}

static inline bool utf8_valid(struct slice text)
{
    const unsigned char *at = (const unsigned char *)text.data, *end = at + text.len;
    while (at < end) {
        size_t len = utf8_sequence(at, end);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

#endif
