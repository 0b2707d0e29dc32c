/* SPDX-License-Identifier: MIT */
/* What the tests of the policy share: pieces of YAML, and a policy that must be right. */
#ifndef TESTS_UNIT_POLICY_TEXT_H
#define TESTS_UNIT_POLICY_TEXT_H

#include "config/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND_MS 1000LL
#define HOUR_MS   (3600 * SECOND_MS)
#define DAY_MS    (24 * HOUR_MS)

#define HEAD      "policy: 1\nfollow_ups:\n  f:\n" /* the keys of f begin in line 4 */
#define PURCHASE  HEAD "    on: purchase.completed\n    class: marketing\n    channels: [email]\n"
#define COMPLAINT HEAD "    on: complaint.opened\n    class: task\n    after: 1h\n"
#define BIRTHDAY  HEAD "    on: birthday\n    class: marketing\n    channels: [email]\n"

static inline struct policy *good(const char *yaml)
{
    struct buf problems = {0};
    struct policy *policy = NULL;
    if (!policy_parse("p.yaml", slice_of(yaml), &problems, &policy)) {
        fail_msg("%s\nhas mistakes:\n%.*s", yaml, SLICE_ARG(buf_view(&problems)));
    }
    assert_int_equal(problems.len, 0);
    buf_done(&problems);
    return policy;
}

#endif
