/* SPDX-License-Identifier: MIT */
/* The fan-outs that a home walks or has walked: how far each is, and whether somebody has stopped it. A
 * chunk that meets a stopped one, or is to wait for places, is kept here, and appended again when it goes on.
 * In the store: hash `fan-outs`, field ID "STATE NEWS BEGUN_MS ENDED_MS REACHED PRODUCT", and field ID/chunk
 * while one is kept.
 *
 * Bounded: of those that have ended the newest FAN_OUTS_ENDED are kept; where FAN_OUTS_OPEN have not ended, a
 * further one is walked all the same, but not listed. */
#ifndef CONSUMERS_FAN_OUTS_H
#define CONSUMERS_FAN_OUTS_H

#include "common/customer.h"
#include "common/news.h"

#define FAN_OUTS_OPEN  100
#define FAN_OUTS_ENDED 16

enum fan_out_state { FAN_OUT_RUNNING, FAN_OUT_PAUSED, FAN_OUT_CANCELLED, FAN_OUT_DONE, FAN_OUT_STATE_COUNT };
const char *fan_out_state_name(enum fan_out_state state);

enum fan_out_action { FAN_OUT_PAUSE, FAN_OUT_RESUME, FAN_OUT_CANCEL, FAN_OUT_ACTION_COUNT };
const char *fan_out_action_name(enum fan_out_action action);
bool fan_out_action_parse(struct slice name, enum fan_out_action *ret_action);

struct fan_out {
    struct slice id, product_id; /* owned */
    enum news_kind news;
    enum fan_out_state state;
    int64_t begun_ms, reached;
    int64_t ended_ms;   /* 0: a chunk is on its way, or kept */
    struct slice chunk; /* owned; the body of the one that is kept */
    bool dirty, chunk_stored, gone;
};

struct fan_outs {
    struct fan_out *items;
    size_t count, capacity;
};

void fan_outs_done(struct fan_outs *fan_outs);

/* False: the hash holds what loyald does not write. */
MUST_CHECK bool fan_outs_load(struct fan_outs *fan_outs, const struct hash *hash);

/* One field of the hash, for those who only look; views into it. False: it is none, or a kept chunk. */
bool fan_out_read(const struct field *field, struct fan_out *ret_fan_out);

/* NULL: not listed. */
struct fan_out *fan_outs_find(const struct fan_outs *fan_outs, struct slice id);

/* False: there is no room, it will not be listed. */
bool fan_outs_begin(struct fan_outs *fan_outs, const struct news *news);
void fan_out_reached(struct fan_out *fan_out, int64_t customers);
void fan_out_keep(struct fan_out *fan_out, struct slice chunk);
void fan_outs_end(struct fan_outs *fan_outs, struct fan_out *fan_out, int64_t now_ms);

/* The kept chunk of one that runs, in the arena, to be appended; absent if there is none. */
struct slice fan_outs_go_on(struct fan_outs *fan_outs, struct slice id, struct arena *arena);

/* What an operator has asked for; nothing where it has no effect. The chunk to append, in the arena, if one
 * was kept and goes on; else absent. */
struct slice fan_outs_act(struct fan_outs *fan_outs, struct slice id, enum fan_out_action action,
                          int64_t now_ms, struct arena *arena);

/* What the store does not have yet. */
void fan_outs_collect(struct fan_outs *fan_outs, struct changes *changes);

#endif
