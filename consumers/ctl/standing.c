/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/standing.h"

#include "common/clock.h"
#include "common/mem.h"
#include "consumers/ctl/processes.h"
#include "producers/kafka_reader.h"

#define UNREAD_MOST                                                                                          \
    200 /* a smaller difference of offsets may be marks of transactions only: counted exactly */
#define UNREAD_WAIT_MS 3000
#define READ_WAIT_MS   100

static bool read_places(struct ctl *ctl, struct standing **ret_standings, size_t *ret_count);
static bool read_positions(struct ctl *ctl, struct standing *standings, size_t count);
static void read_status(struct ctl *ctl, const struct hash *status, const char *topic,
                        struct standing *standing);
static bool watch_processes(struct ctl *ctl, struct standing *standings, size_t count);
static void count_unread(struct ctl *ctl, struct standing *standings, size_t count);

bool standings_read(struct ctl *ctl, struct standing **ret_standings, size_t *ret_count)
{
    struct hash status = {0};
    struct standing *standings = NULL;
    size_t count = 0;
    if (!ctl_installed(ctl) || !read_places(ctl, &standings, &count) ||
        !read_positions(ctl, standings, count) || !ctl_note(ctl, "status", &status)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *topic = settings_input_name(ctl->settings, (size_t)standings[i].place.topic);
        read_status(ctl, &status, topic, &standings[i]);
    }
    if (!watch_processes(ctl, standings, count)) {
        return false;
    }
    count_unread(ctl, standings, count);
    *ret_standings = standings;
    *ret_count = count;
    return true;
}

bool standing_read_owner(struct ctl *ctl, const char *topic, int32_t partition, struct standing *ret_standing)
{
    struct hash status = {0};
    struct standing standing = {.place = {.partition = partition}};
    if (!ctl_note(ctl, "status", &status)) {
        return false;
    }
    read_status(ctl, &status, topic, &standing);
    if (!watch_processes(ctl, &standing, 1)) {
        return false;
    }
    *ret_standing = standing;
    return true;
}

struct slice standing_state(const struct standing *standing)
{
    return standing->state.data != NULL && standing->owner_lives ? standing->state : SLICE("nobody");
}

bool standing_next_record(struct ctl *ctl, int32_t home, int64_t from, int64_t *ret_offset)
{
    char why[256] = "";
    struct kafka_reader *reader = NULL;
    int32_t homes = ctl->installation.homes;
    int64_t *starts = arena_alloc(ctl->arena, (size_t)homes * sizeof *starts);
    for (int32_t i = 0; i < homes; i++) {
        starts[i] = i == home ? from : -1;
    }
    *ret_offset = -1;
    enum status status = kafka_reader_open(ctl->settings, ctl->settings->topics_home_log, NULL, why, &reader);
    if (status == STATUS_OK) {
        status = kafka_reader_start(reader, starts, (size_t)homes);
    }
    while (status == STATUS_OK && *ret_offset < 0 && !kafka_reader_at_end(reader)) {
        const struct record *record = NULL;
        status = kafka_reader_next(reader, READ_WAIT_MS, &record);
        if (record != NULL && record->offset < from) {
            break; /* from lies behind the end: the reader has gone back to the start */
        }
        *ret_offset = record != NULL ? record->offset : -1;
    }
    if (status != STATUS_OK) {
        ctl_fail_kafka(ctl, status, reader != NULL ? kafka_reader_error(reader) : why);
    }
    kafka_reader_close(reader);
    return status == STATUS_OK;
}

static bool read_places(struct ctl *ctl, struct standing **ret_standings, size_t *ret_count)
{
    struct input_place *places = NULL;
    size_t count = 0;
    if (!ctl_admin(ctl)) {
        return false;
    }
    enum status status = kafka_admin_places(ctl->admin, CTL_WAIT_MS, &places, &count);
    if (status != STATUS_OK) {
        ctl_fail_kafka(ctl, status, kafka_admin_error(ctl->admin));
        return false;
    }
    struct standing *standings = arena_zalloc(ctl->arena, (count + 1) * sizeof *standings);
    for (size_t i = 0; i < count; i++) {
        standings[i] = (struct standing){.place = places[i], .position = -1, .lag = -1};
    }
    mem_free(places);
    *ret_standings = standings;
    *ret_count = count;
    return true;
}

