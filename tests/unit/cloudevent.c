/* SPDX-License-Identifier: MIT */
/* Envelopes in both content modes, and what is wrong with them. */
#include "common/cloudevent.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#define STRUCTURED "application/cloudevents+json"
#define REQUIRED   "\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"t\""

static struct arena *arena;
static struct header headers[16];
static struct record record;
static struct cloudevent event;

static int given_nothing(void **state)
{
    (void)state;
    arena = arena_create(1 << 16);
    record = (struct record){.headers = headers};
    return 0;
}

static int without_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void given_header(const char *name, const char *value)
{
    headers[record.header_count++] = (struct header){slice_of(name), slice_of(value)};
}

static void given_body(const char *body)
{
    record.value = slice_of(body);
}

/* The required headers of binary mode and a body. */
static void given_binary(const char *body)
{
    record.header_count = 0;
    given_header("ce_specversion", "1.0");
    given_header("ce_id", "e1");
    given_header("ce_source", "/shop");
    given_header("ce_type", "t");
    given_body(body);
}

static void then_reject(enum reject expected)
{
    event = (struct cloudevent){.time_ms = -77};
    enum reject reject = cloudevent_read(&record, arena, &event);
    if (reject != expected) {
        print_error("%s instead of %s: %.*s\n", reject_name(reject), reject_name(expected),
                    SLICE_ARG(record.value));
    }
    assert_int_equal(reject, expected);
    assert_true(expected == REJECT_NONE || event.time_ms == -77);
}

static void then_structured(const char *body, enum reject expected)
{
    record.header_count = 0;
    given_header("content-type", STRUCTURED);
    given_body(body);
    then_reject(expected);
}

static void then_binary_header(const char *name, const char *value, enum reject expected)
{
    given_binary("{}");
    given_header(name, value);
    then_reject(expected);
}

static void a_structured_event_is_read(void **state)
{
    (void)state;
    given_header("Content-Type", "Application/CloudEvents+JSON; charset=UTF-8");
    given_body("{" REQUIRED ",\"subject\":\"C1\",\"time\":\"1997-01-02T10:00:00Z\",\"traceparent\":\"00-1\","
               "\"datacontenttype\":\"application/json\",\"data\":{\"net_minor\":5}}");
    then_reject(REJECT_NONE);
    int64_t net_minor = 0;
    assert_true(slice_is(event.id, "e1") && slice_is(event.source, "/shop") && slice_is(event.type, "t"));
    assert_true(slice_is(event.subject, "C1"));
    assert_true(event.has_time && event.time_ms == 852199200000);
    assert_true(json_int(json_member(event.data, "net_minor"), &net_minor) && net_minor == 5);
}

static void a_binary_event_is_read(void **state)
{
    (void)state;
    given_binary("{\"net_minor\":5}");
    given_header("CE_Subject", "C1");
    given_header("ce_time", "1997-01-02T10:00:00Z");
    given_header("ce_traceparent", "100%");
    given_header("content-type", "application/json; charset=utf-8");
    then_reject(REJECT_NONE);
    int64_t net_minor = 0;
    assert_true(slice_is(event.id, "e1") && slice_is(event.source, "/shop") && slice_is(event.type, "t"));
    assert_true(slice_is(event.subject, "C1"));
    assert_true(event.has_time && event.time_ms == 852199200000);
    assert_true(json_int(json_member(event.data, "net_minor"), &net_minor) && net_minor == 5);
}

static void a_structured_event_needs_no_headers(void **state)
{
    (void)state;
    given_body("{" REQUIRED "}");
    then_reject(REJECT_NONE);
    given_header("x-trace", "1");
    then_reject(REJECT_NONE);
    given_header("content-type", "application/json");
    then_reject(REJECT_not_a_cloudevent);
}

static void subject_time_and_data_may_be_missing(void **state)
{
    (void)state;
    then_structured("{" REQUIRED "}", REJECT_NONE);
    assert_null(event.subject.data);
    assert_false(event.has_time);
    assert_null(event.data);
    then_structured("{" REQUIRED ",\"subject\":null,\"time\":null,\"datacontenttype\":null,\"data\":null,"
                    "\"data_base64\":null}",
                    REJECT_NONE);
    assert_null(event.subject.data);
    assert_false(event.has_time);
    assert_null(event.data);
    given_binary(NULL);
    then_reject(REJECT_NONE);
    assert_null(event.data);
    given_binary("");
    then_reject(REJECT_NONE);
    given_binary("null");
    then_reject(REJECT_NONE);
    assert_null(event.data);
}

