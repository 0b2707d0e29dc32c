/* SPDX-License-Identifier: MIT */
/* Follow-ups of days that come back every year: the yearly timer, the greeting in the customer's own zone, 29
 * February, and profiles that come or change on the day itself. */
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define GREET                                                                                                \
    "follow_ups:\n  greet: {on: birthday, class: safety, channels: [email]}\n" /* at 09:00, for 12 hours */
#define LEAPERS                                                                                              \
    "follow_ups:\n"                                                                                          \
    "  on-feb-28: {on: birthday, class: safety, channels: [email], leap_day: feb-28}\n"                      \
    "  on-mar-1: {on: birthday, class: safety, channels: [email], leap_day: mar-1}\n"                        \
    "  leap-only: {on: birthday, class: safety, channels: [email], leap_day: leap-years}\n"

static void when_profile_says(const char *birth, const char *zone)
{
    given_field(CUSTOMER_birth, birth);
    given_field(CUSTOMER_zone, zone);
    followup_profile_changed(stage_moment, stage_customer());
}

static void when_profile_changes(void)
{
    followup_profile_changed(stage_moment, stage_customer());
}

static void a_birthday_is_greeted_at_its_hour_where_the_customer_lives(void **state)
{
    (void)state;
    given_policy(GREET);
    when_profile_says("1980-03-10", "America/New_York");
    then_timer("yearly", "2026-03-03T05:00:00Z"); /* a week before */
    when_time_is("2026-03-09T00:00:00Z");
    then_timer("yearly", "2026-03-10T04:00:00Z"); /* the clocks have changed meanwhile */
    when_time_is("2026-03-10T04:00:00Z");
    then_no_record();
    then_timer("greet:2026", "2026-03-10T13:00:00Z");
    then_timer("yearly", "2027-01-09T05:00:00Z"); /* sixty days before */
    when_time_is("2026-03-10T13:00:00Z");
    then_trigger("greet/C1/2026");
    then_member("data.variables.turning", "46");
    then_member("data.reason", "birthday");
    then_member("data.not_before", "2026-03-10T13:00:00.000Z");
    then_member("data.expires_at", "2026-03-11T01:00:00.000Z");
    then_no_timer("greet:2026");
    then_item(ITEM_LAST, "greet", "2026 1773147600000");
    when_time_is("2027-03-10T15:00:00Z");
    then_trigger("greet/C1/2027");
    then_no_record();
}

static void without_a_year_of_birth_the_age_is_left_out(void **state)
{
    (void)state;
    given_policy(GREET);
    when_profile_says("--03-10", "");
    when_time_is("2026-03-10T09:00:00Z");
    then_trigger("greet/C1/2026");
    then_member("data.variables.turning", "");
}

static void a_birthday_that_is_over_this_year_is_planned_for_the_next(void **state)
{
    (void)state;
    given_policy(GREET);
    when_profile_says("1980-03-01", "");
    then_timer("yearly", "2026-12-31T00:00:00Z");
    then_no_record();
}

static void a_profile_that_comes_on_the_day_is_served_until_it_expires(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2026-03-10T08:00:00Z");
    when_profile_says("1980-03-10", "");
    then_timer("greet:2026", "2026-03-10T09:00:00Z");
    then_timer("yearly", "2027-01-09T00:00:00Z");
    given_now("2026-03-10T21:00:00.001Z"); /* as if it came now for the first time */
    customer_timer_remove(stage_customer(), SLICE("greet:2026"));
    when_profile_changes();
    then_no_record();
    then_no_timer("greet:2026");
    given_now("2026-03-10T21:00:00Z");
    when_profile_changes();
    then_trigger("greet/C1/2026");
    then_no_record();
}

static void a_day_that_has_passed_is_not_made_up_for(void **state)
{
    (void)state;
    given_policy(
        "follow_ups:\n  greet: {on: birthday, class: safety, channels: [email], expires_after: 3d}\n");
    given_now("2026-03-11T00:00:00Z");
    when_profile_says("1980-03-10", "");
    then_no_record();
    given_now("2026-03-10T23:59:59.999Z");
    when_profile_changes();
    then_trigger("greet/C1/2026");
}

static void a_profile_that_changes_after_the_greeting_brings_no_second_one(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2026-03-10T10:00:00Z");
    when_profile_says("1980-03-10", "");
    then_trigger("greet/C1/2026");
    when_profile_changes();
    when_profile_says("1980-03-12", ""); /* a correction */
    then_timer("yearly", "2026-03-12T00:00:00Z");
    when_time_is("2026-03-13T00:00:00Z");
    then_no_record();
    then_timer("yearly", "2027-01-11T00:00:00Z");
    then_total("triggers:greet", 1);
}

