/* SPDX-License-Identifier: MIT */
/* From records to events: what is read of each type, and every reason for which one is refused. What is wrong
 * with envelopes is in cloudevent.c, with JSON in json.c; here is one of each. */
#include "consumers/decode.h"

#include "common/cloudevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define APPENDED_MS INT64_C(1772452800000) /* 2026-03-02T12:00:00Z */
#define DAY_MS      INT64_C(86400000)

static struct arena *arena, *tree;
static struct event event;

static int given_arena(void **state)
{
    (void)state;
    arena = arena_create(1 << 16);
    tree = arena_create(1 << 16);
    return 0;
}

static int without_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    arena_destroy(tree);
    return 0;
}

static struct record record_of(struct slice key, struct slice body)
{
    return (struct record){.append_ms = APPENDED_MS, .key = key, .value = body};
}

/* An event in structured mode. type without "loyalty." and ".v1"; more: further members of the envelope, with
 * their comma; data NULL: none. */
static struct slice body_of(const char *type, const char *more, const char *data)
{
    return arena_printf(
        arena,
        "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"loyalty.%s.v1\"%s%s%s}", type,
        more, data != NULL ? ",\"data\":" : "", data != NULL ? data : "");
}

static enum reject decode(struct slice key, struct slice body, bool clock_is_event)
{
    struct record record = record_of(key, body);
    event = (struct event){.time_ms = -77};
    enum reject reject = event_decode(&record, clock_is_event, tree, arena, &event);
    arena_reset(tree, 0); /* the event must stand without it */
    assert_true(reject == REJECT_NONE || event.time_ms == -77);
    return reject;
}

static void then_decodes(const char *type, const char *data)
{
    enum reject reject = decode((struct slice){0}, body_of(type, ",\"subject\":\"C1\"", data), false);
    if (reject != REJECT_NONE) {
        print_error("%s: %s %s\n", reject_name(reject), type, data != NULL ? data : "");
    }
    assert_int_equal(reject, REJECT_NONE);
}

static void then_envelope(const char *type, const char *more, enum reject expected)
{
    enum reject reject = decode((struct slice){0}, body_of(type, more, "{}"), false);
    if (reject != expected) {
        print_error("%s instead of %s: %s %s\n", reject_name(reject), reject_name(expected), type, more);
    }
    assert_int_equal(reject, expected);
}

static void then_refused(const char *type, const char *data, enum reject expected)
{
    enum reject reject = decode((struct slice){0}, body_of(type, ",\"subject\":\"C1\"", data), false);
    if (reject != expected) {
        print_error("%s instead of %s: %s %s\n", reject_name(reject), reject_name(expected), type,
                    data != NULL ? data : "");
    }
    assert_int_equal(reject, expected);
}

static void then_slice(struct slice got, const char *expected)
{
    char text[512];
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(got));
    assert_string_equal(text, expected);
}

static void a_purchase_is_read(void **state)
{
    (void)state;
    then_decodes(
        "purchase.completed",
        "{\"order_id\":\"A1\",\"currency\":\"EUR\",\"net_minor\":1250,\"sales_channel\":\"web\",\"lines\":["
        "{\"sku\":\"x y\",\"category\":\"tea\",\"quantity\":\"0.5\",\"unit_price_minor\":5},"
        "{\"category\":\"cups\"},{},{\"category\":null},{\"category\":\"tea\",\"cost_minor\":0}],\"more\":{}"
        "}");
    const struct purchase *purchase = &event.data.purchase;
    assert_int_equal(event.type, EVENT_PURCHASE_COMPLETED);
    assert_int_equal(event.time_ms, APPENDED_MS);
    then_slice(event.subject, "C1");
    then_slice(purchase->order_id, "A1");
    assert_string_equal(purchase->currency, "EUR");
    assert_int_equal(purchase->net_minor, 1250);
    assert_int_equal(purchase->channel, SALES_web);
    assert_int_equal(purchase->category_count, 2);
    then_slice(purchase->categories[0], "tea");
    then_slice(purchase->categories[1], "cups");
    then_decodes("purchase.completed",
                 "{\"order_id\":\"A1\",\"currency\":\"EUR\",\"net_minor\":0,\"sales_channel\":\"kiosk\"}");
    assert_int_equal(event.data.purchase.channel, SALES_other);
    assert_int_equal(event.data.purchase.category_count, 0);
}

