/* SPDX-License-Identifier: MIT */
/* Follow-ups of visits: due some time after the visit reached loyald. A visit has no id of its own, so its
 * time names it. */
#include "producers/followup.h"

#include "common/cloudevent.h"
#include "producers/followup_kind.h"
#include "producers/once.h"

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held);

const struct follow_up_kind followup_visit = {
    .find_cause = find_cause,
    .write_variables = write_variables,
    .fire = fire,
};

void followup_visit_made(struct moment *moment, struct customer *customer, const struct visit *visit,
                         int64_t event_ms)
{
    const struct condition_event event = {.time_ms = event_ms, .visit = visit};
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_VISIT_MADE, follow_up)) != NULL) {
        buf_reset(moment->scratch);
        buf_instant(moment->scratch, event_ms);
        struct slice occurrence = arena_copy(moment->arena, buf_view(moment->scratch));
        if (once_is_known(moment, customer, follow_up, occurrence)) {
            continue;
        }
        int64_t due_ms = followup_after(follow_up, moment->now_ms, follow_up->after_ms[SEVERITY_NORMAL]);
        struct occasion occasion = followup_occasion(follow_up, occurrence, event_ms, due_ms);
        occasion.event = &event;
        followup_plan(moment, customer, &occasion);
    }
}

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion)
{
    bool bought = customer_int(customer, CUSTOMER_last_purchase) >= occasion->event_ms;
    return bought && occasion->follow_up->unless == UNLESS_PURCHASED ? CAUSE_bought_since : CAUSE_NONE;
}

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    (void)customer;
    buf_text(out, "\"visit\":");
    buf_json_string(out, occasion->occurrence);
}

static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held)
{
    (void)held;
    int64_t event_ms = 0;
    if (!instant_parse(occurrence, &event_ms)) {
        followup_removed(moment, customer, follow_up->name, occurrence);
        return;
    }
    struct occasion occasion = followup_occasion(follow_up, occurrence, event_ms, due_ms);
    followup_decide(moment, customer, &occasion);
}
