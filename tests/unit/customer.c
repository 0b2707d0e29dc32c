/* SPDX-License-Identifier: MIT */
/* Customers: what is kept, and what the store is told. */
#include "common/customer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct customer *customer;
static struct arena *arena;

static int given_nothing(void **state)
{
    (void)state;
    customer = customer_create(SLICE("C1"));
    arena = arena_create(65536);
    return 0;
}

static int take_away(void **state)
{
    (void)state;
    customer_destroy(customer);
    arena_destroy(arena);
    return 0;
}

static void given_item(enum item_kind kind, const char *key, const char *value)
{
    customer_item_set(customer, kind, slice_of(key), slice_of(value));
}

static void given_loaded(const char *name, const char *value)
{
    struct field field = {slice_of(name), slice_of(value)};
    assert_int_equal(customer_load(customer, &(struct hash){.fields = &field, .field_count = 1}), STATUS_OK);
}

/* What customer_collect gives, as text: "SET c:C1 orders=2 o:A=x; RANK timers C1@5; ". */
static void then_collected(const char *expected)
{
    static const char *const kinds[] = {[CHANGE_SET] = "SET",
                                        [CHANGE_UNSET] = "UNSET",
                                        [CHANGE_RANK] = "RANK",
                                        [CHANGE_UNRANK] = "UNRANK",
                                        [CHANGE_DELETE] = "DELETE"};
    struct changes changes = {.arena = arena};
    char text[1024] = "";
    size_t len = 0;
    customer_collect(customer, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        const struct change *change = &changes.items[i];
        len += (size_t)snprintf(text + len, sizeof text - len, "%s %.*s", kinds[change->kind],
                                SLICE_ARG(change->key));
        for (size_t j = 0; j < change->field_count; j++) {
            const struct field *field = &change->fields[j];
            len += (size_t)snprintf(text + len, sizeof text - len, " %.*s", SLICE_ARG(field->name));
            if (change->kind == CHANGE_SET) {
                len += (size_t)snprintf(text + len, sizeof text - len, "=%.*s", SLICE_ARG(field->value));
            }
        }
        if (change->kind == CHANGE_RANK || change->kind == CHANGE_UNRANK) {
            len += (size_t)snprintf(text + len, sizeof text - len, " %.*s", SLICE_ARG(change->member));
        }
        if (change->kind == CHANGE_RANK) {
            len += (size_t)snprintf(text + len, sizeof text - len, "@%lld", (long long)change->score);
        }
        len += (size_t)snprintf(text + len, sizeof text - len, "; ");
    }
    assert_string_equal(text, expected);
    struct changes again = {.arena = changes.arena};
    customer_collect(customer, &again);
    assert_int_equal(again.count, 0);
}

static void a_new_customer_does_not_exist(void **state)
{
    (void)state;
    assert_false(customer_exists(customer));
    assert_int_equal(customer_int(customer, CUSTOMER_orders), 0);
    assert_int_equal(customer_text(customer, CUSTOMER_zone).len, 0);
    assert_int_equal(customer_next_due(customer), DUE_NEVER);
    then_collected("");
}

static void only_what_changed_is_collected(void **state)
{
    (void)state;
    customer_int_set(customer, CUSTOMER_orders, 2);
    customer_text_set(customer, CUSTOMER_zone, SLICE("Europe/Vienna"));
    given_item(ITEM_ORDER, "A17", "o 1 5 EUR");
    then_collected("SET c:C1 orders=2 zone=Europe/Vienna o:A17=o 1 5 EUR; ");
    customer_int_set(customer, CUSTOMER_orders, 2);
    given_item(ITEM_ORDER, "A17", "o 1 5 EUR");
    then_collected("");
    customer_int_set(customer, CUSTOMER_orders, 3);
    given_item(ITEM_ORDER, "A17", "x 1 5 EUR and much longer than it was before, so that it has to move");
    then_collected(
        "SET c:C1 orders=3 o:A17=x 1 5 EUR and much longer than it was before, so that it has to move; ");
}

static void what_is_gone_is_unset(void **state)
{
    (void)state;
    customer_int_set(customer, CUSTOMER_orders, 2);
    customer_text_set(customer, CUSTOMER_zone, SLICE("Etc/UTC"));
    given_item(ITEM_ORDER, "A17", "o 1 5 EUR");
    then_collected("SET c:C1 orders=2 zone=Etc/UTC o:A17=o 1 5 EUR; ");
    customer_int_set(customer, CUSTOMER_orders, 0);
    customer_text_set(customer, CUSTOMER_zone, SLICE(""));
    assert_true(customer_item_remove(customer, ITEM_ORDER, SLICE("A17")));
    assert_false(customer_item_remove(customer, ITEM_ORDER, SLICE("A17")));
    assert_false(customer_exists(customer));
    then_collected("UNSET c:C1 orders zone o:A17; ");
}