static void cancellations_and_refunds_are_read(void **state)
{
    (void)state;
    then_decodes("purchase.cancelled", "{\"order_id\":\"A1\"}");
    then_slice(event.data.cancellation.order_id, "A1");
    then_decodes("purchase.refunded", "{\"refund_id\":\"R1\",\"order_id\":\"A1\",\"net_minor\":null}");
    assert_false(event.data.refund.has_amount);
    assert_string_equal(event.data.refund.currency, "");
    then_decodes("purchase.refunded", "{\"refund_id\":\"R1\",\"net_minor\":7,\"currency\":\"JPY\"}");
    assert_true(event.data.refund.has_amount);
    assert_null(event.data.refund.order_id.data);
    assert_int_equal(event.data.refund.net_minor, 7);
}

static void visits_and_complaints_are_read(void **state)
{
    (void)state;
    then_decodes("visit.made", NULL);
    assert_int_equal(event.data.visit.channel, SALES_other);
    then_decodes("visit.made", "{\"sales_channel\":\"call_centre\"}");
    assert_int_equal(event.data.visit.channel, SALES_call_centre);
    then_decodes("complaint.opened", "{\"complaint_id\":\"Q1\"}");
    assert_int_equal(event.data.complaint.severity, SEVERITY_NORMAL);
    assert_null(event.data.complaint.reason.data);
    then_decodes(
        "complaint.opened",
        "{\"complaint_id\":\"Q1\",\"severity\":\"critical\",\"reason\":\"late\",\"sales_channel\":\"app\"}");
    assert_int_equal(event.data.complaint.severity, SEVERITY_CRITICAL);
    then_slice(event.data.complaint.reason, "late");
    then_decodes("complaint.resolved", "{\"complaint_id\":\"Q1\",\"severity\":\"worse than ever\"}");
    assert_int_equal(event.type, EVENT_COMPLAINT_RESOLVED);
}

static void profiles_tell_absent_from_removed(void **state)
{
    (void)state;
    then_decodes("profile.changed",
                 "{\"birth_date\":{\"calendar\":\"gregorian\",\"year\":1980,\"month\":2,\"day\":29},"
                 "\"zone\":\"Europe/Vienna\",\"country\":\"AT\",\"region\":null,\"language\":\"de-AT\","
                 "\"interests\":[\"tea\",\"jazz\",\"tea\"]}");
    const struct profile *profile = &event.data.profile;
    assert_int_equal(profile->birth, FIELD_GIVEN);
    assert_string_equal(profile->birth_text, "1980-02-29");
    then_slice(profile->zone_text, "Europe/Vienna");
    then_slice(profile->country_text, "AT");
    assert_int_equal(profile->region, FIELD_REMOVED);
    then_slice(profile->language_text, "de-AT");
    assert_int_equal(profile->interest_count, 2);
    then_slice(profile->interest_names[1], "jazz");
    then_decodes("profile.changed", "{\"birth_date\":{\"calendar\":\"solar\",\"month\":2,\"day\":29}}");
    assert_string_equal(event.data.profile.birth_text, "--02-29");
    assert_int_equal(event.data.profile.zone, FIELD_ABSENT);
    then_decodes("profile.changed", "{\"birth_date\":{\"calendar\":\"chinese\",\"year\":2020,\"month\":4,"
                                    "\"day\":29,\"leap_month\":true}}");
    assert_string_equal(event.data.profile.birth_text, "L2020-04L-29");
    then_decodes("profile.changed",
                 "{\"birth_date\":{\"calendar\":\"lunar\",\"month\":12,\"day\":30,\"leap_month\":false}}");
    assert_string_equal(event.data.profile.birth_text, "L--12-30");
    then_decodes("profile.changed",
                 "{\"special_dates\":[{\"name\":\"wedding\",\"year\":2010,\"month\":6,\"day\":12},"
                 "{\"name\":\"wedding\",\"month\":7,\"day\":1},"
                 "{\"name\":\"moon\",\"calendar\":\"lunar\",\"month\":8,\"day\":15}]}");
    assert_int_equal(event.data.profile.date_count, 2);
    assert_string_equal(event.data.profile.dates[0].text, "2010-06-12");
    assert_string_equal(event.data.profile.dates[1].text, "L--08-15");
    then_decodes(
        "profile.changed",
        "{\"household\":[{\"member\":\"m1\",\"relation\":\"child\",\"name\":\"Mia Sophie\","
        "\"birth_date\":{\"calendar\":\"gregorian\",\"year\":2016,\"month\":5,\"day\":4}},"
        "{\"member\":\"m1\",\"relation\":\"other\",\"birth_date\":{\"calendar\":\"gregorian\",\"month\":1,"
        "\"day\":1}},{\"member\":\"m2\",\"relation\":\"parent\",\"name\":null,\"birth_date\":"
        "{\"calendar\":\"lunar\",\"month\":8,\"day\":15}}]}");
    assert_int_equal(event.data.profile.member_count, 2);
    const struct household_member *members = event.data.profile.members;
    assert_true(slice_is(members[0].name, "Mia Sophie"));
    assert_int_equal(members[0].relation, RELATION_CHILD);
    assert_int_equal(members[0].birth.year, 2016);
    assert_true(slice_is(members[1].id, "m2"));
    assert_int_equal(members[1].name.len, 0);
    then_decodes("profile.changed", "{\"household\":null}");
    assert_int_equal(event.data.profile.household, FIELD_REMOVED);
    then_decodes("profile.changed", "{\"birth_date\":null,\"interests\":null}");
    assert_int_equal(event.data.profile.birth, FIELD_REMOVED);
    assert_int_equal(event.data.profile.interests, FIELD_REMOVED);
}

