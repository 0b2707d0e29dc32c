/* SPDX-License-Identifier: MIT */
/* loyalctl policy diff: what one policy says and another does not. */
#include "common/file.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/policy_history.h"
#include "consumers/ctl/yaml_diff.h"

#include <stdio.h>
#include <unistd.h>

/* One of the two. */
struct side {
    const char *name;
    struct buf text;
    const struct yaml *root;
};

static bool choose(struct ctl *ctl, const struct args *args, struct side sides[2]);
static bool read_file(struct side *side);
static bool read_past(const struct past_policies *policies, const char *version, struct side *side);
static bool parse(struct ctl *ctl, struct side *side);

/* Without a word: what the newest policy changed. With one: what that one would change. */
int policy_diff(struct ctl *ctl, const struct args *args)
{
    struct side sides[2] = {{0}};
    int result = CTL_FAILED;
    if (choose(ctl, args, sides) && parse(ctl, &sides[0]) && parse(ctl, &sides[1])) {
        buf_printf(&ctl->out, "from %s to %s\n", sides[0].name, sides[1].name);
        if (yaml_diff(sides[0].root, sides[1].root, &ctl->out) == 0) {
            buf_text(&ctl->out, "they say the same\n");
        }
        result = CTL_DONE;
    }
    buf_done(&sides[0].text);
    buf_done(&sides[1].text);
    return result;
}

bool policy_is_file(const char *word)
{
    return access(word, R_OK) == 0;
}

static bool choose(struct ctl *ctl, const struct args *args, struct side sides[2])
{
    struct past_policies policies = {0};
    bool is_file[2] = {false, false};
    for (size_t i = 0; i < args->rest_count; i++) {
        is_file[i] = policy_is_file(args->rest[i]);
    }
    bool needs_log = args->rest_count < 2 || !is_file[0] || !is_file[1];
    if (needs_log && !policy_history_read(ctl, &policies)) {
        return false;
    }
    bool good = true;
    size_t given = args->rest_count;
    if (given == 0 && policies.count < 2) {
        ctl_fail("only one policy stands in the home log: nothing to compare it with");
        good = false;
    }
    for (size_t i = 0; i < 2 && good; i++) {
        size_t word = given == 2 ? i : 0;
        if (given == 0 || (given == 1 && i == 0)) { /* one of the two newest */
            const struct past_policy *past = &policies.items[policies.count - 1 - (given == 0 && i == 0)];
            sides[i].name = arena_copy(ctl->arena, slice_of(past->version)).data;
            good = read_past(&policies, past->version, &sides[i]);
        } else {
            sides[i].name = args->rest[word];
            good = is_file[word] ? read_file(&sides[i]) : read_past(&policies, args->rest[word], &sides[i]);
        }
    }
    policy_history_done(&policies);
    return good;
}

static bool read_file(struct side *side)
{
    char why[256];
    bool good = file_read(side->name, &side->text, why);
    if (!good) {
        ctl_fail("%s", why);
    }
    return good;
}

static bool read_past(const struct past_policies *policies, const char *version, struct side *side)
{
    const struct past_policy *past = policy_history_find(policies, version);
    if (past == NULL) {
        return false;
    }
    buf_slice(&side->text, past->text);
    return true;
}

static bool parse(struct ctl *ctl, struct side *side)
{
    struct buf problems = {0};
    bool good = yaml_parse(side->name, buf_view(&side->text), ctl->arena, &problems, &side->root);
    if (!good) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
    }
    buf_done(&problems);
    return good;
}
