/* SPDX-License-Identifier: MIT */
/* The metrics: what is counted is shown, summed over the workers, in a form that Prometheus takes. */
#include "common/stats.h"

#include "common/mem.h"
#include "common/stats_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    struct stats *workers[2];
    struct buf out;
};

static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    world->workers[0] = stats_create(4);
    world->workers[1] = stats_create(4);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    stats_destroy(world->workers[0]);
    stats_destroy(world->workers[1]);
    buf_done(&world->out);
    mem_free(world);
    return 0;
}

static void render(struct world *world)
{
    buf_reset(&world->out);
    stats_render(world->workers, 2, &world->out);
    buf_add(&world->out, "", 1);
}

/* Is there such a line, whole? */
static bool shows(struct world *world, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = strstr(world->out.data, line); at != NULL; at = strstr(at + 1, line)) {
        if ((at == world->out.data || at[-1] == '\n') && at[len] == '\n') {
            return true;
        }
    }
    return false;
}

static void then_shown(struct world *world, const char *line)
{
    if (!shows(world, line)) {
        fail_msg("'%s' is not in\n%s", line, world->out.data);
    }
}

static void counters_and_gauges_are_summed_over_the_workers(void **state)
{
    struct world *world = *state;
    stats_add(world->workers[0], STAT_records_taken, 3);
    stats_add(world->workers[1], STAT_records_taken, 4);
    stats_set(world->workers[0], STAT_homes, 2);
    stats_set(world->workers[1], STAT_homes, 5);
    stats_set(world->workers[1], STAT_homes, 1);
    render(world);
    then_shown(world, "# HELP loyald_records_taken_total Records taken from Kafka");
    then_shown(world, "# TYPE loyald_records_taken_total counter");
    then_shown(world, "loyald_records_taken_total 7");
    then_shown(world, "# TYPE loyald_homes gauge");
    then_shown(world, "loyald_homes 3");
    assert_int_equal(stats_get(world->workers[1], STAT_records_taken, 0), 4);
}

static void every_outcome_and_reason_is_shown_from_the_start(void **state)
{
    struct world *world = *state;
    stats_add_outcome(world->workers[0], STAT_events, OUTCOME_folded, 5);
    stats_add_reject(world->workers[1], STAT_dead_letters, REJECT_bad_json, 2);
    render(world);
    then_shown(world, "loyald_events_total{outcome=\"folded\"} 5");
    then_shown(world, "loyald_events_total{outcome=\"dead_lettered\"} 0");
    then_shown(world, "loyald_dead_letters_total{reason=\"bad_json\"} 2");
    then_shown(world, "loyald_dead_letters_total{reason=\"customer_erased\"} 0");
    assert_null(strstr(world->out.data, "reason=\"none\""));
    assert_int_equal(stats_get(world->workers[1], STAT_dead_letters, REJECT_bad_json), 2);
}

static void follow_ups_are_summed_and_their_names_escaped(void **state)
{
    struct world *world = *state;
    stats_add_named(world->workers[0], STAT_triggers, SLICE("birthday"), (struct slice){0}, 1);
    stats_add_named(world->workers[1], STAT_triggers, SLICE("birthday"), (struct slice){0}, 2);
    stats_add_named(world->workers[0], STAT_decisions, SLICE("birthday"), SLICE("no_consent"), 1);
    stats_add_named(world->workers[0], STAT_decisions, SLICE("birthday"), SLICE("quiet_hours"), 1);
    stats_add_named(world->workers[0], STAT_decisions, SLICE("birthday"), SLICE("no_consent"), 1);
    stats_add_named(world->workers[0], STAT_decisions, SLICE("a\"b\\c\nd"), SLICE(""), 1);
    render(world);
    then_shown(world, "loyald_triggers_total{follow_up=\"birthday\"} 3");
    then_shown(world, "loyald_decisions_total{follow_up=\"birthday\",reason=\"no_consent\"} 2");
    then_shown(world, "loyald_decisions_total{follow_up=\"birthday\",reason=\"quiet_hours\"} 1");
    then_shown(world, "loyald_decisions_total{follow_up=\"a\\\"b\\\\c\\nd\",reason=\"\"} 1");
    assert_int_equal(stats_get(world->workers[0], STAT_decisions, 0), 4);
}

