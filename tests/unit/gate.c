/* SPDX-License-Identifier: MIT */
/* The gate: each guard of gate.def alone, their order, and which channels are left. */
#include "producers/gate.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CLASSIC                                                                                              \
    "follow_ups:\n"                                                                                          \
    "  greeting: {on: birthday, class: marketing, channels: [push, email, sms]}\n"                           \
    "  thanks: {on: purchase.completed, class: transactional, channels: [sms, email]}\n"                     \
    "  coupon: {on: purchase.completed, class: marketing, channels: [email], withdraw: true, offer: x}\n"    \
    "  read: {on: purchase.completed, class: content, channels: [email]}\n"                                  \
    "  care: {on: complaint.opened, class: task, after: 1h}\n"                                               \
    "  alert: {on: product.launched, class: content, channels: [email]}\n"                                   \
    "  quiet: {on: purchase.completed, class: marketing, channels: [email], mode: off}\n"

static struct occasion occasion;
static struct ruling ruling;

static void given_occasion(const char *follow_up, const char *occurrence)
{
    occasion = (struct occasion){.follow_up = policy_follow_up(stage_moment->policy, slice_of(follow_up)),
                                 .occurrence = slice_of(occurrence),
                                 .event_ms = stage_moment->now_ms,
                                 .due_ms = stage_moment->now_ms,
                                 .reason = "test"};
    assert_non_null(occasion.follow_up);
}

static void given_complaint(enum complaint_state state, const char *opened)
{
    struct complaint complaint = {.state = state, .opened = true, .opened_s = instant(opened) / 1000};
    complaint_set(stage_customer(), SLICE("Q1"), &complaint);
}

static void then_refused(const char *reason)
{
    gate_ask(stage_moment, stage_customer(), &occasion, &ruling);
    assert_string_equal(ruling.reason != NULL ? ruling.reason : "passes", reason);
    assert_int_equal(ruling.answer, ruling.reason != NULL ? GATE_REFUSES : GATE_PASSES);
}

/* The names, joined by blanks. */
static void then_passes(const char *wanted)
{
    struct buf names = {0};
    then_refused("passes");
    for (size_t i = 0; i < ruling.channel_count; i++) {
        buf_text(&names, i > 0 ? " " : "");
        buf_text(&names, contact_channel_name(ruling.channels[i]));
    }
    buf_char(&names, '\0');
    assert_string_equal(names.data, wanted);
    buf_done(&names);
}

static void a_class_without_consent_may_use_all_its_channels_in_order(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_occasion("thanks", "A1");
    then_passes("sms email");
}

static void consent_leaves_the_granted_channels_in_the_follow_ups_order(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("sms", "marketing", "granted");
    given_consent("push", "marketing", "granted");
    given_consent("email", "marketing", "withdrawn");
    given_occasion("greeting", "2026");
    then_passes("push sms");
}

static void nobody_is_sold_anything_without_consent(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_occasion("coupon", "A1");
    then_refused("no_consent");
    given_consent("email", "marketing", "pending");
    then_refused("no_consent");
    given_consent("email", "content", "granted"); /* for another purpose */
    given_consent("sms", "marketing", "granted"); /* not a channel of this one */
    then_refused("no_consent");
    given_consent("email", "marketing", "granted");
    then_passes("email");
}

static void the_purpose_is_that_of_the_class(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("email", "content", "granted");
    given_occasion("read", "A1");
    then_passes("email");
    given_policy("classes: {content: {purpose: marketing}, marketing: {needs_consent: false}}\n" CLASSIC);
    given_occasion("read", "A1");
    then_refused("no_consent");
    given_occasion("coupon", "A1");
    then_passes("email");
}

static void what_is_off_is_refused(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("email", "marketing", "granted");
    given_occasion("quiet", "A1");
    then_refused("off");
    given_policy("mode: off\n" CLASSIC);
    given_occasion("thanks", "A1");
    then_refused("off");
}

static void an_event_from_before_the_policys_not_before_is_refused(void **state)
{
    (void)state;
    given_policy("not_before: 2026-03-02T00:00:00Z\n" CLASSIC);
    given_occasion("thanks", "A1");
    then_passes("sms email");
    occasion.event_ms = instant("2026-03-02T00:00:00Z");
    then_passes("sms email");
    occasion.event_ms--;
    then_refused("not_before");
}

static void a_purchase_whose_order_is_marked_has_been_sent(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("email", "marketing", "granted");
    struct order order = {.completed = true, .time_s = 1, .net_minor = 100, .currency = "EUR"};
    order_set(stage_customer(), SLICE("A1"), &order);
    given_occasion("coupon", "A1");
    then_passes("email");
    order_mark(stage_customer(), SLICE("A1"), SLICE("coupon"));
    then_refused("already_sent");
    given_occasion("read", "A1");
    then_refused("no_consent"); /* the mark is not its own */
}

