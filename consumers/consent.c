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
    enum consent_state state;
    int64_t time_ms;
    consent_get(customer, consent->channel, consent->purpose, &state, &time_ms);
    bool is_newer = event->time_ms > time_ms;
    bool is_stricter = event->time_ms == time_ms && strictness(consent->state) > strictness(state);
    if (is_newer || is_stricter) {
        consent_set(customer, consent->channel, consent->purpose, consent->state, event->time_ms);
    }
    return HANDLED_FOLDED;
}

static int strictness(enum consent_state state)
{
    static const int order[CONSENT_STATE_COUNT] = {
        [CONSENT_GRANTED] = 0, [CONSENT_PENDING] = 1, [CONSENT_UNKNOWN] = 2, [CONSENT_WITHDRAWN] = 3};
    return order[state];
}
