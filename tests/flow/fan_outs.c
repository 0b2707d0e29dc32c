/* SPDX-License-Identifier: MIT */
/* Fan-outs: news of a product on its way to all who are to hear of it, a chunk at a time, in all homes. */
#include "tests/fakes/dialogue.h"

#define BACK    "  back: {on: product.restocked, class: marketing, channels: [email]}\n"
#define CHEAPER "  cheaper: {on: product.repriced, class: content, channels: [email]}\n"
#define RECALL  "  recall: {on: product.recalled, class: safety, channels: [email, post]}\n"
#define POLICY  "follow_ups:\n" BACK CHEAPER RECALL

#define MIDNIGHT "2026-03-01T00:00:00.000Z"

static void given_subscription(const char *customer, const char *kind, const char *state)
{
    given_event(HOME_LOG,
                event_text("loyalty.subscription.changed.v1", customer,
                           "{\"product_id\":\"P1\",\"kind\":\"%s\",\"state\":\"%s\"}", kind, state));
}

static void given_bought(const char *customer, const char *order, const char *sku)
{
    given_event(HOME_LOG, event_text("loyalty.purchase.completed.v1", customer,
                                     "{\"order_id\":\"%s\",\"currency\":\"USD\",\"net_minor\":5,"
                                     "\"lines\":[{\"sku\":\"%s\"}]}",
                                     order, sku));
}

static char fan_out[48]; /* the newest news' */

static void given_news(const char *kind, const char *time, const char *data)
{
    char type[64];
    snprintf(type, sizeof type, "loyalty.product.%s.v1", kind);
    next_event_time(time);
    int64_t offset = given_event(HOME_LOG, event_text(type, "P1", "%s", data));
    snprintf(fan_out, sizeof fan_out, "%d-%lld", (int)home_of("P1"), (long long)offset);
}

static void given_recall(const char *time)
{
    given_news("recalled", time, "{\"severity\":\"high\",\"reference\":\"notice-7\"}");
}

static void given_price(const char *time, int old_minor, int new_minor)
{
    char data[128];
    snprintf(data, sizeof data, "{\"currency\":\"USD\",\"old_minor\":%d,\"new_minor\":%d}", old_minor,
             new_minor);
    given_news("repriced", time, data);
}

static void who_waits_for_a_product_hears_once_that_it_is_back(void **state)
{
    (void)state;
    time_is("2026-03-01T10:00:00Z");
    given_policy("limits: {fan_out_chunk: 2}\n" POLICY);
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 3; n++) {
            given_consent(customer_in(home, n), "email", "marketing", "granted");
            given_subscription(customer_in(home, n), "restocked", "subscribed");
        }
    }
    given_subscription(customer_in(0, 3), "restocked", "cancelled");
    given_consent(customer_in(1, 3), "email", "marketing", "withdrawn");
    until_idle();
    given_news("restocked", "2026-03-01T10:00:00Z", "{}");
    until_idle();
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 2; n++) {
            then_trigger("back", customer_in(home, n), "P1@2026-03-01T10:00:00.000Z");
            then_customer(customer_in(home, n), "w:restocked:P1", NULL);
        }
    }
    then_trigger("back", customer_in(2, 3), "P1@2026-03-01T10:00:00.000Z");
    then_trigger("back", customer_in(3, 3), "P1@2026-03-01T10:00:00.000Z");
    then_decision("back", customer_in(1, 3), "P1@2026-03-01T10:00:00.000Z", "no_consent");
    time_passes(1 * MINUTES);
    given_consent(customer_in(1, 3), "email", "marketing", "granted");
    given_news("restocked", "2026-03-01T10:00:00Z", "{}"); /* said again */
    until_idle();
    then_counts(duplicate, 1);
    given_news("restocked", "2026-03-01T10:05:00Z",
               "{}"); /* back again: the one who was not told still waits */
    until_idle();
    then_trigger("back", customer_in(1, 3), "P1@2026-03-01T10:05:00.000Z");
    then_no_trigger();
    then_no_decision();
}

