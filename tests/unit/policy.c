/* SPDX-License-Identifier: MIT */
/* The policy as it is taken over: cautious defaults, every key, the record that brings it back, the zone of a
 * customer. */
#include "config/policy.h"

#include "common/customer.h"
#include "tests/unit/policy_text.h"

#include <stdio.h>

static void the_smallest_policy_is_shadow_and_its_defaults_are_cautious(void **state)
{
    (void)state;
    struct policy *policy = good("policy: 1\n");
    assert_int_equal(policy->mode, MODE_SHADOW);
    assert_int_equal(policy->clock, CLOCK_APPEND);
    assert_int_equal(policy->not_before_ms, 0);
    assert_int_equal(policy->freeze_ms, 30 * DAY_MS);
    assert_true(slice_is(policy->default_zone, "Etc/UTC"));
    assert_int_equal(policy->follow_up_count, 0);
    assert_int_equal(policy->zone_count, 0);
#define POLICY_LIMIT(name, def, low, high, sentence) assert_int_equal(policy->limits.name, def);
#include "config/policy_limits.def"
#undef POLICY_LIMIT
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        bool sells = i == CLASS_marketing || i == CLASS_content;
        assert_true(policy->classes[i].needs_consent == sells && policy->classes[i].freezes == sells);
    }
    assert_int_equal(policy->classes[CLASS_marketing].purpose, PURPOSE_MARKETING);
    assert_int_equal(policy->classes[CLASS_content].purpose, PURPOSE_CONTENT);
    policy_free(policy);
    policy_free(NULL);
}

static void before_any_policy_nothing_is_sent(void **state)
{
    (void)state;
    const struct policy *none = policy_none();
    assert_int_equal(none->mode, MODE_OFF);
    assert_string_equal(none->version, "");
    assert_int_equal(none->follow_up_count, 0);
    assert_int_equal(none->limits.orders, 48);
    assert_true(slice_is(none->default_zone, "Etc/UTC"));
    assert_true(zone_exists(none->default_zone));
    assert_null(policy_follow_up(none, SLICE("thank-you")));
}

static void every_key_is_taken_over(void **state)
{
    (void)state;
    struct policy *policy =
        good("policy: 1\nmode: live\nclock: event\ndefault_zone: America/New_York\n"
             "not_before: 2024-07-01\nfreeze: 12h\nlimits: {orders: 10, fan_out_chunk: 7}\n"
             "zones:\n  US-CA: America/Los_Angeles\n  US: America/Chicago\n"
             "classes:\n  marketing: {needs_consent: false, freezes: false}\n"
             "  transactional: {needs_consent: true, purpose: content, freezes: true}\n"
             "follow_ups:\n  b:\n    on: birthday\n    class: marketing\n    at: \"07:30\"\n"
             "    leap_day: leap-years\n    channels: [sms, email]\n    mode: shadow\n");
    assert_int_equal(policy->mode, MODE_LIVE);
    assert_int_equal(policy->clock, CLOCK_EVENT);
    assert_int_equal(policy->not_before_ms, 1719806400000); /* midnight in New York */
    assert_int_equal(policy->freeze_ms, 12 * HOUR_MS);
    assert_int_equal(policy->limits.orders, 10);
    assert_int_equal(policy->limits.fan_out_chunk, 7);
    assert_int_equal(policy->limits.refunds, 48);
    assert_false(policy->classes[CLASS_marketing].needs_consent || policy->classes[CLASS_marketing].freezes);
    assert_true(policy->classes[CLASS_transactional].needs_consent &&
                policy->classes[CLASS_transactional].freezes);
    assert_int_equal(policy->classes[CLASS_transactional].purpose, PURPOSE_CONTENT);
    const struct follow_up *b = policy_follow_up(policy, SLICE("b"));
    assert_non_null(b);
    assert_int_equal(b->on, ON_BIRTHDAY);
    assert_int_equal(b->mode, MODE_SHADOW);
    assert_int_equal(b->at_minute, 7 * 60 + 30);
    assert_int_equal(b->rules.leap_day, LEAP_DAY_LEAP_YEARS);
    assert_int_equal(b->expires_after_ms, 12 * HOUR_MS);
    assert_int_equal(b->channel_count, 2);
    assert_true(b->channels[0] == CONTACT_sms && b->channels[1] == CONTACT_email);
    assert_true(slice_is(b->content, "b")); /* its own name */
    assert_null(b->offer.data);
    policy_free(policy);
}

