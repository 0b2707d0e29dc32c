/* SPDX-License-Identifier: MIT */
/* What differs between two YAML texts, told for people. */
#include "consumers/ctl/yaml_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void then_differs(const char *from, const char *to, const char *wanted)
{
    struct arena *arena = arena_create(65536);
    struct buf problems = {0}, out = {0};
    const struct yaml *old = NULL, *new = NULL;
    assert_true(yaml_parse("from", slice_of(from), arena, &problems, &old));
    assert_true(yaml_parse("to", slice_of(to), arena, &problems, &new));
    size_t count = yaml_diff(old, new, &out), lines = 0;
    for (size_t i = 0; i < out.len; i++) {
        lines += out.data[i] == '\n';
    }
    buf_char(&out, '\0');
    assert_string_equal(out.data, wanted);
    assert_int_equal(count, lines);
    buf_done(&out);
    arena_destroy(arena);
}

static void what_says_the_same_does_not_differ(void **state)
{
    (void)state;
    then_differs("a: 1\nb: {c: [x, y], d: z}\n", "# a word\nb:\n  d: z\n  c:\n    - x\n    - y\na: \"1\"\n",
                 "");
}

static void what_is_added_removed_and_changed_is_told_by_its_path(void **state)
{
    (void)state;
    then_differs("a: 1\nb: {c: [x, y], d: z, e: 5}\n", "a: 2\nb: {c: [y, x], d: z, f: {g: \"09:00\"}}\n",
                 "   a    1 -> 2\n"
                 "   b.c  [x, y] -> [y, x]\n"
                 "-  b.e  5\n"
                 "+  b.f  {g: \"09:00\"}\n");
}

static void a_mapping_in_a_list_is_compared_whole(void **state)
{
    (void)state;
    then_differs("a: [{b: 1, c: 2}]\n", "a: [{c: 2, b: 1}]\n", "");
    then_differs("a: [{b: 1}]\n", "a: [{b: 1, c: 2}]\n", "  a  [{b: 1}] -> [{b: 1, c: 2}]\n");
    then_differs("a: [1]\n", "a: 1\n", "  a  [1] -> 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_the_same_does_not_differ),
        cmocka_unit_test(what_is_added_removed_and_changed_is_told_by_its_path),
        cmocka_unit_test(a_mapping_in_a_list_is_compared_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
