/* SPDX-License-Identifier: MIT */
/* When to try again. */
#include "common/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void at_first_nothing_is_waited_for(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    assert_true(backoff_is_over(&backoff, 0));
    assert_int_equal(backoff_next_ms(&backoff), BACKOFF_FIRST_MS);
}

static void after_a_failure_the_wait_is_as_long_as_was_drawn(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    backoff_failed(&backoff, 1000, 73);
    assert_false(backoff_is_over(&backoff, 1072));
    assert_true(backoff_is_over(&backoff, 1073));
}

static void waits_double_up_to_a_limit(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    static const int64_t waits[] = {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_int_equal(backoff_next_ms(&backoff), waits[i]);
        backoff_failed(&backoff, 0, waits[i]);
    }
    assert_int_equal(backoff_next_ms(&backoff), BACKOFF_MAX_MS);
}

static void a_success_begins_anew(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    backoff_failed(&backoff, 0, 50);
    backoff_failed(&backoff, 50, 100);
    backoff_succeeded(&backoff);
    assert_true(backoff_is_over(&backoff, 60));
    assert_int_equal(backoff_next_ms(&backoff), BACKOFF_FIRST_MS);
}

static void a_failure_long_after_the_one_before_begins_anew(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    backoff_failed(&backoff, 0, 50);
    backoff_failed(&backoff, 50, 100);
    backoff_forget_old(&backoff, 150 + BACKOFF_FORGET_MS);
    assert_int_equal(backoff_next_ms(&backoff), 200);
    backoff_forget_old(&backoff, 151 + BACKOFF_FORGET_MS);
    assert_int_equal(backoff_next_ms(&backoff), BACKOFF_FIRST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_first_nothing_is_waited_for),
        cmocka_unit_test(after_a_failure_the_wait_is_as_long_as_was_drawn),
        cmocka_unit_test(waits_double_up_to_a_limit),
        cmocka_unit_test(a_success_begins_anew),
        cmocka_unit_test(a_failure_long_after_the_one_before_begins_anew),
    };
    return cmocka_run_group_tests_name("back-off", tests, NULL, NULL);
}
