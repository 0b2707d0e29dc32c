/* SPDX-License-Identifier: MIT */
/* The counts of a home. */
#include "common/totals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct totals *totals;
static struct arena *arena;
static const struct slice none;

static int given_none(void **state)
{
    (void)state;
    totals = totals_create();
    arena = arena_create(4096);
    return 0;
}

static int take_away(void **state)
{
    (void)state;
    totals_destroy(totals);
    arena_destroy(arena);
    return 0;
}

static void then_collected(const char *expected)
{
    struct changes changes = {.arena = arena};
    char text[512] = "";
    size_t len = 0;
    size_t keys = totals_collect(totals, &changes);
    assert_int_equal(keys, changes.count > 0);
    for (size_t i = 0; i < changes.count; i++) {
        const struct change *change = &changes.items[i];
        assert_true(slice_is(change->key, "totals"));
        len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                change->kind == CHANGE_SET ? "SET" : "UNSET");
        for (size_t j = 0; j < change->field_count; j++) {
            const struct field *field = &change->fields[j];
            len += (size_t)snprintf(text + len, sizeof text - len, " %.*s", SLICE_ARG(field->name));
            if (change->kind == CHANGE_SET) {
                len += (size_t)snprintf(text + len, sizeof text - len, "=%.*s", SLICE_ARG(field->value));
            }
        }
        len += (size_t)snprintf(text + len, sizeof text - len, "; ");
    }
    assert_string_equal(text, expected);
}

static void names_are_joined_by_colons(void **state)
{
    (void)state;
    totals_add(totals, "orders", none, none, 2);
    totals_add(totals, "net", SLICE("EUR"), none, -7);
    totals_add(totals, "decisions", SLICE("birthday"), SLICE("no_consent"), 1);
    assert_int_equal(totals_get(totals, SLICE("orders")), 2);
    assert_int_equal(totals_get(totals, SLICE("net:EUR")), -7);
    assert_int_equal(totals_get(totals, SLICE("decisions:birthday:no_consent")), 1);
    assert_int_equal(totals_get(totals, SLICE("net")), 0);
    then_collected("SET orders=2 net:EUR=-7 decisions:birthday:no_consent=1; ");
    then_collected("");
}

static void what_is_zero_again_is_unset(void **state)
{
    (void)state;
    totals_add(totals, "orders", none, none, 2);
    totals_add(totals, "visits", none, none, 1);
    totals_add(totals, "visits", none, none, -1);
    totals_add(totals, "refunds", none, none, 0);
    then_collected("SET orders=2; ");
    totals_add(totals, "orders", none, none, -2);
    totals_add(totals, "customers", none, none, 1);
    then_collected("SET customers=1; UNSET orders; ");
    totals_add(totals, "orders", none, none, 1);
    then_collected("SET orders=1; ");
}

static void they_are_loaded_as_they_were(void **state)
{
    (void)state;
    struct field fields[] = {
        {SLICE("orders"),  SLICE("5") },
        {SLICE("net:EUR"), SLICE("-3")}
    };
    totals_add(totals, "visits", none, none, 9);
    assert_int_equal(totals_load(totals, &(struct hash){.fields = fields, .field_count = 2}), STATUS_OK);
    assert_int_equal(totals_get(totals, SLICE("orders")), 5);
    assert_int_equal(totals_get(totals, SLICE("visits")), 0);
    then_collected("");
    totals_add(totals, "net", SLICE("EUR"), none, 3);
    then_collected("UNSET net:EUR; ");
    fields[1].value = SLICE("many");
    assert_int_equal(totals_load(totals, &(struct hash){.fields = fields, .field_count = 2}), STATUS_CORRUPT);
    assert_int_equal(totals_get(totals, SLICE("orders")), 0);
}

static void there_may_be_many(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        totals_add(totals, "triggers", slice_of(name), none, i);
        totals_add(totals, "triggers", slice_of(name), none, 1);
    }
    assert_int_equal(totals_get(totals, SLICE("triggers:f0")), 1);
    assert_int_equal(totals_get(totals, SLICE("triggers:f999")), 1000);
    assert_int_equal(totals_get(totals, SLICE("triggers:f1000")), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_none, take_away)
    const struct CMUnitTest tests[] = {
        TEST(names_are_joined_by_colons),
        TEST(what_is_zero_again_is_unset),
        TEST(they_are_loaded_as_they_were),
        TEST(there_may_be_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
