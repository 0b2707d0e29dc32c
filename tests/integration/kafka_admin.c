/* SPDX-License-Identifier: MIT */
/* Making topics, the check at start and the places of the inputs, on a real broker. */
#include "producers/kafka_admin.h"

#include "common/clock.h"
#include "common/mem.h"
#include "tests/fakes/kafka_broker.h"

#include <librdkafka/rdkafka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE_MS 20000

/* What every test has: topics of its own on the one broker. */
struct world {
    struct kafka_broker *broker;
    struct settings *settings;
    struct kafka_admin *admin;
    struct buf problems, warnings, report;
    struct kafka_facts facts;
    bool home_log_made;
};

static const char *const four_homes[] = {"LOYALD_TOPICS_HOMES=4", NULL};

static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    char error[256] = "";
    world->broker = kafka_broker_open("admin");
    world->settings = kafka_broker_settings(world->broker, four_homes);
    enum status status = kafka_admin_open(world->settings, error, &world->admin);
    if (status != STATUS_OK) {
        print_error("%s\n", error);
    }
    *state = world;
    return status == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    kafka_admin_close(world->admin);
    settings_free(world->settings);
    kafka_broker_close(world->broker);
    buf_done(&world->problems);
    buf_done(&world->warnings);
    buf_done(&world->report);
    mem_free(world);
    return 0;
}

/* ---- the dialogue */

static void expect_ok(const struct world *world, enum status status)
{
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), kafka_admin_error(world->admin));
    }
}

static void when_topics_are_made(struct world *world)
{
    buf_reset(&world->report);
    expect_ok(world,
              kafka_admin_topics_create(world->admin, PATIENCE_MS, &world->report, &world->home_log_made));
}

static void when_checked(struct world *world, int32_t homes)
{
    buf_reset(&world->problems);
    buf_reset(&world->warnings);
    expect_ok(world, kafka_admin_check(world->admin, homes, PATIENCE_MS, &world->facts, &world->problems,
                                       &world->warnings));
}

static void given_topic(struct world *world, const char *name, int32_t partitions, const char *const *configs)
{
    kafka_broker_make_topic(world->broker, kafka_broker_topic(world->broker, name), partitions, configs);
}

static bool says(const struct buf *buf, const char *text)
{
    return buf->len > 0 && memmem(buf->data, buf->len, text, strlen(text)) != NULL;
}

static void then_says(struct buf *buf, const char *text)
{
    if (!says(buf, text)) {
        fail_msg("\"%s\" is not in: %.*s", text, SLICE_ARG(buf_view(buf)));
    }
}

static void then_silent(struct buf *buf)
{
    if (buf->len > 0) {
        fail_msg("said: %.*s", SLICE_ARG(buf_view(buf)));
    }
}

static size_t lines(const struct buf *buf)
{
    size_t count = 0;
    for (size_t i = 0; i < buf->len; i++) {
        count += buf->data[i] == '\n';
    }
    return count;
}

static struct input_place *places_of(struct world *world, size_t *ret_count)
{
    struct input_place *places = NULL;
    expect_ok(world, kafka_admin_places(world->admin, PATIENCE_MS, &places, ret_count));
    return places;
}

/* A commit is decided before it is visible, so a place may be busy for a moment after it. */
static int64_t committed_when_decided(struct world *world, size_t which)
{
    int64_t deadline_us = clock_monotonic_us() + PATIENCE_MS * 1000LL;
    struct input_place place = {.status = STATUS_BUSY};
    while (place.status == STATUS_BUSY) {
        assert_true(clock_monotonic_us() < deadline_us);
        size_t count = 0;
        struct input_place *places = places_of(world, &count);
        assert_true(which < count);
        place = places[which];
        mem_free(places);
    }
    assert_int_equal(place.status, STATUS_OK);
    return place.committed;
}

static void produce_home(struct world *world, int32_t home, int count)
{
    for (int i = 0; i < count; i++) {
        kafka_broker_produce(world->broker, world->settings->topics_home_log, home, SLICE("C1"), SLICE("{}"),
                             NULL, 0);
    }
}

/* ---- a transaction as another process has it: offsets of the group, sent and not yet committed */

static rd_kafka_t *producer_with(struct world *world)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", kafka_broker_bootstrap(world->broker),
                                       error, sizeof error),
                     RD_KAFKA_CONF_OK);
    assert_int_equal(
        rd_kafka_conf_set(conf, "transactional.id", world->settings->topics_home_log, error, sizeof error),
        RD_KAFKA_CONF_OK);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    assert_non_null(producer);
    assert_null(rd_kafka_init_transactions(producer, PATIENCE_MS));
    return producer;
}

