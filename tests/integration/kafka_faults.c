/* SPDX-License-Identifier: MIT */
/* What source and sink say when others join, when another takes their name, and when the broker goes away: on
 * a real broker, for the mock one fences nobody. */
#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_member.h"
#include "producers/sink_kafka.h"
#include "tests/fakes/kafka_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct kafka_broker *broker;
    struct settings *settings;
    struct pair one, two;
};

/* Past the checks of the settings, which want long times: a dead member is missed after 9 s, a transaction
 * ends after 4 s. */
static void hurry(struct settings *settings)
{
    static const char *const lines[] = {"session.timeout.ms=9000", "transaction.timeout.ms=4000"};
    struct text_list *list = &settings->kafka;
    for (size_t i = 0; i < 2; i++) {
        list->items = mem_realloc(list->items, (list->count + 1) * sizeof *list->items);
        list->items[list->count++] = mem_strdup(lines[i]);
    }
}

static int begin(void **state, struct kafka_broker *broker)
{
    struct world *world = mem_zalloc(sizeof *world);
    world->broker = broker;
    pair_make_topics(world->broker, 4);
    world->settings = kafka_broker_settings(world->broker, NULL);
    hurry(world->settings);
    pair_open(&world->one, world->settings, "one-0");
    *state = world;
    return 0;
}

static int set_up(void **state)
{
    return begin(state, kafka_broker_open("faults"));
}

static int set_up_own(void **state)
{
    return begin(state, kafka_broker_open_own("faults"));
}

static int tear_down(void **state)
{
    struct world *world = *state;
    pair_close(&world->one);
    pair_close(&world->two);
    settings_free(world->settings);
    kafka_broker_close(world->broker);
    mem_free(world);
    return 0;
}

static void given_event(struct world *world, int32_t home, const char *value)
{
    kafka_broker_produce(world->broker, kafka_broker_topic(world->broker, "events"), home, SLICE("C1"),
                         slice_of(value), NULL, 0);
}

static void then_visible(struct world *world, const char *triggers)
{
    assert_string_equal(pair_triggers(world->broker), triggers);
}

static void conf_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    assert_int_equal(rd_kafka_conf_set(conf, name, value, NULL, 0), RD_KAFKA_CONF_OK);
}

/* A transaction of somebody else on the group's offset of one home, left open. */
static rd_kafka_t *given_open_transaction(struct world *world, int32_t home, int64_t next)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    conf_set(conf, "bootstrap.servers", kafka_broker_bootstrap(world->broker));
    conf_set(conf, "transactional.id", kafka_broker_topic(world->broker, "other"));
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    assert_non_null(rk);
    assert_null(rd_kafka_init_transactions(rk, PAIR_PATIENCE_MS));
    assert_null(rd_kafka_begin_transaction(rk));

    /* As the worker itself would: of its member and generation. */
    const struct generation *generation = source_generation(world->one.source);
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(offsets, settings_input_name(world->settings, 0), home)->offset = next;
    assert_null(rd_kafka_send_offsets_to_transaction(rk, offsets, generation->metadata, PAIR_PATIENCE_MS));
    rd_kafka_topic_partition_list_destroy(offsets);
    return rk;
}

/* Outlives the deal that it is of. */
static struct generation given_kept_generation(struct world *world)
{
    void *bytes = NULL;
    size_t size = 0;
    struct generation kept = {0};
    const struct generation *generation = source_generation(world->one.source);
    assert_null(rd_kafka_consumer_group_metadata_write(generation->metadata, &bytes, &size));
    assert_null(rd_kafka_consumer_group_metadata_read(&kept.metadata, bytes, size));
    rd_kafka_mem_free(NULL, bytes);
    return kept;
}

static void an_open_transaction_holds_back_its_place_and_no_other(void **state)
{
    struct world *world = *state;
    pair_wait_dealt(&world->one, 6);
    assert_int_equal(pair_publish(&world->one, "T1", 0, 5), STATUS_OK);
    assert_int_equal(pair_publish(&world->one, "T2", 1, 6), STATUS_OK);
    rd_kafka_t *other = given_open_transaction(world, 1, 7);

    struct place places[] = {{.partition = {0, 0}}, {.partition = {0, 1}}, {.partition = {0, 2}}};
    int64_t began_us = clock_monotonic_us();
    assert_int_equal(source_committed(world->one.source, places, 3, 300), STATUS_OK);
    assert_true(clock_monotonic_us() - began_us < 2000000);
    assert_int_equal(places[0].status, STATUS_OK);
    assert_int_equal(places[0].offset, 5);
    assert_int_equal(places[1].status, STATUS_BUSY);
    assert_int_equal(places[2].status, STATUS_OK);
    assert_int_equal(places[2].offset, OFFSET_NONE);

    assert_null(rd_kafka_commit_transaction(other, PAIR_PATIENCE_MS));
    assert_int_equal(pair_committed(&world->one, 1, 5000), 7);
    rd_kafka_destroy(other);
}

