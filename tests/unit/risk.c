/* SPDX-License-Identifier: MIT */
/* The risk brake: when a home halts a follow-up, and how everybody hears of it. */
#include "producers/risk.h"

#include "producers/followup.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OFFER "  offer: {on: purchase.completed, class: marketing, channels: [email]}\n"

static struct risk_counts counts;
static struct switches switches;

static int set(void **state)
{
    (void)!stage_set(state);
    stage_moment->risk = &counts;
    stage_moment->switches = &switches;
    stage_moment->homes = 3;
    given_policy("risk: {per_thousand: 20, window: 7d, least: 100}\nfollow_ups:\n" OFFER);
    return 0;
}

static int clear(void **state)
{
    risk_counts_done(&counts);
    switches_done(&switches);
    return stage_clear(state);
}

static const struct follow_up *offer(void)
{
    return policy_follow_up(stage_moment->policy, SLICE("offer"));
}

static void when_sent(int times)
{
    for (int i = 0; i < times; i++) {
        risk_note_sent(stage_moment, offer());
    }
}

static void when_reported(int times)
{
    for (int i = 0; i < times; i++) {
        risk_note_report(stage_moment, stage_customer(), offer());
    }
}

static void when_bought(const char *order_id)
{
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR"};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

/* A switch for each home, and then the task. */
static void then_halted(void)
{
    assert_int_equal(stage_moment->outbox->count, 4);
    for (size_t i = 0; i < 3; i++) {
        const struct output *output = &stage_moment->outbox->items[i];
        assert_int_equal(output->topic, OUT_HOME_LOG);
        assert_int_equal(output->partition, i);
        assert_true(slice_is(output->value, "{\"what\":\"risk\",\"name\":\"offer\",\"state\":\"paused\"}"));
    }
    assert_int_equal(stage_moment->outbox->items[3].topic, OUT_TRIGGERS);
    then_total("braked:offer", 1);
}

static void more_reports_than_allowed_halt_the_follow_up_everywhere(void **state)
{
    (void)state;
    when_sent(100);
    when_reported(2); /* 20 of a thousand */
    then_no_record();
    when_reported(1);
    then_halted();
    when_reported(5); /* one brake is enough */
    then_halted();
}

static void nothing_is_judged_before_the_least_was_sent(void **state)
{
    (void)state;
    when_sent(99);
    when_reported(50);
    then_no_record();
}

static void what_is_older_than_two_windows_is_forgotten(void **state)
{
    (void)state;
    when_sent(100);
    when_reported(2);
    given_now("2026-03-09T12:00:00Z"); /* the next window: the one before counts still */
    when_sent(10);
    when_reported(1);
    then_halted();
}

static void after_a_long_quiet_counting_begins_anew(void **state)
{
    (void)state;
    when_sent(100);
    when_reported(2);
    given_now("2026-03-16T12:00:00Z");
    when_reported(10);
    then_no_record();
}

static void what_was_halted_is_refused_until_a_person_lets_it_go(void **state)
{
    (void)state;
    given_consent("email", "marketing", "granted");
    assert_true(switches_set(&switches, SLICE("risk:offer"), true, 1));
    when_bought("A1");
    then_decision("offer/C1/A1/suppressed", "suppressed", "risk");
    assert_true(switches_set(&switches, SLICE("risk:offer"), false, 2));
    when_bought("A2");
    then_trigger("offer/C1/A2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(more_reports_than_allowed_halt_the_follow_up_everywhere),
        TEST(nothing_is_judged_before_the_least_was_sent),
        TEST(what_is_older_than_two_windows_is_forgotten),
        TEST(after_a_long_quiet_counting_begins_anew),
        TEST(what_was_halted_is_refused_until_a_person_lets_it_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
