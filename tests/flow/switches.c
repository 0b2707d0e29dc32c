/* SPDX-License-Identifier: MIT */
/* Kill switches: in force from their offset on, kept with the home, and the one that stops all intake. */
#include "tests/fakes/dialogue.h"

#include <stdio.h>

#define TWO                                                                                                  \
    "follow_ups:\n"                                                                                          \
    "  thank-you: {on: purchase.completed, class: transactional, channels: [email]}\n"                       \
    "  later: {on: purchase.completed, class: task, after: 1h}\n"

static void given_switch(const char *what, const char *name, const char *state)
{
    char body[128];
    snprintf(body, sizeof body, "{\"what\":\"%s\",\"name\":\"%s\",\"state\":\"%s\"}", what, name, state);
    for (int32_t home = 0; home < 4; home++) {
        given_control(home, "switch", body);
    }
}

static void a_follow_up_is_paused_from_the_records_offset_on_and_resumed(void **state)
{
    (void)state;
    given_policy(TWO);
    given_purchase("C1", "A1", 1, "USD");
    given_switch("follow_up", "thank-you", "paused");
    given_purchase("C1", "A2", 1, "USD");
    given_switch("follow_up", "thank-you", "resumed");
    given_purchase("C1", "A3", 1, "USD");
    until_idle();
    then_trigger("thank-you", "C1", "A1");
    then_decision("thank-you", "C1", "A2", "paused");
    then_trigger("thank-you", "C1", "A3");
    then_no_decision();
}

static void what_comes_due_while_its_class_is_paused_is_suppressed(void **state)
{
    (void)state;
    given_policy(TWO);
    given_purchase("C1", "A1", 1, "USD");
    given_switch("class", "task", "paused");
    until_idle();
    then_trigger("thank-you", "C1", "A1");
    time_passes(1 * HOURS);
    until_idle();
    then_decision("later", "C1", "A1", "paused");
}

static void a_switch_outlives_the_process_and_the_cache(void **state)
{
    (void)state;
    given_policy(TWO);
    given_switch("all", "", "paused");
    until_idle();
    then_home(home_of("C1"), "switches", "all", "1772452800000");
    worker_is_killed(0);
    given_purchase("C1", "A1", 1, "USD");
    until_idle();
    then_decision("thank-you", "C1", "A1", "paused");
    given_switch("all", "", "resumed");
    given_purchase("C1", "A2", 1, "USD");
    until_idle();
    then_trigger("thank-you", "C1", "A2");
    then_home(home_of("C1"), "switches", "all", NULL);
}

static void while_intake_is_stopped_nothing_is_taken_backlog_or_not(void **state)
{
    (void)state;
    given_policy(TWO);
    until_idle();
    given_intake(true);
    time_passes(1 * SECONDS);
    worker_turns(1);
    given_purchase("C1", "A1", 1, "USD");
    given_purchase("C2", "A1", 1, "USD");
    for (int i = 0; i < 5; i++) {
        worker_turns(1);
        time_passes(1 * SECONDS);
    }
    then_no_trigger();
    then_health(0, "paused by an operator");
    given_intake(false);
    time_passes(1 * SECONDS);
    until_idle();
    then_trigger("thank-you", "C1", "A1");
    then_trigger("thank-you", "C2", "A1");
}

static void a_process_that_starts_while_intake_is_stopped_takes_nothing(void **state)
{
    (void)state;
    given_policy(TWO);
    given_purchase("C1", "A1", 1, "USD");
    given_intake(true);
    for (int i = 0; i < 5; i++) {
        worker_turns(1);
        time_passes(1 * SECONDS);
    }
    then_no_trigger();
    given_intake(false);
    time_passes(1 * SECONDS);
    until_idle();
    then_trigger("thank-you", "C1", "A1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_follow_up_is_paused_from_the_records_offset_on_and_resumed),
        flow_test(what_comes_due_while_its_class_is_paused_is_suppressed),
        flow_test(a_switch_outlives_the_process_and_the_cache),
        flow_test(while_intake_is_stopped_nothing_is_taken_backlog_or_not),
        flow_test(a_process_that_starts_while_intake_is_stopped_takes_nothing),
    };
    return cmocka_run_group_tests_name("switches", tests, NULL, NULL);
}
