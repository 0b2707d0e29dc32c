/* SPDX-License-Identifier: MIT */
/* Follow-ups of days that come back every year, such as birthdays: on the day, or up to 60 days before or
 * after it. One timer a customer, `t:yearly`, comes at the midnight that begins each of a few fixed days
 * before and on the earliest day that any rule may choose (the wake days); each time it plans the follow-ups
 * due from then to the next, and itself. The days are fixed so that a policy that is activated in between
 * changes nothing for ten million customers, and yet finds each of them awake in time. */
#include "producers/followup.h"

#include "producers/customer_date.h"
#include "producers/followup_kind.h"
#include "producers/lot.h"
#include "producers/once.h"

/* What is planned for, and where the customer lives. */
struct calendar {
    struct slice zone;
    struct customer_date dates[CUSTOMER_DATES_MAX];
    size_t count;
};

/* What is due before the day itself needs a policy that was in force on the wake day before it. */
static const int wake_days[] = {-60, -30, -14, -7, 0};
#define WAKE_COUNT (sizeof wake_days / sizeof *wake_days)

#define AGE_OF_MAJORITY 18 /* years */

/* WOKEN: what this wake day begins is planned, also what is late. LOOKED_UP: whatever has begun, but days
 * that have passed and what has expired are not made up for. */
enum planning { WOKEN, LOOKED_UP };

static struct calendar calendar_of(const struct moment *moment, const struct customer *customer);
static void plan_timer(struct moment *moment, struct customer *customer, const struct calendar *calendar,
                       struct civil_date today);
static void plan_dates(struct moment *moment, struct customer *customer, const struct calendar *calendar,
                       struct civil_date today, enum planning planning);
static void plan_year(struct moment *moment, struct customer *customer, const struct calendar *calendar,
                      const struct customer_date *date, int year, int64_t today, enum planning planning);
static bool find_occasion(struct moment *moment, const struct customer *customer,
                          const struct calendar *calendar, const struct customer_date *date, int year,
                          const struct follow_up *follow_up, struct occasion *ret_occasion);
static void unplan(struct moment *moment, struct customer *customer);
static bool find_planned(const struct moment *moment, const struct customer *customer,
                         struct slice *ret_name);
static int wake_day_of(int days);
static struct slice occurrence_of(struct moment *moment, const struct customer_date *date, int year);
static bool has_timer(const struct moment *moment, const struct calendar *calendar);
static struct occasion occasion_at(const struct calendar *calendar, const struct follow_up *follow_up,
                                   struct slice occurrence, int64_t due_ms);
static int64_t day_ends_ms(const struct calendar *calendar, struct civil_date day);
static struct civil_date local_day(const struct calendar *calendar, int64_t ms);
static const struct customer_date *find_date(const struct calendar *calendar,
                                             const struct follow_up *follow_up, struct slice occurrence,
                                             int64_t *ret_year);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void write_member(struct buf *out, const struct moment *moment, const struct calendar *calendar,
                         const struct customer_date *date);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held);

const struct follow_up_kind followup_yearly = {.write_variables = write_variables, .fire = fire};

void followup_profile_changed(struct moment *moment, struct customer *customer)
{
    unplan(moment, customer);
    struct calendar calendar = calendar_of(moment, customer);
    struct civil_date today = local_day(&calendar, moment->now_ms);
    plan_timer(moment, customer, &calendar, today);
    plan_dates(moment, customer, &calendar, today, LOOKED_UP);
}

void followup_anniversaries(struct moment *moment, struct customer *customer, bool moved)
{
    struct slice due;
    if (moment->policy->first[ON_ANNIVERSARY] != NULL &&
        (moved || !customer_item(customer, ITEM_TIMER, YEARLY_TIMER, &due))) {
        followup_profile_changed(moment, customer);
    }
}

/* The zone may have changed since it was planned: then it may come a day early, plans nothing but itself, and
 * comes again; or a day late. */
void followup_yearly_timer(struct moment *moment, struct customer *customer, int64_t due_ms)
{
    struct calendar calendar = calendar_of(moment, customer);
    struct civil_date today = local_day(&calendar, due_ms);
    plan_timer(moment, customer, &calendar, today);
    plan_dates(moment, customer, &calendar, today, WOKEN);
}

static struct calendar calendar_of(const struct moment *moment, const struct customer *customer)
{
    /* a copy: the view ends with the first timer that is set */
    struct calendar calendar = {.zone = arena_copy(moment->arena, policy_zone(moment->policy, customer))};
    calendar.count = customer_dates(moment, customer, calendar.zone, calendar.dates);
    return calendar;
}