static void consents_launches_and_erasures_are_read(void **state)
{
    (void)state;
    then_decodes("consent.changed", "{\"contact_channel\":\"in_app\",\"purpose\":\"content\",\"state\":"
                                    "\"withdrawn\",\"text_version\":\"3\"}");
    assert_int_equal(event.data.consent.channel, CONTACT_in_app);
    assert_int_equal(event.data.consent.purpose, PURPOSE_CONTENT);
    assert_int_equal(event.data.consent.state, CONSENT_WITHDRAWN);
    then_decodes("product.launched", "{\"name\":\"Tea No. 5\",\"interests\":[\"tea\",\"tea\",\"green\"]}");
    then_slice(event.data.news.product_id, "C1");
    then_slice(event.data.news.name, "Tea No. 5");
    assert_int_equal(event.data.news.interest_count, 2);
    assert_int_equal(event.data.news.time_ms, APPENDED_MS);
    then_decodes("product.restocked", NULL);
    assert_int_equal(event.data.news.kind, NEWS_RESTOCKED);
    then_decodes("product.repriced", "{\"currency\":\"USD\",\"old_minor\":500,\"new_minor\":400}");
    assert_int_equal(event.data.news.kind, NEWS_REPRICED);
    assert_int_equal(event.data.news.new_minor, 400);
    then_decodes("product.recalled", "{\"severity\":\"high\",\"reference\":\"notice-7\"}");
    assert_int_equal(event.data.news.severity, SEVERITY_HIGH);
    then_slice(event.data.news.reference, "notice-7");
    then_decodes("subscription.changed",
                 "{\"product_id\":\"P1\",\"kind\":\"repriced\",\"state\":\"cancelled\"}");
    assert_int_equal(event.data.subscription.kind, NEWS_REPRICED);
    assert_true(event.data.subscription.cancelled);
    then_decodes("customer.erased", NULL);
    assert_int_equal(event.type, EVENT_CUSTOMER_ERASED);
}

