/* SPDX-License-Identifier: MIT */
/* Frequency caps: what counts, for how long, and who gets the last place. */
#include "producers/followup.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define READ  "  read: {on: purchase.completed, class: content, channels: [email]}\n"
#define OFFER "  offer: {on: purchase.completed, class: marketing, channels: [email, push]}\n"

/* Follow-ups of purchases are the shortest way to a message: one each for an order. */
static void given_caps(const char *caps, const char *follow_ups)
{
    struct buf text = {0};
    buf_text(&text, "caps:\n");
    buf_text(&text, caps);
    buf_text(&text, "follow_ups:\n");
    buf_text(&text, follow_ups);
    buf_char(&text, '\0');
    given_policy(text.data);
    buf_done(&text);
    const char *const channels[] = {"email", "push"}, *const purposes[] = {"marketing", "content"};
    for (int i = 0; i < 4; i++) {
        given_consent(channels[i / 2], purposes[i % 2], "granted");
    }
}

static void when_bought(const char *order_id, const char *time)
{
    given_now(time);
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR"};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void then_capped(const char *id)
{
    then_decision(id, "suppressed", "capped");
}

static void a_calendar_day_ends_at_midnight_where_the_customer_lives(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 1, per: day}\n", OFFER);
    given_field(CUSTOMER_zone, "Asia/Shanghai");
    when_bought("A1", "2026-03-02T15:59:59Z");
    then_trigger("offer/C1/A1");
    then_item(ITEM_SENT, "1772467199000:0", "offer marketing email live");
    when_bought("A2", "2026-03-02T15:59:59.999Z");
    then_capped("offer/C1/A2/suppressed");
    when_bought("A3", "2026-03-02T16:00:00Z"); /* midnight */
    then_trigger("offer/C1/A3");
    when_bought("A4", "2026-03-03T15:59:59.999Z");
    then_capped("offer/C1/A4/suppressed");
    given_field(CUSTOMER_zone, "Asia/Tokyo"); /* where it is tomorrow already */
    when_bought("A5", "2026-03-03T15:59:59.999Z");
    then_trigger("offer/C1/A5");
    then_no_record();
}

static void a_day_of_a_clock_change_is_as_long_as_it_is(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 1, per: day}\n", OFFER);
    given_field(CUSTOMER_zone, "Europe/Berlin");
    when_bought("A1", "2026-10-24T22:00:00Z"); /* midnight; the day has 25 hours */
    then_trigger("offer/C1/A1");
    when_bought("A2", "2026-10-25T22:59:59.999Z");
    then_capped("offer/C1/A2/suppressed");
    when_bought("A3", "2026-10-25T23:00:00Z");
    then_trigger("offer/C1/A3");
}

static void rolling_days_end_to_the_millisecond(void **state)
{
    (void)state;
    given_caps("  a-week: {at_most: 2, per: 7d}\n", OFFER);
    when_bought("A1", "2026-03-02T12:00:00Z");
    then_trigger("offer/C1/A1");
    when_bought("A2", "2026-03-05T12:00:00Z");
    then_trigger("offer/C1/A2");
    when_bought("A3", "2026-03-09T11:59:59.999Z");
    then_capped("offer/C1/A3/suppressed");
    when_bought("A4", "2026-03-09T12:00:00Z");
    then_trigger("offer/C1/A4");
    when_bought("A5", "2026-03-12T11:59:59.999Z");
    then_capped("offer/C1/A5/suppressed");
}

static void of_several_caps_the_most_restrictive_wins(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 2, per: day}\n  a-week: {at_most: 3, per: 7d}\n", OFFER);
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("offer/C1/A1");
    when_bought("A2", "2026-03-02T10:00:00Z");
    then_trigger("offer/C1/A2");
    when_bought("A3", "2026-03-02T11:00:00Z");
    then_capped("offer/C1/A3/suppressed");
    when_bought("A4", "2026-03-03T09:00:00Z");
    then_trigger("offer/C1/A4");
    when_bought("A5", "2026-03-03T10:00:00Z"); /* the day has room, the week has not */
    then_capped("offer/C1/A5/suppressed");
    then_no_record();
}

