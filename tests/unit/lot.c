/* SPDX-License-Identifier: MIT */
/* Holdout and spread: who is chosen, and that it is always the same. */
#include "producers/lot.h"

#include "producers/followup.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define OFFER "  offer: {on: purchase.completed, class: marketing, channels: [email]}\n"
#define NOTE  "  note: {on: purchase.completed, class: transactional, channels: [email]}\n"
#define GREET "  greet: {on: birthday, class: transactional, channels: [email], at: '09:00'}\n"

static struct customer *customer_number(int number)
{
    char id[16];
    (void)snprintf(id, sizeof id, "C%d", number);
    return customer_create(slice_of(id));
}

/* Of 10,000 customers. */
static int count_held_out(const char *programme)
{
    struct policy policy = {
        .holdout = {.share = 500, .programme = slice_of(programme), .classes = SET_OF(CLASS_marketing)}
    };
    int count = 0;
    for (int i = 0; i < 10000; i++) {
        struct customer *customer = customer_number(i);
        bool held_out = lot_is_held_out(&policy, customer, CLASS_marketing);
        assert_int_equal(held_out, lot_is_held_out(&policy, customer, CLASS_marketing));
        assert_false(lot_is_held_out(&policy, customer, CLASS_transactional));
        count += held_out;
        customer_destroy(customer);
    }
    return count;
}

static void a_twentieth_is_held_out_and_another_one_in_another_programme(void **state)
{
    (void)state;
    assert_in_range(count_held_out("2026"), 430, 570);
    assert_in_range(count_held_out("2027"), 430, 570);
    struct policy a = {
        .holdout = {.share = 5000, .programme = SLICE("2026"), .classes = SET_OF(CLASS_marketing)}
    };
    struct policy b = {
        .holdout = {.share = 5000, .programme = SLICE("2027"), .classes = SET_OF(CLASS_marketing)}
    };
    int both = 0;
    for (int i = 0; i < 1000; i++) {
        struct customer *customer = customer_number(i);
        both +=
            lot_is_held_out(&a, customer, CLASS_marketing) && lot_is_held_out(&b, customer, CLASS_marketing);
        customer_destroy(customer);
    }
    assert_in_range(both, 190, 310);
}

static void who_is_spread_stays_within_the_spread_and_before_the_last_moment(void **state)
{
    (void)state;
    struct policy policy = {.spread_ms = 1800000};
    int64_t sum = 0;
    for (int i = 0; i < 1000; i++) {
        struct customer *customer = customer_number(i);
        int64_t due_ms = lot_spread(&policy, customer, 1000, 100000000);
        assert_in_range(due_ms, 1000, 1000 + 1799999);
        assert_int_equal(due_ms, lot_spread(&policy, customer, 1000, 100000000));
        assert_in_range(lot_spread(&policy, customer, 1000, 1059), 1000, 1059);
        assert_int_equal(lot_spread(&policy, customer, 1000, 999), 1000);
        sum += due_ms - 1000;
        customer_destroy(customer);
    }
    assert_in_range(sum / 1000, 840000, 960000);
}

static void when_bought(const char *order_id)
{
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR"};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void both_halves_are_counted(void **state)
{
    (void)state;
    given_policy("holdout: {share: 50%, programme: d}\nfollow_ups:\n" OFFER NOTE);
    given_consent("email", "marketing", "granted");
    bool held_out = lot_is_held_out(stage_moment->policy, stage_customer(), CLASS_marketing);
    when_bought("A1");
    given_policy("holdout: {share: 50%, programme: a}\nfollow_ups:\n" OFFER NOTE);
    assert_true(held_out != lot_is_held_out(stage_moment->policy, stage_customer(), CLASS_marketing));
    when_bought("A2");
    then_total("exposed:offer", 1);
    then_total("exposed:note", 0); /* nobody is held out of it */
    then_total("triggers:offer", 1);
    then_total("decisions:offer:holdout", 1);
    then_total("triggers:note", 2);
}

static void without_consent_nobody_is_exposed(void **state)
{
    (void)state;
    given_policy("holdout: {share: 50%, programme: a}\nfollow_ups:\n" OFFER);
    when_bought("A1");
    then_decision("offer/C1/A1/suppressed", "suppressed", "no_consent");
    then_total("exposed:offer", 0);
}

static void a_birthday_is_spread_the_same_way_each_year(void **state)
{
    (void)state;
    given_policy("spread: 30m\nfollow_ups:\n" GREET);
    given_field(CUSTOMER_birth, "1980-03-10");
    followup_profile_changed(stage_moment, stage_customer());
    when_time_is("2026-03-10T00:00:00Z");
    struct slice first, second;
    assert_true(customer_item(stage_customer(), ITEM_TIMER, SLICE("greet:2026"), &first));
    int64_t due_ms = 0;
    assert_true(parse_int(first, &due_ms));
    assert_in_range(due_ms, instant("2026-03-10T09:00:00Z"), instant("2026-03-10T09:30:00Z"));
    when_time_is("2026-03-10T09:30:00Z");
    then_trigger("greet/C1/2026");
    when_time_is("2027-03-10T00:00:00Z");
    assert_true(customer_item(stage_customer(), ITEM_TIMER, SLICE("greet:2027"), &second));
    int64_t again_ms = 0;
    assert_true(parse_int(second, &again_ms));
    assert_int_equal(again_ms - due_ms, 365 * 86400000LL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_twentieth_is_held_out_and_another_one_in_another_programme),
        TEST(who_is_spread_stays_within_the_spread_and_before_the_last_moment),
        TEST(both_halves_are_counted),
        TEST(without_consent_nobody_is_exposed),
        TEST(a_birthday_is_spread_the_same_way_each_year),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
