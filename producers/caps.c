/* SPDX-License-Identifier: MIT */
#include "producers/caps.h"

#include "common/words.h"

#define DAY_MS  86400000LL
#define KEPT_MS (31 * DAY_MS)

/* A message that was sent. */
struct sent {
    int64_t time_ms;
    const struct follow_up *follow_up; /* NULL: the policy no longer has it */
    struct slice message_class;
    enum contact_channel channel;
    bool shadow;
};

static bool next_sent(const struct moment *moment, const struct customer *customer, size_t *cursor,
                      struct slice *ret_key, struct sent *ret_sent);
static int64_t time_of(struct slice key);
static size_t count_kept(const struct moment *moment, const struct customer *customer);
static void count_each(const struct moment *moment, const struct customer *customer,
                       const struct follow_up *follow_up, int64_t counts[POLICY_CAPS_MAX]);
static bool counts(const struct cap *cap, unsigned bit, const struct sent *sent);
static void forget_old(const struct moment *moment, struct customer *customer);

bool caps_leave_room(const struct moment *moment, const struct customer *customer,
                     const struct follow_up *follow_up, enum contact_channel *channels, size_t *channel_count)
{
    const struct policy *policy = moment->policy;
    int64_t counted[POLICY_CAPS_MAX] = {0};
    size_t left = 0;
    if (follow_up->counts_to != 0 && count_kept(moment, customer) >= (size_t)policy->limits.sent) {
        return false;
    }
    if (follow_up->capped_by == 0) {
        return true;
    }
    count_each(moment, customer, follow_up, counted);
    for (size_t i = 0; i < *channel_count; i++) {
        bool full = false;
        for (size_t j = 0; j < policy->cap_count && !full; j++) {
            const struct cap *cap = &policy->caps[j];
            full = SET_HAS(follow_up->capped_by, j) && SET_HAS(cap->limits_channels, channels[i]) &&
                   counted[j] >= cap->at_most;
        }
        if (!full) {
            channels[left++] = channels[i];
        }
    }
    bool room = left > 0 || *channel_count == 0;
    *channel_count = left;
    return room;
}

void caps_note(const struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
               enum contact_channel channel)
{
    struct words key, value;
    struct slice known;
    if (follow_up->counts_to == 0) {
        return;
    }
    forget_old(moment, customer);
    int64_t number = 0;
    do {
        words_begin(&key);
        words_add_int(&key, moment->now_ms);
        words_append(&key, SLICE(":"));
        char room[INT_TEXT_BYTES];
        words_append(&key, int_text(number++, room));
    } while (customer_item(customer, ITEM_SENT, words_view(&key), &known));
    words_begin(&value);
    words_add(&value, follow_up->name);
    words_add(&value, slice_of(message_class_name(follow_up->message_class)));
    words_add(&value, slice_of(contact_channel_name(channel)));
    words_add(&value, slice_of(follow_up->mode == MODE_LIVE ? "live" : "shadow"));
    customer_item_set(customer, ITEM_SENT, words_view(&key), words_view(&value));
    words_done(&value);
}

/* In no order. */
static bool next_sent(const struct moment *moment, const struct customer *customer, size_t *cursor,
                      struct slice *ret_key, struct sent *ret_sent)
{
    struct slice value;
    if (!customer_item_next(customer, ITEM_SENT, cursor, ret_key, &value)) {
        return false;
    }
    struct word_cursor words = {.rest = value};
    ret_sent->time_ms = time_of(*ret_key);
    ret_sent->follow_up = policy_follow_up(moment->policy, word_next(&words));
    ret_sent->message_class = word_next(&words);
    ret_sent->channel = CONTACT_CHANNEL_COUNT;
    (void)!contact_channel_parse(word_next(&words), &ret_sent->channel);
    ret_sent->shadow = slice_is(word_next(&words), "shadow");
    return true;
}

static int64_t time_of(struct slice key)
{
    const char *colon = memchr(key.data, ':', key.len);
    int64_t time_ms = 0;
    (void)!parse_int((struct slice){.data = key.data, .len = colon != NULL ? (size_t)(colon - key.data) : 0},
                     &time_ms);
    return time_ms;
}

/* Those that are not too old. */
static size_t count_kept(const struct moment *moment, const struct customer *customer)
{
    size_t cursor = 0, count = 0;
    struct slice key, value;
    if (customer_item_count(customer, ITEM_SENT) < (size_t)moment->policy->limits.sent) {
        return 0;
    }
    while (customer_item_next(customer, ITEM_SENT, &cursor, &key, &value)) {
        count += time_of(key) > moment->now_ms - KEPT_MS;
    }
    return count;
}

/* How many count towards each cap that limits the follow-up. */
static void count_each(const struct moment *moment, const struct customer *customer,
                       const struct follow_up *follow_up, int64_t counted[POLICY_CAPS_MAX])
{
    const struct policy *policy = moment->policy;
    struct slice zone = policy_zone(policy, customer), key;
    struct civil_date today = {0};
    struct sent sent;
    int hour = 0;
    if (customer_item_count(customer, ITEM_SENT) == 0) {
        return;
    }
    zone_local(zone, moment->now_ms, &today, &hour);
    int64_t day_begins_ms = zone_instant(zone, today, 0);
    for (size_t cursor = 0; next_sent(moment, customer, &cursor, &key, &sent);) {
        if (sent.shadow && follow_up->mode != MODE_SHADOW) {
            continue; /* it did not really go out */
        }
        for (size_t i = 0; i < policy->cap_count; i++) {
            const struct cap *cap = &policy->caps[i];
            bool recent = cap->window_ms > 0 ? sent.time_ms > moment->now_ms - cap->window_ms
                                             : sent.time_ms >= day_begins_ms;
            counted[i] += recent && SET_HAS(follow_up->capped_by, i) && counts(cap, SET_OF(i), &sent);
        }
    }
}

static bool counts(const struct cap *cap, unsigned bit, const struct sent *sent)
{
    if (!SET_HAS(cap->counts_channels, sent->channel)) {
        return false;
    }
    if (sent->follow_up != NULL) {
        return (sent->follow_up->counts_to & bit) != 0;
    }
    for (unsigned i = 0; i < CLASS_COUNT; i++) {
        if (SET_HAS(cap->counts_classes, i) &&
            slice_is(sent->message_class, message_class_name((enum message_class)i))) {
            return true;
        }
    }
    return false;
}

static void forget_old(const struct moment *moment, struct customer *customer)
{
    size_t cursor = 0;
    struct slice key, value;
    while (customer_item_next(customer, ITEM_SENT, &cursor, &key, &value)) {
        if (time_of(key) <= moment->now_ms - KEPT_MS) {
            customer_item_remove(customer, ITEM_SENT, arena_copy(moment->arena, key));
        }
    }
}
