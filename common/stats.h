/* SPDX-License-Identifier: MIT */
/* What is counted: the table stats.def, one struct stats for each worker, rendered together for /metrics.
 * Each struct has one writer, its worker, which may count at any time; any thread may read and render. All
 * cells are relaxed atomics: nothing is ever decided by them. */
#ifndef COMMON_STATS_H
#define COMMON_STATS_H

#include "common/buf.h"
#include "common/reject.h"
#include "common/slice.h"

#include <stddef.h>
#include <stdint.h>

enum stat {
#define STAT(name, kind, label, unit, sentence) STAT_##name,
#include "common/stats.def"
#undef STAT
    STAT_COUNT
};

enum outcome {
#define OUTCOME(name, sentence) OUTCOME_##name,
#include "common/outcome.def"
#undef OUTCOME
    OUTCOME_COUNT
};

const char *outcome_name(enum outcome outcome);

/* Label sets of follow-ups and reasons that one worker tells apart; what comes later counts as "other". */
#define STATS_NAMES_MAX      4096 /* two for each of the most follow-ups, and many reasons */
#define STATS_NAME_BYTES_MAX 64   /* a longer name counts as "other" */

struct stats;

/* homes: P, the number of homes; nothing is shown of one until it is set. */
struct stats *stats_create(int32_t homes);
void stats_destroy(struct stats *stats);

/* ---- counting, by the owner only. That the call fits the table's row is asserted. */
void stats_add(struct stats *stats, enum stat stat, int64_t by);
void stats_add_outcome(struct stats *stats, enum stat stat, enum outcome outcome, int64_t by);
void stats_add_reject(struct stats *stats, enum stat stat, enum reject reject, int64_t by);

/* reason: absent for the label follow_up. */
void stats_add_named(struct stats *stats, enum stat stat, struct slice follow_up, struct slice reason,
                     int64_t by);

void stats_set(struct stats *stats, enum stat stat, int64_t value);
void stats_set_home(struct stats *stats, enum stat stat, int32_t home, int64_t value);
void stats_forget_home(struct stats *stats, int32_t home); /* it is another's now */

/* Of the unit seconds: value in microseconds. A negative one counts as 0. */
void stats_observe(struct stats *stats, enum stat stat, int64_t value);

/* Adds what `from`, a draft, has counted to `to`, or forgets it (NULL), and begins `from` anew. Counters
 * only. */
void stats_move(struct stats *from, struct stats *to);

/* ---- reading, by anyone. index: of the outcome, the reject or the home; 0 without a label. A histogram
 * gives the number of its observations. A home that is not set gives 0. Labels by name: their sum. */
int64_t stats_get(const struct stats *stats, enum stat stat, int index);

/* The text format 0.0.4 of Prometheus; counters and histograms are summed over the workers. */
#define STATS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void stats_render(struct stats *const workers[], size_t count, struct buf *out);

/* docs/metrics.md */
void stats_describe_markdown(struct buf *out);

#endif
