/* SPDX-License-Identifier: MIT */
/* The settings: what goes before what, that every mistake is named where it stands, that every setting is
 * documented, and that no secret is printed. */
#include "config/settings.h"

#include "common/mem.h"
#include "common/record.h"
#include "config/settings_table.h"
#include "config/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define SERVERS "kafka:\n  bootstrap.servers: b:9092\n"

struct world {
    char file[64];
    struct buf problems, out;
    struct settings *settings;
};

static int set_up(void **state)
{
    struct world *world = mem_zalloc(sizeof *world);
    (void)snprintf(world->file, sizeof world->file, "settings-test-XXXXXX");
    int fd = mkstemp(world->file);
    assert_true(fd >= 0);
    close(fd);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    unlink(world->file);
    settings_free(world->settings);
    buf_done(&world->problems);
    buf_done(&world->out);
    mem_free(world);
    return 0;
}

static void given_file(struct world *world, const char *text)
{
    FILE *file = fopen(world->file, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* environment: up to 8 NAME=VALUE, then NULL. */
static bool load(struct world *world, const char *file, ...)
{
    char *environment[9] = {NULL};
    va_list args;
    va_start(args, file);
    for (size_t i = 0; i < 8 && (environment[i] = va_arg(args, char *)) != NULL; i++) {
    }
    va_end(args);
    settings_free(world->settings);
    world->settings = NULL;
    buf_reset(&world->problems);
    bool ok = settings_load(file, environment, &world->problems, &world->settings);
    assert_int_equal(ok, world->settings != NULL);
    assert_int_equal(ok, world->problems.len == 0);
    return ok;
}

static void then_problem(struct world *world, const char *line)
{
    buf_char(&world->problems, '\0');
    if (strstr(world->problems.data, line) == NULL) {
        fail_msg("'%s' is not in\n%s", line, world->problems.data);
    }
    world->problems.len--;
}

/* The same, for a line of this world's file. */
static void then_file_problem(struct world *world, const char *place_and_sentence)
{
    char line[512];
    (void)snprintf(line, sizeof line, "%s:%s\n", world->file, place_and_sentence);
    then_problem(world, line);
}

static size_t problem_count(struct world *world)
{
    size_t count = 0;
    for (size_t i = 0; i < world->problems.len; i++) {
        count += world->problems.data[i] == '\n';
    }
    return count;
}

static void without_a_file_the_defaults_are_in_force(void **state)
{
    struct world *world = *state;
    assert_true(load(world, NULL, "LOYALD_KAFKA_BOOTSTRAP_SERVERS=b:9092", "HOME=/", NULL));
    assert_int_equal(world->settings->process_workers, 2);
    assert_string_equal(world->settings->redis_address, "127.0.0.1:6379");
    assert_int_equal(world->settings->topics_feeders.count, 7);
    assert_string_equal(settings_kafka_value(world->settings, "bootstrap.servers"), "b:9092");
    assert_null(settings_kafka_value(world->settings, "bootstrap"));
}

static void the_file_goes_before_the_defaults_and_the_environment_before_the_file(void **state)
{
    struct world *world = *state;
    given_file(world, "process:\n  workers: 4\nredis:\n  timeout: 500\ntopics:\n  feeders: [a, b]\n" SERVERS
                      "  client.rack: r1\n");
    assert_true(load(world, world->file, "LOYALD_REDIS_TIMEOUT=600", "LOYALD_KAFKA_CLIENT_RACK=r2",
                     "LOYALD_PROCESS_EMBEDDED_HOMES=8", NULL));
    assert_int_equal(world->settings->process_workers, 4);
    assert_int_equal(world->settings->redis_timeout, 600);
    assert_int_equal(world->settings->process_embedded_homes, 8);
    assert_int_equal(world->settings->kafka.count, 2);
    assert_string_equal(world->settings->kafka.items[1], "client.rack=r2");

    assert_int_equal(settings_input_count(world->settings), 3);
    assert_string_equal(settings_input_name(world->settings, 0), "loyalty.events");
    assert_string_equal(settings_input_name(world->settings, 2), "b");
    assert_string_equal(settings_output_name(world->settings, OUT_DEAD_LETTERS), "loyalty.dead-letters");
    assert_string_equal(settings_output_name(world->settings, OUT_HOME_LOG), "loyalty.events");

    assert_true(load(world, world->file, "LOYALD_TOPICS_FEEDERS=x, y ,z", NULL));
    assert_int_equal(world->settings->topics_feeders.count, 3);
    assert_string_equal(world->settings->topics_feeders.items[1], "y");
    assert_true(load(world, world->file, "LOYALD_TOPICS_FEEDERS=", NULL));
    assert_int_equal(settings_input_count(world->settings), 1);
}

static void every_mistake_is_named_where_it_stands_and_all_at_once(void **state)
{
    struct world *world = *state;
    given_file(world, "procss: {}\n"
                      "redis:\n"
                      "  timout: 5\n"
                      "  timeout: 5\n"
                      "  database: one\n"
                      "  address: nowhere\n"
                      "  prefix: 'a{b}'\n"
                      "process:\n"
                      "  embedded: yes\n"
                      "  name:\n"
                      "log: info\n"
                      "topics:\n"
                      "  feeders: [loyalty.events, 'a b']\n"
                      "  home_log: \"\"\n"
                      "  retention_days: [1]\n"
                      "kafka:\n"
                      "  group.id: mine\n"
                      "  Bad_Name: 1\n"
                      "  client.rack:\n");
    assert_false(load(world, world->file, NULL));
    then_file_problem(world, "1:1: unknown key 'procss'; did you mean 'process'?");
    then_file_problem(world, "3:3: unknown key 'timout' in redis; did you mean 'timeout'?");
    then_file_problem(world, "4:12: redis.timeout must lie between 10 and 600000 ms, not 5");
    then_file_problem(world, "5:13: redis.database must be a whole number, not 'one'");
    then_file_problem(world,
                      "6:12: redis.address must be host:port, or the path of a socket that begins with '/'");
    then_file_problem(world, "7:11: redis.prefix must be made of letters, digits, '.', '_' and '-'; other "
                             "characters could change the slot of a key");
    then_file_problem(world, "9:13: process.embedded must be true or false, not 'yes'");
    then_file_problem(world, "10:8: process.name must be a text; for an empty one write \"\"");
    then_file_problem(world, "11:6: log must be a mapping: names with values, indented under it");
    then_file_problem(world,
                      "13:13: topics.feeders: 'loyalty.events' is the topic of topics.home_log already; "
                      "each needs its own");
    then_file_problem(world,
                      "13:29: topics.feeders: 'a b' is no topic's name: letters, digits, '.', '_' and '-'");
    then_file_problem(world, "14:13: topics.home_log must have 1 to 200 bytes, not 0");
    then_file_problem(world, "15:19: topics.retention_days must be a text, not a list");
    then_file_problem(world,
                      "17:13: kafka: group.id cannot be set here: the group is named after the home log, so "
                      "that all workers of an installation share it");
    then_file_problem(world, "18:13: kafka: 'Bad_Name' is no name of a Kafka client's property, such as "
                             "client.rack");
    then_file_problem(world, "19:15: kafka: client.rack must be a text; for an empty one write \"\"");
    then_file_problem(world,
                      "17:3: kafka: bootstrap.servers must name at least one broker as host:port; for a "
                      "look without a Kafka set process.embedded to true");
    assert_int_equal(problem_count(world), 17);
}

static void a_mistake_in_the_environment_is_named_by_its_variable(void **state)
{
    struct world *world = *state;
    given_file(world, SERVERS);
    assert_false(load(world, world->file, "LOYALD_REDIS_TIMOUT=5", "LOYALD_BATCH_WAIT=soon",
                      "LOYALD_LOG_LEVEL=loud", "LOYALD_KAFKA_ACKS=1", "LOYALD_PROBES=x\ny",
                      "LOYALD_HTTP_ADDRESS=:80", NULL));
    then_problem(world, "environment:LOYALD_REDIS_TIMOUT: there is no such setting; did you mean "
                        "'LOYALD_REDIS_TIMEOUT'?\n");
    then_problem(world,
                 "environment:LOYALD_BATCH_WAIT: batch.wait must be a whole number of ms, not 'soon'\n");
    then_problem(world,
                 "environment:LOYALD_LOG_LEVEL: log.level must be debug, info, warn or error, not 'loud'\n");
    then_problem(world,
                 "environment:LOYALD_KAFKA_ACKS: kafka: acks cannot be set here: transactions need the "
                 "acknowledgement of all replicas\n");
    then_problem(world, "environment:LOYALD_PROBES: there is no such setting");
    then_problem(world,
                 "environment:LOYALD_HTTP_ADDRESS: http.address must be host:port, or \"\" for none\n");
    assert_int_equal(problem_count(world), 6);
}

static void variables_of_the_tests_are_no_settings(void **state)
{
    struct world *world = *state;
    given_file(world, SERVERS);
    assert_true(load(world, world->file, "LOYALD_PROBE=x:1", "LOYALD_PROBE_LOG=f", "LOYALD_TEST_ANYTHING=1",
                     "NOT_LOYALD_X=1", "LOYALD", NULL));
}

static void a_file_that_is_no_yaml_is_the_only_mistake(void **state)
{
    struct world *world = *state;
    given_file(world, "redis:\n  timeout: [\n");
    assert_false(load(world, world->file, NULL));
    assert_int_equal(problem_count(world), 1);
    assert_false(load(world, "no-such-file.yaml", NULL));
    then_problem(world, "no-such-file.yaml:1:1: the file cannot be opened: No such file or directory\n");
    assert_int_equal(problem_count(world), 1);
    given_file(world, "- a\n");
    assert_false(load(world, world->file, NULL));
    then_file_problem(world, "1:1: the file must be a mapping: names with values, indented under it");
}

static void bootstrap_servers_are_required_unless_the_kafka_is_embedded(void **state)
{
    struct world *world = *state;
    given_file(world, "log:\n  level: warn\n");
    assert_false(load(world, world->file, NULL));
    then_file_problem(world,
                      "1:1: kafka: bootstrap.servers must name at least one broker as host:port; for a "
                      "look without a Kafka set process.embedded to true");
    assert_false(load(world, world->file, "LOYALD_KAFKA_BOOTSTRAP_SERVERS=", NULL));
    assert_false(load(world, NULL, NULL));
    then_problem(world, "settings:1:1: kafka: bootstrap.servers");
    assert_true(load(world, world->file, "LOYALD_PROCESS_EMBEDDED=true", NULL));
}

static void a_session_outlasts_a_transaction_and_the_sweep(void **state)
{
    struct world *world = *state;
    given_file(world, SERVERS "  session.timeout.ms: 24000\n");
    assert_false(load(world, world->file, NULL));
    then_file_problem(world,
                      "3:23: kafka: session.timeout.ms (24000) must be longer than transaction.timeout.ms "
                      "(10000) and 14000 for the broker's sweep together, else a worker is replaced while "
                      "its last transaction still holds readers back");
    given_file(world, SERVERS "  session.timeout.ms: 24001\n");
    assert_true(load(world, world->file, NULL));
    given_file(world, SERVERS "  transaction.timeout.ms: 31000\n");
    assert_false(load(world, world->file, NULL));
    then_file_problem(world,
                      "3:27: kafka: session.timeout.ms (45000) must be longer than transaction.timeout.ms "
                      "(31000) and 14000 for the broker's sweep together, else a worker is replaced while "
                      "its last transaction still holds readers back");
    given_file(world, SERVERS "  transaction.timeout.ms: long\n");
    assert_false(load(world, world->file, NULL));
    then_file_problem(
        world, "3:27: kafka: transaction.timeout.ms must be a whole number of ms between 1000 and 3600000");
}

static void every_refused_property_is_refused_with_its_reason(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < kafka_refusal_count; i++) {
        char text[256], expected[512];
        (void)snprintf(text, sizeof text, SERVERS "  %s: 'x'\n", kafka_refusals[i].name);
        given_file(world, text);
        assert_false(load(world, world->file, NULL));
        (void)snprintf(expected, sizeof expected, "kafka: %s cannot be set here: %s", kafka_refusals[i].name,
                       kafka_refusals[i].reason);
        then_problem(world, expected);
        assert_int_equal(problem_count(world), 1);
    }
}

static void the_sample_shows_every_setting_with_its_default_and_loads(void **state)
{
    struct world *world = *state;
    const struct yaml *root = NULL;
    struct arena *arena = arena_create(4096);
    assert_true(load(world, SOURCE_DIR "/config/loyald.yaml", NULL));
    assert_true(yaml_load(SOURCE_DIR "/config/loyald.yaml", arena, &world->problems, &root));
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings_table[i];
        if (yaml_get(yaml_get(root, setting->section), setting->name) == NULL) {
            fail_msg("%s is not in the sample", setting->path);
        }
        buf_reset(&world->out);
        setting_text(setting, world->settings, &world->out);
        if (!slice_is(buf_view(&world->out), setting->def)) {
            fail_msg("the sample's %s is not the default", setting->path);
        }
    }
    arena_destroy(arena);
}

