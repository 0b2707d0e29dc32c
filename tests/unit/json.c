/* SPDX-License-Identifier: MIT */
/* Documents from people who mean harm, and from those who do not. */
#include "common/json.h"

#include "common/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

static struct arena *arena;

static int given_arena(void **state)
{
    (void)state;
    arena = arena_create(1 << 16);
    return 0;
}

static int without_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* A copy of exactly the text's length on the heap, so that AddressSanitizer sees a read behind its end. */
static enum json_fault parse(struct slice text, const struct json **ret_json)
{
    char *exact = malloc(text.len > 0 ? text.len : 1);
    memcpy(exact, text.data, text.len);
    enum json_fault fault = json_parse((struct slice){.data = exact, .len = text.len}, arena, ret_json);
    free(exact);
    return fault;
}

static const struct json *parsed(const char *text)
{
    const struct json *json = NULL;
    assert_int_equal(parse(slice_of(text), &json), JSON_OK);
    assert_non_null(json);
    return json;
}

static void then_fault_of(struct slice text, enum json_fault expected)
{
    const struct json *json = NULL;
    enum json_fault fault = parse(text, &json);
    if (fault != expected) {
        print_error("%.*s\n", SLICE_ARG(text));
    }
    assert_int_equal(fault, expected);
    assert_int_equal(json != NULL, expected == JSON_OK);
}

static void then_fault(const char *text, enum json_fault expected)
{
    then_fault_of(slice_of(text), expected);
}

static int64_t int_of(const char *text)
{
    int64_t value = -77;
    assert_true(json_int(parsed(text), &value));
    return value;
}

static void a_document_is_read_back(void **state)
{
    (void)state;
    const struct json *json = parsed(" {\"id\":\"C1\" , \"n\" : 12,\"ok\":true,\"no\":false,\n\t\"x\":null,"
                                     "\"list\":[1,[],{}],\"Zo\\u00eb\":\"\\ud83c\\udf82\\n\"} \r\n");
    struct slice text;
    int64_t number;
    assert_int_equal(json_type(json), JSON_OBJECT);
    assert_true(json_string(json_member(json, "id"), &text) && slice_is(text, "C1"));
    assert_true(json_int(json_member(json, "n"), &number) && number == 12);
    assert_int_equal(json_type(json_member(json, "ok")), JSON_BOOL);
    assert_int_equal(json_type(json_member(json, "no")), JSON_BOOL);
    assert_int_equal(json_type(json_member(json, "x")), JSON_NULL);
    assert_true(json_string(json_member(json, "Zo\xc3\xab"), &text) && slice_is(text, "\xf0\x9f\x8e\x82\n"));
    assert_null(json_member(json, "ID"));

    const struct json *child = json_first(json_member(json, "list"));
    assert_int_equal(json_type(child), JSON_NUMBER);
    assert_null(json_name(child).data);
    child = json_next(child);
    assert_int_equal(json_type(child), JSON_ARRAY);
    assert_null(json_first(child));
    child = json_next(child);
    assert_int_equal(json_type(child), JSON_OBJECT);
    assert_null(json_next(child));
    assert_true(slice_is(json_name(json_first(json)), "id"));
}

static void a_value_of_another_type_leaves_the_result_alone(void **state)
{
    (void)state;
    const struct json *json = parsed("{\"s\":\"1\",\"n\":1,\"b\":true,\"h\":1.5}");
    struct slice text = SLICE("before");
    int64_t number = 99;
    assert_false(json_string(json_member(json, "n"), &text));
    assert_false(json_string(json_member(json, "none"), &text));
    assert_false(json_int(json_member(json, "s"), &number));
    assert_false(json_int(json_member(json, "h"), &number));
    assert_false(json_int(json_member(json, "none"), &number));
    assert_false(json_int(json_member(json, "b"), &number));
    assert_false(json_string(json_member(json, "b"), &text));
    assert_null(json_member(json_member(json, "s"), "s"));
    assert_null(json_member(NULL, "s"));
    assert_null(json_first(NULL));
    assert_true(slice_is(text, "before"));
    assert_int_equal(number, 99);
}

static void whole_numbers_are_exact_up_to_2_to_the_53(void **state)
{
    (void)state;
    assert_int_equal(int_of("0"), 0);
    assert_int_equal(int_of("-0"), 0);
    assert_int_equal(int_of("-0.0"), 0);
    assert_int_equal(int_of("9007199254740992"), JSON_INT_MAX);
    assert_int_equal(int_of("-9007199254740992"), -JSON_INT_MAX);
    assert_int_equal(int_of("9007199254740991"), JSON_INT_MAX - 1);
    assert_int_equal(int_of("5.0"), 5);
    assert_int_equal(int_of("1.50e1"), 15);
    assert_int_equal(int_of("1500E-2"), 15);
    assert_int_equal(int_of("0e999999999999"), 0);
}

