/* SPDX-License-Identifier: MIT */
/* What became of messages: what is remembered of it, and what it ends. */
#include "consumers/handlers.h"
#include "producers/followup.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OFFER                                                                                                \
    "  offer: {on: purchase.completed, class: marketing, channels: [email, sms], after: 1d, unless: "        \
    "redeemed}\n"
#define JOB "  job: {on: purchase.completed, class: task, after: 2d, unless: task.done}\n"

static void when_told(enum event_type type, const char *follow_up, const char *occurrence,
                      enum contact_channel channel)
{
    enum reject reject = REJECT_NONE;
    struct event event = {
        .type = type,
        .time_ms = stage_moment->now_ms,
        .data.message = {
                         .follow_up = slice_of(follow_up), .occurrence = slice_of(occurrence), .channel = channel}
    };
    assert_int_equal(message_told(stage_moment, stage_customer(), &event, &reject), HANDLED_FOLDED);
}

static void when_bought(const char *order_id)
{
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR"};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void who_has_redeemed_the_offer_is_not_reminded_of_it(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OFFER JOB);
    given_consent("email", "marketing", "granted");
    when_bought("A1");
    when_bought("A2");
    when_told(EVENT_MESSAGE_REDEEMED, "offer.first", "A1", CONTACT_email); /* of another stage of it */
    when_told(EVENT_MESSAGE_REDEEMED, "other", "A2", CONTACT_email);
    then_item(ITEM_ANSWER, "offer:A1", "redeemed 1772452800000");
    when_time_is("2026-03-03T12:00:00Z");
    then_decision("offer/C1/A1/suppressed", "suppressed", "redeemed");
    then_trigger("offer/C1/A2");
    then_no_record();
}

static void a_task_that_is_done_ends_its_reminders(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" JOB);
    when_bought("A1");
    when_bought("A2");
    when_told(EVENT_TASK_DONE, "job", "A1", CONTACT_CHANNEL_COUNT);
    when_told(EVENT_MESSAGE_REDEEMED, "job", "A2", CONTACT_CHANNEL_COUNT); /* is something else */
    when_time_is("2026-03-04T12:00:00Z");
    then_decision("job/C1/A1/suppressed", "suppressed", "task_done");
    then_trigger("job/C1/A2");
}

static void who_unsubscribes_has_withdrawn_that_channel_and_purpose(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OFFER);
    given_now("2026-03-01T12:00:00Z");
    given_consent("email", "marketing", "granted");
    given_consent("email", "content", "granted");
    given_consent("sms", "marketing", "granted");
    given_now("2026-03-02T12:00:00Z");
    when_told(EVENT_MESSAGE_UNSUBSCRIBED, "offer", "A1", CONTACT_email);
    then_item(ITEM_CONSENT, "email:marketing", "withdrawn 1772452800000 unsubscribed -");
    then_item(ITEM_CONSENT, "email:content", "granted 1772366400000");
    then_item(ITEM_CONSENT, "sms:marketing", "granted 1772366400000");
    when_told(EVENT_MESSAGE_SPAM_REPORTED, "offer", "A1", CONTACT_CHANNEL_COUNT);
    then_item(ITEM_CONSENT, "sms:marketing", "withdrawn 1772452800000 spam_reported -");
    then_item(ITEM_CONSENT, "email:marketing", "withdrawn 1772452800000 unsubscribed -");
    when_told(EVENT_MESSAGE_UNSUBSCRIBED, "gone", "A1", CONTACT_email); /* what for is not known */
    then_item(ITEM_CONSENT, "email:content", "withdrawn 1772452800000 unsubscribed -");
    then_total("told:message.unsubscribed:offer", 1);
    then_total("told:message.unsubscribed:-", 1);
}

static void who_has_granted_it_since_has_not(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OFFER);
    given_now("2026-03-03T12:00:00Z");
    given_consent("email", "marketing", "granted");
    given_now("2026-03-02T12:00:00Z"); /* the word of it comes late */
    when_told(EVENT_MESSAGE_UNSUBSCRIBED, "offer", "A1", CONTACT_email);
    then_item(ITEM_CONSENT, "email:marketing", "granted 1772539200000");
}

static void the_newest_answers_are_kept(void **state)
{
    (void)state;
    given_policy("limits: {answers: 2}\nfollow_ups:\n" OFFER);
    when_told(EVENT_MESSAGE_REDEEMED, "offer", "A2", CONTACT_email);
    when_told(EVENT_MESSAGE_REDEEMED, "offer", "A1", CONTACT_email);
    given_now("2026-03-02T13:00:00Z");
    when_told(EVENT_MESSAGE_REDEEMED, "offer", "A3", CONTACT_email);
    then_item(ITEM_ANSWER, "offer:A1", NULL);
    then_item(ITEM_ANSWER, "offer:A2", "redeemed 1772452800000");
    then_item(ITEM_ANSWER, "offer:A3", "redeemed 1772456400000");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_has_redeemed_the_offer_is_not_reminded_of_it),
        TEST(a_task_that_is_done_ends_its_reminders),
        TEST(who_unsubscribes_has_withdrawn_that_channel_and_purpose),
        TEST(who_has_granted_it_since_has_not),
        TEST(the_newest_answers_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
