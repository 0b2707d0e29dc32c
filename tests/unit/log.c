/* SPDX-License-Identifier: MIT */
/* What a line looks like, what is left out, and that no content forges a line. */
#include "common/log.h"
#include "common/log_limit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct log_rate rate = {.lines = 5, .window_us = 10000000};
static char last_line[4096];
static enum log_level last_level;
static int lines;

static void remember(enum log_level level, const char *line)
{
    snprintf(last_line, sizeof last_line, "%s", line);
    last_level = level;
    lines++;
}

/* The time stamp is the clock's and is only checked for its form. */
static void then_line(const char *expected)
{
    assert_true(strlen(last_line) > 25);
    assert_int_equal(last_line[10], 'T');
    assert_int_equal(last_line[23], 'Z');
    assert_string_equal(last_line + 25, expected);
}

static int given_sink(void **state)
{
    (void)state;
    lines = 0;
    last_line[0] = '\0';
    log_level_set(LOG_LEVEL_INFO);
    log_redirect(remember);
    return 0;
}

static int restore(void **state)
{
    (void)state;
    log_thread_name(NULL);
    log_redirect(NULL);
    return 0;
}

static void a_line_has_time_level_message_and_fields(void **state)
{
    (void)state;
    log_warn("Redis cannot be reached", "tries=%d error=\"%s\"", 3, "Connection refused");
    then_line("WARN  msg=\"Redis cannot be reached\" tries=3 error=\"Connection refused\"");
    assert_int_equal(last_level, LOG_LEVEL_WARN);
    log_error("The policy cannot be read", "");
    then_line("ERROR msg=\"The policy cannot be read\"");
}

static void a_leading_blank_of_the_fields_is_not_doubled(void **state)
{
    (void)state;
    log_info("Home is ready", " home=%d", 4);
    then_line("INFO  msg=\"Home is ready\" home=4");
}

static void every_line_of_a_thread_carries_its_worker(void **state)
{
    (void)state;
    log_thread_name("0");
    log_info("Worker has begun", "homes=%d", 2);
    then_line("INFO  msg=\"Worker has begun\" worker=0 homes=2");
}

static void lines_below_the_level_are_not_written(void **state)
{
    (void)state;
    log_debug("An event was folded", "");
    assert_int_equal(lines, 0);
    log_level_set(LOG_LEVEL_DEBUG);
    log_debug("An event was folded", "");
    assert_int_equal(lines, 1);
    log_level_set(LOG_LEVEL_ERROR);
    log_warn("An event was odd", "");
    assert_int_equal(lines, 1);
}

static void content_cannot_forge_a_line(void **state)
{
    (void)state;
    log_warn("A key is odd", "key=\"%s\"", "C1\n2026-01-01T00:00:00.000Z ERROR msg=\"gone\"\x1b[2J");
    assert_null(strchr(last_line, '\n'));
    assert_null(strchr(last_line, '\x1b'));
}

static void values_are_escaped(void **state)
{
    (void)state;
    log_warn("A header is odd too", " why=\"%s\" n=%d", "the header \"dance\\\" is\nnot one", 1);
    then_line("WARN  msg=\"A header is odd too\" why=\"the header \\\"dance\\\\\\\" is\\nnot one\" n=1");
    log_warn("A key is odd", " key=\"%.*s\"", 6, "C1\" a=\"b");
    then_line("WARN  msg=\"A key is odd\" key=\"C1\\\" a=\"");
}

static void a_value_that_the_format_has_not_quoted_is_quoted_where_it_must_be(void **state)
{
    (void)state;
    log_info("Odd", " topic=%s process=%s empty=%s n=%d", "loyalty.events", "a name=1", "", 3);
    then_line("INFO  msg=\"Odd\" topic=loyalty.events process=\"a name=1\" empty= n=3");
}

static void numbers_of_all_sizes_are_written(void **state)
{
    (void)state;
    log_info("Numbers", " d=%d lld=%lld zu=%zu ld=%ld u=%u pad=%03d cut=%.3s", -1, -9000000000LL, SIZE_MAX,
             7L, 8U, 9, "abcdef");
    then_line("INFO  msg=\"Numbers\" d=-1 lld=-9000000000 zu=18446744073709551615 ld=7 u=8 pad=009 cut=abc");
}

static void all_that_the_compiler_allows_is_written(void **state)
{
    (void)state;
    int64_t offset = 1LL << 40;
    log_info("Odds", " full=%d%% sign=%c quote=%c wide=%*d left=%-*s| real=%.1f hex=%hhx max=%jd", 97, '+',
             '"', 5, 42, 3, "a", 0.25, (unsigned char)0xff, (intmax_t)offset);
    then_line(
        "INFO  msg=\"Odds\" full=97% sign=+ quote=\"\\\"\" wide=\"   42\" left=\"a  \"| real=0.2 hex=ff "
        "max=1099511627776");
    log_info("Place", " at=%p n=%d", (void *)&offset, 1);
    char expected[64];
    snprintf(expected, sizeof expected, "INFO  msg=\"Place\" at=%p n=1", (void *)&offset);
    then_line(expected);
}

