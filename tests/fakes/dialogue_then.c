/* SPDX-License-Identifier: MIT */
/* What a test says is so: state, outputs, counts. */
#include "tests/fakes/dialogue_world.h"

#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>

static struct fake_partition *output_log(enum out_topic topic);
static struct fake_record *find_once(enum out_topic topic, const char *id);
static struct slice member(const struct fake_record *record, const char *first, const char *second);
static void none_unseen(enum out_topic topic, const char *what);
static bool read_hash(int32_t home, struct slice key, const char *field, struct slice *ret_value);
static void check_field(int32_t home, struct slice key, const char *field, const char *value);
static const char *status_of(const char *topic, int32_t partition);

void then_customer(const char *customer, const char *field, const char *value)
{
    check_field(home_of(customer), arena_printf(world.arena, "c:%s", customer), field, value);
}

void then_no_customer(const char *customer)
{
    char *dump = fake_memory_dump(world.memory, home_of(customer));
    const char *key = arena_printf(world.arena, "c:%s ", customer).data;
    bool found = strncmp(dump, key, strlen(key)) == 0 || strstr(dump, key) != NULL;
    free(dump);
    if (found) {
        fail_msg("%s is there", customer);
    }
}

void then_home(int32_t home, const char *key, const char *field, const char *value)
{
    check_field(home, slice_of(key), field, value);
}

const char *home_field(int32_t home, const char *key, const char *field)
{
    struct slice value;
    return read_hash(home, slice_of(key), field, &value)
               ? arena_printf(world.arena, "%.*s", SLICE_ARG(value)).data
               : NULL;
}

size_t home_field_count(int32_t home, const char *key)
{
    struct store *store = store_fake_open(world.memory);
    struct read read = {.kind = READ_HASH, .key = slice_of(key)};
    int64_t position = 0;
    assert_int_equal(store_read(store, home, &read, 1, world.arena, &position), STATUS_OK);
    store_close(store);
    return read.ret_hash.field_count;
}

void then_position(int32_t home, int64_t position)
{
    assert_int_equal(fake_memory_position(world.memory, home), position);
}

void then_committed(int32_t home, int64_t offset)
{
    assert_int_equal(the_log(home)->committed, offset);
}

void then_total(const char *name, int64_t wanted)
{
    int64_t sum = 0;
    for (int32_t home = 0; home < world.homes; home++) {
        struct slice value;
        int64_t here = 0;
        if (read_hash(home, SLICE("totals"), name, &value)) {
            assert_true(parse_int(value, &here));
        }
        sum += here;
    }
    if (sum != wanted) {
        fail_msg("the total %s is %lld, not %lld", name, (long long)sum, (long long)wanted);
    }
}

int64_t outcome_now(enum outcome outcome)
{
    int64_t sum = 0;
    for (int i = 0; i < FAKE_MEMBERS_MAX; i++) {
        sum += world.hands[i].stats != NULL ? stats_get(world.hands[i].stats, STAT_events, (int)outcome) : 0;
    }
    return sum;
}

void then_outcome(enum outcome outcome, int64_t wanted)
{
    int64_t sum = outcome_now(outcome);
    if (sum != wanted) {
        fail_msg("%lld events are %s, not %lld", (long long)sum, outcome_name(outcome), (long long)wanted);
    }
}

int64_t stat_now(enum stat stat)
{
    int64_t sum = 0;
    for (int i = 0; i < FAKE_MEMBERS_MAX; i++) {
        sum += world.hands[i].stats != NULL ? stats_get(world.hands[i].stats, stat, 0) : 0;
    }
    return sum;
}

void then_stat(enum stat stat, int64_t wanted)
{
    assert_int_equal(stat_now(stat), wanted);
}

void then_trigger(const char *follow_up, const char *customer, const char *occurrence)
{
    struct slice id = arena_printf(world.arena, "%s/%s/%s", follow_up, customer, occurrence);
    find_once(OUT_TRIGGERS, id.data)->seen = true;
}