static void a_record_that_is_no_event_is_refused(void **state)
{
    (void)state;
    then_reject(REJECT_no_body);
    given_header("content-type", STRUCTURED);
    then_reject(REJECT_no_body);
    then_structured("", REJECT_no_body);
    then_structured("{oops", REJECT_bad_json);
    then_structured("[]", REJECT_not_a_cloudevent);
    then_structured("\"specversion\"", REJECT_not_a_cloudevent);
    then_structured("{}", REJECT_not_a_cloudevent);
    record.header_count = 0;
    given_body("{\"order\":1}");
    then_reject(REJECT_not_a_cloudevent);
    given_header("content-type", "text/plain");
    given_body("hello");
    then_reject(REJECT_not_a_cloudevent);
}

static void the_required_attributes_must_be_texts_that_are_not_empty(void **state)
{
    (void)state;
    static const char *const names[] = {"specversion", "id", "source", "type"};
    static const char *const values[] = {NULL, "\"\"", "1", "null", "{}", "[\"1.0\"]", "true"};
    for (size_t n = 0; n < 4; n++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            char body[256];
            int len = snprintf(body, sizeof body, "{\"x\":1");
            for (size_t i = 0; i < 4; i++) {
                const char *value = i != n ? (i == 0 ? "\"1.0\"" : "\"a\"") : values[v];
                if (value != NULL) {
                    len += snprintf(body + len, sizeof body - (size_t)len, ",\"%s\":%s", names[i], value);
                }
            }
            snprintf(body + len, sizeof body - (size_t)len, "}");
            then_structured(body, REJECT_not_a_cloudevent);
        }
        given_binary("{}");
        headers[n].value = SLICE("");
        then_reject(REJECT_not_a_cloudevent);
        headers[n].value = (struct slice){0};
        then_reject(REJECT_not_a_cloudevent);
    }
    then_structured("{\"Specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"t\"}",
                    REJECT_not_a_cloudevent);
}

static void only_version_1_0_is_understood(void **state)
{
    (void)state;
    then_structured("{\"specversion\":\"0.3\",\"id\":\"e1\"}", REJECT_unsupported_specversion);
    then_structured("{\"specversion\":\"1.0.2\"}", REJECT_unsupported_specversion);
    then_binary_header("ce_specversion", "1.1", REJECT_unsupported_specversion);
}

static void batches_and_other_formats_have_their_own_reasons(void **state)
{
    (void)state;
    given_header("content-type", "application/cloudevents-batch+json");
    given_body("[]");
    then_reject(REJECT_batched_cloudevents);
    headers[0].value = SLICE("application/cloudevents+avro");
    then_reject(REJECT_unsupported_content_type);
    headers[0].value = SLICE("application/cloudevents");
    then_reject(REJECT_unsupported_content_type);
}

static void data_must_be_json(void **state)
{
    (void)state;
    then_binary_header("content-type", "application/json", REJECT_NONE);
    then_binary_header("content-type", " application/vnd.shop+JSON ; v=1", REJECT_NONE);
    then_binary_header("content-type", "", REJECT_NONE);
    then_binary_header("content-type", "text/plain", REJECT_unsupported_content_type);
    then_binary_header("content-type", "+json", REJECT_unsupported_content_type);
    then_binary_header("content-type", "application/jsonx", REJECT_unsupported_content_type);
    then_structured("{" REQUIRED ",\"datacontenttype\":\"text/xml\",\"data\":\"<a/>\"}",
                    REJECT_unsupported_content_type);
    then_structured("{" REQUIRED ",\"datacontenttype\":5,\"data\":{}}", REJECT_unsupported_content_type);
    then_structured("{" REQUIRED ",\"datacontenttype\":\"text/xml\"}", REJECT_NONE);
    then_structured("{" REQUIRED ",\"data_base64\":\"e30=\"}", REJECT_unsupported_content_type);
}