static void the_lower_of_both_modes_holds(void **state)
{
    (void)state;
    const char *const words[] = {"off", "shadow", "live"};
    for (int whole = MODE_OFF; whole <= MODE_LIVE; whole++) {
        for (int own = MODE_OFF; own <= MODE_LIVE; own++) {
            struct buf yaml = {0};
            buf_printf(&yaml, "mode: %s\n" PURCHASE "    mode: %s%c", words[whole], words[own], '\0');
            struct policy *policy = good(yaml.data);
            assert_int_equal(policy->follow_ups[0].mode, whole < own ? whole : own);
            policy_free(policy);
            buf_done(&yaml);
        }
    }
}

static void after_is_one_duration_or_one_for_each_severity(void **state)
{
    (void)state;
    struct policy *policy = good(PURCHASE "    after: 90s\n");
    for (size_t i = 0; i < SEVERITY_COUNT; i++) {
        assert_int_equal(policy->follow_ups[0].after_ms[i], 90 * SECOND_MS);
    }
    assert_int_equal(policy->follow_ups[0].expires_after_ms, 0);
    policy_free(policy);

    policy = good(
        HEAD
        "    on: complaint.opened\n    class: task\n"
        "    after: {critical: 15m, low: 3d, normal: 12h, high: 0s}\n    unless: complaint.acknowledged\n"
        "    expires_after: never\n");
    const int64_t *after_ms = policy->follow_ups[0].after_ms;
    assert_int_equal(after_ms[SEVERITY_LOW], 3 * DAY_MS);
    assert_int_equal(after_ms[SEVERITY_NORMAL], 12 * HOUR_MS);
    assert_int_equal(after_ms[SEVERITY_HIGH], 0);
    assert_int_equal(after_ms[SEVERITY_CRITICAL], 900 * SECOND_MS);
    assert_int_equal(policy->follow_ups[0].unless, UNLESS_ACKNOWLEDGED);
    assert_int_equal(policy->follow_ups[0].channel_count, 1); /* of a task */
    assert_int_equal(policy->follow_ups[0].channels[0], CONTACT_task);
    policy_free(policy);
}

static void the_record_brings_back_the_policy_and_its_version(void **state)
{
    (void)state;
    const char *yaml = "# \"quoted\" \\ and\ttabbed, für dich\nmode: live\n" PURCHASE "    after: 2d\n";
    struct policy *before = good(yaml), *after = NULL;
    struct buf body = {0};
    char problem[256];
    policy_record_body(slice_of(yaml), &body);
    assert_int_equal(policy_record_read(buf_view(&body), problem, &after), POLICY_OK);
    assert_true(slice_is(after->text, yaml));
    assert_string_equal(after->version, before->version);
    assert_int_equal(strspn(after->version, "0123456789abcdef"), 16);
    assert_int_equal(after->mode, MODE_LIVE);
    assert_int_equal(after->follow_ups[0].after_ms[0], 2 * DAY_MS);
    assert_true(slice_is(after->follow_ups[0].name, "f"));
    policy_free(before);
    buf_done(&body); /* nothing of the policy lies in it */
    assert_true(slice_is(after->follow_ups[0].content, "f"));
    policy_free(after);
}

static void a_version_is_the_contents(void **state)
{
    (void)state;
    struct policy *one = good("policy: 1\n"), *same = good("policy: 1\n"), *other = good("policy: 1\n\n");
    assert_string_equal(one->version, same->version);
    assert_string_not_equal(one->version, other->version);
    policy_free(one);
    policy_free(same);
    policy_free(other);

    struct policy *older = NULL, *oldest = NULL; /* for older zone data: another record, another version */
    char problem[256];
    assert_int_equal(
        policy_record_read(SLICE("{\"fold\": 1, \"zones\": \"2020a\", \"policy\": \"policy: 1\\n\"}"),
                           problem, &older),
        POLICY_OK);
    assert_int_equal(
        policy_record_read(SLICE("{\"fold\": 1, \"zones\": \"2019c\", \"policy\": \"policy: 1\\n\"}"),
                           problem, &oldest),
        POLICY_OK);
    assert_string_not_equal(older->version, oldest->version);
    policy_free(older);
    policy_free(oldest);
}

static void then_record(const char *body, enum policy_fault fault, const char *sentence)
{
    struct policy *policy = NULL;
    char problem[256] = "";
    assert_int_equal(policy_record_read(slice_of(body), problem, &policy), fault);
    assert_null(policy);
    if (strstr(problem, sentence) == NULL) {
        fail_msg("'%s' is not in '%s'", sentence, problem);
    }
}

