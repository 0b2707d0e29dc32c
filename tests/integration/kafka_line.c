/* SPDX-License-Identifier: MIT */
/* The line from Kafka through a worker and back: source and sink on a real broker, as long as nothing breaks.
 */
#include "common/clock.h"
#include "common/mem.h"
#include "tests/fakes/kafka_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct kafka_broker *broker;
    struct settings *settings;
    struct pair worker;
};

/* A broker for all tests, topics and a group for each: the deal of a group outlives its static members. */
static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    world->broker = kafka_broker_open("line");
    pair_make_topics(world->broker, 3);
    world->settings = kafka_broker_settings(world->broker, NULL);
    pair_open(&world->worker, world->settings, "one-0");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    pair_close(&world->worker);
    settings_free(world->settings);
    kafka_broker_close(world->broker);
    mem_free(world);
    return 0;
}

static int64_t given_event(struct world *world, const char *topic, int32_t partition, const char *value)
{
    return kafka_broker_produce(world->broker, kafka_broker_topic(world->broker, topic), partition,
                                SLICE("C1"), slice_of(value), NULL, 0);
}

/* The whole deal: three homes and two partitions of the feeder. */
static void given_dealt(struct world *world)
{
    pair_wait_dealt(&world->worker, 5);
}

static void nothing_is_delivered_before_its_partition_is_started(void **state)
{
    struct world *world = *state;
    given_event(world, "events", 0, "a");
    given_event(world, "events", 1, "b");
    given_dealt(world);
    pair_take_nothing(&world->worker);

    pair_start(&world->worker, 0, 1, 0);
    assert_string_equal(pair_take(&world->worker, 1), "b@0 ");
    pair_take_nothing(&world->worker);

    pair_start(&world->worker, 0, 0, 0);
    assert_string_equal(pair_take(&world->worker, 1), "a@0 ");
    pair_take_nothing(&world->worker);
}

static void a_record_arrives_whole(void **state)
{
    struct world *world = *state;
    struct header headers[] = {
        {SLICE("ce_type"), SLICE("loyalty.visit.made.v1")},
        {SLICE("none"),    {0}                           }
    };
    kafka_broker_produce(world->broker, kafka_broker_topic(world->broker, "purchases"), 1, (struct slice){0},
                         (struct slice){0}, NULL, 0);
    kafka_broker_produce(world->broker, kafka_broker_topic(world->broker, "purchases"), 1, SLICE("C7"),
                         SLICE("body"), headers, 2);
    given_dealt(world);
    pair_start(&world->worker, 1, 1, 0);

    struct record records[2];
    size_t count = 0;
    int64_t deadline_us = clock_monotonic_us() + PAIR_PATIENCE_MS * 1000;
    while (count < 2 && clock_monotonic_us() < deadline_us) {
        size_t more = 0;
        assert_int_equal(source_take(world->worker.source, 2 - count, 2, records + count, &more), STATUS_OK);
        count += more;
    }
    assert_int_equal(count, 2);
    assert_null(records[0].key.data);
    assert_null(records[0].value.data);
    assert_int_equal(records[0].header_count, 0);
    assert_int_equal(records[1].topic, 1);
    assert_int_equal(records[1].partition, 1);
    assert_int_equal(records[1].offset, 1);
    assert_true(slice_is(records[1].key, "C7"));
    assert_true(slice_is(records[1].value, "body"));
    assert_true(llabs(records[1].append_ms - clock_wall_ms()) < 60000);
    assert_int_equal(records[1].header_count, 2);
    assert_true(slice_is(record_header(&records[1], "ce_type"), "loyalty.visit.made.v1"));
    assert_null(records[1].headers[1].value.data);
    source_release(world->worker.source, records, count);
}

static void triggers_and_progress_come_with_the_commit(void **state)
{
    struct world *world = *state;
    given_event(world, "events", 2, "a");
    given_dealt(world);
    pair_start_all(&world->worker);
    assert_string_equal(pair_take(&world->worker, 1), "a@0 ");
    assert_int_equal(pair_committed(&world->worker, 2, 5000), OFFSET_NONE);
    assert_string_equal(pair_triggers(world->broker), "");

    assert_int_equal(pair_publish(&world->worker, "T1", 2, 1), STATUS_OK);
    assert_string_equal(pair_triggers(world->broker), "T1 ");
    assert_int_equal(pair_committed(&world->worker, 2, 5000), 1);
    assert_int_equal(pair_committed(&world->worker, 0, 5000), OFFSET_NONE);

    assert_int_equal(pair_publish(&world->worker, "T2", 2, OFFSET_NONE), STATUS_OK);
    assert_string_equal(pair_triggers(world->broker), "T1 T2 ");
    assert_int_equal(pair_committed(&world->worker, 2, 5000), 1);
}