static void news_and_subscriptions_must_make_sense(void **state)
{
    (void)state;
    then_refused("product.repriced", "{\"currency\":\"USD\",\"old_minor\":500}", REJECT_missing_field);
    then_refused("product.repriced", "{\"currency\":\"usd\",\"old_minor\":5,\"new_minor\":4}",
                 REJECT_bad_currency);
    then_refused("product.recalled", "{\"reference\":\"n\"}", REJECT_missing_field);
    then_refused("product.recalled", "{\"severity\":\"huge\",\"reference\":\"n\"}", REJECT_bad_field_value);
    then_refused("subscription.changed",
                 "{\"product_id\":\"P1\",\"kind\":\"recalled\",\"state\":\"subscribed\"}",
                 REJECT_bad_field_value);
    then_refused("subscription.changed", "{\"product_id\":\"P1\",\"kind\":\"restocked\",\"state\":\"on\"}",
                 REJECT_bad_field_value);
}

static void an_anonymous_purchase_is_no_mistake(void **state)
{
    (void)state;
    then_envelope("purchase.completed", "", REJECT_NONE);
    assert_null(event.subject.data);
    then_envelope("purchase.refunded", "", REJECT_NONE);
    then_envelope("visit.made", "", REJECT_missing_subject);
    then_envelope("product.launched", "", REJECT_missing_subject);
    then_envelope("visit.made", ",\"subject\":\"\"", REJECT_bad_subject);
}

static void the_key_is_the_subject_or_none(void **state)
{
    (void)state;
    struct slice body = body_of("visit.made", ",\"subject\":\"C1\"", NULL);
    assert_int_equal(decode(SLICE("C1"), body, false), REJECT_NONE);
    assert_int_equal(decode((struct slice){0}, body, false), REJECT_NONE);
    assert_int_equal(decode(SLICE("C2"), body, false), REJECT_key_differs_from_subject);
    assert_int_equal(decode(SLICE(""), body, false), REJECT_key_differs_from_subject);
}

static void the_subject_alone_can_be_read(void **state)
{
    (void)state;
    struct slice subject;
    struct record record = record_of((struct slice){0}, body_of("no.such", ",\"subject\":\"C1\"", "[]"));
    assert_int_equal(event_decode_subject(&record, tree, &subject), REJECT_NONE);
    then_slice(subject, "C1");
    record = record_of((struct slice){0}, SLICE("{oops"));
    assert_int_equal(event_decode_subject(&record, tree, &subject), REJECT_bad_json);
    assert_null(subject.data);
}

static void what_loyald_writes_itself_is_refused(void **state)
{
    (void)state;
    then_envelope("follow_up.triggered", ",\"subject\":\"C1\"", REJECT_control_type);
    then_envelope("follow_up.decided", ",\"subject\":\"C1\"", REJECT_control_type);
    then_envelope("coupon.withdrawn", ",\"subject\":\"C1\"", REJECT_control_type);
    then_envelope("purchase.pondered", ",\"subject\":\"C1\"", REJECT_unknown_type);
    then_envelope("purchase.completed.v1.v1", ",\"subject\":\"C1\"", REJECT_unknown_type);
}

static void time_is_bounded(void **state)
{
    (void)state;
    static const char subject_and_time[] = ",\"subject\":\"C1\",\"time\":\"%s\"";
    static const struct {
        const char *time;
        enum reject live, import;
    } times[] = {
        {"1970-01-01T00:00:00Z",     REJECT_NONE,              REJECT_NONE             },
        {"1969-12-31T23:59:59.999Z", REJECT_time_out_of_range, REJECT_time_out_of_range},
        {"2026-03-03T12:00:00Z",     REJECT_NONE,              REJECT_NONE             },
        {"2026-03-03T12:00:00.001Z", REJECT_time_out_of_range, REJECT_NONE             },
        {"2099-12-31T23:59:59.999Z", REJECT_time_out_of_range, REJECT_NONE             },
        {"2100-01-01T00:00:00Z",     REJECT_time_out_of_range, REJECT_time_out_of_range},
        {"yesterday",                REJECT_bad_time,          REJECT_bad_time         },
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char more[128];
        snprintf(more, sizeof more, subject_and_time, times[i].time);
        struct slice body = body_of("visit.made", more, NULL);
        assert_int_equal(decode((struct slice){0}, body, false), times[i].live);
        assert_int_equal(decode((struct slice){0}, body, true), times[i].import);
    }
    struct slice body = body_of("visit.made", ",\"subject\":\"C1\"", NULL);
    assert_int_equal(decode((struct slice){0}, body, true), REJECT_missing_time);
}

