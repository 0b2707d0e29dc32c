/* SPDX-License-Identifier: MIT */
/* What profiles, consents and visits make of a customer, and how event ids are remembered. */
#include "common/digest.h"
#include "consumers/handlers.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define T INT64_C(1772000000000)

static struct event profile_at(int64_t time_ms)
{
    return (struct event){.type = EVENT_PROFILE_CHANGED, .time_ms = time_ms};
}

static void when(event_handler *handler, struct event event)
{
    enum reject reject = REJECT_NONE;
    assert_int_equal(handler(stage_moment, stage_customer(), &event, &reject), HANDLED_FOLDED);
}

static void when_text(int64_t time_ms, const char *country, enum presence presence)
{
    struct event event = profile_at(time_ms);
    event.data.profile.country = presence;
    event.data.profile.country_text = slice_of(country);
    when(profile_changed, event);
}

static void when_interests(int64_t time_ms, struct slice *names, size_t count)
{
    struct event event = profile_at(time_ms);
    event.data.profile.interests = count > 0 ? FIELD_GIVEN : FIELD_REMOVED;
    event.data.profile.interest_names = names;
    event.data.profile.interest_count = count;
    when(profile_changed, event);
}

static void then_text(enum customer_field field, const char *expected)
{
    char text[80];
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(customer_text(stage_customer(), field)));
    assert_string_equal(text, expected);
}

static void the_newest_profile_holds_and_older_ones_fill_gaps(void **state)
{
    (void)state;
    when_text(T, "AT", FIELD_GIVEN);
    when_text(T - 5, "DE", FIELD_GIVEN);
    then_text(CUSTOMER_country, "AT");
    when_text(T - 5, "", FIELD_REMOVED);
    then_text(CUSTOMER_country, "AT");
    assert_int_equal(customer_int(stage_customer(), CUSTOMER_profile_time), T);
    struct event older = profile_at(T - 5);
    older.data.profile.language = FIELD_GIVEN;
    older.data.profile.language_text = SLICE("de");
    when(profile_changed, older);
    then_text(CUSTOMER_language, "de");
    when_text(T + 5, "", FIELD_REMOVED);
    then_text(CUSTOMER_country, "");
    then_text(CUSTOMER_language, "de");
    assert_int_equal(customer_int(stage_customer(), CUSTOMER_profile_time), T + 5);
}

static void interests_are_replaced(void **state)
{
    (void)state;
    struct slice first[] = {SLICE("tea"), SLICE("jazz")}, second[] = {SLICE("jazz"), SLICE("books")};
    when_interests(T, first, 2);
    when_interests(T + 5, second, 2);
    then_item(ITEM_INTEREST, "tea", NULL);
    then_item(ITEM_INTEREST, "jazz", "declared");
    then_item(ITEM_INTEREST, "books", "declared");
    when_interests(T + 1, first, 2);
    then_item(ITEM_INTEREST, "tea", NULL);
    when_interests(T + 6, NULL, 0);
    assert_int_equal(customer_item_count(stage_customer(), ITEM_INTEREST), 0);
    when_interests(T + 1, first, 2);
    then_item(ITEM_INTEREST, "tea", "declared");
}

static void the_first_sixteen_interests_count(void **state)
{
    (void)state;
    struct slice names[18];
    char text[18][4];
    for (int i = 0; i < 18; i++) {
        snprintf(text[i], sizeof text[i], "i%02d", i);
        names[i] = slice_of(text[i]);
    }
    when_interests(T, names, 18);
    assert_int_equal(customer_item_count(stage_customer(), ITEM_INTEREST), 16);
    then_item(ITEM_INTEREST, "i15", "declared");
    then_item(ITEM_INTEREST, "i16", NULL);
    then_total("limited", 2);
}

static void a_birth_date_sets_the_yearly_timer(void **state)
{
    (void)state;
    struct event event = profile_at(T);
    event.data.profile.birth = FIELD_GIVEN;
    memcpy(event.data.profile.birth_text, "1980-07-04", 11);
    when(profile_changed, event);
    then_timer("yearly", "2026-05-05T00:00:00Z");
    event = profile_at(T + 1);
    event.data.profile.zone = FIELD_GIVEN;
    event.data.profile.zone_text = SLICE("Asia/Tokyo");
    when(profile_changed, event);
    then_timer("yearly", "2026-05-04T15:00:00Z");
    assert_int_equal(customer_int(stage_customer(), CUSTOMER_birth_changed), 0);
    event = profile_at(T + 2);
    event.data.profile.birth = FIELD_REMOVED;
    when(profile_changed, event);
    assert_int_equal(customer_int(stage_customer(), CUSTOMER_birth_changed), stage_moment->now_ms);
    then_no_timer("yearly");
}

static void special_dates_are_replaced_up_to_the_limit(void **state)
{
    (void)state;
    given_policy("limits: {special_dates: 2}");
    struct special_date dates[] = {
        {SLICE("a"), "--01-01"},
        {SLICE("b"), "--02-02"},
        {SLICE("c"), "--03-03"}
    };
    struct event event = profile_at(T);
    event.data.profile.special_dates = FIELD_GIVEN;
    event.data.profile.dates = dates;
    event.data.profile.date_count = 3;
    when(profile_changed, event);
    then_item(ITEM_DATE, "a", "--01-01");
    then_item(ITEM_DATE, "b", "--02-02");
    then_item(ITEM_DATE, "c", NULL);
    then_total("limited", 1);
    event.time_ms = T - 1; /* older: fills gaps only */
    event.data.profile.special_dates = FIELD_REMOVED;
    when(profile_changed, event);
    then_item(ITEM_DATE, "a", "--01-01");
    event.time_ms = T + 1;
    event.data.profile.special_dates = FIELD_GIVEN;
    event.data.profile.dates = dates + 1;
    event.data.profile.date_count = 1;
    when(profile_changed, event);
    then_item(ITEM_DATE, "a", NULL);
    then_item(ITEM_DATE, "b", "--02-02");
    event.data.profile.special_dates = FIELD_REMOVED;
    when(profile_changed, event);
    then_item(ITEM_DATE, "b", NULL);
}

