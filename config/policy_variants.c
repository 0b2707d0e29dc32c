/* SPDX-License-Identifier: MIT */
/* Reads the variants of a follow-up: other contents or offers for some of those for whom it is meant. */
#include "config/condition.h"
#include "config/policy_parts.h"

#define VARIANTS_MAX 16
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const keys[] = {"if", "content", "offer"};

static void read_variant(struct follow_up_reader *reader, const struct yaml *node, const char *path,
                         struct variant *variant);

void policy_read_variants(struct follow_up_reader *reader)
{
    const struct yaml *node = yaml_get(reader->node, "variants");
    struct follow_up *follow_up = reader->follow_up;
    if (node == NULL || !reader->has_on || !yaml_is_sequence(node, policy_path(reader, "variants"))) {
        return;
    }
    if (node->count > VARIANTS_MAX) {
        yaml_problem(node, "%s has %zu of them; at most %d are read", policy_path(reader, "variants"),
                     node->count, VARIANTS_MAX);
        return;
    }
    struct variant *variants = arena_zalloc(reader->arena, (node->count + 1) * sizeof *variants);
    follow_up->variants = variants;
    YAML_EACH(child, node)
    {
        const char *path = arena_printf(reader->arena, "%s[%zu]", policy_path(reader, "variants"),
                                        follow_up->variant_count + 1)
                               .data;
        read_variant(reader, child, path, &variants[follow_up->variant_count++]);
    }
}

static void read_variant(struct follow_up_reader *reader, const struct yaml *node, const char *path,
                         struct variant *variant)
{
    const struct follow_up *follow_up = reader->follow_up;
    const struct yaml *child = NULL;
    *variant = (struct variant){.content = follow_up->content, .offer = follow_up->offer};
    if (!yaml_is_mapping(node, path)) {
        return;
    }
    (void)yaml_only_keys(node, path, keys, COUNT(keys));
    if ((child = yaml_get(node, "if")) == NULL) {
        yaml_problem(node, "%s needs 'if': for whom it is; what is for all others stands in the follow-up",
                     path);
    } else {
        variant->condition = condition_parse(child, arena_printf(reader->arena, "%s.if", path).data,
                                             follow_up->on, reader->policy->default_zone, reader->arena);
    }
    if (yaml_get(node, "content") == NULL && yaml_get(node, "offer") == NULL) {
        yaml_problem(node, "%s needs a 'content' or an 'offer' of its own", path);
    }
    if ((child = yaml_get(node, "content")) != NULL) {
        noted(policy_read_reference(child, arena_printf(reader->arena, "%s.content", path).data,
                                    &variant->content));
    }
    if ((child = yaml_get(node, "offer")) != NULL) {
        noted(policy_read_reference(child, arena_printf(reader->arena, "%s.offer", path).data,
                                    &variant->offer));
    }
}