static void begin_offset(struct world *world, rd_kafka_t *producer, int32_t home, int64_t offset)
{
    char group[250];
    snprintf(group, sizeof group, "%s-loyald", world->settings->topics_home_log);
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata_new(group);
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(offsets, world->settings->topics_home_log, home)->offset = offset;
    assert_null(rd_kafka_begin_transaction(producer));
    assert_null(rd_kafka_send_offsets_to_transaction(producer, offsets, metadata, PATIENCE_MS));
    rd_kafka_topic_partition_list_destroy(offsets);
    rd_kafka_consumer_group_metadata_destroy(metadata);
}

/* ---- the tests */

static void all_missing_topics_are_made_and_then_pass_the_check(void **state)
{
    struct world *world = *state;
    when_checked(world, 4);
    assert_int_equal(lines(&world->problems), 1);
    then_says(&world->problems, "topics do not exist: ");
    then_says(&world->problems, ".events (the home log), ");
    then_says(&world->problems,
              ".skips (the skips); make them with `loyalctl topics create`, or take feeders");

    when_topics_are_made(world);
    assert_true(world->home_log_made);
    assert_int_equal(lines(&world->report), 6);
    then_says(&world->report, ".events was made, with 4 partitions");
    then_says(&world->report, ".skips was made, with 1 partition\n");

    when_checked(world, 4);
    then_silent(&world->problems);
    then_silent(&world->warnings);
}

static void making_topics_again_changes_nothing_and_says_so(void **state)
{
    struct world *world = *state;
    when_topics_are_made(world);
    world->home_log_made = true;
    when_topics_are_made(world);
    assert_false(world->home_log_made);
    assert_int_equal(lines(&world->report), 6);
    then_says(&world->report, ".events exists, with 4 partitions, and is left as it is");
}

static void a_topic_that_exists_is_left_alone_and_compared(void **state)
{
    struct world *world = *state;
    given_topic(world, "events", 3, NULL);
    when_topics_are_made(world);
    assert_false(world->home_log_made);
    then_says(&world->report, ".events exists, with 3 partitions");
    then_says(&world->report, "topics.homes is 4, but topic ");
    then_says(&world->report,
              "(the home log) exists and has 3 partitions, which is for good; set topics.homes to 3");
    then_says(&world->report, "message.timestamp.type=CreateTime");
    then_says(&world->report, ".triggers was made, with 4 partitions");
}

static void the_check_gives_the_cluster_and_the_number_of_homes(void **state)
{
    struct world *world = *state;
    when_topics_are_made(world);
    when_checked(world, 0);
    then_silent(&world->problems);
    assert_int_equal(world->facts.homes, 4);
    assert_int_equal(strlen(world->facts.cluster_id), 22);
    assert_int_equal(world->facts.txn_sweep_ms, 1000);
    assert_int_equal(world->facts.session_max_ms, 1800000);
    assert_int_equal(world->facts.offsets_keep_min, 10080);
}

static void another_number_of_homes_is_a_problem(void **state)
{
    struct world *world = *state;
    when_topics_are_made(world);
    when_checked(world, 64);
    assert_int_equal(lines(&world->problems), 1);
    then_says(&world->problems, "(the home log) has 4 partitions, but 64 homes are expected");
}

static void each_wrong_configuration_has_its_own_sentence(void **state)
{
    struct world *world = *state;
    const char *const home_log[] = {"cleanup.policy", "compact", "retention.bytes", "1000000", NULL};
    const char *const triggers[] = {"retention.ms", "3600000", "max.message.bytes", "5000", NULL};
    given_topic(world, "events", 4, home_log);
    given_topic(world, "triggers", 1, triggers);
    given_topic(world, "skips", 2, NULL);
    when_topics_are_made(world);
    when_checked(world, 4);
    then_says(&world->problems, "(the home log) has message.timestamp.type=CreateTime");
    then_says(&world->problems, "(the home log) has cleanup.policy=compact, which removes records");
    then_says(&world->problems, ".triggers has max.message.bytes=5000, but loyald may send 1000000");
    then_says(&world->problems, "(the skips) has cleanup.policy=delete");
    then_says(&world->problems, "(the skips) has 2 partitions, but must have 1");
    assert_int_equal(lines(&world->problems), 5);
    then_says(&world->warnings, "(the home log) has retention.bytes=1000000");
    then_says(&world->warnings, ".triggers has retention.ms=3600000, but topics.retention_days is 90");
    then_says(&world->warnings, "set retention.ms=7776000000");
}

static void places_of_a_new_installation_have_no_offsets(void **state)
{
    struct world *world = *state;
    when_topics_are_made(world);
    size_t count = 0;
    struct input_place *places = places_of(world, &count);
    assert_int_equal(count, 8); /* 4 homes, and one feeder of 4 partitions */
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(places[i].topic, i / 4);
        assert_int_equal(places[i].partition, i % 4);
        assert_int_equal(places[i].status, STATUS_OK);
        assert_int_equal(places[i].committed, -1);
        assert_int_equal(places[i].start, 0);
        assert_int_equal(places[i].end, 0);
    }
    mem_free(places);
}

