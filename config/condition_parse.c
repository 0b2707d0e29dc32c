/* SPDX-License-Identifier: MIT */
/* Reads the joins of a condition; its lines are read in condition_leaf.c. */
#include "config/condition.h"

#include "config/condition_parts.h"

#include <assert.h>

/* A condition while it is read. */
struct builder {
    struct condition_reader reader;
    struct condition_node nodes[CONDITION_NODES_MAX];
    size_t count;
    bool failed, too_many;
};

static const char *const joins[] = {
    [CONDITION_ALL] = "all", [CONDITION_ANY] = "any", [CONDITION_NOT] = "not"};

static void read_node(struct builder *builder, const struct yaml *node, int depth);
static void read_join(struct builder *builder, const struct yaml *node, int depth);
static void read_parts(struct builder *builder, const struct yaml *list, enum condition_kind kind, int depth);
static struct condition_node *add_node(struct builder *builder, const struct yaml *node);

const struct condition *condition_parse(const struct yaml *node, const char *what, enum follow_up_on on,
                                        struct slice zone, struct arena *arena)
{
    struct builder builder = {
        .reader = {.what = what, .on = on, .zone = zone, .arena = arena}
    };
    read_node(&builder, node, 1);
    if (builder.failed) {
        return NULL;
    }
    struct condition *condition = arena_zalloc(arena, sizeof *condition);
    struct condition_node *nodes = arena_zalloc(arena, builder.count * sizeof *nodes);
    memcpy(nodes, builder.nodes, builder.count * sizeof *nodes);
    *condition = (struct condition){.nodes = nodes, .count = builder.count, .source = node};
    return condition;
}

static void read_node(struct builder *builder, const struct yaml *node, int depth)
{
    if (depth > CONDITION_DEPTH_MAX) {
        yaml_problem(node, "%s is nested more than %d deep", builder->reader.what, CONDITION_DEPTH_MAX);
        builder->failed = true;
    } else if (node->kind == YAML_SEQUENCE) {
        read_parts(builder, node, CONDITION_ALL, depth);
    } else if (node->kind == YAML_MAPPING) {
        read_join(builder, node, depth);
    } else {
        struct condition_node *leaf = add_node(builder, node);
        if (leaf != NULL && !condition_leaf_read(&builder->reader, node, leaf)) {
            builder->failed = true;
        }
    }
}

static void read_join(struct builder *builder, const struct yaml *node, int depth)
{
    const struct yaml *part = node->first;
    if (node->count > 1 && yaml_is_null(part->next)) {
        yaml_problem_at_key(part->next,
                            "inside { } and [ ] a comma ends the line; put the whole line in quotes");
        builder->failed = true;
    } else if (node->count != 1) {
        yaml_problem(node,
                     "%s must be a line such as 'orders >= 3', a list of them, or one of all, any and not",
                     builder->reader.what);
        builder->failed = true;
    } else if (!yaml_only_keys(node, builder->reader.what, joins, CONDITION_LEAF)) {
        builder->failed = true;
    } else if (!slice_is(part->key, "not")) {
        read_parts(builder, part, slice_is(part->key, "any") ? CONDITION_ANY : CONDITION_ALL, depth);
    } else {
        struct condition_node *join = add_node(builder, part);
        if (join != NULL) {
            join->kind = CONDITION_NOT;
            read_node(builder, part, depth + 1);
            join->end = (uint16_t)builder->count;
        }
    }
}

static void read_parts(struct builder *builder, const struct yaml *list, enum condition_kind kind, int depth)
{
    if (!yaml_is_sequence(list, builder->reader.what)) {
        builder->failed = true;
        return;
    }
    if (list->count == 0) {
        yaml_problem(list, "%s has an empty list; name at least one condition", builder->reader.what);
        builder->failed = true;
        return;
    }
    struct condition_node *join = add_node(builder, list);
    if (join == NULL) {
        return;
    }
    join->kind = kind;
    YAML_EACH(part, list)
    {
        read_node(builder, part, depth + 1);
    }
    join->end = (uint16_t)builder->count;
}

/* NULL when there are too many, which is said once. The room is the builder's, so that it stays where it is.
 */
static struct condition_node *add_node(struct builder *builder, const struct yaml *node)
{
    if (builder->count == CONDITION_NODES_MAX) {
        if (!builder->too_many) {
            yaml_problem(node, "%s has more than %d lines and joins", builder->reader.what,
                         CONDITION_NODES_MAX);
        }
        builder->too_many = builder->failed = true;
        return NULL;
    }
    struct condition_node *made = &builder->nodes[builder->count++];
    *made = (struct condition_node){.kind = CONDITION_LEAF, .end = (uint16_t)builder->count};
    return made;
}
