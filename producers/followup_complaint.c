/* SPDX-License-Identifier: MIT */
/* Follow-ups of complaints: due when the complaint's clock has run long enough for its severity. The clock
 * runs while the complaint is open, so timers go when it is resolved, and come back with what remains when it
 * is reopened. */
#include "producers/followup.h"

#include "producers/followup_kind.h"
#include "producers/once.h"

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice complaint_id, int64_t due_ms, const struct held *held);
static bool is_settled(const struct follow_up *follow_up, const struct complaint *complaint);
static int64_t clock_reaches(const struct follow_up *follow_up, const struct complaint *complaint);

const struct follow_up_kind followup_complaint = {
    .find_cause = find_cause,
    .write_variables = followup_complaint_variables,
    .fire = fire,
};

/* The first word may have been another than `opened`: then the clock runs already, and may even stand. */
void followup_complaint_opened(struct moment *moment, struct customer *customer, struct slice complaint_id,
                               int64_t event_ms)
{
    struct complaint complaint;
    if (!complaint_get(customer, complaint_id, &complaint)) {
        return;
    }
    bool open = complaint_is_open(&complaint);
    complaint.reason = arena_copy(moment->arena, complaint.reason); /* the view ends with the first timer */
    const struct condition_event event = {.time_ms = event_ms, .complaint = &complaint};
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_COMPLAINT_OPENED, follow_up)) != NULL) {
        int64_t after_ms = follow_up->after_ms[complaint.severity];
        if (open ? is_settled(follow_up, &complaint) : after_ms > 0) {
            continue;
        }
        int64_t due_ms = open ? clock_reaches(follow_up, &complaint) : moment->now_ms;
        if (due_ms <= moment->now_ms && follow_up->calendar != NULL) {
            due_ms = business_next_open(follow_up->calendar, moment->now_ms);
        }
        struct occasion occasion = followup_occasion(follow_up, complaint_id, event_ms, due_ms);
        occasion.event = &event;
        followup_plan(moment, customer, &occasion);
    }
}

/* The clock begins again with `reopened`. What was decided before
 * is not planned again: the clock had reached it when it stopped. (Under a policy with another `after` it may
 * look otherwise; the last complaint decided for is known besides.) */
void followup_complaint_changed(struct moment *moment, struct customer *customer, struct slice complaint_id,
                                int64_t event_ms)
{
    struct complaint complaint;
    if (!complaint_get(customer, complaint_id, &complaint)) {
        return;
    }
    complaint.reason = arena_copy(moment->arena, complaint.reason);
    const struct condition_event event = {.time_ms = event_ms, .complaint = &complaint};
    bool begins = complaint.state == COMPLAINT_REOPENED;
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_COMPLAINT_OPENED, follow_up)) != NULL) {
        int64_t due_ms = clock_reaches(follow_up, &complaint);
        if (!complaint_is_open(&complaint) || is_settled(follow_up, &complaint)) {
            followup_unplan(moment, customer, follow_up, complaint_id);
        } else if (complaint.opened && begins && due_ms > moment->now_ms &&
                   !once_is_known(moment, customer, follow_up, complaint_id)) {
            struct occasion occasion = followup_occasion(follow_up, complaint_id, event_ms, due_ms);
            occasion.event = &event;
            followup_plan(moment, customer, &occasion);
        }
    }
    if (complaint_is_open(&complaint)) {
        followup_resolved_unplan(moment, customer, complaint_id);
    }
}

void followup_complaint_variables(struct buf *out, const struct moment *moment,
                                  const struct customer *customer, const struct occasion *occasion)
{
    (void)moment;
    buf_text(out, "\"complaint_id\":");
    buf_json_string(out, occasion->occurrence);
    struct complaint complaint;
    if (!complaint_get(customer, occasion->occurrence, &complaint) || !complaint.opened) {
        return;
    }
    buf_text(out, ",\"severity\":");
    buf_json_string(out, slice_of(severity_name(complaint.severity)));
    if (complaint.reason.len > 0 && !slice_is(complaint.reason, "-")) {
        buf_text(out, ",\"reason\":");
        buf_json_string(out, complaint.reason);
    }
}

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion)
{
    struct complaint complaint;
    if (!complaint_get(customer, occasion->occurrence, &complaint)) {
        return CAUSE_NONE;
    }
    if (!complaint_is_open(&complaint)) {
        return CAUSE_already_resolved;
    }
    return is_settled(occasion->follow_up, &complaint) ? CAUSE_settled : CAUSE_NONE;
}

/* A complaint that is no longer kept is taken to be open: whoever resolves it removes the timer. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice complaint_id, int64_t due_ms, const struct held *held)
{
    struct complaint complaint;
    bool kept = complaint_get(customer, complaint_id, &complaint);
    if (held == NULL && kept && complaint_is_open(&complaint) && is_settled(follow_up, &complaint)) {
        return; /* planned by a policy that asked for something else */
    }
    int64_t event_ms = kept ? complaint.opened_s * 1000 : due_ms;
    struct occasion occasion = followup_occasion(follow_up, complaint_id, event_ms, due_ms);
    followup_decide(moment, customer, &occasion);
}

/* Has what it waits for come? Who has been answered has been heard, too. */
static bool is_settled(const struct follow_up *follow_up, const struct complaint *complaint)
{
    switch (follow_up->unless) {
    case UNLESS_ACKNOWLEDGED:
        return complaint->acknowledged || complaint->responded;
    case UNLESS_RESPONDED:
        return complaint->responded;
    case UNLESS_RESOLVED:
    case UNLESS_NOTHING:
    case UNLESS_PURCHASED:
    case UNLESS_REDEEMED:
    case UNLESS_TASK_DONE:
    case UNLESS_COUNT:
        break;
    }
    return false;
}

/* The home's time at which the clock will have run, or had run, for `after`. With a calendar only what is
 * left of it is working time: what the clock ran before it last stood is known by the wall clock alone. */
static int64_t clock_reaches(const struct follow_up *follow_up, const struct complaint *complaint)
{
    int64_t left_ms = follow_up->after_ms[complaint->severity] - complaint->spent_ms;
    return left_ms < 0 ? complaint->since_ms + left_ms
                       : followup_after(follow_up, complaint->since_ms, left_ms);
}
