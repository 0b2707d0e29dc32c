/* SPDX-License-Identifier: MIT */
/* What the files of dialogue.h share: the world itself. */
#ifndef TESTS_FAKES_DIALOGUE_WORLD_H
#define TESTS_FAKES_DIALOGUE_WORLD_H

#include "tests/fakes/dialogue.h"

#define WARNINGS_MAX 16

struct hand {
    struct worker *worker; /* NULL: it has no process */
    struct source *source; /* the worker's */
    struct stats *stats;
    char name[16];
    enum status last;
    bool ended; /* it has no process and gets none */
};

struct world {
    struct settings *settings;
    struct fake_kafka *kafka;
    struct fake_memory *memory;
    struct arena *arena;
    int32_t homes;
    struct hand hands[FAKE_MEMBERS_MAX];
    int hand_count;
    int64_t now_ms;
    int next_id;
    const char *id, *time; /* of the next event; NULL: a new one, now */
    bool incomplete;

    const char *warnings[WARNINGS_MAX];
    bool warned[WARNINGS_MAX];
    size_t warning_count;
    bool any_warnings;
    char unexpected[512]; /* the first WARN that was not announced */
};

extern struct world world;

/* Makes what is not there yet. */
void world_open(void);
struct worker *world_worker(int i);
void world_deal(int of);

/* False: a fold of the home log from scratch gives something else, or a feeder's record was copied twice.
 * Says what. */
bool world_is_true(void);

struct slice record_header_of(const struct fake_record *record, const char *name);

#endif
