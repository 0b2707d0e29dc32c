/* SPDX-License-Identifier: MIT */
/* How loyalctl reads and writes for people: amounts, tables, times. */
#include "common/cloudevent.h"
#include "common/money.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof(items)[0])
#define MINUTE_MS    60000LL
#define HOUR_MS      3600000LL
#define DAY_MS       86400000LL

static void then_text(struct buf *text, const char *expected)
{
    buf_char(text, '\0');
    assert_string_equal(text->data, expected);
    buf_reset(text);
}

/* ---- amounts */

static void amounts_become_minor_units_by_the_digits_of_their_currency(void **state)
{
    (void)state;
    static const struct {
        const char *text, *currency;
        int64_t minor;
    } cases[] = {
        {"49.99",             "USD", 4999            },
        {"49.9",              "EUR", 4990            },
        {"49",                "GBP", 4900            },
        {"0",                 "USD", 0               },
        {"1200",              "JPY", 1200            },
        {"7.5",               "KWD", 7500            },
        {"1.2345",            "CLF", 12345           },
        {"007.10",            "USD", 710             },
        {"0.01",              "CNY", 1               },
        {"3",                 "KRW", 3               },
        {"90071992547409.92", "USD", 9007199254740992},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[256];
        int64_t minor = -1;
        assert_true(money_parse(cases[i].text, cases[i].currency, &minor, why));
        assert_int_equal(minor, cases[i].minor);
    }
}

static void what_is_no_amount_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        ".",
                                        ".5",
                                        "5.",
                                        "-1",
                                        "1,50",
                                        "1.505",
                                        "1e3",
                                        " 1",
                                        "1 ",
                                        "0x10",
                                        "90071992547409.93",
                                        "99999999999999999999999"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        char why[256] = "";
        int64_t minor = -1;
        assert_false(money_parse(texts[i], "USD", &minor, why));
        assert_int_equal(minor, -1);
        assert_true(strlen(why) > 0);
    }
    char why[256] = "";
    int64_t minor = -1;
    assert_false(money_parse("1.5", "JPY", &minor, why));
    assert_string_equal(why, "\"1.5\" has 1 digit behind the point; JPY has 0");
    assert_false(money_parse("1", "usd", &minor, why));
    assert_false(money_parse("1", "EURO", &minor, why));
}

static void minor_units_become_amounts(void **state)
{
    (void)state;
    struct buf text = {0};
    money_text(&text, 4999, SLICE("USD"));
    then_text(&text, "49.99 USD");
    money_text(&text, 5, SLICE("USD"));
    then_text(&text, "0.05 USD");
    money_text(&text, -5, SLICE("USD"));
    then_text(&text, "-0.05 USD");
    money_text(&text, 1200, SLICE("JPY"));
    then_text(&text, "1200 JPY");
    money_text(&text, -7500, SLICE("KWD"));
    then_text(&text, "-7.500 KWD");
    money_text(&text, INT64_MIN, SLICE("JPY"));
    then_text(&text, "-9223372036854775808 JPY");
    buf_done(&text);
}

/* ---- tables */

static void tables_that_follow_each_other_keep_their_widths(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false}
    };
    static const char *const cells[][2] = {
        {"a long one",  "1"},
        {"short",       "2"},
        {"the longest", "3"}
    };
    static const char *const expected[] = {"a long one  1\n", "short       2\n", "the longest  3\n"};
    size_t widths[2] = {0};
    for (size_t i = 0; i < COUNT(cells); i++) {
        struct table table;
        struct buf text = {0};
        table_init(&table, columns, 2);
        table.least_widths = widths;
        table_text(&table, cells[i][0]);
        table_text(&table, cells[i][1]);
        table_print(&table, false, &text);
        then_text(&text, expected[i]);
        table_done(&table);
        buf_done(&text);
    }
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {"NAME", false},
        {"N",    true },
        {"WHY",  false}
    };
    struct table table;
    struct buf text = {0};
    table_init(&table, columns, COUNT(columns));
    table_text(&table, "a");
    table_int(&table, 12345);
    table_text(&table, "because");
    table_text(&table, "longer");
    table_int(&table, 7);
    table_print(&table, false, &text);
    then_text(&text, "NAME        N  WHY\n"
                     "a       12345  because\n"
                     "longer      7\n");
    table_done(&table);
    buf_done(&text);
}

