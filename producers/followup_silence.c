/* SPDX-License-Identifier: MIT */
/* Follow-ups of silence: due when the customer's last purchase lies `after` back. One timer a customer,
 * `t:silence`, which purchases do not move: it comes at its old time, sees the newer purchase, and plans
 * itself anew. So a purchase costs nothing, however many follow-ups wait for its being the last. */
#include "producers/followup.h"

#include "common/cloudevent.h"
#include "producers/followup_kind.h"
#include "producers/once.h"

/* Old purchases may come in any order: what they make due at once waits until the newest is sure to be there.
 */
#define SETTLE_MS 86400000

static bool find_next(const struct moment *moment, const struct customer *customer, int64_t from_ms,
                      int64_t *ret_due_ms);
static struct slice occurrence_of(const struct moment *moment, int64_t last_ms);
static enum cause find_cause(const struct customer *customer, const struct occasion *occasion);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held);

const struct follow_up_kind followup_silence = {
    .find_cause = find_cause,
    .write_variables = write_variables,
    .fire = fire,
};

void followup_last_purchase_changed(struct moment *moment, struct customer *customer)
{
    int64_t due_ms = 0, planned_ms = 0;
    struct slice planned;
    if (!find_next(moment, customer, INT64_MIN, &due_ms)) {
        return;
    }
    if (due_ms < moment->now_ms + SETTLE_MS) {
        due_ms = moment->now_ms + SETTLE_MS;
    }
    bool is_planned =
        customer_item(customer, ITEM_TIMER, SILENCE_TIMER, &planned) && parse_int(planned, &planned_ms);
    if (!is_planned || planned_ms > due_ms) {
        customer_timer_set(customer, SILENCE_TIMER, due_ms);
    }
}

void followup_silence_lasts(struct moment *moment, struct customer *customer)
{
    int64_t last_ms = customer_int(customer, CUSTOMER_last_purchase);
    if (last_ms == 0) {
        return; /* every order has been undone */
    }
    struct slice occurrence = occurrence_of(moment, last_ms);
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_SILENCE, follow_up)) != NULL) {
        int64_t due_ms = last_ms + follow_up->after_ms[SEVERITY_NORMAL];
        if (due_ms <= moment->now_ms && !once_is_known(moment, customer, follow_up, occurrence)) {
            struct occasion occasion = followup_occasion(follow_up, occurrence, last_ms, due_ms);
            followup_plan(moment, customer, &occasion);
        }
    }
    int64_t next_ms = 0;
    if (find_next(moment, customer, moment->now_ms, &next_ms)) {
        customer_timer_set(customer, SILENCE_TIMER, next_ms);
    }
}

/* When the next follow-up is due behind from_ms, if nothing is bought meanwhile. False: none will be. */
static bool find_next(const struct moment *moment, const struct customer *customer, int64_t from_ms,
                      int64_t *ret_due_ms)
{
    int64_t last_ms = customer_int(customer, CUSTOMER_last_purchase);
    const struct follow_up *follow_up = NULL;
    bool found = false;
    while (last_ms > 0 && (follow_up = followup_next(moment->policy, ON_SILENCE, follow_up)) != NULL) {
        int64_t due_ms = last_ms + follow_up->after_ms[SEVERITY_NORMAL];
        if (follow_up->mode != MODE_OFF && due_ms > from_ms && (!found || due_ms < *ret_due_ms)) {
            *ret_due_ms = due_ms;
            found = true;
        }
    }
    return found;
}

/* A silence is named by the purchase after which it began. */
static struct slice occurrence_of(const struct moment *moment, int64_t last_ms)
{
    buf_reset(moment->scratch);
    buf_instant(moment->scratch, last_ms);
    return arena_copy(moment->arena, buf_view(moment->scratch));
}

static enum cause find_cause(const struct customer *customer, const struct occasion *occasion)
{
    bool same = customer_int(customer, CUSTOMER_last_purchase) == occasion->event_ms;
    return same ? CAUSE_NONE : CAUSE_no_longer_silent;
}

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)customer;
    buf_text(out, "\"last_purchase\":");
    buf_json_string(out, occasion->occurrence);
    buf_text(out, ",\"days\":");
    buf_int(out, (moment->now_ms - occasion->event_ms) / 86400000);
}

/* Only what was held back comes by a timer of its own. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held)
{
    (void)held;
    int64_t last_ms = 0;
    if (!instant_parse(occurrence, &last_ms)) {
        followup_removed(moment, customer, follow_up->name, occurrence);
        return;
    }
    struct occasion occasion = followup_occasion(follow_up, occurrence, last_ms, due_ms);
    followup_decide(moment, customer, &occasion);
}
