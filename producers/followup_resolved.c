/* SPDX-License-Identifier: MIT */
/* Follow-ups of solved complaints: due some time after the solution, unless the complaint is opened again.
 * One for each complaint: who complains again about the same is not asked twice how it was solved. */
#include "producers/followup.h"

#include "producers/followup_kind.h"
#include "producers/once.h"

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice complaint_id, int64_t due_ms, const struct held *held);

const struct follow_up_kind followup_resolved = {
    .find_cause = find_cause,
    .write_variables = followup_complaint_variables,
    .fire = fire,
};

void followup_complaint_resolved(struct moment *moment, struct customer *customer, struct slice complaint_id,
                                 int64_t event_ms)
{
    struct complaint complaint;
    if (!complaint_get(customer, complaint_id, &complaint)) {
        return;
    }
    complaint.reason = arena_copy(moment->arena, complaint.reason); /* the view ends with the first timer */
    const struct condition_event event = {.time_ms = event_ms, .complaint = &complaint};
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_COMPLAINT_RESOLVED, follow_up)) != NULL) {
        if (once_is_known(moment, customer, follow_up, complaint_id)) {
            continue;
        }
        int64_t due_ms = moment->now_ms + follow_up->after_ms[complaint.severity];
        struct occasion occasion = followup_occasion(follow_up, complaint_id, event_ms, due_ms);
        occasion.event = &event;
        followup_plan(moment, customer, &occasion);
    }
}

void followup_resolved_unplan(struct moment *moment, struct customer *customer, struct slice complaint_id)
{
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_COMPLAINT_RESOLVED, follow_up)) != NULL) {
        followup_unplan(moment, customer, follow_up, complaint_id);
    }
}

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion)
{
    struct complaint complaint;
    bool open = complaint_get(customer, occasion->occurrence, &complaint) && complaint_is_open(&complaint);
    return open ? CAUSE_complaint_reopened : CAUSE_NONE;
}

/* A complaint that is no longer kept is taken to be solved still. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice complaint_id, int64_t due_ms, const struct held *held)
{
    (void)held;
    struct complaint complaint;
    bool kept = complaint_get(customer, complaint_id, &complaint);
    struct occasion occasion =
        followup_occasion(follow_up, complaint_id, kept ? complaint.newest_ms : due_ms, due_ms);
    followup_decide(moment, customer, &occasion);
}
