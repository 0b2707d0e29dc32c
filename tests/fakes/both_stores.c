/* SPDX-License-Identifier: MIT */
#include "tests/fakes/both_stores.h"

#include "common/mem.h"
#include "common/store_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct both_stores both;

int both_start_server(void **state)
{
    (void)state;
    both.server = redis_server_start(NULL);
    return 0;
}

int both_stop_server(void **state)
{
    (void)state;
    redis_server_stop(both.server);
    both.server = NULL;
    return 0;
}

static struct store *open_redis(void)
{
    struct store_redis_options options = {.address = redis_server_address(both.server),
                                          .prefix = "test",
                                          .connect_timeout_ms = 5000,
                                          .timeout_ms = 10000};
    char warning[256], error[256];
    struct store *opened = NULL;
    enum status status = store_redis_open(&options, warning, error, &opened);
    if (status != STATUS_OK) {
        fail_msg("%s", error);
    }
    return opened;
}

int both_open(void **state)
{
    (void)state;
    both.arena = arena_create(64 * 1024);
    both.memory = fake_memory_create();
    if (both.server != NULL) {
        redis_server_ask(both.server, "FLUSHALL");
    }
    both.store = both.server != NULL ? open_redis() : store_fake_open(both.memory);
    return 0;
}

int both_close(void **state)
{
    (void)state;
    store_close(both.store);
    fake_memory_destroy(both.memory);
    arena_destroy(both.arena);
    return 0;
}

void then_home_holds(int32_t home, const char *expected)
{
    char *held = both.server != NULL ? redis_server_dump(both.server, "test", home)
                                     : fake_memory_dump(both.memory, home);
    assert_string_equal(held, expected);
    mem_free(held);
}

void then_commits(struct draft *draft, enum status expected)
{
    enum status status = draft_commit(draft, both.store);
    if (status != expected) {
        fail_msg("%s instead of %s: %s", status_name(status), status_name(expected), both.store->error);
    }
}