/* The next wake day of any date. There may be none: the lunar years that are known end in 2101. */
static void plan_timer(struct moment *moment, struct customer *customer, const struct calendar *calendar,
                       struct civil_date today)
{
    int64_t now = civil_date_to_days(today), next = INT64_MAX;
    for (size_t i = 0; i < calendar->count; i++) {
        const struct yearly_date *date = &calendar->dates[i].date;
        int this_year = yearly_date_year(date, today);
        struct civil_date day;
        for (int year = this_year; year <= this_year + 1; year++) {
            int64_t first = yearly_date_first_in(date, year, &day) ? civil_date_to_days(day) : INT64_MIN;
            for (size_t wake = 0; first != INT64_MIN && wake < WAKE_COUNT; wake++) {
                int64_t at = first + wake_days[wake];
                next = at > now && at < next ? at : next;
            }
        }
    }
    if (next == INT64_MAX || !has_timer(moment, calendar)) {
        customer_timer_remove(customer, YEARLY_TIMER);
    } else {
        customer_timer_set(customer, YEARLY_TIMER,
                           zone_instant(calendar->zone, civil_date_from_days(next), 0));
    }
}

/* Everybody has joined, and a timer for each would be much where nobody asks for anniversaries: they alone
 * make none. */
static bool has_timer(const struct moment *moment, const struct calendar *calendar)
{
    return moment->policy->first[ON_ANNIVERSARY] != NULL ||
           (calendar->count > 0 && calendar->dates[0].on != ON_ANNIVERSARY);
}

/* A day may have a follow-up in the year before it and in the year behind it. */
static void plan_dates(struct moment *moment, struct customer *customer, const struct calendar *calendar,
                       struct civil_date today, enum planning planning)
{
    int64_t now = civil_date_to_days(today);
    for (size_t i = 0; i < calendar->count; i++) {
        int this_year = yearly_date_year(&calendar->dates[i].date, today);
        for (int year = this_year - 1; year <= this_year + 1; year++) {
            plan_year(moment, customer, calendar, &calendar->dates[i], year, now, planning);
        }
    }
}

/* The first day of all itself, such as the day of birth, is none of these. */
static void plan_year(struct moment *moment, struct customer *customer, const struct calendar *calendar,
                      const struct customer_date *date, int year, int64_t today, enum planning planning)
{
    struct civil_date first;
    if (year <= date->date.year || !yearly_date_first_in(&date->date, year, &first)) {
        return;
    }
    const bool has_turning =
        date->on != ON_SPECIAL_DATE && date->on != ON_ANNIVERSARY && date->date.year != 0;
    const bool is_member = date->on == ON_HOUSEHOLD_BIRTHDAY;
    const struct condition_event event = {.turning = has_turning ? year - date->date.year : 0,
                                          .relation = is_member ? relation_names[date->relation] : NULL};
    const struct follow_up *follow_up = NULL;
    while ((follow_up = followup_next(moment->policy, date->on, follow_up)) != NULL) {
        if (!customer_date_is_for(date, follow_up)) {
            continue;
        }
        int64_t begins = civil_date_to_days(first) + wake_day_of(follow_up->days);
        bool has_begun = today >= begins && (planning == LOOKED_UP || today <= begins + 1);
        struct occasion occasion;
        if (!has_begun || !find_occasion(moment, customer, calendar, date, year, follow_up, &occasion) ||
            once_is_known(moment, customer, follow_up, occasion.occurrence)) {
            continue;
        }
        bool over =
            planning == LOOKED_UP && (civil_date_to_days(local_day(calendar, occasion.due_ms)) < today ||
                                      moment->now_ms > occasion.expires_ms);
        if (!over) {
            occasion.event = &event;
            followup_plan(moment, customer, &occasion);
        }
    }
}

static bool find_occasion(struct moment *moment, const struct customer *customer,
                          const struct calendar *calendar, const struct customer_date *date, int year,
                          const struct follow_up *follow_up, struct occasion *ret_occasion)
{
    struct civil_date day;
    if (!yearly_date_in(&date->date, year, follow_up->rules, &day)) {
        return false;
    }
    day = civil_date_from_days(civil_date_to_days(day) + follow_up->days);
    int64_t first_ms = zone_instant(calendar->zone, day, follow_up->at_minute);
    /* its day is another one where the zone left that one out */
    int64_t due_ms =
        lot_spread(moment->policy, customer, first_ms, day_ends_ms(calendar, local_day(calendar, first_ms)));
    *ret_occasion = occasion_at(calendar, follow_up, occurrence_of(moment, date, year), due_ms);
    return true;
}

/* Removes the timers of this policy's yearly follow-ups; those of others end as follow_up_removed. What is
 * held has come due already. */
static void unplan(struct moment *moment, struct customer *customer)
{
    struct slice name;
    while (find_planned(moment, customer, &name)) {
        customer_timer_remove(customer, arena_copy(moment->arena, name));
    }
}

