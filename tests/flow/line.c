/* SPDX-License-Identifier: MIT */
/* The line: from an event in a topic to the customer in the store, and what becomes of events that are not
 * taken. */
#include "tests/fakes/dialogue.h"

static void an_event_in_the_home_log_changes_its_customer(void **state)
{
    (void)state;
    given_visit("C1", "store");
    worker_turns(4);
    then_customer("C1", "visits", "1");
    then_customer("C1", "events", "1");
    then_customer("C1", "at:store", "0 1 0");
    then_position(home_of("C1"), 1);
    then_committed(home_of("C1"), 1);
    then_counts(folded, 1);
}

static void a_batch_changes_many_customers_in_many_homes(void **state)
{
    (void)state;
    for (int32_t home = 0; home < 4; home++) {
        given_visit(customer_in(home, 1), "store");
        given_visit(customer_in(home, 2), "web");
        given_visit(customer_in(home, 1), "web");
    }
    until_idle();
    for (int32_t home = 0; home < 4; home++) {
        then_customer(customer_in(home, 1), "visits", "2");
        then_customer(customer_in(home, 2), "visits", "1");
    }
    then_total("customers", 8);
    then_counts(folded, 12);
}

static void a_purchase_adds_up(void **state)
{
    (void)state;
    given_purchase("C1", "A1", 4999, "USD");
    given_purchase("C1", "A2", 1001, "USD");
    until_idle();
    then_customer("C1", "orders", "2");
    then_customer("C1", "net:USD", "6000");
    then_total("orders", 2);
    then_total("net:USD", 6000);
}

static void a_poison_event_goes_to_the_dead_letters_and_does_not_hold_up_the_next_one(void **state)
{
    (void)state;
    given_event("loyalty.visits", "{oops");
    given_event("loyalty.visits", visit("C1", "store"));
    until_idle();
    then_letter("loyalty.visits", 0, "bad_json");
    then_no_letter();
    then_customer("C1", "visits", "1");
    then_counts(dead_lettered, 1);
    then_counts(folded, 1);
}

static void what_is_wrong_in_the_home_log_is_a_letter_too(void **state)
{
    (void)state;
    given_record(HOME_LOG, home_of("C1"), "C1", "{oops", NULL);
    given_record(HOME_LOG, home_of("C1"), "C1", NULL, NULL);
    given_record(HOME_LOG, home_of("C1"), "C1", event_text("loyalty.unheard.of.v1", "C1", "{}"), NULL);
    given_visit("C1", "store");
    until_idle();
    then_letter(HOME_LOG, 0, "bad_json");
    then_letter(HOME_LOG, 1, "no_body");
    then_letter(HOME_LOG, 2, "unknown_type");
    then_customer("C1", "visits", "1");
    then_total("rejected:bad_json", 1);
    then_total("events:dead_lettered", 3);
    then_counts(dead_lettered, 3);
}

static void the_same_id_again_is_a_duplicate(void **state)
{
    (void)state;
    next_event_id("v");
    given_visit("C1", "store");
    next_event_id("v");
    given_visit("C1", "store");
    until_idle();
    next_event_id("v");
    given_visit("C1", "store");
    next_event_id("v");
    given_visit(customer_in(home_of("C1"), 5), "store");
    until_idle();
    then_customer("C1", "visits", "1");
    then_customer("C1", "events", "1");
    then_counts(duplicate, 2);
    then_counts(folded, 2);
}

static void the_same_order_under_another_id_is_a_duplicate(void **state)
{
    (void)state;
    given_purchase("C1", "A1", 4999, "USD");
    given_purchase("C1", "A1", 4999, "USD");
    until_idle();
    then_customer("C1", "orders", "1");
    then_counts(duplicate, 1);
}

static void a_purchase_of_nobody_known_is_ignored(void **state)
{
    (void)state;
    given_event("loyalty.purchases", purchase(NULL, "A1", 4999, "USD"));
    given_event(HOME_LOG, purchase(NULL, "A2", 4999, "USD"));
    until_idle();
    then_counts(ignored, 2);
    then_total("customers", 0);
    then_no_letter();
}

static void a_visit_of_nobody_is_a_letter_wherever_it_comes_from(void **state)
{
    (void)state;
    given_event(HOME_LOG, visit(NULL, "store"));
    until_idle();
    then_letter(HOME_LOG, 0, "missing_subject");
    given_event("loyalty.visits", visit(NULL, "store"));
    until_idle();
    then_letter("loyalty.visits", 0, "missing_subject");
    then_counts(ignored, 0);
}

static void a_feeder_record_is_copied_home_with_its_origin(void **state)
{
    (void)state;
    given_event("loyalty.visits", visit("C1", "store"));
    until_idle();
    then_customer("C1", "visits", "1");
    assert_int_equal(record_count(home_of("C1")), 1);
    assert_string_equal(last_header(home_of("C1"), "loyald-origin"), "loyalty.visits/0/0/1772452800000");
    then_counts(copied, 1);
    then_counts(folded, 1);
    assert_int_equal(the_feeder("loyalty.visits")->committed, 1);
}

static void a_feeder_record_with_a_key_is_not_looked_into(void **state)
{
    (void)state;
    given_record("loyalty.visits", 0, "C1", "{oops", NULL);
    until_idle();
    then_counts(copied, 1);
    then_letter("loyalty.visits", 0, "bad_json");
}

static void an_origin_that_the_sender_invents_is_replaced(void **state)
{
    (void)state;
    given_record("loyalty.visits", 0, "C1", "{oops", "Loyald-Origin: elsewhere/7/7/7");
    until_idle();
    then_letter("loyalty.visits", 0, "bad_json");
}

