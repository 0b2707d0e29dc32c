/* SPDX-License-Identifier: MIT */
/* Random changes of a customer, batch by batch: it always holds what a plain list of fields holds, the store
 * always holds the same, and who loads it from there is the same again. */
#include "common/customer.h"

#include "tests/fakes/customer_dump.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/store_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct customer *customer;
static struct arena *arena;
static struct fake_memory *memory;
static struct store *store;
static int64_t position;

static struct {
    char name[80], value[120];
} model[256];
static size_t model_count;
static unsigned first_seed;

static void given_nothing(void)
{
    customer = customer_create(SLICE("C1"));
    arena = arena_create(65536);
    memory = fake_memory_create();
    store = store_fake_open(memory);
    position = 0;
    model_count = 0;
}

static void then_equal(const char *got, const char *expected)
{
    if (strcmp(got, expected) != 0) {
        print_error("with seed %u:\n", first_seed);
    }
    assert_string_equal(got, expected);
}

static void take_away(void)
{
    customer_destroy(customer);
    arena_destroy(arena);
    store_close(store);
    fake_memory_destroy(memory);
}

/* The store holds what the customer holds, and another customer that loads it is the same. */
static void then_store_agrees(void)
{
    struct changes changes = {.arena = arena};
    customer_collect(customer, &changes);
    struct commit commit = {.home = 7,
                            .from = position,
                            .to = position + 1,
                            .changes = changes.items,
                            .change_count = changes.count};
    assert_int_equal(store_commit(store, &commit), STATUS_OK);
    assert_int_equal(store_settle(store), STATUS_OK);
    assert_int_equal(commit.ret_status, STATUS_OK);
    position++;

    struct read read = {.kind = READ_HASH, .key = SLICE("c:C1")};
    int64_t at;
    assert_int_equal(store_read(store, 7, &read, 1, arena, &at), STATUS_OK);
    struct customer *other = customer_create(SLICE("C1"));
    assert_int_equal(customer_load(other, &read.ret_hash), STATUS_OK);

    char *own = customer_dump(customer), *loaded = customer_dump(other), *held = fake_memory_dump(memory, 7);
    then_equal(loaded, own);
    char *line = strstr(held, "home position=");
    assert_non_null(line);
    memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n') + 1) + 1);
    then_equal(held, own);
    assert_int_equal(customer_exists(other), customer_exists(customer));
    free(own);
    free(loaded);
    free(held);
    customer_destroy(other);
}

static void model_put(const char *name, const char *value)
{
    size_t i = 0;
    while (i < model_count && strcmp(model[i].name, name) != 0) {
        i++;
    }
    if (value == NULL || value[0] == '\0') {
        if (i < model_count) {
            model[i] = model[--model_count];
        }
        return;
    }
    model_count += i == model_count;
    snprintf(model[i].name, sizeof model[i].name, "%s", name);
    snprintf(model[i].value, sizeof model[i].value, "%s", value);
}

/* The customer holds what the list holds; whoever has a timer or an interest is ranked for it. */
static void then_model_agrees(void)
{
    struct dump dump = {0};
    int64_t due = DUE_NEVER;
    for (size_t i = 0; i < model_count; i++) {
        struct slice name = slice_of(model[i].name);
        dump_field(&dump, SLICE("c:C1"), name, slice_of(model[i].value));
        if (name.data[0] == 'i') {
            dump_rank(&dump, name, SLICE("C1"), 0);
        }
        int64_t each = name.data[0] == 't' ? atoll(model[i].value) : DUE_NEVER;
        due = each < due ? each : due;
    }
    if (due != DUE_NEVER) {
        dump_rank(&dump, SLICE("timers"), SLICE("C1"), due);
    }
    char *expected = dump_finish(&dump), *own = customer_dump(customer);
    then_equal(own, expected);
    free(expected);
    free(own);
}

static void change_at_random(unsigned *seed)
{
    static const enum item_kind kinds[] = {ITEM_ORDER, ITEM_REFUND, ITEM_INTEREST,
                                           ITEM_TIMER, ITEM_LAST,   ITEM_LAUNCH};
    static const char *const prefixes[] = {"o:", "r:", "i:", "t:", "f:", "l:"};
    char name[80], value[120] = "";
    unsigned which = (unsigned)rand_r(seed) % 6, key = (unsigned)rand_r(seed) % 12,
             what = (unsigned)rand_r(seed);
    snprintf(name, sizeof name, "%skey%u", prefixes[which], key);
    struct slice key_text = slice_of(name + 2);
    switch (what % 16) {
    case 0:
        customer_int_set(customer, CUSTOMER_visits, key);
        snprintf(value, sizeof value, "%u", key);
        model_put("visits", key > 0 ? value : "");
        return;
    case 1:
        snprintf(value, sizeof value, "%.*s", (int)(key * 4),
                 "a text of any length, 48 bytes of it at the very most");
        customer_text_set(customer, CUSTOMER_language, slice_of(value));
        model_put("language", value);
        return;
    case 2:
        if ((unsigned)rand_r(seed) % 8 == 0) {
            customer_clear(customer);
            model_count = 0;
        }
        return;
    case 3:
    case 4:
    case 5:
    case 6:
        customer_item_remove(customer, kinds[which], key_text);
        model_put(name, NULL);
        return;
    default:
        break;
    }
    long long number = (long long)rand_r(seed) >> (what % 28);
    const char *const forms[] = {"o %lld 5 EUR", "%lld - -", "declared", "%lld", "%lld", "the %lld"};
    if (kinds[which] == ITEM_INTEREST) {
        snprintf(value, sizeof value, "declared");
    } else {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(value, sizeof value, forms[which], number);
#pragma GCC diagnostic pop
    }
    customer_item_set(customer, kinds[which], key_text, slice_of(value));
    model_put(name, value);
}

static void the_store_is_told_everything_and_nothing_else(void **state)
{
    (void)state;
    for (first_seed = 1; first_seed <= 60; first_seed++) {
        unsigned seed = first_seed;
        given_nothing();
        for (int batch = 0; batch < 30; batch++) {
            int changes = rand_r(&seed) % 24;
            for (int i = 0; i < changes; i++) {
                change_at_random(&seed);
            }
            then_model_agrees();
            then_store_agrees();
        }
        take_away();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_store_is_told_everything_and_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
