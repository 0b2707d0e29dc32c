/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/policy_append.h"

#include "common/file.h"
#include "producers/outbox.h"
#include "producers/sink_kafka.h"

#include <stdio.h>

#define TRIES 5 /* each waits for Kafka by itself */

static enum status publish(struct sink *sink, const struct outbox *outbox);

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
    struct outbox outbox = {.arena = ctl->arena};
    struct buf body = {0};
    struct sink *sink = NULL;
    char why[256] = "";
    policy_record_body(policy->text, &body);
    for (int32_t home = 0; home < homes; home++) {
        outbox_control(&outbox, "policy", home, buf_view(&body));
    }
    enum status status = sink_kafka_open(ctl->settings, "policy", why, &sink);
    if (status == STATUS_OK) {
        status = publish(sink, &outbox);
        snprintf(why, sizeof why, "%s", sink->error);
    }
    sink_close(sink);
    buf_done(&body);
    switch (status) {
    case STATUS_OK:
        return CTL_DONE;
    case STATUS_UNKNOWN:
        return ctl_fail(
            "whether the policy is in the log is not known: %s; `loyalctl policy show` tells in a moment, "
            "and to activate it again does no harm",
            why);
    case STATUS_FENCED:
        return ctl_fail(
            "somebody else activates a policy right now, so this one was not; see `loyalctl policy show`, "
            "then decide");
    default:
        return ctl_fail_kafka(ctl, status == STATUS_ABORTED ? STATUS_AWAY : status, why);
    }
}

/* What is known not to be in the log is tried again. */
static enum status publish(struct sink *sink, const struct outbox *outbox)
{
    enum status status = sink_reopen(sink);
    for (int tries = 0; tries < TRIES && status_verdict(status) == VERDICT_repeat; tries++) {
        status = sink_reopen(sink);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = STATUS_ABORTED;
    for (int tries = 0; tries < TRIES && status == STATUS_ABORTED; tries++) {
        status = sink_publish(sink, outbox->items, outbox->count, NULL, 0, NULL);
    }
    return status;
}
