/* SPDX-License-Identifier: MIT */
/* Birthdays in the household: whose, once a year each, and what is told of whom. */
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HOME                                                                                                 \
    "follow_ups:\n"                                                                                          \
    "  home: {on: household-birthday, class: safety, channels: [email]}\n" /* at 09:00, for 12 hours */

static void when_profile_changes(void)
{
    followup_profile_changed(stage_moment, stage_customer());
}

static void each_member_has_a_birthday_where_the_customer_lives(void **state)
{
    (void)state;
    given_policy(HOME);
    given_field(CUSTOMER_zone, "America/New_York");
    given_item(ITEM_MEMBER, "m2", "partner 1985-03-10 Robin");
    given_item(ITEM_MEMBER, "a:b", "child 2016-03-10 Mia Sophie");
    given_item(ITEM_MEMBER, "moon", "parent L1950-08-15 Li"); /* 25 September */
    when_profile_changes();
    then_timer("yearly", "2026-03-03T05:00:00Z"); /* a week before */
    when_time_is("2026-03-10T04:00:00Z");
    then_no_record();
    then_timer("home:m2:2026", "2026-03-10T13:00:00Z");
    when_time_is("2026-03-10T13:00:00Z");
    then_trigger("home/C1/a:b:2026");
    then_member("data.reason", "household-birthday");
    then_member("data.variables.member", "a:b");
    then_member("data.variables.relation", "child");
    then_member("data.variables.turning", "10");
    then_member("data.variables.name", ""); /* a minor */
    then_trigger("home/C1/m2:2026");
    then_member("data.variables.relation", "partner");
    then_member("data.variables.name", "Robin");
    then_member("data.variables.turning", "41");
    then_item(ITEM_LAST, "home:m2", "2026 1773147600000");
    when_profile_changes();
    then_no_record();
    when_time_is("2026-09-25T13:00:00Z");
    then_trigger("home/C1/moon:2026");
    then_member("data.variables.turning", "76");
    then_member("data.variables.name", "Li");
    when_time_is("2027-03-10T14:00:00Z");
    then_trigger("home/C1/a:b:2027");
    then_trigger("home/C1/m2:2027");
    then_no_record();
}

static void who_is_under_eighteen_when_it_goes_out_is_not_named(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  before: {on: household-birthday, class: safety, channels: [email], days: -1}\n"
                 "  on: {on: household-birthday, class: safety, channels: [email]}\n"
                 "  after: {on: household-birthday, class: safety, channels: [email], days: 60}\n");
    given_item(ITEM_MEMBER, "m1", "child 2008-05-04 Mia"); /* eighteen this year */
    given_item(ITEM_MEMBER, "m2", "child 2009-05-04 Ben"); /* seventeen */
    when_profile_changes();
    when_time_is("2026-05-03T09:00:00Z");
    then_trigger("before/C1/m1:2026");
    then_member("data.variables.turning", "18");
    then_member("data.variables.name", "");
    then_trigger("before/C1/m2:2026");
    then_member("data.variables.name", "");
    when_time_is("2026-05-04T09:00:00Z");
    then_trigger("on/C1/m1:2026");
    then_member("data.variables.name", "Mia");
    then_trigger("on/C1/m2:2026");
    then_member("data.variables.turning", "17");
    then_member("data.variables.name", "");
    when_time_is("2026-07-03T09:00:00Z");
    then_trigger("after/C1/m1:2026");
    then_member("data.variables.name", "Mia");
    then_trigger("after/C1/m2:2026");
    then_member("data.variables.name", "");
    then_no_record();
}

static void born_on_29_february_one_is_of_age_on_1_march(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  early: {on: household-birthday, class: safety, channels: [email], leap_day: feb-28}\n"
                 "  late: {on: household-birthday, class: safety, channels: [email], leap_day: mar-1}\n");
    given_item(ITEM_MEMBER, "m1", "child 2008-02-29 Mia");
    given_now("2026-02-20T00:00:00Z");
    when_profile_changes();
    when_time_is("2026-02-28T09:00:00Z");
    then_trigger("early/C1/m1:2026");
    then_member("data.variables.turning", "18");
    then_member("data.variables.name", "");
    when_time_is("2026-03-01T09:00:00Z");
    then_trigger("late/C1/m1:2026");
    then_member("data.variables.name", "Mia");
    then_no_record();
}

/* Who was born on 15 May 2007 by the civil calendar, and on the 29th of the third month by the Chinese one.
 */
