/* SPDX-License-Identifier: MIT */
/* The guards of gate.def, one small function each, in the order of that list. A guard looks and does not
 * change anything but the question's own channels. */
#include "producers/gate.h"

#include "common/words.h"
#include "producers/caps.h"
#include "producers/lot.h"
#include "producers/once.h"
#include "producers/places.h"
#include "producers/quiet.h"

/* What is asked of every guard. */
struct question {
    const struct moment *moment;
    const struct customer *customer;
    const struct occasion *occasion;
    struct ruling *ruling; /* channels: found by guard_no_consent, later ones may take some away */
};

typedef enum gate_answer guard(struct question *question);

#define GATE(reason, sentence) static guard guard_##reason;
#include "producers/gate.def"
#undef GATE

static const struct {
    const char *reason, *sentence;
    guard *ask;
} guards[] = {
#define GATE(reason, sentence) {#reason, sentence, guard_##reason},
#include "producers/gate.def"
#undef GATE
};

static enum gate_answer refuse_if(bool refused);
static const struct class_rules *rules_of(const struct question *question);
static bool is_allowed(const struct question *question, enum contact_channel channel);

void gate_ask(const struct moment *moment, const struct customer *customer, const struct occasion *occasion,
              struct ruling *ret_ruling)
{
    gate_tell(moment, customer, occasion, NULL, NULL, ret_ruling);
}

void gate_tell(const struct moment *moment, const struct customer *customer, const struct occasion *occasion,
               gate_teller *tell, void *context, struct ruling *ret_ruling)
{
    *ret_ruling = (struct ruling){.answer = GATE_PASSES};
    struct question question = {
        .moment = moment, .customer = customer, .occasion = occasion, .ruling = ret_ruling};
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        enum gate_answer answer = guards[i].ask(&question);
        if (answer != GATE_PASSES) {
            ret_ruling->answer = answer;
            ret_ruling->reason = guards[i].reason;
        }
        if (tell != NULL) {
            tell(context, guards[i].reason, guards[i].sentence, answer, ret_ruling);
        }
        if (answer == GATE_REFUSES) {
            return;
        }
    }
}

static enum gate_answer guard_off(struct question *question)
{
    return refuse_if(question->occasion->follow_up->mode == MODE_OFF);
}

static enum gate_answer guard_not_before(struct question *question)
{
    int64_t not_before_ms = question->moment->policy->not_before_ms;
    return refuse_if(not_before_ms != 0 && question->occasion->event_ms < not_before_ms);
}

/* Also finds the channels for everybody else: a class that needs no consent may use all of them. Those that
 * the customer prefers come first, in the customer's order, then the others in the follow-up's. */
static enum gate_answer guard_no_consent(struct question *question)
{
    const struct follow_up *follow_up = question->occasion->follow_up;
    struct ruling *ruling = question->ruling;
    struct slice preferred = customer_text(question->customer, CUSTOMER_contact_channels);
    unsigned left = 0;
    for (size_t i = 0; i < follow_up->channel_count; i++) {
        left |= is_allowed(question, follow_up->channels[i]) ? SET_OF(follow_up->channels[i]) : 0;
    }
    struct word_cursor cursor = {.rest = preferred.len > 0 ? preferred : (struct slice){0}};
    while (word_is_there(&cursor)) {
        enum contact_channel channel = CONTACT_CHANNEL_COUNT;
        if (contact_channel_parse(word_next(&cursor), &channel) && SET_HAS(left, channel)) {
            ruling->channels[ruling->channel_count++] = channel;
            left &= ~SET_OF(channel);
        }
    }
    for (size_t i = 0; i < follow_up->channel_count; i++) {
        if (SET_HAS(left, follow_up->channels[i])) {
            ruling->channels[ruling->channel_count++] = follow_up->channels[i];
        }
    }
    return refuse_if(ruling->channel_count == 0);
}

/* By the civil date where the customer lives. Who was born on 29 February is a year older on 1 March. */
static enum gate_answer guard_under_age(struct question *question)
{
    struct yearly_date date = {0};
    struct civil_date today = {0};
    int hour = 0, age = 0;
    int64_t min_age = question->occasion->follow_up->min_age;
    if (min_age == 0) {
        return GATE_PASSES;
    }
    zone_local(policy_zone(question->moment->policy, question->customer), question->moment->now_ms, &today,
               &hour);
    return refuse_if(!yearly_date_parse(customer_text(question->customer, CUSTOMER_birth), &date) ||
                     !yearly_date_age(&date, today, &age) || age < min_age);
}

static enum gate_answer guard_already_sent(struct question *question)
{
    return refuse_if(once_is_known(question->moment, question->customer, question->occasion->follow_up,
                                   question->occasion->occurrence));
}

static enum gate_answer guard_birth_date_changed(struct question *question)
{
    return refuse_if(once_is_too_soon(question->moment, question->customer, question->occasion->follow_up));
}

static enum gate_answer guard_holdout(struct question *question)
{
    const struct policy *policy = question->moment->policy;
    enum message_class message_class = question->occasion->follow_up->message_class;
    bool held_out = lot_is_held_out(policy, question->customer, message_class);
    question->ruling->exposed =
        !held_out && policy->holdout.share > 0 && SET_HAS(policy->holdout.classes, message_class);
    return refuse_if(held_out);
}

static enum gate_answer guard_frozen(struct question *question)
{
    return refuse_if(
        rules_of(question)->freezes &&
        complaint_freezes(question->customer, question->moment->now_ms, question->moment->policy->freeze_ms));
}

static enum gate_answer guard_capped(struct question *question)
{
    struct ruling *ruling = question->ruling;
    return refuse_if(!caps_leave_room(question->moment, question->customer, question->occasion->follow_up,
                                      ruling->channels, &ruling->channel_count));
}

/* Holds. */
static enum gate_answer guard_quiet_hours(struct question *question)
{
    struct ruling *ruling = question->ruling;
    quiet_look(question->moment, question->customer, question->occasion->follow_up, ruling->channels,
               &ruling->channel_count, &ruling->until_ms);
    return ruling->until_ms > 0 ? GATE_HOLDS : GATE_PASSES;
}

static enum gate_answer guard_expired(struct question *question)
{
    int64_t expires_ms = question->occasion->expires_ms;
    return refuse_if(expires_ms != 0 && question->moment->now_ms > expires_ms);
}

static enum gate_answer guard_paused(struct question *question)
{
    const struct switches *switches = question->moment->switches;
    return refuse_if(switches != NULL && switches_pause(switches, question->occasion->follow_up));
}

static enum gate_answer guard_risk(struct question *question)
{
    const struct switches *switches = question->moment->switches;
    return refuse_if(switches != NULL && switches_brake(switches, question->occasion->follow_up));
}

static enum gate_answer guard_no_place(struct question *question)
{
    return refuse_if(places_are_taken(question->moment, question->occasion));
}

static enum gate_answer refuse_if(bool refused)
{
    return refused ? GATE_REFUSES : GATE_PASSES;
}

static const struct class_rules *rules_of(const struct question *question)
{
    return &question->moment->policy->classes[question->occasion->follow_up->message_class];
}

static bool is_allowed(const struct question *question, enum contact_channel channel)
{
    const struct class_rules *rules = rules_of(question);
    if (!rules->needs_consent) {
        return true;
    }
    enum consent_state state = consent_get(question->customer, channel, rules->purpose).state;
    return state == CONSENT_GRANTED ||
           (state == CONSENT_UNKNOWN &&
            policy_presumes_consent(question->moment->policy, question->customer, channel));
}