/* Also the lag, by the difference of offsets. */
static bool read_positions(struct ctl *ctl, struct standing *standings, size_t count)
{
    int32_t homes = ctl->installation.homes;
    int32_t *numbers = arena_alloc(ctl->arena, (size_t)homes * sizeof *numbers);
    int64_t *positions = arena_alloc(ctl->arena, (size_t)homes * sizeof *positions);
    for (int32_t i = 0; i < homes; i++) {
        numbers[i] = i;
    }
    enum status status = store_positions(ctl->store, numbers, (size_t)homes, positions);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct standing *standing = &standings[i];
        bool is_home = standing->place.topic == 0 && standing->place.partition < homes;
        standing->position = is_home ? positions[standing->place.partition] : -1;
        int64_t next = is_home ? standing->position : standing->place.committed;
        next = next < 0 && !is_home ? standing->place.start : next;
        if (next >= 0 && standing->place.end >= 0) {
            standing->lag = standing->place.end > next ? standing->place.end - next : 0;
        }
    }
    return true;
}

/* "STATE OWNER WHY". */
static void read_status(struct ctl *ctl, const struct hash *status, const char *topic,
                        struct standing *standing)
{
    struct slice rest = hash_value(status, ctl_partition_name(ctl, topic, standing->place.partition));
    struct slice *parts[] = {&standing->state, &standing->owner};
    for (size_t i = 0; i < 2 && rest.data != NULL; i++) {
        const char *blank = memchr(rest.data, ' ', rest.len);
        size_t len = blank != NULL ? (size_t)(blank - rest.data) : rest.len;
        *parts[i] = (struct slice){.data = rest.data, .len = len};
        rest =
            blank != NULL ? (struct slice){.data = blank + 1, .len = rest.len - len - 1} : (struct slice){0};
    }
    standing->why = rest;
}

/* ---- whether owners live */

/* The process of a worker: all before the last hyphen. */
static struct slice process_of(struct slice owner)
{
    while (owner.len > 0 && owner.data[owner.len - 1] != '-') {
        owner.len--;
    }
    owner.len -= owner.len > 0;
    return owner;
}

static bool watch_processes(struct ctl *ctl, struct standing *standings, size_t count)
{
    struct processes processes = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct slice name = process_of(standings[i].owner);
        ok = name.len == 0 || processes_add(ctl, &processes, name);
    }
    ok = ok && processes_watch(ctl, &processes);
    for (size_t i = 0; ok && i < count; i++) {
        const struct process *process = processes_find(&processes, process_of(standings[i].owner));
        standings[i].owner_lives = process != NULL && process->lives;
    }
    processes_done(&processes);
    return ok;
}

/* ---- the lag, exactly */

/* Offsets also number the marks of transactions, which nobody folds; what is really there is read. Where that
 * does not succeed the difference stands. */
static void count_unread(struct ctl *ctl, struct standing *standings, size_t count)
{
    char why[256];
    struct kafka_reader *reader = NULL;
    int32_t homes = ctl->installation.homes;
    int64_t *starts = arena_alloc(ctl->arena, (size_t)homes * sizeof *starts);
    int64_t *seen = arena_zalloc(ctl->arena, (size_t)homes * sizeof *seen);
    bool any = false;
    for (int32_t i = 0; i < homes; i++) {
        starts[i] = -1;
    }
    for (size_t i = 0; i < count; i++) {
        const struct standing *standing = &standings[i];
        if (standing->place.topic == 0 && standing->place.partition < homes && standing->lag > 0 &&
            standing->lag <= UNREAD_MOST && standing->position >= standing->place.start) {
            starts[standing->place.partition] = standing->position;
            any = true;
        }
    }
    if (!any ||
        kafka_reader_open(ctl->settings, ctl->settings->topics_home_log, NULL, why, &reader) != STATUS_OK) {
        return;
    }
    enum status status = kafka_reader_start(reader, starts, (size_t)homes);
    int64_t until_us = clock_monotonic_us() + UNREAD_WAIT_MS * 1000LL;
    while (status == STATUS_OK && !kafka_reader_at_end(reader) && clock_monotonic_us() < until_us) {
        const struct record *record = NULL;
        status = kafka_reader_next(reader, READ_WAIT_MS, &record);
        if (record != NULL && record->partition < homes) {
            seen[record->partition]++;
        }
    }
    bool whole = status == STATUS_OK && kafka_reader_at_end(reader);
    kafka_reader_close(reader);
    for (size_t i = 0; whole && i < count; i++) {
        int32_t partition = standings[i].place.partition;
        if (standings[i].place.topic == 0 && partition < homes && starts[partition] >= 0) {
            standings[i].lag = seen[partition];
        }
    }
}
