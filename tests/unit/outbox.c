/* SPDX-License-Identifier: MIT */
/* What a batch sends: copies with their origin, dead letters with reason and place, what is too large, and
 * silence. */
#include "producers/outbox.h"

#include "common/digest.h"
#include "common/mem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FEEDER 3
#define BIG    1000000

static struct arena *arena;
static struct outbox outbox;
static struct header headers[4];
static struct record record;
static char *big; /* BIG bytes */

static int set(void **state)
{
    (void)state;
    arena = arena_create(4096);
    outbox = (struct outbox){.arena = arena};
    big = mem_alloc(BIG);
    memset(big, 'x', BIG);
    headers[0] = (struct header){.name = SLICE("ce_id"), .value = SLICE("1")};
    record = (struct record){.topic = FEEDER,
                             .partition = 2,
                             .offset = 9007199254740993,
                             .append_ms = 1772452800000,
                             .key = SLICE("C1"),
                             .value = SLICE("{}"),
                             .headers = headers,
                             .header_count = 1};
    return 0;
}

static int clear(void **state)
{
    (void)state;
    mem_free(big);
    arena_destroy(arena);
    return 0;
}

static void given_header(const char *name, const char *value)
{
    headers[record.header_count++] = (struct header){.name = slice_of(name), .value = slice_of(value)};
}

static const struct output *last(void)
{
    assert_true(outbox.count > 0);
    return &outbox.items[outbox.count - 1];
}

static void then_text(struct slice got, const char *wanted)
{
    assert_int_equal(got.data == NULL, wanted == NULL);
    if (wanted != NULL) {
        assert_int_equal(got.len, strlen(wanted));
        assert_memory_equal(got.data, wanted, got.len);
    }
}

/* The only header of this name. */
static void then_header(const char *name, const char *wanted)
{
    struct slice found = {0};
    for (size_t i = 0; i < last()->header_count; i++) {
        if (slice_is(last()->headers[i].name, name)) {
            assert_null(found.data);
            found = last()->headers[i].value;
        }
    }
    then_text(found, wanted);
}

static size_t bytes_of(const struct output *output)
{
    size_t bytes = output->key.len + output->value.len;
    for (size_t i = 0; i < output->header_count; i++) {
        bytes += output->headers[i].name.len + output->headers[i].value.len;
    }
    return bytes;
}

static void what_is_added_is_copied_in_order(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char text[] = {(char)('a' + i % 26)};
        struct slice both = {.data = text, .len = 1};
        outbox_add(&outbox, OUT_TRIGGERS, i, both, both, headers, 1);
    }
    assert_int_equal(outbox.count, 1000);
    for (int i = 0; i < 1000; i++) {
        char text[] = {(char)('a' + i % 26), '\0'};
        assert_int_equal(outbox.items[i].topic, OUT_TRIGGERS);
        assert_int_equal(outbox.items[i].partition, i);
        then_text(outbox.items[i].key, text);
        then_text(outbox.items[i].value, text);
        assert_ptr_equal(outbox.items[i].headers, headers);
    }
}

static void absent_and_empty_stay_what_they_are(void **state)
{
    (void)state;
    outbox_add(&outbox, OUT_DECISIONS, -1, (struct slice){0}, SLICE(""), NULL, 0);
    then_text(last()->key, NULL);
    then_text(last()->value, "");
    assert_int_equal(last()->header_count, 0);
}

static void a_control_record_has_no_key_and_names_its_home(void **state)
{
    (void)state;
    outbox_control(&outbox, "broadcast", 63, SLICE("{\"product\":\"P1\"}"));
    assert_int_equal(last()->topic, OUT_HOME_LOG);
    assert_int_equal(last()->partition, 63);
    then_text(last()->key, NULL);
    then_text(last()->value, "{\"product\":\"P1\"}");
    assert_int_equal(last()->header_count, 1);
    then_header("loyald-control", "broadcast 63 1");
}