static bool find_planned(const struct moment *moment, const struct customer *customer, struct slice *ret_name)
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
        struct slice occurrence = {.data = colon + 1, .len = name.len - first.len - 1};
        if (follow_up != NULL && is_yearly(follow_up->on) &&
            !held_is_there(moment, customer, first, occurrence)) {
            *ret_name = name;
            return true;
        }
    }
    return false;
}

/* The wake day from which on a follow-up is planned. */
static int wake_day_of(int days)
{
    size_t i = WAKE_COUNT - 1;
    while (i > 0 && wake_days[i] > days) {
        i--;
    }
    return wake_days[i];
}

static struct slice occurrence_of(struct moment *moment, const struct customer_date *date, int year)
{
    buf_reset(moment->scratch);
    if (date->name.len > 0) {
        buf_slice(moment->scratch, date->name);
        buf_char(moment->scratch, ':');
    }
    buf_int(moment->scratch, year);
    return arena_copy(moment->arena, buf_view(moment->scratch));
}

/* What names no time to expire is good until the day is over on which it is due. */
static struct occasion occasion_at(const struct calendar *calendar, const struct follow_up *follow_up,
                                   struct slice occurrence, int64_t due_ms)
{
    struct occasion occasion = followup_occasion(follow_up, occurrence, due_ms, due_ms);
    if (occasion.expires_ms == 0) {
        occasion.expires_ms = day_ends_ms(calendar, local_day(calendar, due_ms));
    }
    return occasion;
}

/* Its last millisecond. */
static int64_t day_ends_ms(const struct calendar *calendar, struct civil_date day)
{
    return zone_instant(calendar->zone, civil_date_from_days(civil_date_to_days(day) + 1), 0) - 1;
}

static struct civil_date local_day(const struct calendar *calendar, int64_t ms)
{
    struct civil_date day = {0};
    int hour = 0;
    zone_local(calendar->zone, ms, &day, &hour);
    return day;
}

/* The date that an occurrence is of; NULL: it is no longer known. */
static const struct customer_date *find_date(const struct calendar *calendar,
                                             const struct follow_up *follow_up, struct slice occurrence,
                                             int64_t *ret_year)
{
    struct slice name;
    if (!occurrence_split(occurrence, &name, ret_year)) {
        return NULL;
    }
    for (size_t i = 0; i < calendar->count; i++) {
        const struct customer_date *date = &calendar->dates[i];
        if (customer_date_is_for(date, follow_up) && slice_equal(date->name, name)) {
            return date;
        }
    }
    return NULL;
}

/* Birthdays `turning`, others `years`, where the first year is known; special dates their `name`, members of
 * the household who they are. */
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    int64_t year = 0;
    struct calendar calendar = calendar_of(moment, customer);
    const struct customer_date *date = find_date(&calendar, occasion->follow_up, occasion->occurrence, &year);
    if (date == NULL) {
        return;
    }
    if (date->on == ON_SPECIAL_DATE) {
        buf_text(out, "\"name\":");
        buf_json_string(out, date->name);
        buf_text(out, date->date.year != 0 ? "," : "");
    }
    if (date->on == ON_HOUSEHOLD_BIRTHDAY) {
        write_member(out, moment, &calendar, date);
        buf_text(out, date->date.year != 0 ? "," : "");
    }
    if (date->date.year != 0) {
        bool is_birthday = date->on == ON_BIRTHDAY || date->on == ON_HOUSEHOLD_BIRTHDAY;
        buf_text(out, is_birthday ? "\"turning\":" : "\"years\":");
        buf_int(out, year - date->date.year);
    }
}

/* A third person: called by name only when certain to be of age on the day on which it goes out, which a week
 * before the eighteenth birthday nobody is. */
static void write_member(struct buf *out, const struct moment *moment, const struct calendar *calendar,
                         const struct customer_date *date)
{
    int age = 0;
    buf_text(out, "\"member\":");
    buf_json_string(out, date->name);
    buf_printf(out, ",\"relation\":\"%s\"", relation_names[date->relation]);
    if (date->called.len > 0 && yearly_date_age(&date->date, local_day(calendar, moment->now_ms), &age) &&
        age >= AGE_OF_MAJORITY) {
        buf_text(out, ",\"name\":");
        buf_json_string(out, date->called);
    }
}

/* A date that is no longer known has taken its timers with it. What is left was planned for something else.
 */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held)
{
    (void)held;
    int64_t year = 0;
    struct calendar calendar = calendar_of(moment, customer);
    if (find_date(&calendar, follow_up, occurrence, &year) == NULL) {
        followup_removed(moment, customer, follow_up->name, occurrence);
        return;
    }
    struct occasion occasion = occasion_at(&calendar, follow_up, occurrence, due_ms);
    followup_decide(moment, customer, &occasion);
}
