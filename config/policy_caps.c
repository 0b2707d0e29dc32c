/* SPDX-License-Identifier: MIT */
/* Reads a policy's caps, and works out for each follow-up which of them limit it and which it counts towards:
 * so that one that no cap knows costs nothing. */
#include "config/policy_parts.h"

#define DAY_MS       86400000LL
#define DAYS_MAX     30
#define AT_MOST_MAX  1000
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* `limits` or `counts`: a message fits if each part that is named fits. */
struct filter {
    unsigned classes, channels;
    const struct yaml *follow_ups, *tags; /* sequences; NULL: not named */
};

static void read_cap(const struct yaml *node, struct policy *policy, struct arena *arena);
static void read_per(const struct yaml *node, const char *what, struct cap *cap);
static bool read_filter(const struct yaml *node, const char *what, const struct policy *policy,
                        struct arena *arena, struct filter *ret_filter);
static const struct yaml *read_names(const struct yaml *mapping, const char *what, const char *key,
                                     const char *const *known, size_t known_count, struct arena *arena);
static size_t gather_names(const struct policy *policy, bool tags, struct arena *arena,
                           const char ***ret_names);
static bool fits(const struct follow_up *follow_up, const struct filter *filter);
static bool names_follow_up(const struct yaml *names, struct slice name);
static bool has_tag(const struct follow_up *follow_up, const struct yaml *tags);

void policy_read_caps(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "caps")) {
        return;
    }
    if (node->count > POLICY_CAPS_MAX) {
        yaml_problem(node, "caps has %zu of them; at most %d are read", node->count, POLICY_CAPS_MAX);
        return;
    }
    YAML_EACH(child, node)
    {
        if (!policy_is_name(child->key, POLICY_NAME_BYTES_MAX)) {
            yaml_problem_at_key(child, "the name of a cap must have 1 to 32 of a-z, 0-9 and '-', not '%.*s'",
                                SLICE_ARG(child->key));
        }
        read_cap(child, policy, arena);
    }
}

static void read_cap(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    static const char *const keys[] = {"at_most", "per", "limits", "counts"};
    const char *what = arena_printf(arena, "caps.%.*s", SLICE_ARG(node->key)).data;
    struct cap cap = {.name = node->key};
    struct filter limits = {0}, counts = {0};
    if (!yaml_is_mapping(node, what)) {
        return;
    }
    (void)yaml_only_keys(node, what, keys, COUNT(keys));
    const struct yaml *at_most = yaml_get(node, "at_most"), *per = yaml_get(node, "per");
    if (at_most == NULL || per == NULL) {
        yaml_problem_at_key(node, "%s needs 'at_most' and 'per', such as {at_most: 3, per: 7d}", what);
        return;
    }
    noted(yaml_int(at_most, arena_printf(arena, "%s.at_most", what).data, 1, AT_MOST_MAX, &cap.at_most));
    read_per(per, arena_printf(arena, "%s.per", what).data, &cap);
    bool read = read_filter(yaml_get(node, "limits"), arena_printf(arena, "%s.limits", what).data, policy,
                            arena, &limits);
    counts = limits;
    if (yaml_get(node, "counts") != NULL) {
        read &= read_filter(yaml_get(node, "counts"), arena_printf(arena, "%s.counts", what).data, policy,
                            arena, &counts);
    }
    if (!read) {
        return;
    }
    cap.limits_channels = limits.channels;
    cap.counts_channels = counts.channels;
    cap.counts_classes = counts.follow_ups == NULL && counts.tags == NULL ? counts.classes : 0;
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        struct follow_up *follow_up = &policy->follow_ups[i];
        follow_up->capped_by |= fits(follow_up, &limits) ? SET_OF(policy->cap_count) : 0;
        follow_up->counts_to |= fits(follow_up, &counts) ? SET_OF(policy->cap_count) : 0;
    }
    policy->caps[policy->cap_count++] = cap;
}

/* "day" is the calendar's; "1d" are 24 hours. */
static void read_per(const struct yaml *node, const char *what, struct cap *cap)
{
    struct slice text = {0};
    int64_t days = 0;
    if (!yaml_text(node, what, &text) || slice_is(text, "day")) {
        return;
    }
    struct slice number = {.data = text.data, .len = text.len > 0 ? text.len - 1 : 0};
    if (number.len == 0 || text.data[number.len] != 'd' || !parse_int(number, &days) || days < 1 ||
        days > DAYS_MAX) {
        yaml_problem(node,
                     "%s must be day (the calendar day where the customer lives) or 1d to %dd (so many times "
                     "24 hours), not '%.*s'",
                     what, DAYS_MAX, SLICE_ARG(text));
        return;
    }
    cap->window_ms = days * DAY_MS;
}