static void a_second_member_is_dealt_its_share_and_both_are_told(void **state)
{
    struct world *world = *state;
    given_event(world, 0, "a");
    pair_wait_dealt(&world->one, 6);
    pair_start_all(&world->one);
    assert_string_equal(pair_take(&world->one, 1), "a@0 ");

    pair_open(&world->two, world->settings, "two-0");
    pair_wait_both_dealt(&world->one, &world->two, 3);
    const struct partition *mine = NULL;
    const struct partition *others = NULL;
    size_t count = 0;
    assert_int_equal(source_assignment(world->one.source, &mine, &count), STATUS_OK);
    assert_int_equal(source_assignment(world->two.source, &others, &count), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            assert_false(mine[i].topic == others[j].topic && mine[i].number == others[j].number);
        }
    }

    /* Nobody reads before he has recovered, then each what is his. */
    pair_take_nothing(&world->one);
    pair_take_nothing(&world->two);
    for (int32_t home = 1; home < 4; home++) {
        given_event(world, home, "b");
    }
    pair_start_all(&world->one);
    pair_start_all(&world->two);
    size_t homes = 0;
    for (size_t i = 0; i < 3; i++) {
        homes += mine[i].topic == 0;
    }
    (void)pair_take(&world->one, homes);
    (void)pair_take(&world->two, 4 - homes);
    pair_take_nothing(&world->one);
    pair_take_nothing(&world->two);
}

static void a_generation_that_is_over_publishes_nothing(void **state)
{
    struct world *world = *state;
    pair_wait_dealt(&world->one, 6);
    struct generation old = given_kept_generation(world);
    pair_open(&world->two, world->settings, "two-0");
    pair_wait_both_dealt(&world->one, &world->two, 3);

    struct output output = {.topic = OUT_TRIGGERS, .partition = 0, .value = SLICE("zombie")};
    struct progress progress = {.topic = 0, .partition = 0, .next = 9};
    assert_int_equal(sink_publish(world->one.sink, &output, 1, &progress, 1, &old), STATUS_REASSIGNED);
    assert_int_equal(pair_committed(&world->one, 0, 5000), OFFSET_NONE);
    then_visible(world, "");

    /* The producer is as good as before. */
    assert_int_equal(pair_publish(&world->one, "T1", 0, 1), STATUS_OK);
    then_visible(world, "T1 ");
    rd_kafka_consumer_group_metadata_destroy(old.metadata);
}

static void a_second_deal_is_met_while_nothing_is_started(void **state)
{
    struct world *world = *state;
    pair_wait_dealt(&world->one, 6);
    pair_open(&world->two, world->settings, "two-0");
    pair_wait_both_dealt(&world->one, &world->two, 3);

    /* Never started, and now a third change: the second is missed after its session. */
    pair_close(&world->two);
    pair_wait_dealt(&world->one, 6);
    given_event(world, 3, "a");
    pair_start_all(&world->one);
    assert_string_equal(pair_take(&world->one, 1), "a@0 ");
}

/* librdkafka ends the process by an assertion when it is told of a second assignment while the fetchers of
 * the one before have not reported that they stopped. */
static void starts_may_follow_each_other_without_a_pause(void **state)
{
    struct world *world = *state;
    given_event(world, 0, "a");
    pair_wait_dealt(&world->one, 6);
    for (int i = 0; i < 300; i++) {
        size_t count = 0;
        struct record none;
        pair_start_all(&world->one);
        assert_int_equal(source_take(world->one.source, 0, 0, &none, &count), STATUS_OK);
    }
    assert_string_equal(pair_take(&world->one, 1), "a@0 ");
}

static void a_producer_of_the_same_name_fences_the_first(void **state)
{
    struct world *world = *state;
    pair_wait_dealt(&world->one, 6);
    assert_int_equal(pair_publish(&world->one, "T1", 0, 1), STATUS_OK);
    world->two = (struct pair){.settings = world->settings};
    char error[256];
    assert_int_equal(sink_kafka_open(world->settings, "one-0", error, &world->two.sink), STATUS_OK);
    assert_int_equal(sink_reopen(world->two.sink), STATUS_OK);

    assert_int_equal(pair_publish(&world->one, "T2", 0, 2), STATUS_FENCED);
    assert_int_equal(pair_committed(&world->one, 0, 5000), 1);
    assert_int_equal(sink_reopen(world->one.sink), STATUS_OK);
    assert_int_equal(pair_publish(&world->one, "T2", 0, 2), STATUS_OK);
    then_visible(world, "T1 T2 ");
}

