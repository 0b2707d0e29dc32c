/* SPDX-License-Identifier: MIT */
/* Days that come back every year, by both calendars: their texts, which there are, and on which civil day
 * they fall. The lunar days are those of the Hong Kong Observatory's tables. */
#include "common/yearly_date.h"

#include "common/lunar_year.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct yearly_rules defaults = {LEAP_DAY_FEB_28, LUNAR_DAY_29};

static struct yearly_date date_of(const char *text)
{
    struct yearly_date date = {0};
    if (!yearly_date_parse(slice_of(text), &date)) {
        fail_msg("'%s' was not taken for a date", text);
    }
    return date;
}

/* wanted NULL: it has no day there. */
static void then_falls(const char *text, int year, struct yearly_rules rules, const char *wanted)
{
    struct yearly_date date = date_of(text);
    struct civil_date day = {0};
    char got[64] = "";
    if (yearly_date_in(&date, year, rules, &day)) {
        (void)snprintf(got, sizeof got, "%04d-%02d-%02d", day.year, day.month, day.day);
    }
    assert_string_equal(got, wanted != NULL ? wanted : "");
}

static void a_date_is_written_as_it_was_read(void **state)
{
    (void)state;
    const char *const texts[] = {"1980-02-29", "--02-29",      "9999-12-31", "L1980-04-30",
                                 "L--12-30",   "L1982-04L-29", "L--04L-30",  "L2100-12-29"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct yearly_date date = date_of(texts[i]);
        char text[YEARLY_DATE_TEXT_BYTES];
        yearly_date_text(&date, text);
        assert_string_equal(text, texts[i]);
    }
    const char *const wrong[] = {"",
                                 "L",
                                 "L--",
                                 "1981-02-29",
                                 "--02-30",
                                 "1980-04L-3",
                                 "--04L-01",
                                 "L1980-13-01",
                                 "L1980-00-01",
                                 "L1980-04-31",
                                 "L1980-04-00",
                                 "L1899-04-01",
                                 "L2101-01-01",
                                 "L1980-04L-01",
                                 "L1980-02-30",
                                 "L--01L-01",
                                 "L--12L-01",
                                 "L1980-04l-01",
                                 "1980-04-30L",
                                 "L--04-30LL123"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct yearly_date date;
        if (yearly_date_parse(slice_of(wrong[i]), &date)) {
            fail_msg("'%s' was taken for a date", wrong[i]);
        }
    }
}

static void who_was_born_on_29_february_has_the_day_that_the_rule_says(void **state)
{
    (void)state;
    const struct yearly_rules mar_1 = {.leap_day = LEAP_DAY_MAR_1}, leapers = {LEAP_DAY_LEAP_YEARS, 0};
    then_falls("1980-02-29", 2024, leapers, "2024-02-29");
    then_falls("1980-02-29", 2023, defaults, "2023-02-28");
    then_falls("1980-02-29", 2100, mar_1, "2100-03-01"); /* 2100 is no leap year */
    then_falls("1980-02-29", 2023, leapers, NULL);
    then_falls("--07-31", 1997, leapers, "1997-07-31");
}

static void a_lunar_day_comes_once_in_a_lunar_year(void **state)
{
    (void)state;
    then_falls("L1990-12-01", 2023, defaults, "2024-01-11");
    then_falls("L1990-12-01", 2024, defaults, "2024-12-31");
    then_falls("L1990-12-01", 2025, defaults, "2026-01-19");
    then_falls("L--01-01", 2027, defaults, "2027-02-06"); /* ICU 72 says the 7th */
    then_falls("L--01-01", 2030, defaults, "2030-02-03");
    then_falls("L--01-01", 2000, defaults, "2000-02-05");
    then_falls("L--08-15", 2024, defaults, "2024-09-17");
    then_falls("L--01-01", 1900, defaults, "1900-01-31");
    then_falls("L--01-01", 1899, defaults, NULL);
    then_falls("L--01-01", 2101, defaults, NULL);
}

static void a_leap_month_gives_way_to_the_ordinary_one_where_it_is_missing(void **state)
{
    (void)state;
    then_falls("L2014-09L-10", 2014, defaults, "2014-11-02");
    then_falls("L2014-09L-10", 2015, defaults, "2015-10-22");
    then_falls("L2020-04L-08", 2020, defaults, "2020-05-30");
    then_falls("L2020-04L-08", 2021, defaults, "2021-05-19");
    then_falls("L2020-04-08", 2020, defaults, "2020-04-30");  /* never in the leap month */
    then_falls("L2033-11L-01", 2033, defaults, "2033-12-22"); /* once printed as a leap 7th month */
    then_falls("L2033-11L-01", 2034, defaults, "2034-12-11");
    then_falls("L2033-12-01", 2033, defaults, "2034-01-20");
}

static void day_30_of_a_month_of_29_follows_the_policy(void **state)
{
    (void)state;
    const struct yearly_rules next = {.lunar_day_30 = LUNAR_NEXT_DAY}, skip = {.lunar_day_30 = LUNAR_SKIP};
    then_falls("L--12-30", 2023, defaults, "2024-02-09"); /* it has 30 */
    then_falls("L--12-30", 2023, skip, "2024-02-09");
    then_falls("L--12-30", 2024, defaults, "2025-01-28"); /* it has 29 */
    then_falls("L--12-30", 2024, next, "2025-01-29");     /* which is New Year's Day of the next */
    then_falls("L--12-30", 2024, skip, NULL);
    then_falls("L1979-06L-30", 2020, skip, NULL); /* the ordinary sixth month has 29 */
    then_falls("L1979-06L-30", 2025, defaults, "2025-08-22");
    then_falls("L1979-06L-30", 2036, skip, "2036-08-21");
}

static void lunar_years_follow_each_other_without_a_gap(void **state)
{
    (void)state;
    for (int year = LUNAR_YEAR_MIN; year <= LUNAR_YEAR_MAX; year++) {
        int64_t next_day = 0;
        for (int month = 1; month <= 12; month++) {
            for (int leap = 0; leap <= 1; leap++) {
                int64_t first_day = 0;
                int days = 0;
                if (!lunar_month(year, month, leap == 1, &first_day, &days)) {
                    assert_int_equal(leap, 1);
                    continue;
                }
                assert_true(next_day == 0 || first_day == next_day);
                assert_true(days == 29 || days == 30);
                assert_int_equal(lunar_year_of(civil_date_from_days(first_day)), year);
                assert_int_equal(lunar_year_of(civil_date_from_days(first_day + days - 1)), year);
                next_day = first_day + days;
            }
        }
        int64_t new_year = next_day;
        int days = 0;
        assert_true(year == LUNAR_YEAR_MAX || lunar_month(year + 1, 1, false, &new_year, &days));
        assert_int_equal(new_year, next_day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_date_is_written_as_it_was_read),
        cmocka_unit_test(who_was_born_on_29_february_has_the_day_that_the_rule_says),
        cmocka_unit_test(a_lunar_day_comes_once_in_a_lunar_year),
        cmocka_unit_test(a_leap_month_gives_way_to_the_ordinary_one_where_it_is_missing),
        cmocka_unit_test(day_30_of_a_month_of_29_follows_the_policy),
        cmocka_unit_test(lunar_years_follow_each_other_without_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