static void a_copy_carries_its_origin_instead_of_the_senders(void **state)
{
    (void)state;
    given_header("Loyald-Origin", "forged/0/0/0");
    given_header("ce_type", "t");
    outbox_copy(&outbox, &record, "loyalty.purchases", 5);
    assert_int_equal(last()->topic, OUT_HOME_LOG);
    assert_int_equal(last()->partition, 5);
    then_text(last()->key, "C1");
    then_text(last()->value, "{}");
    assert_int_equal(last()->header_count, 3);
    then_header("ce_id", "1");
    then_header("ce_type", "t");
    then_header("loyald-origin", "loyalty.purchases/2/9007199254740993/1772452800000");
}

static void a_copy_needs_nothing_of_the_record_any_more(void **state)
{
    (void)state;
    char *value = mem_strdup("body"), *name = mem_strdup("name");
    record.value = slice_of(value);
    headers[0].name = slice_of(name);
    outbox_copy(&outbox, &record, "t", 5);
    memset(value, '?', strlen(value));
    memset(name, '?', strlen(name));
    then_text(last()->value, "body");
    then_header("name", "1");
    mem_free(value);
    mem_free(name);
}

static void a_copy_keeps_headers_without_value_and_odd_numbers(void **state)
{
    (void)state;
    given_header("empty", NULL);
    record.append_ms = INT64_MIN;
    record.offset = 0;
    outbox_copy(&outbox, &record, "t", 0);
    assert_int_equal(last()->header_count, 3);
    then_header("empty", NULL);
    then_header("loyald-origin", "t/2/0/-9223372036854775808");
}

static void a_copy_that_would_be_too_large_is_known_beforehand(void **state)
{
    (void)state;
    assert_true(outbox_can_copy(&record));
    record.value = (struct slice){.data = big, .len = 890000};
    assert_true(outbox_can_copy(&record));
    headers[0].value = (struct slice){.data = big, .len = 10000};
    assert_false(outbox_can_copy(&record));
}

static void a_dead_letter_is_untouched_and_says_why_and_from_where(void **state)
{
    (void)state;
    given_header("loyald-control", "tick 1 1");
    outbox_dead_letter(&outbox, &record, "loyalty.visits", "bad_json", "the body is not a JSON document");
    assert_int_equal(last()->topic, OUT_DEAD_LETTERS);
    assert_int_equal(last()->partition, -1);
    then_text(last()->key, "C1");
    then_text(last()->value, "{}");
    assert_int_equal(last()->header_count, 8);
    then_header("ce_id", "1");
    then_header("loyald-control", "tick 1 1");
    then_header("loyald-reason", "bad_json");
    then_header("loyald-sentence", "the body is not a JSON document");
    then_header("loyald-topic", "loyalty.visits");
    then_header("loyald-partition", "2");
    then_header("loyald-offset", "9007199254740993");
    then_header("loyald-time", "1772452800000");
}

static void a_tombstone_stays_one(void **state)
{
    (void)state;
    record.key = record.value = (struct slice){0};
    outbox_dead_letter(&outbox, &record, "loyalty.visits", "no_body", "");
    then_text(last()->key, NULL);
    then_text(last()->value, NULL);
}

static void a_copied_record_reports_where_it_came_from(void **state)
{
    (void)state;
    record.topic = 0;
    given_header("loyald-origin", "loyalty.visits/11/77/1772000000000");
    outbox_dead_letter(&outbox, &record, "loyalty.events", "bad_json", "");
    then_header("loyald-topic", "loyalty.visits");
    then_header("loyald-partition", "11");
    then_header("loyald-offset", "77");
    then_header("loyald-time", "1772000000000");
}

static void an_origin_is_believed_only_where_loyald_writes_it_and_when_it_can_be_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "/",        "t/1/2",   "t/1/2/",   "t/1/2/3/4",
                                      "///", "/1/2/3",   "t/x/2/3", "t/1/2/3 ", "t",
                                      "t/",  "t/1/ 2/3", "t//2/3",  "t/1//3"};
    given_header("loyald-origin", "t/1/2/3");
    outbox_dead_letter(&outbox, &record, "loyalty.visits", "bad_json", ""); /* of a feeder */
    then_header("loyald-topic", "loyalty.visits");
    then_header("loyald-offset", "9007199254740993");
    record.topic = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        headers[1].value = slice_of(bad[i]);
        outbox_dead_letter(&outbox, &record, "loyalty.events", "bad_json", "");
        then_header("loyald-topic", "loyalty.events");
        then_header("loyald-partition", "2");
    }
}

