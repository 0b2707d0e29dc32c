/* SPDX-License-Identifier: MIT */
/* Cases for a policy, as people write them beside it (docs/policy.md, "Try it before it is in force"): what
 * happens to a customer, and what is to come of it. Read whole, and every mistake is named; how a case goes
 * is case_run.h. */
#ifndef CONSUMERS_CTL_CASE_FILE_H
#define CONSUMERS_CTL_CASE_FILE_H

#include "common/event.h"
#include "config/policy.h"
#include "config/yaml.h"

/* What can come of it; each is a key in `expect`. */
enum case_verb {
    CASE_SENT,
    CASE_NOT_SENT,
    CASE_HELD,
    CASE_SHADOW,
    CASE_WITHDRAWN,
    CASE_REFUSED,
    CASE_VERB_COUNT
};
extern const char *const case_verbs[CASE_VERB_COUNT];

/* One thing that came, or is expected to: then what is absent is not looked at. */
struct case_line {
    int64_t at_ms;
    enum case_verb verb;
    struct slice name; /* of the follow-up; of a refused event: "purchase.completed" */
    struct slice customer, reason, channels, content, offer, occurrence;
};

enum case_step_kind { STEP_EVENT, STEP_POLICY, STEP_AWAY, STEP_PAUSE };
struct case_step {
    enum case_step_kind kind;
    int64_t at_ms;
    struct slice subject, event; /* EVENT: a structured CloudEvent; PAUSE: subject is the name */
    const struct policy *policy; /* POLICY */
    int64_t until_ms;            /* AWAY */
    const char *what;            /* PAUSE: follow_up, class or all */
    bool paused;                 /* PAUSE: or resumed */
};

struct policy_case {
    struct slice name, zone;
    int line;
    const struct policy *policy; /* in force from the beginning */
    struct case_step *steps;     /* in order of time */
    size_t step_count;
    int64_t until_ms;
    struct case_line *expected;
    size_t expected_count;
};

struct case_file {
    const char *name;
    struct policy_case *cases;
    size_t count;
    struct arena *arena; /* of all of it */
    struct case_policy *policies;
    size_t policy_count, policy_capacity;
};

/* policy_file: in place of what the file names; NULL: none. False: *problems has every mistake, a line each.
 */
MUST_CHECK bool case_file_read(const char *path, const char *policy_file, struct buf *problems,
                               struct case_file *ret_file);
void case_file_done(struct case_file *file);

#endif
