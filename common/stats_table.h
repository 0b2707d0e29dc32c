/* SPDX-License-Identifier: MIT */
/* The table of stats.def as data, and how the cells lie. Private to common/stats*.c. */
#ifndef COMMON_STATS_TABLE_H
#define COMMON_STATS_TABLE_H

#include "common/stats.h"

#include <stdatomic.h>

enum stat_kind { STAT_KIND_COUNTER, STAT_KIND_GAUGE, STAT_KIND_HISTOGRAM };
enum stat_label {
    STAT_LABEL_none,
    STAT_LABEL_outcome,
    STAT_LABEL_reject,
    STAT_LABEL_home,
    STAT_LABEL_follow_up,
    STAT_LABEL_decision,
};

struct stat_row {
    const char *name;
    enum stat_kind kind;
    enum stat_label label;
    const char *unit;
    const char *sentence;
};
extern const struct stat_row stats_table[STAT_COUNT];

#define STATS_HOME_UNSET INT64_MIN

/* A histogram's bounds, ascending: an observation belongs to the first bound that it does not exceed, or to
 * the cell behind the last. In microseconds for seconds. */
#define STATS_BOUNDS_MAX 22
struct stats_bounds {
    int64_t values[STATS_BOUNDS_MAX];
    size_t count;
};
const struct stats_bounds *stats_bounds(enum stat stat);

/* A follow-up and a reason that were seen. Filled before it is counted in name_count, and never changed
 * after. */
struct stats_name {
    enum stat stat;
    size_t first_len, second_len;
    char first[STATS_NAME_BYTES_MAX], second[STATS_NAME_BYTES_MAX];
    _Atomic int64_t value;
};

/* Cells of a row: one without a label, one for each outcome, reject or home; a histogram's are its buckets
 * and then the sum. A row whose labels are names has one, for "other". */
struct stats {
    int32_t homes;
    size_t first_cells[STAT_COUNT + 1];
    _Atomic int64_t *cells;
    struct stats_name *names;
    _Atomic size_t name_count;
    int16_t name_index[2 * STATS_NAMES_MAX]; /* the owner's hash table: 1 + place in names; 0: free */
};

static inline int64_t cell_get(const _Atomic int64_t *cell)
{
    return atomic_load_explicit(cell, memory_order_relaxed);
}

static inline void cell_set(_Atomic int64_t *cell, int64_t value)
{
    atomic_store_explicit(cell, value, memory_order_relaxed);
}

/* One writer: no locked instruction is needed. */
static inline void cell_add(_Atomic int64_t *cell, int64_t by)
{
    cell_set(cell, cell_get(cell) + by);
}

#endif