static void a_year_that_was_decided_and_those_before_have_been_sent(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("email", "marketing", "granted");
    given_item(ITEM_LAST, "greeting", "2026");
    given_occasion("greeting", "2025");
    then_refused("already_sent");
    given_occasion("greeting", "2026");
    then_refused("already_sent");
    given_occasion("greeting", "2027");
    then_passes("email");
}

static void the_last_complaint_and_a_launch_that_were_decided_have_been_sent(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("email", "content", "granted");
    given_item(ITEM_LAST, "care", "Q1");
    given_occasion("care", "Q2");
    then_passes("task");
    given_occasion("care", "Q1");
    then_refused("already_sent");
    given_item(ITEM_LAUNCH, "alert:P1", "1");
    given_occasion("alert", "P2");
    then_passes("email");
    given_occasion("alert", "P1");
    then_refused("already_sent");
}

static void an_open_complaint_freezes_marketing_but_not_answers(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_consent("email", "marketing", "granted");
    given_complaint(COMPLAINT_OPENED, "2026-03-01T00:00:00Z");
    given_occasion("coupon", "A1");
    then_refused("frozen");
    given_occasion("thanks", "A1");
    then_passes("sms email");
    given_complaint(COMPLAINT_RESOLVED, "2026-03-01T00:00:00Z");
    given_occasion("coupon", "A1");
    then_passes("email");
}

static void the_freeze_ends_with_its_time(void **state)
{
    (void)state;
    given_policy("freeze: 1d\n" CLASSIC);
    given_consent("email", "marketing", "granted");
    given_complaint(COMPLAINT_RESPONDED, "2026-03-02T00:00:00Z");
    given_now("2026-03-02T23:59:59.999Z");
    given_occasion("coupon", "A1");
    then_refused("frozen");
    given_now("2026-03-03T00:00:00Z");
    then_passes("email");
}

static void what_is_too_late_is_expired_one_millisecond_after(void **state)
{
    (void)state;
    given_policy(CLASSIC);
    given_occasion("thanks", "A1");
    occasion.expires_ms = stage_moment->now_ms;
    then_passes("sms email");
    occasion.expires_ms--;
    then_refused("expired");
}

/* Everything is wrong at once, and is put right from the front. */
static void the_first_guard_that_refuses_gives_the_reason(void **state)
{
    (void)state;
    given_policy("mode: off\nnot_before: 2026-03-02\n" CLASSIC);
    given_item(ITEM_LAST, "greeting", "2026");
    given_complaint(COMPLAINT_OPENED, "2026-03-01T00:00:00Z");
    given_occasion("greeting", "2026");
    occasion.event_ms = occasion.expires_ms = 1;
    then_refused("off");
    given_policy("not_before: 2026-03-02\n" CLASSIC);
    given_occasion("greeting", "2026");
    occasion.event_ms = occasion.expires_ms = 1;
    then_refused("not_before");
    occasion.event_ms = stage_moment->now_ms;
    then_refused("no_consent");
    given_consent("sms", "marketing", "granted");
    then_refused("already_sent");
    occasion.occurrence = SLICE("2027");
    then_refused("frozen");
    given_complaint(COMPLAINT_RESOLVED, "2026-03-01T00:00:00Z");
    then_refused("expired");
    occasion.expires_ms = 0;
    then_passes("sms");
}

#define AT_NIGHT                                                                                             \
    "default_zone: Europe/Berlin\n"                                                                          \
    "quiet_hours: {from: '21:00', to: '08:00', channels: [sms, push]}\n" CLASSIC

static void then_held_until(const char *until)
{
    gate_ask(stage_moment, stage_customer(), &occasion, &ruling);
    assert_int_equal(ruling.answer, GATE_HOLDS);
    assert_string_equal(ruling.reason, "quiet_hours");
    assert_int_equal(ruling.until_ms, instant(until));
}

static void at_night_it_is_held_until_the_morning_of_the_customers_zone(void **state)
{
    (void)state;
    given_policy(AT_NIGHT);
    given_consent("sms", "marketing", "granted");
    given_now("2026-03-02T19:59:59.999Z");
    given_occasion("greeting", "2026");
    then_passes("sms");
    given_now("2026-03-02T20:00:00Z");
    then_held_until("2026-03-03T07:00:00Z");
    given_now("2026-03-03T06:59:59.999Z");
    then_held_until("2026-03-03T07:00:00Z");
    given_now("2026-03-03T07:00:00Z");
    then_passes("sms");
    given_field(CUSTOMER_zone, "Asia/Kolkata"); /* 12:30 there, then 21:00 */
    then_passes("sms");
    given_now("2026-03-03T15:30:00Z");
    then_held_until("2026-03-04T02:30:00Z");
}

static void a_channel_that_is_quiet_falls_away_while_another_is_left(void **state)
{
    (void)state;
    given_policy(AT_NIGHT);
    given_consent("sms", "marketing", "granted");
    given_consent("email", "marketing", "granted");
    given_now("2026-03-02T23:00:00Z");
    given_occasion("greeting", "2026");
    then_passes("email");
    given_now("2026-03-02T12:00:00Z");
    then_passes("email sms");
}

