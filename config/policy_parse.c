/* SPDX-License-Identifier: MIT */
/* Reads a policy's YAML, but for its follow-ups (policy_follow_up.c) and calendars. The whole file is walked,
 * whatever is wrong with a part of it, so that its author sees all mistakes at once. */
#include "config/policy.h"

#include "common/mem.h"
#include "config/policy_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#define ARENA_BLOCK_BYTES 32768
#define COUNT(array)      (sizeof(array) / sizeof *(array))

static const char *const policy_keys[] = {
    "policy",          "mode",    "not_before", "clock",     "default_zone", "zones",
    "freeze",          "limits",  "classes",    "calendars", "quiet_hours",  "caps",
    "consent_default", "holdout", "risk",       "spread",    "follow_ups"};

static void read_policy(const struct yaml *root, struct policy *policy, struct arena *arena);
static void read_format(const struct yaml *root);
static void read_zones(const struct yaml *node, struct policy *policy, struct arena *arena);
static void read_limits(const struct yaml *node, struct policy *policy);
static void read_classes(const struct yaml *node, struct policy *policy, struct arena *arena);

bool policy_parse(const char *file, struct slice yaml, struct buf *problems, struct policy **ret_policy)
{
    size_t problems_before = problems->len;
    if (yaml.len > POLICY_BYTES_MAX) {
        buf_printf(problems, "%s:1:1: the policy has %zu bytes; at most %d are read\n", file, yaml.len,
                   POLICY_BYTES_MAX);
        return false;
    }
    struct policy_owned *owned = mem_zalloc(sizeof *owned);
    owned->arena = arena_create(ARENA_BLOCK_BYTES);
    policy_init(&owned->policy);
    owned->policy.text = arena_copy(owned->arena, yaml);

    const struct yaml *root = NULL;
    if (yaml_parse(file, owned->policy.text, owned->arena, problems, &root)) {
        owned->policy.root = root;
        read_policy(root, &owned->policy, owned->arena);
    }
    if (problems->len != problems_before) {
        policy_free(&owned->policy);
        return false;
    }
    struct buf body = {0};
    policy_record_body(yaml, &body);
    policy_version_of(buf_view(&body), owned->policy.version);
    buf_done(&body);
    *ret_policy = &owned->policy;
    return true;
}

/* In the order in which one part needs another: a date its zone, the follow-ups all else. */
static void read_policy(const struct yaml *root, struct policy *policy, struct arena *arena)
{
    const struct yaml *node = NULL;
    size_t choice = 0;
    if (!yaml_is_mapping(root, "a policy")) {
        return;
    }
    (void)yaml_only_keys(root, "", policy_keys, COUNT(policy_keys));
    read_format(root);
    if ((node = yaml_get(root, "mode")) != NULL && yaml_choice(node, "mode", policy_mode_names, 3, &choice)) {
        policy->mode = (enum policy_mode)choice;
    } else if (node == NULL) {
        policy->mode = MODE_SHADOW;
    }
    if ((node = yaml_get(root, "clock")) != NULL &&
        yaml_choice(node, "clock", policy_clock_names, 2, &choice)) {
        policy->clock = (enum policy_clock)choice;
    }
    if ((node = yaml_get(root, "default_zone")) != NULL) {
        noted(policy_read_zone(node, "default_zone", &policy->default_zone));
    }
    if ((node = yaml_get(root, "not_before")) != NULL && !yaml_is_null(node)) {
        noted(policy_read_instant(node, "not_before", policy->default_zone, &policy->not_before_ms));
    }
    if ((node = yaml_get(root, "freeze")) != NULL) {
        noted(policy_read_duration(node, "freeze", 0, &policy->freeze_ms));
    }
    read_zones(yaml_get(root, "zones"), policy, arena);
    read_limits(yaml_get(root, "limits"), policy);
    read_classes(yaml_get(root, "classes"), policy, arena);
    policy_read_calendars(yaml_get(root, "calendars"), policy, arena);
    policy_read_follow_ups(yaml_get(root, "follow_ups"), policy, arena);
    policy_index_follow_ups(policy, arena);
    policy_read_gate(root, policy, arena);
}

