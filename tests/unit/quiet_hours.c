/* SPDX-License-Identifier: MIT */
/* When the local clock shows no quiet time: across midnight, on the days on which clocks change, in zones
 * that skipped a day. The instants were worked out minute by minute with another implementation (Python's
 * zoneinfo). */
#include "common/calendar.h"
#include "common/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* "09:30" to minutes. */
static int minutes(const char *time)
{
    int hour = 0, minute = 0;
    assert_int_equal(sscanf(time, "%2d:%2d", &hour, &minute), 2);
    return 60 * hour + minute;
}

static int64_t instant(const char *text)
{
    int64_t ms = 0;
    assert_true(instant_parse(slice_of(text), &ms));
    return ms;
}

static void then_outside(const char *zone, const char *now, const char *from, const char *to,
                         const char *wanted)
{
    assert_int_equal(zone_outside(slice_of(zone), instant(now), minutes(from), minutes(to)), instant(wanted));
}

static void hours_of_one_day_begin_with_their_minute_and_end_before_it(void **state)
{
    (void)state;
    then_outside("Etc/UTC", "2026-03-02T12:59:59.999Z", "13:00", "15:00", "2026-03-02T12:59:59.999Z");
    then_outside("Etc/UTC", "2026-03-02T13:00:00Z", "13:00", "15:00", "2026-03-02T15:00:00Z");
    then_outside("Etc/UTC", "2026-03-02T14:59:59.999Z", "13:00", "15:00", "2026-03-02T15:00:00Z");
    then_outside("Etc/UTC", "2026-03-02T15:00:00Z", "13:00", "15:00", "2026-03-02T15:00:00Z");
    then_outside("Etc/UTC", "1969-12-31T23:30:00Z", "23:00", "00:00", "1970-01-01T00:00:00Z");
}

static void hours_across_midnight_clock_changes_and_skipped_days(void **state)
{
    (void)state;
    then_outside("Europe/Berlin", "2026-03-28T22:00:00Z", "21:00", "08:00",
                 "2026-03-29T06:00:00Z"); /* 2026-03-28 23:00 */
    then_outside("Europe/Berlin", "2026-10-24T21:00:00Z", "21:00", "08:00",
                 "2026-10-25T07:00:00Z"); /* 2026-10-24 23:00 */
    then_outside("Europe/Berlin", "2026-03-28T22:00:00Z", "21:00", "02:30",
                 "2026-03-29T01:00:00Z"); /* 2026-03-28 23:00 */
    then_outside("Europe/Berlin", "2026-10-24T21:00:00Z", "21:00", "02:30",
                 "2026-10-25T00:30:00Z"); /* 2026-10-24 23:00 */
    then_outside("Europe/Berlin", "2026-10-25T01:10:00Z", "21:00", "02:30",
                 "2026-10-25T01:30:00Z"); /* 2026-10-25 02:10 for the second time */
    then_outside("Europe/Berlin", "2026-10-25T00:40:00Z", "21:00", "02:30",
                 "2026-10-25T00:40:00Z"); /* 2026-10-25 02:40 */
    then_outside("Europe/Berlin", "2026-10-25T01:40:00Z", "21:00", "02:30",
                 "2026-10-25T01:40:00Z"); /* 2026-10-25 02:40 for the second time */
    then_outside("America/New_York", "2026-03-08T03:30:00Z", "22:00", "07:00",
                 "2026-03-08T11:00:00Z"); /* 2026-03-07 22:30 */
    then_outside("America/New_York", "2026-11-01T02:30:00Z", "22:00", "07:00",
                 "2026-11-01T12:00:00Z"); /* 2026-10-31 22:30 */
    then_outside("Australia/Lord_Howe", "2024-10-05T12:30:00Z", "21:00", "02:15",
                 "2024-10-05T15:30:00Z"); /* 2024-10-05 23:00 */
    then_outside("Australia/Lord_Howe", "2024-04-06T12:00:00Z", "21:00", "08:00",
                 "2024-04-06T21:30:00Z"); /* 2024-04-06 23:00 */
    then_outside("Asia/Kolkata", "2026-01-01T16:30:00Z", "21:00", "08:00",
                 "2026-01-02T02:30:00Z"); /* 2026-01-01 22:00 */
    then_outside("Pacific/Apia", "2011-12-30T08:00:00Z", "21:00", "08:00",
                 "2011-12-30T18:00:00Z"); /* 2011-12-29 22:00 */
    then_outside("Pacific/Kiritimati", "1994-12-31T08:00:00Z", "21:00", "08:00",
                 "1994-12-31T18:00:00Z"); /* 1994-12-30 22:00 */
    then_outside("Africa/Casablanca", "2026-02-14T22:00:00Z", "21:00", "08:00",
                 "2026-02-15T08:00:00Z"); /* 2026-02-14 23:00 */
    then_outside("Africa/Casablanca", "2026-03-21T23:00:00Z", "21:00", "08:00",
                 "2026-03-22T07:00:00Z"); /* 2026-03-21 23:00 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_of_one_day_begin_with_their_minute_and_end_before_it),
        cmocka_unit_test(hours_across_midnight_clock_changes_and_skipped_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