static void each_fault_of_the_json_has_its_reason(void **state)
{
    (void)state;
    then_structured("{" REQUIRED ",\"subject\":\"C1\\u0000evil\"}", REJECT_nul_in_text);
    then_structured("{" REQUIRED ",\"subject\":\"\xc0\x80\"}", REJECT_bad_utf8);
    then_structured("{" REQUIRED ",\"i\\u0064\":\"e2\"}", REJECT_duplicate_key);
    then_structured("{" REQUIRED ",\"data\":{\"net_minor\":9007199254740993}}", REJECT_number_too_large);
    then_structured("{" REQUIRED
                    ",\"data\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                    REJECT_too_deep);
    then_structured("{" REQUIRED "}}", REJECT_bad_json);
    given_binary("{\"a\":1,\"a\":1}");
    then_reject(REJECT_duplicate_key);
    given_binary("not json");
    then_reject(REJECT_bad_json);
}

static void a_body_beyond_the_limit_is_refused_unread(void **state)
{
    (void)state;
    char *body = malloc(BODY_BYTES_MAX + 1);
    memset(body, ' ', BODY_BYTES_MAX + 1);
    memcpy(body, "{" REQUIRED "}", strlen("{" REQUIRED "}"));
    record.value = (struct slice){.data = body, .len = BODY_BYTES_MAX};
    then_reject(REJECT_NONE);
    record.value.len++;
    then_reject(REJECT_body_too_large);
    free(body);
}

static void subjects_have_a_length_and_no_control_characters(void **state)
{
    (void)state;
    char longest[SUBJECT_BYTES_MAX + 2] = {0};
    memset(longest, 'C', SUBJECT_BYTES_MAX);
    then_binary_header("ce_subject", longest, REJECT_NONE);
    longest[SUBJECT_BYTES_MAX] = 'C';
    then_binary_header("ce_subject", longest, REJECT_bad_subject);
    then_binary_header("ce_subject", "", REJECT_bad_subject);
    then_binary_header("ce_subject", "C\n1", REJECT_bad_subject);
    then_binary_header("ce_subject", "C\x7f", REJECT_bad_subject);
    then_binary_header("ce_subject", "C\xc2\x85", REJECT_bad_subject);
    then_binary_header("ce_subject", "Zo\xc3\xab\xc2\xa0{1}:*", REJECT_NONE);
    then_structured("{" REQUIRED ",\"subject\":\"\"}", REJECT_bad_subject);
    then_structured("{" REQUIRED ",\"subject\":12}", REJECT_bad_subject);
    then_structured("{" REQUIRED ",\"subject\":\"a\\u0009b\"}", REJECT_bad_subject);
}

static void a_time_that_is_none_is_refused(void **state)
{
    (void)state;
    then_structured("{" REQUIRED ",\"time\":\"yesterday\"}", REJECT_bad_time);
    then_structured("{" REQUIRED ",\"time\":852199200}", REJECT_bad_time);
    then_structured("{" REQUIRED ",\"time\":\"\"}", REJECT_bad_time);
    then_binary_header("ce_time", "1997-01-02", REJECT_bad_time);
}

static void header_values_are_taken_as_they_are(void **state)
{
    (void)state;
    then_binary_header("ce_subject", "100%", REJECT_NONE);
    assert_true(slice_is(event.subject, "100%"));
    then_binary_header("ce_subject", "Zo%C3%ab", REJECT_NONE);
    assert_true(slice_is(event.subject, "Zo%C3%ab"));
    then_binary_header("ce_subject", "\xff", REJECT_bad_utf8);
}

static void the_last_of_several_headers_counts(void **state)
{
    (void)state;
    given_binary("{}");
    given_header("ce_id", "%");
    given_header("CE_ID", "e2");
    then_reject(REJECT_NONE);
    assert_true(slice_is(event.id, "e2"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, without_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_structured_event_is_read),
        TEST(a_binary_event_is_read),
        TEST(a_structured_event_needs_no_headers),
        TEST(subject_time_and_data_may_be_missing),
        TEST(a_record_that_is_no_event_is_refused),
        TEST(the_required_attributes_must_be_texts_that_are_not_empty),
        TEST(only_version_1_0_is_understood),
        TEST(batches_and_other_formats_have_their_own_reasons),
        TEST(data_must_be_json),
        TEST(each_fault_of_the_json_has_its_reason),
        TEST(a_body_beyond_the_limit_is_refused_unread),
        TEST(subjects_have_a_length_and_no_control_characters),
        TEST(a_time_that_is_none_is_refused),
        TEST(header_values_are_taken_as_they_are),
        TEST(the_last_of_several_headers_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
