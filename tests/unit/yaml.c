/* SPDX-License-Identifier: MIT */
/* The YAML tree: what it gives, and that each mistake is named with its line and column. */
#include "config/yaml.h"

#include "common/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    struct arena *arena;
    struct buf problems;
};

static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    world->arena = arena_create(1024);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    arena_destroy(world->arena);
    buf_done(&world->problems);
    mem_free(world);
    return 0;
}

static const struct yaml *given_slice(struct world *world, struct slice text)
{
    const struct yaml *root = NULL;
    buf_reset(&world->problems);
    bool ok = yaml_parse("f.yaml", text, world->arena, &world->problems, &root);
    assert_int_equal(ok, root != NULL);
    assert_int_equal(ok, world->problems.len == 0);
    return root;
}

static const struct yaml *given(struct world *world, const char *text)
{
    return given_slice(world, slice_of(text));
}

static void then_problems(struct world *world, const char *expected)
{
    buf_char(&world->problems, '\0');
    assert_string_equal(world->problems.data, expected);
    buf_reset(&world->problems);
}

static void mappings_keep_their_order_and_know_where_they_stand(void **state)
{
    const struct yaml *root = given(*state, "b: 1\na:\n  - x\n  - 'y z'\n");
    assert_int_equal(root->kind, YAML_MAPPING);
    assert_int_equal(root->count, 2);
    assert_string_equal(root->first->key.data, "b");
    const struct yaml *a = yaml_get(root, "a");
    assert_ptr_equal(a, root->first->next);
    assert_int_equal(a->kind, YAML_SEQUENCE);
    assert_int_equal(a->key_line, 2);
    assert_int_equal(a->key_column, 1);
    assert_int_equal(a->first->next->line, 4);
    assert_int_equal(a->first->next->column, 5);
    assert_string_equal(a->first->next->text.data, "y z");
    assert_true(a->first->next->quoted);
    assert_false(a->first->quoted);
    assert_null(a->first->next->next);
    assert_null(yaml_get(root, "c"));
    assert_null(yaml_get(a, "x"));
}

static void an_empty_text_is_an_empty_mapping(void **state)
{
    const struct yaml *root = given(*state, "# nothing but a comment\n");
    assert_int_equal(root->kind, YAML_MAPPING);
    assert_int_equal(root->count, 0);
}

static void a_syntax_error_is_named_with_line_and_column(void **state)
{
    assert_null(given(*state, "a: 1\nb: [1, 2\nc: 3\n"));
    then_problems(*state,
                  "f.yaml:3:2: this is not YAML: did not find expected ',' or ']' while parsing a flow "
                  "sequence\n");
}

static void duplicate_keys_are_all_reported_where_they_stand(void **state)
{
    assert_null(given(*state, "a: 1\nb:\n  x: 1\n  y: 2\n  x: 3\na: 2\n"));
    then_problems(*state, "f.yaml:5:3: the key 'x' stands here twice; the other is in line 3\n"
                          "f.yaml:6:1: the key 'a' stands here twice; the other is in line 1\n");
}

static void anchors_aliases_and_tags_are_refused(void **state)
{
    assert_null(given(*state, "a: &x 1\nb: !!str 2\nc: *x\n"));
    then_problems(*state, "f.yaml:1:4: the anchor '&x' is not understood here; write it out\n"
                          "f.yaml:2:4: the tag 'tag:yaml.org,2002:str' is not understood here; leave it out\n"
                          "f.yaml:3:4: the alias '*x' is not understood here; write it out\n");
}

static void a_second_document_is_refused(void **state)
{
    assert_null(given(*state, "a: 1\n---\nb: 1\n"));
    then_problems(*state, "f.yaml:2:1: a second document begins here; only one is read\n");
}

static void a_key_that_is_no_text_is_refused(void **state)
{
    assert_null(given(*state, "? [a, b]\n: 1\n"));
    then_problems(*state, "f.yaml:1:3: a key must be a text, not a list or a mapping\n");
}

static void nesting_is_bounded(void **state)
{
    struct world *world = *state;
    struct buf text = {0};
    for (int depth = 1; depth <= YAML_DEPTH_MAX; depth++) {
        buf_char(&text, '[');
    }
    for (int depth = 1; depth <= YAML_DEPTH_MAX; depth++) {
        buf_char(&text, ']');
    }
    assert_non_null(given_slice(world, buf_view(&text)));
    buf_reset(&text);
    for (int depth = 0; depth < 100000; depth++) {
        buf_char(&text, '[');
    }
    assert_null(given_slice(world, buf_view(&text)));
    then_problems(world, "f.yaml:1:33: this is nested more than 32 deep\n");
    buf_done(&text);
}

static void a_text_that_is_too_large_is_refused_and_a_large_one_is_quick(void **state)
{
    struct world *world = *state;
    struct buf text = {0};
    for (int i = 0; text.len + 16 < YAML_BYTES_MAX; i++) {
        buf_printf(&text, "k%d: 1\n", i);
    }
    const struct yaml *root = given_slice(world, buf_view(&text));
    assert_non_null(root);
    assert_true(root->count > 90000);
    while (text.len <= YAML_BYTES_MAX) {
        buf_text(&text, "# and more\n");
    }
    assert_null(given_slice(world, buf_view(&text)));
    assert_non_null(strstr(buf_view(&world->problems).data, "f.yaml:1:1: the file has 10485"));
    buf_done(&text);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    assert_null(given(*state, "a: 1\nb: \xff\n"));
    then_problems(*state,
                  "f.yaml:2:4: the text must be UTF-8 without control characters (invalid leading UTF-8 "
                  "octet)\n");
    assert_null(given(*state, "a: \"x\\0y\"\n"));
    then_problems(*state, "f.yaml:1:4: a text must not contain a NUL character\n");
    assert_null(given_slice(*state, (struct slice){"a: x\0y\n", 7}));
    then_problems(*state,
                  "f.yaml:1:5: the text must be UTF-8 without control characters (control characters are "
                  "not allowed)\n");
}