static void answers_and_tasks_go_out_at_night(void **state)
{
    (void)state;
    given_policy(AT_NIGHT);
    given_now("2026-03-02T23:00:00Z");
    given_occasion("thanks", "A1");
    then_passes("sms email");
    given_occasion("care", "Q1");
    then_passes("task");
    given_policy("quiet_hours: {from: '17:00', to: '09:00', classes: [task]}\n" CLASSIC);
    given_occasion("care", "Q1");
    then_held_until("2026-03-03T09:00:00Z");
}

static void of_several_quiet_hours_the_end_of_all_counts(void **state)
{
    (void)state;
    given_policy("quiet_hours:\n"
                 "  - {from: '22:00', to: '06:00'}\n"
                 "  - {from: '06:00', to: '09:30', channels: [sms]}\n"
                 "  - {from: '05:00', to: '08:00', channels: [push]}\n" CLASSIC);
    given_consent("sms", "marketing", "granted");
    given_now("2026-03-02T23:00:00Z");
    given_occasion("greeting", "2026");
    then_held_until("2026-03-03T09:30:00Z");
    given_consent("push", "marketing", "granted");
    then_held_until("2026-03-03T08:00:00Z"); /* the first that may be used again */
}

static void what_is_refused_besides_is_not_held(void **state)
{
    (void)state;
    given_policy(AT_NIGHT);
    given_consent("sms", "marketing", "granted");
    given_now("2026-03-02T23:00:00Z");
    given_occasion("greeting", "2026");
    occasion.expires_ms = stage_moment->now_ms - 1;
    then_refused("expired");
    given_complaint(COMPLAINT_OPENED, "2026-03-01T00:00:00Z");
    then_refused("frozen");
}

static const char *const guard_names[] = {
#define GATE(reason, sentence) #reason,
#include "producers/gate.def"
#undef GATE
};

struct heard {
    size_t count;
    struct {
        const char *reason;
        enum gate_answer answer;
    } guards[32];
};

static void hear(void *context, const char *reason, const char *sentence, enum gate_answer answer,
                 const struct ruling *said)
{
    struct heard *heard = context;
    assert_true(sentence[0] != '\0');
    assert_ptr_equal(said, &ruling);
    heard->guards[heard->count].reason = reason;
    heard->guards[heard->count++].answer = answer;
}

/* What people are told is what decides: the same guards in the same order, up to the one that refuses. */
static void each_guard_is_told_up_to_the_one_that_refuses(void **state)
{
    (void)state;
    struct heard heard = {0};
    given_policy(CLASSIC);
    given_occasion("coupon", "A1");
    gate_tell(stage_moment, stage_customer(), &occasion, hear, &heard, &ruling);
    assert_int_equal(heard.count, 3);
    assert_string_equal(heard.guards[0].reason, "off");
    assert_int_equal(heard.guards[0].answer, GATE_PASSES);
    assert_string_equal(heard.guards[2].reason, "no_consent");
    assert_int_equal(heard.guards[2].answer, GATE_REFUSES);
    assert_string_equal(ruling.reason, "no_consent");

    given_consent("email", "marketing", "granted");
    heard.count = 0;
    gate_tell(stage_moment, stage_customer(), &occasion, hear, &heard, &ruling);
    assert_int_equal(ruling.answer, GATE_PASSES);
    assert_int_equal(heard.count, sizeof guard_names / sizeof *guard_names);
    for (size_t i = 0; i < heard.count; i++) {
        assert_string_equal(heard.guards[i].reason, guard_names[i]);
    }
    then_passes("email");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_guard_is_told_up_to_the_one_that_refuses),
        TEST(a_class_without_consent_may_use_all_its_channels_in_order),
        TEST(consent_leaves_the_granted_channels_in_the_follow_ups_order),
        TEST(nobody_is_sold_anything_without_consent),
        TEST(the_purpose_is_that_of_the_class),
        TEST(what_is_off_is_refused),
        TEST(an_event_from_before_the_policys_not_before_is_refused),
        TEST(a_purchase_whose_order_is_marked_has_been_sent),
        TEST(a_year_that_was_decided_and_those_before_have_been_sent),
        TEST(the_last_complaint_and_a_launch_that_were_decided_have_been_sent),
        TEST(an_open_complaint_freezes_marketing_but_not_answers),
        TEST(the_freeze_ends_with_its_time),
        TEST(what_is_too_late_is_expired_one_millisecond_after),
        TEST(the_first_guard_that_refuses_gives_the_reason),
        TEST(at_night_it_is_held_until_the_morning_of_the_customers_zone),
        TEST(a_channel_that_is_quiet_falls_away_while_another_is_left),
        TEST(answers_and_tasks_go_out_at_night),
        TEST(of_several_quiet_hours_the_end_of_all_counts),
        TEST(what_is_refused_besides_is_not_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
