/* SPDX-License-Identifier: MIT */
/* The window of due timers: a heap in the order of Redis' ranking, and how far it reaches. */
#include "consumers/due.h"

#include "common/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct due_list due;

static int empty(void **state)
{
    (void)state;
    due_done(&due);
    return 0;
}

static void then_next(int64_t due_ms, const char *id)
{
    struct due_entry entry = due_pop(&due);
    assert_int_equal(entry.due_ms, due_ms);
    assert_true(slice_is(entry.id, id));
    mem_free((char *)entry.id.data);
}

static void entries_come_by_time_and_then_by_the_bytes_of_the_id(void **state)
{
    (void)state;
    due_push(&due, 20, SLICE("b"));
    due_push(&due, 10, SLICE("z"));
    due_push(&due, 20, SLICE("B"));
    due_push(&due, 20, SLICE("ba"));
    due_push(&due, 10, SLICE("\xc3\xa4"));
    assert_int_equal(due_first(&due)->due_ms, 10);
    then_next(10, "z");
    then_next(10, "\xc3\xa4");
    then_next(20, "B");
    then_next(20, "b");
    then_next(20, "ba");
    assert_null(due_first(&due));
}

static void a_thousand_entries_come_in_order(void **state)
{
    (void)state;
    unsigned dice = 1;
    for (int i = 0; i < 1000; i++) {
        char id[16];
        dice = dice * 1103515245u + 12345u;
        snprintf(id, sizeof id, "%u", dice % 97);
        due_push(&due, (int64_t)(dice >> 16) % 100, slice_of(id));
    }
    struct due_entry before = due_pop(&due);
    for (int i = 1; i < 1000; i++) {
        struct due_entry entry = due_pop(&due);
        assert_true(before.due_ms < entry.due_ms ||
                    (before.due_ms == entry.due_ms && slice_compare(before.id, entry.id) <= 0));
        mem_free((char *)before.id.data);
        before = entry;
    }
    mem_free((char *)before.id.data);
    assert_null(due_first(&due));
}

static void a_window_that_was_not_read_covers_nothing(void **state)
{
    (void)state;
    assert_false(due_covers(&due, 0, SLICE("a")));
}

static void a_window_covers_what_is_not_behind_its_last_entry(void **state)
{
    (void)state;
    due_extend(&due, 100, SLICE("m"));
    assert_true(due_covers(&due, 99, SLICE("z")));
    assert_true(due_covers(&due, 100, SLICE("m")));
    assert_false(due_covers(&due, 100, SLICE("n")));
    assert_false(due_covers(&due, 101, SLICE("a")));
    due_extend(&due, 200, SLICE("a"));
    assert_true(due_covers(&due, 101, SLICE("a")));
}

static void a_window_that_was_read_to_the_end_covers_all_until_it_is_reset(void **state)
{
    (void)state;
    due_extend(&due, 100, SLICE("m"));
    due_extend(&due, 0, (struct slice){0});
    due_push(&due, 1, SLICE("a"));
    assert_true(due_covers(&due, INT64_MAX, SLICE("z")));
    due_reset(&due);
    assert_null(due_first(&due));
    assert_false(due_covers(&due, 1, SLICE("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(entries_come_by_time_and_then_by_the_bytes_of_the_id, empty),
        cmocka_unit_test_teardown(a_thousand_entries_come_in_order, empty),
        cmocka_unit_test_teardown(a_window_that_was_not_read_covers_nothing, empty),
        cmocka_unit_test_teardown(a_window_covers_what_is_not_behind_its_last_entry, empty),
        cmocka_unit_test_teardown(a_window_that_was_read_to_the_end_covers_all_until_it_is_reset, empty),
    };
    return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
