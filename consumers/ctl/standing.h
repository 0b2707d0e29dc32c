/* SPDX-License-Identifier: MIT */
/* Where input partitions stand: in Kafka, in Redis, and who works on them. */
#ifndef CONSUMERS_CTL_STANDING_H
#define CONSUMERS_CTL_STANDING_H

#include "consumers/ctl/ctl.h"

struct standing {
    struct input_place place; /* what Kafka knows */
    int64_t position;         /* S; of a home only, or POSITION_... of common/store.h */
    int64_t lag;              /* records to come; -1: not known */
    struct slice state; /* "ready", "parked", "waiting", "new", as the owner last said; absent: never said */
    struct slice owner; /* PROCESS-WORKER */
    struct slice why;   /* while parked */
    bool owner_lives;   /* its process has moved its lease just now */
};

/* All input partitions, in order of topic and partition; homes are those of topic 0. In the arena. False: the
 * sentence has been said. */
bool standings_read(struct ctl *ctl, struct standing **ret_standings, size_t *ret_count);

/* Only what the owner last said of one partition, and whether its process lives. */
bool standing_read_owner(struct ctl *ctl, const char *topic, int32_t partition,
                         struct standing *ret_standing);

/* "ready", "parked", or "nobody" where the owner has gone or has never been. */
struct slice standing_state(const struct standing *standing);

/* The offset of the first record of a home at or behind `from`: not every offset is one, for some are marks
 * of transactions. -1: there is none yet. False: the sentence has been said. */
bool standing_next_record(struct ctl *ctl, int32_t home, int64_t from, int64_t *ret_offset);

#endif
