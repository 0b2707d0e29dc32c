/* SPDX-License-Identifier: MIT */
/* The stages of a follow-up: each becomes a follow-up FOLLOW-UP.STAGE of its own, with what stands in the
 * follow-up where the stage says nothing else. That happens on the tree of YAML, so that nobody else knows of
 * stages, and a mistake is named where it was written: what stages share, once. */
#include "config/policy_parts.h"

#define STAGES_MAX     10
#define NAME_BYTES_MAX 16
#define COUNT(array)   (sizeof(array) / sizeof *(array))

static const char *const keys[] = {
    "name",          "days",     "if",    "after", "at",       "unless",      "content", "offer",
    "expires_after", "channels", "class", "mode",  "variants", "offer_value", "reason",  "only_after"};

static bool read_name(const struct yaml *stage, const char *path, struct slice *ret_name);
static bool has_before(const struct yaml *stages, const struct yaml *stage, struct slice name);
static struct yaml *merge(const struct yaml *follow_up, const struct yaml *stage, struct slice name,
                          struct arena *arena);
static void add_copy(struct yaml *mapping, struct yaml **last, const struct yaml *child, struct arena *arena);

size_t policy_stage_count(const struct yaml *follow_up)
{
    const struct yaml *stages = yaml_get(follow_up, "stages");
    return stages != NULL && stages->kind == YAML_SEQUENCE ? stages->count : 0;
}

void policy_read_stages(const struct yaml *follow_up, struct arena *arena, stage_reader *read, void *context)
{
    const struct yaml *stages = yaml_get(follow_up, "stages");
    const char *path = arena_printf(arena, "follow_ups.%.*s.stages", SLICE_ARG(follow_up->key)).data;
    size_t number = 0;
    if (!yaml_is_sequence(stages, path)) {
        return;
    }
    if (stages->count == 0 || stages->count > STAGES_MAX) {
        yaml_problem(stages, "%s must have 1 to %d stages, not %zu", path, STAGES_MAX, stages->count);
        return;
    }
    YAML_EACH(stage, stages)
    {
        struct slice name = {0};
        const char *numbered = arena_printf(arena, "%s[%zu]", path, ++number).data;
        if (!yaml_is_mapping(stage, numbered) || !read_name(stage, numbered, &name)) {
            continue;
        }
        const char *named = arena_printf(arena, "%s.%.*s", path, SLICE_ARG(name)).data;
        (void)yaml_only_keys(stage, named, keys, COUNT(keys));
        if (has_before(stages, stage, name)) {
            yaml_problem(yaml_get(stage, "name"), "the stage '%.*s' stands in %s twice", SLICE_ARG(name),
                         path);
            continue;
        }
        read(context, merge(follow_up, stage, name, arena), stage, named);
    }
}

static bool read_name(const struct yaml *stage, const char *path, struct slice *ret_name)
{
    const struct yaml *node = yaml_get(stage, "name");
    if (node == NULL) {
        yaml_problem(stage, "%s needs a 'name', such as reminder", path);
        return false;
    }
    if (!yaml_text(node, "the name of a stage", ret_name)) {
        return false;
    }
    if (!policy_is_name(*ret_name, NAME_BYTES_MAX)) {
        yaml_problem(node, "the name of a stage must have 1 to %d of a-z, 0-9 and '-', not '%.*s'",
                     NAME_BYTES_MAX, SLICE_ARG(*ret_name));
        return false;
    }
    return true;
}

static bool has_before(const struct yaml *stages, const struct yaml *stage, struct slice name)
{
    for (const struct yaml *each = stages->first; each != stage; each = each->next) {
        const struct yaml *node = yaml_get(each, "name");
        if (node != NULL && slice_equal(node->text, name)) {
            return true;
        }
    }
    return false;
}

/* The stage's keys, and those of the follow-up that it has not. */
static struct yaml *merge(const struct yaml *follow_up, const struct yaml *stage, struct slice name,
                          struct arena *arena)
{
    struct yaml *made = arena_alloc(arena, sizeof *made), *last = NULL;
    *made = *stage;
    made->key = arena_printf(arena, "%.*s.%.*s", SLICE_ARG(follow_up->key), SLICE_ARG(name));
    made->key_line = stage->line;
    made->key_column = stage->column;
    made->first = NULL;
    made->count = 0;
    YAML_EACH(child, follow_up)
    {
        const char *key = child->key.data; /* terminated: it lies in the arena */
        if (yaml_get(stage, key) == NULL && !slice_is(child->key, "stages")) {
            add_copy(made, &last, child, arena);
        }
    }
    YAML_EACH(child, stage)
    {
        if (!slice_is(child->key, "name")) {
            add_copy(made, &last, child, arena);
        }
    }
    return made;
}

static void add_copy(struct yaml *mapping, struct yaml **last, const struct yaml *child, struct arena *arena)
{
    struct yaml *copy = arena_alloc(arena, sizeof *copy);
    *copy = *child;
    copy->next = NULL;
    if (*last != NULL) {
        (*last)->next = copy;
    } else {
        mapping->first = copy;
    }
    *last = copy;
    mapping->count++;
}
