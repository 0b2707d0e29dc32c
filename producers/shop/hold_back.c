/* SPDX-License-Identifier: MIT */
#include "producers/shop/hold_back.h"

#include "common/clock.h"
#include "common/mem.h"
#include "producers/kafka_admin.h"
#include "producers/shop/options.h"

#include <stdio.h>

#define PATIENCE_US 60000000
#define ASK_MS      2000
#define ERROR_SIZE  256 /* of kafka_admin_open */

struct hold_back {
    struct kafka_admin *admin;
    int64_t limit;
    int64_t room;   /* records that may be sent before the next look */
    int64_t behind; /* at the last look; -1: none yet */
    int64_t give_up_us;
};

static enum status count_behind(struct hold_back *hold_back, int64_t *ret_behind);

bool hold_back_open(const struct settings *settings, int64_t limit, struct hold_back **ret_hold_back,
                    char *ret_error)
{
    char error[ERROR_SIZE];
    struct hold_back *hold_back = mem_zalloc(sizeof *hold_back);
    *hold_back = (struct hold_back){.limit = limit, .behind = -1};
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
    int64_t behind = 0, now_us = clock_monotonic_us();
    enum status status = count_behind(hold_back, &behind);
    if (hold_back->give_up_us == 0 || (status == STATUS_OK && behind != hold_back->behind)) {
        hold_back->give_up_us = now_us + PATIENCE_US;
    }
    if (status == STATUS_OK) {
        hold_back->behind = behind;
        int64_t room = hold_back->limit - behind;
        hold_back->room = room >= (hold_back->limit + 3) / 4 ? room : 0;
    }
    if (hold_back->room > 0) {
        hold_back->give_up_us = 0;
        return true;
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

static enum status count_behind(struct hold_back *hold_back, int64_t *ret_behind)
{
    struct input_place *places = NULL;
    size_t count = 0;
    enum status status = kafka_admin_places(hold_back->admin, ASK_MS, &places, &count);
    int64_t behind = 0;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct input_place *place = &places[i];
        status = place->status;
        int64_t done = place->committed > place->start ? place->committed : place->start;
        behind += place->end > done ? place->end - done : 0;
    }
    mem_free(places);
    *ret_behind = behind;
    return status;
}