void then_withdrawal(const char *follow_up, const char *customer, const char *occurrence)
{
    struct slice id = arena_printf(world.arena, "%s/%s/%s/withdrawn", follow_up, customer, occurrence);
    find_once(OUT_TRIGGERS, id.data)->seen = true;
}

void then_decision(const char *follow_up, const char *customer, const char *occurrence, const char *reason)
{
    const char *outcome = strcmp(reason, "shadow") == 0 ? "shadow" : "suppressed";
    struct slice id = arena_printf(world.arena, "%s/%s/%s/%s", follow_up, customer, occurrence, outcome);
    struct fake_record *record = find_once(OUT_DECISIONS, id.data);
    struct slice found = member(record, "data", "reason");
    if (!slice_is(found, reason)) {
        fail_msg("%s is decided %.*s, not %s", id.data, SLICE_ARG(found), reason);
    }
    record->seen = true;
}

void then_no_trigger(void)
{
    none_unseen(OUT_TRIGGERS, "trigger");
}

void then_no_decision(void)
{
    none_unseen(OUT_DECISIONS, "decision");
}

size_t trigger_count(void)
{
    const struct fake_partition *log = output_log(OUT_TRIGGERS);
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++) {
        count += log->records[i].state == FAKE_COMMITTED;
    }
    return count;
}

void then_letter(const char *topic, int64_t offset, const char *reason)
{
    struct fake_partition *log = output_log(OUT_DEAD_LETTERS);
    for (size_t i = 0; i < log->count; i++) {
        struct fake_record *record = &log->records[i];
        if (record->state != FAKE_COMMITTED || record->seen) {
            continue;
        }
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%lld", (long long)offset);
        struct slice found_topic = record_header_of(record, "loyald-topic");
        struct slice found_offset = record_header_of(record, "loyald-offset");
        struct slice found_reason = record_header_of(record, "loyald-reason");
        if (!slice_is(found_topic, topic) || !slice_is(found_offset, wanted) ||
            !slice_is(found_reason, reason)) {
            fail_msg("the letter is %.*s at %.*s offset %.*s, not %s at %s offset %s",
                     SLICE_ARG(found_reason), SLICE_ARG(found_topic), SLICE_ARG(found_offset), reason, topic,
                     wanted);
        }
        record->seen = true;
        return;
    }
    fail_msg("there is no letter %s of %s", reason, topic);
}

void then_no_letter(void)
{
    none_unseen(OUT_DEAD_LETTERS, "dead letter");
}

size_t control_count(const char *kind)
{
    size_t count = 0;
    for (int32_t home = 0; home < world.homes; home++) {
        const struct fake_partition *log = the_log(home);
        for (size_t i = 0; i < log->count; i++) {
            struct slice head = record_header_of(&log->records[i], "loyald-control");
            bool is_kind = slice_has_prefix(head, slice_of(kind)) && head.data[strlen(kind)] == ' ';
            count += log->records[i].state == FAKE_COMMITTED && is_kind;
        }
    }
    return count;
}

size_t record_count(int32_t home)
{
    const struct fake_partition *log = the_log(home);
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++) {
        count += log->records[i].state == FAKE_COMMITTED;
    }
    return count;
}

const char *last_header(int32_t home, const char *name)
{
    const struct fake_partition *log = the_log(home);
    for (size_t i = log->count; i > 0; i--) {
        if (log->records[i - 1].state == FAKE_COMMITTED) {
            struct slice value = record_header_of(&log->records[i - 1], name);
            return value.data != NULL ? arena_copy(world.arena, value).data : "";
        }
    }
    return "";
}

bool is_parked(const char *topic, int32_t partition, const char *words)
{
    const char *status = status_of(topic, partition);
    return strncmp(status, "parked ", 7) == 0 && strstr(status, words) != NULL;
}

void then_parked(int32_t home, const char *words)
{
    if (!is_parked(HOME_LOG, home, words)) {
        fail_msg("home %d is \"%s\", not parked with \"%s\"", home, status_of(HOME_LOG, home), words);
    }
}

