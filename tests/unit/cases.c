/* SPDX-License-Identifier: MIT */
/* Cases for a policy: times as people write them, mistakes of a file, and that what differs is seen. */
#include "common/cloudevent.h"
#include "consumers/ctl/case_run.h"
#include "consumers/ctl/local_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME "unit-cases.yaml"

static struct buf problems;
static struct case_file file;

static int64_t instant(const char *text)
{
    int64_t ms = 0;
    assert_true(instant_parse(slice_of(text), &ms));
    return ms;
}

/* ---- times */

static void then_time(const char *text, const char *zone, const char *wanted)
{
    int64_t ms = 0;
    char why[256] = "";
    if (!local_time_parse(slice_of(text), slice_of(zone), &ms, why)) {
        fail_msg("%s %s", text, why);
    }
    assert_int_equal(ms, instant(wanted));
}

static void times_are_those_of_the_zone_or_of_the_one_that_is_named(void **state)
{
    (void)state;
    then_time("2026-03-02 09:00", "Europe/Berlin", "2026-03-02T08:00:00Z");
    then_time("2026-03-02 09:00:30", "Europe/Berlin", "2026-03-02T08:00:30Z");
    then_time("2026-03-02 09:00 America/New_York", "Europe/Berlin", "2026-03-02T14:00:00Z");
    then_time("2026-03-02 09:00:01 Asia/Kolkata", "Europe/Berlin", "2026-03-02T03:30:01Z");
    then_time("2026-03-02", "Europe/Berlin", "2026-03-01T23:00:00Z");
    then_time("2026-03-02T09:00:00Z", "Europe/Berlin", "2026-03-02T09:00:00Z");
    then_time("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00Z");
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "2026-02-29 09:00",
                                        "2026-03-02 24:00",
                                        "2026-03-02 9:00",
                                        "2026-03-02 09:00:",
                                        "2026-03-02 09:00:61",
                                        "2026-03-02 09:00 Europe/Atlantis",
                                        "2026-03-02x09:00",
                                        "2026-03-29 02:30"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t ms = 0;
        char why[256] = "";
        assert_false(local_time_parse(slice_of(texts[i]), SLICE("Europe/Berlin"), &ms, why));
        assert_true(why[0] != '\0');
    }
}

static void an_instant_is_told_in_local_time_and_the_second_of_two_as_such(void **state)
{
    (void)state;
    static const char *const told[][2] = {
        {"2026-03-02T08:00:00Z", "2026-03-02 09:00"      },
        {"2026-03-02T08:00:30Z", "2026-03-02 09:00:30"   },
        {"2026-10-25T00:30:00Z", "2026-10-25 02:30"      },
        {"2026-10-25T01:30:00Z", "2026-10-25 02:30 (2nd)"},
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct buf text = {0};
        local_time_text(&text, instant(told[i][0]), SLICE("Europe/Berlin"));
        buf_char(&text, '\0');
        assert_string_equal(text.data, told[i][1]);
        buf_done(&text);
    }
}

/* ---- files */

#define POLICY                                                                                               \
    "policy: |\n"                                                                                            \
    "  policy: 1\n"                                                                                          \
    "  mode: shadow\n"                                                                                       \
    "  follow_ups:\n"                                                                                        \
    "    thanks: {on: purchase.completed, class: transactional, channels: [email]}\n"

static bool read_cases(const char *cases)
{
    FILE *out = fopen(FILE_NAME, "w");
    assert_non_null(out);
    fprintf(out, "%s%s", POLICY, cases);
    fclose(out);
    buf_reset(&problems);
    bool good = case_file_read(FILE_NAME, NULL, &problems, &file);
    (void)unlink(FILE_NAME);
    return good;
}

static void then_problem(const char *cases, const char *place, const char *words)
{
    if (read_cases(cases)) {
        case_file_done(&file);
        fail_msg("no problem was found; expected: %s", words);
    }
    buf_char(&problems, '\0');
    if (strstr(problems.data, words) == NULL || strstr(problems.data, place) == NULL) {
        fail_msg("%s instead of %s %s", problems.data, place, words);
    }
}