static void envelopes_are_judged_first(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum reject reject;
    } bodies[] = {
        {"",                                                                       REJECT_no_body         },
        {"{oops",                                                                  REJECT_bad_json        },
        {"\"\xff\"",                                                               REJECT_bad_utf8        },
        {"{\"id\":\"C1\\u0000evil\"}",                                             REJECT_nul_in_text     },
        {"{\"id\":\"1\",\"id\":\"2\"}",                                            REJECT_duplicate_key   },
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",   REJECT_too_deep        },
        {"{\"n\":9007199254740993}",                                               REJECT_number_too_large},
        {"{\"type\":\"loyalty.visit.made.v1\"}",                                   REJECT_not_a_cloudevent},
        {"{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
         REJECT_unsupported_specversion                                                                   },
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(decode((struct slice){0}, slice_of(bodies[i].body), false), bodies[i].reject);
    }
    char *large = calloc(1, BODY_BYTES_MAX + 1);
    struct slice body = {large, BODY_BYTES_MAX + 1};
    assert_int_equal(decode((struct slice){0}, body, false), REJECT_body_too_large);
    free(large);

    struct header header = {SLICE("content-type"), SLICE("application/cloudevents-batch+json")};
    struct record record = {.headers = &header, .header_count = 1, .value = SLICE("[]")};
    assert_int_equal(event_decode(&record, false, tree, arena, &event), REJECT_batched_cloudevents);
    then_envelope("visit.made", ",\"subject\":\"C1\",\"datacontenttype\":\"text/xml\"",
                  REJECT_unsupported_content_type);
}

#define ORDER "\"order_id\":\"A1\",\"currency\":\"EUR\",\"net_minor\":"

static void money_is_a_whole_number_of_minor_units(void **state)
{
    (void)state;
    const char *type = "purchase.completed";
    then_decodes(type, "{" ORDER "9007199254740992}");
    then_refused(type, "{" ORDER "12.5}", REJECT_amount_not_integer);
    then_refused(type, "{" ORDER "-1}", REJECT_amount_out_of_range);
    then_refused(type, "{" ORDER "\"12\"}", REJECT_wrong_field_type);
    then_refused(type, "{" ORDER "null}", REJECT_missing_field);
    then_refused(type, "{" ORDER "1,\"lines\":[{\"tax_minor\":0.1}]}", REJECT_amount_not_integer);
    then_refused(type, "{\"order_id\":\"A1\",\"net_minor\":1,\"currency\":\"eur\"}", REJECT_bad_currency);
    then_refused(type, "{\"order_id\":\"A1\",\"net_minor\":1,\"currency\":\"EURO\"}", REJECT_bad_currency);
    then_refused(type, "{\"order_id\":\"A1\",\"net_minor\":1,\"currency\":978}", REJECT_wrong_field_type);
}