static void of_age_is_by_the_civil_calendar(void **state)
{
    (void)state;
    given_policy(HOME);
    given_now("2025-04-20T00:00:00Z");
    given_item(ITEM_MEMBER, "m1", "other L2007-03-29 Mia");
    when_profile_changes();
    when_time_is("2025-04-26T09:00:00Z");
    then_trigger("home/C1/m1:2025");
    then_member("data.variables.turning", "18");
    then_member("data.variables.name", "");
    then_no_record();
}

static void without_a_year_nobody_is_named(void **state)
{
    (void)state;
    given_policy(HOME);
    given_item(ITEM_MEMBER, "m1", "partner --03-10 Robin");
    when_profile_changes();
    when_time_is("2026-03-10T09:00:00Z");
    then_trigger("home/C1/m1:2026");
    then_member("data.variables.relation", "partner");
    then_member("data.variables.name", "");
    then_member("data.variables.turning", "");
    then_no_record();
}

static void a_follow_up_may_be_for_some_relations_and_ages(void **state)
{
    (void)state;
    given_policy("follow_ups:\n"
                 "  toys: {on: household-birthday, relation: [child], class: safety, channels: [email], if: "
                 "event.turning < "
                 "12}\n"
                 "  wine: {on: household-birthday, class: safety, channels: [email], if: event.relation in "
                 "partner}\n");
    given_item(ITEM_MEMBER, "m1", "child 2016-03-10");
    given_item(ITEM_MEMBER, "m2", "child 2010-03-10");
    given_item(ITEM_MEMBER, "m3", "partner 1985-03-10");
    given_item(ITEM_MEMBER, "m4", "other 2016-03-10");
    when_profile_changes();
    when_time_is("2026-03-10T09:00:00Z");
    then_trigger("toys/C1/m1:2026");
    then_trigger("wine/C1/m3:2026");
    then_no_record();
}

static void the_customers_consent_and_caps_decide(void **state)
{
    (void)state;
    given_policy("caps: {one: {at_most: 1, per: day}}\n"
                 "follow_ups:\n  home: {on: household-birthday, class: marketing, channels: [email]}\n");
    given_item(ITEM_MEMBER, "m1", "child 2016-03-10");
    given_item(ITEM_MEMBER, "m2", "child 2016-03-10");
    given_item(ITEM_MEMBER, "m3", "child 2016-03-11");
    when_profile_changes();
    given_consent("email", "marketing", "granted");
    when_time_is("2026-03-10T09:00:00Z");
    then_trigger("home/C1/m1:2026");
    then_decision("home/C1/m2:2026/suppressed", "suppressed", "capped");
    given_consent("email", "marketing", "withdrawn");
    when_time_is("2026-03-11T09:00:00Z");
    then_decision("home/C1/m3:2026/suppressed", "suppressed", "no_consent");
    then_no_record();
}

static void who_was_taken_out_is_not_greeted_and_not_greeted_twice_when_back(void **state)
{
    (void)state;
    given_policy("limits: {household: 2}\n" HOME);
    given_now("2026-03-10T00:00:00Z");
    given_item(ITEM_LAST, "home:old", "2024 1710000000000");
    given_item(ITEM_LAST, "home:older", "2023");
    given_item(ITEM_MEMBER, "m1", "child 2016-03-10");
    given_item(ITEM_MEMBER, "m2", "child 2016-03-10");
    when_profile_changes();
    customer_item_remove(stage_customer(), ITEM_MEMBER, SLICE("m2"));
    when_profile_changes();
    then_no_timer("home:m2:2026");
    when_time_is("2026-03-10T09:00:00Z");
    then_trigger("home/C1/m1:2026");
    then_item(ITEM_LAST, "home:older", NULL); /* the newest two are remembered */
    then_item(ITEM_LAST, "home:old", "2024 1710000000000");
    customer_item_remove(stage_customer(), ITEM_MEMBER, SLICE("m1"));
    when_profile_changes();
    then_no_timer("yearly");
    given_item(ITEM_MEMBER, "m1", "child 2016-03-10");
    when_profile_changes();
    then_no_record();
    then_no_timer("home:m1:2026");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)
    const struct CMUnitTest tests[] = {
        TEST(each_member_has_a_birthday_where_the_customer_lives),
        TEST(who_is_under_eighteen_when_it_goes_out_is_not_named),
        TEST(born_on_29_february_one_is_of_age_on_1_march),
        TEST(of_age_is_by_the_civil_calendar),
        TEST(without_a_year_nobody_is_named),
        TEST(a_follow_up_may_be_for_some_relations_and_ages),
        TEST(the_customers_consent_and_caps_decide),
        TEST(who_was_taken_out_is_not_greeted_and_not_greeted_twice_when_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
