/* SPDX-License-Identifier: MIT */
/* A backtest of a file of events: what is counted, where, and how it is told. */
#include "consumers/ctl/chart.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define POLICY_FILE "unit-backtest.yaml"
#define EVENTS_FILE "unit-backtest.jsonl"
#define CSV_FILE    "unit-backtest.csv"
#define SVG_FILE    "unit-backtest.svg"

/* In shadow, as a policy is that is tried; its not_before and its clock are for other days. */
static const char policy_text[] =
    "policy: 1\nmode: shadow\nclock: event\nnot_before: 2030-01-01\ndefault_zone: "
    "Europe/Berlin\nfollow_ups:\n"
    "  thanks: {on: purchase.completed, class: transactional, channels: [email]}\n"
    "  coupon: {on: purchase.completed, class: marketing, after: 8d, channels: [email]}\n"
    "  trial: {on: purchase.completed, class: transactional, mode: shadow, channels: [email]}\n"
    "  news: {on: product.launched, class: transactional, channels: [email]}\n";

static const char events_text[] =
    "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/"
    "t\",\"type\":\"loyalty.profile.changed.v1\",\"subject\":\"A\","
    "\"time\":\"2026-03-01T22:00:00Z\",\"data\":{\"interests\":[\"jazz\"]}}\n"
    "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/"
    "t\",\"type\":\"loyalty.purchase.completed.v1\",\"subject\":\"A\","
    "\"time\":\"2026-03-01T23:30:00Z\",\"data\":{\"order_id\":\"1\",\"currency\":\"EUR\",\"net_minor\":500}}"
    "\n"
    "no event\n"
    "{\"topic\":\"x\",\"key\":\"A\",\"event\":{\"specversion\":\"1.0\",\"id\":\"3\",\"source\":\"/"
    "t\",\"type\":"
    "\"loyalty.visit.made.v1\",\"subject\":\"A\",\"time\":\"2026-03-04T10:00:00Z\",\"data\":{}}}\n"
    "{\"specversion\":\"1.0\",\"id\":\"4\",\"source\":\"/"
    "t\",\"type\":\"loyalty.purchase.completed.v1\",\"subject\":\"B\","
    "\"time\":\"2026-03-04T10:00:00Z\",\"data\":{\"order_id\":\"2\"}}\n"
    "{\"specversion\":\"1.0\",\"id\":\"5\",\"source\":\"/"
    "t\",\"type\":\"loyalty.product.launched.v1\",\"subject\":\"P\","
    "\"time\":\"2026-03-20T10:00:00Z\",\"data\":{\"name\":\"Blue\",\"interests\":[\"jazz\"]}}\n";

static struct buf told;

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

static void read_text(const char *path)
{
    char bytes[65536];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    buf_reset(&told);
    buf_add(&told, bytes, fread(bytes, 1, sizeof bytes, file));
    buf_char(&told, '\0');
    fclose(file);
}

static void when_tried(int wanted, int argc, const char *const *argv)
{
    struct ctl ctl;
    struct args args;
    char why[ARGS_SENTENCE] = "";
    int words = 0;
    const char *name[] = {"backtest"};
    const struct command *command = command_find(1, name, &words);
    assert_non_null(command);
    assert_true(command_args(command, argc, argv, why, &args));
    assert_false(command_needs_settings(command, &args));
    ctl_init(&ctl, NULL);
    assert_int_equal(command->run(&ctl, &args), wanted);
    buf_reset(&told);
    buf_slice(&told, buf_view(&ctl.out));
    buf_char(&told, '\0');
    buf_reset(&ctl.out);
    ctl_done(&ctl);
    args_done(&args);
}

static void then_told(const char *words)
{
    if (strstr(told.data, words) == NULL) {
        fail_msg("%s\ndoes not have: %s", told.data, words);
    }
}

static void then_not_told(const char *words)
{
    if (strstr(told.data, words) != NULL) {
        fail_msg("%s\nhas: %s", told.data, words);
    }
}

static int given_files(void **state)
{
    (void)state;
    write_text(POLICY_FILE, policy_text);
    write_text(EVENTS_FILE, events_text);
    return 0;
}

static int no_files(void **state)
{
    (void)state;
    (void)unlink(POLICY_FILE);
    (void)unlink(EVENTS_FILE);
    (void)unlink(CSV_FILE);
    (void)unlink(SVG_FILE);
    buf_done(&told);
    told = (struct buf){0};
    return 0;
}

static void what_would_be_is_told_by_follow_up_and_reason(void **state)
{
    (void)state;
    const char *argv[] = {"--policy", POLICY_FILE, "--events", EVENTS_FILE, "--weeks"};
    when_tried(CTL_DONE, 5, argv);
    then_told("5 events of 1 customer, 2026-03-01 23:00 to 2026-03-20 11:00 Europe/Berlin\n");
    then_told("1 of them not taken");
    then_told("1 record besides that cannot be read");
    then_told("coupon     withheld   no_consent         1\n");
    then_told("news       sent                          1\n");
    then_told("thanks     sent                          1\n");
    then_told("trial      in shadow                     1\n");
    then_told("2026-03-02     1         0\n2026-03-09     0         1\n2026-03-16     1         0\n");
}

