/* SPDX-License-Identifier: MIT */
/* The policy as the fold asks it: what is in force before any, its follow-ups by name, a customer's zone. How
 * it is read stands in policy_parse.c, how it comes through the log in policy_record.c. */
#include "config/policy.h"

#include "common/mem.h"
#include "config/policy_parts.h"

#include <assert.h>

#define PLACE_BYTES_MAX 16

const char *const policy_mode_names[3] = {[MODE_OFF] = "off", [MODE_SHADOW] = "shadow", [MODE_LIVE] = "live"};
const char *const policy_clock_names[2] = {[CLOCK_APPEND] = "append", [CLOCK_EVENT] = "event"};
const char *const policy_class_names[CLASS_COUNT] = {[CLASS_transactional] = "transactional",
                                                     [CLASS_marketing] = "marketing",
                                                     [CLASS_content] = "content",
                                                     [CLASS_task] = "task",
                                                     [CLASS_safety] = "safety"};
const char *const policy_on_names[ON_COUNT] = {[ON_PURCHASE_COMPLETED] = "purchase.completed",
                                               [ON_COMPLAINT_OPENED] = "complaint.opened",
                                               [ON_BIRTHDAY] = "birthday",
                                               [ON_PRODUCT_LAUNCHED] = "product.launched",
                                               [ON_VISIT_MADE] = "visit.made",
                                               [ON_SILENCE] = "silence",
                                               [ON_COMPLAINT_RESOLVED] = "complaint.resolved",
                                               [ON_SPECIAL_DATE] = "special-date",
                                               [ON_ANNIVERSARY] = "anniversary",
                                               [ON_HOUSEHOLD_BIRTHDAY] = "household-birthday",
                                               [ON_PRODUCT_RESTOCKED] = "product.restocked",
                                               [ON_PRODUCT_REPRICED] = "product.repriced",
                                               [ON_PRODUCT_RECALLED] = "product.recalled"};
const char *const policy_unless_names[UNLESS_COUNT] = {[UNLESS_NOTHING] = "",
                                                       [UNLESS_ACKNOWLEDGED] = "complaint.acknowledged",
                                                       [UNLESS_RESPONDED] = "complaint.responded",
                                                       [UNLESS_RESOLVED] = "complaint.resolved",
                                                       [UNLESS_PURCHASED] = "purchase.completed",
                                                       [UNLESS_REDEEMED] = "redeemed",
                                                       [UNLESS_TASK_DONE] = "task.done"};
const char *const policy_leap_day_names[3] = {
    [LEAP_DAY_FEB_28] = "feb-28", [LEAP_DAY_MAR_1] = "mar-1", [LEAP_DAY_LEAP_YEARS] = "leap-years"};
const char *const policy_anniversary_names[ANNIVERSARY_COUNT] = {
    [ANNIVERSARY_JOINED] = "joined", [ANNIVERSARY_FIRST_PURCHASE] = "first-purchase"};
const char *const policy_lunar_day_30_names[3] = {
    [LUNAR_DAY_29] = "day-29", [LUNAR_NEXT_DAY] = "next-day", [LUNAR_SKIP] = "skip"};

static const struct policy none = {
    .mode = MODE_OFF,
    .clock = CLOCK_APPEND,
    .freeze_ms = FREEZE_DEFAULT_MS,
    .default_zone.data = "Etc/UTC",
    .default_zone.len = sizeof "Etc/UTC" - 1,
    .classes[CLASS_marketing].needs_consent = true,
    .classes[CLASS_marketing].freezes = true,
    .classes[CLASS_marketing].purpose = PURPOSE_MARKETING,
    .classes[CLASS_content].needs_consent = true,
    .classes[CLASS_content].freezes = true,
    .classes[CLASS_content].purpose = PURPOSE_CONTENT,
#define POLICY_LIMIT(name, def, low, high, sentence) .limits.name = (def),
#include "config/policy_limits.def"
#undef POLICY_LIMIT
};

static bool find_zone_rule(const struct policy *policy, struct slice place, struct slice *ret_zone);

const char *message_class_name(enum message_class message_class)
{
    assert(message_class < CLASS_COUNT);
    return policy_class_names[message_class];
}

const char *follow_up_on_name(enum follow_up_on on)
{
    assert(on < ON_COUNT);
    return policy_on_names[on];
}

const struct policy *policy_none(void)
{
    return &none;
}

void policy_init(struct policy *policy)
{
    *policy = none;
}

void policy_free(struct policy *policy)
{
    if (policy != NULL) {
        struct policy_owned *owned = (struct policy_owned *)policy; /* its first member */
        arena_destroy(owned->arena);
        mem_free(owned);
    }
}

const struct follow_up *policy_follow_up(const struct policy *policy, struct slice name)
{
    size_t low = 0, high = policy->follow_up_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare(name, policy->by_name[middle]->name);
        if (order == 0) {
            return policy->by_name[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

struct slice policy_zone(const struct policy *policy, const struct customer *customer)
{
    struct slice zone = customer_text(customer, CUSTOMER_zone);
    if (zone.len > 0 && zone_exists(zone)) {
        return zone;
    }
    struct slice country = customer_text(customer, CUSTOMER_country);
    struct slice region = customer_text(customer, CUSTOMER_region);
    if (country.len == 2 && policy->zone_count > 0) {
        char place[PLACE_BYTES_MAX] = {country.data[0], country.data[1], '-'};
        size_t len = 3 + region.len;
        if (region.len > 0 && len <= sizeof place) {
            memcpy(place + 3, region.data, region.len);
            if (find_zone_rule(policy, (struct slice){.data = place, .len = len}, &zone)) {
                return zone;
            }
        }
        if (find_zone_rule(policy, country, &zone)) {
            return zone;
        }
    }
    zone = zone_of_country(country);
    return zone.data != NULL ? zone : policy->default_zone;
}

/* The rules are sorted by place. */
static bool find_zone_rule(const struct policy *policy, struct slice place, struct slice *ret_zone)
{
    size_t low = 0, high = policy->zone_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare(place, policy->zones[middle].place);
        if (order == 0) {
            *ret_zone = policy->zones[middle].zone;
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}