static void a_greeting_that_was_refused_is_not_decided_again(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  greet: {on: birthday, class: marketing, channels: [email]}\n");
    given_now("2026-03-10T10:00:00Z");
    when_profile_says("1980-03-10", "");
    then_decision("greet/C1/2026/suppressed", "suppressed", "no_consent");
    given_consent("email", "marketing", "granted");
    when_profile_changes();
    then_no_record();
    then_total("decisions:greet:no_consent", 1);
}

static void a_changed_profile_takes_back_what_was_planned(void **state)
{
    (void)state;
    given_policy(GREET);
    given_timer("coupon:A1", "2026-04-01T00:00:00Z");
    given_now("2026-03-10T08:00:00Z");
    when_profile_says("1980-03-10", "");
    then_timer("greet:2026", "2026-03-10T09:00:00Z");
    when_profile_says("1980-03-10", "America/New_York");
    then_timer("greet:2026", "2026-03-10T13:00:00Z");
    when_profile_says("1980-06-10", "America/New_York");
    then_no_timer("greet:2026");
    then_timer("yearly", "2026-04-11T04:00:00Z");
    when_profile_says("", "America/New_York");
    then_no_timer("yearly");
    then_timer("coupon:A1", "2026-04-01T00:00:00Z");
    then_no_record();
}

static void whose_day_has_not_begun_in_another_zone_is_not_greeted_twice(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2026-03-09T20:00:00Z"); /* the 10th, 10 o'clock, on Kiritimati */
    when_profile_says("1980-03-10", "Pacific/Kiritimati");
    then_trigger("greet/C1/2026");
    when_profile_says("1980-03-10", "Pacific/Honolulu");
    then_timer("yearly", "2026-03-10T10:00:00Z");
    when_time_is("2026-03-11T12:00:00Z");
    then_no_record();
    then_timer("yearly", "2027-01-09T10:00:00Z");
}

static void who_was_born_on_29_february_has_the_day_that_the_rule_says(void **state)
{
    (void)state;
    given_policy(LEAPERS);
    given_now("2027-01-01T00:00:00Z");
    when_profile_says("1980-02-29", "");
    then_timer("yearly", "2027-01-29T00:00:00Z");
    when_time_is("2027-02-28T00:00:00Z");
    then_timer("on-feb-28:2027", "2027-02-28T09:00:00Z");
    then_timer("on-mar-1:2027", "2027-03-01T09:00:00Z");
    then_no_timer("leap-only:2027");
    then_timer("yearly", "2027-12-31T00:00:00Z");
    when_time_is("2027-02-28T09:00:00Z");
    then_trigger("on-feb-28/C1/2027");
    when_time_is("2027-03-01T09:00:00Z");
    then_trigger("on-mar-1/C1/2027");
    when_time_is("2028-02-29T09:00:00Z");
    then_trigger("on-feb-28/C1/2028");
    then_trigger("on-mar-1/C1/2028");
    then_trigger("leap-only/C1/2028");
    then_no_record();
}

static void between_the_days_of_two_rules_only_the_later_is_planned(void **state)
{
    (void)state;
    given_policy(LEAPERS);
    given_now("2027-02-28T23:30:00Z"); /* too late for the 28th */
    when_profile_says("1980-02-29", "");
    then_no_record();
    then_timer("on-mar-1:2027", "2027-03-01T09:00:00Z");
    given_now("2027-03-02T00:00:00Z");
    when_profile_changes();
    then_no_timer("on-mar-1:2027");
    then_no_record();
}

static void a_greeting_that_never_expires_expires_with_its_day(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  greet: {on: birthday, class: safety, channels: [email], at: '23:30', "
                 "expires_after: never}\n");
    when_profile_says("1980-03-28", "Europe/Berlin");
    when_time_is("2026-03-28T22:59:59.999Z");
    then_trigger("greet/C1/2026");
    then_member("data.expires_at", "2026-03-28T22:59:59.999Z");
    when_time_is("2027-03-28T22:00:00Z"); /* the clocks have changed on that day */
    then_decision("greet/C1/2027/suppressed", "suppressed", "expired");
    then_no_record();
}

