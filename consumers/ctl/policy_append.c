/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/policy_append.h"

#include "common/file.h"
#include "producers/control_append.h"

#include <stdio.h>

const char *policy_default_file(const struct ctl *ctl)
{
    return ctl->settings->policy_file[0] != '\0' ? ctl->settings->policy_file
                                                 : LOYALD_SYSCONFDIR "/follow-ups.yaml";
}

int policy_read_file(const char *file, struct policy **ret_policy)
{
    struct buf text = {0}, problems = {0};
    char why[256];
    int result = CTL_DONE;
    if (!file_read(file, &text, why)) {
        result = ctl_wrong("%s", why);
    } else if (!policy_parse(file, buf_view(&text), &problems, ret_policy)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
        result = CTL_WRONG_USE;
    }
    buf_done(&text);
    buf_done(&problems);
    return result;
}

int policy_append(struct ctl *ctl, const struct policy *policy, int32_t homes)
{
    struct buf body = {0};
    policy_record_body(policy->text, &body);
    int result = policy_append_control(ctl, "policy", buf_view(&body), homes);
    buf_done(&body);
    return result;
}

int policy_append_control(struct ctl *ctl, const char *kind, struct slice body, int32_t homes)
{
    char why[256] = "";
    enum status status = control_append(ctl->settings, kind, body, homes, why);
    switch (status) {
    case STATUS_OK:
        return CTL_DONE;
    case STATUS_UNKNOWN:
        return ctl_fail("whether the %s is in the log is not known: %s; to append it again does no harm",
                        kind, why);
    case STATUS_FENCED:
        return ctl_fail(
            "somebody else appends a policy or an end right now, so this %s was not appended; see "
            "`loyalctl policy show`, then decide",
            kind);
    default:
        return ctl_fail_kafka(ctl, status == STATUS_ABORTED ? STATUS_AWAY : status, why);
    }
}