static void too_many_names_count_as_other_and_none_is_lost(void **state)
{
    struct world *world = *state;
    char name[STATS_NAME_BYTES_MAX + 2];
    for (int i = 0; i < STATS_NAMES_MAX + 10; i++) {
        (void)snprintf(name, sizeof name, "f%d", i);
        stats_add_named(world->workers[0], STAT_triggers, slice_of(name), (struct slice){0}, 1);
    }
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    stats_add_named(world->workers[1], STAT_triggers, slice_of(name), (struct slice){0}, 1);
    stats_add_named(world->workers[1], STAT_triggers, SLICE("other"), (struct slice){0}, 1);
    render(world);
    then_shown(world, "loyald_triggers_total{follow_up=\"f0\"} 1");
    then_shown(world, "loyald_triggers_total{follow_up=\"f255\"} 1");
    then_shown(world, "loyald_triggers_total{follow_up=\"other\"} 12");
    assert_int_equal(stats_get(world->workers[0], STAT_triggers, 0), STATS_NAMES_MAX + 10);
}

static void a_home_is_shown_while_it_is_ones_own(void **state)
{
    struct world *world = *state;
    stats_set_home(world->workers[0], STAT_lag_records, 3, 12);
    stats_set_home(world->workers[1], STAT_lag_seconds, 0, 2500000);
    stats_set_home(world->workers[1], STAT_lag_seconds, 1, 0);
    render(world);
    then_shown(world, "loyald_lag_records{home=\"3\"} 12");
    then_shown(world, "loyald_lag_seconds{home=\"0\"} 2.5");
    then_shown(world, "loyald_lag_seconds{home=\"1\"} 0");
    assert_null(strstr(world->out.data, "home=\"2\""));
    stats_forget_home(world->workers[0], 3);
    render(world);
    assert_null(strstr(world->out.data, "home=\"3\""));
    assert_int_equal(stats_get(world->workers[0], STAT_lag_records, 3), 0);
}

static void a_draft_counts_when_it_is_moved_and_once(void **state)
{
    struct world *world = *state;
    struct stats *draft = stats_create(0), *real = world->workers[0];
    stats_add_named(real, STAT_triggers, SLICE("birthday"), (struct slice){0}, 1);
    stats_set(real, STAT_homes, 7);
    for (int moved = 0; moved < 2; moved++) {
        stats_add(draft, STAT_commits, 2);
        stats_add_outcome(draft, STAT_events, OUTCOME_ignored, 3);
        stats_add_named(draft, STAT_triggers, SLICE("birthday"), (struct slice){0}, 4);
        stats_move(draft, moved ? real : NULL);
        stats_move(draft, real); /* nothing is left of it */
    }
    assert_int_equal(stats_get(real, STAT_commits, 0), 2);
    assert_int_equal(stats_get(real, STAT_events, OUTCOME_ignored), 3);
    assert_int_equal(stats_get(real, STAT_homes, 0), 7);
    render(world);
    then_shown(world, "loyald_triggers_total{follow_up=\"birthday\"} 5");
    stats_destroy(draft);
}

static void histograms_are_cumulative_and_in_seconds(void **state)
{
    struct world *world = *state;
    stats_observe(world->workers[0], STAT_commit_seconds, 100); /* on a bound: below it */
    stats_observe(world->workers[1], STAT_commit_seconds, 101);
    stats_observe(world->workers[1], STAT_commit_seconds, -5);
    stats_observe(world->workers[1], STAT_commit_seconds, 700000000000); /* beyond the last bound */
    stats_observe(world->workers[0], STAT_batch_records, 4000);
    render(world);
    then_shown(world, "# TYPE loyald_commit_seconds histogram");
    then_shown(world, "loyald_commit_seconds_bucket{le=\"0.0001\"} 2");
    then_shown(world, "loyald_commit_seconds_bucket{le=\"0.00025\"} 3");
    then_shown(world, "loyald_commit_seconds_bucket{le=\"1\"} 3");
    then_shown(world, "loyald_commit_seconds_bucket{le=\"604800\"} 3");
    then_shown(world, "loyald_commit_seconds_bucket{le=\"+Inf\"} 4");
    then_shown(world, "loyald_commit_seconds_sum 700000.000201");
    then_shown(world, "loyald_commit_seconds_count 4");
    then_shown(world, "loyald_batch_records_bucket{le=\"1024\"} 0");
    then_shown(world, "loyald_batch_records_bucket{le=\"4096\"} 1");
    then_shown(world, "loyald_batch_records_sum 4000");
    assert_int_equal(stats_get(world->workers[1], STAT_commit_seconds, 0), 3);
}

