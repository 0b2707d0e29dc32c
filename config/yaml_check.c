/* SPDX-License-Identifier: MIT */
/* The checks of yaml.h that every reader of a configuration shares: what kind a node is, numbers, choices,
 * unknown keys, and the name that was probably meant. Knows the tree only, nothing of libyaml. */
#include "config/yaml.h"

#include <assert.h>
#include <inttypes.h>

#define NAME_BYTES_MAX 64 /* no name of ours is longer; what is has no nearest name */

static const char *const null_words[] = {"", "~", "null", "Null", "NULL"};

static bool is_scalar(const struct yaml *node, const char *what, const char *wanted);
static void list_names(const char *const *names, size_t count, struct buf *out);
static size_t distance(struct slice a, struct slice b);

const struct yaml *yaml_get(const struct yaml *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != YAML_MAPPING) {
        return NULL;
    }
    YAML_EACH(child, mapping)
    {
        if (slice_is(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

bool yaml_is_null(const struct yaml *node)
{
    if (node == NULL || node->kind != YAML_SCALAR || node->quoted) {
        return false;
    }
    for (size_t i = 0; i < sizeof null_words / sizeof *null_words; i++) {
        if (slice_is(node->text, null_words[i])) {
            return true;
        }
    }
    return false;
}

bool yaml_is_mapping(const struct yaml *node, const char *what)
{
    if (node->kind != YAML_MAPPING) {
        yaml_problem(node, "%s must be a mapping: names with values, indented under it", what);
    }
    return node->kind == YAML_MAPPING;
}

bool yaml_is_sequence(const struct yaml *node, const char *what)
{
    if (node->kind != YAML_SEQUENCE) {
        yaml_problem(node, "%s must be a list: [a, b] or lines that begin with '- '", what);
    }
    return node->kind == YAML_SEQUENCE;
}

bool yaml_text(const struct yaml *node, const char *what, struct slice *ret_text)
{
    if (!is_scalar(node, what, "a text")) {
        return false;
    }
    if (yaml_is_null(node)) {
        yaml_problem(node, "%s must be a text; for an empty one write \"\"", what);
        return false;
    }
    *ret_text = node->text;
    return true;
}

bool yaml_int(const struct yaml *node, const char *what, int64_t low, int64_t high, int64_t *ret_int)
{
    int64_t value = 0;
    if (!is_scalar(node, what, "a whole number")) {
        return false;
    }
    if (node->quoted || !parse_int(node->text, &value)) {
        yaml_problem(node, "%s must be a whole number%s, not '%.*s'", what,
                     node->quoted ? " without quotes" : "", SLICE_ARG(node->text));
        return false;
    }
    if (value < low || value > high) {
        yaml_problem(node, "%s must lie between %" PRId64 " and %" PRId64 ", not %" PRId64, what, low, high,
                     value);
        return false;
    }
    *ret_int = value;
    return true;
}

bool yaml_bool(const struct yaml *node, const char *what, bool *ret_bool)
{
    if (!is_scalar(node, what, "true or false")) {
        return false;
    }
    bool is_true = slice_is(node->text, "true");
    if (node->quoted || (!is_true && !slice_is(node->text, "false"))) {
        yaml_problem(node, "%s must be true or false%s, not '%.*s'", what,
                     node->quoted ? " without quotes" : "", SLICE_ARG(node->text));
        return false;
    }
    *ret_bool = is_true;
    return true;
}

bool yaml_choice(const struct yaml *node, const char *what, const char *const *names, size_t count,
                 size_t *ret_index)
{
    if (!is_scalar(node, what, "a name")) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (slice_is(node->text, names[i])) {
            *ret_index = i;
            return true;
        }
    }
    struct buf list = {0};
    list_names(names, count, &list);
    const char *nearest = yaml_nearest(names, count, node->text);
    yaml_problem(node, "%s must be %.*s, not '%.*s'%s%s%s", what, SLICE_ARG(buf_view(&list)),
                 SLICE_ARG(node->text), nearest != NULL ? "; did you mean '" : "",
                 nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    buf_done(&list);
    return false;
}

bool yaml_only_keys(const struct yaml *mapping, const char *what, const char *const *names, size_t count)
{
    bool all_known = true;
    YAML_EACH(child, mapping)
    {
        bool known = false;
        for (size_t i = 0; i < count && !known; i++) {
            known = slice_is(child->key, names[i]);
        }
        if (!known) {
            const char *nearest = yaml_nearest(names, count, child->key);
            yaml_problem_at_key(child, "unknown key '%.*s'%s%s%s%s%s", SLICE_ARG(child->key),
                                *what != '\0' ? " in " : "", what, nearest != NULL ? "; did you mean '" : "",
                                nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
            all_known = false;
        }
    }
    return all_known;
}

const char *yaml_nearest(const char *const *names, size_t count, struct slice text)
{
    size_t best_steps = text.len / 3 > 1 ? text.len / 3 + 1 : 2; /* one more than is near enough */
    const char *best = NULL;
    if (text.len > NAME_BYTES_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_of(names[i]);
        if (name.len > NAME_BYTES_MAX) {
            continue;
        }
        size_t steps = distance(text, name);
        if (steps < best_steps && steps < name.len) {
            best_steps = steps;
            best = names[i];
        }
    }
    return best;
}

static bool is_scalar(const struct yaml *node, const char *what, const char *wanted)
{
    if (node->kind != YAML_SCALAR) {
        yaml_problem(node, "%s must be %s, not a %s", what, wanted,
                     node->kind == YAML_SEQUENCE ? "list" : "mapping");
    }
    return node->kind == YAML_SCALAR;
}

/* "a", "a or b", "a, b or c" */
static void list_names(const char *const *names, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "" : i + 1 == count ? " or " : ", ");
        buf_text(out, names[i]);
    }
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Optimal string alignment: insert, remove, replace a byte, swap two neighbours. Three rows are enough. */
static size_t distance(struct slice a, struct slice b)
{
    size_t rows[3][NAME_BYTES_MAX + 1];
    assert(a.len <= NAME_BYTES_MAX && b.len <= NAME_BYTES_MAX);
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *swap = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = above[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            row[j] = least(above[j] + 1, row[j - 1] + 1, replace);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1]) {
                row[j] = least(row[j], row[j], swap[j - 2] + 1);
            }
        }
    }
    return rows[a.len % 3][b.len];
}
