/* SPDX-License-Identifier: MIT */
/* JSON documents from outside, read strictly. cJSON does the parsing; what it lets pass and would be wrong
 * here is found beforehand: invalid UTF-8, "\u0000", lone surrogates, duplicate keys in one object, integers
 * beyond 2^53, nesting beyond JSON_DEPTH_MAX, bytes after the document. The tree lives in the arena given
 * (cJSON's hooks are process-wide, so the arena is kept thread-local while parsing). The only file that knows
 * cJSON. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/arena.h"
#include "common/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 32
#define JSON_INT_MAX   9007199254740992LL /* 2^53 */

struct json; /* one value; borrowed from the document's arena */

enum json_fault {
    JSON_OK,
    JSON_BAD_SYNTAX,
    JSON_BAD_UTF8,
    JSON_NUL, /* an escaped or raw NUL in a string or name */
    JSON_DUPLICATE_KEY,
    JSON_TOO_DEEP,
    JSON_BIG_NUMBER, /* an integer beyond 2^53 either way, or a number that is not finite */
};

enum json_fault json_parse(struct slice text, struct arena *arena, const struct json **ret_json);

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum json_type json_type(const struct json *json);

/* NULL when the object lacks the member (names are compared with case), or json is no object. */
const struct json *json_member(const struct json *json, const char *name);

/* To walk arrays and objects: the first child, the next sibling, a child's name. NULL at the end. */
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *json);
struct slice json_name(const struct json *json);

/* False, and *ret untouched, when the value is of another type; json_int: or not a whole number. */
bool json_string(const struct json *json, struct slice *ret);
bool json_int(const struct json *json, int64_t *ret);
bool json_bool(const struct json *json, bool *ret);

#endif
