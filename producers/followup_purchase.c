/* SPDX-License-Identifier: MIT */
/* Follow-ups of purchases: due some time after the order was folded, withdrawn when the order is undone. */
#include "producers/followup.h"

#include "producers/followup_kind.h"

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice order_id, int64_t due_ms, const struct held *held);
static void withdraw(struct moment *moment, const struct customer *customer, struct slice mark,
                     struct slice order_id);
static struct slice offer_of(const struct follow_up *follow_up, struct slice variant);

const struct follow_up_kind followup_purchase = {
    .find_cause = find_cause,
    .write_variables = write_variables,
    .fire = fire,
};

void followup_purchase_completed(struct moment *moment, struct customer *customer,
                                 const struct purchase *purchase, int64_t event_ms)
{
    const struct condition_event event = {.time_ms = event_ms, .purchase = purchase};
    const struct policy *policy = moment->policy;
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(policy, ON_PURCHASE_COMPLETED, follow_up)) != NULL) {
        int64_t due_ms = followup_after(follow_up, moment->now_ms, follow_up->after_ms[SEVERITY_NORMAL]);
        struct occasion occasion = followup_occasion(follow_up, purchase->order_id, event_ms, due_ms);
        occasion.event = &event;
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

/* mark: the follow-up's name, and behind an @ the number of the variant that was sent. */
static void withdraw(struct moment *moment, const struct customer *customer, struct slice mark,
                     struct slice order_id)
{
    const char *at = memchr(mark.data, '@', mark.len);
    size_t name_len = at != NULL ? (size_t)(at - mark.data) : mark.len;
    struct slice name = {.data = mark.data, .len = name_len}, variant = {0};
    if (at != NULL) {
        variant = (struct slice){.data = at + 1, .len = mark.len - name_len - 1};
    }
    const struct follow_up *follow_up = policy_follow_up(moment->policy, name);
    struct slice offer = follow_up != NULL ? offer_of(follow_up, variant) : (struct slice){0};
    trigger_withdraw(moment, customer, name, follow_up, order_id, offer, cause_name(CAUSE_order_cancelled));
    totals_add(moment->totals, "withdrawn", name, (struct slice){0}, 1);
}

/* Absent if the policy no longer has that variant: nobody knows what it was. */
static struct slice offer_of(const struct follow_up *follow_up, struct slice variant)
{
    int64_t number = 0;
    if (variant.data == NULL) {
        return follow_up->offer;
    }
    bool known = parse_int(variant, &number) && number >= 1 && (uint64_t)number <= follow_up->variant_count;
    return known ? follow_up->variants[number - 1].offer : (struct slice){0};
}