static void numbers_that_a_double_cannot_hold_are_refused(void **state)
{
    (void)state;
    static const char *const big[] = {
        "9007199254740993",
        "-9007199254740993",
        "99999999999999999",
        "18446744073709551616",
        "18446744073709551617",
        "1e400",
        "-1e400",
        "1e17",
        "9007199254740993.0",
        "9007199254740992.5",
        "1e999999999999999999999",
        "0.99999999999999999999",
        "4503599627370497.1",
        "1e-400",
        "100000000000000000000000000000000000000000000000000000000000000000000000000",
        "0.1000000000000000000000000000000000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
        then_fault(big[i], JSON_BIG_NUMBER);
    }
    then_fault("[0.30000000000000004,19.989999999999998,1e-300,-2.5E+3]", JSON_OK);
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        " ",         "{",           "}",           "[",        "]",          "[}",
        "{]",      "{\"a\"}",   "{\"a\":}",    "{\"a\":1,}",  "{,}",      "{\"a\" 1}",  "{a:1}",
        "{'a':1}", "{1:2}",     "[1,]",        "[,1]",        "[1 2]",    "[1,,2]",     "1 2",
        "{} {}",   "{}x",       "nul",         "nullx",       "True",     "NaN",        "Infinity",
        "-",       "+1",        "01",          "-01",         ".5",       "5.",         "1e",
        "1e+",     "1.e3",      "0x10",        "--1",         "\"",       "\"abc",      "\"\\",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\",        "\"a\nb\"", "\"a\tb\"",   "\xef\xbb\xbf{}",
        "// c\n1", "/**/1",     "1/**/",       "{\"a\":1}//", "\v1",      "\xc2\xa0[]", "[1\xc2\xa0]",
        "\"\\'\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        then_fault(bad[i], JSON_BAD_SYNTAX);
    }
    then_fault_of(SLICE("{}\0"), JSON_BAD_SYNTAX);
    then_fault_of(SLICE("\0"), JSON_BAD_SYNTAX);
}

static void a_document_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct slice whole = SLICE("{\"a\":[true,null,\"\\ud83c\\udf82\xf0\x9f\x8e\x82\"],\"b\":{\"c\":-1.5e3}}");
    const struct json *json = NULL;
    for (size_t len = 0; len < whole.len; len++) {
        assert_int_not_equal(parse((struct slice){.data = whole.data, .len = len}, &json), JSON_OK);
    }
    assert_int_equal(parse(whole, &json), JSON_OK);
}

static void a_nul_in_a_text_or_a_name_is_found(void **state)
{
    (void)state;
    then_fault("\"C1\\u0000evil\"", JSON_NUL);
    then_fault("{\"a\\u0000\":1}", JSON_NUL);
    then_fault_of(SLICE("\"C1\0evil\""), JSON_NUL);
    then_fault_of(SLICE("{\"a long enough name \0\":1}"), JSON_NUL);
    then_fault("\"\\\\u0000\"", JSON_OK);
}

static void malformed_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"\"\x80\"",
                                      "\"\xff\"",
                                      "\"\xc3\"",
                                      "\"\xc3(\"",
                                      "\"\xe2\x82\"",
                                      "\"\xf0\x9f\x8e\"",
                                      "\"\xc0\x80\"",
                                      "\"\xc1\xbf\"",
                                      "\"\xe0\x80\xaf\"",
                                      "\"\xf0\x80\x80\xaf\"",
                                      "\"\xed\xa0\x80\"",
                                      "\"\xed\xbf\xbf\"",
                                      "\"\xf4\x90\x80\x80\"",
                                      "\"\xf5\x80\x80\x80\"",
                                      "\"\xf8\x88\x80\x80\x80\"",
                                      "{\"\xe2\x28\xa1\":1}",
                                      "\"\xe2\x82",
                                      "\"1234567\xf0\x9f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        then_fault(bad[i], JSON_BAD_UTF8);
    }
    then_fault("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f"
               "\xbf\xbf\"",
               JSON_OK);
}

static void lone_surrogates_are_refused(void **state)
{
    (void)state;
    then_fault("\"\\ud800\"", JSON_BAD_UTF8);
    then_fault("\"\\udc00\"", JSON_BAD_UTF8);
    then_fault("\"\\ud800x\"", JSON_BAD_UTF8);
    then_fault("\"\\ud800\\n00000\"", JSON_BAD_UTF8);
    then_fault("\"\\ud800\\ud800\"", JSON_BAD_UTF8);
    then_fault("\"\\udc00\\ud800\"", JSON_BAD_UTF8);
    then_fault("\"\\ud800\\u0041\"", JSON_BAD_UTF8);
    then_fault("\"\\uD83C\\uDF82\"", JSON_OK);
}

