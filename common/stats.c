/* SPDX-License-Identifier: MIT */
/* Counting. The rendering is in stats_render.c. */
#include "common/stats_table.h"

#include "common/mem.h"

#include <assert.h>

#define INDEX_SIZE (2 * STATS_NAMES_MAX)

const struct stat_row stats_table[STAT_COUNT] = {
#define STAT(name_, kind_, label_, unit_, sentence_)                                                         \
    {.name = #name_,                                                                                         \
     .kind = STAT_KIND_##kind_,                                                                              \
     .label = STAT_LABEL_##label_,                                                                           \
     .unit = unit_,                                                                                          \
     .sentence = sentence_},
#include "common/stats.def"
#undef STAT
};

static const char *const outcome_names[OUTCOME_COUNT] = {
#define OUTCOME(name, sentence) [OUTCOME_##name] = #name,
#include "common/outcome.def"
#undef OUTCOME
};

static const struct stats_bounds seconds_bounds = {
    .values = {100, 250, 500, 1000, 2500, 5000, 10000, 25000,
               50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
               30000000, 60000000, 300000000, 3600000000, 86400000000, 604800000000},
    .count = 22,
};
static const struct stats_bounds count_bounds = {
    .values = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536},
    .count = 9,
};

static size_t row_cells(const struct stats *stats, enum stat stat);
static _Atomic int64_t *name_cell(struct stats *stats, enum stat stat, struct slice first,
                                  struct slice second);

const char *outcome_name(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return outcome_names[outcome];
}

const struct stats_bounds *stats_bounds(enum stat stat)
{
    return slice_is(slice_of(stats_table[stat].unit), "seconds") ? &seconds_bounds : &count_bounds;
}

struct stats *stats_create(int32_t homes)
{
    struct stats *stats = mem_zalloc(sizeof *stats);
    stats->homes = homes;
    for (size_t stat = 0; stat < STAT_COUNT; stat++) {
        stats->first_cells[stat + 1] = stats->first_cells[stat] + row_cells(stats, stat);
    }
    stats->cells = mem_zalloc(stats->first_cells[STAT_COUNT] * sizeof *stats->cells);
    stats->names = mem_zalloc(STATS_NAMES_MAX * sizeof *stats->names);
    for (int32_t home = 0; home < homes; home++) {
        stats_forget_home(stats, home);
    }
    return stats;
}

void stats_destroy(struct stats *stats)
{
    if (stats != NULL) {
        mem_free(stats->cells);
        mem_free(stats->names);
        mem_free(stats);
    }
}

/* The row's cell; what the caller takes the row for must be what it is. */
static _Atomic int64_t *cell_of(const struct stats *stats, enum stat stat, enum stat_kind kind,
                                enum stat_label label, size_t index)
{
    (void)kind, (void)label;
    assert(stat < STAT_COUNT && stats_table[stat].kind == kind && stats_table[stat].label == label);
    assert(stats->first_cells[stat] + index < stats->first_cells[stat + 1]);
    return &stats->cells[stats->first_cells[stat] + index];
}

void stats_add(struct stats *stats, enum stat stat, int64_t by)
{
    cell_add(cell_of(stats, stat, STAT_KIND_COUNTER, STAT_LABEL_none, 0), by);
}

void stats_add_outcome(struct stats *stats, enum stat stat, enum outcome outcome, int64_t by)
{
    cell_add(cell_of(stats, stat, STAT_KIND_COUNTER, STAT_LABEL_outcome, outcome), by);
}

void stats_add_reject(struct stats *stats, enum stat stat, enum reject reject, int64_t by)
{
    assert(reject != REJECT_NONE);
    cell_add(cell_of(stats, stat, STAT_KIND_COUNTER, STAT_LABEL_reject, reject), by);
}

void stats_add_named(struct stats *stats, enum stat stat, struct slice follow_up, struct slice reason,
                     int64_t by)
{
    assert(stat < STAT_COUNT && (reason.data == NULL) == (stats_table[stat].label == STAT_LABEL_follow_up));
    cell_add(name_cell(stats, stat, follow_up, reason), by);
}

void stats_set(struct stats *stats, enum stat stat, int64_t value)
{
    cell_set(cell_of(stats, stat, STAT_KIND_GAUGE, STAT_LABEL_none, 0), value);
}

void stats_set_home(struct stats *stats, enum stat stat, int32_t home, int64_t value)
{
    cell_set(cell_of(stats, stat, STAT_KIND_GAUGE, STAT_LABEL_home, (size_t)home), value);
}

void stats_forget_home(struct stats *stats, int32_t home)
{
    for (size_t stat = 0; stat < STAT_COUNT; stat++) {
        if (stats_table[stat].label == STAT_LABEL_home) {
            stats_set_home(stats, stat, home, STATS_HOME_UNSET);
        }
    }
}

