/* SPDX-License-Identifier: MIT */
#include "producers/quiet.h"

static unsigned quiet_channels(const struct policy *policy, enum message_class message_class);
static int64_t free_again(const struct policy *policy, enum message_class message_class,
                          enum contact_channel channel, struct slice zone, int64_t now_ms);

void quiet_look(const struct moment *moment, const struct customer *customer,
                const struct follow_up *follow_up, enum contact_channel *channels, size_t *channel_count,
                int64_t *ret_until_ms)
{
    const struct policy *policy = moment->policy;
    *ret_until_ms = 0;
    if (quiet_channels(policy, follow_up->message_class) == 0) {
        return;
    }
    struct slice zone = policy_zone(policy, customer);
    size_t left = 0;
    int64_t first_ms = 0;
    for (size_t i = 0; i < *channel_count; i++) {
        int64_t at_ms = free_again(policy, follow_up->message_class, channels[i], zone, moment->now_ms);
        first_ms = i == 0 || at_ms < first_ms ? at_ms : first_ms;
        if (at_ms == moment->now_ms) {
            channels[left++] = channels[i];
        }
    }
    if (left > 0) {
        *channel_count = left;
    } else if (*channel_count > 0) {
        *ret_until_ms = first_ms;
    }
}

/* Those for which it is ever quiet. */
static unsigned quiet_channels(const struct policy *policy, enum message_class message_class)
{
    unsigned channels = 0;
    for (size_t i = 0; i < policy->quiet_hours_count; i++) {
        const struct quiet_hours *quiet = &policy->quiet_hours[i];
        channels |= SET_HAS(quiet->classes, message_class) ? quiet->channels : 0;
    }
    return channels;
}

/* One may begin where another ends. That some minute is left has been seen to when the policy was read. */
static int64_t free_again(const struct policy *policy, enum message_class message_class,
                          enum contact_channel channel, struct slice zone, int64_t now_ms)
{
    int64_t at_ms = now_ms, before_ms = 0;
    do {
        before_ms = at_ms;
        for (size_t i = 0; i < policy->quiet_hours_count; i++) {
            const struct quiet_hours *quiet = &policy->quiet_hours[i];
            if (SET_HAS(quiet->classes, message_class) && SET_HAS(quiet->channels, channel)) {
                at_ms = zone_outside(zone, at_ms, quiet->from_minute, quiet->to_minute);
            }
        }
    } while (at_ms != before_ms);
    return at_ms;
}
