/* SPDX-License-Identifier: MIT */
/* The common path of all follow-ups: from an occasion, or a timer, to exactly one record. */
#include "producers/followup.h"

#include "producers/answer.h"
#include "producers/caps.h"
#include "producers/followup_kind.h"
#include "producers/once.h"
#include "producers/places.h"
#include "producers/risk.h"

#include <assert.h>

static const struct follow_up_kind *const kinds[ON_COUNT] = {
    [ON_PURCHASE_COMPLETED] = &followup_purchase,
    [ON_COMPLAINT_OPENED] = &followup_complaint,
    [ON_BIRTHDAY] = &followup_yearly,
    [ON_PRODUCT_LAUNCHED] = &followup_launch,
    [ON_VISIT_MADE] = &followup_visit,
    [ON_SILENCE] = &followup_silence,
    [ON_COMPLAINT_RESOLVED] = &followup_resolved,
    [ON_SPECIAL_DATE] = &followup_yearly,
    [ON_ANNIVERSARY] = &followup_yearly,
    [ON_HOUSEHOLD_BIRTHDAY] = &followup_yearly,
    [ON_PRODUCT_RESTOCKED] = &followup_restock,
    [ON_PRODUCT_REPRICED] = &followup_reprice,
    [ON_PRODUCT_RECALLED] = &followup_recall,
};

static bool comes_before(const struct policy *policy, struct slice a, struct slice b);
static size_t rank_of(const struct policy *policy, struct slice timer);
static bool is_meant(struct moment *moment, const struct customer *customer, const struct occasion *occasion);
static struct condition_facts facts_of(const struct moment *moment, const struct customer *customer,
                                       const struct occasion *occasion);
static enum cause find_cause(const struct moment *moment, const struct customer *customer,
                             const struct occasion *occasion);
static enum cause find_answer(const struct moment *moment, const struct customer *customer,
                              const struct occasion *occasion);
static size_t find_variant(const struct moment *moment, const struct customer *customer,
                           const struct occasion *occasion);
static void use_consent(const struct moment *moment, struct customer *customer,
                        const struct follow_up *follow_up, enum contact_channel channel);
static void hold(struct moment *moment, struct customer *customer, const struct occasion *occasion,
                 const struct ruling *ruling);
static void send(struct moment *moment, const struct customer *customer, const struct occasion *occasion,
                 size_t variant, const enum contact_channel *channels, size_t channel_count);
static void refuse(struct moment *moment, const struct customer *customer, struct slice name,
                   const struct follow_up *follow_up, struct slice occurrence, const char *reason);

void followup_timer(struct moment *moment, struct customer *customer, struct slice name, int64_t due_ms)
{
    if (slice_equal(name, YEARLY_TIMER)) {
        followup_yearly_timer(moment, customer, due_ms);
        return;
    }
    if (slice_equal(name, SILENCE_TIMER)) {
        followup_silence_lasts(moment, customer);
        return;
    }
    const char *colon = memchr(name.data, ':', name.len);
    struct slice first = {.data = name.data, .len = colon != NULL ? (size_t)(colon - name.data) : name.len};
    struct slice occurrence = {.data = "", .len = 0};
    if (colon != NULL) {
        occurrence = (struct slice){.data = colon + 1, .len = name.len - first.len - 1};
    }
    struct held held;
    bool is_held = held_take(moment, customer, first, occurrence, &held);
    const struct follow_up *follow_up = policy_follow_up(moment->policy, first);
    if (follow_up == NULL) {
        followup_removed(moment, customer, first, occurrence);
        return;
    }
    kinds[follow_up->on]->fire(moment, customer, follow_up, occurrence, is_held ? held.due_ms : due_ms,
                               is_held ? &held : NULL);
}

bool followup_due(const struct moment *moment, const struct customer *customer, int64_t now_ms,
                  struct slice *ret_name, int64_t *ret_due_ms)
{
    int64_t due_ms = customer_next_due(customer), at_ms = 0;
    if (due_ms > now_ms) {
        return false;
    }
    struct slice first = {0}, name, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_TIMER, &cursor, &name, &value);) {
        if (parse_int(value, &at_ms) && at_ms == due_ms &&
            (first.data == NULL || comes_before(moment->policy, name, first))) {
            first = name;
        }
    }
    if (first.data != NULL) {
        *ret_name = first;
        *ret_due_ms = due_ms;
    }
    return first.data != NULL;
}

const struct follow_up *followup_next(const struct policy *policy, enum follow_up_on on,
                                      const struct follow_up *previous)
{
    return previous != NULL ? previous->next : policy->first[on];
}

struct occasion followup_occasion(const struct follow_up *follow_up, struct slice occurrence,
                                  int64_t event_ms, int64_t due_ms)
{
    return (struct occasion){
        .follow_up = follow_up,
        .occurrence = occurrence,
        .event_ms = event_ms,
        .due_ms = due_ms,
        .expires_ms = follow_up->expires_after_ms > 0 ? due_ms + follow_up->expires_after_ms : 0,
        .reason = follow_up_on_name(follow_up->on),
    };
}