static void a_line_of_endless_fields_is_cut(void **state)
{
    (void)state;
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    log_warn("A text is long", "text=%s", text);
    assert_in_range(strlen(last_line), 1000, 3000);
}

static void the_sixth_repetition_is_left_out(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        log_warn("Kafka cannot be reached", "try=%d", i);
    }
    assert_int_equal(lines, 5);
    log_warn("Something else", "");
    assert_int_equal(lines, 6);
}

static void of_errors_nothing_is_left_out(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        log_error("Kafka is not as loyald needs it", " what=\"topic %d\"", i);
    }
    assert_int_equal(lines, 20);
}

static void what_goes_on_is_written_once_and_another_cause_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        log_state("Redis cannot be reached", " error=\"%s\"", "Connection refused");
    }
    assert_int_equal(lines, 1);
    log_state("Redis cannot be reached", " error=\"%s\"", "it is a replica");
    then_line("WARN  msg=\"Redis cannot be reached\" error=\"it is a replica\"");
    log_state("Redis cannot be reached", " error=\"%s\"", "Connection refused");
    assert_int_equal(lines, 2);
}

static void the_next_line_after_the_window_says_how_many_were_left_out(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    uint32_t left_out = 99;
    for (int i = 0; i < (int)rate.lines; i++) {
        assert_true(log_limit_admits(&limit, "m", rate, 1000 + i, &left_out));
        assert_int_equal(left_out, 0);
    }
    for (int i = 0; i < 7; i++) {
        assert_false(log_limit_admits(&limit, "m", rate, 2000 + i, &left_out));
    }
    assert_false(log_limit_admits(&limit, "m", rate, 1000 + rate.window_us - 1, &left_out));
    assert_true(log_limit_admits(&limit, "m", rate, 1000 + rate.window_us, &left_out));
    assert_int_equal(left_out, 8);
    assert_true(log_limit_admits(&limit, "m", rate, 1001 + rate.window_us, &left_out));
    assert_int_equal(left_out, 0);
}

static void more_messages_than_are_remembered_are_still_written(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    uint32_t left_out;
    for (int i = 0; i < 10 * LOG_LIMIT_MESSAGES; i++) {
        char msg[16];
        snprintf(msg, sizeof msg, "m%d", i);
        assert_true(log_limit_admits(&limit, msg, rate, i, &left_out));
    }
}

static void levels_are_read_by_their_names(void **state)
{
    (void)state;
    enum log_level level = LOG_LEVEL_INFO;
    assert_true(log_level_parse("error", &level));
    assert_int_equal(level, LOG_LEVEL_ERROR);
    assert_true(log_level_parse("debug", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_level_parse("warning", &level));
    assert_false(log_level_parse("", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_has_time_level_message_and_fields, given_sink, restore),
        cmocka_unit_test_setup_teardown(a_leading_blank_of_the_fields_is_not_doubled, given_sink, restore),
        cmocka_unit_test_setup_teardown(every_line_of_a_thread_carries_its_worker, given_sink, restore),
        cmocka_unit_test_setup_teardown(lines_below_the_level_are_not_written, given_sink, restore),
        cmocka_unit_test_setup_teardown(content_cannot_forge_a_line, given_sink, restore),
        cmocka_unit_test_setup_teardown(values_are_escaped, given_sink, restore),
        cmocka_unit_test_setup_teardown(a_value_that_the_format_has_not_quoted_is_quoted_where_it_must_be,
                                        given_sink, restore),
        cmocka_unit_test_setup_teardown(numbers_of_all_sizes_are_written, given_sink, restore),
        cmocka_unit_test_setup_teardown(all_that_the_compiler_allows_is_written, given_sink, restore),
        cmocka_unit_test_setup_teardown(a_line_of_endless_fields_is_cut, given_sink, restore),
        cmocka_unit_test_setup_teardown(the_sixth_repetition_is_left_out, given_sink, restore),
        cmocka_unit_test_setup_teardown(of_errors_nothing_is_left_out, given_sink, restore),
        cmocka_unit_test_setup_teardown(what_goes_on_is_written_once_and_another_cause_at_once, given_sink,
                                        restore),
        cmocka_unit_test(the_next_line_after_the_window_says_how_many_were_left_out),
        cmocka_unit_test(more_messages_than_are_remembered_are_still_written),
        cmocka_unit_test(levels_are_read_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