void stats_observe(struct stats *stats, enum stat stat, int64_t value)
{
    const struct stats_bounds *bounds = stats_bounds(stat);
    size_t bucket = 0;
    value = value > 0 ? value : 0;
    while (bucket < bounds->count && value > bounds->values[bucket]) {
        bucket++;
    }
    cell_add(cell_of(stats, stat, STAT_KIND_HISTOGRAM, STAT_LABEL_none, bucket), 1);
    cell_add(cell_of(stats, stat, STAT_KIND_HISTOGRAM, STAT_LABEL_none, bounds->count + 1), value);
}

void stats_move(struct stats *from, struct stats *to)
{
    for (size_t stat = 0; stat < STAT_COUNT; stat++) {
        for (size_t i = from->first_cells[stat]; i < from->first_cells[stat + 1]; i++) {
            int64_t by = stats_table[stat].kind == STAT_KIND_COUNTER ? cell_get(&from->cells[i]) : 0;
            if (by != 0 && to != NULL) {
                cell_add(&to->cells[to->first_cells[stat] + (i - from->first_cells[stat])], by);
            }
            if (by != 0) {
                cell_set(&from->cells[i], 0);
            }
        }
    }
    for (size_t i = 0; i < from->name_count; i++) {
        struct stats_name *name = &from->names[i];
        int64_t by = cell_get(&name->value);
        if (by != 0 && to != NULL) {
            cell_add(name_cell(to, name->stat, (struct slice){name->first, name->first_len},
                               (struct slice){name->second, name->second_len}),
                     by);
        }
        cell_set(&name->value, 0);
    }
}

int64_t stats_get(const struct stats *stats, enum stat stat, int index)
{
    const struct stat_row *row = &stats_table[stat];
    const _Atomic int64_t *cells = &stats->cells[stats->first_cells[stat]];
    int64_t value = 0;
    if (row->kind == STAT_KIND_HISTOGRAM) {
        for (size_t i = 0; i <= stats_bounds(stat)->count; i++) {
            value += cell_get(&cells[i]);
        }
        return value;
    }
    assert(index >= 0 && stats->first_cells[stat] + (size_t)index < stats->first_cells[stat + 1]);
    value = cell_get(&cells[index]);
    size_t names = atomic_load_explicit(&stats->name_count, memory_order_acquire);
    for (size_t i = 0; i < names; i++) {
        value += stats->names[i].stat == stat ? cell_get(&stats->names[i].value) : 0;
    }
    return value != STATS_HOME_UNSET ? value : 0;
}

static size_t row_cells(const struct stats *stats, enum stat stat)
{
    const struct stat_row *row = &stats_table[stat];
    if (row->kind == STAT_KIND_HISTOGRAM) {
        return stats_bounds(stat)->count + 2;
    }
    switch (row->label) {
    case STAT_LABEL_outcome:
        return OUTCOME_COUNT;
    case STAT_LABEL_reject:
        return REJECT_COUNT;
    case STAT_LABEL_home:
        return (size_t)stats->homes;
    case STAT_LABEL_none:
    case STAT_LABEL_follow_up:
    case STAT_LABEL_decision:
        break;
    }
    return 1;
}

/* ---- labels that are names */

static uint32_t hash_bytes(uint32_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        hash = (hash ^ (unsigned char)s.data[i]) * 16777619u; /* FNV-1a */
    }
    return (hash ^ 0xffu) * 16777619u; /* so that ("a", "bc") is not ("ab", "c") */
}

static bool is_name(const struct stats_name *name, enum stat stat, struct slice first, struct slice second)
{
    return name->stat == stat && slice_equal((struct slice){name->first, name->first_len}, first) &&
           slice_equal((struct slice){name->second, name->second_len}, second);
}

/* The table is at most half full, so the search ends. */
static _Atomic int64_t *name_cell(struct stats *stats, enum stat stat, struct slice first,
                                  struct slice second)
{
    size_t count = atomic_load_explicit(&stats->name_count, memory_order_relaxed);
    uint32_t slot = hash_bytes(hash_bytes(2166136261u + (uint32_t)stat, first), second) % INDEX_SIZE;
    _Atomic int64_t *other = &stats->cells[stats->first_cells[stat]];
    if (first.len > STATS_NAME_BYTES_MAX || second.len > STATS_NAME_BYTES_MAX) {
        return other;
    }
    for (; stats->name_index[slot] != 0; slot = (slot + 1) % INDEX_SIZE) {
        struct stats_name *name = &stats->names[stats->name_index[slot] - 1];
        if (is_name(name, stat, first, second)) {
            return &name->value;
        }
    }
    if (count == STATS_NAMES_MAX) {
        return other;
    }
    struct stats_name *name = &stats->names[count];
    name->stat = stat;
    name->first_len = first.len;
    name->second_len = second.len;
    memcpy(name->first, first.len > 0 ? first.data : "", first.len);
    memcpy(name->second, second.len > 0 ? second.data : "", second.len);
    stats->name_index[slot] = (int16_t)(count + 1);
    atomic_store_explicit(&stats->name_count, count + 1, memory_order_release);
    return &name->value;
}
