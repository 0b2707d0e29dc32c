/* SPDX-License-Identifier: MIT */
/* One pass over the text, without recursion: RFC 8259 to the letter, and what json.h forbids beyond that.
 *
 * Duplicate keys: each object keeps a mask of 64 bits, in which a name sets the bit of its hash. Only a name
 * that finds its bit set is compared with the others; in an object of many names that is left to one sort at
 * its end, so 100,000 names cost no 10^10 comparisons. */
#include "common/json_scan.h"

#include "common/json_number.h"
#include "common/utf8.h"

#include <stdlib.h>

#define NAMES_AT_FIRST 64 /* on the stack */
#define NAMES_FEW      16 /* compared one by one */

enum expected { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COMMA_OR_END };

struct level {
    bool is_object, to_sort;
    uint64_t seen;
    size_t first_name;
};

struct scan {
    const unsigned char *at, *end;
    struct arena *arena;
    int depth;
    struct level levels[JSON_DEPTH_MAX];
    struct slice *names; /* of all open objects, the innermost's last */
    size_t name_count, name_capacity;
    struct slice names_at_first[NAMES_AT_FIRST];
};

static enum json_fault scan_value(struct scan *scan, enum expected *expected);
static enum json_fault open_level(struct scan *scan, bool is_object);
static enum json_fault close_level(struct scan *scan, unsigned char c);
static enum json_fault scan_next(struct scan *scan, enum expected *expected);
static enum json_fault scan_name(struct scan *scan);
static enum json_fault add_name(struct scan *scan, struct slice name);
static enum json_fault sort_names(struct slice *names, size_t count);
static int compare_names(const void *a, const void *b);
static enum json_fault scan_string(struct scan *scan, bool *ret_escaped);
static enum json_fault scan_escape(struct scan *scan);
static bool scan_hex(const unsigned char **at, const unsigned char *end, uint32_t *ret_unit);
static struct slice unescaped(struct scan *scan, struct slice raw);
static enum json_fault scan_word(struct scan *scan, struct slice word);

static inline unsigned char peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0'; /* a NUL is an error wherever a byte is expected */
}

static inline void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')) {
        scan->at++;
    }
}

#define EVERY_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* To the first byte that is not plain: a quote, a backslash, a control character or beyond ASCII. Eight bytes
 * at a time: a byte's highest bit is set in `special` when it is not plain, exactly for the first such byte
 * (borrows only spoil what follows it). */
static inline const unsigned char *skip_plain(const unsigned char *at, const unsigned char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        uint64_t special = (word | (word - EVERY_BYTE(0x20)) | ((word ^ EVERY_BYTE('"')) - EVERY_BYTE(1)) |
                            ((word ^ EVERY_BYTE('\\')) - EVERY_BYTE(1))) &
                           EVERY_BYTE(0x80);
        if (special != 0) {
            return at + __builtin_ctzll(special) / 8;
        }
        at += 8;
    }
#endif
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

enum json_fault json_scan(struct slice text, struct arena *arena)
{
    struct scan scan; /* not zeroed as a whole: that would cost as much as a small document */
    scan.at = (const unsigned char *)text.data;
    scan.end = scan.at + text.len;
    scan.arena = arena;
    scan.depth = 0;
    scan.names = scan.names_at_first;
    scan.name_count = 0;
    scan.name_capacity = NAMES_AT_FIRST;

    enum expected expected = VALUE;
    enum json_fault fault = JSON_OK;
    do {
        skip_blanks(&scan);
        unsigned char c = peek(&scan);
        switch (expected) {
        case COMMA_OR_END:
            fault = scan_next(&scan, &expected);
            break;
        case NAME_OR_END:
        case NAME:
            if (expected == NAME_OR_END && c == '}') {
                fault = close_level(&scan, c);
                expected = COMMA_OR_END;
            } else {
                fault = scan_name(&scan);
                expected = VALUE;
            }
            break;
        case VALUE_OR_END:
        case VALUE:
            if (expected == VALUE_OR_END && c == ']') {
                fault = close_level(&scan, c);
                expected = COMMA_OR_END;
            } else {
                fault = scan_value(&scan, &expected);
            }
            break;
        }
    } while (fault == JSON_OK && (scan.depth > 0 || expected != COMMA_OR_END));
    skip_blanks(&scan);
    return fault == JSON_OK && scan.at < scan.end ? JSON_BAD_SYNTAX : fault;
}