/* Who names follow-ups or tags has said what is meant: then every class will do. */
static bool read_filter(const struct yaml *node, const char *what, const struct policy *policy,
                        struct arena *arena, struct filter *ret_filter)
{
    static const char *const keys[] = {"classes", "channels", "follow_ups", "tags"};
    const char **names = NULL;
    if (node != NULL && !yaml_is_mapping(node, what)) {
        return false;
    }
    bool read = node == NULL || yaml_only_keys(node, what, keys, COUNT(keys));
    ret_filter->classes = policy_read_classes(node, what, arena);
    ret_filter->channels = policy_read_channels(node, what, arena);
    size_t count = gather_names(policy, false, arena, &names);
    ret_filter->follow_ups = read_names(node, what, "follow_ups", names, count, arena);
    count = gather_names(policy, true, arena, &names);
    ret_filter->tags = read_names(node, what, "tags", names, count, arena);
    bool named = ret_filter->follow_ups != NULL || ret_filter->tags != NULL;
    if (named && yaml_get(node, "classes") == NULL) {
        ret_filter->classes = SET_OF_ALL(CLASS_COUNT) & ~SET_OF(CLASS_safety);
    }
    return read;
}

/* The sequence, if it is there; every name in it that is not known is a problem. */
static const struct yaml *read_names(const struct yaml *mapping, const char *what, const char *key,
                                     const char *const *known, size_t known_count, struct arena *arena)
{
    const struct yaml *node = yaml_get(mapping, key);
    what = arena_printf(arena, "%s.%s", what, key).data;
    if (node == NULL || !yaml_is_sequence(node, what)) {
        return NULL;
    }
    if (node->count == 0) {
        yaml_problem(node, "%s must name at least one", what);
    }
    YAML_EACH(child, node)
    {
        struct slice name = {0};
        bool found = !yaml_text(child, what, &name);
        for (size_t i = 0; i < known_count && !found; i++) {
            found = slice_is(name, known[i]);
        }
        if (!found) {
            const char *nearest = yaml_nearest(known, known_count, name);
            yaml_problem(child, "%s: no follow-up has the %s '%.*s'%s%s%s", what,
                         slice_is(slice_of(key), "tags") ? "tag" : "name", SLICE_ARG(name),
                         nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                         nearest != NULL ? "'?" : "");
        }
    }
    return node;
}

/* The names or tags of all follow-ups; of one in stages (NAME.STAGE) also its own. */
static size_t gather_names(const struct policy *policy, bool tags, struct arena *arena,
                           const char ***ret_names)
{
    size_t count = 0, most = tags ? FOLLOW_UP_TAGS_MAX : 2;
    const char **names = arena_alloc(arena, (policy->follow_up_count * most + 1) * sizeof *names);
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        const struct follow_up *follow_up = &policy->follow_ups[i];
        for (size_t j = 0; tags && j < follow_up->tag_count; j++) {
            names[count++] = arena_copy(arena, follow_up->tags[j]).data;
        }
        if (!tags && follow_up->name.data != NULL) { /* one that could not be read has none */
            struct slice name = follow_up->name;
            const char *dot = memchr(name.data, '.', name.len);
            names[count++] = arena_copy(arena, name).data;
            if (dot != NULL) {
                names[count++] =
                    arena_copy(arena, (struct slice){.data = name.data, .len = (size_t)(dot - name.data)})
                        .data;
            }
        }
    }
    *ret_names = names;
    return count;
}

static bool fits(const struct follow_up *follow_up, const struct filter *filter)
{
    return follow_up->message_class != CLASS_safety && SET_HAS(filter->classes, follow_up->message_class) &&
           (filter->follow_ups == NULL || names_follow_up(filter->follow_ups, follow_up->name)) &&
           (filter->tags == NULL || has_tag(follow_up, filter->tags));
}

/* By its own name, or by that of the follow-up of which it is a stage. */
static bool names_follow_up(const struct yaml *names, struct slice name)
{
    YAML_EACH(child, names)
    {
        if (slice_equal(child->text, name) || (slice_has_prefix(name, child->text) && child->text.len > 0 &&
                                               name.data[child->text.len] == '.')) {
            return true;
        }
    }
    return false;
}

static bool has_tag(const struct follow_up *follow_up, const struct yaml *tags)
{
    YAML_EACH(child, tags)
    {
        for (size_t i = 0; i < follow_up->tag_count; i++) {
            if (slice_equal(child->text, follow_up->tags[i])) {
                return true;
            }
        }
    }
    return false;
}
