/* SPDX-License-Identifier: MIT */
/* Which servers the Redis store opens, which it refuses and how it says so; and the lease of a process name.
 */
#include "common/mem.h"
#include "common/store_redis.h"
#include "tests/fakes/redis_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct redis_server *server;
static struct store *store;
static char warning[256], error[256];

static int begin_test(void **state)
{
    (void)state;
    server = redis_server_start(NULL);
    store = NULL;
    return 0;
}

static int end_test(void **state)
{
    (void)state;
    store_close(store);
    redis_server_stop(server);
    return 0;
}

static struct store_redis_options options_of(const char *address)
{
    return (struct store_redis_options){
        .address = address, .prefix = "loyalty", .connect_timeout_ms = 2000, .timeout_ms = 5000};
}

static void then_opens(struct store_redis_options options)
{
    store_close(store);
    store = NULL;
    if (store_redis_open(&options, warning, error, &store) != STATUS_OK) {
        fail_msg("%s", error);
    }
}

static void then_refuses(struct store_redis_options options, enum status expected, const char *part)
{
    struct store *refused = NULL;
    enum status status = store_redis_open(&options, warning, error, &refused);
    if (status != expected || strstr(error, part) == NULL) {
        fail_msg("%s instead of %s: \"%s\" should tell \"%s\"", status_name(status), status_name(expected),
                 error, part);
    }
    assert_null(refused);
}

static void a_usual_redis_is_opened_by_port_and_by_socket(void **state)
{
    (void)state;
    then_opens(options_of(redis_server_address(server)));
    assert_string_equal(warning, "");
    then_opens(options_of(redis_server_socket(server)));
    assert_string_equal(redis_server_ask(server, "DBSIZE"), "0"); /* opening leaves nothing */
}

static void a_redis_that_is_not_there_is_away(void **state)
{
    (void)state;
    then_refuses(options_of("127.0.0.1:1"), STATUS_AWAY, "127.0.0.1:1 cannot be reached: Connection refused");
    then_refuses(options_of("/nowhere/redis.sock"), STATUS_AWAY, "/nowhere/redis.sock cannot be reached");
}

static void an_address_that_is_none_is_refused(void **state)
{
    (void)state;
    then_refuses(options_of("localhost"), STATUS_FATAL, "host:port");
    then_refuses(options_of("localhost:99999"), STATUS_FATAL, "host:port");
    then_refuses(options_of(":6379"), STATUS_FATAL, "host:port");
}

static void a_prefix_that_would_break_the_hash_slots_is_refused(void **state)
{
    (void)state;
    struct store_redis_options options = options_of(redis_server_address(server));
    options.prefix = "a{b}";
    then_refuses(options, STATUS_FATAL, "prefix");
    options.prefix = "";
    then_refuses(options, STATUS_FATAL, "prefix");
}

static void a_replica_is_refused(void **state)
{
    (void)state;
    redis_server_ask(server, "REPLICAOF 127.0.0.1 1");
    then_refuses(options_of(redis_server_address(server)), STATUS_FATAL, "is a replica");
}

static void a_redis_that_evicts_is_refused(void **state)
{
    (void)state;
    redis_server_ask(server, "CONFIG SET maxmemory-policy allkeys-lru");
    then_refuses(options_of(redis_server_address(server)), STATUS_FATAL, "noeviction (it is allkeys-lru)");
}

static void a_redis_that_is_full_is_opened_all_the_same(void **state)
{
    (void)state;
    redis_server_ask(server, "CONFIG SET maxmemory 1");
    then_opens(options_of(redis_server_address(server)));
}

static void a_redis_that_is_full_is_not_opened_again(void **state)
{
    (void)state;
    then_opens(options_of(redis_server_address(server)));
    redis_server_ask(server, "CONFIG SET maxmemory 1");
    assert_int_equal(store_reopen(store), STATUS_AWAY);
    assert_non_null(strstr(store->error, "Redis has reached its maxmemory"));
    redis_server_ask(server, "CONFIG SET maxmemory 0");
    assert_int_equal(store_reopen(store), STATUS_OK);
}

static void a_commit_that_is_refused_says_why(void **state)
{
    (void)state;
    then_opens(options_of(redis_server_address(server)));
    struct field points = {SLICE("points"), SLICE("3")};
    struct change change = {.kind = CHANGE_SET, .key = SLICE("c:C1"), .fields = &points, .field_count = 1};
    struct commit full = {.home = 12, .from = 0, .to = 9, .changes = &change, .change_count = 1};
    struct commit moved = {.home = 12, .from = 9, .to = 12, .changes = &change, .change_count = 1};
    redis_server_ask(server, "CONFIG SET maxmemory 1");
    assert_int_equal(store_commit(store, &full), STATUS_OK);
    assert_int_equal(store_commit(store, &moved), STATUS_OK); /* its sentence is the store's last */
    assert_int_equal(store_settle(store), STATUS_OK);
    assert_int_equal(full.ret_status, STATUS_AWAY);
    assert_non_null(strstr(full.ret_why, "Redis has reached its maxmemory"));
    assert_int_equal(moved.ret_status, STATUS_MOVED);
    assert_null(strstr(moved.ret_why, "maxmemory"));
    redis_server_ask(server, "CONFIG SET maxmemory 0");
}

static void short_listpacks_are_warned_of(void **state)
{
    (void)state;
    redis_server_ask(server, "CONFIG SET hash-max-listpack-value 32 hash-max-listpack-entries 16");
    then_opens(options_of(redis_server_address(server)));
    assert_non_null(strstr(warning, "hash-max-listpack-value of Redis is 32"));
    assert_non_null(strstr(warning, "hash-max-listpack-entries of Redis is 16"));
}

