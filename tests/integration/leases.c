/* SPDX-License-Identifier: MIT */
/* What the leases in Redis tell loyalctl: which processes live, and that a policy is not activated which one
 * of them does not know. */
#include "common/clock.h"
#include "consumers/ctl/processes.h"
#include "consumers/lease.h"
#include "tests/fakes/redis_server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WAIT_MS 10000

static struct redis_server *server;
static struct settings *settings;
static struct ctl ctl;
static char why[CTL_SENTENCE];

static int begin_test(void **state)
{
    (void)state;
    struct buf problems = {0};
    char address[64];
    server = redis_server_start(NULL);
    snprintf(address, sizeof address, "LOYALD_REDIS_ADDRESS=%s", redis_server_address(server));
    char kafka[] = "LOYALD_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9", *environment[] = {address, kafka, NULL};
    assert_true(settings_load(NULL, environment, &problems, &settings));
    buf_done(&problems);
    ctl_init(&ctl, settings);
    why[0] = '\0';
    return 0;
}

static int end_test(void **state)
{
    (void)state;
    ctl_done(&ctl);
    settings_free(settings);
    redis_server_stop(server);
    return 0;
}

/* ---- a process of this program, and one of another version that a thread plays */

static struct lease *a_process(const char *name)
{
    struct store_redis_options options = {.address = redis_server_address(server),
                                          .prefix = "loyald",
                                          .connect_timeout_ms = 5000,
                                          .timeout_ms = 5000};
    struct lease *lease = NULL;
    if (lease_take(&options, name, why, &lease) != STATUS_OK) {
        fail_msg("%s", why);
    }
    return lease;
}

static void given_lease(const char *name, const char *fold, const char *zones)
{
    redis_server_ask(server, "HSET loyald:processes %s 0", name);
    redis_server_ask(server, "HSET loyald:lease:%s token other beat 1 fold %s zones %s", name, fold, zones);
}

static void *move(void *stop)
{
    while (!atomic_load((atomic_bool *)stop)) {
        redis_server_ask(server, "HINCRBY loyald:lease:shop-1 beat 1");
    }
    return NULL;
}

static bool known(int64_t fold, const char *zones, bool moves)
{
    pthread_t thread;
    atomic_bool stop = false;
    struct policy_versions needed = {.fold = fold, .zones = slice_of(zones)};
    if (moves) {
        assert_int_equal(pthread_create(&thread, NULL, move, &stop), 0);
    }
    why[0] = '\0';
    bool all_know = processes_know(&ctl, needed, why);
    atomic_store(&stop, true);
    if (moves) {
        pthread_join(thread, NULL);
    }
    return all_know;
}

static void a_lease_says_what_its_process_knows(void **state)
{
    (void)state;
    char fold[16];
    snprintf(fold, sizeof fold, "%d", FOLD_VERSION);
    struct lease *lease = a_process("shop-1");
    assert_string_equal(redis_server_ask(server, "HGET loyald:lease:shop-1 fold"), fold);
    assert_string_equal(redis_server_ask(server, "HGET loyald:lease:shop-1 zones"), zone_data_version());
    assert_string_equal(redis_server_ask(server, "HKEYS loyald:processes"), "shop-1");
    lease_release(lease);
    assert_string_equal(redis_server_ask(server, "EXISTS loyald:processes loyald:lease:shop-1"), "0");
}

static void a_redis_that_was_emptied_comes_to_know_its_processes_again(void **state)
{
    (void)state;
    struct lease *lease = a_process("shop-1");
    redis_server_ask(server, "FLUSHALL");
    int64_t until_us = clock_monotonic_us() + WAIT_MS * 1000LL;
    while (strcmp(redis_server_ask(server, "HKEYS loyald:processes"), "shop-1") != 0) {
        assert_true(clock_monotonic_us() < until_us);
    }
    assert_false(known(FOLD_VERSION + 1, zone_data_version(), false));
    lease_release(lease);
}

static void a_policy_that_a_living_process_does_not_know_is_refused(void **state)
{
    (void)state;
    struct lease *lease = a_process("web-1");
    given_lease("shop-1", "1", "2001a");
    assert_true(known(1, "2001a", true));
    assert_true(known(1, "2000c", true));
    assert_false(known(2, "2001a", true));
    assert_non_null(strstr(why, "knows fold version 1, this policy needs 2: upgrade it first"));
    given_lease("shop-1", "2", "2001a");
    assert_false(known(1, "2001a", true));
    assert_string_equal(why, "process shop-1 knows fold version 2, this policy needs 1: activate it with the "
                             "loyalctl that belongs to it; nothing was activated");
    given_lease("shop-1", "1", "1999a");
    assert_false(known(1, "2001b", true));
    assert_string_equal(why,
                        "process shop-1 has the zone data 1999a, this policy needs 2001b: update its ICU "
                        "library first; nothing was activated");
    lease_release(lease);
}

static void a_dead_process_is_in_nobodys_way(void **state)
{
    (void)state;
    given_lease("shop-1", "1", "2001a");
    assert_true(known(2, "2001a", false));
    assert_string_equal(why, "");
}

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENTENCE(a_lease_says_what_its_process_knows),
        SENTENCE(a_redis_that_was_emptied_comes_to_know_its_processes_again),
        SENTENCE(a_policy_that_a_living_process_does_not_know_is_refused),
        SENTENCE(a_dead_process_is_in_nobodys_way),
    };
    return cmocka_run_group_tests_name("leases", tests, NULL, NULL);
}