static void outputs_keep_key_headers_and_the_customers_home(void **state)
{
    struct world *world = *state;
    given_dealt(world);
    struct header headers[] = {
        {SLICE("loyald-origin"), SLICE("x")},
        {SLICE("none"),          {0}       }
    };
    struct output outputs[] = {
        {.topic = OUT_HOME_LOG,
         .partition = -1,
         .key = SLICE("C42"),
         .value = SLICE("copy"),
         .headers = headers,
         .header_count = 2},
        {.topic = OUT_HOME_LOG,    .partition = 1,                          .value = SLICE("tick")                                                  },
        {.topic = OUT_DEAD_LETTERS,    .partition = -1,.value = SLICE("letter")},
    };
    assert_int_equal(sink_publish(world->worker.sink, outputs, 3, NULL, 0, NULL), STATUS_OK);

    struct kafka_reads reads;
    kafka_broker_read_all(world->broker, kafka_broker_topic(world->broker, "events"), &reads);
    assert_int_equal(reads.count, 2);
    for (size_t i = 0; i < reads.count; i++) {
        const struct kafka_read *read = &reads.items[i];
        bool copy = slice_is(read->value, "copy");
        assert_int_equal(read->partition, copy ? partition_of(SLICE("C42"), 3) : 1);
        assert_true(copy ? slice_is(read->key, "C42") : read->key.data == NULL);
        assert_int_equal(read->header_count, copy ? 2 : 0);
        assert_true(!copy || slice_is(kafka_read_header(read, "loyald-origin"), "x"));
    }
    kafka_reads_done(&reads);
}

static void starting_again_delivers_from_there_and_nothing_stale(void **state)
{
    struct world *world = *state;
    char value[16];
    for (int i = 0; i < 500; i++) {
        snprintf(value, sizeof value, "%d", i);
        given_event(world, "events", 0, value);
    }
    given_dealt(world);
    pair_start(&world->worker, 0, 0, 0);
    while (strstr(pair_take(&world->worker, 1), "99@99 ") == NULL) {
    }

    pair_start(&world->worker, 0, 0, 3); /* back: all that was fetched is stale */
    assert_string_equal(pair_take(&world->worker, 3), "3@3 4@4 5@5 ");
    pair_start(&world->worker, 0, 0, 498); /* forward */
    pair_start(&world->worker, 0, 1, 0);
    assert_string_equal(pair_take(&world->worker, 2), "498@498 499@499 ");
    pair_take_nothing(&world->worker);
    given_event(world, "events", 1, "b");
    assert_string_equal(pair_take(&world->worker, 1), "b@0 ");
}

static void a_stopped_partition_is_silent_and_the_others_go_on(void **state)
{
    struct world *world = *state;
    given_dealt(world);
    pair_start_all(&world->worker);
    pair_take_nothing(&world->worker);
    struct partition home = {.topic = 0, .number = 0};
    assert_int_equal(source_stop(world->worker.source, home), STATUS_OK);
    given_event(world, "events", 0, "parked");
    given_event(world, "events", 1, "good");
    assert_string_equal(pair_take(&world->worker, 1), "good@0 ");
    pair_take_nothing(&world->worker);
    pair_start(&world->worker, 0, 0, 0);
    assert_string_equal(pair_take(&world->worker, 1), "parked@0 ");
}

static void the_ends_of_a_log_are_known(void **state)
{
    struct world *world = *state;
    struct partition home = {.topic = 0, .number = 1};
    struct bounds bounds = {0};
    given_event(world, "events", 1, "a");
    given_event(world, "events", 1, "b");
    given_dealt(world);
    assert_int_equal(source_end_seen(world->worker.source, home), OFFSET_NONE);
    assert_int_equal(source_bounds(world->worker.source, home, 5000, &bounds), STATUS_OK);
    assert_int_equal(bounds.start, 0);
    assert_int_equal(bounds.end, 2);
    pair_start_all(&world->worker);
    (void)pair_take(&world->worker, 2);
    assert_int_equal(source_end_seen(world->worker.source, home), 2);
    pair_take_nothing(&world->worker);
    pair_start(&world->worker, 0, 1, 0); /* again: what was read to its end is to be read once more */
    assert_int_equal(source_end_seen(world->worker.source, home), 2);
}

