/* SPDX-License-Identifier: MIT */
/* The world, its workers and its clock. */
#include "tests/fakes/dialogue_world.h"

#include "common/cloudevent.h"
#include "common/log.h"
#include "common/mem.h"
#include "tests/fakes/refold.h"
#include "tests/fakes/sink_fake.h"
#include "tests/fakes/source_fake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX   20000
#define QUIET_ROUNDS 3
#define LIMIT_LINES  5 /* the log leaves out what it has said so often in 10 s */
#define BEGIN        "2026-03-02T12:00:00Z"

struct world world;

static void hear(enum log_level level, const char *line);
static int check_warnings(void);
static bool is_read_to_the_end(void);
static bool is_away(void);
static bool was_said_often(const char *words);

int dialogue_begin(void **state)
{
    (void)state;
    char feeders[] = "LOYALD_TOPICS_FEEDERS=loyalty.purchases,loyalty.visits";
    char embedded[] = "LOYALD_PROCESS_EMBEDDED=true"; /* no brokers need to be named */
    char *environment[] = {feeders, embedded, NULL};
    struct buf problems = {0};
    world = (struct world){.homes = 4, .hand_count = 1, .next_id = 1};
    if (!settings_load(NULL, environment, &problems, &world.settings)) {
        fail_msg("%.*s", SLICE_ARG(buf_view(&problems)));
    }
    buf_done(&problems);
    world.arena = arena_create(65536);
    world.memory = fake_memory_create();
    time_is(BEGIN);
    log_level_set(LOG_LEVEL_WARN);
    log_redirect(hear);
    return 0;
}

/* Every record that was taken has become something, and every letter has a reason (stats.def). */
static bool counts_add_up(const struct stats *stats)
{
    int64_t sum = 0, letters = 0;
    if (stats == NULL) {
        return true;
    }
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        sum += stats_get(stats, STAT_events, i);
    }
    for (int i = 0; i < REJECT_COUNT; i++) {
        letters += stats_get(stats, STAT_dead_letters, i);
    }
    sum += stats_get(stats, STAT_control_records, 0) + stats_get(stats, STAT_records_refolded, 0) +
           stats_get(stats, STAT_records_skipped, 0) + stats_get(stats, STAT_records_dropped, 0);
    bool add_up = sum == stats_get(stats, STAT_records_taken, 0) &&
                  letters == stats_get(stats, STAT_events, OUTCOME_dead_lettered);
    if (!add_up) {
        print_error("the counts do not add up\n");
    }
    return add_up;
}

int dialogue_end(void **state)
{
    (void)state;
    int bad = 0;
    bool ended = world.kafka == NULL;
    for (int i = 0; i < world.hand_count; i++) {
        ended |= world.hands[i].ended;
    }
    if (!ended && !world.incomplete) {
        until_idle();
        if (!is_read_to_the_end()) {
            print_error("the world was not read to its end; if that is so meant: world_is_incomplete()\n");
            bad = 1;
        } else if (!world_is_true()) {
            bad = 1;
        }
    }
    for (int i = 0; i < FAKE_MEMBERS_MAX; i++) {
        if (world.hands[i].last == STATUS_FATAL) {
            print_error("worker %d has ended: %s\n", i, worker_error(world.hands[i].worker));
            bad = 1;
        }
        worker_destroy(world.hands[i].worker);
        bad |= !counts_add_up(world.hands[i].stats);
        stats_destroy(world.hands[i].stats);
    }
    bad |= check_warnings();
    log_redirect(NULL);
    fake_kafka_destroy(world.kafka);
    fake_memory_destroy(world.memory);
    settings_free(world.settings);
    arena_destroy(world.arena);
    return bad;
}

void given_homes(int32_t homes)
{
    assert(world.kafka == NULL);
    world.homes = homes;
}

void given_batches(int64_t events, int64_t run)
{
    world.settings->batch_events = events;
    world.settings->batch_run = run;
}

void given_cache(int64_t customers)
{
    world.settings->cache_customers = customers;
}

void given_workers(int count)
{
    world.hand_count = count;
    if (world.kafka != NULL) {
        world_deal(count);
    }
}

void world_open(void)
{
    if (world.kafka != NULL) {
        return;
    }
    const char *names[8];
    size_t count = settings_input_count(world.settings);
    for (size_t i = 0; i < count; i++) {
        names[i] = settings_input_name(world.settings, i);
    }
    world.kafka = fake_kafka_create(names, count, world.homes, 1);
    world.kafka->now_ms = world.now_ms;
    world_deal(world.hand_count);
}