static void what_came_and_went_in_one_batch_is_not_told(void **state)
{
    (void)state;
    customer_int_set(customer, CUSTOMER_visits, 1);
    given_item(ITEM_REFUND, "R1", "1 - - A");
    customer_item_remove(customer, ITEM_REFUND, SLICE("R1"));
    given_item(ITEM_INTEREST, "tea", "declared");
    customer_item_remove(customer, ITEM_INTEREST, SLICE("tea"));
    then_collected("SET c:C1 visits=1; ");
}

static void a_removed_item_can_come_back(void **state)
{
    (void)state;
    given_item(ITEM_ORDER, "A17", "o 1 5 EUR");
    then_collected("SET c:C1 o:A17=o 1 5 EUR; ");
    customer_item_remove(customer, ITEM_ORDER, SLICE("A17"));
    assert_int_equal(customer_item_count(customer, ITEM_ORDER), 0);
    given_item(ITEM_ORDER, "A17", "o 2 6 EUR");
    assert_int_equal(customer_item_count(customer, ITEM_ORDER), 1);
    then_collected("SET c:C1 o:A17=o 2 6 EUR; ");
}

static void the_rank_follows_the_earliest_timer(void **state)
{
    (void)state;
    customer_timer_set(customer, SLICE("birthday"), 900);
    customer_timer_set(customer, SLICE("thanks:A1"), 500);
    then_collected("SET c:C1 t:birthday=900 t:thanks:A1=500; RANK timers C1@500; ");
    customer_timer_set(customer, SLICE("birthday"), 800);
    then_collected("SET c:C1 t:birthday=800; ");
    customer_timer_remove(customer, SLICE("thanks:A1"));
    then_collected("UNSET c:C1 t:thanks:A1; RANK timers C1@800; ");
    customer_timer_remove(customer, SLICE("birthday"));
    then_collected("UNSET c:C1 t:birthday; UNRANK timers C1; ");
}

static void interests_stand_in_their_index(void **state)
{
    (void)state;
    given_item(ITEM_INTEREST, "tea", "declared");
    then_collected("SET c:C1 i:tea=declared; RANK i:tea C1@0; ");
    customer_item_remove(customer, ITEM_INTEREST, SLICE("tea"));
    given_item(ITEM_INTEREST, "tea", "declared");
    then_collected("SET c:C1 i:tea=declared; ");
    customer_item_remove(customer, ITEM_INTEREST, SLICE("tea"));
    then_collected("UNSET c:C1 i:tea; UNRANK i:tea C1; ");
}

static void a_cleared_customer_leaves_nothing(void **state)
{
    (void)state;
    customer_int_set(customer, CUSTOMER_orders, 2);
    given_item(ITEM_INTEREST, "tea", "declared");
    customer_timer_set(customer, SLICE("birthday"), 900);
    then_collected("SET c:C1 orders=2 i:tea=declared t:birthday=900; RANK timers C1@900; RANK i:tea C1@0; ");
    customer_clear(customer);
    assert_false(customer_exists(customer));
    then_collected("DELETE c:C1; UNRANK timers C1; UNRANK i:tea C1; ");
    customer_clear(customer);
    then_collected("");
}

static void a_customer_may_begin_anew_in_the_same_batch(void **state)
{
    (void)state;
    customer_text_set(customer, CUSTOMER_zone, SLICE("Etc/UTC"));
    given_item(ITEM_INTEREST, "tea", "declared");
    given_item(ITEM_INTEREST, "jazz", "declared");
    given_item(ITEM_ORDER, "A1", "o 1 5 EUR");
    then_collected(
        "SET c:C1 zone=Etc/UTC i:tea=declared i:jazz=declared o:A1=o 1 5 EUR; RANK i:tea C1@0; RANK "
        "i:jazz C1@0; ");
    given_item(ITEM_ORDER, "A2", "o 1 5 EUR");
    customer_clear(customer);
    customer_int_set(customer, CUSTOMER_visits, 1);
    given_item(ITEM_INTEREST, "tea", "declared");
    given_item(ITEM_ORDER, "A1", "o 7 7 EUR");
    then_collected("DELETE c:C1; SET c:C1 visits=1 i:tea=declared o:A1=o 7 7 EUR; UNRANK i:jazz C1; ");
}

static void a_customer_made_and_cleared_in_one_batch_was_never_there(void **state)
{
    (void)state;
    customer_int_set(customer, CUSTOMER_orders, 2);
    given_item(ITEM_ORDER, "A1", "o 1 5 EUR");
    customer_timer_set(customer, SLICE("birthday"), 900);
    customer_clear(customer);
    then_collected("");
}

