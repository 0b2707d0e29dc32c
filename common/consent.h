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

/* UNKNOWN, time 0, where nothing is kept. */
void consent_get(const struct customer *customer, enum contact_channel channel, enum consent_purpose purpose,
                 enum consent_state *ret_state, int64_t *ret_time_ms);
void consent_set(struct customer *customer, enum contact_channel channel, enum consent_purpose purpose,
                 enum consent_state state, int64_t time_ms);

bool consent_text_is_valid(struct slice value);

#endif