static void weeks_begin_on_monday_where_the_policy_is_at_home(void **state)
{
    (void)state;
    const char *argv[] = {"--policy", POLICY_FILE, "--events", EVENTS_FILE,
                          "--csv",    CSV_FILE,    "--svg",    SVG_FILE};
    when_tried(CTL_DONE, 8, argv);
    read_text(CSV_FILE);
    assert_string_equal(told.data, "week,follow_up,outcome,reason,would\n"
                                   "2026-03-09,coupon,withheld,no_consent,1\n"
                                   "2026-03-16,news,sent,,1\n"
                                   "2026-03-02,thanks,sent,,1\n"
                                   "2026-03-02,trial,in shadow,,1\n");
    read_text(SVG_FILE);
    then_told("<svg xmlns=");
    then_told(">thanks</text>");
    then_told(">no_consent</text>");
    then_told(">2026-03-02</text>");
    then_told("</svg>\n");
}

static void days_bound_what_is_counted_and_what_was_before_is_folded(void **state)
{
    (void)state;
    const char *later[] = {"--policy", POLICY_FILE, "--events", EVENTS_FILE, "--from", "2026-03-20"};
    when_tried(CTL_DONE, 6, later);
    then_told("news"); /* for the interest that was declared before */
    then_not_told("thanks");
    const char *earlier[] = {"--policy", POLICY_FILE, "--events", EVENTS_FILE, "--to", "2026-03-10"};
    when_tried(CTL_DONE, 6, earlier);
    then_told("coupon     withheld   no_consent         1\n");
    then_not_told("news");
    const char *none[] = {"--policy", POLICY_FILE,  "--events", EVENTS_FILE,
                          "--from",   "2026-03-21", "--to",     "2026-03-20"};
    when_tried(CTL_WRONG_USE, 8, none);
    const char *wrong[] = {"--policy", POLICY_FILE, "--events", EVENTS_FILE, "--from", "soon"};
    when_tried(CTL_WRONG_USE, 6, wrong);
    const char *missing[] = {"--policy", POLICY_FILE, "--events", "not-there.jsonl"};
    when_tried(CTL_FAILED, 4, missing);
}

/* ---- the parts */

static void a_week_has_its_monday(void **state)
{
    (void)state;
    assert_int_equal(tally_monday(4), 4);  /* 1970-01-05 */
    assert_int_equal(tally_monday(10), 4); /* the Sunday */
    assert_int_equal(tally_monday(11), 11);
    assert_int_equal(tally_monday(0), -3);
    assert_int_equal(tally_monday(-4), -10);
}

static void counts_are_kept_by_week_in_whatever_order_they_come(void **state)
{
    (void)state;
    struct tally tally = {0};
    int64_t first = 0, last = 0;
    assert_false(tally_weeks(&tally, &first, &last));
    for (int i = 0; i < 50; i++) {
        tally_add(&tally, SLICE("b"), TALLY_SENT, SLICE(""), 7 * ((i * 37) % 50), TALLY_WOULD);
        tally_add(&tally, SLICE("a"), TALLY_WITHHELD, SLICE("frozen"), 7,
                  i % 2 == 0 ? TALLY_WAS : TALLY_WOULD);
    }
    tally_sort(&tally);
    assert_int_equal(tally.count, 2);
    assert_string_equal(tally.rows[0].follow_up, "a");
    assert_int_equal(tally_total(&tally.rows[1], TALLY_WOULD), 50);
    assert_int_equal(tally_in_week(&tally.rows[1], 7 * 20, TALLY_WOULD), 1);
    assert_int_equal(tally_in_week(&tally.rows[1], 7 * 50, TALLY_WOULD), 0);
    assert_int_equal(tally_in_week(&tally.rows[0], 7, TALLY_WAS), 25);
    assert_true(tally_weeks(&tally, &first, &last));
    assert_int_equal(first, 0);
    assert_int_equal(last, 7 * 49);
    tally_done(&tally);
}

static void a_picture_of_nothing_is_a_picture_and_names_cannot_break_it(void **state)
{
    (void)state;
    struct buf out = {0};
    int64_t counts[] = {3, 0};
    struct chart_series series[] = {
        {.name = "<a & b>", .counts = counts}
    };
    struct chart_panel empty = {.title = "empty"},
                       one = {.title = "one", .series = series, .series_count = 1};
    chart_draw(&out, "nothing", 0, 0, &empty, 1);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.data, "</svg>"));
    assert_null(strstr(out.data, "nan"));
    buf_reset(&out);
    chart_draw(&out, "one", 4, 2, &one, 1);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.data, "&lt;a &amp; b&gt;"));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_week_has_its_monday),
        cmocka_unit_test(counts_are_kept_by_week_in_whatever_order_they_come),
        cmocka_unit_test(a_picture_of_nothing_is_a_picture_and_names_cannot_break_it),
        cmocka_unit_test_setup_teardown(what_would_be_is_told_by_follow_up_and_reason, given_files, no_files),
        cmocka_unit_test_setup_teardown(weeks_begin_on_monday_where_the_policy_is_at_home, given_files,
                                        no_files),
        cmocka_unit_test_setup_teardown(days_bound_what_is_counted_and_what_was_before_is_folded, given_files,
                                        no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
