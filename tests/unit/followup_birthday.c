/* SPDX-License-Identifier: MIT */
/* Birthday follow-ups: the yearly timer, the greeting in the customer's own zone, 29 February, and profiles
 * that come or change on the day itself. */
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
    then_timer("birthday", "2026-03-10T04:00:00Z");
    when_time_is("2026-03-10T04:00:00Z");
    then_no_record();
    then_timer("greet:2026", "2026-03-10T13:00:00Z");
    then_timer("birthday", "2027-03-10T05:00:00Z"); /* before the clocks change */
    when_time_is("2026-03-10T13:00:00Z");
    then_trigger("greet/C1/2026");
    then_member("data.variables.turning", "46");
    then_member("data.reason", "birthday");
    then_member("data.not_before", "2026-03-10T13:00:00.000Z");
    then_member("data.expires_at", "2026-03-11T01:00:00.000Z");
    then_no_timer("greet:2026");
    then_item(ITEM_LAST, "greet", "2026");
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
    then_timer("birthday", "2027-03-01T00:00:00Z");
    then_no_record();
}

static void a_profile_that_comes_on_the_day_is_served_until_it_expires(void **state)
{
    (void)state;
    given_policy(GREET);
    given_now("2026-03-10T08:00:00Z");
    when_profile_says("1980-03-10", "");
    then_timer("greet:2026", "2026-03-10T09:00:00Z");
    then_timer("birthday", "2027-03-10T00:00:00Z");
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
    then_timer("birthday", "2026-03-12T00:00:00Z");
    when_time_is("2026-03-13T00:00:00Z");
    then_no_record();
    then_timer("birthday", "2027-03-12T00:00:00Z");
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
    then_timer("birthday", "2026-06-10T04:00:00Z");
    when_profile_says("", "America/New_York");
    then_no_timer("birthday");
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
    then_timer("birthday", "2026-03-10T10:00:00Z");
    when_time_is("2026-03-11T12:00:00Z");
    then_no_record();
    then_timer("birthday", "2027-03-10T10:00:00Z");
}

static void who_was_born_on_29_february_has_the_day_that_the_rule_says(void **state)
{
    (void)state;
    given_policy(LEAPERS);
    given_now("2027-01-01T00:00:00Z");
    when_profile_says("1980-02-29", "");
    then_timer("birthday", "2027-02-28T00:00:00Z");
    when_time_is("2027-02-28T00:00:00Z");
    then_timer("on-feb-28:2027", "2027-02-28T09:00:00Z");
    then_timer("on-mar-1:2027", "2027-03-01T09:00:00Z");
    then_no_timer("leap-only:2027");
    then_timer("birthday", "2028-02-29T00:00:00Z");
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
    then_timer("birthday", "2028-03-10T00:00:00Z");
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
    then_timer("birthday", "2026-03-10T00:00:00Z");
    when_time_is("2026-03-10T00:00:00Z");
    then_timer("birthday", "2027-03-10T00:00:00Z");
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
    then_timer("birthday", "2026-03-10T04:00:00Z");
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