void world_deal(int of)
{
    struct partition partitions[FAKE_MEMBERS_MAX][128];
    struct fake_deal deals[FAKE_MEMBERS_MAX] = {{0}};
    for (int32_t home = 0; home < world.homes; home++) {
        int member = home % of;
        partitions[member][deals[member].count++] = (struct partition){.topic = 0, .number = home};
    }
    for (int32_t topic = 1; topic < (int32_t)world.kafka->input_count; topic++) {
        partitions[0][deals[0].count++] = (struct partition){.topic = topic, .number = 0};
    }
    for (int i = 0; i < of; i++) {
        deals[i].partitions = partitions[i];
    }
    fake_kafka_deal(world.kafka, deals, (size_t)of);
}

void homes_are_dealt(int of)
{
    world_open();
    world_deal(of);
}

void homes_go_to(int worker)
{
    struct partition partitions[128];
    struct fake_deal deals[FAKE_MEMBERS_MAX] = {{0}};
    struct fake_deal *deal = &deals[worker];
    deal->partitions = partitions;
    world_open();
    for (int32_t topic = 0; topic < (int32_t)world.kafka->input_count; topic++) {
        for (int32_t i = 0; i < world.kafka->inputs[topic].partition_count; i++) {
            partitions[deal->count++] = (struct partition){.topic = topic, .number = i};
        }
    }
    fake_kafka_deal(world.kafka, deals, FAKE_MEMBERS_MAX);
}

struct fake_kafka *the_kafka(void)
{
    world_open();
    return world.kafka;
}

struct fake_memory *the_memory(void)
{
    return world.memory;
}

void time_passes(int64_t ms)
{
    world.now_ms += ms;
    if (world.kafka != NULL) {
        world.kafka->now_ms = world.now_ms;
    }
}

void time_is(const char *instant)
{
    int64_t ms = 0;
    if (!instant_parse(slice_of(instant), &ms)) {
        fail_msg("the test says %s, which is no instant", instant);
    }
    time_passes(ms - world.now_ms);
}

struct worker *world_worker(int i)
{
    struct hand *hand = &world.hands[i];
    if (hand->worker == NULL) {
        world_open();
        if (hand->stats == NULL) {
            hand->stats = stats_create(world.homes);
        }
        snprintf(hand->name, sizeof hand->name, "test-%d", i);
        hand->source = source_fake_open(world.kafka, i);
        struct worker_options options = {.settings = world.settings,
                                         .name = hand->name,
                                         .homes = world.homes,
                                         .erasure_key = SLICE("a key of thirty-two bytes, no more"),
                                         .policy_version = "",
                                         .source = hand->source,
                                         .sink = sink_fake_open(world.kafka, i),
                                         .store = store_fake_open(world.memory),
                                         .stats = hand->stats,
                                         .now_ms = world.now_ms};
        hand->worker = worker_create(&options);
    }
    return hand->worker;
}

struct source *source_of(int worker)
{
    (void)world_worker(worker);
    return world.hands[worker].source;
}

void turns_of(int worker, int count)
{
    struct hand *hand = &world.hands[worker];
    for (int i = 0; i < count && !hand->ended && hand->last != STATUS_FATAL; i++) {
        hand->last = worker_turn(world_worker(worker), world.now_ms);
    }
}

void worker_turns(int count)
{
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < world.hand_count; k++) {
            turns_of(k, 1);
        }
    }
}

void until_idle(void)
{
    int quiet = 0;
    world_open();
    for (int round = 0; quiet < QUIET_ROUNDS; round++) {
        unsigned long before = world.kafka->activity;
        if (round == ROUNDS_MAX) {
            fail_msg("the workers are never idle");
        }
        worker_turns(1);
        quiet = world.kafka->activity == before ? quiet + 1 : 0;
        if (is_away()) {
            time_passes(20);
            quiet = 0;
        }
    }
}

void worker_is_killed(int worker)
{
    struct hand *hand = &world.hands[worker];
    (void)world_worker(worker);
    worker_destroy(hand->worker);
    hand->worker = NULL;
    hand->last = STATUS_OK;
}

