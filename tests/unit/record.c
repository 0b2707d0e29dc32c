/* SPDX-License-Identifier: MIT */
/* The home of a key must be the Java client's: the vectors are those of Kafka's own UtilsTest.testMurmur2. */
#include "common/record.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void partitions_are_those_of_the_java_client(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int32_t murmur2;
    } vectors[] = {
        {"21",                                               -973932308 },
        {"foobar",                                           -790332482 },
        {"a-little-bit-long-string",                         -985981536 },
        {"a-little-bit-longer-string",                       -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971  },
        {"abc",                                              479470107  },
    };
    static const int32_t partitions[] = {1, 2, 3, 7, 64, 4096, INT32_MAX};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        for (size_t p = 0; p < sizeof partitions / sizeof *partitions; p++) {
            int32_t expected = (vectors[i].murmur2 & 0x7fffffff) % partitions[p];
            assert_int_equal(partition_of(slice_of(vectors[i].key), partitions[p]), expected);
        }
    }
}

static void an_empty_key_has_a_home_too(void **state)
{
    (void)state;
    assert_int_equal(partition_of(SLICE(""), INT32_MAX), 275646681); /* murmur2 of nothing */
}

static void bytes_beyond_ascii_count_as_unsigned(void **state)
{
    (void)state;
    assert_int_not_equal(partition_of(SLICE("\xff"), INT32_MAX), partition_of(SLICE("\x7f"), INT32_MAX));
    for (int c = 0; c < 256; c++) {
        char key[7] = {(char)c, (char)c, (char)c, (char)c, (char)c, (char)c, (char)c};
        for (size_t len = 1; len <= sizeof key; len++) {
            int32_t home = partition_of((struct slice){.data = key, .len = len}, 64);
            assert_in_range(home, 0, 63);
        }
    }
}

static void headers_are_found_without_case_and_the_last_counts(void **state)
{
    (void)state;
    const struct header headers[] = {
        {SLICE("ce_id"),        SLICE("first")           },
        {SLICE("Content-Type"), SLICE("application/json")},
        {SLICE("CE_ID"),        SLICE("second")          },
        {SLICE("nothing"),      {NULL, 0}                },
    };
    struct record record = {.headers = headers, .header_count = 4};
    assert_true(slice_is(record_header(&record, "ce_id"), "second"));
    assert_true(slice_is(record_header(&record, "content-type"), "application/json"));
    assert_null(record_header(&record, "nothing").data);
    assert_null(record_header(&record, "ce_i").data);
    assert_null(record_header(&record, "ce_idx").data);
    record.header_count = 0;
    assert_null(record_header(&record, "ce_id").data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partitions_are_those_of_the_java_client),
        cmocka_unit_test(an_empty_key_has_a_home_too),
        cmocka_unit_test(bytes_beyond_ascii_count_as_unsigned),
        cmocka_unit_test(headers_are_found_without_case_and_the_last_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