static enum json_fault scan_value(struct scan *scan, enum expected *expected)
{
    bool escaped;
    *expected = COMMA_OR_END;
    switch (peek(scan)) {
    case '{':
        *expected = NAME_OR_END;
        return open_level(scan, true);
    case '[':
        *expected = VALUE_OR_END;
        return open_level(scan, false);
    case '"':
        return scan_string(scan, &escaped);
    case 't':
        return scan_word(scan, SLICE("true"));
    case 'f':
        return scan_word(scan, SLICE("false"));
    case 'n':
        return scan_word(scan, SLICE("null"));
    default:
        return json_scan_number(&scan->at, scan->end);
    }
}

static enum json_fault open_level(struct scan *scan, bool is_object)
{
    if (scan->depth == JSON_DEPTH_MAX) {
        return JSON_TOO_DEEP;
    }
    scan->levels[scan->depth++] = (struct level){.is_object = is_object, .first_name = scan->name_count};
    scan->at++;
    return JSON_OK;
}

static enum json_fault close_level(struct scan *scan, unsigned char c)
{
    struct level *level = &scan->levels[scan->depth - 1];
    if (c != (level->is_object ? '}' : ']')) {
        return JSON_BAD_SYNTAX;
    }
    scan->at++;
    enum json_fault fault = JSON_OK;
    if (level->to_sort) {
        fault = sort_names(scan->names + level->first_name, scan->name_count - level->first_name);
    }
    scan->name_count = level->first_name;
    scan->depth--;
    return fault;
}

static enum json_fault scan_next(struct scan *scan, enum expected *expected)
{
    unsigned char c = peek(scan);
    if (c == ',') {
        scan->at++;
        *expected = scan->levels[scan->depth - 1].is_object ? NAME : VALUE;
        return JSON_OK;
    }
    return close_level(scan, c);
}

static enum json_fault scan_name(struct scan *scan)
{
    if (peek(scan) != '"') {
        return JSON_BAD_SYNTAX;
    }
    const unsigned char *begin = scan->at + 1;
    bool escaped = false;
    enum json_fault fault = scan_string(scan, &escaped);
    if (fault != JSON_OK) {
        return fault;
    }
    struct slice name = {.data = (const char *)begin, .len = (size_t)(scan->at - begin) - 1};
    fault = add_name(scan, escaped ? unescaped(scan, name) : name);
    if (fault != JSON_OK) {
        return fault;
    }
    skip_blanks(scan);
    if (peek(scan) != ':') {
        return JSON_BAD_SYNTAX;
    }
    scan->at++;
    return JSON_OK;
}

static enum json_fault add_name(struct scan *scan, struct slice name)
{
    struct level *level = &scan->levels[scan->depth - 1];
    size_t count = scan->name_count - level->first_name;
    unsigned hash = (unsigned)name.len;
    if (name.len > 0) {
        hash += 7 * (unsigned char)name.data[0] + 31 * (unsigned char)name.data[name.len - 1] +
                5 * (unsigned char)name.data[name.len / 2];
    }
    uint64_t bit = UINT64_C(1) << (hash & 63);
    if ((level->seen & bit) != 0 && count >= NAMES_FEW) {
        level->to_sort = true;
    } else if ((level->seen & bit) != 0) {
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(scan->names[level->first_name + i], name)) {
                return JSON_DUPLICATE_KEY;
            }
        }
    }
    level->seen |= bit;
    if (scan->name_count == scan->name_capacity) {
        struct slice *more = arena_alloc(scan->arena, 2 * scan->name_capacity * sizeof *more);
        memcpy(more, scan->names, scan->name_count * sizeof *more);
        scan->names = more;
        scan->name_capacity *= 2;
    }
    scan->names[scan->name_count++] = name;
    return JSON_OK;
}