static void a_record_of_an_unknown_version_or_none_at_all_is_told_apart(void **state)
{
    (void)state;
    then_record("{\"fold\": 2, \"zones\": \"2020a\", \"policy\": \"nothing: known\"}", POLICY_UNKNOWN_VERSION,
                "the policy is for fold version 2, this program has version 1");
    then_record("{\"fold\": 1, \"zones\": \"2999a\", \"policy\": \"policy: 1\"}", POLICY_UNKNOWN_VERSION,
                "the policy is for the zone data 2999a, this program has ");
    then_record("", POLICY_UNREADABLE, "no JSON");
    then_record("{\"fold\": 1", POLICY_UNREADABLE, "no JSON");
    then_record("[]", POLICY_UNREADABLE, "must have fold");
    then_record("{\"fold\": 1, \"policy\": \"policy: 1\"}", POLICY_UNREADABLE, "must have fold");
    then_record("{\"fold\": \"1\", \"zones\": \"2020a\", \"policy\": \"policy: 1\"}", POLICY_UNREADABLE,
                "must have fold");
    then_record("{\"fold\": 1, \"zones\": \"2020a\", \"policy\": \"policy: 1\\nmode: x\\nclock: y\"}",
                POLICY_UNREADABLE, "policy:2:7: mode must be off, shadow or live, not 'x'");
}

static void then_zone(const struct policy *policy, const char *zone, const char *country, const char *region,
                      const char *wanted)
{
    struct customer *customer = customer_create(SLICE("C1"));
    customer_text_set(customer, CUSTOMER_zone, slice_of(zone));
    customer_text_set(customer, CUSTOMER_country, slice_of(country));
    customer_text_set(customer, CUSTOMER_region, slice_of(region));
    struct slice got = policy_zone(policy, customer);
    if (!slice_is(got, wanted)) {
        fail_msg("zone '%s' country '%s' region '%s': %.*s, not %s", zone, country, region, SLICE_ARG(got),
                 wanted);
    }
    customer_destroy(customer);
}

static void a_customers_zone_is_the_first_that_is_known(void **state)
{
    (void)state;
    struct policy *policy = good("policy: 1\ndefault_zone: Asia/Tokyo\nzones:\n  US-CA: America/Los_Angeles\n"
                                 "  US: America/Chicago\n  FR: Pacific/Noumea\n  DE: Europe/Berlin\n"
                                 "  US-AZ: America/Phoenix\n  BR-SP: America/Sao_Paulo\n");
    then_zone(policy, "Africa/Cairo", "US", "CA", "Africa/Cairo");
    then_zone(policy, "No/Where", "US", "CA", "America/Los_Angeles");
    then_zone(policy, "", "US", "CA", "America/Los_Angeles");
    then_zone(policy, "", "US", "AZ", "America/Phoenix");
    then_zone(policy, "", "US", "TX", "America/Chicago");
    then_zone(policy, "", "US", "", "America/Chicago");
    then_zone(policy, "", "DE", "BY", "Europe/Berlin");
    then_zone(policy, "", "FR", "", "Pacific/Noumea"); /* before the country's only one */
    then_zone(policy, "", "AT", "", "Europe/Vienna");
    then_zone(policy, "", "BR", "RJ", "Asia/Tokyo"); /* several zones, no rule */
    then_zone(policy, "", "", "CA", "Asia/Tokyo");
    then_zone(policy, "", "US", "FAR-TOO-LONG-A-REGION", "America/Chicago");
    then_zone(policy, "", "", "", "Asia/Tokyo");
    then_zone(policy_none(), "", "AT", "", "Europe/Vienna");
    then_zone(policy_none(), "", "DE", "", "Etc/UTC");
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_policy_is_shadow_and_its_defaults_are_cautious),
        cmocka_unit_test(before_any_policy_nothing_is_sent),
        cmocka_unit_test(every_key_is_taken_over),
        cmocka_unit_test(the_lower_of_both_modes_holds),
        cmocka_unit_test(after_is_one_duration_or_one_for_each_severity),
        cmocka_unit_test(the_record_brings_back_the_policy_and_its_version),
        cmocka_unit_test(a_version_is_the_contents),
        cmocka_unit_test(a_record_of_an_unknown_version_or_none_at_all_is_told_apart),
        cmocka_unit_test(a_customers_zone_is_the_first_that_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