int64_t followup_after(const struct follow_up *follow_up, int64_t from_ms, int64_t after_ms)
{
    return follow_up->calendar == NULL ? from_ms + after_ms
                                       : business_add(follow_up->calendar, from_ms, after_ms);
}

void followup_plan(struct moment *moment, struct customer *customer, const struct occasion *occasion)
{
    const struct follow_up *follow_up = occasion->follow_up;
    if (follow_up->mode == MODE_OFF ||
        held_is_there(moment, customer, follow_up->name, occasion->occurrence) ||
        !is_meant(moment, customer, occasion)) {
        return;
    }
    if (occasion->due_ms <= moment->now_ms || places_are_taken(moment, occasion)) {
        followup_decide(moment, customer, occasion);
    } else if (occasion->news != NULL) {
        places_take(moment, occasion);
        held_keep(moment, customer, occasion, occasion->due_ms);
    } else {
        customer_timer_set(customer, once_key(moment, follow_up->name, occasion->occurrence),
                           occasion->due_ms);
    }
}

void followup_unplan(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                     struct slice occurrence)
{
    if (!held_is_there(moment, customer, follow_up->name, occurrence)) {
        customer_timer_remove(customer, once_key(moment, follow_up->name, occurrence));
    }
}

/* Also a refusal is remembered: an occurrence has one record, whatever it says. */
void followup_decide(struct moment *moment, struct customer *customer, const struct occasion *occasion)
{
    const struct follow_up *follow_up = occasion->follow_up;
    struct ruling ruling;
    enum cause cause = find_cause(moment, customer, occasion);
    if (cause != CAUSE_NONE) {
        ruling = (struct ruling){.answer = GATE_REFUSES, .reason = cause_name(cause)};
    } else {
        gate_ask(moment, customer, occasion, &ruling);
    }
    if (ruling.answer != GATE_REFUSES) {
        places_take(moment, occasion);
    }
    if (ruling.answer == GATE_HOLDS) {
        hold(moment, customer, occasion, &ruling);
        return;
    }
    bool sent = ruling.answer == GATE_PASSES && follow_up->mode == MODE_LIVE;
    size_t variant = sent ? find_variant(moment, customer, occasion) : 0;
    if (sent) {
        send(moment, customer, occasion, variant, ruling.channels, ruling.channel_count);
        use_consent(moment, customer, follow_up, ruling.channels[0]);
        risk_note_sent(moment, follow_up);
    } else {
        refuse(moment, customer, follow_up->name, follow_up, occasion->occurrence, ruling.reason);
    }
    once_note(moment, customer, follow_up, occasion->occurrence, ruling.answer == GATE_PASSES, variant);
    if (ruling.exposed) {
        totals_add(moment->totals, "exposed", follow_up->name, (struct slice){0}, 1);
    }
    if (ruling.answer == GATE_PASSES) {
        caps_note(moment, customer, follow_up, ruling.channels[0]);
    }
    if (sent && kinds[follow_up->on]->serve != NULL) {
        kinds[follow_up->on]->serve(customer, occasion);
    }
}

void followup_removed(struct moment *moment, const struct customer *customer, struct slice name,
                      struct slice occurrence)
{
    refuse(moment, customer, name, NULL, occurrence, cause_name(CAUSE_follow_up_removed));
}

const char *cause_name(enum cause cause)
{
    static const char *const names[CAUSE_COUNT] = {
#define CAUSE(reason, sentence) [CAUSE_##reason] = #reason,
#include "producers/cause.def"
#undef CAUSE
    };
    assert(cause > CAUSE_NONE && cause < CAUSE_COUNT);
    return names[cause];
}

static bool comes_before(const struct policy *policy, struct slice a, struct slice b)
{
    size_t rank_a = rank_of(policy, a), rank_b = rank_of(policy, b);
    return rank_a != rank_b ? rank_a < rank_b : slice_compare(a, b) < 0;
}

/* What plans others comes before them; what the policy does not have is behind all that it has. */
static size_t rank_of(const struct policy *policy, struct slice timer)
{
    const char *colon = memchr(timer.data, ':', timer.len);
    if (colon == NULL) {
        return 0;
    }
    const struct follow_up *follow_up =
        policy_follow_up(policy, (struct slice){.data = timer.data, .len = (size_t)(colon - timer.data)});
    return follow_up != NULL ? 1 + (size_t)(follow_up - policy->follow_ups) : 1 + policy->follow_up_count;
}

/* For whom nobody meant it there is no occasion, and no record: it only counts. */
static bool is_meant(struct moment *moment, const struct customer *customer, const struct occasion *occasion)
{
    struct condition_facts facts = facts_of(moment, customer, occasion);
    bool meant = condition_holds(occasion->follow_up->condition, &facts) == TRUTH_TRUE;
    if (!meant && moment->stats != NULL) {
        stats_add_named(moment->stats, STAT_followups_not_meant, occasion->follow_up->name, (struct slice){0},
                        1);
    }
    return meant;
}

