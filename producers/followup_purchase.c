/* SPDX-License-Identifier: MIT */
/* Follow-ups of purchases: due some time after the order was folded, withdrawn when the order is undone. */
#include "producers/followup.h"

#include "producers/followup_kind.h"

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice order_id, int64_t due_ms, const struct held *held);
static void withdraw(struct moment *moment, const struct customer *customer, struct slice name,
                     struct slice order_id);

const struct follow_up_kind followup_purchase = {
    .find_cause = find_cause,
    .write_variables = write_variables,
    .fire = fire,
};

void followup_purchase_completed(struct moment *moment, struct customer *customer, struct slice order_id,
                                 int64_t event_ms)
{
    const struct policy *policy = moment->policy;
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(policy, ON_PURCHASE_COMPLETED, follow_up)) != NULL) {
        int64_t due_ms = moment->now_ms + follow_up->after_ms[SEVERITY_NORMAL];
        struct occasion occasion = followup_occasion(follow_up, order_id, event_ms, due_ms);
        followup_plan(moment, customer, &occasion);
    }
}

/* A withdrawal belongs to what really went out, so it asks neither the gate nor the mode; and the marks go
 * with it, so that it comes once. */
void followup_order_undone(struct moment *moment, struct customer *customer, struct slice order_id)
{
    struct order order;
    if (!order_get(customer, order_id, &order) || order.marks.len == 0) {
        return;
    }
    struct slice marks = arena_copy(moment->arena, order.marks);
    order.marks = (struct slice){0};
    order_set(customer, order_id, &order);
    while (marks.len > 0) {
        size_t end = 1; /* behind the plus sign */
        while (end < marks.len && marks.data[end] != '+') {
            end++;
        }
        withdraw(moment, customer, (struct slice){.data = marks.data + 1, .len = end - 1}, order_id);
        marks = (struct slice){.data = marks.data + end, .len = marks.len - end};
    }
}

/* An order that is no longer kept is taken to stand; one of which only a cancellation is known does not. */
static enum cause find_cause(const struct customer *customer, const struct occasion *occasion)
{
    struct order order;
    if (!order_get(customer, occasion->occurrence, &order)) {
        return CAUSE_NONE;
    }
    bool undone = order.cancelled || order.refunded_whole || (order.completed && !order_stands(&order));
    return undone ? CAUSE_order_cancelled : CAUSE_NONE;
}

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    buf_text(out, "\"order_id\":");
    buf_json_string(out, occasion->occurrence);
    struct order order;
    if (order_get(customer, occasion->occurrence, &order) && order.completed) {
        buf_text(out, ",\"net_minor\":");
        buf_int(out, order.net_minor);
        buf_text(out, ",\"currency\":");
        buf_json_string(out, slice_of(order.currency));
    }
}

/* When the purchase happened is kept with the order, in seconds. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice order_id, int64_t due_ms, const struct held *held)
{
    (void)held;
    struct order order;
    bool kept = order_get(customer, order_id, &order) && order.completed;
    int64_t event_ms = kept ? order.time_s * 1000 : due_ms;
    struct occasion occasion = followup_occasion(follow_up, order_id, event_ms, due_ms);
    followup_decide(moment, customer, &occasion);
}

static void withdraw(struct moment *moment, const struct customer *customer, struct slice name,
                     struct slice order_id)
{
    const struct follow_up *follow_up = policy_follow_up(moment->policy, name);
    trigger_withdraw(moment, customer, name, follow_up, order_id, cause_name(CAUSE_order_cancelled));
    totals_add(moment->totals, "withdrawn", name, (struct slice){0}, 1);
}
