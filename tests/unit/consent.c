/* SPDX-License-Identifier: MIT */
/* Consent to the letter: what is kept of it, what unknown means, one message, the customer's own order, and
 * age. */
#include "consumers/handlers.h"
#include "producers/followup.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OFFER "  offer: {on: purchase.completed, class: marketing, channels: [push, email, sms]}\n"
#define WINE  "  wine: {on: purchase.completed, class: transactional, channels: [push, email], min_age: 18}\n"

static void when_bought(const char *order_id)
{
    struct purchase purchase = {.order_id = slice_of(order_id), .currency = "EUR"};
    followup_purchase_completed(stage_moment, stage_customer(), &purchase, stage_moment->now_ms);
}

static void when_said(struct consent_event said)
{
    enum reject reject = REJECT_NONE;
    struct event event = {
        .type = EVENT_CONSENT_CHANGED, .time_ms = stage_moment->now_ms, .data.consent = said};
    assert_int_equal(consent_changed(stage_moment, stage_customer(), &event, &reject), HANDLED_FOLDED);
}

static void where_it_was_said_and_to_what_text_is_kept(void **state)
{
    (void)state;
    struct consent_event said = {.state = CONSENT_GRANTED,
                                 .source = SLICE("checkout-counter"),
                                 .text_version = SLICE("terms-2026-03-01"),
                                 .once = true};
    when_said(said);
    then_item(ITEM_CONSENT, "email:marketing",
              "granted 1772452800000 checkout-counter terms-2026-03-01 once");
    struct consent kept = consent_get(stage_customer(), CONTACT_email, PURPOSE_MARKETING);
    assert_true(slice_is(kept.source, "checkout-counter"));
    assert_true(slice_is(kept.text_version, "terms-2026-03-01"));
    assert_true(kept.once);
    given_now("2026-03-02T13:00:00Z");
    when_said((struct consent_event){.state = CONSENT_WITHDRAWN, .text_version = SLICE("v2"), .once = true});
    then_item(ITEM_CONSENT, "email:marketing", "withdrawn 1772456400000 - v2");
    assert_true(consent_text_is_valid(SLICE("granted 1 web - once")));
    assert_true(consent_text_is_valid(SLICE("granted 1")));
    assert_false(consent_text_is_valid(SLICE("granted 1 web")));
    assert_false(consent_text_is_valid(SLICE("granted 1 web - twice")));
}

static void a_subscription_to_one_message_is_used_up_by_it(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OFFER);
    when_said((struct consent_event){.channel = CONTACT_push, .state = CONSENT_GRANTED, .once = true});
    when_said((struct consent_event){.channel = CONTACT_sms, .state = CONSENT_GRANTED, .once = true});
    when_bought("A1");
    then_trigger("offer/C1/A1");
    then_member("data.contact_channels", "push sms");
    then_item(ITEM_CONSENT, "push:marketing", "withdrawn 1772452800000 used -");
    when_bought("A2");
    then_trigger("offer/C1/A2");
    then_member("data.contact_channels", "sms");
    when_bought("A3");
    then_decision("offer/C1/A3/suppressed", "suppressed", "no_consent");
    when_said((struct consent_event){.channel = CONTACT_push, .state = CONSENT_GRANTED, .once = true});
    when_bought("A4"); /* the same word again: it is used up */
    then_decision("offer/C1/A4/suppressed", "suppressed", "no_consent");
    given_now("2026-03-02T13:00:00Z");
    when_said((struct consent_event){.channel = CONTACT_push, .state = CONSENT_GRANTED});
    when_bought("A5");
    then_trigger("offer/C1/A5");
    when_bought("A6");
    then_trigger("offer/C1/A6");
}

static void in_shadow_mode_nothing_is_used_up(void **state)
{
    (void)state;
    given_policy("mode: shadow\nfollow_ups:\n" OFFER);
    when_said((struct consent_event){.channel = CONTACT_push, .state = CONSENT_GRANTED, .once = true});
    when_bought("A1");
    then_decision("offer/C1/A1/shadow", "shadow", "shadow");
    then_item(ITEM_CONSENT, "push:marketing", "granted 1772452800000 - - once");
}