static void after_a_long_outage_each_year_has_its_decision(void **state)
{
    (void)state;
    given_policy(GREET);
    when_profile_says("1980-03-10", "");
    when_time_is("2028-01-01T00:00:00Z");
    then_decision("greet/C1/2026/suppressed", "suppressed", "expired");
    then_decision("greet/C1/2027/suppressed", "suppressed", "expired");
    then_no_record();
    then_timer("yearly", "2028-01-10T00:00:00Z");
}

static void the_day_of_birth_itself_is_no_birthday(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2026-03-10T10:00:00Z");
    when_profile_says("2026-03-10", "");
    then_no_record();
    when_time_is("2027-03-10T10:00:00Z");
    then_trigger("greet/C1/2027");
    then_member("data.variables.turning", "1");
}

static void the_yearly_timer_runs_without_any_follow_up(void **state)
{
    (void)state;
    when_profile_says("1980-03-10", "");
    then_timer("yearly", "2026-03-03T00:00:00Z");
    when_time_is("2026-03-10T00:00:00Z");
    then_timer("yearly", "2027-01-09T00:00:00Z");
    given_policy("follow_ups:\n  greet: {on: birthday, class: safety, channels: [email], mode: off}\n");
    when_time_is("2027-03-10T00:00:00Z");
    then_no_timer("greet:2027");
    given_policy("default_zone: Asia/Shanghai\n" GREET); /* eight hours earlier than was planned */
    when_time_is("2028-03-10T02:00:00Z");
    then_trigger("greet/C1/2028");
    then_no_record();
}

static void a_zone_that_moved_under_the_timer_delays_it(void **state)
{
    (void)state;
    given_policy(GREET);
    when_profile_says("1980-03-10", "");
    given_policy("default_zone: America/New_York\n" GREET);
    when_time_is("2026-03-10T00:00:00Z"); /* there it is still the 9th */
    then_timer("yearly", "2026-03-10T04:00:00Z");
    when_time_is("2026-03-10T13:00:00Z");
    then_trigger("greet/C1/2026");
    then_no_record();
}

static void a_greeting_planned_before_its_follow_up_was_switched_off_is_settled(void **state)
{
    (void)state;
    given_policy(GREET);
    when_profile_says("1980-03-10", "");
    when_time_is("2026-03-10T00:00:00Z");
    given_policy("mode: off\n" GREET);
    when_time_is("2026-03-10T09:00:00Z");
    then_decision("greet/C1/2026/suppressed", "suppressed", "off");
}

static void a_birthday_before_the_policys_not_before_is_not_made_up_for(void **state)
{
    (void)state;
    given_policy("not_before: 2026-03-10T12:00:00Z\n" GREET);
    given_now("2026-03-10T13:00:00Z");
    when_profile_says("1980-03-10", "");
    then_decision("greet/C1/2026/suppressed", "suppressed", "not_before");
}

#define STAGES                                                                                               \
    "follow_ups:\n"                                                                                          \
    "  teaser: {on: birthday, class: safety, channels: [email], days: -7}\n"                                 \
    "  gift: {on: birthday, class: safety, channels: [email]}\n"                                             \
    "  reminder: {on: birthday, class: safety, channels: [email], days: 8, at: '18:00'}\n"

static void a_follow_up_may_come_days_before_and_after_the_day(void **state)
{
    (void)state;
    given_policy(STAGES);
    when_profile_says("1980-03-20", "Europe/Berlin");
    when_time_is("2026-03-13T07:59:59Z");
    then_no_record();
    when_time_is("2026-03-13T08:00:00Z");
    then_trigger("teaser/C1/2026");
    then_member("data.variables.turning", "46");
    then_member("data.expires_at", "2026-03-13T20:00:00.000Z");
    when_time_is("2026-03-20T08:00:00Z");
    then_trigger("gift/C1/2026");
    when_time_is("2026-03-28T17:00:00Z");
    then_trigger("reminder/C1/2026");
    when_time_is("2027-03-13T08:00:00Z");
    then_trigger("teaser/C1/2027");
    when_time_is("2027-03-20T08:00:00Z");
    then_trigger("gift/C1/2027");
    then_no_record();
}

