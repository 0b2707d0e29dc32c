/* SPDX-License-Identifier: MIT */
/* May a partition go on, and where? Every case of S, C and the log's ends. */
#include "consumers/position_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int64_t start, live;
static char why[256];

/* A home with S, C and a log from 10 to 100. */
static enum status check_home(int64_t position, int64_t committed, bool accept_gap)
{
    struct position_check check = {
        .topic = "loyalty.events",
        .position = position,
        .committed = committed,
        .bounds = {.start = 10, .end = 100},
        .accept_gap = accept_gap
    };
    start = live = -7;
    return position_check_home(&check, &start, &live, why);
}

static enum status check_feeder(int64_t committed, bool taken, bool accept_gap)
{
    struct position_check check = {
        .topic = "loyalty.visits",
        .committed = committed,
        .bounds = {.start = 10, .end = 100},
        .taken = taken,
        .accept_gap = accept_gap
    };
    start = -7;
    return position_check_feeder(&check, &start, why);
}

static void then_starts(enum status status, int64_t wanted_start, int64_t wanted_live)
{
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(start, wanted_start);
    assert_int_equal(live, wanted_live);
}

static void then_parks(enum status status, const char *words)
{
    assert_int_equal(status, STATUS_GAP);
    assert_int_equal(start, -7);
    assert_non_null(strstr(why, words));
    assert_non_null(strstr(why, "accept-gap")); /* it says what can be done */
}

static void a_home_folds_again_from_s_and_goes_live_at_c(void **state)
{
    (void)state;
    then_starts(check_home(20, 20, false), 20, 20);
    then_starts(check_home(20, 50, false), 20, 50);
    then_starts(check_home(10, 100, false), 10, 100);
    then_starts(check_home(100, 100, false), 100, 100);
}

static void a_home_of_a_new_log_begins_at_its_start(void **state)
{
    (void)state;
    struct position_check check = {
        .committed = OFFSET_NONE, .bounds = {.start = 0, .end = 100}
    };
    then_starts(position_check_home(&check, &start, &live, why), 0, 0);
}

static void a_home_parks_where_something_is_lost(void **state)
{
    (void)state;
    then_parks(check_home(20, 19, false), "ahead of the group's offset");
    then_parks(check_home(20, OFFSET_NONE, false), "the group has no offset");
    then_parks(check_home(9, 50, false), "retention has removed");
    then_parks(check_home(0, OFFSET_NONE, false), "retention has removed");
    then_parks(check_home(101, 101, false), "made anew or cut");
    then_parks(check_home(20, 101, false), "made anew or cut");
}

static void a_home_whose_gap_is_accepted_sends_nothing_again_that_is_known_to_be_sent(void **state)
{
    (void)state;
    then_starts(check_home(20, 19, true), 20, 20);
    then_starts(check_home(20, OFFSET_NONE, true), 20, 20);
    then_starts(check_home(9, 50, true), 10, 50);
    then_starts(check_home(0, OFFSET_NONE, true), 10, 10);
    then_starts(check_home(101, 101, true), 10, 10);
    then_starts(check_home(101, 40, true), 10, 40);
    then_starts(check_home(20, 101, true), 20, 20);
    then_starts(check_home(20, 50, true), 20, 50);
}

static void a_feeder_goes_on_from_c(void **state)
{
    (void)state;
    assert_int_equal(check_feeder(50, true, false), STATUS_OK);
    assert_int_equal(start, 50);
    assert_int_equal(check_feeder(100, true, false), STATUS_OK);
    assert_int_equal(start, 100);
}

static void a_feeder_that_nobody_has_read_begins_at_its_start(void **state)
{
    (void)state;
    assert_int_equal(check_feeder(OFFSET_NONE, false, false), STATUS_OK);
    assert_int_equal(start, 10);
}

static void a_feeder_parks_where_it_might_copy_again_or_miss_something(void **state)
{
    (void)state;
    then_parks(check_feeder(OFFSET_NONE, true, false), "something was copied");
    then_parks(check_feeder(9, true, false), "outside the log");
    then_parks(check_feeder(101, false, false), "outside the log");
}

static void a_feeder_whose_gap_is_accepted_goes_on_from_c_or_the_start(void **state)
{
    (void)state;
    assert_int_equal(check_feeder(OFFSET_NONE, true, true), STATUS_OK);
    assert_int_equal(start, 10);
    assert_int_equal(check_feeder(9, true, true), STATUS_OK);
    assert_int_equal(start, 10);
    assert_int_equal(check_feeder(50, true, true), STATUS_OK);
    assert_int_equal(start, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_home_folds_again_from_s_and_goes_live_at_c),
        cmocka_unit_test(a_home_of_a_new_log_begins_at_its_start),
        cmocka_unit_test(a_home_parks_where_something_is_lost),
        cmocka_unit_test(a_home_whose_gap_is_accepted_sends_nothing_again_that_is_known_to_be_sent),
        cmocka_unit_test(a_feeder_goes_on_from_c),
        cmocka_unit_test(a_feeder_that_nobody_has_read_begins_at_its_start),
        cmocka_unit_test(a_feeder_parks_where_it_might_copy_again_or_miss_something),
        cmocka_unit_test(a_feeder_whose_gap_is_accepted_goes_on_from_c_or_the_start),
    };
    return cmocka_run_group_tests_name("position check", tests, NULL, NULL);
}
