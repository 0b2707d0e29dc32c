/* SPDX-License-Identifier: MIT */
/* Reads the variants of a follow-up: other contents or offers for some of those for whom it is meant. */
#include "config/condition.h"
#include "config/policy_parts.h"

#include "common/money.h"

#define VARIANTS_MAX 16
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const keys[] = {"if", "content", "offer", "offer_value", "reason"};

static void read_variant(struct follow_up_reader *reader, const struct yaml *node, const char *path,
                         struct variant *variant);

static bool read_worth(struct slice text, struct arena *arena, struct offer_value *value);

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
    *variant = (struct variant){
        .content = follow_up->content, .offer = follow_up->offer, .has_reason = follow_up->has_reason};
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
    if (yaml_get(node, "offer") == NULL) {
        variant->value = follow_up->value;
    }
    policy_read_offer_value(node, path, variant->offer.data != NULL, reader->arena, &variant->value,
                            &variant->has_reason);
}

void policy_read_offer_value(const struct yaml *node, const char *path, bool has_offer, struct arena *arena,
                             struct offer_value *value, bool *has_reason)
{
    const struct yaml *child = yaml_get(node, "reason");
    struct slice text = {0};
    if (child != NULL && yaml_text(child, arena_printf(arena, "%s.reason", path).data, &text)) {
        *has_reason = text.len > 0;
    }
    if ((child = yaml_get(node, "offer_value")) == NULL ||
        !yaml_text(child, arena_printf(arena, "%s.offer_value", path).data, &text)) {
        return;
    }
    struct offer_value read = {.where = path, .node = child};
    if (!read_worth(text, arena, &read)) {
        yaml_problem(child, "%s.offer_value must be such as 5%% or 5.00 EUR, not '%.*s'", path,
                     SLICE_ARG(text));
    } else if (!has_offer) {
        yaml_problem_at_key(child, "%s.offer_value needs an 'offer': it is what that is worth", path);
    } else {
        *value = read;
    }
}

static bool read_worth(struct slice text, struct arena *arena, struct offer_value *value)
{
    char why[256];
    if (text.len > 1 && text.data[text.len - 1] == '%') {
        return parse_int((struct slice){.data = text.data, .len = text.len - 1}, &value->number) &&
               value->number >= 1 && value->number <= 100;
    }
    if (text.len < 5 || text.data[text.len - 4] != ' ') {
        return false;
    }
    memcpy(value->currency, text.data + text.len - 3, 3);
    struct slice amount = arena_copy(arena, (struct slice){.data = text.data, .len = text.len - 4});
    return money_parse(amount.data, value->currency, &value->number, why);
}
