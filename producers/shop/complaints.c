/* SPDX-License-Identifier: MIT */
#include "producers/shop/complaints.h"

#define MINUTE_MS 60000LL
#define HOUR_MS   (60 * MINUTE_MS)
#define PERCENT   (PPM / 100)

static enum severity choose_severity(struct random *random);
static void add_stage(struct complaint_plan *plan, enum event_type type, int64_t *after_ms, int64_t wait_ms);
static int64_t minutes(struct random *random, int64_t low, int64_t high);

struct complaint_plan complaint_plan_make(struct random *random)
{
    static const struct slice reasons[] = {
        {"late_delivery", 13},
        {"damaged",       7 },
        {"wrong_item",    10},
        {"billing",       7 },
        {"rude_service",  12}
    };
    struct complaint_plan plan = {.severity = choose_severity(random)};
    plan.reason = reasons[random_below(random, sizeof reasons / sizeof reasons[0])];

    /* A graver complaint is dealt with sooner, but not always soon enough. */
    int64_t haste = 1 + plan.severity * 4, at = 0;
    if (random_chance(random, 90 * PERCENT)) {
        add_stage(&plan, EVENT_COMPLAINT_ACKNOWLEDGED, &at, minutes(random, 2, 480) / haste);
    }
    if (random_chance(random, 92 * PERCENT)) {
        add_stage(&plan, EVENT_COMPLAINT_RESPONDED, &at, minutes(random, 30, 3000) / haste);
    }
    if (random_chance(random, 92 * PERCENT)) {
        add_stage(&plan, EVENT_COMPLAINT_RESOLVED, &at, minutes(random, 60, 14400) / haste);
        if (random_chance(random, 10 * PERCENT)) {
            add_stage(&plan, EVENT_COMPLAINT_REOPENED, &at, minutes(random, 600, 14400));
            add_stage(&plan, EVENT_COMPLAINT_RESPONDED, &at, minutes(random, 30, 3000) / haste);
            add_stage(&plan, EVENT_COMPLAINT_RESOLVED, &at, minutes(random, 60, 7200) / haste);
        }
    }
    return plan;
}

static enum severity choose_severity(struct random *random)
{
    uint32_t at = random_below(random, 100);
    return at < 30 ? SEVERITY_LOW : at < 75 ? SEVERITY_NORMAL : at < 95 ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}

static void add_stage(struct complaint_plan *plan, enum event_type type, int64_t *after_ms, int64_t wait_ms)
{
    *after_ms += wait_ms;
    plan->stages[plan->stage_count].type = type;
    plan->stages[plan->stage_count].after_ms = *after_ms;
    plan->stage_count++;
}

/* So many, in milliseconds, to the second. */
static int64_t minutes(struct random *random, int64_t low, int64_t high)
{
    return random_between(random, low * 60, high * 60) * 1000;
}
