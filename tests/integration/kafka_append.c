/* SPDX-License-Identifier: MIT */
/* How a policy, or an import's end, comes to all homes at once, on a real broker. */
#include "common/mem.h"
#include "producers/control_append.h"
#include "producers/sink_kafka.h"
#include "tests/fakes/kafka_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOMES 3

struct world {
    struct kafka_broker *broker;
    struct settings *settings;
    char why[256];
};

static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    world->broker = kafka_broker_open("append");
    pair_make_topics(world->broker, HOMES);
    world->settings = kafka_broker_settings(world->broker, NULL);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    settings_free(world->settings);
    kafka_broker_close(world->broker);
    mem_free(world);
    return 0;
}

static void given_appended(struct world *world, const char *kind, const char *body)
{
    if (control_append(world->settings, kind, slice_of(body), HOMES, world->why) != STATUS_OK) {
        fail_msg("%s", world->why);
    }
}

/* "KIND HOME VERSION" and the body of each record, home after home. */
static void then_home_log(struct world *world, const char *expected)
{
    struct kafka_reads reads;
    struct buf text = {0};
    kafka_broker_read_all(world->broker, kafka_broker_topic(world->broker, "events"), &reads);
    for (size_t i = 0; i < reads.count; i++) {
        assert_null(reads.items[i].key.data);
        buf_slice(&text, kafka_read_header(&reads.items[i], "loyald-control"));
        buf_printf(&text, " %.*s, ", SLICE_ARG(reads.items[i].value));
    }
    buf_char(&text, '\0');
    assert_string_equal(text.data, expected);
    buf_done(&text);
    kafka_reads_done(&reads);
}

static void each_home_gets_it_once_and_in_the_same_order(void **state)
{
    struct world *world = *state;
    given_appended(world, "policy", "a");
    given_appended(world, "end", "b");
    then_home_log(world, "policy 0 1 a, end 0 1 b, policy 1 1 a, end 1 1 b, policy 2 1 a, end 2 1 b, ");
}

/* Whoever began before and is slower is refused, whole, and told so. */
static void of_two_at_once_one_is_refused(void **state)
{
    struct world *world = *state;
    struct sink *slow = NULL;
    assert_int_equal(sink_kafka_open(world->settings, "policy", world->why, &slow), STATUS_OK);
    assert_int_equal(sink_reopen(slow), STATUS_OK);
    given_appended(world, "policy", "a");
    struct output late = {.topic = OUT_HOME_LOG, .partition = 0, .value = SLICE("late")};
    assert_int_equal(sink_publish(slow, &late, 1, NULL, 0, NULL), STATUS_FENCED);
    sink_close(slow);
    then_home_log(world, "policy 0 1 a, policy 1 1 a, policy 2 1 a, ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_home_gets_it_once_and_in_the_same_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_two_at_once_one_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("appending to all homes", tests, NULL, NULL);
}
