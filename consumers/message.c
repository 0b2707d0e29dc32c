/* SPDX-License-Identifier: MIT */
/* What became of messages: counted; what was redeemed or done is remembered of the customer; who
 * unsubscribes, or reports a message as spam, has withdrawn consent. */
#include "consumers/handlers.h"
#include "producers/answer.h"
#include "producers/risk.h"

static void withdraw(struct moment *moment, struct customer *customer, const struct event *event,
                     struct slice source);
static void withdraw_one(struct customer *customer, enum contact_channel channel,
                         enum consent_purpose purpose, int64_t time_ms, struct slice source);

enum handled message_told(struct moment *moment, struct customer *customer, const struct event *event,
                          enum reject *ret_reject)
{
    (void)ret_reject;
    const struct message *message = &event->data.message;
    switch (event->type) {
    case EVENT_MESSAGE_REDEEMED:
        answer_note(moment, customer, message->follow_up, message->occurrence, ANSWER_REDEEMED,
                    event->time_ms);
        break;
    case EVENT_TASK_DONE:
        answer_note(moment, customer, message->follow_up, message->occurrence, ANSWER_DONE, event->time_ms);
        break;
    case EVENT_MESSAGE_UNSUBSCRIBED:
        withdraw(moment, customer, event, SLICE("unsubscribed"));
        break;
    case EVENT_MESSAGE_SPAM_REPORTED:
        withdraw(moment, customer, event, SLICE("spam_reported"));
        break;
    default:
        break;
    }
    /* "loyalty.message.sent.v1" to "message.sent"; names that the policy does not have are no names for
     * totals */
    struct slice wire = slice_of(event_type_wire(event->type));
    struct slice kind = {.data = wire.data + strlen("loyalty."), .len = wire.len - strlen("loyalty.") - 3};
    bool known = policy_follow_up(moment->policy, message->follow_up) != NULL;
    totals_add(moment->totals, "told", kind, known ? message->follow_up : SLICE("-"), 1);
    return HANDLED_FOLDED;
}

/* For the purpose of the follow-up's class; where that is not known, or needs no consent, for all. */
static void withdraw(struct moment *moment, struct customer *customer, const struct event *event,
                     struct slice source)
{
    const struct message *message = &event->data.message;
    const struct follow_up *follow_up = policy_follow_up(moment->policy, message->follow_up);
    const struct class_rules *rules =
        follow_up != NULL ? &moment->policy->classes[follow_up->message_class] : NULL;
    if (follow_up != NULL) {
        risk_note_report(moment, customer, follow_up);
    }
    for (int channel = 0; channel < CONTACT_CHANNEL_COUNT; channel++) {
        for (int purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
            bool channel_fits = message->channel == CONTACT_CHANNEL_COUNT || (int)message->channel == channel;
            bool purpose_fits = rules == NULL || !rules->needs_consent || (int)rules->purpose == purpose;
            if (channel_fits && purpose_fits) {
                withdraw_one(customer, (enum contact_channel)channel, (enum consent_purpose)purpose,
                             event->time_ms, source);
            }
        }
    }
}

/* As any other word of the customer's: the newest holds, and of two at once the stricter. */
static void withdraw_one(struct customer *customer, enum contact_channel channel,
                         enum consent_purpose purpose, int64_t time_ms, struct slice source)
{
    struct consent kept = consent_get(customer, channel, purpose);
    if (time_ms > kept.time_ms || (time_ms == kept.time_ms && kept.state != CONSENT_WITHDRAWN)) {
        struct consent said = {.state = CONSENT_WITHDRAWN, .time_ms = time_ms, .source = source};
        consent_set(customer, channel, purpose, &said);
    }
}
