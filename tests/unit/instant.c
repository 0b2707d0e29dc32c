/* SPDX-License-Identifier: MIT */
/* The instants of RFC 3339, and what only looks like one. */
#include "common/cloudevent.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void then_instant(const char *text, int64_t expected)
{
    int64_t ms = -77;
    if (!instant_parse(slice_of(text), &ms) || ms != expected) {
        print_error("%s gave %lld\n", text, (long long)ms);
    }
    assert_true(ms == expected);
}

static void instants_are_read_with_offsets_and_fractions(void **state)
{
    (void)state;
    then_instant("1970-01-01T00:00:00Z", 0);
    then_instant("1997-01-02t10:00:00z", 852199200000);
    then_instant("1997-01-02T10:00:00.5+02:00", 852192000500);
    then_instant("1997-01-02T10:00:00-00:00", 852199200000);
    then_instant("1997-01-02T10:00:00+23:59", 852112860000);
    then_instant("1997-01-02T10:00:00-23:59", 852285540000);
    then_instant("1970-01-01T00:00:00.1Z", 100);
    then_instant("1970-01-01T00:00:00.12Z", 120);
    then_instant("1970-01-01T00:00:00.123Z", 123);
    then_instant("1970-01-01T00:00:00.1239Z", 123);
    then_instant("1970-01-01T00:00:00.123456789Z", 123);
    then_instant("1970-01-01T00:00:00.999999999Z", 999);
    then_instant("1969-12-31T23:59:59.250Z", -750);
    then_instant("0000-01-01T00:00:00Z", -62167219200000);
    then_instant("9999-12-31T23:59:59.999Z", 253402300799999);
}

static void leap_days_are_those_of_the_calendar(void **state)
{
    (void)state;
    int64_t ms;
    then_instant("2024-02-29T00:00:00Z", 1709164800000);
    then_instant("2000-02-29T00:00:00Z", 951782400000);
    assert_false(instant_parse(SLICE("2023-02-29T00:00:00Z"), &ms));
    assert_false(instant_parse(SLICE("1900-02-29T00:00:00Z"), &ms));
    assert_false(instant_parse(SLICE("2100-02-29T00:00:00Z"), &ms));
}

static void a_leap_second_is_the_next_days_first(void **state)
{
    (void)state;
    int64_t ms;
    then_instant("2016-12-31T23:59:60Z", 1483228800000);
    then_instant("2016-12-31T23:59:60.5Z", 1483228800500);
    then_instant("2017-01-01T05:29:60+05:30", 1483228800000);
    then_instant("1968-12-31T23:59:60.5Z", -31535999500);
    assert_false(instant_parse(SLICE("2016-12-31T22:59:60Z"), &ms));
    assert_false(instant_parse(SLICE("2016-12-31T23:59:60+05:30"), &ms));
    assert_false(instant_parse(SLICE("2016-12-31T23:59:61Z"), &ms));
}

static void what_is_no_instant_is_refused_and_leaves_the_result_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "1997",
                                      "1997-01-02",
                                      "1997-01-02T10:00:00",
                                      "1997-01-02T10:00Z",
                                      "1997-01-02 10:00:00Z",
                                      "1997-01-02T24:00:00Z",
                                      "1997-01-02T10:60:00Z",
                                      "1997-13-02T10:00:00Z",
                                      "1997-00-02T10:00:00Z",
                                      "1997-01-00T10:00:00Z",
                                      "1997-01-32T10:00:00Z",
                                      "1997-04-31T10:00:00Z",
                                      "1997-1-2T10:00:00Z",
                                      "97-01-02T10:00:00Z",
                                      "1997-01-02T10:00:00.Z",
                                      "1997-01-02T10:00:00,5Z",
                                      "1997-01-02T10:00:00+2",
                                      "1997-01-02T10:00:00+0200",
                                      "1997-01-02T10:00:00+24:00",
                                      "1997-01-02T10:00:00+02:60",
                                      "1997-01-02T10:00:00ZZ",
                                      " 1997-01-02T10:00:00Z",
                                      "1997-01-02T10:00:00Z ",
                                      "+997-01-02T10:00:00Z",
                                      "1997-01-02T10:00:00.5",
                                      "1997-01-02T10:00:00+",
                                      "19970102T100000Z",
                                      "852199200"};
    int64_t ms = 99;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(instant_parse(slice_of(bad[i]), &ms));
    }
    assert_false(instant_parse((struct slice){0}, &ms));
    assert_false(instant_parse(SLICE("1997-01-02T10:00:00\0"), &ms));
    assert_int_equal(ms, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read_with_offsets_and_fractions),
        cmocka_unit_test(leap_days_are_those_of_the_calendar),
        cmocka_unit_test(a_leap_second_is_the_next_days_first),
        cmocka_unit_test(what_is_no_instant_is_refused_and_leaves_the_result_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
