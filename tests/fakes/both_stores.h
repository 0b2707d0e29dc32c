/* SPDX-License-Identifier: MIT */
/* What the contract tests run on: first the store in memory, then Redis, each test with nothing stored. A
 * cmocka test; `store` is the one under test, `arena` lives as long as the test. */
#ifndef TESTS_FAKES_BOTH_STORES_H
#define TESTS_FAKES_BOTH_STORES_H

#include "tests/fakes/draft.h"
#include "tests/fakes/redis_server.h"
#include "tests/fakes/store_fake.h"

#define HOME 3

struct both_stores {
    struct redis_server *server; /* NULL while the fake is tested */
    struct fake_memory *memory;
    struct store *store;
    struct arena *arena;
};
extern struct both_stores both;

/* Group and test fixtures. */
int both_start_server(void **state);
int both_stop_server(void **state);
int both_open(void **state);
int both_close(void **state);

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, both_open, both_close)

void then_home_holds(int32_t home, const char *expected); /* lines as of dump.h */
void then_commits(struct draft *draft, enum status expected);

#endif