static void a_start_outside_of_the_log_asks_for_recovery(void **state)
{
    struct world *world = *state;
    given_event(world, "events", 0, "a");
    given_dealt(world);
    pair_start(&world->worker, 0, 0, 100);
    pair_wait_status(&world->worker, STATUS_REASSIGNED);
    assert_non_null(strstr(world->worker.source->error, "reading"));
    const struct partition *partitions = NULL;
    size_t count = 0;
    assert_int_equal(source_assignment(world->worker.source, &partitions, &count), STATUS_OK);
    assert_int_equal(count, 5);
    pair_start(&world->worker, 0, 0, 0);
    assert_string_equal(pair_take(&world->worker, 1), "a@0 ");
}

static void then_skips(struct world *world, int32_t home, const char *expected)
{
    int64_t *offsets = NULL;
    size_t count = 0;
    char text[100] = "";
    enum status status = source_skips(world->worker.source, home, &offsets, &count);
    if (status != STATUS_OK) {
        fail_msg("%s: %s", status_name(status), world->worker.source->error);
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%lld ", (long long)offsets[i]);
    }
    mem_free(offsets);
    assert_string_equal(text, expected);
}

static void skipped_records_are_known_to_their_home(void **state)
{
    struct world *world = *state;
    static const char *const compacted[] = {"cleanup.policy", "compact", NULL};
    const char *topic = kafka_broker_topic(world->broker, "skips");
    then_skips(world, 0, ""); /* no topic yet */
    kafka_broker_make_topic(world->broker, topic, 1, compacted);
    then_skips(world, 0, "");
    kafka_broker_produce(world->broker, topic, 0, SLICE("0/17"), SLICE("by ann"), NULL, 0);
    kafka_broker_produce(world->broker, topic, 0, SLICE("0/5"), SLICE("by ann"), NULL, 0);
    kafka_broker_produce(world->broker, topic, 0, SLICE("2/5"), SLICE("by bob"), NULL, 0);
    kafka_broker_produce(world->broker, topic, 0, SLICE("nonsense"), SLICE("x"), NULL, 0);
    then_skips(world, 0, "5 17 ");
    then_skips(world, 2, "5 ");
    kafka_broker_produce(world->broker, topic, 0, SLICE("0/5"), (struct slice){0}, NULL, 0);
    then_skips(world, 0, "17 ");
}

static void what_is_too_large_is_fatal_and_the_next_goes_out(void **state)
{
    struct world *world = *state;
    given_dealt(world);
    char *large = mem_zalloc(2000001);
    memset(large, 'x', 2000000);
    assert_int_equal(pair_publish(&world->worker, large, 0, 1), STATUS_FATAL);
    mem_free(large);
    assert_int_equal(pair_committed(&world->worker, 0, 5000), OFFSET_NONE);
    assert_int_equal(pair_publish(&world->worker, "T1", 0, 1), STATUS_OK);
    assert_string_equal(pair_triggers(world->broker), "T1 ");
}

static void a_restart_of_the_same_member_is_dealt_the_same_at_once(void **state)
{
    struct world *world = *state;
    given_dealt(world);
    assert_int_equal(pair_publish(&world->worker, "T1", 0, 1), STATUS_OK);
    pair_close(&world->worker);
    int64_t began_us = clock_monotonic_us();
    pair_open(&world->worker, world->settings, "one-0");
    given_dealt(world);
    assert_true(clock_monotonic_us() - began_us < 5000000);
    assert_int_equal(pair_committed(&world->worker, 0, 5000), 1);
    assert_int_equal(pair_publish(&world->worker, "T2", 0, 2), STATUS_OK);
    assert_string_equal(pair_triggers(world->broker), "T1 T2 ");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_delivered_before_its_partition_is_started),
        TEST(a_record_arrives_whole),
        TEST(triggers_and_progress_come_with_the_commit),
        TEST(outputs_keep_key_headers_and_the_customers_home),
        TEST(starting_again_delivers_from_there_and_nothing_stale),
        TEST(a_stopped_partition_is_silent_and_the_others_go_on),
        TEST(the_ends_of_a_log_are_known),
        TEST(a_start_outside_of_the_log_asks_for_recovery),
        TEST(skipped_records_are_known_to_their_home),
        TEST(what_is_too_large_is_fatal_and_the_next_goes_out),
        TEST(a_restart_of_the_same_member_is_dealt_the_same_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
