/* SPDX-License-Identifier: MIT */
/* Dates and time zones: the days on which clocks change, a day that was never there. The instants were worked
 * out with another implementation (Python's zoneinfo). */
#include "common/calendar.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define HOUR_MS 3600000LL

static struct civil_date date_of(const char *text)
{
    struct civil_date date = {0};
    assert_true(civil_date_parse(slice_of(text), &date));
    return date;
}

/* "09:30" to minutes. */
static int minutes(const char *time)
{
    int hour = 0, minute = 0;
    assert_int_equal(sscanf(time, "%2d:%2d", &hour, &minute), 2);
    return 60 * hour + minute;
}

static void then_local(const char *zone, int64_t ms, const char *wanted)
{
    struct civil_date date = {0};
    int hour = -1;
    char got[64];
    zone_local(slice_of(zone), ms, &date, &hour);
    (void)snprintf(got, sizeof got, "%04d-%02d-%02d %02dh", date.year, date.month, date.day, hour);
    assert_string_equal(got, wanted);
}

static void then_instant(const char *zone, const char *date, const char *time, int64_t wanted)
{
    assert_int_equal(zone_instant(slice_of(zone), date_of(date), minutes(time)), wanted);
}

static void a_date_is_read_and_must_exist(void **state)
{
    (void)state;
    struct civil_date date = date_of("1980-02-29");
    assert_true(date.year == 1980 && date.month == 2 && date.day == 29);
    date = date_of("--02-29");
    assert_true(date.year == 0 && date.month == 2 && date.day == 29);
    (void)date_of("2000-02-29");
    (void)date_of("9999-12-31");

    const char *const wrong[] = {"",           "1981-02-29", "1900-02-29", "2023-13-01", "2023-00-10",
                                 "2023-04-31", "2023-04-00", "0000-01-01", "--02-30",    "--13-01",
                                 "2023-4-1",   "2023/04/01", "20230401",   "-2023-04-1", "2023-04-01 ",
                                 "--2-29",     "2023-04-0x", "+023-04-01"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        date = (struct civil_date){.year = 1, .month = 2, .day = 3};
        if (civil_date_parse(slice_of(wrong[i]), &date)) {
            fail_msg("'%s' was taken for a date", wrong[i]);
        }
        assert_true(date.year == 1 && date.month == 2 && date.day == 3);
    }
}

static void days_are_counted_without_a_gap_from_year_1_to_2200(void **state)
{
    (void)state;
    assert_int_equal(civil_date_to_days(date_of("1970-01-01")), 0);
    assert_int_equal(civil_date_to_days(date_of("2000-03-01")), 11017);
    struct civil_date before = date_of("0001-01-01");
    int64_t first = civil_date_to_days(before), last = civil_date_to_days(date_of("2200-12-31"));
    for (int64_t day = first + 1; day <= last; day++) {
        struct civil_date date = civil_date_from_days(day);
        assert_int_equal(civil_date_to_days(date), day);
        bool next_day = date.year == before.year && date.month == before.month && date.day == before.day + 1;
        bool next_month =
            date.day == 1 && before.day >= 28 &&
            (date.month == before.month + 1 || (date.month == 1 && date.year == before.year + 1));
        assert_true(next_day != next_month && (next_day || next_month));
        before = date;
    }
}

static void a_zone_is_a_name_of_iana(void **state)
{
    (void)state;
    const char *const known[] = {
        "Europe/Berlin", "Asia/Kolkata", "Asia/Calcutta", "UTC", "Etc/UTC", "America/Argentina/Buenos_Aires",
        "EST",           "EST5EDT",      "GMT",           "NZ"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(zone_exists(slice_of(known[i])));
    }
    const char *const unknown[] = {
        "",    "Europe/Atlantis", "europe/berlin", "Berlin",      "GMT+05:30", "BST",
        "IST", "SystemV/EST5",    "Factory",       "Etc/Unknown", "Europe/",   "Z"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        if (zone_exists(slice_of(unknown[i]))) {
            fail_msg("'%s' was taken for a zone", unknown[i]);
        }
    }
    assert_false(zone_exists((struct slice){0}));
    assert_false(zone_exists((struct slice){.data = "Europe/Berlin\0x", .len = 15}));
    assert_true(zone_exists((struct slice){.data = "UTC and more", .len = 3}));
}

static void the_zone_data_has_a_version(void **state)
{
    (void)state;
    int year = 0;
    char letter = '\0';
    assert_int_equal(sscanf(zone_data_version(), "%4d%c", &year, &letter), 2);
    assert_true(year >= 2020 && year < 2100 && letter >= 'a' && letter <= 'z');
}