static void mistakes_are_named_where_they_stand(void **state)
{
    (void)state;
    then_problem("", ":1:1:", "there are no cases");
    then_problem("cases:\n  - {nam: x, expect: nothing, until: 2026-01-01}\n",
                 ":7:6:", "did you mean 'name'?");
    then_problem("cases:\n  - {name: x, until: 2026-01-01}\n", ":7:5:", "needs `expect`");
    then_problem("cases:\n  - {name: x, expect: nothing}\n", ":7:5:", "`until`");
    then_problem("cases:\n  - name: x\n    expect:\n      - {at: 2026-01-01, sent: thank}\n",
                 ":9:32:", "did you mean 'thanks'?");
    then_problem(
        "cases:\n  - name: x\n    expect:\n      - {at: 2026-01-01, not_sent: thanks, reason: frosen}\n",
        ":9:", "there is no reason 'frosen'");
    then_problem(
        "cases:\n  - name: x\n    expect:\n      - {at: 2026-01-01, sent: thanks, withdrawn: thanks}\n",
        ":9:9:", "one of sent");
    then_problem("cases:\n  - name: x\n    expect: nothing\n    until: 2026-01-02\n    given:\n"
                 "      - {at: 2026-01-01, visit.mode: {}}\n",
                 ":11:26:", "did you mean 'visit.made'?");
    then_problem("cases:\n  - name: x\n    expect: nothing\n    until: 2026-01-02\n    given:\n"
                 "      - {at: 2026-01-01, purchase.completed: {order_id: A1}}\n",
                 ":11:", "loyald would refuse this event");
    then_problem("cases:\n  - name: x\n    expect: nothing\n    until: 2026-01-03\n    given:\n"
                 "      - {at: 2026-01-02, visit.made: {}}\n      - {at: 2026-01-01, visit.made: {}}\n",
                 ":12:", "order of time");
    then_problem("cases:\n  - name: x\n    expect: nothing\n    until: 2026-01-03\n    given:\n"
                 "      - {at: 2026-01-02, pause: thank}\n",
                 ":11:33:", "there is no 'thank' to pause or resume");
    then_problem("cases:\n  - name: x\n    expect: nothing\n    until: 2026-01-03\n    given:\n"
                 "      - {at: 2026-01-02, resume: class:thanks}\n",
                 ":11:34:", "there is no 'thanks' to pause or resume");
    then_problem(
        "cases:\n  - {name: x, since: 2026-01-01, customer: {brith: 1980-01-01}, expect: nothing, until: "
        "2026-01-02}\n",
        ":7:", "did you mean 'birth'?");
}

/* ---- playing */

static void then_result(const char *expected, bool right, size_t expected_lines, size_t unexpected_lines)
{
    struct buf text = {0};
    struct case_result result;
    struct arena *arena = arena_create(65536);
    size_t missing = 0, surplus = 0;
    buf_printf(&text,
               "cases:\n  - name: x\n    given:\n      - {at: 2026-01-01 10:00, purchase.completed: "
               "{order_id: 17, amount: 5 EUR}}\n    until: 2026-01-02\n    expect: %s%c",
               expected, '\0');
    if (!read_cases(text.data)) {
        fail_msg("%.*s", SLICE_ARG(buf_view(&problems)));
    }
    case_run(&file.cases[0], arena, &result);
    for (size_t i = 0; i < result.count; i++) {
        missing += result.findings[i].mark == MARK_EXPECTED;
        surplus += result.findings[i].mark == MARK_CAME;
    }
    assert_int_equal(result.right, right);
    assert_int_equal(missing, expected_lines);
    assert_int_equal(surplus, unexpected_lines);
    case_file_done(&file);
    arena_destroy(arena);
    buf_done(&text);
}

static void what_is_not_written_is_not_compared_and_what_is_must_be_so(void **state)
{
    (void)state;
    then_result("[{at: 2026-01-01 10:00, sent: thanks}]", true, 0, 0);
    then_result("[{at: 2026-01-01 10:00, sent: thanks, occurrence: '17', channels: [email], customer: C1}]",
                true, 0, 0);
    then_result("nothing", false, 0, 1);
    then_result("[{at: 2026-01-01 10:01, sent: thanks}]", false, 1, 1);
    then_result("[{at: 2026-01-01 10:00, not_sent: thanks}]", false, 1, 1);
    then_result("[{at: 2026-01-01 10:00, sent: thanks, channels: [sms]}]", false, 1, 1);
    then_result("[{at: 2026-01-01 10:00, sent: thanks}, {at: 2026-01-01 10:00, sent: thanks}]", false, 1, 0);
}

static int forget(void **state)
{
    (void)state;
    buf_done(&problems);
    problems = (struct buf){0};
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_those_of_the_zone_or_of_the_one_that_is_named),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(an_instant_is_told_in_local_time_and_the_second_of_two_as_such),
        cmocka_unit_test_teardown(mistakes_are_named_where_they_stand, forget),
        cmocka_unit_test_teardown(what_is_not_written_is_not_compared_and_what_is_must_be_so, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
