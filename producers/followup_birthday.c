/* SPDX-License-Identifier: MIT */
/* Birthday follow-ups. One timer a customer, `t:birthday`, comes at the midnight that begins the first day
 * that any `leap_day` rule may choose; it plans the greetings of its year at their hour, and itself for the
 * next year. So a policy that is activated in between changes nothing for ten million customers until their
 * day has come. */
#include "producers/followup.h"

#include "producers/followup_kind.h"
#include "producers/lot.h"
#include "producers/once.h"

/* Whose birthdays, and where. */
struct celebrant {
    struct civil_date birth; /* year 0: not known */
    struct slice zone;
};

static bool find_celebrant(struct moment *moment, const struct customer *customer,
                           struct celebrant *ret_celebrant);
static struct civil_date first_day(const struct celebrant *celebrant, int year);
static struct civil_date local_day(const struct celebrant *celebrant, int64_t ms);
static void plan_year(struct moment *moment, struct customer *customer, const struct celebrant *celebrant,
                      int year, const struct civil_date *not_before_day);
static void plan_timer(struct customer *customer, const struct celebrant *celebrant, int year);
static void unplan_greetings(struct moment *moment, struct customer *customer);
static bool find_greeting(const struct moment *moment, const struct customer *customer,
                          struct slice *ret_name);
static struct occasion occasion_on(const struct celebrant *celebrant, const struct follow_up *follow_up,
                                   struct slice year, struct civil_date day, int64_t due_ms);
static int64_t day_ends_ms(const struct celebrant *celebrant, struct civil_date day);
static bool is_before(struct civil_date a, struct civil_date b);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held);

const struct follow_up_kind followup_birthday = {.write_variables = write_variables, .fire = fire};

/* Days that have passed are not made up for; today's greeting is, until it expires. */
void followup_profile_changed(struct moment *moment, struct customer *customer)
{
    struct celebrant celebrant;
    unplan_greetings(moment, customer);
    if (!find_celebrant(moment, customer, &celebrant)) {
        customer_timer_remove(customer, BIRTHDAY_TIMER);
        return;
    }
    struct civil_date today = local_day(&celebrant, moment->now_ms);
    bool begun = !is_before(today, first_day(&celebrant, today.year));
    plan_timer(customer, &celebrant, begun ? today.year + 1 : today.year);
    if (begun) {
        plan_year(moment, customer, &celebrant, today.year, &today);
    }
}

/* The zone's rules may have changed since it was planned: then it comes too early once, and plans itself
 * again. */
void followup_birthday_year(struct moment *moment, struct customer *customer, int64_t due_ms)
{
    struct celebrant celebrant;
    if (!find_celebrant(moment, customer, &celebrant)) {
        return;
    }
    struct civil_date day = local_day(&celebrant, due_ms);
    bool begun = !is_before(day, first_day(&celebrant, day.year));
    plan_timer(customer, &celebrant, begun ? day.year + 1 : day.year);
    if (begun) {
        plan_year(moment, customer, &celebrant, day.year, NULL);
    }
}

/* False: without a birth date. */
static bool find_celebrant(struct moment *moment, const struct customer *customer,
                           struct celebrant *ret_celebrant)
{
    struct civil_date birth;
    if (!civil_date_parse(customer_text(customer, CUSTOMER_birth), &birth)) {
        return false;
    }
    /* a copy: the view ends with the first timer that is set */
    struct slice zone = arena_copy(moment->arena, policy_zone(moment->policy, customer));
    *ret_celebrant = (struct celebrant){.birth = birth, .zone = zone};
    return true;
}

/* The earliest day of the year that is a birthday by any rule. */
static struct civil_date first_day(const struct celebrant *celebrant, int year)
{
    struct civil_date day = {0};
    birthday_in_year(celebrant->birth, year, LEAP_DAY_FEB_28, &day);
    return day;
}

static struct civil_date local_day(const struct celebrant *celebrant, int64_t ms)
{
    struct civil_date day = {0};
    int hour = 0;
    zone_local(celebrant->zone, ms, &day, &hour);
    return day;
}

/* not_before_day: whose day lies before it gets nothing, and what has expired is passed over; NULL:
 * everything is decided. The day of birth itself is no birthday. */