static void a_country_of_one_zone_has_it_and_others_have_none(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) { /* the second time from memory */
        assert_true(slice_is(zone_of_country(SLICE("FR")), "Europe/Paris"));
        assert_true(slice_is(zone_of_country(SLICE("AT")), "Europe/Vienna"));
        assert_true(slice_is(zone_of_country(SLICE("JP")), "Asia/Tokyo"));
        const char *const several[] = {"DE", "US", "CN", "NZ", "ZZ", "fr", "F", "FRA", "", "1A", "[["};
        for (size_t i = 0; i < sizeof several / sizeof *several; i++) {
            assert_null(zone_of_country(slice_of(several[i])).data);
        }
    }
    assert_true(zone_exists(zone_of_country(SLICE("IN"))));
    then_instant(zone_of_country(SLICE("IN")).data, "2024-05-05", "09:00", 1714879800000);
}

static void clocks_change_in_berlin(void **state)
{
    (void)state;
    const char *berlin = "Europe/Berlin";
    then_local(berlin, 1711846800000 - 1, "2024-03-31 01h");
    then_local(berlin, 1711846800000, "2024-03-31 03h");
    then_instant(berlin, "2024-03-31", "01:59", 1711846800000 - 60000);
    then_instant(berlin, "2024-03-31", "02:00", 1711846800000); /* skipped: the next that exists */
    then_instant(berlin, "2024-03-31", "02:30", 1711846800000);
    then_instant(berlin, "2024-03-31", "03:00", 1711846800000);
    then_local(berlin, 1729990800000 - 1, "2024-10-27 02h");
    then_local(berlin, 1729990800000, "2024-10-27 02h");
    then_local(berlin, 1729990800000 + HOUR_MS, "2024-10-27 03h");
    then_instant(berlin, "2024-10-27", "02:30", 1729989000000); /* twice: the first */
    then_instant(berlin, "2024-10-27", "03:00", 1729990800000 + HOUR_MS);
}

static void clocks_change_in_new_york(void **state)
{
    (void)state;
    const char *new_york = "America/New_York";
    then_local(new_york, 1710054000000 - 1, "2024-03-10 01h");
    then_local(new_york, 1710054000000, "2024-03-10 03h");
    then_instant(new_york, "2024-03-10", "02:15", 1710054000000);
    then_instant(new_york, "2024-11-03", "01:30", 1730611800000);
    then_local(new_york, 1730615400000, "2024-11-03 01h");
    then_instant(new_york, "2024-11-03", "02:00", 1730615400000 + HOUR_MS / 2);
}

static void clocks_change_by_half_an_hour_on_lord_howe(void **state)
{
    (void)state;
    const char *lord_howe = "Australia/Lord_Howe";
    then_instant(lord_howe, "2024-10-06", "02:00", 1728142200000);
    then_instant(lord_howe, "2024-10-06", "02:29", 1728142200000);
    then_instant(lord_howe, "2024-10-06", "02:30", 1728142200000);
    then_instant(lord_howe, "2024-10-06", "02:31", 1728142200000 + 60000);
    then_instant(lord_howe, "2024-04-07", "01:45", 1712414700000);
    then_instant(lord_howe, "2024-04-07", "02:00", 1712416500000 + HOUR_MS / 4);
    then_local(lord_howe, 1712416500000, "2024-04-07 01h");
}

static void apia_had_no_30_december_2011(void **state)
{
    (void)state;
    const int64_t next = 1325239200000; /* midnight of the 31st, 14 hours ahead of UTC */
    then_local("Pacific/Apia", next - 1, "2011-12-29 23h");
    then_local("Pacific/Apia", next, "2011-12-31 00h");
    then_instant("Pacific/Apia", "2011-12-30", "00:00", next);
    then_instant("Pacific/Apia", "2011-12-30", "09:00", next);
    then_instant("Pacific/Apia", "2011-12-30", "23:59", next);
    then_instant("Pacific/Apia", "2011-12-31", "00:00", next);
    then_instant("Pacific/Apia", "2011-12-31", "09:00", next + 9 * HOUR_MS);
}

static void kiritimati_had_no_31_december_1994(void **state)
{
    (void)state;
    const int64_t next = 788868000000; /* midnight of 1 January, 14 hours ahead of UTC; before, 10 behind */
    then_local("Pacific/Kiritimati", next - 1, "1994-12-30 23h");
    then_local("Pacific/Kiritimati", next, "1995-01-01 00h");
    then_instant("Pacific/Kiritimati", "1994-12-30", "23:59", next - 60000);
    then_instant("Pacific/Kiritimati", "1994-12-31", "00:00", next);
    then_instant("Pacific/Kiritimati", "1994-12-31", "09:00", next);
    then_instant("Pacific/Kiritimati", "1995-01-01", "09:00", next + 9 * HOUR_MS);
}

