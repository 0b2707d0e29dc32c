/* SPDX-License-Identifier: MIT */
/* `pause` and `resume` in a case: the kill switches, by the names that `loyalctl switches` shows. */
#include "consumers/ctl/case_parts.h"

#define CLASS_PREFIX SLICE("class:")

static bool is_known(const struct case_reader *reader, struct slice name);
static bool has_follow_up(const struct policy *policy, struct slice name);
static bool is_class(struct slice name);

bool case_read_pause(const struct case_reader *reader, const struct yaml *node, struct case_step *ret_step)
{
    struct slice name;
    struct case_step step = {.kind = STEP_PAUSE, .paused = slice_is(node->key, "pause")};
    if (!yaml_text(node, step.paused ? "pause" : "resume", &name)) {
        return false;
    }
    step.what = "follow_up";
    if (slice_is(name, "all")) {
        step.what = "all";
        name = SLICE("");
    } else if (slice_has_prefix(name, CLASS_PREFIX)) {
        step.what = "class";
        name = (struct slice){.data = name.data + CLASS_PREFIX.len, .len = name.len - CLASS_PREFIX.len};
    }
    bool known = step.what[0] == 'a' || (step.what[0] == 'c' ? is_class(name) : is_known(reader, name));
    if (!known) {
        yaml_problem(node,
                     "there is no '%.*s' to pause or resume: say all, a class, such as class:marketing, or "
                     "the name of a follow-up",
                     SLICE_ARG(name));
        return false;
    }
    step.subject = name;
    *ret_step = step;
    return true;
}

/* In a policy that is in force by then, or before. */
static bool is_known(const struct case_reader *reader, struct slice name)
{
    const struct policy_case *now = reader->now;
    bool known = now->policy == NULL || has_follow_up(now->policy, name);
    for (size_t i = 0; i < now->step_count && !known; i++) {
        known = now->steps[i].kind == STEP_POLICY && has_follow_up(now->steps[i].policy, name);
    }
    return known;
}

/* By its own name, or that of one of its stages. */
static bool has_follow_up(const struct policy *policy, struct slice name)
{
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        struct slice own = policy->follow_ups[i].name;
        if (slice_has_prefix(own, name) && (own.len == name.len || own.data[name.len] == '.')) {
            return true;
        }
    }
    return false;
}

static bool is_class(struct slice name)
{
    bool found = false;
    for (int each = 0; each < CLASS_COUNT; each++) {
        found = found || slice_is(name, message_class_name((enum message_class)each));
    }
    return found;
}