static void a_problem_is_one_line_whatever_it_quotes(void **state)
{
    struct world *world = *state;
    const struct yaml *root = given(world, "\"a\\nb\\u001b[31m\": 1\n");
    assert_false(yaml_only_keys(root, "", (const char *const[]){"x"}, 1));
    then_problems(world, "f.yaml:1:1: unknown key 'a b [31m'\n");
}

static void unknown_keys_are_told_the_nearest_name(void **state)
{
    const struct yaml *root = given(*state, "timeout: 1\ntimout: 2\nentirely: 3\n");
    assert_false(yaml_only_keys(root, "redis", (const char *const[]){"address", "timeout"}, 2));
    then_problems(*state, "f.yaml:2:1: unknown key 'timout' in redis; did you mean 'timeout'?\n"
                          "f.yaml:3:1: unknown key 'entirely' in redis\n");
}

static void the_nearest_name_is_near_enough_to_be_meant(void **state)
{
    (void)state;
    const char *const names[] = {"retry", "send", "window", "windows_open"};
    assert_string_equal(yaml_nearest(names, 4, SLICE("windwo")), "window"); /* a swap is one step */
    assert_string_equal(yaml_nearest(names, 4, SLICE("sent")), "send");
    assert_string_equal(yaml_nearest(names, 4, SLICE("window_open")), "windows_open");
    assert_null(yaml_nearest(names, 4, SLICE("price")));
    assert_null(yaml_nearest(names, 4, SLICE("")));
    assert_null(yaml_nearest(names, 0, SLICE("send")));
    assert_null(yaml_nearest((const char *const[]){"a"}, 1, SLICE("b")));
}

static void numbers_booleans_texts_and_choices_are_checked(void **state)
{
    const struct yaml *root =
        given(*state, "n: 12\nq: '12'\nbig: 99\nyes: yes\nt: true\nnone:\nlist: [1]\nc: prmo\n");
    const char *const choices[] = {"promo", "service"};
    int64_t number = -1;
    bool flag = false;
    size_t index = 9;
    struct slice text = {0};
    assert_true(yaml_int(yaml_get(root, "n"), "n", 1, 50, &number));
    assert_int_equal(number, 12);
    assert_true(yaml_bool(yaml_get(root, "t"), "t", &flag));
    assert_true(flag);
    assert_true(yaml_text(yaml_get(root, "n"), "n", &text));
    assert_true(slice_is(text, "12"));
    assert_true(yaml_is_null(yaml_get(root, "none")));

    assert_false(yaml_int(yaml_get(root, "q"), "q", 1, 50, &number));
    assert_false(yaml_int(yaml_get(root, "big"), "big", 1, 50, &number));
    assert_false(yaml_bool(yaml_get(root, "yes"), "yes", &flag));
    assert_false(yaml_text(yaml_get(root, "none"), "none", &text));
    assert_false(yaml_text(yaml_get(root, "list"), "list", &text));
    assert_false(yaml_is_mapping(yaml_get(root, "list"), "list"));
    assert_false(yaml_is_sequence(yaml_get(root, "n"), "n"));
    assert_false(yaml_choice(yaml_get(root, "c"), "c", choices, 2, &index));
    assert_int_equal(number, 12);
    assert_int_equal(index, 9);
    then_problems(*state, "f.yaml:2:4: q must be a whole number without quotes, not '12'\n"
                          "f.yaml:3:6: big must lie between 1 and 50, not 99\n"
                          "f.yaml:4:6: yes must be true or false, not 'yes'\n"
                          "f.yaml:6:6: none must be a text; for an empty one write \"\"\n"
                          "f.yaml:7:7: list must be a text, not a list\n"
                          "f.yaml:7:7: list must be a mapping: names with values, indented under it\n"
                          "f.yaml:1:4: n must be a list: [a, b] or lines that begin with '- '\n"
                          "f.yaml:8:4: c must be promo or service, not 'prmo'; did you mean 'promo'?\n");
}

static void a_file_that_cannot_be_read_is_a_problem_too(void **state)
{
    struct world *world = *state;
    const struct yaml *root = NULL;
    assert_false(yaml_load("no-such-file.yaml", world->arena, &world->problems, &root));
    then_problems(world, "no-such-file.yaml:1:1: the file cannot be opened: No such file or directory\n");
    assert_false(yaml_load("/", world->arena, &world->problems, &root));
    then_problems(world, "/:1:1: the file cannot be read: Is a directory\n");
    assert_null(root);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(mappings_keep_their_order_and_know_where_they_stand),
        TEST(an_empty_text_is_an_empty_mapping),
        TEST(a_syntax_error_is_named_with_line_and_column),
        TEST(duplicate_keys_are_all_reported_where_they_stand),
        TEST(anchors_aliases_and_tags_are_refused),
        TEST(a_second_document_is_refused),
        TEST(a_key_that_is_no_text_is_refused),
        TEST(nesting_is_bounded),
        TEST(a_text_that_is_too_large_is_refused_and_a_large_one_is_quick),
        TEST(bytes_that_are_no_text_are_refused),
        TEST(a_problem_is_one_line_whatever_it_quotes),
        TEST(unknown_keys_are_told_the_nearest_name),
        TEST(the_nearest_name_is_near_enough_to_be_meant),
        TEST(numbers_booleans_texts_and_choices_are_checked),
        TEST(a_file_that_cannot_be_read_is_a_problem_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