static void an_offset_in_an_open_transaction_is_busy_and_holds_up_no_other(void **state)
{
    struct world *world = *state;
    size_t count = 0;
    when_topics_are_made(world);
    produce_home(world, 1, 3);
    produce_home(world, 2, 2);
    rd_kafka_t *producer = producer_with(world);

    begin_offset(world, producer, 2, 2);
    assert_null(rd_kafka_commit_transaction(producer, PATIENCE_MS));
    begin_offset(world, producer, 1, 3);
    int64_t begun_us = clock_monotonic_us();
    struct input_place *places = places_of(world, &count);
    assert_in_range(clock_monotonic_us() - begun_us, 0, 5000000);
    assert_int_equal(places[1].status, STATUS_BUSY);
    assert_int_equal(places[1].committed, -1);
    assert_int_equal(places[1].end, 3);
    assert_int_equal(places[2].status, STATUS_OK);
    assert_int_equal(places[2].committed, 2);
    mem_free(places);

    assert_null(rd_kafka_commit_transaction(producer, PATIENCE_MS));
    assert_int_equal(committed_when_decided(world, 1), 3);
    rd_kafka_destroy(producer);
}

static void records_written_by_the_tools_come_back_as_they_were(void **state)
{
    struct world *world = *state;
    when_topics_are_made(world);
    const struct header header = {.name = SLICE("ce_id"), .value = SLICE("1")};
    const char *topic = world->settings->topics_home_log;
    assert_int_equal(kafka_broker_produce(world->broker, topic, 3, SLICE("C1"), SLICE("one"), &header, 1), 0);
    assert_int_equal(kafka_broker_produce(world->broker, topic, 3, (struct slice){0}, SLICE("two"), NULL, 0),
                     1);
    struct kafka_reads reads = {0};
    kafka_broker_read_all(world->broker, topic, &reads);
    assert_int_equal(reads.count, 2);
    assert_int_equal(reads.items[0].partition, 3);
    assert_true(slice_is(reads.items[0].key, "C1"));
    assert_true(slice_is(reads.items[0].value, "one"));
    assert_true(slice_is(kafka_read_header(&reads.items[0], "ce_id"), "1"));
    assert_null(reads.items[1].key.data);
    assert_int_equal(reads.items[1].offset, 1);
    kafka_reads_done(&reads);
}

static void a_cluster_that_is_away_is_named_with_the_reason(void **state)
{
    struct world *world = *state;
    char error[256];
    struct kafka_admin *admin = NULL;
    char *nowhere = mem_strdup("bootstrap.servers=127.0.0.1:1");
    char *given = world->settings->kafka.items[0];
    world->settings->kafka.items[0] = nowhere;
    assert_int_equal(kafka_admin_open(world->settings, error, &admin), STATUS_OK);
    assert_int_equal(kafka_admin_check(admin, 4, 300, &world->facts, &world->problems, &world->warnings),
                     STATUS_AWAY);
    assert_non_null(strstr(kafka_admin_error(admin), "Connection refused"));
    kafka_admin_close(admin);
    world->settings->kafka.items[0] = given;
    mem_free(nowhere);
}

static void a_name_that_librdkafka_does_not_know_is_refused_with_the_name(void **state)
{
    struct world *world = *state;
    char error[256] = "";
    struct kafka_admin *admin = NULL;
    char *wrong = mem_strdup("no.such.thing=1");
    char *given = world->settings->kafka.items[0];
    world->settings->kafka.items[0] = wrong;
    assert_int_equal(kafka_admin_open(world->settings, error, &admin), STATUS_FATAL);
    assert_non_null(strstr(error, "no.such.thing"));
    world->settings->kafka.items[0] = given;
    mem_free(wrong);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    /* One broker for all tests, if the caller has not given one. */
    struct kafka_broker *broker = kafka_broker_open("admin");
    setenv("LOYALD_TEST_KAFKA", kafka_broker_bootstrap(broker), 1);
    const struct CMUnitTest tests[] = {
        TEST(records_written_by_the_tools_come_back_as_they_were),
        TEST(all_missing_topics_are_made_and_then_pass_the_check),
        TEST(making_topics_again_changes_nothing_and_says_so),
        TEST(a_topic_that_exists_is_left_alone_and_compared),
        TEST(the_check_gives_the_cluster_and_the_number_of_homes),
        TEST(another_number_of_homes_is_a_problem),
        TEST(each_wrong_configuration_has_its_own_sentence),
        TEST(places_of_a_new_installation_have_no_offsets),
        TEST(an_offset_in_an_open_transaction_is_busy_and_holds_up_no_other),
        TEST(a_cluster_that_is_away_is_named_with_the_reason),
        TEST(a_name_that_librdkafka_does_not_know_is_refused_with_the_name),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    kafka_broker_close(broker);
    return failed;
}
