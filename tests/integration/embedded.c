/* SPDX-License-Identifier: MIT */
/* The embedded mode: both servers answer, have what the settings name, and leave nothing behind. */
#include "producers/embedded.h"

#include "common/clock.h"
#include "producers/kafka_admin.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct settings *embedded_settings(void)
{
    static char embedded[] = "LOYALD_PROCESS_EMBEDDED=true";
    char *const environment[] = {embedded, NULL};
    struct buf problems = {0};
    struct settings *settings = NULL;
    assert_true(settings_load(NULL, environment, &problems, &settings));
    buf_done(&problems);
    return settings;
}

static void given_embedded(const struct settings *settings, struct embedded **ret_embedded)
{
    char error[256] = "";
    if (embedded_open(settings, error, ret_embedded) != STATUS_OK) {
        fail_msg("%s", error);
    }
}

static bool redis_says_pong(const char *path)
{
    redisContext *redis = redisConnectUnix(path);
    if (redis == NULL || redis->err != 0) {
        redisFree(redis);
        return false;
    }
    redisReply *reply = redisCommand(redis, "PING");
    bool pong = reply != NULL && strcmp(reply->str, "PONG") == 0;
    freeReplyObject(reply);
    redisFree(redis);
    return pong;
}

static void both_servers_answer_and_the_topics_are_there(void **state)
{
    (void)state;
    struct settings *settings = embedded_settings();
    struct embedded *embedded = NULL;
    given_embedded(settings, &embedded);
    embedded_apply(embedded, settings);
    assert_true(redis_says_pong(settings->redis_address));

    char error[256];
    struct kafka_admin *admin = NULL;
    struct kafka_facts facts;
    struct buf problems = {0}, warnings = {0};
    assert_int_equal(kafka_admin_open(settings, error, &admin), STATUS_OK);
    assert_int_equal(kafka_admin_check(admin, 4, 10000, &facts, &problems, &warnings), STATUS_OK);
    assert_int_equal(problems.len, 0);
    assert_int_equal(warnings.len, 0);
    assert_int_equal(facts.homes, 4);
    kafka_admin_close(admin);
    embedded_close(embedded);
    buf_done(&problems);
    buf_done(&warnings);
    settings_free(settings);
}

static void closing_ends_redis_and_removes_its_directory(void **state)
{
    (void)state;
    struct settings *settings = embedded_settings();
    struct embedded *embedded = NULL;
    given_embedded(settings, &embedded);
    char *directory = strdup(embedded_redis(embedded));
    *strrchr(directory, '/') = '\0';
    assert_int_equal(access(directory, F_OK), 0);
    embedded_close(embedded);
    assert_int_equal(access(directory, F_OK), -1);
    free(directory);
    settings_free(settings);
}

/* The child of the test is the daemon, and is killed. */
static void redis_ends_with_a_process_that_is_killed(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t daemon = fork();
    if (daemon == 0) {
        struct settings *settings = embedded_settings();
        struct embedded *embedded = NULL;
        given_embedded(settings, &embedded);
        ssize_t written = write(ends[1], embedded_redis(embedded), strlen(embedded_redis(embedded)) + 1);
        _exit(written > 0 && pause());
    }
    char path[200] = "";
    assert_true(read(ends[0], path, sizeof path) > 0);
    assert_true(redis_says_pong(path));
    kill(daemon, SIGKILL);
    waitpid(daemon, NULL, 0);
    int64_t deadline_us = clock_monotonic_us() + 5000000;
    while (redis_says_pong(path)) {
        assert_true(clock_monotonic_us() < deadline_us);
        poll(NULL, 0, 5);
    }
    close(ends[0]);
    close(ends[1]);

    /* What SIGKILL leaves behind. */
    unlink(path);
    *strrchr(path, '/') = '\0';
    char log[220];
    snprintf(log, sizeof log, "%s/redis.log", path);
    unlink(log);
    assert_int_equal(rmdir(path), 0);
}

static void without_redis_server_it_says_what_to_install(void **state)
{
    (void)state;
    struct settings *settings = embedded_settings();
    struct embedded *embedded = NULL;
    char error[256] = "";
    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(embedded_open(settings, error, &embedded), STATUS_FATAL);
    setenv("PATH", path, 1);
    assert_non_null(strstr(error, "redis-server cannot be started; install it"));
    free(path);
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redis_ends_with_a_process_that_is_killed),
        cmocka_unit_test(without_redis_server_it_says_what_to_install),
        cmocka_unit_test(closing_ends_redis_and_removes_its_directory),
        cmocka_unit_test(both_servers_answer_and_the_topics_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