static void fields_of_the_wrong_kind_are_refused(void **state)
{
    (void)state;
    const char *type = "purchase.completed";
    then_refused(type, "[]", REJECT_wrong_field_type);
    then_refused(type, "\"A1\"", REJECT_wrong_field_type);
    then_refused(type, NULL, REJECT_missing_field);
    then_refused(type, "{" ORDER "1,\"sales_channel\":3}", REJECT_wrong_field_type);
    then_refused(type, "{" ORDER "1,\"lines\":{}}", REJECT_wrong_field_type);
    then_refused(type, "{" ORDER "1,\"lines\":[1]}", REJECT_wrong_field_type);
    then_refused(type, "{" ORDER "1,\"lines\":[{\"category\":\"two words\"}]}", REJECT_bad_field_value);
    then_refused("purchase.cancelled", "{\"order_id\":1}", REJECT_wrong_field_type);
    then_refused("purchase.cancelled", "{\"order_id\":\"\"}", REJECT_bad_field_value);
    then_refused("purchase.cancelled", "{\"order_id\":\"A 1\"}", REJECT_bad_field_value);
    then_refused("purchase.cancelled", "{\"order_id\":\"A\\u00851\"}", REJECT_bad_field_value);
    then_refused("purchase.cancelled",
                 "{\"order_id\":\"1234567890123456789012345678901234567890123456789012345678901234x\"}",
                 REJECT_bad_field_value);
    then_refused("purchase.refunded", "{\"order_id\":\"A1\"}", REJECT_missing_field);
    then_refused("purchase.refunded", "{\"refund_id\":\"R1\",\"net_minor\":5}", REJECT_missing_field);
    then_refused("purchase.refunded", "{\"refund_id\":\"R1\",\"currency\":\"EUR\"}", REJECT_missing_field);
    then_refused("complaint.opened", "{\"complaint_id\":\"Q1\",\"severity\":\"mild\"}",
                 REJECT_bad_field_value);
    then_refused("complaint.opened", "{\"complaint_id\":\"Q1\",\"reason\":5}", REJECT_wrong_field_type);
    then_refused("complaint.reopened", "{}", REJECT_missing_field);
    then_refused("consent.changed", "{\"contact_channel\":\"email\",\"purpose\":\"marketing\"}",
                 REJECT_missing_field);
    then_refused("consent.changed",
                 "{\"contact_channel\":\"fax\",\"purpose\":\"marketing\",\"state\":\"granted\"}",
                 REJECT_bad_field_value);
    then_refused("product.launched", "{\"name\":\"x\",\"interests\":[]}", REJECT_bad_field_value);
    then_refused("product.launched", "{\"name\":\"\",\"interests\":[\"a\"]}", REJECT_bad_field_value);
    then_refused("product.launched",
                 "{\"name\":\"x\",\"interests\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}",
                 REJECT_bad_field_value);
    then_envelope("product.launched", ",\"subject\":\"two words\"", REJECT_bad_subject);
}

static void profiles_must_make_sense(void **state)
{
    (void)state;
    const char *type = "profile.changed";
    then_refused(type, "{\"birth_date\":\"1980-02-29\"}", REJECT_wrong_field_type);
    then_refused(type, "{\"birth_date\":{\"month\":2,\"day\":29}}", REJECT_missing_field);
    then_refused(type, "{\"birth_date\":{\"calendar\":\"julian\",\"month\":2,\"day\":29}}",
                 REJECT_bad_field_value);
    then_refused(type, "{\"birth_date\":{\"calendar\":\"chinese\",\"month\":2,\"day\":29,\"leap_month\":1}}",
                 REJECT_wrong_field_type);
    then_refused(type, "{\"birth_date\":{\"calendar\":\"chinese\",\"year\":1899,\"month\":2,\"day\":29}}",
                 REJECT_lunar_year_out_of_range);
    then_refused(type, "{\"birth_date\":{\"calendar\":\"chinese\",\"year\":1980,\"month\":2,\"day\":30}}",
                 REJECT_bad_date);
    then_refused(type,
                 "{\"birth_date\":{\"calendar\":\"gregorian\",\"month\":2,\"day\":28,\"leap_month\":true}}",
                 REJECT_bad_date);
    then_refused(type, "{\"birth_date\":{\"calendar\":\"gregorian\",\"month\":2.5,\"day\":29}}",
                 REJECT_wrong_field_type);
    static const char *const dates[] = {"1979,\"month\":2,\"day\":29", "1980,\"month\":2,\"day\":30",
                                        "1980,\"month\":13,\"day\":1", "1980,\"month\":1,\"day\":0",
                                        "0,\"month\":1,\"day\":1",     "10000,\"month\":1,\"day\":1"};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        char data[160];
        snprintf(data, sizeof data, "{\"birth_date\":{\"calendar\":\"gregorian\",\"year\":%s}}", dates[i]);
        then_refused(type, data, REJECT_bad_date);
    }
    then_refused(type, "{\"special_dates\":{}}", REJECT_wrong_field_type);
    then_refused(type, "{\"special_dates\":[{\"month\":7,\"day\":1}]}", REJECT_missing_field);
    then_refused(type, "{\"special_dates\":[{\"name\":\"a b\",\"month\":7,\"day\":1}]}",
                 REJECT_bad_field_value);
    then_refused(type, "{\"special_dates\":[{\"name\":\"a\",\"month\":2,\"day\":30}]}", REJECT_bad_date);
