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

bool followup_launch_reaches(struct moment *moment, struct customer *customer, const struct news *news)
{
    const struct condition_event event = {.time_ms = news->time_ms, .news = news};
    const struct follow_up *follow_up = NULL;
    bool any = false;
    while ((follow_up = followup_next(moment->policy, ON_PRODUCT_LAUNCHED, follow_up)) != NULL) {
        if (once_is_known(moment, customer, follow_up, news->product_id)) {
            continue;
        }
        int64_t due_ms = moment->now_ms + follow_up->after_ms[SEVERITY_NORMAL];
        struct occasion occasion = followup_occasion(follow_up, news->product_id, news->time_ms, due_ms);
        occasion.news = news;
        occasion.event = &event;
        followup_plan(moment, customer, &occasion);
        any = true;
    }
    return any;
}

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    (void)customer;
    buf_text(out, "\"product\":");
    buf_json_string(out, occasion->news->product_id);
    buf_text(out, ",\"name\":");
    buf_json_string(out, occasion->news->name);
}

/* A timer without anything kept was another follow-up's, of this name. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice product_id, int64_t due_ms, const struct held *held)
{
    if (held == NULL || held->news.product_id.data == NULL || held->news.kind != NEWS_LAUNCHED) {
        followup_removed(moment, customer, follow_up->name, product_id);
        return;
    }
    struct occasion occasion = followup_occasion(follow_up, product_id, held->news.time_ms, due_ms);
    occasion.news = &held->news;
    followup_decide(moment, customer, &occasion);
}
