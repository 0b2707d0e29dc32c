/* SPDX-License-Identifier: MIT */
/* Consent per contact channel and purpose, as a customer keeps it; and the names of channels. */
#ifndef COMMON_CONSENT_H
#define COMMON_CONSENT_H

#include "common/customer.h"

enum contact_channel {
#define CONTACT_CHANNEL(name) CONTACT_##name,
#include "common/contact_channel.def"
#undef CONTACT_CHANNEL
    CONTACT_CHANNEL_COUNT
};
const char *contact_channel_name(enum contact_channel channel);
bool contact_channel_parse(struct slice name, enum contact_channel *ret_channel);

enum consent_purpose { PURPOSE_MARKETING, PURPOSE_CONTENT, PURPOSE_COUNT };
enum consent_state {
    CONSENT_UNKNOWN,
    CONSENT_PENDING,
    CONSENT_GRANTED,
    CONSENT_WITHDRAWN,
    CONSENT_STATE_COUNT
};
const char *consent_purpose_name(enum consent_purpose purpose);
bool consent_purpose_parse(struct slice name, enum consent_purpose *ret_purpose);
const char *consent_state_name(enum consent_state state);
bool consent_state_parse(struct slice name, enum consent_state *ret_state);

/* What is kept of one channel and purpose. Texts have at most CONSENT_TEXT_MAX bytes, none of them a blank;
 * len 0: not said. */
struct consent {
    enum consent_state state;
    int64_t time_ms;
    struct slice source;       /* where it was said: "checkout", "store" */
    struct slice text_version; /* of what was agreed to */
    bool once;                 /* granted for one message */
};
#define CONSENT_TEXT_MAX 16 /* so that all of it stays within 64 bytes */

/* UNKNOWN, time 0, where nothing is kept. A view as customer_item. */
struct consent consent_get(const struct customer *customer, enum contact_channel channel,
                           enum consent_purpose purpose);
void consent_set(struct customer *customer, enum contact_channel channel, enum consent_purpose purpose,
                 const struct consent *consent);

/* A message has gone out by it: if it was granted once, it is used up. */
void consent_use(struct customer *customer, enum contact_channel channel, enum consent_purpose purpose);

bool consent_text_is_valid(struct slice value);

#endif
