/* SPDX-License-Identifier: MIT */
/* How a consent changes its customer: the newest word holds, by the time at which it was said. Of two words
 * of the same time the stricter one holds, whichever came first. */
#include "consumers/handlers.h"

static int strictness(enum consent_state state);

enum handled consent_changed(struct moment *moment, struct customer *customer, const struct event *event,
                             enum reject *ret_reject)
{
    (void)moment;
    (void)ret_reject;
    const struct consent_event *consent = &event->data.consent;
    struct consent kept = consent_get(customer, consent->channel, consent->purpose);
    bool is_newer = event->time_ms > kept.time_ms;
    bool is_stricter = event->time_ms == kept.time_ms && strictness(consent->state) > strictness(kept.state);
    if (is_newer || is_stricter) {
        struct consent said = {.state = consent->state,
                               .time_ms = event->time_ms,
                               .source = consent->source,
                               .text_version = consent->text_version,
                               .once = consent->once && consent->state == CONSENT_GRANTED};
        consent_set(customer, consent->channel, consent->purpose, &said);
    }
    return HANDLED_FOLDED;
}

static int strictness(enum consent_state state)
{
    static const int order[CONSENT_STATE_COUNT] = {
        [CONSENT_GRANTED] = 0, [CONSENT_PENDING] = 1, [CONSENT_UNKNOWN] = 2, [CONSENT_WITHDRAWN] = 3};
    return order[state];
}