static struct condition_facts facts_of(const struct moment *moment, const struct customer *customer,
                                       const struct occasion *occasion)
{
    return (struct condition_facts){
        .customer = customer, .policy = moment->policy, .now_ms = moment->now_ms, .event = occasion->event};
}

/* What was asked when the event came is asked again when its time has come: the customer may have changed.
 * What only the event knew was answered then. */
static enum cause find_cause(const struct moment *moment, const struct customer *customer,
                             const struct occasion *occasion)
{
    const struct follow_up *follow_up = occasion->follow_up;
    const struct follow_up_kind *kind = kinds[follow_up->on];
    enum cause cause = kind->find_cause != NULL ? kind->find_cause(customer, occasion) : CAUSE_NONE;
    struct condition_facts facts = facts_of(moment, customer, occasion);
    if (cause == CAUSE_NONE && occasion->event == NULL &&
        condition_holds(follow_up->condition, &facts) == TRUTH_FALSE) {
        cause = CAUSE_condition;
    }
    return cause != CAUSE_NONE ? cause : find_answer(moment, customer, occasion);
}

/* What `unless` and `only_after` ask of what was sent before, and what became of it. */
static enum cause find_answer(const struct moment *moment, const struct customer *customer,
                              const struct occasion *occasion)
{
    const struct follow_up *follow_up = occasion->follow_up;
    const struct follow_up *before =
        follow_up->only_after.data != NULL ? policy_follow_up(moment->policy, follow_up->only_after) : NULL;
    if (before != NULL &&
        !once_yearly_was_sent(moment, customer, before, occasion->occurrence, follow_up->mode == MODE_LIVE)) {
        return CAUSE_not_sent_before;
    }
    if (follow_up->unless == UNLESS_REDEEMED &&
        answer_is_there(moment, customer, follow_up->name, occasion->occurrence, ANSWER_REDEEMED)) {
        return CAUSE_redeemed;
    }
    if (follow_up->unless == UNLESS_TASK_DONE &&
        answer_is_there(moment, customer, follow_up->name, occasion->occurrence, ANSWER_DONE)) {
        return CAUSE_task_done;
    }
    return CAUSE_NONE;
}

/* The number of the first that holds for certain, from 1; 0: none. */
static size_t find_variant(const struct moment *moment, const struct customer *customer,
                           const struct occasion *occasion)
{
    const struct follow_up *follow_up = occasion->follow_up;
    struct condition_facts facts = facts_of(moment, customer, occasion);
    for (size_t i = 0; i < follow_up->variant_count; i++) {
        if (condition_holds(follow_up->variants[i].condition, &facts) == TRUTH_TRUE) {
            return i + 1;
        }
    }
    return 0;
}

static void send(struct moment *moment, const struct customer *customer, const struct occasion *occasion,
                 size_t variant, const enum contact_channel *channels, size_t channel_count)
{
    const struct follow_up *follow_up = occasion->follow_up;
    trigger_send(moment, customer, occasion, variant, channels, channel_count,
                 kinds[follow_up->on]->write_variables);
    totals_add(moment->totals, "triggers", follow_up->name, (struct slice){0}, 1);
    if (moment->stats != NULL) {
        stats_add_named(moment->stats, STAT_triggers, follow_up->name, (struct slice){0}, 1);
    }
}

static void use_consent(const struct moment *moment, struct customer *customer,
                        const struct follow_up *follow_up, enum contact_channel channel)
{
    const struct class_rules *rules = &moment->policy->classes[follow_up->message_class];
    if (rules->needs_consent) {
        consent_use(customer, channel, rules->purpose);
    }
}

/* It is not decided yet, so nothing is remembered of it but what brings it back. */
static void hold(struct moment *moment, struct customer *customer, const struct occasion *occasion,
                 const struct ruling *ruling)
{
    struct slice name = occasion->follow_up->name;
    held_keep(moment, customer, occasion, ruling->until_ms);
    trigger_hold(moment, customer, occasion, ruling->reason, ruling->until_ms);
    totals_add(moment->totals, "held", name, slice_of(ruling->reason), 1);
    if (moment->stats != NULL) {
        stats_add_named(moment->stats, STAT_held, name, slice_of(ruling->reason), 1);
    }
}

/* Without a reason nothing refused it: the mode is shadow. */
static void refuse(struct moment *moment, const struct customer *customer, struct slice name,
                   const struct follow_up *follow_up, struct slice occurrence, const char *reason)
{
    const char *outcome = reason != NULL ? "suppressed" : "shadow";
    reason = reason != NULL ? reason : cause_name(CAUSE_shadow);
    trigger_decision(moment, customer, name, follow_up, occurrence, outcome, reason);
    totals_add(moment->totals, "decisions", name, slice_of(reason), 1);
    if (moment->stats != NULL) {
        stats_add_named(moment->stats, STAT_decisions, name, slice_of(reason), 1);
    }
}