static void every_setting_and_variable_and_refusal_is_in_the_manual_and_the_help(void **state)
{
    struct world *world = *state;
    struct buf help = {0}, variable = {0};
    settings_describe_markdown(&world->out);
    buf_char(&world->out, '\0');
    settings_describe(&help);
    buf_char(&help, '\0');
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings_table[i];
        buf_reset(&variable);
        buf_char(&variable, '`');
        setting_variable(setting, &variable);
        buf_add(&variable, "`", 2);
        assert_non_null(strstr(world->out.data, setting->path));
        assert_non_null(strstr(world->out.data, variable.data));
        assert_non_null(strstr(world->out.data, setting->sentence));
        assert_non_null(strstr(help.data, setting->path));
        assert_non_null(strstr(help.data, setting->sentence));
    }
    for (size_t i = 0; i < kafka_refusal_count; i++) {
        assert_non_null(strstr(world->out.data, kafka_refusals[i].reason));
    }
    buf_done(&help);
    buf_done(&variable);
}

static void what_is_printed_can_be_loaded_and_is_the_same(void **state)
{
    struct world *world = *state;
    struct buf again = {0};
    given_file(world,
               "process:\n  name: 'host-1'\n  workers: 3\npolicy:\n  file: '/a \"b\"\\c.yaml'\n" SERVERS
               "  ssl.endpoint.identification.algorithm: none\n");
    assert_true(load(world, world->file, NULL));
    settings_print(world->settings, &world->out);
    buf_add(&world->out, "", 1);
    assert_non_null(strstr(world->out.data, "  workers: 3\n"));
    assert_non_null(strstr(world->out.data, "  timeout: 10000 # default\n"));
    given_file(world, world->out.data);
    assert_true(load(world, world->file, NULL));
    assert_string_equal(world->settings->policy_file, "/a \"b\"\\c.yaml");
    settings_print(world->settings, &again);
    buf_add(&again, "", 1);
    assert_string_equal(again.data, world->out.data);
    buf_done(&again);
}