static void a_body_that_is_too_large_goes_out_as_its_beginning_and_digest(void **state)
{
    (void)state;
    char hex[65];
    record.value = (struct slice){.data = big, .len = BIG};
    digest_sha256_hex(record.value, hex);
    outbox_dead_letter(&outbox, &record, "loyalty.visits", "body_too_large", "");
    assert_int_equal(last()->value.len, 65536);
    then_header("ce_id", "1");
    then_header("loyald-length", "1000000");
    then_header("loyald-sha256", hex);
    then_header("loyald-headers", NULL);
}

static void headers_and_a_key_that_are_too_large_are_cut_as_well(void **state)
{
    (void)state;
    headers[0].value = (struct slice){.data = big, .len = BIG};
    outbox_dead_letter(&outbox, &record, "loyalty.visits", "bad_json", "");
    then_header("loyald-headers", "1");
    then_header("ce_id", NULL);
    then_header("loyald-reason", "bad_json");
    then_header("loyald-length", NULL);
    then_text(last()->key, "C1");
    record.key = record.value = headers[0].value;
    outbox_dead_letter(&outbox, &record, "loyalty.visits", "bad_json", "");
    then_header("loyald-length", "1000000");
    assert_true(bytes_of(last()) < OUTPUT_BYTES_MAX);
}

static void whatever_its_size_a_dead_letter_can_be_sent(void **state)
{
    (void)state;
    for (size_t len = OUTPUT_BYTES_MAX - 3000; len <= OUTPUT_BYTES_MAX + 3000; len += 10) {
        record.value = (struct slice){.data = big, .len = len};
        outbox_dead_letter(&outbox, &record, "loyalty.visits", "bad_json", "a sentence");
        assert_true(bytes_of(last()) <= OUTPUT_BYTES_MAX);
        arena_reset(arena, 0);
        outbox = (struct outbox){.arena = arena};
    }
}

static void a_silent_outbox_drops_everything(void **state)
{
    (void)state;
    const void *first = arena_alloc(arena, 1);
    arena_reset(arena, 4096);
    outbox.silent = true;
    outbox_add(&outbox, OUT_TRIGGERS, -1, SLICE("C1"), SLICE("{}"), NULL, 0);
    outbox_control(&outbox, "tick", 1, SLICE("{}"));
    outbox_copy(&outbox, &record, "t", 1);
    outbox_dead_letter(&outbox, &record, "t", "bad_json", "");
    assert_int_equal(outbox.count, 0);
    assert_ptr_equal(arena_alloc(arena, 1), first); /* nor was anything made for it */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_is_copied_in_order),
        TEST(absent_and_empty_stay_what_they_are),
        TEST(a_control_record_has_no_key_and_names_its_home),
        TEST(a_copy_carries_its_origin_instead_of_the_senders),
        TEST(a_copy_needs_nothing_of_the_record_any_more),
        TEST(a_copy_keeps_headers_without_value_and_odd_numbers),
        TEST(a_copy_that_would_be_too_large_is_known_beforehand),
        TEST(a_dead_letter_is_untouched_and_says_why_and_from_where),
        TEST(a_tombstone_stays_one),
        TEST(a_copied_record_reports_where_it_came_from),
        TEST(an_origin_is_believed_only_where_loyald_writes_it_and_when_it_can_be_read),
        TEST(a_body_that_is_too_large_goes_out_as_its_beginning_and_digest),
        TEST(headers_and_a_key_that_are_too_large_are_cut_as_well),
        TEST(whatever_its_size_a_dead_letter_can_be_sent),
        TEST(a_silent_outbox_drops_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
