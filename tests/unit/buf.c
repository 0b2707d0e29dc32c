/* SPDX-License-Identifier: MIT */
/* Appending, the instants and numbers that go on the wire, and numbers that come back. */
#include "common/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void then_text(struct buf *buf, const char *expected)
{
    buf_char(buf, '\0');
    assert_string_equal(buf->data, expected);
    buf_done(buf);
}

static void then_instant(int64_t ms, const char *expected)
{
    struct buf buf = {0};
    buf_instant(&buf, ms);
    then_text(&buf, expected);
}

static void then_json(struct slice text, const char *expected)
{
    struct buf buf = {0};
    buf_json_string(&buf, text);
    then_text(&buf, expected);
}

static void appenders_follow_each_other(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_text(&buf, "HSET ");
    buf_slice(&buf, SLICE("c:C1"));
    buf_slice(&buf, (struct slice){0});
    buf_char(&buf, ' ');
    buf_add(&buf, "visits", 6);
    buf_printf(&buf, " %s=%d", "n", 5);
    buf_int(&buf, -40);
    then_text(&buf, "HSET c:C1 visits n=5-40");
}

static void a_view_of_an_untouched_buffer_is_empty_and_not_absent(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_non_null(buf_view(&buf).data);
    assert_int_equal(buf_view(&buf).len, 0);
}

static void it_grows_through_many_sizes_and_keeps_its_content(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (int i = 0; i < 100000; i++) {
        buf_char(&buf, (char)('a' + i % 26));
    }
    buf_printf(&buf, "%01000d", 0);
    assert_int_equal(buf.len, 101000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(buf.data[i], 'a' + i % 26);
    }
    buf_reset(&buf);
    assert_int_equal(buf_view(&buf).len, 0);
    buf_done(&buf);
}

static void integers_are_written_to_their_limits(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_int(&buf, 0);
    buf_char(&buf, ' ');
    buf_int(&buf, INT64_MAX);
    buf_char(&buf, ' ');
    buf_int(&buf, INT64_MIN);
    then_text(&buf, "0 9223372036854775807 -9223372036854775808");
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    then_json(SLICE(""), "\"\"");
    then_json((struct slice){0}, "\"\"");
    then_json(SLICE("plain / text"), "\"plain / text\"");
    then_json(SLICE("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    then_json(SLICE("a\0b\x1f\x7f"), "\"a\\u0000b\\u001f\x7f\"");
    then_json(SLICE("Zo\xc3\xab \xe5\xbc\xa0 \xf0\x9f\x8e\x82"),
              "\"Zo\xc3\xab \xe5\xbc\xa0 \xf0\x9f\x8e\x82\"");
}

static void instants_are_written_in_utc(void **state)
{
    (void)state;
    then_instant(0, "1970-01-01T00:00:00.000Z");
    then_instant(852199200000, "1997-01-02T10:00:00.000Z");
    then_instant(951782399999, "2000-02-28T23:59:59.999Z");
    then_instant(951782400000, "2000-02-29T00:00:00.000Z");
    then_instant(4107542400000, "2100-03-01T00:00:00.000Z");
    then_instant(-1, "1969-12-31T23:59:59.999Z");
    then_instant(-62135596800000, "0001-01-01T00:00:00.000Z");
}

static void instants_that_have_no_four_digit_year_are_clamped(void **state)
{
    (void)state;
    then_instant(INT64_MIN, "0000-01-01T00:00:00.000Z");
    then_instant(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static void numbers_are_read_to_their_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0",                    0        },
        {"-0",                   0        },
        {"007",                  7        },
        {"-12",                  -12      },
        {"9223372036854775807",  INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t value = 99;
        assert_true(parse_int(slice_of(good[i].text), &value));
        assert_int_equal(value, good[i].value);
    }
}

static void what_is_no_number_is_refused_and_leaves_the_result_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-",
                                      "+5",
                                      " 5",
                                      "5 ",
                                      "--5",
                                      "5-",
                                      "0x10",
                                      "1.0",
                                      "1e3",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "92233720368547758070",
                                      "\xd9\xa1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = 99;
        assert_false(parse_int(slice_of(bad[i]), &value));
        assert_int_equal(value, 99);
    }
    int64_t value = 99;
    assert_false(parse_int((struct slice){0}, &value));
    assert_false(parse_int(SLICE("1\0"), &value));
    assert_int_equal(value, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appenders_follow_each_other),
        cmocka_unit_test(a_view_of_an_untouched_buffer_is_empty_and_not_absent),
        cmocka_unit_test(it_grows_through_many_sizes_and_keeps_its_content),
        cmocka_unit_test(integers_are_written_to_their_limits),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(instants_are_written_in_utc),
        cmocka_unit_test(instants_that_have_no_four_digit_year_are_clamped),
        cmocka_unit_test(numbers_are_read_to_their_limits),
        cmocka_unit_test(what_is_no_number_is_refused_and_leaves_the_result_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