static void the_year_of_a_follow_up_is_that_of_the_day_itself(void **state)
{
    (void)state;
    given_policy(STAGES);
    given_now("2026-06-01T00:00:00Z");
    when_profile_says("1980-01-03", "");
    when_time_is("2026-12-27T09:00:00Z");
    then_trigger("teaser/C1/2027");
    then_member("data.variables.turning", "47");
    when_time_is("2027-01-03T09:00:00Z");
    then_trigger("gift/C1/2027");
    when_time_is("2027-01-11T18:00:00Z");
    then_trigger("reminder/C1/2027");
    when_profile_says("1980-12-28", ""); /* greeted in 2027 already: the next is of 2028 */
    when_time_is("2028-12-20T23:00:00Z");
    then_no_record();
    when_time_is("2028-12-21T09:00:00Z");
    then_trigger("teaser/C1/2028");
    when_time_is("2028-12-28T09:00:00Z");
    then_trigger("gift/C1/2028");
    when_time_is("2029-01-05T18:00:00Z");
    then_trigger("reminder/C1/2028");
    then_no_record();
}

static void a_profile_that_comes_in_between_is_served_with_what_is_still_to_come(void **state)
{
    (void)state;
    given_policy(STAGES);
    given_now("2026-01-02T10:00:00Z");
    when_profile_says("1980-12-28", ""); /* five days ago; the reminder of 2025 is due on the fifth */
    then_timer("reminder:2025", "2026-01-05T18:00:00Z");
    then_no_timer("gift:2025");
    given_now("2026-12-24T10:00:00Z");
    customer_timer_remove(stage_customer(), SLICE("reminder:2025"));
    when_profile_changes();
    then_no_timer("teaser:2026"); /* its day has passed */
    then_timer("yearly", "2026-12-28T00:00:00Z");
    when_time_is("2026-12-28T09:00:00Z");
    then_trigger("gift/C1/2026");
    when_time_is("2027-01-05T18:00:00Z");
    then_trigger("reminder/C1/2026");
    then_no_record();
}

static void a_policy_that_comes_in_time_finds_the_customer_awake(void **state)
{
    (void)state;
    when_profile_says("1980-06-20", ""); /* under no policy at all */
    when_time_is("2026-06-12T00:00:00Z");
    given_policy(STAGES);
    when_time_is("2026-06-13T09:00:00Z");
    then_trigger("teaser/C1/2026");
    then_no_record();
}

static void sixty_days_before_and_after_are_planned_too(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  early: {on: birthday, class: safety, channels: [email], days: -60, at: '00:00'}\n"
                 "  late: {on: birthday, class: safety, channels: [email], days: 60, at: '23:59'}\n");
    when_profile_says("1980-02-10", "Asia/Kolkata");
    when_time_is("2026-04-11T18:29:00Z");
    then_trigger("late/C1/2026");
    when_time_is("2026-12-11T18:30:00Z");
    then_trigger("early/C1/2027");
    then_no_record();
}

static void a_changed_birth_date_brings_no_second_gift_within_300_days(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2026-03-10T10:00:00Z");
    when_profile_says("1980-03-10", "");
    then_trigger("greet/C1/2026");
    customer_int_set(stage_customer(), CUSTOMER_birth_changed, instant("2026-06-01T00:00:00Z"));
    given_now("2026-06-01T00:00:00Z");
    when_profile_says("1980-01-03", ""); /* 299 days later */
    when_time_is("2027-01-03T09:00:00Z");
    then_decision("greet/C1/2027/suppressed", "suppressed", "birth_date_changed");
    then_item(ITEM_LAST, "greet", "2027 1773136800000");
    when_time_is("2028-01-03T09:00:00Z");
    then_trigger("greet/C1/2028");
    then_no_record();
}

static void only_after_a_change_does_the_gap_apply(void **state)
{
    (void)state;
    given_policy("follow_ups:\n  greet: {on: birthday, class: safety, channels: [email], days: 60}\n");
    when_profile_says("1980-03-10", "");
    when_time_is("2026-05-09T09:00:00Z");
    then_trigger("greet/C1/2026");
    given_policy("follow_ups:\n  greet: {on: birthday, class: safety, channels: [email], days: -30}\n");
    when_time_is("2027-02-08T09:00:00Z"); /* 275 days */
    then_trigger("greet/C1/2027");
}

static void what_went_to_the_shadow_holds_back_nothing_live(void **state)
{
    (void)state;
    given_policy("mode: shadow\n" GREET);
    given_now("2026-03-10T10:00:00Z");
    when_profile_says("1980-03-10", "");
    then_decision("greet/C1/2026/shadow", "shadow", "shadow");
    then_item(ITEM_LAST, "greet", "2026 1773136800000 s");
    customer_int_set(stage_customer(), CUSTOMER_birth_changed, instant("2026-06-01T00:00:00Z"));
    given_now("2026-06-01T00:00:00Z");
    when_profile_says("1980-01-03", "");
    given_policy(GREET);
    when_time_is("2027-01-03T09:00:00Z");
    then_trigger("greet/C1/2027");
}