static void a_stray_of_the_home_log_is_copied_to_its_home(void **state)
{
    (void)state;
    int32_t wrong = (home_of("C1") + 1) % 4;
    given_record(HOME_LOG, wrong, "C1", visit("C1", "store"), NULL);
    given_record(HOME_LOG, wrong, NULL, visit("C1", "web"), NULL);
    until_idle();
    then_customer("C1", "visits", "2");
    then_total("events:copied", 2);
    then_counts(copied, 2);
    then_counts(folded, 2);
    then_position(wrong, 2);
}

static void an_unkeyed_record_at_home_is_folded_there(void **state)
{
    (void)state;
    given_record(HOME_LOG, home_of("C1"), NULL, visit("C1", "store"), NULL);
    until_idle();
    then_customer("C1", "visits", "1");
    then_counts(copied, 0);
}

static void a_key_that_differs_from_the_subject_is_a_letter(void **state)
{
    (void)state;
    const char *one = customer_in(2, 1), *other = customer_in(2, 2);
    given_record(HOME_LOG, 2, one, visit(other, "store"), NULL);
    given_record("loyalty.visits", 0, one, visit(other, "store"), NULL);
    until_idle();
    then_letter(HOME_LOG, 0, "key_differs_from_subject");
    then_letter("loyalty.visits", 0, "key_differs_from_subject");
    then_no_customer(other);
}

static void a_control_record_in_a_feeder_is_a_letter(void **state)
{
    (void)state;
    given_record("loyalty.visits", 0, NULL, "{}", "loyald-control: tick 0 1");
    given_record("loyalty.visits", 0, "C1", visit("C1", "web"), "loyald-control: tick 0 1");
    until_idle();
    then_letter("loyalty.visits", 0, "control_type");
    then_letter("loyalty.visits", 1, "control_type");
    then_no_customer("C1");
}

static void what_loyald_says_itself_cannot_be_sent_back(void **state)
{
    (void)state;
    given_event(HOME_LOG, event_text("loyalty.follow_up.triggered.v1", "C1", "{}"));
    until_idle();
    then_letter(HOME_LOG, 0, "control_type");
}

static void every_event_has_one_outcome(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        const char *customer = customer_in(i % 4, 1 + i % 3);
        given_visit(customer, "store");
        given_event("loyalty.visits", visit(customer, "web"));
        given_event("loyalty.purchases", purchase(NULL, "A1", 5, "USD"));
        given_purchase(customer, "A1", 5, "USD");
        given_event("loyalty.purchases", "[]");
        given_record(HOME_LOG, (i + 1) % 4, NULL, visit(customer, "store"), NULL);
    }
    until_idle();
    int64_t sum = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        sum += outcome_now((enum outcome)i);
    }
    assert_int_equal(sum, stat_now(STAT_records_taken));
    then_stat(STAT_records_dropped, 0);
    assert_int_equal(outcome_now(OUTCOME_dead_lettered), 10);
    assert_int_equal(outcome_now(OUTCOME_ignored), 10);
}

static void a_customer_in_memory_is_not_read_again(void **state)
{
    (void)state;
    given_visit("C1", "store");
    until_idle();
    then_stat(STAT_cache_misses, 1);
    then_stat(STAT_cache_hits, 0);
    int64_t reads = stat_now(STAT_load_seconds);
    assert_true(reads > 0);
    given_visit("C1", "store");
    until_idle();
    then_stat(STAT_cache_misses, 1);
    then_stat(STAT_cache_hits, 1);
    assert_int_equal(stat_now(STAT_load_seconds), reads);
}

static void an_event_too_large_to_be_passed_on_is_cut(void **state)
{
    (void)state;
    char *large = test_malloc(950001);
    memset(large, 'x', 950000);
    large[950000] = '\0';
    given_record("loyalty.visits", 0, "C1", large, NULL);
    given_event("loyalty.visits", visit("C1", "web"));
    test_free(large);
    until_idle();
    then_letter("loyalty.visits", 0, "body_too_large");
    then_customer("C1", "visits", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(an_event_in_the_home_log_changes_its_customer),
        flow_test(a_batch_changes_many_customers_in_many_homes),
        flow_test(a_purchase_adds_up),
        flow_test(a_poison_event_goes_to_the_dead_letters_and_does_not_hold_up_the_next_one),
        flow_test(what_is_wrong_in_the_home_log_is_a_letter_too),
        flow_test(the_same_id_again_is_a_duplicate),
        flow_test(the_same_order_under_another_id_is_a_duplicate),
        flow_test(a_purchase_of_nobody_known_is_ignored),
        flow_test(a_visit_of_nobody_is_a_letter_wherever_it_comes_from),
        flow_test(a_feeder_record_is_copied_home_with_its_origin),
        flow_test(a_feeder_record_with_a_key_is_not_looked_into),
        flow_test(an_origin_that_the_sender_invents_is_replaced),
        flow_test(a_stray_of_the_home_log_is_copied_to_its_home),
        flow_test(an_unkeyed_record_at_home_is_folded_there),
        flow_test(a_key_that_differs_from_the_subject_is_a_letter),
        flow_test(a_control_record_in_a_feeder_is_a_letter),
        flow_test(what_loyald_says_itself_cannot_be_sent_back),
        flow_test(every_event_has_one_outcome),
        flow_test(a_customer_in_memory_is_not_read_again),
        flow_test(an_event_too_large_to_be_passed_on_is_cut),
    };
    return cmocka_run_group_tests_name("the line", tests, NULL, NULL);
}
