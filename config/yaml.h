/* SPDX-License-Identifier: MIT */
/* A small read-only tree of a YAML text, in an arena, with the line and column of everything, so that a
 * mistake can be named where it stands. Used by the settings and by the policy. Only yaml.c knows libyaml.
 *
 * What no configuration needs is refused with a sentence: anchors and aliases, tags, keys that are no
 * texts, duplicate keys, a second document, nesting beyond YAML_DEPTH_MAX, more than YAML_BYTES_MAX bytes,
 * invalid UTF-8, a NUL in a text.
 *
 * Problems are collected, not returned one at a time: every one is a line "FILE:LINE:COLUMN: sentence\n" in
 * the buf given to yaml_parse. A caller walks the whole tree, calls yaml_problem wherever something is wrong,
 * and looks at the end whether problems->len has grown. */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/slice.h"
#include "common/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YAML_DEPTH_MAX 32
#define YAML_BYTES_MAX 1048576

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_source; /* the file's name and where its problems go */

/* One node. Every text in it is also terminated by a NUL that len does not count, and holds no other. */
struct yaml {
    enum yaml_kind kind;
    struct slice text; /* scalar: its text, unescaped */
    bool quoted;       /* scalar: written in quotes or as a block, so never a number, a boolean or null */
    const struct yaml *first; /* sequence, mapping: the first child, in the file's order; NULL: it is empty */
    size_t count;             /* sequence, mapping: how many children */
    const struct yaml *next;  /* the next child of the same parent */
    struct slice key;         /* child of a mapping: its key; else absent */
    int key_line, key_column; /* child of a mapping: where its key stands */
    int text_column;          /* scalar: where its text begins, or 0 if it is not there as it is here */
    int line, column;         /* where the node begins; the first of each is 1 */
    struct yaml_source *source;
};

/* To walk a sequence or mapping: YAML_EACH(child, parent) { ... }. No turn for a scalar. */
#define YAML_EACH(child, parent)                                                                             \
    for (const struct yaml *child = (parent)->first; (child) != NULL; (child) = (child)->next)

/* Parses a text; file is its name in problems (NULL or "" when it has none). The tree lives in arena and
 * writes its problems to *problems, which must live as long. A text without any content gives an empty
 * mapping. False: *problems says why; after a syntax error there is only one. */
MUST_CHECK bool yaml_parse(const char *file, struct slice text, struct arena *arena, struct buf *problems,
                           const struct yaml **ret_root);

/* The same for a file. That it cannot be read is a problem too, at line 1, column 1. */
MUST_CHECK bool yaml_load(const char *path, struct arena *arena, struct buf *problems,
                          const struct yaml **ret_root);

/* A problem where the node begins, or where its key stands (if it has none: as yaml_problem). The sentence
 * has no full stop and no newline: "timeout must lie between 10 and 600000 ms". One that has just been
 * written is not written again. */
void yaml_problem(const struct yaml *node, const char *format, ...) __attribute__((format(printf, 2, 3)));
void yaml_problem_at_key(const struct yaml *node, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A problem inside a scalar's text, `at` bytes from its beginning. Right for a text on one line without
 * escapes; any other is named where it begins. */
void yaml_problem_inside(const struct yaml *node, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is no problem, but worth a thought: the same line as a problem's, to another place. */
void yaml_remark(const struct yaml *node, struct buf *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The child of this key; NULL when there is none, or mapping is NULL or no mapping. */
const struct yaml *yaml_get(const struct yaml *mapping, const char *key);

/* Written as nothing, ~ or null. False for NULL. */
bool yaml_is_null(const struct yaml *node);

/* ---- with a problem when it is not so. `what` begins the sentence, such as "redis.timeout": "redis.timeout
 * must be a whole number, not 'soon'". On false, *ret is untouched. */
MUST_CHECK bool yaml_is_mapping(const struct yaml *node, const char *what);
MUST_CHECK bool yaml_is_sequence(const struct yaml *node, const char *what);

/* A scalar that is not null, quoted or not. */
MUST_CHECK bool yaml_text(const struct yaml *node, const char *what, struct slice *ret_text);

/* A whole decimal number without quotes, low..high. */
MUST_CHECK bool yaml_int(const struct yaml *node, const char *what, int64_t low, int64_t high,
                         int64_t *ret_int);

/* true or false without quotes; yes, no, on and off are refused, for YAML's versions differ about them. */
MUST_CHECK bool yaml_bool(const struct yaml *node, const char *what, bool *ret_bool);

/* One of the names given; *ret_index is its place. "class must be promotion or service, not 'promo'; did you
 * mean 'promotion'?" */
MUST_CHECK bool yaml_choice(const struct yaml *node, const char *what, const char *const *names, size_t count,
                            size_t *ret_index);

/* Every key that is not one of the names is a problem at the key: "unknown key 'timout' in redis; did you
 * mean 'timeout'?". `what` names the mapping; "" for the file itself. False: there was one. */
bool yaml_only_keys(const struct yaml *mapping, const char *what, const char *const *names, size_t count);

/* The name nearest to text by edit distance (a swap of neighbours is one step); NULL when none is near enough
 * to be meant: at most one step for every three bytes of text, and one for shorter texts. */
const char *yaml_nearest(const char *const *names, size_t count, struct slice text);

#endif
