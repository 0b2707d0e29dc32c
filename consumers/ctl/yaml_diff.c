/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/yaml_diff.h"

#include "consumers/ctl/table.h"

struct differing {
    struct table table;
    struct buf path;
    size_t count;
};

static void compare(struct differing *differing, const struct yaml *from, const struct yaml *to);
static void compare_mappings(struct differing *differing, const struct yaml *from, const struct yaml *to);
static const struct yaml *child_of(const struct yaml *mapping, struct slice key);
static bool is_equal(const struct yaml *a, const struct yaml *b);
static void say(struct differing *differing, const char *mark, const struct yaml *from,
                const struct yaml *to);
static void write_flow(struct buf *out, const struct yaml *node);

size_t yaml_diff(const struct yaml *from, const struct yaml *to, struct buf *out)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false},
        {NULL, false}
    };
    struct differing differing = {0};
    table_init(&differing.table, columns, 3);
    compare(&differing, from, to);
    if (differing.count > 0) {
        table_print(&differing.table, false, out);
    }
    table_done(&differing.table);
    buf_done(&differing.path);
    return differing.count;
}

static void compare(struct differing *differing, const struct yaml *from, const struct yaml *to)
{
    if (from->kind == YAML_MAPPING && to->kind == YAML_MAPPING) {
        compare_mappings(differing, from, to);
    } else if (!is_equal(from, to)) {
        say(differing, "", from, to);
    }
}

static void compare_mappings(struct differing *differing, const struct yaml *from, const struct yaml *to)
{
    size_t len = differing->path.len;
    YAML_EACH(old, from)
    {
        const struct yaml *new = child_of(to, old->key);
        buf_printf(&differing->path, "%s%.*s", len > 0 ? "." : "", SLICE_ARG(old->key));
        if (new == NULL) {
            say(differing, "-", old, NULL);
        } else {
            compare(differing, old, new);
        }
        differing->path.len = len;
    }
    YAML_EACH(new, to)
    {
        if (child_of(from, new->key) == NULL) {
            buf_printf(&differing->path, "%s%.*s", len > 0 ? "." : "", SLICE_ARG(new->key));
            say(differing, "+", NULL, new);
            differing->path.len = len;
        }
    }
}

static const struct yaml *child_of(const struct yaml *mapping, struct slice key)
{
    YAML_EACH(child, mapping)
    {
        if (slice_equal(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

/* As lists compare: in order. A number in quotes is the same text, and means the same wherever a policy has
 * one. */
static bool is_equal(const struct yaml *a, const struct yaml *b)
{
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    if (a->kind == YAML_SCALAR) {
        return slice_equal(a->text, b->text);
    }
    const struct yaml *other = b->first;
    YAML_EACH(child, a)
    {
        if (a->kind == YAML_MAPPING) {
            other = child_of(b, child->key);
        }
        if (other == NULL || !is_equal(child, other)) {
            return false;
        }
        other = other->next;
    }
    return true;
}

static void say(struct differing *differing, const char *mark, const struct yaml *from, const struct yaml *to)
{
    struct buf text = {0};
    table_text(&differing->table, mark);
    table_cell(&differing->table, buf_view(&differing->path));
    if (from != NULL) {
        write_flow(&text, from);
    }
    buf_text(&text, from != NULL && to != NULL ? " -> " : "");
    if (to != NULL) {
        write_flow(&text, to);
    }
    table_buf(&differing->table, &text);
    buf_done(&text);
    differing->count++;
}

/* On one line: {on: birthday, channels: [email, push]}. */
static void write_flow(struct buf *out, const struct yaml *node)
{
    const char *gap = "";
    if (node->kind == YAML_SCALAR) {
        buf_printf(out, node->quoted ? "\"%.*s\"" : "%.*s", SLICE_ARG(node->text));
        return;
    }
    buf_char(out, node->kind == YAML_MAPPING ? '{' : '[');
    YAML_EACH(child, node)
    {
        buf_text(out, gap);
        if (node->kind == YAML_MAPPING) {
            buf_printf(out, "%.*s: ", SLICE_ARG(child->key));
        }
        write_flow(out, child);
        gap = ", ";
    }
    buf_char(out, node->kind == YAML_MAPPING ? '}' : ']');
}