static void a_lunar_birthday_is_greeted_once_in_its_lunar_year(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2024-01-01T00:00:00Z");
    when_profile_says("L1990-12-01", "Asia/Shanghai");
    when_time_is("2024-01-11T01:00:00Z");
    then_trigger("greet/C1/2023");
    then_member("data.variables.turning", "33");
    when_time_is("2024-12-31T01:00:00Z");
    then_trigger("greet/C1/2024");
    when_time_is("2026-01-18T00:00:00Z");
    then_no_record();
    when_time_is("2026-01-19T01:00:00Z");
    then_trigger("greet/C1/2025");
    then_no_record();
}

static void lunar_day_30_may_fall_on_the_new_year_of_the_next(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  on-29: {on: birthday, class: safety, channels: [email]}\n"
                 "  next: {on: birthday, class: safety, channels: [email], lunar_day_30: next-day}\n"
                 "  skip: {on: birthday, class: safety, channels: [email], lunar_day_30: skip}\n");
    given_now("2025-01-29T08:00:00Z"); /* New Year's Day; the profile comes in on it */
    when_profile_says("L--12-30", "");
    when_time_is("2025-01-29T09:00:00Z");
    then_trigger("next/C1/2024");
    then_no_record();
}

static void the_lunar_years_end_with_the_table(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2100-12-01T00:00:00Z");
    when_profile_says("L--01-01", "");
    then_no_timer("yearly"); /* 2101 is not known */
}

#define DATES                                                                                                \
    "follow_ups:\n"                                                                                          \
    "  any: {on: special-date, class: safety, channels: [email]}\n"                                          \
    "  wedding: {on: special-date, date: wedding, class: safety, channels: [email], days: -7}\n"

static void special_dates_are_served_by_name_each_once_a_year(void **state)
{
    (void)state;
    given_policy(DATES);
    given_item(ITEM_DATE, "wedding", "2010-03-20");
    given_item(ITEM_DATE, "cat:tom", "--03-20");
    given_item(ITEM_DATE, "moon", "L--08-15"); /* 25 September */
    when_profile_changes();
    then_timer("yearly", "2026-03-06T00:00:00Z");
    when_time_is("2026-03-13T09:00:00Z");
    then_trigger("wedding/C1/wedding:2026");
    then_member("data.variables.years", "16");
    then_member("data.reason", "special-date");
    when_time_is("2026-03-20T09:00:00Z");
    then_trigger("any/C1/cat:tom:2026");
    then_member("data.variables.name", "cat:tom");
    then_member("data.variables.years", "");
    then_trigger("any/C1/wedding:2026");
    then_member("data.variables.name", "wedding");
    when_time_is("2026-09-25T09:00:00Z");
    then_trigger("any/C1/moon:2026");
    when_profile_changes();
    then_no_record();
    then_item(ITEM_LAST, "any:cat:tom", "2026 1773997200000");
}

static void a_special_date_that_was_taken_back_is_not_served(void **state)
{
    (void)state;
    given_policy(DATES);
    given_now("2026-03-13T00:00:00Z");
    given_item(ITEM_DATE, "wedding", "2010-03-20");
    when_profile_changes();
    then_timer("wedding:wedding:2026", "2026-03-13T09:00:00Z");
    customer_item_remove(stage_customer(), ITEM_DATE, SLICE("wedding"));
    when_profile_changes();
    then_no_timer("wedding:wedding:2026");
    then_no_timer("yearly");
    then_no_record();
}

static void of_special_dates_that_come_and_go_the_newest_years_are_remembered(void **state)
{
    (void)state;
    given_policy("limits: {special_dates: 2}\n" DATES);
    given_now("2026-03-20T10:00:00Z");
    given_item(ITEM_LAST, "any:a", "2024 1710000000000");
    given_item(ITEM_LAST, "any:b", "2025 1740000000000");
    given_item(ITEM_LAST, "anything", "2020");
    given_item(ITEM_DATE, "c", "2010-03-20");
    when_profile_changes();
    then_trigger("any/C1/c:2026");
    then_item(ITEM_LAST, "any:a", NULL);
    then_item(ITEM_LAST, "any:b", "2025 1740000000000");
    then_item(ITEM_LAST, "anything", "2020");
}