void then_feeder_parked(const char *topic, const char *words)
{
    if (!is_parked(topic, 0, words)) {
        fail_msg("%s is \"%s\", not parked with \"%s\"", topic, status_of(topic, 0), words);
    }
}

void then_ready(int32_t home)
{
    const char *status = status_of(HOME_LOG, home);
    if (strncmp(status, "ready ", 6) != 0) {
        fail_msg("home %d is \"%s\"", home, status);
    }
}

struct slice record_header_of(const struct fake_record *record, const char *name)
{
    struct record as_read = {.headers = record->headers, .header_count = record->header_count};
    return record->headers != NULL ? record_header(&as_read, name) : (struct slice){0};
}

static struct fake_partition *output_log(enum out_topic topic)
{
    return &the_kafka()->outputs[topic].partitions[0];
}

static struct fake_record *find_once(enum out_topic topic, const char *id)
{
    struct fake_partition *log = output_log(topic);
    struct fake_record *found = NULL;
    for (size_t i = 0; i < log->count; i++) {
        struct fake_record *record = &log->records[i];
        if (record->state == FAKE_COMMITTED && slice_is(member(record, "id", NULL), id)) {
            if (found != NULL) {
                fail_msg("%s went out twice", id);
            }
            found = record;
        }
    }
    if (found == NULL) {
        fail_msg("%s did not go out", id);
    }
    return found;
}

static struct slice member(const struct fake_record *record, const char *first, const char *second)
{
    const struct json *json = NULL;
    struct slice text = {0};
    if (json_parse(record->value, world.arena, &json) != JSON_OK) {
        fail_msg("an output is no JSON: %.*s", SLICE_ARG(record->value));
    }
    json = json_member(json, first);
    json = second != NULL ? json_member(json, second) : json;
    (void)(json != NULL && json_string(json, &text));
    return text;
}

static void none_unseen(enum out_topic topic, const char *what)
{
    const struct fake_partition *log = output_log(topic);
    for (size_t i = 0; i < log->count; i++) {
        if (log->records[i].state == FAKE_COMMITTED && !log->records[i].seen) {
            fail_msg("there is another %s: %.*s", what, SLICE_ARG(log->records[i].value));
        }
    }
}

static bool read_hash(int32_t home, struct slice key, const char *field, struct slice *ret_value)
{
    struct store *store = store_fake_open(world.memory);
    struct read read = {.kind = READ_HASH, .key = key};
    int64_t position = 0;
    bool found = false;
    assert_int_equal(store_read(store, home, &read, 1, world.arena, &position), STATUS_OK);
    for (size_t i = 0; i < read.ret_hash.field_count; i++) {
        if (slice_is(read.ret_hash.fields[i].name, field)) {
            *ret_value = read.ret_hash.fields[i].value;
            found = true;
        }
    }
    store_close(store);
    return found;
}

static void check_field(int32_t home, struct slice key, const char *field, const char *value)
{
    struct slice found = {0};
    bool there = read_hash(home, key, field, &found);
    if (value == NULL && there) {
        fail_msg("%.*s has %s=%.*s", SLICE_ARG(key), field, SLICE_ARG(found));
    }
    if (value != NULL && (!there || !slice_is(found, value))) {
        fail_msg("%.*s has %s=%.*s, not %s", SLICE_ARG(key), field, (int)(there ? found.len : 6),
                 there ? found.data : "(none)", value);
    }
}

static const char *status_of(const char *topic, int32_t partition)
{
    struct store *store = store_fake_open(world.memory);
    struct hash hash = {0};
    const char *status = "unknown";
    struct slice name = arena_printf(world.arena, "%s/%d", topic, partition);
    assert_int_equal(store_note_get(store, "status", world.arena, &hash), STATUS_OK);
    for (size_t i = 0; i < hash.field_count; i++) {
        if (slice_equal(hash.fields[i].name, name)) {
            status = hash.fields[i].value.data;
        }
    }
    store_close(store);
    return status;
}
