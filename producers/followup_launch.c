/* SPDX-License-Identifier: MIT */
/* Follow-ups of product launches: due when the fan-out reaches a customer, who may be reached once for each
 * of several interests and is decided for once. */
#include "producers/followup.h"

#include "producers/followup_kind.h"
#include "producers/once.h"

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);

const struct follow_up_kind followup_launch = {.write_variables = write_variables};

void followup_product_launched(struct moment *moment, struct customer *customer, const struct launch *launch)
{
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_PRODUCT_LAUNCHED, follow_up)) != NULL) {
        if (once_is_known(moment, customer, follow_up, launch->product_id)) {
            continue;
        }
        struct occasion occasion =
            followup_occasion(follow_up, launch->product_id, launch->time_ms, moment->now_ms);
        occasion.launch = launch;
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