static void the_same_key_twice_is_found_whatever_its_escapes(void **state)
{
    (void)state;
    then_fault("{\"a\":1,\"a\":1}", JSON_DUPLICATE_KEY);
    then_fault("{\"\":1,\"\":1}", JSON_DUPLICATE_KEY);
    then_fault("{\"subject\":1,\"x\":{},\"\\u0073ubject\":2}", JSON_DUPLICATE_KEY);
    then_fault("{\"Zo\xc3\xab\":1,\"Zo\\u00EB\":2}", JSON_DUPLICATE_KEY);
    then_fault("{\"\\ud83c\\udf82\":1,\"\xf0\x9f\x8e\x82\":2}", JSON_DUPLICATE_KEY);
    then_fault("{\"a\\/b\":1,\"a/b\":2}", JSON_DUPLICATE_KEY);
    then_fault("{\"\\b\\f\\n\\r\\t\\\"\\\\\":1,\"\\u0008\\u000c\\u000a\\u000D\\u0009\\u0022\\u005c\":2}",
               JSON_DUPLICATE_KEY);
    then_fault("{\"a\":{\"b\":[{\"c\":1,\"c\":2}]}}", JSON_DUPLICATE_KEY);
    then_fault("{\"a\":{\"a\":1},\"b\":{\"a\":1},\"A\":[{\"a\":1},{\"a\":1}]}", JSON_OK);
    then_fault("{\"\\\\u0061\":1,\"a\":2}", JSON_OK);
}

/* {"k0":0,...} with the last key being `last`. */
static void many_keys(struct buf *buf, int count, const char *last)
{
    buf_char(buf, '{');
    for (int i = 0; i < count; i++) {
        buf_printf(buf, "\"k%d\":0,", i);
    }
    buf_printf(buf, "\"%s\":{\"k1\":0}}", last);
}

static void a_hundred_thousand_keys_are_no_bomb(void **state)
{
    (void)state;
    struct buf buf = {0};
    many_keys(&buf, 100000, "k100000");
    then_fault_of(buf_view(&buf), JSON_OK);
    buf_reset(&buf);
    many_keys(&buf, 100000, "\\u006b77777");
    then_fault_of(buf_view(&buf), JSON_DUPLICATE_KEY);
    buf_done(&buf);
}

static void duplicates_are_found_at_every_size_of_object(void **state)
{
    (void)state;
    for (int count = 1; count < 200; count++) {
        for (int which = 0; which < count; which += 1 + count / 5) {
            struct buf buf = {0};
            char last[16];
            snprintf(last, sizeof last, "k%d", which);
            many_keys(&buf, count, last);
            then_fault_of(buf_view(&buf), JSON_DUPLICATE_KEY);
            buf_reset(&buf);
            many_keys(&buf, count, "other");
            then_fault_of(buf_view(&buf), JSON_OK);
            buf_done(&buf);
        }
    }
}

static void nesting_has_a_limit_and_a_bomb_of_brackets_is_refused(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (int depth = 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
        buf_reset(&buf);
        for (int i = 0; i < depth; i++) {
            buf_text(&buf, i % 2 ? "[" : "{\"a\":");
        }
        buf_text(&buf, "1");
        for (int i = depth - 1; i >= 0; i--) {
            buf_text(&buf, i % 2 ? "]" : "}");
        }
        then_fault_of(buf_view(&buf), depth <= JSON_DEPTH_MAX ? JSON_OK : JSON_TOO_DEEP);
    }
    buf_reset(&buf);
    for (int i = 0; i < 200000; i++) {
        buf_char(&buf, '[');
    }
    then_fault_of(buf_view(&buf), JSON_TOO_DEEP);
    buf_done(&buf);
}

static void special_bytes_are_seen_at_every_place_of_a_word(void **state)
{
    (void)state;
    for (size_t at = 0; at < 40; at++) {
        char text[44];
        memset(text, 'x', sizeof text);
        text[0] = text[42] = '"';
        struct slice s = {.data = text, .len = 43};
        text[1 + at] = '\x1f';
        then_fault_of(s, JSON_BAD_SYNTAX);
        text[1 + at] = '\0';
        then_fault_of(s, JSON_NUL);
        text[1 + at] = '\x80';
        then_fault_of(s, JSON_BAD_UTF8);
        text[1 + at] = '"';
        then_fault_of(s, JSON_BAD_SYNTAX);
        text[1 + at] = '\x7f';
        then_fault_of(s, JSON_OK);
        text[1 + at] = ' ';
        then_fault_of(s, JSON_OK);
        text[1 + at] = '!';
        then_fault_of(s, JSON_OK);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_arena, without_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_document_is_read_back),
        TEST(a_value_of_another_type_leaves_the_result_alone),
        TEST(whole_numbers_are_exact_up_to_2_to_the_53),
        TEST(numbers_that_a_double_cannot_hold_are_refused),
        TEST(what_is_no_json_is_refused),
        TEST(a_document_cut_anywhere_is_refused),
        TEST(a_nul_in_a_text_or_a_name_is_found),
        TEST(malformed_utf8_is_refused),
        TEST(lone_surrogates_are_refused),
        TEST(the_same_key_twice_is_found_whatever_its_escapes),
        TEST(a_hundred_thousand_keys_are_no_bomb),
        TEST(duplicates_are_found_at_every_size_of_object),
        TEST(nesting_has_a_limit_and_a_bomb_of_brackets_is_refused),
        TEST(special_bytes_are_seen_at_every_place_of_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