static void the_table_keeps_its_own_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < STAT_COUNT; i++) {
        const struct stat_row *row = &stats_table[i];
        size_t name = strlen(row->name), unit = strlen(row->unit);
        assert_true(unit == 0 || (name > unit && strcmp(row->name + name - unit, row->unit) == 0));
        assert_true(row->kind != STAT_KIND_HISTOGRAM || (row->label == STAT_LABEL_none && unit > 0));
        assert_int_equal(row->label == STAT_LABEL_home,
                         row->kind == STAT_KIND_GAUGE && row->label != STAT_LABEL_none);
        assert_true(row->kind != STAT_KIND_COUNTER || unit == 0);
        assert_true(row->sentence[0] >= 'A' && row->sentence[0] <= 'Z');
        assert_true(row->sentence[strlen(row->sentence) - 1] != '.');
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(row->name, stats_table[j].name);
        }
    }
}

static void every_metric_is_in_the_manual(void **state)
{
    struct world *world = *state;
    stats_describe_markdown(&world->out);
    buf_add(&world->out, "", 1);
    for (size_t i = 0; i < STAT_COUNT; i++) {
        char name[80];
        (void)snprintf(name, sizeof name, "`loyald_%s%s`", stats_table[i].name,
                       stats_table[i].kind == STAT_KIND_COUNTER ? "_total" : "");
        assert_non_null(strstr(world->out.data, name));
        assert_non_null(strstr(world->out.data, stats_table[i].sentence));
    }
    assert_non_null(strstr(world->out.data, "| `dead_lettered` |"));
    assert_non_null(strstr(world->out.data, "| `customer_erased` |"));
}

/* A worker that counts names and numbers while another thread renders. */
static void *count_much(void *argument)
{
    struct stats *stats = argument;
    char name[16];
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(name, sizeof name, "f%d", i % 300);
        stats_add_named(stats, STAT_triggers, slice_of(name), (struct slice){0}, 1);
        stats_observe(stats, STAT_fold_seconds, i);
    }
    return NULL;
}

static void rendering_while_a_worker_counts_never_shows_half_a_name(void **state)
{
    struct world *world = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, count_much, world->workers[0]), 0);
    int64_t seen = 0;
    while (seen < 20000) {
        render(world);
        assert_null(strstr(world->out.data, "follow_up=\"\""));
        seen = stats_get(world->workers[0], STAT_triggers, 0);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(stats_get(world->workers[0], STAT_fold_seconds, 0), 20000);
}

static void promtool_has_nothing_to_say(void **state)
{
    struct world *world = *state;
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        print_message("promtool is not installed: not checked\n");
        skip();
    }
    stats_add_named(world->workers[0], STAT_triggers, SLICE("birth \"day\"\\\n"), (struct slice){0}, 1);
    stats_add_named(world->workers[0], STAT_decisions, SLICE("birthday"), SLICE("no_consent"), 1);
    stats_add_named(world->workers[1], STAT_decisions, SLICE("birthday"), SLICE("no_consent"), 1);
    stats_set_home(world->workers[0], STAT_lag_records, 3, 12);
    stats_set_home(world->workers[0], STAT_lag_seconds, 3, 1);
    stats_observe(world->workers[0], STAT_fold_seconds, 12);
    render(world);
    FILE *promtool = popen("promtool check metrics 2>&1", "w");
    assert_non_null(promtool);
    assert_int_equal(fwrite(world->out.data, 1, world->out.len - 1, promtool), world->out.len - 1);
    assert_int_equal(pclose(promtool), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(counters_and_gauges_are_summed_over_the_workers),
        TEST(a_draft_counts_when_it_is_moved_and_once),
        TEST(every_outcome_and_reason_is_shown_from_the_start),
        TEST(follow_ups_are_summed_and_their_names_escaped),
        TEST(too_many_names_count_as_other_and_none_is_lost),
        TEST(a_home_is_shown_while_it_is_ones_own),
        TEST(histograms_are_cumulative_and_in_seconds),
        TEST(the_table_keeps_its_own_rules),
        TEST(every_metric_is_in_the_manual),
        TEST(rendering_while_a_worker_counts_never_shows_half_a_name),
        TEST(promtool_has_nothing_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