static void a_subscription_lapses_and_the_oldest_leaves_where_there_are_too_many(void **state)
{
    (void)state;
    time_is("2026-03-01T00:00:00Z");
    given_policy("limits: {subscriptions: 1, subscription_days: 10}\n" POLICY);
    given_subscription("C1", "repriced", "subscribed");
    time_passes(1 * DAYS);
    given_subscription("C2", "repriced", "subscribed");
    given_subscription("C2", "restocked", "subscribed");
    until_idle();
    then_customer("C2", "w:repriced:P1", NULL);
    then_total("limited", 1);
    time_passes(9 * DAYS + 1 * HOURS);
    given_consent("C1", "email", "content", "granted");
    given_price("2026-03-11T01:00:00Z", 5000, 4000);
    until_idle();
    then_customer("C1", "w:repriced:P1", NULL);
    then_no_trigger();
    then_no_decision();
}

static void only_a_lower_price_is_news(void **state)
{
    (void)state;
    time_is(MIDNIGHT);
    given_policy(POLICY);
    given_subscription("C1", "repriced", "subscribed");
    given_consent("C1", "email", "content", "granted");
    given_price(MIDNIGHT, 4000, 4000);
    given_price("2026-03-01T00:00:01Z", 4000, 5000);
    until_idle();
    assert_int_equal(control_count("broadcast"), 0);
    given_price("2026-03-01T00:00:02Z", 5000, 4500);
    until_idle();
    then_trigger("cheaper", "C1", "P1@2026-03-01T00:00:02.000Z");
    then_no_trigger();
}

static void a_recall_reaches_every_buyer_whatever_stands_against_it_but_not_the_erased(void **state)
{
    (void)state;
    time_is(MIDNIGHT);
    given_policy("limits: {fan_out_chunk: 1, products: 2}\n" POLICY);
    for (int32_t home = 0; home < 4; home++) {
        given_bought(customer_in(home, 1), "A1", "P1");
        given_bought(customer_in(home, 2), "A2", "P2");
    }
    given_severe_complaint(customer_in(0, 1), "Q1", "critical");
    given_consent(customer_in(1, 1), "email", "marketing", "withdrawn");
    given_cancellation(customer_in(2, 1), "A1");
    given_erasure(customer_in(3, 1));
    next_event_time("2026-03-01T00:00:01Z");
    given_bought(customer_in(0, 2), "A3", "P3");
    next_event_time("2026-02-28T00:00:01Z");
    given_bought(customer_in(0, 2), "A4", "P1"); /* the oldest, and there is no room for it */
    until_idle();
    then_total("products_forgotten", 1);
    given_recall("2026-03-01T00:00:02Z");
    until_idle();
    for (int32_t home = 0; home < 3; home++) {
        then_trigger("recall", customer_in(home, 1), "P1@2026-03-01T00:00:02.000Z");
    }
    then_no_trigger();
    then_no_decision();
}

static void without_a_follow_up_for_recalls_nobody_remembers_what_was_bought(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" BACK);
    given_bought("C1", "A1", "P1");
    until_idle();
    then_customer("C1", "g:P1", NULL);
    given_policy(POLICY);
    given_bought("C1", "A2", "P2");
    given_bought("C1", "A3", "no id");
    until_idle();
    then_total("orders", 3);
    given_policy("follow_ups:\n  recall: {on: product.recalled, class: task, mode: \"off\"}\n");
    given_bought("C1", "A4", "P3");
    until_idle();
    then_customer("C1", "g:P3", NULL);
}

/* Eight subscribers in each home, chunks of two, and one record a turn. */
static void given_a_slow_fan_out(void)
{
    time_is(MIDNIGHT);
    given_policy("limits: {fan_out_chunk: 2}\nfollow_ups:\n" CHEAPER);
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 8; n++) {
            given_consent(customer_in(home, n), "email", "content", "granted");
            given_subscription(customer_in(home, n), "repriced", "subscribed");
        }
    }
    until_idle();
    given_batches(1, 1000);
    given_price("2026-03-01T00:00:02Z", 5000, 4500);
}