static void a_value_may_be_made_of_the_customers_own_text(void **state)
{
    (void)state;
    given_item(ITEM_ORDER, "A1", "o 1 5 EUR 0 - +coupon");
    for (int i = 0; i < 100; i++) {
        struct slice value;
        char key[8];
        assert_true(customer_item(customer, ITEM_ORDER, SLICE("A1"), &value));
        snprintf(key, sizeof key, "B%d", i);
        customer_item_set(customer, ITEM_ORDER, slice_of(key), value);
        assert_true(customer_item(customer, ITEM_ORDER, slice_of(key), &value));
        customer_text_set(customer, CUSTOMER_zone, value);
    }
    struct slice value;
    assert_true(customer_item(customer, ITEM_ORDER, SLICE("B99"), &value));
    assert_true(slice_is(value, "o 1 5 EUR 0 - +coupon"));
}

static void loading_forgets_what_was_there(void **state)
{
    (void)state;
    given_item(ITEM_INTEREST, "tea", "declared");
    customer_timer_set(customer, SLICE("birthday"), 900);
    given_loaded("visits", "7");
    assert_int_equal(customer_int(customer, CUSTOMER_visits), 7);
    assert_int_equal(customer_item_count(customer, ITEM_INTEREST), 0);
    assert_int_equal(customer_next_due(customer), DUE_NEVER);
    then_collected("");
    given_loaded("t:birthday", "900");
    assert_int_equal(customer_next_due(customer), 900);
    then_collected("");
}

static void what_loyald_does_not_write_is_corrupt(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"visits",            "seven"      },
        {"visits",            "0"          },
        {"visits",            "-1"         },
        {"visits",            ""           },
        {"surprise",          "1"          },
        {"zone",              ""           },
        {"hours",             "0123"       },
        {"ids",               "abc"        },
        {"ids_before",        "01234567"   },
        {"z:what",            "1"          },
        {"o:",                "o 1 5 EUR"  },
        {"o:A1",              "o 1 5"      },
        {"net:usd",           "5"          },
        {"net:USD",           "5.0"        },
        {"at:moon",           "1 2 3"      },
        {"at:store",          "1 2"        },
        {"at:store",          "1 2 3 4"    },
        {"at:store",          "1 -2 3"     },
        {"r:R1",              "1 5 EUR A B"},
        {"r:R1",              "1"          },
        {"k:z",               "tea 1"      },
        {"k:a",               "tea 0"      },
        {"k:a",               "tea"        },
        {"q:Q1",              "o o n 1 2 3"},
        {"s:email:marketing", "maybe 5"    },
        {"i:tea",             "liked"      },
        {"t:birthday",        "soon"       },
        {"f:birthday",        ""           },
        {"b:m1",              "child"      },
        {"b:m1",              "me --05-04" },
        {"b:m1",              "other 5 Mia"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct field fields[] = {
            {SLICE("orders"),     SLICE("1")         },
            {slice_of(bad[i][0]), slice_of(bad[i][1])}
        };
        enum status status = customer_load(customer, &(struct hash){.fields = fields, .field_count = 2});
        if (status != STATUS_CORRUPT) {
            print_error("%s=%s was taken\n", bad[i][0], bad[i][1]);
        }
        assert_int_equal(status, STATUS_CORRUPT);
        assert_false(customer_exists(customer));
    }
}

static void a_set_change_copies_its_texts(void **state)
{
    (void)state;
    struct changes changes = {.arena = arena};
    char value[] = "12";
    for (int i = 0; i < 200; i++) {
        changes_set(&changes, SLICE("home"), SLICE("position"), slice_of(value));
    }
    value[0] = 'x';
    assert_int_equal(changes.count, 200);
    assert_int_equal(changes.items[199].kind, CHANGE_SET);
    assert_true(slice_is(changes.items[199].fields[0].value, "12"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_nothing, take_away)
    const struct CMUnitTest tests[] = {
        TEST(a_new_customer_does_not_exist),
        TEST(only_what_changed_is_collected),
        TEST(what_is_gone_is_unset),
        TEST(what_came_and_went_in_one_batch_is_not_told),
        TEST(a_removed_item_can_come_back),
        TEST(the_rank_follows_the_earliest_timer),
        TEST(interests_stand_in_their_index),
        TEST(a_cleared_customer_leaves_nothing),
        TEST(a_customer_may_begin_anew_in_the_same_batch),
        TEST(a_customer_made_and_cleared_in_one_batch_was_never_there),
        TEST(a_value_may_be_made_of_the_customers_own_text),
        TEST(loading_forgets_what_was_there),
        TEST(what_loyald_does_not_write_is_corrupt),
        TEST(a_set_change_copies_its_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