static void plan_year(struct moment *moment, struct customer *customer, const struct celebrant *celebrant,
                      int year, const struct civil_date *not_before_day)
{
    char digits[12];
    struct buf *scratch = moment->scratch;
    buf_reset(scratch);
    buf_int(scratch, year);
    struct slice occurrence = {.data = memcpy(digits, scratch->data, scratch->len), .len = scratch->len};
    const struct condition_event event = {.turning =
                                              celebrant->birth.year != 0 ? year - celebrant->birth.year : 0};
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, ON_BIRTHDAY, follow_up)) != NULL) {
        struct civil_date day;
        if (!birthday_in_year(celebrant->birth, year, follow_up->leap_day, &day) ||
            year <= celebrant->birth.year || once_is_known(moment, customer, follow_up, occurrence)) {
            continue;
        }
        int64_t due_ms =
            lot_spread(moment->policy, customer, zone_instant(celebrant->zone, day, follow_up->at_minute),
                       day_ends_ms(celebrant, day));
        struct occasion occasion = occasion_on(celebrant, follow_up, occurrence, day, due_ms);
        occasion.event = &event;
        bool over = not_before_day != NULL &&
                    (is_before(day, *not_before_day) || moment->now_ms > occasion.expires_ms);
        if (!over) {
            followup_plan(moment, customer, &occasion);
        }
    }
}

static void plan_timer(struct customer *customer, const struct celebrant *celebrant, int year)
{
    customer_timer_set(customer, BIRTHDAY_TIMER,
                       zone_instant(celebrant->zone, first_day(celebrant, year), 0));
}

/* Removes the timers of this policy's greetings; those of others end as follow_up_removed. A greeting that
 * is held has come due already. */
static void unplan_greetings(struct moment *moment, struct customer *customer)
{
    struct slice name;
    while (find_greeting(moment, customer, &name)) {
        customer_timer_remove(customer, arena_copy(moment->arena, name));
    }
}

static bool find_greeting(const struct moment *moment, const struct customer *customer,
                          struct slice *ret_name)
{
    size_t cursor = 0;
    struct slice name, due;
    while (customer_item_next(customer, ITEM_TIMER, &cursor, &name, &due)) {
        const char *colon = memchr(name.data, ':', name.len);
        if (colon == NULL) {
            continue;
        }
        struct slice first = {.data = name.data, .len = (size_t)(colon - name.data)};
        const struct follow_up *follow_up = policy_follow_up(moment->policy, first);
        struct slice year = {.data = colon + 1, .len = name.len - first.len - 1};
        if (follow_up != NULL && follow_up->on == ON_BIRTHDAY &&
            !held_is_there(moment, customer, first, year)) {
            *ret_name = name;
            return true;
        }
    }
    return false;
}

/* A greeting that names no time to expire is good until its day is over. */
static struct occasion occasion_on(const struct celebrant *celebrant, const struct follow_up *follow_up,
                                   struct slice year, struct civil_date day, int64_t due_ms)
{
    struct occasion occasion = followup_occasion(follow_up, year, due_ms, due_ms);
    if (occasion.expires_ms == 0) {
        occasion.expires_ms = day_ends_ms(celebrant, day);
    }
    return occasion;
}

/* Its last millisecond. */
static int64_t day_ends_ms(const struct celebrant *celebrant, struct civil_date day)
{
    struct civil_date next = civil_date_from_days(civil_date_to_days(day) + 1);
    return zone_instant(celebrant->zone, next, 0) - 1;
}

static bool is_before(struct civil_date a, struct civil_date b)
{
    return civil_date_to_days(a) < civil_date_to_days(b);
}

/* `turning`, where the year of birth is known. */
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    struct civil_date birth;
    int64_t year = 0;
    if (civil_date_parse(customer_text(customer, CUSTOMER_birth), &birth) && birth.year != 0 &&
        parse_int(occasion->occurrence, &year)) {
        buf_text(out, "\"turning\":");
        buf_int(out, year - birth.year);
    }
}

static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held)
{
    (void)held;
    struct celebrant celebrant;
    if (!find_celebrant(moment, customer, &celebrant)) {
        followup_removed(moment, customer, follow_up->name, occurrence);
        return;
    }
    struct civil_date day = local_day(&celebrant, due_ms);
    struct occasion occasion = occasion_on(&celebrant, follow_up, occurrence, day, due_ms);
    followup_decide(moment, customer, &occasion);
}
