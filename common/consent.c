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
static bool read_value(struct slice value, struct consent *ret_consent);

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

struct consent consent_get(const struct customer *customer, enum contact_channel channel,
                           enum consent_purpose purpose)
{
    struct words key;
    struct slice value;
    struct consent consent = {.state = CONSENT_UNKNOWN};
    make_key(&key, channel, purpose);
    if (!customer_item(customer, ITEM_CONSENT, words_view(&key), &value) || !read_value(value, &consent)) {
        return (struct consent){.state = CONSENT_UNKNOWN};
    }
    return consent;
}

void consent_set(struct customer *customer, enum contact_channel channel, enum consent_purpose purpose,
                 const struct consent *consent)
{
    struct words key, value;
    make_key(&key, channel, purpose);
    words_begin(&value);
    words_add(&value, slice_of(consent_state_name(consent->state)));
    words_add_int(&value, consent->time_ms);
    if (consent->source.len > 0 || consent->text_version.len > 0 || consent->once) {
        words_add(&value, consent->source.len > 0 ? consent->source : SLICE("-"));
        words_add(&value, consent->text_version.len > 0 ? consent->text_version : SLICE("-"));
    }
    if (consent->once) {
        words_add(&value, SLICE("once"));
    }
    customer_item_set(customer, ITEM_CONSENT, words_view(&key), words_view(&value));
}

void consent_use(struct customer *customer, enum contact_channel channel, enum consent_purpose purpose)
{
    struct consent consent = consent_get(customer, channel, purpose);
    if (consent.state == CONSENT_GRANTED && consent.once) {
        struct consent used = {
            .state = CONSENT_WITHDRAWN, .time_ms = consent.time_ms, .source = SLICE("used")};
        consent_set(customer, channel, purpose, &used);
    }
}

bool consent_text_is_valid(struct slice value)
{
    struct consent consent;
    return read_value(value, &consent) && consent.time_ms >= 0;
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

static bool read_value(struct slice value, struct consent *ret_consent)
{
    struct word_cursor cursor = {.rest = value};
    struct slice state = word_next(&cursor);
    struct consent consent = {.time_ms = word_next_int(&cursor)};
    if (word_is_there(&cursor)) {
        consent.source = word_next(&cursor);
        consent.text_version = word_next(&cursor);
    }
    if (word_is_there(&cursor)) {
        consent.once = true;
        cursor.bad = !slice_is(word_next(&cursor), "once");
    }
    if (!words_are_read(&cursor) || !consent_state_parse(state, &consent.state)) {
        return false;
    }
    if (slice_is(consent.source, "-")) {
        consent.source = (struct slice){0};
    }
    if (slice_is(consent.text_version, "-")) {
        consent.text_version = (struct slice){0};
    }
    *ret_consent = consent;
    return true;
}