static void what_unknown_means_goes_by_channel_and_place(void **state)
{
    (void)state;
    given_policy("consent_default:\n"
                 "  email: {DE: no, US: yes, US-CA: no, other: yes}\n"
                 "  push: yes\n"
                 "follow_ups:\n" OFFER);
    when_bought("A1");
    then_trigger("offer/C1/A1");
    then_member("data.contact_channels", "push email");
    given_field(CUSTOMER_country, "DE");
    when_bought("A2");
    then_trigger("offer/C1/A2");
    then_member("data.contact_channels", "push");
    given_field(CUSTOMER_country, "US");
    given_field(CUSTOMER_region, "NY");
    when_bought("A3");
    then_trigger("offer/C1/A3");
    then_member("data.contact_channels", "push email");
    given_field(CUSTOMER_region, "CA");
    given_consent("push", "marketing", "pending"); /* is no yet */
    when_bought("A4");
    then_decision("offer/C1/A4/suppressed", "suppressed", "no_consent");
    given_consent("email", "marketing", "withdrawn");
    given_field(CUSTOMER_region, "NY");
    when_bought("A5");
    then_decision("offer/C1/A5/suppressed", "suppressed", "no_consent");
    given_consent("push", "marketing", "unknown"); /* said, and still unknown */
    when_bought("A6");
    then_trigger("offer/C1/A6");
}

static void the_customers_own_order_of_channels_comes_first(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" OFFER WINE);
    given_consent("push", "marketing", "granted");
    given_consent("email", "marketing", "granted");
    given_consent("sms", "marketing", "granted");
    given_field(CUSTOMER_birth, "1980-01-01");
    given_field(CUSTOMER_contact_channels, "post sms email");
    when_bought("A1");
    then_trigger("offer/C1/A1");
    then_member("data.contact_channels", "sms email push");
    then_trigger("wine/C1/A1");
    then_member("data.contact_channels", "email push");
}

static void then_wine(const char *birth, const char *now, bool allowed)
{
    static int order;
    char id[16] = "A00";
    order++;
    id[1] = (char)('0' + order / 10);
    id[2] = (char)('0' + order % 10);
    given_field(CUSTOMER_birth, birth);
    given_now(now);
    when_bought(id);
    struct buf wanted = {0};
    buf_printf(&wanted, "wine/C1/%s%s", id, allowed ? "" : "/suppressed");
    buf_char(&wanted, '\0');
    if (allowed) {
        then_trigger(wanted.data);
    } else {
        then_decision(wanted.data, "suppressed", "under_age");
    }
    buf_done(&wanted);
}

static void nobody_under_age_or_of_unknown_age_is_offered_wine(void **state)
{
    (void)state;
    given_policy("follow_ups:\n" WINE);
    then_wine("", "2026-03-02T12:00:00Z", false);
    then_wine("--03-02", "2026-03-02T12:00:00Z", false);
    then_wine("2008-03-03", "2026-03-02T23:59:59Z", false);
    then_wine("2008-03-03", "2026-03-03T00:00:00Z", true);
    then_wine("2008-02-29", "2026-02-28T12:00:00Z", false); /* cautiously */
    then_wine("2008-02-29", "2026-03-01T00:00:00Z", true);
    given_field(CUSTOMER_zone, "Asia/Shanghai");
    then_wine("2008-03-03", "2026-03-02T16:00:00Z", true); /* the 3rd has begun there */
    then_wine("2010-01-01", "2026-03-02T16:00:00Z", false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(where_it_was_said_and_to_what_text_is_kept),
        TEST(a_subscription_to_one_message_is_used_up_by_it),
        TEST(in_shadow_mode_nothing_is_used_up),
        TEST(what_unknown_means_goes_by_channel_and_place),
        TEST(the_customers_own_order_of_channels_comes_first),
        TEST(nobody_under_age_or_of_unknown_age_is_offered_wine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
