/* SPDX-License-Identifier: MIT */
/* How a profile change changes its customer. One that is older than the newest applied fills gaps only. */
#include "consumers/handlers.h"
#include "producers/followup.h"

static bool apply_text(struct customer *customer, enum customer_field field, enum presence presence,
                       struct slice text, bool is_older);
static void apply_interests(struct moment *moment, struct customer *customer, const struct profile *profile,
                            bool is_older);
static bool apply_special_dates(struct moment *moment, struct customer *customer,
                                const struct profile *profile, bool is_older);
static bool apply_household(struct moment *moment, struct customer *customer, const struct profile *profile,
                            bool is_older);
static bool dates_have(const struct special_date *dates, size_t count, struct slice name);
static bool members_have(const struct household_member *members, size_t count, struct slice id);
static bool names_have(const struct slice *names, size_t count, struct slice name);

enum handled profile_changed(struct moment *moment, struct customer *customer, const struct event *event,
                             enum reject *ret_reject)
{
    (void)ret_reject;
    const struct profile *profile = &event->data.profile;
    int64_t newest_ms = customer_int(customer, CUSTOMER_profile_time);
    bool is_older = event->time_ms < newest_ms;
    struct slice birth = slice_of(profile->birth_text);
    bool known = customer_text(customer, CUSTOMER_birth).len > 0;
    bool moved = apply_text(customer, CUSTOMER_birth, profile->birth, birth, is_older);
    if (moved && known) {
        customer_int_set(customer, CUSTOMER_birth_changed, moment->now_ms);
    }
    moved |= apply_text(customer, CUSTOMER_zone, profile->zone, profile->zone_text, is_older);
    moved |= apply_text(customer, CUSTOMER_country, profile->country, profile->country_text, is_older);
    moved |= apply_text(customer, CUSTOMER_region, profile->region, profile->region_text, is_older);
    apply_text(customer, CUSTOMER_contact_channels, profile->contact_channels, profile->contact_channel_names,
               is_older);
    moved |= apply_special_dates(moment, customer, profile, is_older);
    moved |= apply_household(moment, customer, profile, is_older);
    apply_text(customer, CUSTOMER_language, profile->language, profile->language_text, is_older);
    apply_interests(moment, customer, profile, is_older);
    if (!is_older) {
        customer_int_set(customer, CUSTOMER_profile_time, event->time_ms);
    }
    if (moved) {
        followup_profile_changed(moment, customer);
    }
    return HANDLED_FOLDED;
}

/* Has the field changed? */
static bool apply_text(struct customer *customer, enum customer_field field, enum presence presence,
                       struct slice text, bool is_older)
{
    struct slice kept = customer_text(customer, field);
    struct slice wanted = presence == FIELD_GIVEN ? text : SLICE("");
    if (presence == FIELD_ABSENT || (is_older && kept.len > 0) || slice_equal(kept, wanted)) {
        return false;
    }
    customer_text_set(customer, field, wanted);
    return true;
}

static void apply_interests(struct moment *moment, struct customer *customer, const struct profile *profile,
                            bool is_older)
{
    if (profile->interests == FIELD_ABSENT ||
        (is_older && customer_item_count(customer, ITEM_INTEREST) > 0)) {
        return;
    }
    size_t limit = (size_t)moment->policy->limits.interests;
    size_t count = profile->interests == FIELD_GIVEN ? profile->interest_count : 0;
    size_t kept = count < limit ? count : limit;
    struct slice name, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_INTEREST, &cursor, &name, &value);) {
        if (!names_have(profile->interest_names, kept, name)) {
            customer_item_remove(customer, ITEM_INTEREST, name);
        }
    }
    for (size_t i = 0; i < kept; i++) {
        customer_item_set(customer, ITEM_INTEREST, profile->interest_names[i], SLICE("declared"));
    }
    totals_add(moment->totals, "limited", (struct slice){0}, (struct slice){0}, (int64_t)(count - kept));
}

static bool names_have(const struct slice *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Has any of them changed? */
static bool apply_special_dates(struct moment *moment, struct customer *customer,
                                const struct profile *profile, bool is_older)
{
    if (profile->special_dates == FIELD_ABSENT ||
        (is_older && customer_item_count(customer, ITEM_DATE) > 0)) {
        return false;
    }
    size_t limit = (size_t)moment->policy->limits.special_dates;
    size_t count = profile->special_dates == FIELD_GIVEN ? profile->date_count : 0;
    size_t kept = count < limit ? count : limit;
    bool changed = false;
    struct slice name, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_DATE, &cursor, &name, &value);) {
        if (!dates_have(profile->dates, kept, name)) {
            customer_item_remove(customer, ITEM_DATE, name);
            changed = true;
        }
    }
    for (size_t i = 0; i < kept; i++) {
        struct slice text = slice_of(profile->dates[i].text);
        if (!customer_item(customer, ITEM_DATE, profile->dates[i].name, &value) ||
            !slice_equal(value, text)) {
            customer_item_set(customer, ITEM_DATE, profile->dates[i].name, text);
            changed = true;
        }
    }
    totals_add(moment->totals, "limited", (struct slice){0}, (struct slice){0}, (int64_t)(count - kept));
    return changed;
}

static bool dates_have(const struct special_date *dates, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(dates[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Has any of them changed? */
static bool apply_household(struct moment *moment, struct customer *customer, const struct profile *profile,
                            bool is_older)
{
    if (profile->household == FIELD_ABSENT || (is_older && customer_item_count(customer, ITEM_MEMBER) > 0)) {
        return false;
    }
    size_t limit = (size_t)moment->policy->limits.household;
    size_t count = profile->household == FIELD_GIVEN ? profile->member_count : 0;
    size_t kept = count < limit ? count : limit;
    bool changed = false;
    struct slice id, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_MEMBER, &cursor, &id, &value);) {
        if (!members_have(profile->members, kept, id)) {
            customer_item_remove(customer, ITEM_MEMBER, id);
            changed = true;
        }
    }
    for (size_t i = 0; i < kept; i++) {
        const struct household_member *member = &profile->members[i];
        struct words words;
        words_begin(&words);
        household_write(member, &words);
        if (!customer_item(customer, ITEM_MEMBER, member->id, &value) ||
            !slice_equal(value, words_view(&words))) {
            customer_item_set(customer, ITEM_MEMBER, member->id, words_view(&words));
            changed = true;
        }
        words_done(&words);
    }
    totals_add(moment->totals, "limited", (struct slice){0}, (struct slice){0}, (int64_t)(count - kept));
    return changed;
}

static bool members_have(const struct household_member *members, size_t count, struct slice id)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(members[i].id, id)) {
            return true;
        }
    }
    return false;
}