#define ANNIVERSARIES                                                                                        \
    "follow_ups:\n"                                                                                          \
    "  member: {on: anniversary, anniversary: joined, class: safety, channels: [email]}\n"                   \
    "  buyer: {on: anniversary, anniversary: first-purchase, class: safety, channels: [email], days: 1}\n"

static void joining_and_the_first_purchase_have_anniversaries(void **state)
{
    (void)state;
    given_policy(ANNIVERSARIES);
    given_field(CUSTOMER_zone, "Asia/Tokyo");
    customer_int_set(stage_customer(), CUSTOMER_created,
                     instant("2024-02-28T20:00:00Z")); /* the 29th there */
    customer_int_set(stage_customer(), CUSTOMER_first_purchase, instant("2025-03-10T02:00:00Z"));
    followup_anniversaries(stage_moment, stage_customer(), false);
    then_timer("yearly", "2026-03-02T15:00:00Z");
    when_time_is("2026-03-11T00:00:00Z");
    then_trigger("buyer/C1/2026");
    then_member("data.variables.years", "1");
    customer_int_set(stage_customer(), CUSTOMER_first_purchase, instant("2024-03-11T02:00:00Z"));
    followup_anniversaries(stage_moment, stage_customer(), true); /* an older purchase has come */
    when_time_is("2027-02-28T00:00:00Z");
    then_trigger("member/C1/2027");
    then_member("data.variables.years", "3");
    when_time_is("2027-03-12T00:00:00Z");
    then_trigger("buyer/C1/2027");
    then_member("data.variables.years", "3");
    then_no_record();
}

static void where_nobody_asks_for_anniversaries_they_make_no_timer(void **state)
{
    (void)state;
    given_policy(GREET);
    customer_int_set(stage_customer(), CUSTOMER_created, instant("2024-02-28T20:00:00Z"));
    followup_anniversaries(stage_moment, stage_customer(), true);
    when_profile_changes();
    then_no_timer("yearly");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_birthday_is_greeted_at_its_hour_where_the_customer_lives),
        TEST(without_a_year_of_birth_the_age_is_left_out),
        TEST(a_birthday_that_is_over_this_year_is_planned_for_the_next),
        TEST(a_profile_that_comes_on_the_day_is_served_until_it_expires),
        TEST(a_day_that_has_passed_is_not_made_up_for),
        TEST(a_profile_that_changes_after_the_greeting_brings_no_second_one),
        TEST(a_greeting_that_was_refused_is_not_decided_again),
        TEST(a_changed_profile_takes_back_what_was_planned),
        TEST(whose_day_has_not_begun_in_another_zone_is_not_greeted_twice),
        TEST(who_was_born_on_29_february_has_the_day_that_the_rule_says),
        TEST(between_the_days_of_two_rules_only_the_later_is_planned),
        TEST(a_greeting_that_never_expires_expires_with_its_day),
        TEST(after_a_long_outage_each_year_has_its_decision),
        TEST(the_day_of_birth_itself_is_no_birthday),
        TEST(the_yearly_timer_runs_without_any_follow_up),
        TEST(a_zone_that_moved_under_the_timer_delays_it),
        TEST(a_greeting_planned_before_its_follow_up_was_switched_off_is_settled),
        TEST(a_birthday_before_the_policys_not_before_is_not_made_up_for),
        TEST(a_follow_up_may_come_days_before_and_after_the_day),
        TEST(the_year_of_a_follow_up_is_that_of_the_day_itself),
        TEST(a_profile_that_comes_in_between_is_served_with_what_is_still_to_come),
        TEST(a_policy_that_comes_in_time_finds_the_customer_awake),
        TEST(sixty_days_before_and_after_are_planned_too),
        TEST(a_changed_birth_date_brings_no_second_gift_within_300_days),
        TEST(only_after_a_change_does_the_gap_apply),
        TEST(what_went_to_the_shadow_holds_back_nothing_live),
        TEST(a_lunar_birthday_is_greeted_once_in_its_lunar_year),
        TEST(lunar_day_30_may_fall_on_the_new_year_of_the_next),
        TEST(the_lunar_years_end_with_the_table),
        TEST(special_dates_are_served_by_name_each_once_a_year),
        TEST(a_special_date_that_was_taken_back_is_not_served),
        TEST(of_special_dates_that_come_and_go_the_newest_years_are_remembered),
        TEST(joining_and_the_first_purchase_have_anniversaries),
        TEST(where_nobody_asks_for_anniversaries_they_make_no_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
