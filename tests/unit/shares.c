/* SPDX-License-Identifier: MIT */
/* Shares and banks: never more than there is, whoever asks how often. */
#include "producers/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define POOL  SLICE("party:3-17")
#define DAY   INT64_C(86400000)
#define BEGUN (1000 * DAY)

static void a_bank_gives_a_part_of_what_is_left_and_never_more(void **state)
{
    (void)state;
    for (int64_t limit = 1; limit < 3000; limit += 37) {
        struct shares shares = {0};
        int64_t given = 0, amount = 0, first = 0;
        while ((amount = bank_give(&shares, POOL, limit, 1, BEGUN, 4, BEGUN)) > 0) {
            first = first == 0 ? amount : first;
            assert_true(amount <= first && first <= limit / 64 + 1);
            given += amount;
            assert_true(given <= limit);
        }
        assert_int_equal(given, limit);
        bank_take_back(&shares, POOL, 1);
        assert_int_equal(bank_give(&shares, POOL, limit, 1, BEGUN, 4, BEGUN), 1);
        assert_int_equal(bank_give(&shares, POOL, limit, 1, BEGUN, 4, BEGUN), 0);
        shares_done(&shares);
    }
}

static void less_than_is_of_use_is_not_given(void **state)
{
    (void)state;
    struct shares shares = {0};
    assert_int_equal(bank_give(&shares, POOL, 250, 100, BEGUN, 1, BEGUN), 100);
    assert_int_equal(bank_give(&shares, POOL, 250, 100, BEGUN, 1, BEGUN), 100);
    assert_int_equal(bank_give(&shares, POOL, 250, 100, BEGUN, 1, BEGUN), 0);
    assert_int_equal(bank_give(&shares, POOL, 150, 1, BEGUN, 1, BEGUN), 0); /* a policy has made it smaller */
    shares_done(&shares);
}

static void a_bank_that_was_forgotten_does_not_begin_anew(void **state)
{
    (void)state;
    struct shares shares = {0};
    int64_t late = BEGUN + 91 * DAY;
    assert_true(bank_give(&shares, POOL, 5, 1, BEGUN, 1, BEGUN) > 0);
    assert_true(bank_give(&shares, SLICE("other:1-1"), 5, 1, late, 1, late) > 0); /* forgets the first */
    assert_int_equal(bank_give(&shares, POOL, 5, 1, BEGUN, 1, late), 0);
    shares_done(&shares);
}

static void a_share_is_asked_for_once_and_closed_by_nothing(void **state)
{
    (void)state;
    struct shares shares = {0};
    assert_true(shares_can_wait(&shares, POOL, 1));
    assert_true(shares_must_ask(&shares, POOL));
    assert_false(shares_must_ask(&shares, POOL));
    assert_true(shares_receive(&shares, POOL, 2));
    assert_false(shares_receive(&shares, POOL, 2)); /* nobody has asked */
    assert_true(shares_has(&shares, POOL, 2));
    assert_false(shares_has(&shares, POOL, 3));
    shares_take(&shares, POOL, 2);
    assert_true(shares_can_wait(&shares, POOL, 1));
    assert_true(shares_must_ask(&shares, POOL));
    assert_true(shares_receive(&shares, POOL, 0));
    assert_false(shares_can_wait(&shares, POOL, 1));
    assert_false(shares_must_ask(&shares, POOL));
    assert_int_equal(shares_end(&shares, shares_find(&shares, POOL)), 0);
    assert_null(shares_find(&shares, POOL));
    assert_false(shares_receive(&shares, POOL, 1));
    shares_done(&shares);
}

static void what_is_stored_is_loaded_again(void **state)
{
    (void)state;
    struct field held[] = {
        {SLICE("party:3-17"), SLICE("2 asked")}
    };
    struct field banks[] = {
        {SLICE("lunch:1-2"), SLICE("7 86400000000")}
    };
    struct field bad[] = {
        {SLICE("party:3-17"), SLICE("2 maybe")}
    };
    struct shares shares = {0};
    struct hash none = {0}, some = {held, 1}, of_bank = {banks, 1}, wrong = {bad, 1};
    assert_true(shares_load(&shares, &some, &of_bank));
    assert_true(shares_has(&shares, POOL, 2));
    assert_int_equal(bank_give(&shares, SLICE("lunch:1-2"), 8, 1, BEGUN, 4, BEGUN), 1);
    assert_int_equal(bank_give(&shares, SLICE("lunch:1-2"), 8, 1, BEGUN, 4, BEGUN), 0);
    assert_false(shares_load(&shares, &wrong, &none));
    assert_false(shares_load(&shares, &none, &wrong));
    shares_done(&shares);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bank_gives_a_part_of_what_is_left_and_never_more),
        cmocka_unit_test(less_than_is_of_use_is_not_given),
        cmocka_unit_test(a_bank_that_was_forgotten_does_not_begin_anew),
        cmocka_unit_test(a_share_is_asked_for_once_and_closed_by_nothing),
        cmocka_unit_test(what_is_stored_is_loaded_again),
    };
    return cmocka_run_group_tests_name("shares", tests, NULL, NULL);
}