void worker_is_abandoned(int worker)
{
    source_fake_abandon(world.hands[worker].source);
    worker_is_killed(worker);
}

void worker_restarts(int worker)
{
    worker_drain(world_worker(worker));
    worker_is_killed(worker);
}

void worker_ends(int worker)
{
    worker_restarts(worker);
    world.hands[worker].ended = true;
}

enum status last_status(int worker)
{
    return world.hands[worker].last;
}

void then_health(int worker, const char *words)
{
    char text[256] = "";
    worker_health(world.hands[worker].worker, text, sizeof text);
    if (strstr(text, words) == NULL) {
        fail_msg("the worker's health is \"%s\", not \"%s\"", text, words);
    }
}

void then_nothing_is_waited_for(int worker)
{
    char text[256] = "";
    worker_health(world.hands[worker].worker, text, sizeof text);
    assert_string_equal(text, "");
}

void then_process_ends(int worker, const char *words)
{
    struct hand *hand = &world.hands[worker];
    assert_int_equal(hand->last, STATUS_FATAL);
    if (strstr(worker_error(hand->worker), words) == NULL) {
        fail_msg("the worker says \"%s\", not \"%s\"", worker_error(hand->worker), words);
    }
    worker_ends(worker);
}

void a_new_process_begins(int worker)
{
    world.hands[worker].ended = false;
}

void world_is_incomplete(void)
{
    world.incomplete = true;
}

void expect_warning(const char *words)
{
    assert(world.warning_count < WARNINGS_MAX);
    world.warnings[world.warning_count++] = words;
}

void expect_any_warnings(void)
{
    world.any_warnings = true;
}

/* ---- the log */
static char said[64][160]; /* by the whole program, for what the log leaves out */
static int said_count;

static void hear(enum log_level level, const char *line)
{
    if (level < LOG_LEVEL_WARN) {
        return;
    }
    snprintf(said[said_count++ % 64], sizeof said[0], "%s", line);
    bool announced = world.any_warnings;
    for (size_t i = 0; i < world.warning_count; i++) {
        if (strstr(line, world.warnings[i]) != NULL) {
            world.warned[i] = announced = true;
        }
    }
    if (!announced && world.unexpected[0] == '\0') {
        snprintf(world.unexpected, sizeof world.unexpected, "%s", line);
    }
}

static int check_warnings(void)
{
    int bad = 0;
    if (world.unexpected[0] != '\0') {
        print_error("a warning that nobody announced: %s\n", world.unexpected);
        bad = 1;
    }
    for (size_t i = 0; i < world.warning_count; i++) {
        if (!world.warned[i] && !was_said_often(world.warnings[i])) {
            print_error("a warning did not come: %s\n", world.warnings[i]);
            bad = 1;
        }
    }
    return bad;
}

static bool was_said_often(const char *words)
{
    int often = 0;
    for (int i = 0; i < said_count && i < 64; i++) {
        often += strstr(said[i], words) != NULL;
    }
    return often >= LIMIT_LINES;
}

/* Health is looked at by the workers once a second, or whenever they open a client. */
static bool is_away(void)
{
    for (int i = 0; i < world.hand_count; i++) {
        char text[256] = "";
        if (world.hands[i].worker != NULL && world.hands[i].last != STATUS_FATAL) {
            worker_health(world.hands[i].worker, text, sizeof text);
        }
        if (strncmp(text, "Redis:", 6) == 0 || strncmp(text, "Kafka:", 6) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_read_to_the_end(void)
{
    for (int32_t topic = 0; topic < (int32_t)world.kafka->input_count; topic++) {
        for (int32_t number = 0; number < world.kafka->inputs[topic].partition_count; number++) {
            struct partition place = {.topic = topic, .number = number};
            const struct fake_partition *log = fake_kafka_partition(world.kafka, place);
            int64_t next = (int64_t)log->count;
            while (next > 0 && log->records[next - 1].state != FAKE_COMMITTED) {
                next--;
            }
            bool read = next == 0 || log->committed >= next;
            bool folded = topic != 0 || fake_memory_position(world.memory, number) >= next;
            if (!read || !folded) {
                print_error("%s/%d ends at %lld, C is %lld, S %lld\n", world.kafka->inputs[topic].name,
                            number, (long long)next, (long long)log->committed,
                            (long long)fake_memory_position(world.memory, number));
                return false;
            }
        }
    }
    return true;
}
