/* SPDX-License-Identifier: MIT */
/* What librdkafka says, made short. The long forms are what version 2.0.2 says. */
#include "producers/kafka_words.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static void then_words(const char *text, const char *expected)
{
    char words[200];
    kafka_words(text, words, sizeof words);
    assert_string_equal(words, expected);
}

static void a_failed_connection_is_its_address_and_its_cause(void **state)
{
    (void)state;
    then_words("[thrd:127.0.0.1:9/bootstrap]: 127.0.0.1:9/bootstrap: Connect to ipv4#127.0.0.1:9 failed: "
               "Connection refused (after 0ms in state CONNECT, 1 identical error(s) suppressed)",
               "127.0.0.1:9: Connection refused");
    then_words("sasl_ssl://kafka-1.example:9093/12: SASL authentication error: Authentication failed (after "
               "31ms in state AUTH_REQ)",
               "kafka-1.example:9093: SASL authentication error: Authentication failed");
    then_words(
        "[thrd:nowhere:9092/bootstrap]: nowhere:9092/bootstrap: Failed to resolve 'nowhere:9092': Name "
        "or service not known (after 4ms in state CONNECT)",
        "nowhere:9092: Failed to resolve 'nowhere:9092': Name or service not known");
    then_words("GroupCoordinator: 127.0.0.1:9092: Disconnected (after 1ms in state UP)",
               "GroupCoordinator: 127.0.0.1:9092: Disconnected");
}

static void other_words_stay_as_they_are(void **state)
{
    (void)state;
    then_words("", "");
    then_words("Broker: Topic authorization failed", "Broker: Topic authorization failed");
    then_words("Local: Timed out", "Local: Timed out");
    then_words("a/b: c", "a/b: c");
    then_words("/1: c", "/1: c");
    then_words("Connect to it", "Connect to it");
}

static void what_does_not_fit_says_so(void **state)
{
    (void)state;
    char words[12];
    kafka_words("Local: Timed out", words, sizeof words);
    assert_string_equal(words, "Local: T...");
    kafka_words("eleven char", words, sizeof words);
    assert_string_equal(words, "eleven char");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_connection_is_its_address_and_its_cause),
        cmocka_unit_test(other_words_stay_as_they_are),
        cmocka_unit_test(what_does_not_fit_says_so),
    };
    return cmocka_run_group_tests_name("kafka_words", tests, NULL, NULL);
}