static void the_household_is_replaced_up_to_the_limit(void **state)
{
    (void)state;
    given_policy("limits: {household: 2}");
    struct household_member members[] = {
        {.id = SLICE("m1"),
         .relation = RELATION_CHILD,
         .birth = {.year = 2016, .month = 5, .day = 4},
         .name = SLICE("Mia Sophie")},
        {.id = SLICE("m2"),
         .relation = RELATION_PARTNER,
         .birth = {.calendar = CALENDAR_LUNAR, .month = 8, .day = 15}                                   },
        {.id = SLICE("m3"),                 .relation = RELATION_OTHER,        .birth = {.month = 1, .day = 1}}
    };
    struct event event = profile_at(T);
    event.data.profile.household = FIELD_GIVEN;
    event.data.profile.members = members;
    event.data.profile.member_count = 3;
    when(profile_changed, event);
    then_item(ITEM_MEMBER, "m1", "child 2016-05-04 Mia Sophie");
    then_item(ITEM_MEMBER, "m2", "partner L--08-15");
    then_item(ITEM_MEMBER, "m3", NULL);
    then_total("limited", 1);
    then_timer("yearly", "2026-03-05T00:00:00Z"); /* sixty days before the child's */
    event.time_ms = T - 1;                        /* older: fills gaps only */
    event.data.profile.household = FIELD_REMOVED;
    when(profile_changed, event);
    then_item(ITEM_MEMBER, "m1", "child 2016-05-04 Mia Sophie");
    event.time_ms = T + 1;
    event.data.profile.household = FIELD_GIVEN;
    members[1].relation = RELATION_PARENT;
    event.data.profile.members = members + 1;
    event.data.profile.member_count = 1;
    when(profile_changed, event);
    then_item(ITEM_MEMBER, "m1", NULL);
    then_item(ITEM_MEMBER, "m2", "parent L--08-15");
    event.data.profile.household = FIELD_REMOVED;
    when(profile_changed, event);
    then_item(ITEM_MEMBER, "m2", NULL);
    then_no_timer("yearly");
}

static void when_consent(int64_t time_ms, enum consent_state said)
{
    struct event event = {.type = EVENT_CONSENT_CHANGED, .time_ms = time_ms};
    event.data.consent =
        (struct consent_event){.channel = CONTACT_email, .purpose = PURPOSE_MARKETING, .state = said};
    when(consent_changed, event);
}

static void the_newest_consent_holds(void **state)
{
    (void)state;
    when_consent(T, CONSENT_GRANTED);
    then_item(ITEM_CONSENT, "email:marketing", "granted 1772000000000");
    when_consent(T - 1, CONSENT_WITHDRAWN);
    then_item(ITEM_CONSENT, "email:marketing", "granted 1772000000000");
    when_consent(T, CONSENT_WITHDRAWN);
    then_item(ITEM_CONSENT, "email:marketing", "withdrawn 1772000000000");
    when_consent(T, CONSENT_GRANTED);
    then_item(ITEM_CONSENT, "email:marketing", "withdrawn 1772000000000");
    when_consent(T + 1, CONSENT_GRANTED);
    then_item(ITEM_CONSENT, "email:marketing", "granted 1772000000001");
    struct consent kept = consent_get(stage_customer(), CONTACT_sms, PURPOSE_MARKETING);
    assert_int_equal(kept.state, CONSENT_UNKNOWN);
    assert_int_equal(kept.time_ms, 0);
}

static void visits_count_by_channel_and_hour(void **state)
{
    (void)state;
    struct event event = {.type = EVENT_VISIT_MADE, .time_ms = T}; /* 06:13 */
    event.data.visit.channel = SALES_app;
    given_field(CUSTOMER_country, "JP"); /* which has one zone only, so it is 15:13 */
    when(visit_made, event);
    when(visit_made, event);
    assert_int_equal(customer_int(stage_customer(), CUSTOMER_visits), 2);
    then_item(ITEM_CHANNEL, "app", "0 2 0");
    then_text(CUSTOMER_hours, "000000000000000200000000");
}

static void eight_to_sixteen_event_ids_are_remembered(void **state)
{
    (void)state;
    for (uint64_t id = 1; id <= 100; id++) {
        assert_false(event_id_is_known(stage_customer(), id * 0x10001));
        event_id_remember(stage_customer(), id * 0x10001);
        for (uint64_t old = 1; old <= id; old++) {
            uint64_t kept = (id - 1) % 8 + 1 + (id > 8 ? 8 : 0);
            assert_int_equal(event_id_is_known(stage_customer(), old * 0x10001), id - old < kept);
        }
    }
    char text[9];
    digest_id_text(100 * 0x10001, text);
    assert_memory_equal(customer_text(stage_customer(), CUSTOMER_ids).data + 24, text, 8);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)
    const struct CMUnitTest tests[] = {
        TEST(the_newest_profile_holds_and_older_ones_fill_gaps),
        TEST(interests_are_replaced),
        TEST(the_first_sixteen_interests_count),
        TEST(a_birth_date_sets_the_yearly_timer),
        TEST(special_dates_are_replaced_up_to_the_limit),
        TEST(the_household_is_replaced_up_to_the_limit),
        TEST(the_newest_consent_holds),
        TEST(visits_count_by_channel_and_hour),
        TEST(eight_to_sixteen_event_ids_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