static void a_member_of_the_same_name_fences_the_first(void **state)
{
    struct world *world = *state;
    pair_wait_dealt(&world->one, 6);
    pair_open(&world->two, world->settings, "one-0");
    pair_wait_dealt(&world->two, 6);
    pair_wait_status(&world->one, STATUS_FENCED);
    pair_wait_status(&world->one, STATUS_FENCED); /* said again and again */
    assert_int_equal(pair_publish(&world->one, "zombie", 0, 1), STATUS_REASSIGNED);

    assert_int_equal(source_reopen(world->one.source), STATUS_OK);
    pair_wait_dealt(&world->one, 6);
    pair_wait_status(&world->two, STATUS_FENCED);
}

static void a_broker_that_dies_is_away_and_then_all_goes_on(void **state)
{
    struct world *world = *state;
    given_event(world, 0, "a");
    pair_wait_dealt(&world->one, 6);
    pair_start_all(&world->one);
    assert_string_equal(pair_take(&world->one, 1), "a@0 ");
    assert_int_equal(pair_publish(&world->one, "T1", 0, 1), STATUS_OK);

    kafka_broker_kill(world->broker);
    pair_wait_status(&world->one, STATUS_AWAY);
    assert_non_null(strstr(world->one.source->error, "no Kafka broker can be reached"));
    pair_take_nothing(&world->one); /* said once */
    struct place place = {
        .partition = {0, 0}
    };
    assert_int_equal(source_committed(world->one.source, &place, 1, 300), STATUS_AWAY);
    struct bounds bounds;
    assert_int_equal(source_bounds(world->one.source, place.partition, 300, &bounds), STATUS_AWAY);

    kafka_broker_restart(world->broker);
    given_event(world, 0, "b");
    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    struct record record;
    size_t count = 0;
    while (count == 0 && clock_monotonic_us() < deadline_us) {
        enum status status = source_take(world->one.source, 1, 2, &record, &count);
        if (status == STATUS_FENCED || status == STATUS_UNKNOWN) {
            assert_int_equal(source_reopen(world->one.source), STATUS_OK);
        } else if (status == STATUS_REASSIGNED) {
            pair_start_all(&world->one); /* b comes after a again */
        }
    }
    assert_int_equal(count, 1);
    source_release(world->one.source, &record, 1);
    enum status status = pair_publish(&world->one, "T2", 0, 2);
    if (status != STATUS_OK) {
        assert_int_equal(sink_reopen(world->one.sink), STATUS_OK);
        assert_int_equal(pair_publish(&world->one, "T2", 0, 2), STATUS_OK);
    }
    then_visible(world, "T1 T2 ");
}

static void a_publish_in_an_outage_ends_in_time_and_is_not_known(void **state)
{
    struct world *world = *state;
    pair_wait_dealt(&world->one, 6);
    assert_int_equal(pair_publish(&world->one, "T1", 0, 1), STATUS_OK);
    kafka_broker_pause(world->broker);
    int64_t began_us = clock_monotonic_us();
    enum status status = pair_publish(&world->one, "T2", 0, 2);
    int64_t took_ms = (clock_monotonic_us() - began_us) / 1000;
    kafka_broker_resume(world->broker);
    assert_int_equal(status, STATUS_UNKNOWN);
    assert_true(took_ms < 8000);
    assert_int_equal(pair_publish(&world->one, "T2", 0, 2), STATUS_UNKNOWN); /* until it is opened anew */

    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    do {
        status = sink_reopen(world->one.sink);
    } while (status == STATUS_AWAY && clock_monotonic_us() < deadline_us);
    assert_int_equal(status, STATUS_OK);
    int64_t committed = pair_committed(&world->one, 0, 5000);
    assert_true(committed == 1 || committed == 2);
    if (committed == 1) {
        assert_int_equal(pair_publish(&world->one, "T2", 0, 2), STATUS_OK);
    }
    then_visible(world, "T1 T2 ");
}

#define TEST(f)     cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define TEST_OWN(f) cmocka_unit_test_setup_teardown(f, set_up_own, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_transaction_holds_back_its_place_and_no_other),
        TEST(a_second_member_is_dealt_its_share_and_both_are_told),
        TEST(a_generation_that_is_over_publishes_nothing),
        TEST(a_second_deal_is_met_while_nothing_is_started),
        TEST(starts_may_follow_each_other_without_a_pause),
        TEST(a_producer_of_the_same_name_fences_the_first),
        TEST(a_member_of_the_same_name_fences_the_first),
        TEST_OWN(a_broker_that_dies_is_away_and_then_all_goes_on),
        TEST_OWN(a_publish_in_an_outage_ends_in_time_and_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
