/* SPDX-License-Identifier: MIT */
/* What an arena promises to those who keep texts in it. */
#include "common/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

static void what_it_gives_is_aligned_and_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_create(256);
    char *before = NULL;
    for (size_t bytes = 0; bytes < 600; bytes += 7) {
        char *p = arena_alloc(arena, bytes);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        assert_ptr_not_equal(p, before);
        memset(p, (int)bytes, bytes);
        before = p;
    }
    arena_destroy(arena);
}

static void nothing_given_out_is_overwritten_by_what_follows(void **state)
{
    (void)state;
    struct arena *arena = arena_create(64);
    struct slice copies[200];
    for (int i = 0; i < 200; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, "customer-%d", i);
        copies[i] = arena_copy(arena, (struct slice){.data = text, .len = (size_t)len});
    }
    for (int i = 0; i < 200; i++) {
        char text[32];
        snprintf(text, sizeof text, "customer-%d", i);
        assert_true(slice_is(copies[i], text));
        assert_int_equal(copies[i].data[copies[i].len], '\0');
    }
    arena_destroy(arena);
}

static void zeroed_memory_is_zero_even_when_used_before(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1024);
    memset(arena_alloc(arena, 500), 0xff, 500);
    arena_reset(arena, 1024);
    char *p = arena_zalloc(arena, 500);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(p[i], 0);
    }
    arena_destroy(arena);
}

static void a_reset_keeps_blocks_and_uses_them_again(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1024);
    char *first = arena_alloc(arena, 1000);
    char *second = arena_alloc(arena, 1000);
    arena_reset(arena, 4096);
    assert_ptr_equal(arena_alloc(arena, 1000), first);
    assert_ptr_equal(arena_alloc(arena, 1000), second);
    arena_destroy(arena);
}

static void a_reset_to_nothing_leaves_a_working_arena(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1024);
    arena_alloc(arena, 100000);
    arena_reset(arena, 0);
    memset(arena_alloc(arena, 5000), 1, 5000);
    arena_destroy(arena);
}

static void a_request_larger_than_a_block_gets_a_block_of_its_own(void **state)
{
    (void)state;
    struct arena *arena = arena_create(64);
    memset(arena_alloc(arena, 1000000), 1, 1000000);
    memset(arena_alloc(arena, 16), 2, 16);
    arena_reset(arena, 1 << 20);
    memset(arena_alloc(arena, 16), 3, 16);
    memset(arena_alloc(arena, 1000000), 4, 1000000);
    arena_destroy(arena);
}

static void printing_gives_the_whole_text_however_long(void **state)
{
    (void)state;
    struct arena *arena = arena_create(64);
    assert_true(slice_is(arena_printf(arena, "%s:%d", "c", 7), "c:7"));
    struct slice printed = arena_printf(arena, "%0500d", 3);
    assert_int_equal(printed.len, 500);
    assert_int_equal(printed.data[499], '3');
    assert_int_equal(printed.data[500], '\0');
    assert_int_equal(arena_printf(arena, "%s", "").len, 0);
    arena_destroy(arena);
}

static void an_absent_slice_is_copied_as_an_empty_one(void **state)
{
    (void)state;
    struct arena *arena = arena_create(64);
    struct slice copy = arena_copy(arena, (struct slice){0});
    assert_non_null(copy.data);
    assert_int_equal(copy.len, 0);
    arena_destroy(arena);
    arena_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_gives_is_aligned_and_apart),
        cmocka_unit_test(nothing_given_out_is_overwritten_by_what_follows),
        cmocka_unit_test(zeroed_memory_is_zero_even_when_used_before),
        cmocka_unit_test(a_reset_keeps_blocks_and_uses_them_again),
        cmocka_unit_test(a_reset_to_nothing_leaves_a_working_arena),
        cmocka_unit_test(a_request_larger_than_a_block_gets_a_block_of_its_own),
        cmocka_unit_test(printing_gives_the_whole_text_however_long),
        cmocka_unit_test(an_absent_slice_is_copied_as_an_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
