/* SPDX-License-Identifier: MIT */
#include "producers/shop/hold_back.h"

#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_admin.h"
#include "producers/kafka_reader.h"
#include "producers/shop/options.h"

#include <stdio.h>

#define PATIENCE_US 60000000
#define ASK_MS      2000
#define MARKS_MOST  200 /* a greater difference of offsets cannot be marks of transactions alone */
#define ERROR_SIZE  256 /* of kafka_admin_open */

struct hold_back {
    const struct settings *settings;
    struct kafka_admin *admin;
    int64_t limit;
    int64_t room;   /* records that may be sent before the next look */
    int64_t behind; /* at the last look; -1: none yet */
    int64_t give_up_us;
};

static enum status read_places(struct hold_back *hold_back, struct input_place **ret_places,
                               size_t *ret_count);
static int64_t behind_at(const struct input_place *place);
static bool log_is_done(const struct hold_back *hold_back, const struct input_place *places, size_t count);
static bool is_patient(struct hold_back *hold_back, enum status status, int64_t behind, char *ret_error);

bool hold_back_open(const struct settings *settings, int64_t limit, struct hold_back **ret_hold_back,
                    char *ret_error)
{
    char error[ERROR_SIZE];
    struct hold_back *hold_back = mem_zalloc(sizeof *hold_back);
    *hold_back = (struct hold_back){.settings = settings, .limit = limit, .behind = -1};
    if (kafka_admin_open(settings, error, &hold_back->admin) != STATUS_OK) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%s", error);
        mem_free(hold_back);
        return false;
    }
    *ret_hold_back = hold_back;
    return true;
}

void hold_back_close(struct hold_back *hold_back)
{
    if (hold_back != NULL) {
        kafka_admin_close(hold_back->admin);
        mem_free(hold_back);
    }
}

bool hold_back_take(struct hold_back *hold_back)
{
    if (hold_back->room == 0) {
        return false;
    }
    hold_back->room--;
    return true;
}

/* Room for a few is made only when there is room for a quarter, so that looking is not most of the work. */
bool hold_back_look(struct hold_back *hold_back, char *ret_error)
{
    struct input_place *places = NULL;
    size_t count = 0;
    int64_t behind = 0;
    enum status status = read_places(hold_back, &places, &count);
    for (size_t i = 0; i < count; i++) {
        behind += behind_at(&places[i]);
    }
    mem_free(places);
    if (status == STATUS_OK) {
        int64_t room = hold_back->limit - behind;
        hold_back->room = room >= (hold_back->limit + 3) / 4 ? room : 0;
    }
    if (hold_back->room > 0) {
        hold_back->give_up_us = 0;
        return true;
    }
    return is_patient(hold_back, status, behind, ret_error);
}

bool hold_back_look_done(struct hold_back *hold_back, bool *ret_done, char *ret_error)
{
    struct input_place *places = NULL;
    size_t count = 0;
    int64_t behind = 0;
    enum status status = read_places(hold_back, &places, &count);
    for (size_t i = 0; i < count; i++) {
        behind += places[i].topic == 0 ? behind_at(&places[i]) : 0;
    }
    *ret_done = status == STATUS_OK &&
                (behind == 0 || (behind <= MARKS_MOST && log_is_done(hold_back, places, count)));
    mem_free(places);
    if (*ret_done) {
        hold_back->give_up_us = 0;
        return true;
    }
    return is_patient(hold_back, status, behind, ret_error);
}

/* The group's offsets come first, then the ends: what loyald appends it appends before its offsets move, so
 * where an end is not beyond the offset that was read before it, nothing was on its way then. */
static enum status read_places(struct hold_back *hold_back, struct input_place **ret_places,
                               size_t *ret_count)
{
    enum status status = kafka_admin_places(hold_back->admin, ASK_MS, ret_places, ret_count);
    for (size_t i = 0; i < *ret_count && status == STATUS_OK; i++) {
        status = (*ret_places)[i].status;
    }
    return status;
}

static int64_t next_at(const struct input_place *place)
{
    return place->committed > place->start ? place->committed : place->start;
}

static int64_t behind_at(const struct input_place *place)
{
    return place->end > next_at(place) ? place->end - next_at(place) : 0;
}

/* Marks of transactions have offsets too, which no group ever commits: what is really there is read. */
static bool log_is_done(const struct hold_back *hold_back, const struct input_place *places, size_t count)
{
    char error[ERROR_SIZE];
    struct kafka_reader *reader = NULL;
    const struct settings *settings = hold_back->settings;
    int64_t *starts = mem_zalloc((count + 1) * sizeof *starts);
    size_t homes = 0;
    for (size_t i = 0; i < count; i++) {
        if (places[i].topic == 0) {
            starts[homes++] = behind_at(&places[i]) > 0 ? next_at(&places[i]) : -1;
        }
    }
    const struct record *record = NULL;
    enum status status = kafka_reader_open(settings, settings->topics_home_log, NULL, error, &reader);
    if (status == STATUS_OK) {
        status = kafka_reader_start(reader, starts, homes);
    }
    while (status == STATUS_OK && record == NULL && !kafka_reader_at_end(reader)) {
        status = kafka_reader_next(reader, ASK_MS, &record);
    }
    bool done = status == STATUS_OK && record == NULL;
    kafka_reader_close(reader);
    mem_free(starts);
    return done;
}

/* False: nothing has moved, or been answered, for a minute. */
static bool is_patient(struct hold_back *hold_back, enum status status, int64_t behind, char *ret_error)
{
    int64_t now_us = clock_monotonic_us();
    if (hold_back->give_up_us == 0 || (status == STATUS_OK && behind != hold_back->behind)) {
        hold_back->give_up_us = now_us + PATIENCE_US;
    }
    if (status == STATUS_OK) {
        hold_back->behind = behind;
    }
    if (now_us < hold_back->give_up_us) {
        return true;
    }
    if (status == STATUS_OK) {
        snprintf(ret_error, SHOP_ERROR_SIZE,
                 "loyald is %lld records behind and has not moved for a minute; is it running, and does it "
                 "belong to this Kafka?",
                 (long long)behind);
    } else {
        snprintf(ret_error, SHOP_ERROR_SIZE, "Kafka does not say how far loyald is: %s",
                 kafka_admin_error(hold_back->admin));
    }
    return false;
}
