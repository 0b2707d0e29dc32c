/* SPDX-License-Identifier: MIT */
/* The order in which follow-ups are decided, and the ways to find them. */
#include "config/policy_parts.h"

#include <stdlib.h>

static void sort_by_priority(struct policy *policy);
static int compare_names(const void *a, const void *b);

void policy_index_follow_ups(struct policy *policy, struct arena *arena)
{
    sort_by_priority(policy);
    policy->by_name = arena_zalloc(arena, (policy->follow_up_count + 1) * sizeof *policy->by_name);
    for (size_t i = policy->follow_up_count; i-- > 0;) {
        struct follow_up *follow_up = &policy->follow_ups[i];
        follow_up->next = policy->first[follow_up->on];
        policy->first[follow_up->on] = follow_up;
        policy->by_name[i] = follow_up;
    }
    qsort(policy->by_name, policy->follow_up_count, sizeof *policy->by_name, compare_names);
}

/* A stable one: mostly there is nothing to do. */
static void sort_by_priority(struct policy *policy)
{
    struct follow_up *follow_ups = policy->follow_ups;
    for (size_t i = 1; i < policy->follow_up_count; i++) {
        struct follow_up moved = follow_ups[i];
        size_t to = i;
        for (; to > 0 && follow_ups[to - 1].priority < moved.priority; to--) {
            follow_ups[to] = follow_ups[to - 1];
        }
        follow_ups[to] = moved;
    }
}

static int compare_names(const void *a, const void *b)
{
    const struct follow_up *one = *(const struct follow_up *const *)a;
    const struct follow_up *other = *(const struct follow_up *const *)b;
    return slice_compare(one->name, other->name);
}