static void what_is_limited_and_what_counts_are_two_things(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 1, per: day, limits: {classes: [marketing]}, "
               "counts: {classes: [marketing, content]}}\n",
               READ OFFER);
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("read/C1/A1");
    then_capped("offer/C1/A1/suppressed"); /* the notice has counted */
    when_bought("A2", "2026-03-02T10:00:00Z");
    then_trigger("read/C1/A2"); /* is not limited */
    then_capped("offer/C1/A2/suppressed");
}

static void a_channel_whose_cap_is_full_falls_away(void **state)
{
    (void)state;
    given_caps("  mails: {at_most: 1, per: day, limits: {channels: [email]}}\n"
               "  all: {at_most: 2, per: day}\n",
               OFFER);
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("offer/C1/A1");
    then_member("data.contact_channels", "email push");
    when_bought("A2", "2026-03-02T09:00:00Z");
    then_trigger("offer/C1/A2");
    then_member("data.contact_channels", "push");
    then_item(ITEM_SENT, "1772442000000:1", "offer marketing push live"); /* the second of its millisecond */
    when_bought("A3", "2026-03-02T10:00:00Z");
    then_capped("offer/C1/A3/suppressed");
}

static void caps_go_by_name_and_by_tag_too(void **state)
{
    (void)state;
    given_caps("  sales: {at_most: 1, per: 30d, limits: {tags: [sale]}}\n"
               "  notes: {at_most: 1, per: 30d, limits: {follow_ups: [note]}}\n",
               "  note: {on: purchase.completed, class: transactional, channels: [email]}\n"
               "  spring: {on: purchase.completed, class: marketing, channels: [email], tags: [sale, big]}\n"
               "  summer: {on: purchase.completed, class: content, channels: [email], tags: [sale]}\n"
               "  other: {on: purchase.completed, class: marketing, channels: [email]}\n");
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("note/C1/A1");
    then_trigger("spring/C1/A1");
    then_capped("summer/C1/A1/suppressed");
    then_trigger("other/C1/A1");
    when_bought("A2", "2026-03-02T09:30:00Z");
    then_capped("note/C1/A2/suppressed");
    then_capped("spring/C1/A2/suppressed");
    then_capped("summer/C1/A2/suppressed");
    then_trigger("other/C1/A2");
    then_no_record();
    assert_int_equal(customer_item_count(stage_customer(), ITEM_SENT), 2);
}

static void the_last_place_goes_by_priority_then_by_the_files_order(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 2, per: day}\n",
               OFFER READ "  best: {on: purchase.completed, class: marketing, channels: [push], after: 1h, "
                          "priority: 9}\n"
                          "  good: {on: purchase.completed, class: marketing, channels: [push], after: 1h}\n"
                          "  fair: {on: purchase.completed, class: marketing, channels: [push], after: 1h, "
                          "priority: -1}\n");
    when_bought("A1", "2026-03-02T23:00:00Z");
    then_trigger("offer/C1/A1");
    then_trigger("read/C1/A1");
    when_time_is("2026-03-03T00:00:00Z");
    then_trigger("best/C1/A1");
    then_trigger("good/C1/A1");
    then_capped("fair/C1/A1/suppressed");
}

static void safety_is_never_capped_and_tasks_only_by_name_of_their_class(void **state)
{
    (void)state;
    given_caps(
        "  all: {at_most: 1, per: day, limits: {classes: [marketing, content, transactional, task]}}\n",
        "  safe: {on: purchase.completed, class: safety, channels: [email]}\n"
        "  note: {on: purchase.completed, class: transactional, channels: [email]}\n"
        "  job: {on: purchase.completed, class: task}\n");
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("safe/C1/A1");
    then_trigger("note/C1/A1");
    then_capped("job/C1/A1/suppressed");
    when_bought("A2", "2026-03-02T09:00:00Z");
    then_trigger("safe/C1/A2");
}