static enum json_fault sort_names(struct slice *names, size_t count)
{
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++) {
        if (slice_equal(names[i - 1], names[i])) {
            return JSON_DUPLICATE_KEY;
        }
    }
    return JSON_OK;
}

/* Any order will do: the length first saves most memcmp. */
static int compare_names(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    if (left->len != right->len) {
        return left->len < right->len ? -1 : 1;
    }
    return memcmp(left->data, right->data, left->len);
}

/* From the opening quote to behind the closing one. */
static enum json_fault scan_string(struct scan *scan, bool *ret_escaped)
{
    const unsigned char *at = scan->at + 1;
    while ((at = skip_plain(at, scan->end)) < scan->end) {
        unsigned char c = *at;
        if (c == '"') {
            scan->at = at + 1;
            return JSON_OK;
        }
        if (c == '\\') {
            scan->at = at;
            enum json_fault fault = scan_escape(scan);
            if (fault != JSON_OK) {
                return fault;
            }
            *ret_escaped = true;
            at = scan->at;
        } else if (c < 0x20) {
            return c == '\0' ? JSON_NUL : JSON_BAD_SYNTAX;
        } else {
            size_t len = utf8_sequence(at, scan->end);
            if (len == 0) {
                return JSON_BAD_UTF8;
            }
            at += len;
        }
    }
    return JSON_BAD_SYNTAX;
}

/* From the backslash to behind the escape; a pair of surrogates is one. */
static enum json_fault scan_escape(struct scan *scan)
{
    scan->at++;
    unsigned char c = peek(scan);
    if (c != 'u') {
        scan->at++;
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL ? JSON_OK : JSON_BAD_SYNTAX;
    }
    uint32_t unit, low;
    scan->at++;
    if (!scan_hex(&scan->at, scan->end, &unit)) {
        return JSON_BAD_SYNTAX;
    }
    if (unit < 0xd800 || unit > 0xdfff) {
        return unit == 0 ? JSON_NUL : JSON_OK;
    }
    if (unit > 0xdbff || scan->end - scan->at < 6 || scan->at[0] != '\\' || scan->at[1] != 'u') {
        return JSON_BAD_UTF8;
    }
    scan->at += 2;
    if (!scan_hex(&scan->at, scan->end, &low)) {
        return JSON_BAD_SYNTAX;
    }
    return low < 0xdc00 || low > 0xdfff ? JSON_BAD_UTF8 : JSON_OK;
}

static bool scan_hex(const unsigned char **at, const unsigned char *end, uint32_t *ret_unit)
{
    if (end - *at < 4) {
        return false;
    }
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = *(*at)++;
        unsigned char lower = c | 0x20;
        if (c >= '0' && c <= '9') {
            unit = unit << 4 | (uint32_t)(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            unit = unit << 4 | (uint32_t)(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    *ret_unit = unit;
    return true;
}

/* A name without its escapes, for the comparison with others. raw has passed scan_string. */
static struct slice unescaped(struct scan *scan, struct slice raw)
{
    char *text = arena_alloc(scan->arena, raw.len),
         *to = text; /* an escape is never shorter than what it says */
    const unsigned char *at = (const unsigned char *)raw.data, *end = at + raw.len;
    while (at < end) {
        if (*at != '\\') {
            *to++ = (char)*at++;
            continue;
        }
        static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
        unsigned char c = at[1];
        at += 2;
        if (c != 'u') {
            const char *letter = strchr(letters, c);
            *to++ = letter != NULL ? meant[letter - letters] : (char)c;
            continue;
        }
        uint32_t point = 0, low = 0;
        scan_hex(&at, end, &point);
        if (point >= 0xd800 && point <= 0xdbff) {
            at += 2;
            scan_hex(&at, end, &low);
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
        to += utf8_encode(point, to);
    }
    return (struct slice){.data = text, .len = (size_t)(to - text)};
}

static enum json_fault scan_word(struct scan *scan, struct slice word)
{
    if ((size_t)(scan->end - scan->at) < word.len || memcmp(scan->at, word.data, word.len) != 0) {
        return JSON_BAD_SYNTAX;
    }
    scan->at += word.len;
    return JSON_OK;
}
