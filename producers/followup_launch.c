/* SPDX-License-Identifier: MIT */
/* Follow-ups of product launches: due some time after the fan-out has reached a customer, who may be reached
 * once for each of several interests and is decided for once. */
#include "producers/followup.h"

#include "producers/followup_kind.h"
#include "producers/once.h"

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);

static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice product_id, int64_t due_ms, const struct held *held);

const struct follow_up_kind followup_launch = {.write_variables = write_variables, .fire = fire};

void followup_product_launched(struct moment *moment, struct customer *customer, const struct launch *launch)
{
    const struct condition_event event = {.time_ms = launch->time_ms, .launch = launch};
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_PRODUCT_LAUNCHED, follow_up)) != NULL) {
        if (once_is_known(moment, customer, follow_up, launch->product_id)) {
            continue;
        }
        int64_t due_ms = moment->now_ms + follow_up->after_ms[SEVERITY_NORMAL];
        struct occasion occasion = followup_occasion(follow_up, launch->product_id, launch->time_ms, due_ms);
        occasion.launch = launch;
        occasion.event = &event;
        followup_plan(moment, customer, &occasion);
    }
}

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    (void)customer;
    buf_text(out, "\"product\":");
    buf_json_string(out, occasion->launch->product_id);
    buf_text(out, ",\"name\":");
    buf_json_string(out, occasion->launch->name);
}

/* A timer without anything kept was another follow-up's, of this name. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice product_id, int64_t due_ms, const struct held *held)
{
    if (held == NULL || held->launch.product_id.data == NULL) {
        followup_removed(moment, customer, follow_up->name, product_id);
        return;
    }
    struct occasion occasion = followup_occasion(follow_up, product_id, held->launch.time_ms, due_ms);
    occasion.launch = &held->launch;
    followup_decide(moment, customer, &occasion);
}