static void read_format(const struct yaml *root)
{
    const struct yaml *node = yaml_get(root, "policy");
    int64_t format = 0;
    if (node == NULL) {
        yaml_problem(root, "a policy must have the line 'policy: %d', the number of this format",
                     POLICY_FORMAT);
    } else if (yaml_int(node, "policy", 1, INT32_MAX, &format) && format != POLICY_FORMAT) {
        yaml_problem(node, "this program reads policies of format %d, not %" PRId64, POLICY_FORMAT, format);
    }
}

static int compare_places(const void *a, const void *b)
{
    return slice_compare(((const struct zone_rule *)a)->place, ((const struct zone_rule *)b)->place);
}

static void read_zones(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "zones")) {
        return;
    }
    if (node->count > POLICY_ZONES_MAX) {
        yaml_problem(node, "zones has %zu places; at most %d are read", node->count, POLICY_ZONES_MAX);
        return;
    }
    policy->zones = arena_zalloc(arena, (node->count + 1) * sizeof *policy->zones);
    YAML_EACH(child, node)
    {
        struct zone_rule *rule = &policy->zones[policy->zone_count];
        rule->place = child->key;
        if (!policy_is_place(child->key)) {
            yaml_problem_at_key(child,
                                "a place in zones must be a country such as US, or country and region such "
                                "as US-CA, not '%.*s'",
                                SLICE_ARG(child->key));
        }
        if (policy_read_zone(child, arena_printf(arena, "zones.%.*s", SLICE_ARG(child->key)).data,
                             &rule->zone)) {
            policy->zone_count++;
        }
    }
    qsort(policy->zones, policy->zone_count, sizeof *policy->zones, compare_places);
}

static void read_limits(const struct yaml *node, struct policy *policy)
{
    static const char *const names[] = {
#define POLICY_LIMIT(name, def, low, high, sentence) #name,
#include "config/policy_limits.def"
#undef POLICY_LIMIT
    };
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "limits")) {
        return;
    }
    (void)yaml_only_keys(node, "limits", names, COUNT(names));
    const struct yaml *child = NULL;
#define POLICY_LIMIT(name, def, low, high, sentence)                                                         \
    if ((child = yaml_get(node, #name)) != NULL) {                                                           \
        noted(yaml_int(child, "limits." #name, low, high, &policy->limits.name));                            \
    }
#include "config/policy_limits.def"
#undef POLICY_LIMIT
}

static void read_class(const struct yaml *node, const char *name, struct class_rules *rules,
                       struct arena *arena)
{
    static const char *const keys[] = {"needs_consent", "purpose", "freezes"};
    const char *const purposes[] = {consent_purpose_name(PURPOSE_MARKETING),
                                    consent_purpose_name(PURPOSE_CONTENT)};
    const char *what = arena_printf(arena, "classes.%s", name).data;
    const struct yaml *child = NULL;
    size_t choice = 0;
    if (!yaml_is_mapping(node, what)) {
        return;
    }
    (void)yaml_only_keys(node, what, keys, COUNT(keys));
    if ((child = yaml_get(node, "needs_consent")) != NULL) {
        noted(yaml_bool(child, arena_printf(arena, "%s.needs_consent", what).data, &rules->needs_consent));
    }
    if ((child = yaml_get(node, "freezes")) != NULL) {
        noted(yaml_bool(child, arena_printf(arena, "%s.freezes", what).data, &rules->freezes));
    }
    if ((child = yaml_get(node, "purpose")) != NULL &&
        yaml_choice(child, arena_printf(arena, "%s.purpose", what).data, purposes, COUNT(purposes),
                    &choice)) {
        rules->purpose = (enum consent_purpose)choice;
    }
}

/* Safety passes every guard, whatever a policy would like. */
static void read_classes(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "classes")) {
        return;
    }
    (void)yaml_only_keys(node, "classes", policy_class_names, CLASS_COUNT);
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        const struct yaml *child = yaml_get(node, policy_class_names[i]);
        if (child != NULL && i == CLASS_safety) {
            yaml_problem_at_key(
                child, "safety messages need no consent and never freeze; leave the class safety out");
        } else if (child != NULL) {
            read_class(child, policy_class_names[i], &policy->classes[i], arena);
        }
    }
}