static void what_is_in_shadow_counts_for_what_is_in_shadow_only(void **state)
{
    (void)state;
    given_caps(
        "  a-day: {at_most: 1, per: day}\n",
        "  trial: {on: purchase.completed, class: marketing, channels: [email], mode: shadow, priority: 1}\n"
        "  real: {on: purchase.completed, class: marketing, channels: [email], after: 1h}\n");
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_decision("trial/C1/A1/shadow", "shadow", "shadow");
    when_bought("A2", "2026-03-02T09:00:00Z");
    then_capped("trial/C1/A2/suppressed");
    when_time_is("2026-03-02T10:00:00Z");
    then_trigger("real/C1/A1");
    then_capped("real/C1/A2/suppressed");
    when_bought("A3", "2026-03-03T08:00:00Z");
    then_decision("trial/C1/A3/shadow", "shadow", "shadow");
}

static void what_the_policy_no_longer_has_counts_by_its_class(void **state)
{
    (void)state;
    given_caps("  a-week: {at_most: 1, per: 7d}\n", OFFER);
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("offer/C1/A1");
    given_caps("  a-week: {at_most: 1, per: 7d}\n"
               "  named: {at_most: 1, per: 7d, limits: {follow_ups: [new]}}\n",
               "  new: {on: purchase.completed, class: marketing, channels: [email]}\n");
    when_bought("A2", "2026-03-03T09:00:00Z");
    then_capped("new/C1/A2/suppressed");
    given_caps("  named: {at_most: 1, per: 7d, limits: {follow_ups: [new]}}\n",
               "  new: {on: purchase.completed, class: marketing, channels: [email]}\n");
    when_bought("A3", "2026-03-03T09:00:00Z");
    then_trigger("new/C1/A3");
}

static void what_is_remembered_is_bounded_and_forgotten_after_31_days(void **state)
{
    (void)state;
    given_policy("limits: {sent: 2}\ncaps:\n  a-day: {at_most: 9, per: day}\nfollow_ups:\n" OFFER);
    given_consent("email", "marketing", "granted");
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("offer/C1/A1");
    when_bought("A2", "2026-03-05T09:00:00Z");
    then_trigger("offer/C1/A2");
    when_bought("A3", "2026-04-02T08:59:59.999Z");
    then_capped("offer/C1/A3/suppressed");
    when_bought("A4", "2026-04-02T09:00:00Z");
    then_trigger("offer/C1/A4");
    then_item(ITEM_SENT, "1772442000000:0", NULL);
    assert_int_equal(customer_item_count(stage_customer(), ITEM_SENT), 2);
}

static void without_a_cap_nothing_is_remembered(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 1, per: day, limits: {classes: [content]}}\n", OFFER);
    when_bought("A1", "2026-03-02T09:00:00Z");
    then_trigger("offer/C1/A1");
    assert_int_equal(customer_item_count(stage_customer(), ITEM_SENT), 0);
}

static void what_is_held_takes_its_place_when_it_is_sent(void **state)
{
    (void)state;
    given_caps("  a-day: {at_most: 1, per: day}\nquiet_hours: {from: '21:00', to: '08:00'}\n", OFFER);
    when_bought("A1", "2026-03-02T22:00:00Z");
    then_decision("offer/C1/A1/held/1772524800000", "held", "quiet_hours");
    when_bought("A2", "2026-03-02T23:00:00Z");
    then_decision("offer/C1/A2/held/1772524800000", "held", "quiet_hours");
    when_time_is("2026-03-03T08:00:00Z");
    then_trigger("offer/C1/A1");
    then_capped("offer/C1/A2/suppressed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_calendar_day_ends_at_midnight_where_the_customer_lives),
        TEST(a_day_of_a_clock_change_is_as_long_as_it_is),
        TEST(rolling_days_end_to_the_millisecond),
        TEST(of_several_caps_the_most_restrictive_wins),
        TEST(what_is_limited_and_what_counts_are_two_things),
        TEST(a_channel_whose_cap_is_full_falls_away),
        TEST(caps_go_by_name_and_by_tag_too),
        TEST(the_last_place_goes_by_priority_then_by_the_files_order),
        TEST(safety_is_never_capped_and_tasks_only_by_name_of_their_class),
        TEST(what_is_in_shadow_counts_for_what_is_in_shadow_only),
        TEST(what_the_policy_no_longer_has_counts_by_its_class),
        TEST(what_is_remembered_is_bounded_and_forgotten_after_31_days),
        TEST(without_a_cap_nothing_is_remembered),
        TEST(what_is_held_takes_its_place_when_it_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
