/* SPDX-License-Identifier: MIT */
/* The guards of gate.def, one small function each, in the order of that list. A guard looks and does not
 * change anything but the question's own channels. */
#include "producers/gate.h"

#include "producers/once.h"

/* What is asked of every guard. */
struct question {
    const struct moment *moment;
    const struct customer *customer;
    const struct occasion *occasion;
    enum contact_channel channels[CONTACT_CHANNEL_COUNT]; /* allowed ones, found by guard_no_consent */
    size_t channel_count;
};

/* True: refuses. */
typedef bool guard(struct question *question);

#define GATE(reason, sentence) static guard guard_##reason;
#include "producers/gate.def"
#undef GATE

static const struct {
    const char *reason;
    guard *refuses;
} guards[] = {
#define GATE(reason, sentence) {#reason, guard_##reason},
#include "producers/gate.def"
#undef GATE
};

static const struct class_rules *rules_of(const struct question *question);
static bool is_allowed(const struct question *question, enum contact_channel channel);

const char *gate_refuses(const struct moment *moment, const struct customer *customer,
                         const struct occasion *occasion, enum contact_channel *ret_channels,
                         size_t *ret_channel_count)
{
    struct question question = {.moment = moment, .customer = customer, .occasion = occasion};
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        if (guards[i].refuses(&question)) {
            return guards[i].reason;
        }
    }
    memcpy(ret_channels, question.channels, question.channel_count * sizeof *ret_channels);
    *ret_channel_count = question.channel_count;
    return NULL;
}

static bool guard_off(struct question *question)
{
    return question->occasion->follow_up->mode == MODE_OFF;
}

static bool guard_not_before(struct question *question)
{
    int64_t not_before_ms = question->moment->policy->not_before_ms;
    return not_before_ms != 0 && question->occasion->event_ms < not_before_ms;
}

/* Also finds the channels for everybody else: a class that needs no consent may use all of them. */
static bool guard_no_consent(struct question *question)
{
    const struct follow_up *follow_up = question->occasion->follow_up;
    for (size_t i = 0; i < follow_up->channel_count; i++) {
        if (is_allowed(question, follow_up->channels[i])) {
            question->channels[question->channel_count++] = follow_up->channels[i];
        }
    }
    return rules_of(question)->needs_consent && question->channel_count == 0;
}

static bool guard_already_sent(struct question *question)
{
    return once_is_known(question->moment, question->customer, question->occasion->follow_up,
                         question->occasion->occurrence);
}

static bool guard_frozen(struct question *question)
{
    return rules_of(question)->freezes && complaint_freezes(question->customer, question->moment->now_ms,
                                                            question->moment->policy->freeze_ms);
}

static bool guard_expired(struct question *question)
{
    int64_t expires_ms = question->occasion->expires_ms;
    return expires_ms != 0 && question->moment->now_ms > expires_ms;
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
    enum consent_state state = CONSENT_UNKNOWN;
    int64_t time_ms = 0;
    consent_get(question->customer, channel, rules->purpose, &state, &time_ms);
    return state == CONSENT_GRANTED;
}
