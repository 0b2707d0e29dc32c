/* SPDX-License-Identifier: MIT */
/* What a consent that is not known means, by contact channel and place: how it is read, and asked. */
#include "config/policy_parts.h"

#define DEFAULTS_MAX 1000
#define OTHER        SLICE("other")

static void read_channel(const struct yaml *node, enum contact_channel channel, struct policy *policy,
                         struct arena *arena);
static void read_answer(const struct yaml *node, const char *what, enum contact_channel channel,
                        struct slice place, struct policy *policy);
static bool is_capital(char c);
static bool find(const struct policy *policy, enum contact_channel channel, struct slice place,
                 bool *ret_granted);

void policy_read_consent_default(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    const char *names[CONTACT_CHANNEL_COUNT];
    size_t count = 0;
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "consent_default")) {
        return;
    }
    for (size_t i = 0; i < CONTACT_CHANNEL_COUNT; i++) {
        names[i] = contact_channel_name((enum contact_channel)i);
    }
    (void)yaml_only_keys(node, "consent_default", names, CONTACT_CHANNEL_COUNT);
    YAML_EACH(child, node)
    {
        count += child->kind == YAML_MAPPING ? child->count : 1;
    }
    if (count > DEFAULTS_MAX) {
        yaml_problem(node, "consent_default has %zu lines; at most %d are read", count, DEFAULTS_MAX);
        return;
    }
    policy->consent_defaults = arena_zalloc(arena, (count + 1) * sizeof *policy->consent_defaults);
    for (size_t i = 0; i < CONTACT_CHANNEL_COUNT; i++) {
        const struct yaml *child = yaml_get(node, names[i]);
        if (child != NULL) {
            read_channel(child, (enum contact_channel)i, policy, arena);
        }
    }
}

bool policy_presumes_consent(const struct policy *policy, const struct customer *customer,
                             enum contact_channel channel)
{
    char place[8]; /* "US-CA1" at most */
    bool granted = false;
    if (policy->consent_default_count == 0) {
        return false;
    }
    struct slice country = customer_text(customer, CUSTOMER_country);
    struct slice region = customer_text(customer, CUSTOMER_region);
    if (country.len == 2 && region.len > 0 && country.len + 1 + region.len <= sizeof place) {
        memcpy(place, country.data, 2);
        place[2] = '-';
        memcpy(place + 3, region.data, region.len);
        if (find(policy, channel, (struct slice){.data = place, .len = 3 + region.len}, &granted)) {
            return granted;
        }
    }
    if (!find(policy, channel, country, &granted)) {
        (void)find(policy, channel, OTHER, &granted);
    }
    return granted;
}

bool policy_is_place(struct slice place)
{
    bool good = place.len >= 2 && is_capital(place.data[0]) && is_capital(place.data[1]) && place.len != 3 &&
                place.len <= 6 && (place.len == 2 || place.data[2] == '-');
    for (size_t i = 3; i < place.len; i++) {
        good = good && (is_capital(place.data[i]) || (place.data[i] >= '0' && place.data[i] <= '9'));
    }
    return good;
}

/* One word for all places, or a word for each. */
static void read_channel(const struct yaml *node, enum contact_channel channel, struct policy *policy,
                         struct arena *arena)
{
    const char *what = arena_printf(arena, "consent_default.%s", contact_channel_name(channel)).data;
    if (node->kind == YAML_SCALAR) {
        read_answer(node, what, channel, OTHER, policy);
        return;
    }
    if (!yaml_is_mapping(node, what)) {
        return;
    }
    YAML_EACH(child, node)
    {
        if (!policy_is_place(child->key) && !slice_equal(child->key, OTHER)) {
            yaml_problem_at_key(
                child,
                "a place in %s must be a country such as US, country and region such as US-CA, "
                "or other, not '%.*s'",
                what, SLICE_ARG(child->key));
        }
        read_answer(child, arena_printf(arena, "%s.%.*s", what, SLICE_ARG(child->key)).data, channel,
                    child->key, policy);
    }
}

static void read_answer(const struct yaml *node, const char *what, enum contact_channel channel,
                        struct slice place, struct policy *policy)
{
    static const char *const answers[] = {"no", "yes"};
    size_t choice = 0;
    if (yaml_choice(node, what, answers, 2, &choice)) {
        policy->consent_defaults[policy->consent_default_count++] =
            (struct consent_default){.channel = channel, .place = place, .granted = choice == 1};
    }
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool find(const struct policy *policy, enum contact_channel channel, struct slice place,
                 bool *ret_granted)
{
    for (size_t i = 0; i < policy->consent_default_count; i++) {
        const struct consent_default *each = &policy->consent_defaults[i];
        if (each->channel == channel && slice_equal(each->place, place)) {
            *ret_granted = each->granted;
            return true;
        }
    }
    return false;
}