static void given_action(const char *action)
{
    char body[128];
    snprintf(body, sizeof body, "{\"fan_out\":\"%s\",\"do\":\"%s\"}", fan_out, action);
    for (int32_t home = 0; home < 4; home++) {
        given_control(home, "fan_out", body);
    }
}

static void then_fan_out(int32_t home, const char *state)
{
    const char *value = home_field(home, "fan-outs", fan_out);
    assert_non_null(value);
    assert_memory_equal(value, state, strlen(state));
}

static void a_fan_out_is_paused_and_goes_on_where_it_stood(void **state)
{
    (void)state;
    given_a_slow_fan_out();
    while (trigger_count() < 5) {
        worker_turns(1);
    }
    given_action("pause");
    until_idle();
    size_t before = trigger_count();
    assert_true(before >= 5 && before < 32);
    given_action("pause");
    until_idle();
    assert_int_equal(trigger_count(), before);
    then_fan_out(0, "paused");
    worker_is_killed(0);
    given_action("resume");
    until_idle();
    assert_int_equal(trigger_count(), 32);
    for (int32_t home = 0; home < 4; home++) {
        then_fan_out(home, "done");
    }
    given_action("cancel"); /* too late */
    until_idle();
    then_fan_out(0, "done");
}

static void a_fan_out_is_cancelled_whether_it_stands_or_walks(void **state)
{
    (void)state;
    given_a_slow_fan_out();
    while (trigger_count() < 5) {
        worker_turns(1);
    }
    given_action("cancel");
    until_idle();
    size_t before = trigger_count();
    assert_true(before >= 5 && before < 32);
    given_action("resume");
    until_idle();
    assert_int_equal(trigger_count(), before);
    then_fan_out(0, "cancelled");
    given_price("2026-03-01T00:00:03Z", 5000, 4500);
    until_idle(); /* those who have not heard hear of the next one */
    assert_int_equal(trigger_count(), 32);
}

#define PARTY "  party: {on: product.repriced, class: content, channels: [email], capacity: 7}\n"

static void given_an_event_with_seven_places(const char *more)
{
    char policy[256];
    snprintf(policy, sizeof policy, "limits: {fan_out_chunk: 3}\nfollow_ups:\n" PARTY "%s", more);
    time_is(MIDNIGHT);
    given_policy(policy);
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 6; n++) {
            given_consent(customer_in(home, n), "email", "content", n == 2 ? "withdrawn" : "granted");
            given_subscription(customer_in(home, n), "repriced", "subscribed");
        }
    }
    until_idle();
    given_price("2026-03-01T00:00:02Z", 5000, 4500);
}

static void then_all_places_are_given_and_no_more(void)
{
    then_total("triggers:party", 7);
    then_total("decisions:party:no_place", 4 * 5 - 7);
    then_total("decisions:party:no_consent", 4);
    for (int32_t home = 0; home < 4; home++) {
        then_fan_out(home, "done");
        assert_int_equal(home_field_count(home, "shares"), 0);
    }
}

static void no_more_places_are_given_than_there_are_over_all_homes(void **state)
{
    (void)state;
    given_an_event_with_seven_places("");
    until_idle();
    then_all_places_are_given_and_no_more();
    assert_int_equal(trigger_count(), 7);
    assert_int_equal(control_count("share_wanted"), control_count("share"));
}

static void who_has_to_wait_has_a_place_already(void **state)
{
    (void)state;
    time_is(MIDNIGHT);
    given_policy(
        "follow_ups:\n  party: {on: product.repriced, class: safety, channels: [email], capacity: 7, "
        "after: 2h}\n");
    for (int32_t home = 0; home < 4; home++) {
        for (int n = 1; n <= 5; n++) {
            given_subscription(customer_in(home, n), "repriced", "subscribed");
        }
    }
    until_idle();
    given_price("2026-03-01T00:00:02Z", 5000, 4500);
    until_idle();
    then_total("decisions:party:no_place", 4 * 5 - 7);
    assert_int_equal(trigger_count(), 0);
    time_is("2026-03-01T02:00:10Z");
    until_idle();
    assert_int_equal(trigger_count(), 7);
    then_total("decisions:party:no_place", 4 * 5 - 7);
}