#define MEMBER(rest) "{\"household\":[{\"member\":" rest "}]}"
#define BORN         "\"birth_date\":{\"calendar\":\"gregorian\",\"month\":7,\"day\":1}"
    then_refused(type, "{\"household\":{}}", REJECT_wrong_field_type);
    then_refused(type, "{\"household\":[7]}", REJECT_wrong_field_type);
    then_refused(type, MEMBER("\"m\",\"relation\":\"child\""), REJECT_missing_field);
    then_refused(type, MEMBER("\"m\"," BORN), REJECT_missing_field);
    then_refused(type, MEMBER("null,\"relation\":\"child\"," BORN), REJECT_missing_field);
    then_decodes(type, MEMBER("\"0123456789abcdef\",\"relation\":\"child\"," BORN));
    then_refused(type, MEMBER("\"0123456789abcdefg\",\"relation\":\"child\"," BORN), REJECT_bad_field_value);
    then_refused(type, MEMBER("\"m\",\"relation\":\"cousin\"," BORN), REJECT_bad_field_value);
    then_refused(type, MEMBER("\"m\",\"relation\":\"child\",\"name\":\"\"," BORN), REJECT_bad_field_value);
    then_refused(type, MEMBER("\"m\",\"relation\":\"child\",\"name\":\"a\\tb\"," BORN),
                 REJECT_bad_field_value);
    then_refused(type,
                 MEMBER("\"m\",\"relation\":\"child\",\"birth_date\":{\"calendar\":\"gregorian\",\"month\":2,"
                        "\"day\":30}"),
                 REJECT_bad_date);
    then_refused(type, "{\"zone\":\"Mars/Olympus\"}", REJECT_unknown_zone);
    then_refused(type, "{\"zone\":\"\"}", REJECT_unknown_zone);
    then_refused(type, "{\"zone\":1}", REJECT_wrong_field_type);
    then_refused(type, "{\"country\":\"at\"}", REJECT_bad_field_value);
    then_refused(type, "{\"country\":\"AUT\"}", REJECT_bad_field_value);
    then_refused(type, "{\"region\":\"US-CA\"}", REJECT_bad_field_value);
    then_decodes(type, "{\"region\":\"9\",\"language\":\"zh-Hant-TW\"}");
    then_refused(type, "{\"language\":\"de_AT\"}", REJECT_bad_field_value);
    then_refused(type, "{\"language\":\"de-\"}", REJECT_bad_field_value);
    then_refused(type, "{\"interests\":\"tea\"}", REJECT_wrong_field_type);
    then_refused(type, "{\"interests\":[7]}", REJECT_wrong_field_type);
}

static void very_many_categories_are_cut(void **state)
{
    (void)state;
    size_t len = 0, room = 250000;
    char *data = malloc(room);
    len += (size_t)snprintf(data, room, "{" ORDER "1,\"lines\":[");
    for (int i = 0; len < room - 64; i++) {
        len += (size_t)snprintf(data + len, room - len, "%s{\"category\":\"c%d\"}", i > 0 ? "," : "", i);
    }
    snprintf(data + len, room - len, "]}");
    then_decodes("purchase.completed", data);
    assert_int_equal(event.data.purchase.category_count, 64);
    free(data);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_arena, without_arena)
    const struct CMUnitTest tests[] = {
        TEST(a_purchase_is_read),
        TEST(cancellations_and_refunds_are_read),
        TEST(visits_and_complaints_are_read),
        TEST(profiles_tell_absent_from_removed),
        TEST(consents_launches_and_erasures_are_read),
        TEST(news_and_subscriptions_must_make_sense),
        TEST(an_anonymous_purchase_is_no_mistake),
        TEST(the_key_is_the_subject_or_none),
        TEST(the_subject_alone_can_be_read),
        TEST(what_loyald_writes_itself_is_refused),
        TEST(time_is_bounded),
        TEST(envelopes_are_judged_first),
        TEST(money_is_a_whole_number_of_minor_units),
        TEST(fields_of_the_wrong_kind_are_refused),
        TEST(profiles_must_make_sense),
        TEST(very_many_categories_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
