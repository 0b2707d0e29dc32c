/* SPDX-License-Identifier: MIT */
/* What the sink says when Kafka refuses a step of its transaction, and the embedded mode: on librdkafka's
 * mock broker, which can be told to refuse, and which is the embedded Kafka. */
#include "common/clock.h"
#include "common/mem.h"
#include "tests/fakes/kafka_pair.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Numbers of Kafka's protocol. */
#define PRODUCE           0
#define END_TXN           26
#define TXN_OFFSET_COMMIT 28

struct world {
    rd_kafka_t *host; /* in which the mock cluster lives */
    rd_kafka_mock_cluster_t *cluster;
    struct settings *settings;
    struct pair worker;
};

static struct settings *make_settings(const char *bootstrap)
{
    char line[200];
    snprintf(line, sizeof line, "LOYALD_KAFKA_BOOTSTRAP_SERVERS=%s", bootstrap);
    char embedded[] = "LOYALD_PROCESS_EMBEDDED=true";
    char feeders[] = "LOYALD_TOPICS_FEEDERS=";
    char *const environment[] = {line, embedded, feeders, NULL};
    struct buf problems = {0};
    struct settings *settings = NULL;
    if (!settings_load(NULL, environment, &problems, &settings)) {
        fail_msg("%.*s", SLICE_ARG(buf_view(&problems)));
    }
    buf_done(&problems);
    return settings;
}

static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    char error[256];
    world->host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error);
    world->cluster = rd_kafka_mock_cluster_new(world->host, 1);
    world->settings = make_settings(rd_kafka_mock_cluster_bootstraps(world->cluster));
    for (int i = 0; i < OUT_TOPIC_COUNT; i++) {
        assert_int_equal(
            rd_kafka_mock_topic_create(world->cluster, settings_output_name(world->settings, i), 2, 1), 0);
    }
    pair_open(&world->worker, world->settings, "one-0");
    pair_wait_dealt(&world->worker, 2);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    pair_close(&world->worker);
    settings_free(world->settings);
    rd_kafka_mock_cluster_destroy(world->cluster);
    rd_kafka_destroy(world->host);
    mem_free(world);
    return 0;
}

static void given_refusals(struct world *world, int16_t request, rd_kafka_resp_err_t code, int times)
{
    for (int i = 0; i < times; i++) {
        (void)rd_kafka_mock_push_request_errors(world->cluster, request, 1, code);
    }
}

static void then_published(struct world *world, int64_t next)
{
    assert_int_equal(pair_publish(&world->worker, "T", 0, next), STATUS_OK);
    assert_int_equal(pair_committed(&world->worker, 0, 5000), next);
}

static void a_step_that_is_refused_once_aborts_and_the_same_is_published_again(void **state)
{
    struct world *world = *state;
    then_published(world, 1);
    given_refusals(world, TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, 1);
    assert_int_equal(pair_publish(&world->worker, "T", 0, 2), STATUS_ABORTED);
    assert_int_equal(pair_committed(&world->worker, 0, 5000), 1);
    then_published(world, 2);
}

static void a_group_that_deals_is_told_apart(void **state)
{
    static const rd_kafka_resp_err_t codes[] = {
        RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
        RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        given_refusals(world, TXN_OFFSET_COMMIT, codes[i], 1);
        assert_int_equal(pair_publish(&world->worker, "T", 0, 2), STATUS_REASSIGNED);
    }
    then_published(world, 2);
}

static void what_may_be_tried_again_is(void **state)
{
    struct world *world = *state;
    given_refusals(world, END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 2);
    then_published(world, 1);
    given_refusals(world, PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1);
    then_published(world, 2);
}

static void a_topic_that_is_forbidden_is_fatal(void **state)
{
    struct world *world = *state;
    then_published(world, 1);
    given_refusals(world, PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
    assert_int_equal(pair_publish(&world->worker, "T", 0, 2), STATUS_FATAL);
    assert_int_equal(pair_committed(&world->worker, 0, 5000), 1);
    assert_int_equal(sink_reopen(world->worker.sink), STATUS_OK);
    then_published(world, 2);
}

static void a_commit_that_is_fenced_says_so_until_the_sink_is_opened_anew(void **state)
{
    struct world *world = *state;
    then_published(world, 1);
    given_refusals(world, END_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1);
    assert_int_equal(pair_publish(&world->worker, "T", 0, 2), STATUS_FENCED);
    assert_int_equal(pair_publish(&world->worker, "T", 0, 2), STATUS_UNKNOWN);
    assert_int_equal(sink_reopen(world->worker.sink), STATUS_OK);
    then_published(world, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_step_that_is_refused_once_aborts_and_the_same_is_published_again),
        TEST(a_group_that_deals_is_told_apart),
        TEST(what_may_be_tried_again_is),
        TEST(a_topic_that_is_forbidden_is_fatal),
        TEST(a_commit_that_is_fenced_says_so_until_the_sink_is_opened_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
