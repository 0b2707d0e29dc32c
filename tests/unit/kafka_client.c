/* SPDX-License-Identifier: MIT */
/* Configurations from the settings, and the verdicts on Kafka's errors. No broker. */
#include "producers/kafka_client.h"

#include "common/log.h"
#include "common/mem.h"
#include "producers/kafka_member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int warnings;

static void count_warnings(enum log_level level, const char *line)
{
    if (level >= LOG_LEVEL_WARN) {
        print_message("%s\n", line);
        warnings++;
    }
}

/* A client of one kind with these lines under kafka:. */
static enum status open_with(struct kafka_client *client, rd_kafka_type_t kind, const char *line,
                             char *ret_error)
{
    char *copy = mem_strdup(line);
    struct settings settings = {
        .kafka = {.items = &copy, .count = 1}
    };
    rd_kafka_conf_t *conf = NULL;
    enum status status = kafka_client_begin(client, "test", &settings, ret_error, &conf);
    if (status == STATUS_OK) {
        status = kafka_client_open(client, kind, conf, ret_error);
    }
    mem_free(copy);
    return status;
}

static void a_property_of_the_other_kind_of_client_makes_no_noise(void **state)
{
    (void)state;
    char error[KAFKA_ERROR_SIZE] = "";
    struct kafka_client client = {0};
    warnings = 0;
    log_redirect(count_warnings);
    assert_int_equal(open_with(&client, RD_KAFKA_PRODUCER, "fetch.wait.max.ms=10", error), STATUS_OK);
    assert_ptr_equal(kafka_client_of(client.rk), &client);
    kafka_client_close(&client);
    assert_int_equal(open_with(&client, RD_KAFKA_CONSUMER, "linger.ms=0", error), STATUS_OK);
    kafka_client_close(&client);
    log_redirect(NULL);
    assert_int_equal(warnings, 0);
}

static void what_librdkafka_refuses_is_named(void **state)
{
    (void)state;
    char error[KAFKA_ERROR_SIZE] = "";
    struct kafka_client client = {0};
    assert_int_equal(open_with(&client, RD_KAFKA_PRODUCER, "linger.ms=soon", error), STATUS_FATAL);
    assert_non_null(strstr(error, "kafka: linger.ms is refused by librdkafka"));
    assert_int_equal(open_with(&client, RD_KAFKA_PRODUCER, "linger.ms", error), STATUS_FATAL);
    assert_non_null(strstr(error, "linger.ms is not of the form name=value"));
    kafka_client_close(&client);
}

static int64_t fetch_bytes_with(const char *line)
{
    char *copy = mem_strdup(line), error[KAFKA_ERROR_SIZE] = "";
    struct settings settings = {
        .kafka = {.items = &copy, .count = 1}
    };
    struct kafka_client client = {0};
    rd_kafka_conf_t *conf = NULL;
    assert_int_equal(kafka_client_begin(&client, "test", &settings, error, &conf), STATUS_OK);
    kafka_conf_default(conf, &settings, "fetch.message.max.bytes", "8388608");
    int64_t bytes = kafka_conf_number(conf, "fetch.message.max.bytes");
    assert_int_equal(kafka_client_open(&client, RD_KAFKA_CONSUMER, conf, error), STATUS_OK);
    kafka_client_close(&client);
    mem_free(copy);
    return bytes;
}

static void a_default_gives_way_to_the_settings_under_either_name(void **state)
{
    (void)state;
    assert_int_equal(fetch_bytes_with("client.id=x"), 8388608);
    assert_int_equal(fetch_bytes_with("fetch.message.max.bytes=1000000"), 1000000);
    assert_int_equal(fetch_bytes_with("max.partition.fetch.bytes=1000000"), 1000000);
}

static void a_value_set_after_the_settings_wins(void **state)
{
    (void)state;
    char error[KAFKA_ERROR_SIZE] = "", value[32] = "";
    size_t size = sizeof value;
    char line[] = "isolation.level=read_uncommitted";
    char *items[] = {line};
    struct settings settings = {
        .kafka = {.items = items, .count = 1}
    };
    struct kafka_client client = {0};
    rd_kafka_conf_t *conf = NULL;
    assert_int_equal(kafka_client_begin(&client, "test", &settings, error, &conf), STATUS_OK);
    kafka_conf_set(conf, "isolation.level", "read_committed");
    assert_int_equal(rd_kafka_conf_get(conf, "isolation.level", value, &size), RD_KAFKA_CONF_OK);
    assert_string_equal(value, "read_committed");
    rd_kafka_conf_destroy(conf);
    kafka_client_close(&client);
}

static void a_closed_client_is_not_healthy_and_may_be_closed_again(void **state)
{
    (void)state;
    char error[KAFKA_ERROR_SIZE] = "";
    struct kafka_client client = {0};
    assert_int_equal(open_with(&client, RD_KAFKA_PRODUCER, "linger.ms=0", error), STATUS_OK);
    assert_int_equal(kafka_client_health(&client, error), STATUS_OK);
    kafka_client_close(&client);
    kafka_client_close(&client);
    assert_int_equal(kafka_client_health(&client, error), STATUS_UNKNOWN);
}

/* rd_kafka_test_fatal_error is librdkafka's own way to try this. */
static void a_fatal_error_is_said_again_and_again(void **state)
{
    (void)state;
    char error[KAFKA_ERROR_SIZE] = "";
    struct kafka_client client = {0};
    assert_int_equal(open_with(&client, RD_KAFKA_CONSUMER, "linger.ms=0", error), STATUS_OK);
    rd_kafka_test_fatal_error(client.rk, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, "another has come");
    assert_int_equal(kafka_client_health(&client, error), STATUS_FENCED);
    assert_int_equal(kafka_client_health(&client, error), STATUS_FENCED);
    assert_non_null(strstr(error, "another has come"));
    kafka_client_close(&client);
}

static void each_error_has_the_verdict_that_the_worker_needs(void **state)
{
    (void)state;
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_NO_ERROR), STATUS_OK);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR__TRANSPORT), STATUS_AWAY);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT), STATUS_BUSY);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION), STATUS_REASSIGNED);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_PRODUCER_FENCED), STATUS_FENCED);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID), STATUS_FENCED);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), STATUS_FATAL);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE), STATUS_GAP);
    assert_int_equal(kafka_status(RD_KAFKA_RESP_ERR__BAD_MSG), STATUS_UNKNOWN);
}

static void an_error_becomes_one_sentence(void **state)
{
    (void)state;
    char error[KAFKA_ERROR_SIZE] = "";
    assert_int_equal(
        kafka_fail(error, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, "sending the offsets", "too late"),
        STATUS_REASSIGNED);
    assert_string_equal(error, "sending the offsets: too late (ILLEGAL_GENERATION)");
    assert_int_equal(kafka_fail_with(error, NULL, "sending the offsets"), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_has_the_verdict_that_the_worker_needs),
        cmocka_unit_test(an_error_becomes_one_sentence),
        cmocka_unit_test(what_librdkafka_refuses_is_named),
        cmocka_unit_test(a_value_set_after_the_settings_wins),
        cmocka_unit_test(a_default_gives_way_to_the_settings_under_either_name),
        cmocka_unit_test(a_property_of_the_other_kind_of_client_makes_no_noise),
        cmocka_unit_test(a_closed_client_is_not_healthy_and_may_be_closed_again),
        cmocka_unit_test(a_fatal_error_is_said_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
