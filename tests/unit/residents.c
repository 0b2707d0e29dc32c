/* SPDX-License-Identifier: MIT */
/* The customers in memory: found again whatever comes and goes, and who may leave. */
#include "consumers/residents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct residents residents;

static int empty(void **state)
{
    (void)state;
    residents_done(&residents);
    return 0;
}

static struct slice id_of(int number, char room[16])
{
    snprintf(room, 16, "C%d", number);
    return slice_of(room);
}

static void add(int number)
{
    char room[16];
    residents_add(&residents, id_of(number, room));
}

static struct resident *find(int number)
{
    char room[16];
    return residents_find(&residents, id_of(number, room));
}

/* Nobody has been used lately. */
static void forget_uses(void)
{
    for (size_t i = 0; i < residents.capacity; i++) {
        if (residents.slots[i] != NULL) {
            residents.slots[i]->recent = false;
        }
    }
}

static void nobody_is_in_an_empty_house(void **state)
{
    (void)state;
    assert_null(find(1));
    assert_int_equal(residents_sweep(&residents, 10), 0);
}

static void everybody_who_was_added_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        add(i);
    }
    assert_int_equal(residents.count, 1000);
    for (int i = 0; i < 1000; i++) {
        char room[16];
        assert_non_null(find(i));
        assert_true(slice_equal(customer_id(find(i)->customer), id_of(i, room)));
    }
    assert_null(find(1000));
}

static void who_was_used_since_the_last_sweep_stays(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        add(i);
    }
    forget_uses();
    for (int i = 0; i < 10; i++) {
        assert_non_null(find(i));
    }
    assert_int_equal(residents_sweep(&residents, 90), 90);
    for (int i = 0; i < 10; i++) {
        assert_non_null(find(i));
    }
    assert_null(find(10));
}

static void if_all_were_used_they_leave_in_the_second_round(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        add(i);
    }
    assert_int_equal(residents_sweep(&residents, 100), 100);
    assert_int_equal(residents.count, 0);
}

static void who_is_touched_or_about_to_fire_cannot_leave(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        add(i);
    }
    find(7)->touched = true;
    find(8)->firing = true;
    assert_int_equal(residents_sweep(&residents, 100), 98);
    assert_non_null(find(7));
    assert_non_null(find(8));
}

/* Removing from an open-addressing table moves others: all that stay must still be found. */
static void those_who_stay_are_found_after_any_sweep(void **state)
{
    (void)state;
    bool there[500] = {false};
    unsigned dice = 1;
    for (int round = 0; round < 300; round++) {
        for (int n = 0; n < 20; n++) {
            dice = dice * 1103515245u + 12345u;
            int number = (int)(dice >> 16) % 500;
            if (!there[number]) {
                assert_null(find(number));
                add(number);
                there[number] = true;
            }
        }
        size_t before = residents.count;
        size_t gone = residents_sweep(&residents, 15);
        assert_int_equal(residents.count, before - gone);
        size_t found = 0;
        for (int i = 0; i < 500; i++) {
            bool recent = find(i) != NULL;
            assert_true(there[i] || !recent);
            there[i] = recent;
            found += recent;
        }
        assert_int_equal(found, residents.count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nobody_is_in_an_empty_house, empty),
        cmocka_unit_test_teardown(everybody_who_was_added_is_found, empty),
        cmocka_unit_test_teardown(who_was_used_since_the_last_sweep_stays, empty),
        cmocka_unit_test_teardown(if_all_were_used_they_leave_in_the_second_round, empty),
        cmocka_unit_test_teardown(who_is_touched_or_about_to_fire_cannot_leave, empty),
        cmocka_unit_test_teardown(those_who_stay_are_found_after_any_sweep, empty),
    };
    return cmocka_run_group_tests_name("residents", tests, NULL, NULL);
}