static void a_password_must_be_the_right_one(void **state)
{
    (void)state;
    struct store_redis_options options = options_of(redis_server_address(server));
    options.password = "secret";
    then_refuses(options, STATUS_FATAL, "a password is set but Redis has none");
    redis_server_ask(server, "CONFIG SET requirepass secret");
    then_opens(options);
    options.password = "wrong";
    then_refuses(options, STATUS_FATAL, "does not accept the user and password");
    options.password = NULL;
    then_refuses(options, STATUS_FATAL, "asks for a password");
}

static void a_user_needs_its_rights_and_only_misses_config_with_a_warning(void **state)
{
    (void)state;
    struct store_redis_options options = options_of(redis_server_address(server));
    options.user = "loyald";
    options.password = "secret";
    redis_server_ask(server, "ACL SETUSER loyald on >secret ~loyalty:* +@all -config");
    then_opens(options);
    assert_non_null(strstr(warning, "does not allow CONFIG GET"));
    redis_server_ask(server, "ACL SETUSER loyald -zadd");
    then_refuses(options, STATUS_FATAL, "lacks a permission");
    redis_server_ask(server, "ACL SETUSER loyald +zadd resetkeys ~other:*");
    then_refuses(options, STATUS_FATAL, "lacks a permission");
    redis_server_ask(server, "ACL SETUSER loyald allkeys -info");
    then_refuses(options, STATUS_FATAL, "lacks a permission");
}

static void a_database_is_selected(void **state)
{
    (void)state;
    struct store_redis_options options = options_of(redis_server_address(server));
    options.database = 5;
    then_opens(options);
    assert_int_equal(store_place(store, 3, 0, 7), STATUS_OK);
    assert_string_equal(redis_server_ask(server, "DBSIZE"), "0");
    assert_non_null(strstr(redis_server_ask(server, "INFO keyspace"), "db5:keys=1"));
    options.database = 99;
    then_refuses(options, STATUS_FATAL, "does not have the database");
}

static void keys_are_where_the_contract_says(void **state)
{
    (void)state;
    then_opens(options_of(redis_server_address(server)));
    struct field points = {SLICE("points"), SLICE("3")};
    struct change change = {.kind = CHANGE_SET, .key = SLICE("c:C1"), .fields = &points, .field_count = 1};
    struct commit commit = {.home = 12, .from = 0, .to = 9, .changes = &change, .change_count = 1};
    assert_int_equal(store_commit(store, &commit), STATUS_OK);
    assert_int_equal(store_settle(store), STATUS_OK);
    assert_int_equal(store_note_set(store, "worker:a", &points, 1), STATUS_OK);
    assert_string_equal(redis_server_ask(server, "HGET loyalty:{12}:home position"), "9");
    assert_string_equal(redis_server_ask(server, "HGETALL loyalty:{12}:c:C1"), "points\n3");
    assert_string_equal(redis_server_ask(server, "HGETALL loyalty:worker:a"), "points\n3");
}

static void a_lease_belongs_to_one_token(void **state)
{
    (void)state;
    char other[128] = "";
    then_opens(options_of(redis_server_address(server)));
    assert_int_equal(store_redis_lease(store, "p1", "mine", false, NULL, 0, other), STATUS_OK);
    assert_int_equal(store_redis_lease(store, "p1", "mine", false, NULL, 0, other), STATUS_OK);
    assert_int_equal(store_redis_lease(store, "p1", "theirs", false, NULL, 0, other), STATUS_BUSY);
    assert_string_equal(other, "mine 2");
    assert_int_equal(store_redis_lease(store, "p1", "mine", false, NULL, 0, other), STATUS_OK);
    assert_int_equal(store_redis_lease(store, "p1", "theirs", false, NULL, 0, other), STATUS_BUSY);
    assert_string_equal(other, "mine 3");
    assert_string_equal(redis_server_ask(server, "HGETALL loyalty:lease:p1"), "token\nmine\nbeat\n3");
    assert_int_equal(store_redis_lease(store, "p2", "theirs", false, NULL, 0, other), STATUS_OK);
    assert_int_equal(store_redis_lease(store, "p1", "theirs", true, NULL, 0, other), STATUS_OK);
    assert_int_equal(store_redis_lease(store, "p1", "mine", false, NULL, 0, other), STATUS_BUSY);
    assert_int_equal(store_redis_lease_release(store, "p1", "mine"), STATUS_OK); /* not its own: stays */
    assert_int_equal(store_redis_lease(store, "p1", "mine", false, NULL, 0, other), STATUS_BUSY);
    assert_int_equal(store_redis_lease_release(store, "p1", "theirs"), STATUS_OK);
    assert_int_equal(store_redis_lease(store, "p1", "mine", false, NULL, 0, other), STATUS_OK);
}

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENTENCE(a_usual_redis_is_opened_by_port_and_by_socket),
        SENTENCE(a_redis_that_is_not_there_is_away),
        SENTENCE(an_address_that_is_none_is_refused),
        SENTENCE(a_prefix_that_would_break_the_hash_slots_is_refused),
        SENTENCE(a_replica_is_refused),
        SENTENCE(a_redis_that_evicts_is_refused),
        SENTENCE(a_redis_that_is_full_is_opened_all_the_same),
        SENTENCE(a_redis_that_is_full_is_not_opened_again),
        SENTENCE(a_commit_that_is_refused_says_why),
        SENTENCE(short_listpacks_are_warned_of),
        SENTENCE(a_password_must_be_the_right_one),
        SENTENCE(a_user_needs_its_rights_and_only_misses_config_with_a_warning),
        SENTENCE(a_database_is_selected),
        SENTENCE(keys_are_where_the_contract_says),
        SENTENCE(a_lease_belongs_to_one_token),
    };
    return cmocka_run_group_tests_name("opening Redis", tests, NULL, NULL);
}
