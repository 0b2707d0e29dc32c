/* SPDX-License-Identifier: MIT */
/* Consent as text: item `s:CHANNEL:PURPOSE`, value "STATE TIME_MS"; and the names. */
#include "common/consent.h"

#include "common/words.h"

#include <assert.h>

static const char *const channel_names[CONTACT_CHANNEL_COUNT] = {
#define CONTACT_CHANNEL(name) [CONTACT_##name] = #name,
#include "common/contact_channel.def"
#undef CONTACT_CHANNEL
};
static const char *const purpose_names[PURPOSE_COUNT] = {
    [PURPOSE_MARKETING] = "marketing", [PURPOSE_CONTENT] = "content"};
static const char *const state_names[CONSENT_STATE_COUNT] = {[CONSENT_UNKNOWN] = "unknown",
                                                             [CONSENT_PENDING] = "pending",
                                                             [CONSENT_GRANTED] = "granted",
                                                             [CONSENT_WITHDRAWN] = "withdrawn"};

static int find(const char *const *names, int count, struct slice name);
static void make_key(struct words *words, enum contact_channel channel, enum consent_purpose purpose);
static bool read_value(struct slice value, enum consent_state *ret_state, int64_t *ret_time_ms);

const char *contact_channel_name(enum contact_channel channel)
{
    assert(channel < CONTACT_CHANNEL_COUNT);
    return channel_names[channel];
}

bool contact_channel_parse(struct slice name, enum contact_channel *ret_channel)
{
    int found = find(channel_names, CONTACT_CHANNEL_COUNT, name);
    if (found >= 0) {
        *ret_channel = (enum contact_channel)found;
    }
    return found >= 0;
}

const char *consent_purpose_name(enum consent_purpose purpose)
{
    assert(purpose < PURPOSE_COUNT);
    return purpose_names[purpose];
}

bool consent_purpose_parse(struct slice name, enum consent_purpose *ret_purpose)
{
    int found = find(purpose_names, PURPOSE_COUNT, name);
    if (found >= 0) {
        *ret_purpose = (enum consent_purpose)found;
    }
    return found >= 0;
}

const char *consent_state_name(enum consent_state state)
{
    assert(state < CONSENT_STATE_COUNT);
    return state_names[state];
}

bool consent_state_parse(struct slice name, enum consent_state *ret_state)
{
    int found = find(state_names, CONSENT_STATE_COUNT, name);
    if (found >= 0) {
        *ret_state = (enum consent_state)found;
    }
    return found >= 0;
}

void consent_get(const struct customer *customer, enum contact_channel channel, enum consent_purpose purpose,
                 enum consent_state *ret_state, int64_t *ret_time_ms)
{
    struct words key;
    struct slice value;
    make_key(&key, channel, purpose);
    if (!customer_item(customer, ITEM_CONSENT, words_view(&key), &value) ||
        !read_value(value, ret_state, ret_time_ms)) {
        *ret_state = CONSENT_UNKNOWN;
        *ret_time_ms = 0;
    }
}

void consent_set(struct customer *customer, enum contact_channel channel, enum consent_purpose purpose,
                 enum consent_state state, int64_t time_ms)
{
    struct words key, value;
    make_key(&key, channel, purpose);
    words_begin(&value);
    words_add(&value, slice_of(consent_state_name(state)));
    words_add_int(&value, time_ms);
    customer_item_set(customer, ITEM_CONSENT, words_view(&key), words_view(&value));
}

bool consent_text_is_valid(struct slice value)
{
    enum consent_state state;
    int64_t time_ms;
    return read_value(value, &state, &time_ms) && time_ms >= 0;
}

static int find(const char *const *names, int count, struct slice name)
{
    for (int i = 0; i < count; i++) {
        if (slice_is(name, names[i])) {
            return i;
        }
    }
    return -1;
}

/* Keys and values of consents are far shorter than the room within struct words: nothing to be freed. */
static void make_key(struct words *words, enum contact_channel channel, enum consent_purpose purpose)
{
    words_begin(words);
    words_append(words, slice_of(contact_channel_name(channel)));
    words_append(words, SLICE(":"));
    words_append(words, slice_of(consent_purpose_name(purpose)));
}

static bool read_value(struct slice value, enum consent_state *ret_state, int64_t *ret_time_ms)
{
    struct word_cursor cursor = {.rest = value};
    struct slice state = word_next(&cursor);
    int64_t time_ms = word_next_int(&cursor);
    if (!words_are_read(&cursor) || !consent_state_parse(state, ret_state)) {
        return false;
    }
    *ret_time_ms = time_ms;
    return true;
}