static void no_secret_is_printed_or_quoted(void **state)
{
    struct world *world = *state;
    given_file(world, SERVERS "  sasl.username: loyald\n"
                              "  sasl.password: hush\n"
                              "  ssl.key.pem: hush\n"
                              "  sasl.oauthbearer.client.secret: hush\n"
                              "  sasl.oauthbearer.config: hush\n");
    assert_true(load(world, world->file, "LOYALD_KAFKA_SSL_KEYSTORE_PASSWORD=hush", NULL));
    assert_string_equal(settings_kafka_value(world->settings, "sasl.password"), "hush");
    settings_print(world->settings, &world->out);
    buf_add(&world->out, "", 1);
    assert_null(strstr(world->out.data, "hush"));
    assert_non_null(strstr(world->out.data, "  sasl.password: \"********\"\n"));
    assert_non_null(strstr(world->out.data, "  sasl.username: \"loyald\"\n"));
    assert_false(
        load(world, world->file, "LOYALD_KAFKA_SASL_PASSWORD_=hush", "LOYALD_REDIS_PASSWORD=hush", NULL));
    buf_add(&world->problems, "", 1);
    assert_null(strstr(world->problems.data, "hush"));
}

static void a_secret_is_the_first_line_of_its_file(void **state)
{
    struct world *world = *state;
    char problem[256] = "";
    char *secret = problem;
    assert_true(settings_secret("", problem, &secret));
    assert_null(secret);
    given_file(world, "open sesame \r\nsecond\n");
    assert_true(settings_secret(world->file, problem, &secret));
    assert_string_equal(secret, "open sesame ");
    mem_free(secret);
    secret = NULL;
    given_file(world, "\n");
    assert_false(settings_secret(world->file, problem, &secret));
    assert_non_null(strstr(problem, "must have a first line of 1 to 4096 bytes"));
    assert_false(settings_secret("no-such-file", problem, &secret));
    assert_string_equal(problem,
                        "the file of a secret, no-such-file, cannot be opened: No such file or directory");
    assert_false(settings_secret("/", problem, &secret));
    assert_null(secret);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(without_a_file_the_defaults_are_in_force),
        TEST(the_file_goes_before_the_defaults_and_the_environment_before_the_file),
        TEST(every_mistake_is_named_where_it_stands_and_all_at_once),
        TEST(a_mistake_in_the_environment_is_named_by_its_variable),
        TEST(variables_of_the_tests_are_no_settings),
        TEST(a_file_that_is_no_yaml_is_the_only_mistake),
        TEST(bootstrap_servers_are_required_unless_the_kafka_is_embedded),
        TEST(a_session_outlasts_a_transaction_and_the_sweep),
        TEST(every_refused_property_is_refused_with_its_reason),
        TEST(the_sample_shows_every_setting_with_its_default_and_loads),
        TEST(every_setting_and_variable_and_refusal_is_in_the_manual_and_the_help),
        TEST(what_is_printed_can_be_loaded_and_is_the_same),
        TEST(no_secret_is_printed_or_quoted),
        TEST(a_secret_is_the_first_line_of_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