static void a_table_without_titles_has_no_head_and_may_be_indented(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false}
    };
    struct table table;
    struct buf text = {0};
    table_init(&table, columns, COUNT(columns));
    table.indent = "  ";
    table_text(&table, "Zoë");
    table_text(&table, "1");
    table_text(&table, "Anna");
    table_text(&table, "2");
    table_print(&table, false, &text);
    then_text(&text, "  Zoë   1\n  Anna  2\n");
    table_done(&table);
    buf_done(&text);
}

static void only_the_head_is_bold(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {"A", false}
    };
    struct table table;
    struct buf text = {0};
    table_init(&table, columns, 1);
    table_text(&table, "x");
    table_print(&table, true, &text);
    then_text(&text, "\033[1mA\033[0m\nx\n");
    table_done(&table);
    buf_done(&text);
}

static void nothing_from_outside_can_command_a_terminal(void **state)
{
    (void)state;
    struct buf text = {0};
    text_plain(&text, SLICE("a\033[31mb\n\t\x7f\xc2\x9b\xff é"));
    then_text(&text, "a?[31mb????? é");
    text_plain(&text, (struct slice){.data = NULL});
    then_text(&text, "");
    buf_done(&text);
}

/* ---- times */

static void times_are_shown_in_the_zone_of_the_customer(void **state)
{
    (void)state;
    struct buf text = {0};
    int64_t ms = 0;
    assert_true(instant_parse(SLICE("2026-07-01T10:07:09Z"), &ms));
    when_utc(&text, ms);
    then_text(&text, "2026-07-01 10:07:09 UTC");
    when_local(&text, ms, SLICE("Europe/Berlin"));
    then_text(&text, "2026-07-01 12:07 Europe/Berlin");
    when_local(&text, ms, SLICE("Asia/Kolkata"));
    then_text(&text, "2026-07-01 15:37 Asia/Kolkata");
    when_local(&text, ms, SLICE("Asia/Kathmandu"));
    then_text(&text, "2026-07-01 15:52 Asia/Kathmandu");
    when_local(&text, ms, SLICE("America/Los_Angeles"));
    then_text(&text, "2026-07-01 03:07 America/Los_Angeles");
    buf_done(&text);
}

static void an_hour_that_comes_twice_has_its_minutes_both_times(void **state)
{
    (void)state;
    struct buf text = {0};
    int64_t ms = 0;
    assert_true(instant_parse(SLICE("2026-10-25T00:30:00Z"), &ms));
    when_local(&text, ms, SLICE("Europe/Berlin"));
    then_text(&text, "2026-10-25 02:30 Europe/Berlin");
    when_local(&text, ms + HOUR_MS, SLICE("Europe/Berlin"));
    then_text(&text, "2026-10-25 02:30 Europe/Berlin");
    buf_done(&text);
}

static void durations_are_told_in_one_unit(void **state)
{
    (void)state;
    struct buf text = {0};
    when_relative(&text, 1000000, 1000500);
    then_text(&text, "now");
    when_relative(&text, 90000, 0);
    then_text(&text, "in 90 s");
    when_relative(&text, 0, 14 * HOUR_MS + 31 * MINUTE_MS);
    then_text(&text, "15 h ago");
    when_relative(&text, 30 * DAY_MS - 5000, 0);
    then_text(&text, "in 30 d");
    when_duration(&text, 0);
    then_text(&text, "0 s");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_become_minor_units_by_the_digits_of_their_currency),
        cmocka_unit_test(what_is_no_amount_is_refused),
        cmocka_unit_test(minor_units_become_amounts),
        cmocka_unit_test(tables_that_follow_each_other_keep_their_widths),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(a_table_without_titles_has_no_head_and_may_be_indented),
        cmocka_unit_test(only_the_head_is_bold),
        cmocka_unit_test(nothing_from_outside_can_command_a_terminal),
        cmocka_unit_test(times_are_shown_in_the_zone_of_the_customer),
        cmocka_unit_test(an_hour_that_comes_twice_has_its_minutes_both_times),
        cmocka_unit_test(durations_are_told_in_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
