/* SPDX-License-Identifier: MIT */
/* Working time: nights, weekends, lunch, holidays, working Saturdays, and days on which the clock changes. */
#include "common/business_hours.h"

#include "common/buf.h"
#include "common/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct day_hours from_to(int from_hour, int to_hour)
{
    return (struct day_hours){
        .openings[0] = {60 * from_hour, 60 * to_hour},
          .count = 1
    };
}

/* Monday to Friday 9 to 18, Wednesday with lunch from 12:30 to 13:30. */
static struct business_hours service_in(const char *zone)
{
    struct business_hours hours = {.zone = slice_of(zone)};
    for (size_t i = 0; i < 5; i++) {
        hours.week[i] = from_to(9, 18);
    }
    hours.week[2] = (struct day_hours){
        {{540, 750}, {810, 1080}},
        2
    };
    return hours;
}

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_true(instant_parse(slice_of(text), &ms));
    return ms;
}

static void then_due(const struct business_hours *hours, const char *from, int64_t working_ms,
                     const char *wanted)
{
    struct buf got = {0};
    buf_instant(&got, business_add(hours, at(from), working_ms));
    buf_char(&got, '\0');
    assert_string_equal(got.data, wanted);
    buf_done(&got);
}

static void what_is_open_is_open_now(void **state)
{
    (void)state;
    struct business_hours hours = service_in("Etc/UTC");
    then_due(&hours, "2026-03-02T10:11:12.345Z", 0, "2026-03-02T10:11:12.345Z"); /* a Monday */
    then_due(&hours, "2026-03-02T09:00:00Z", 0, "2026-03-02T09:00:00.000Z");
    then_due(&hours, "2026-03-02T08:59:59.999Z", 0, "2026-03-02T09:00:00.000Z");
    then_due(&hours, "2026-03-02T18:00:00Z", 0, "2026-03-03T09:00:00.000Z");
    then_due(&hours, "2026-03-06T18:00:00Z", 0, "2026-03-09T09:00:00.000Z"); /* over the weekend */
    assert_int_equal(business_next_open(&hours, at("2026-03-07T12:00:00Z")), at("2026-03-09T09:00:00Z"));
}

static void working_time_stands_while_it_is_closed(void **state)
{
    (void)state;
    struct business_hours hours = service_in("Etc/UTC");
    then_due(&hours, "2026-03-02T10:00:00Z", 4 * HOUR, "2026-03-02T14:00:00.000Z");
    then_due(&hours, "2026-03-02T17:00:00Z", 4 * HOUR, "2026-03-03T12:00:00.000Z");
    then_due(&hours, "2026-03-06T17:30:00Z", HOUR, "2026-03-09T09:30:00.000Z");
    then_due(&hours, "2026-03-07T03:00:00Z", HOUR, "2026-03-09T10:00:00.000Z");
    then_due(&hours, "2026-03-04T12:00:00Z", HOUR, "2026-03-04T14:00:00.000Z"); /* lunch */
    then_due(&hours, "2026-03-02T09:00:00Z", 9 * HOUR, "2026-03-03T09:00:00.000Z");
    then_due(&hours, "2026-03-02T09:00:00Z", 44 * HOUR, "2026-03-09T09:00:00.000Z"); /* a whole week */
}

static void days_may_be_closed_and_working_saturdays_made_up_for_them(void **state)
{
    (void)state;
    struct business_hours hours = service_in("Asia/Shanghai");
    struct other_day others[] = {
        {{2026, 2, 28}, from_to(9,    18)}, /* the Saturday after the Spring Festival is worked */
        {{0, 10, 1},    {.count = 0}},
        {{2026, 2, 17}, {.count = 0}            },
        {{2028, 10, 1},          from_to(10,                      12)   }, /* a Sunday, and more particular than every 1 October */
    };
    qsort(others, 4, sizeof *others, other_day_compare);
    hours.others = others;
    hours.other_count = 4;
    then_due(&hours, "2026-02-16T09:00:00Z", 2 * HOUR, "2026-02-18T02:00:00.000Z");
    then_due(&hours, "2026-02-27T10:00:00Z", HOUR, "2026-02-28T02:00:00.000Z");
    then_due(&hours, "2026-09-30T10:00:00Z", 0, "2026-10-02T01:00:00.000Z");
    then_due(&hours, "2027-09-30T10:00:00Z", 0, "2027-10-04T01:00:00.000Z"); /* a Friday, then the weekend */
    then_due(&hours, "2028-09-29T10:00:00Z", 0, "2028-10-01T02:00:00.000Z");
}

static void hours_follow_the_local_clock_when_it_changes(void **state)
{
    (void)state;
    struct business_hours berlin = service_in("Europe/Berlin");
    then_due(&berlin, "2026-03-27T16:00:00Z", 2 * HOUR, "2026-03-30T08:00:00.000Z"); /* Sunday to summer */
    then_due(&berlin, "2026-10-23T15:00:00Z", 2 * HOUR, "2026-10-26T09:00:00.000Z");
    struct business_hours night = {.zone = SLICE("Europe/Berlin")};
    night.week[6] = (struct day_hours){{{0, 240}}, 1}; /* Sundays until four */
    then_due(&night, "2026-03-28T12:00:00Z", 2 * HOUR, "2026-03-29T01:00:00.000Z");
    then_due(&night, "2026-03-28T12:00:00Z", 3 * HOUR, "2026-04-04T22:00:00.000Z"); /* that night had three */
    then_due(&night, "2026-10-24T12:00:00Z", 4 * HOUR, "2026-10-25T02:00:00.000Z"); /* and this one five */
    struct business_hours apia = service_in("Pacific/Apia");
    then_due(&apia, "2011-12-30T03:00:00Z", 2 * HOUR, "2012-01-01T20:00:00.000Z"); /* Friday was skipped */
}

static void midnight_may_be_an_opening_and_a_closing(void **state)
{
    (void)state;
    struct business_hours always = {.zone = SLICE("Etc/UTC")};
    for (size_t i = 0; i < 7; i++) {
        always.week[i] = (struct day_hours){{{0, 1440}}, 1};
    }
    then_due(&always, "2026-03-02T23:00:00Z", 90 * MINUTE, "2026-03-03T00:30:00.000Z");
    then_due(&always, "2026-03-02T23:00:00Z", HOUR, "2026-03-03T00:00:00.000Z");
    then_due(&always, "1969-12-31T23:00:00Z", 25 * HOUR, "1970-01-02T00:00:00.000Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_is_open_now),
        cmocka_unit_test(working_time_stands_while_it_is_closed),
        cmocka_unit_test(days_may_be_closed_and_working_saturdays_made_up_for_them),
        cmocka_unit_test(hours_follow_the_local_clock_when_it_changes),
        cmocka_unit_test(midnight_may_be_an_opening_and_a_closing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