static void places_survive_kills_and_small_batches(void **state)
{
    (void)state;
    given_an_event_with_seven_places("");
    given_batches(1, 1000);
    for (int i = 0; i < 12; i++) {
        worker_turns(3);
        worker_is_killed(0);
    }
    until_idle();
    then_all_places_are_given_and_no_more();
    assert_int_equal(trigger_count(), 7);
}

/* Whoever waits for places holds up his own fan-out, and nothing else. */
static void a_fan_out_that_is_cancelled_while_it_waits_gives_its_places_back(void **state)
{
    (void)state;
    given_an_event_with_seven_places("");
    given_batches(1, 1000);
    while (control_count("share") < 2) {
        worker_turns(1);
    }
    given_action("cancel");
    until_idle();
    size_t before = trigger_count();
    assert_true(before < 7);
    int32_t bank = -1;
    char pool[64];
    snprintf(pool, sizeof pool, "party:%s", fan_out);
    for (int32_t home = 0; home < 4; home++) {
        then_fan_out(home, "cancelled");
        assert_int_equal(home_field_count(home, "shares"), 0);
        bank = home_field(home, "banks", pool) != NULL ? home : bank;
    }
    char given[64];
    snprintf(given, sizeof given, "%zu ", before);
    assert_memory_equal(home_field(bank, "banks", pool), given, strlen(given));
}

static void of_two_follow_ups_each_has_its_own_places(void **state)
{
    (void)state;
    given_an_event_with_seven_places(
        "  lunch: {on: product.repriced, class: task, capacity: 5}\n"
        "  dinner: {on: product.repriced, class: task, capacity: 50, mode: shadow}\n");
    until_idle();
    then_total("triggers:party", 7);
    then_total("triggers:lunch", 5);
    then_total("decisions:lunch:no_place", 4 * 6 - 5);
    then_total("decisions:dinner:shadow", 4 * 6);
}

static void others_are_not_held_up_by_a_fan_out(void **state)
{
    (void)state;
    given_a_slow_fan_out();
    while (trigger_count() == 0) {
        worker_turns(1);
    }
    given_visit("C1", "web");
    int64_t folded = outcome_now(OUTCOME_folded);
    while (outcome_now(OUTCOME_folded) == folded) {
        worker_turns(1);
    }
    assert_true(trigger_count() < 32); /* the visit came while the fan-out was on its way */
    until_idle();
    assert_int_equal(trigger_count(), 32);
}

static void of_many_fan_outs_the_newest_are_listed(void **state)
{
    (void)state;
    time_is(MIDNIGHT);
    given_policy("follow_ups:\n" CHEAPER);
    for (int second = 10; second < 30; second++) {
        char time[32];
        snprintf(time, sizeof time, "2026-03-01T00:00:%dZ", second);
        given_price(time, 5000, 4500);
    }
    until_idle();
    assert_int_equal(control_count("broadcast"), 20 * 4);
    assert_int_equal(home_field_count(0, "fan-outs"), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(who_waits_for_a_product_hears_once_that_it_is_back),
        flow_test(a_subscription_lapses_and_the_oldest_leaves_where_there_are_too_many),
        flow_test(only_a_lower_price_is_news),
        flow_test(a_recall_reaches_every_buyer_whatever_stands_against_it_but_not_the_erased),
        flow_test(a_fan_out_is_paused_and_goes_on_where_it_stood),
        flow_test(a_fan_out_is_cancelled_whether_it_stands_or_walks),
        flow_test(no_more_places_are_given_than_there_are_over_all_homes),
        flow_test(who_has_to_wait_has_a_place_already),
        flow_test(places_survive_kills_and_small_batches),
        flow_test(a_fan_out_that_is_cancelled_while_it_waits_gives_its_places_back),
        flow_test(of_two_follow_ups_each_has_its_own_places),
        flow_test(others_are_not_held_up_by_a_fan_out),
        flow_test(of_many_fan_outs_the_newest_are_listed),
        flow_test(without_a_follow_up_for_recalls_nobody_remembers_what_was_bought),
    };
    return cmocka_run_group_tests_name("fan-outs", tests, NULL, NULL);
}