static void kolkata_has_one_time_and_casablanca_turns_back_for_ramadan(void **state)
{
    (void)state;
    then_instant("Asia/Kolkata", "2024-05-05", "09:00", 1714879800000);
    then_instant("Asia/Kolkata", "2100-12-31", "05:30", 4133894400000);
    then_instant("Africa/Casablanca", "2022-03-27", "03:00", 1648350000000);
    then_instant("Africa/Casablanca", "2022-05-08", "02:30", 1651975200000);
    then_local("Africa/Casablanca", 1649592000000, "2022-04-10 12h"); /* 12:00 UTC */
    then_local("Africa/Casablanca", 1654862400000, "2022-06-10 13h");
}

static void times_before_1970_and_after_2100_have_a_date_too(void **state)
{
    (void)state;
    then_local("Etc/UTC", -1, "1969-12-31 23h");
    then_local("Etc/UTC", 0, "1970-01-01 00h");
    then_local("Etc/UTC", 4133977200000, "2100-12-31 23h");
    then_local("America/New_York", 0, "1969-12-31 19h");
    then_instant("America/New_York", "2100-07-01", "00:00", 4118083200000 + 4 * HOUR_MS);
    then_instant("Etc/UTC", "0001-01-01", "00:00", -62135596800000);
    then_instant("Etc/UTC", "9999-12-31", "23:00", 253402297200000);
}

/* The header's rule, asked for every 7th day of 131 years and some hours of each, of an hour that may be
 * skipped, come twice or be ordinary: nothing earlier is at or past the local time asked for. */
static void an_instant_is_the_first_at_or_after_its_local_time(void **state)
{
    (void)state;
    const char *const zones[] = {"Europe/Berlin",     "America/New_York",  "Australia/Lord_Howe",
                                 "Pacific/Apia",      "Africa/Casablanca", "Asia/Kolkata",
                                 "America/Sao_Paulo", "Asia/Gaza",         "Pacific/Kwajalein",
                                 "America/St_Johns",  "Antarctica/Troll",  "Asia/Pyongyang"};
    const int64_t before[] = {1, HOUR_MS / 2, HOUR_MS, 2 * HOUR_MS, 24 * HOUR_MS};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct slice zone = slice_of(zones[i]);
        for (int64_t day = 0; day < 131 * 365; day += 1 + day % 7) {
            int hour = (int)(day * 7 % 24);
            int64_t ms = zone_instant(zone, civil_date_from_days(day), 60 * hour), wanted = 24 * day + hour;
            struct civil_date date = {0};
            int got = 0;
            zone_local(zone, ms, &date, &got);
            assert_true(24 * civil_date_to_days(date) + got >= wanted);
            for (size_t k = 0; k < sizeof before / sizeof *before; k++) {
                zone_local(zone, ms - before[k], &date, &got);
                assert_true(24 * civil_date_to_days(date) + got < wanted);
            }
        }
    }
}

static void *read_zones(void *answer)
{
    const char *const zones[] = {"Asia/Tehran", "America/Havana", "Europe/Dublin", "Asia/Amman"};
    int64_t sum = 0;
    for (int64_t day = 0; day < 20000; day += 50) {
        for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
            sum += zone_instant(slice_of(zones[i]), civil_date_from_days(day), 540);
        }
        sum += (int64_t)zone_of_country(SLICE("SE")).len;
    }
    *(int64_t *)answer = sum;
    return NULL;
}

static void threads_that_ask_for_the_same_zone_at_once_get_the_same(void **state)
{
    (void)state;
    pthread_t threads[4];
    int64_t answers[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_zones, &answers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(answers[i] != 0 && answers[i] == answers[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_date_is_read_and_must_exist),
        cmocka_unit_test(days_are_counted_without_a_gap_from_year_1_to_2200),
        cmocka_unit_test(threads_that_ask_for_the_same_zone_at_once_get_the_same),
        cmocka_unit_test(a_zone_is_a_name_of_iana),
        cmocka_unit_test(the_zone_data_has_a_version),
        cmocka_unit_test(a_country_of_one_zone_has_it_and_others_have_none),
        cmocka_unit_test(clocks_change_in_berlin),
        cmocka_unit_test(clocks_change_in_new_york),
        cmocka_unit_test(clocks_change_by_half_an_hour_on_lord_howe),
        cmocka_unit_test(apia_had_no_30_december_2011),
        cmocka_unit_test(kiritimati_had_no_31_december_1994),
        cmocka_unit_test(kolkata_has_one_time_and_casablanca_turns_back_for_ramadan),
        cmocka_unit_test(times_before_1970_and_after_2100_have_a_date_too),
        cmocka_unit_test(an_instant_is_the_first_at_or_after_its_local_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
