/* SPDX-License-Identifier: MIT */
/* The metrics as Prometheus reads them, and as a page of the manual. Sums over the workers: a home is set by
 * one of them only, but for the moment in which it changes hands. */
#include "common/stats_table.h"

#include "common/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct workers {
    struct stats *const *items;
    size_t count;
};

static void render_row(const struct workers *workers, enum stat stat, struct buf *out);
static void render_histogram(const struct workers *workers, enum stat stat, struct buf *out);
static void render_names(const struct workers *workers, enum stat stat, struct buf *out);
static void render_homes(const struct workers *workers, enum stat stat, struct buf *out);

static const char *const kind_names[] = {
    [STAT_KIND_COUNTER] = "counter",
    [STAT_KIND_GAUGE] = "gauge",
    [STAT_KIND_HISTOGRAM] = "histogram",
};

static const char *const label_names[] = {
    [STAT_LABEL_none] = "",
    [STAT_LABEL_outcome] = "`outcome`",
    [STAT_LABEL_reject] = "`reason`",
    [STAT_LABEL_home] = "`home`",
    [STAT_LABEL_follow_up] = "`follow_up`",
    [STAT_LABEL_decision] = "`follow_up`, `reason`",
};

static bool in_seconds(enum stat stat)
{
    return strcmp(stats_table[stat].unit, "seconds") == 0;
}

static void add_name(enum stat stat, struct buf *out)
{
    buf_text(out, "loyald_");
    buf_text(out, stats_table[stat].name);
    buf_text(out, stats_table[stat].kind == STAT_KIND_COUNTER ? "_total" : "");
}

/* Microseconds are shown as seconds, exactly and without zeros at the end. */
static void add_value(enum stat stat, int64_t value, struct buf *out)
{
    char digits[32];
    if (!in_seconds(stat)) {
        buf_int(out, value);
        return;
    }
    int len = snprintf(digits, sizeof digits, "%" PRId64 ".%06" PRId64, value / 1000000, value % 1000000);
    while (digits[len - 1] == '0') {
        len--;
    }
    len -= digits[len - 1] == '.';
    buf_add(out, digits, (size_t)len);
}

static void end_line(enum stat stat, int64_t value, struct buf *out)
{
    buf_char(out, ' ');
    add_value(stat, value, out);
    buf_char(out, '\n');
}

/* The text format's escapes: backslash, quote, newline. */
static void add_label_value(struct slice text, struct buf *out)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\n') {
            buf_text(out, "\\n");
        } else {
            buf_text(out, c == '"' || c == '\\' ? "\\" : "");
            buf_char(out, c);
        }
    }
    buf_char(out, '"');
}

/* The sum over the workers of one cell. */
static int64_t sum_cell(const struct workers *workers, enum stat stat, size_t index)
{
    int64_t sum = 0;
    for (size_t i = 0; i < workers->count; i++) {
        const struct stats *stats = workers->items[i];
        sum += cell_get(&stats->cells[stats->first_cells[stat] + index]);
    }
    return sum;
}

void stats_render(struct stats *const items[], size_t count, struct buf *out)
{
    struct workers workers = {items, count};
    buf_text(out, "# HELP loyald_build_info The program; always 1\n"
                  "# TYPE loyald_build_info gauge\n"
                  "loyald_build_info{version=\"" LOYALD_VERSION "\"} 1\n");
    for (size_t stat = 0; stat < STAT_COUNT; stat++) {
        buf_text(out, "# HELP ");
        add_name(stat, out);
        buf_printf(out, " %s\n# TYPE ", stats_table[stat].sentence);
        add_name(stat, out);
        buf_printf(out, " %s\n", kind_names[stats_table[stat].kind]);
        if (stats_table[stat].kind == STAT_KIND_HISTOGRAM) {
            render_histogram(&workers, stat, out);
        } else {
            render_row(&workers, stat, out);
        }
    }
}

static void render_labelled(const struct workers *workers, enum stat stat, size_t index, const char *label,
                            const char *value, struct buf *out)
{
    add_name(stat, out);
    buf_printf(out, "{%s=\"%s\"}", label, value);
    end_line(stat, sum_cell(workers, stat, index), out);
}

static void render_row(const struct workers *workers, enum stat stat, struct buf *out)
{
    switch (stats_table[stat].label) {
    case STAT_LABEL_none:
        add_name(stat, out);
        end_line(stat, sum_cell(workers, stat, 0), out);
        break;
    case STAT_LABEL_outcome:
        for (size_t i = 0; i < OUTCOME_COUNT; i++) {
            render_labelled(workers, stat, i, "outcome", outcome_name(i), out);
        }
        break;
    case STAT_LABEL_reject:
        for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
            render_labelled(workers, stat, i, "reason", reject_name(i), out);
        }
        break;
    case STAT_LABEL_home:
        render_homes(workers, stat, out);
        break;
    case STAT_LABEL_follow_up:
    case STAT_LABEL_decision:
        render_names(workers, stat, out);
        break;
    }
}

static void render_homes(const struct workers *workers, enum stat stat, struct buf *out)
{
    int32_t homes = 0;
    for (size_t i = 0; i < workers->count; i++) {
        homes = workers->items[i]->homes > homes ? workers->items[i]->homes : homes;
    }
    for (int32_t home = 0; home < homes; home++) {
        int64_t most = STATS_HOME_UNSET;
        for (size_t i = 0; i < workers->count; i++) {
            const struct stats *stats = workers->items[i];
            int64_t value = home < stats->homes
                                ? cell_get(&stats->cells[stats->first_cells[stat] + (size_t)home])
                                : STATS_HOME_UNSET;
            most = value > most ? value : most;
        }
        if (most != STATS_HOME_UNSET) {
            add_name(stat, out);
            buf_printf(out, "{home=\"%" PRId32 "\"}", home);
            end_line(stat, most, out);
        }
    }
}

/* The count is the sum of the buckets that were just read, so the two agree although the owner goes on
 * counting. */
static void render_histogram(const struct workers *workers, enum stat stat, struct buf *out)
{
    const struct stats_bounds *bounds = stats_bounds(stat);
    int64_t seen = 0;
    for (size_t i = 0; i <= bounds->count; i++) {
        seen += sum_cell(workers, stat, i);
        add_name(stat, out);
        buf_text(out, "_bucket{le=\"");
        if (i < bounds->count) {
            add_value(stat, bounds->values[i], out);
        } else {
            buf_text(out, "+Inf");
        }
        buf_printf(out, "\"} %" PRId64 "\n", seen);
    }
    add_name(stat, out);
    buf_text(out, "_sum");
    end_line(stat, sum_cell(workers, stat, bounds->count + 1), out);
    add_name(stat, out);
    buf_printf(out, "_count %" PRId64 "\n", seen);
}

/* ---- labels that are names: the same one may have been seen by several workers */

struct named {
    struct slice first, second;
    int64_t value;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    int order = slice_compare(one->first, other->first);
    return order != 0 ? order : slice_compare(one->second, other->second);
}

static bool same_names(const struct named *one, const struct named *other)
{
    return slice_equal(one->first, other->first) && slice_equal(one->second, other->second);
}

static size_t gather_names(const struct workers *workers, enum stat stat, struct named *ret_named)
{
    size_t count = 0;
    for (size_t i = 0; i < workers->count; i++) {
        const struct stats *stats = workers->items[i];
        size_t names = atomic_load_explicit(&stats->name_count, memory_order_acquire);
        for (size_t j = 0; j < names; j++) {
            const struct stats_name *name = &stats->names[j];
            if (name->stat == stat) {
                ret_named[count++] = (struct named){
                    .first = {name->first,  name->first_len },
                    .second = {name->second, name->second_len},
                    .value = cell_get(&name->value)
                };
            }
        }
    }
    int64_t other = sum_cell(workers, stat, 0);
    if (other != 0) {
        bool one = stats_table[stat].label == STAT_LABEL_follow_up;
        ret_named[count++] = (struct named){SLICE("other"), one ? SLICE("") : SLICE("other"), other};
    }
    return count;
}

static void render_names(const struct workers *workers, enum stat stat, struct buf *out)
{
    struct named *named = mem_alloc((workers->count * STATS_NAMES_MAX + 1) * sizeof *named);
    size_t count = gather_names(workers, stat, named);
    qsort(named, count, sizeof *named, compare_named);
    for (size_t i = 0; i < count; i++) {
        int64_t value = named[i].value;
        for (; i + 1 < count && same_names(&named[i], &named[i + 1]); i++) {
            value += named[i + 1].value;
        }
        add_name(stat, out);
        buf_text(out, "{follow_up=");
        add_label_value(named[i].first, out);
        if (stats_table[stat].label == STAT_LABEL_decision) {
            buf_text(out, ",reason=");
            add_label_value(named[i].second, out);
        }
        buf_char(out, '}');
        end_line(stat, value, out);
    }
    mem_free(named);
}

/* ---- the manual */

void stats_describe_markdown(struct buf *out)
{
    buf_text(
        out,
        "# Metrics\n"
        "\n"
        "<!-- Made by docgen from common/stats.def, outcome.def and reject.def; change those instead. -->\n"
        "\n"
        "`/metrics` answers in the text format of Prometheus, at the address of `http.address`. Counters "
        "begin "
        "at 0\nwith the process; what must be exact over restarts is kept in Redis as totals. Everything is "
        "summed over the\nworkers of a process.\n"
        "\n"
        "| Metric | Kind | Labels | What it is |\n"
        "|---|---|---|---|\n");
    for (size_t stat = 0; stat < STAT_COUNT; stat++) {
        const struct stat_row *row = &stats_table[stat];
        buf_text(out, "| `");
        add_name(stat, out);
        buf_printf(out, "` | %s | %s | %s |\n", kind_names[row->kind], label_names[row->label],
                   row->sentence);
    }
    buf_printf(out,
               "| `loyald_build_info` | gauge | `version` | The program; always 1 |\n"
               "\n"
               "A process tells at most %d pairs of follow-up and reason apart for each worker; what comes "
               "later counts "
               "under\n`other`. Metrics by `home` are shown by the process that has the home.\n"
               "\n"
               "## Outcomes\n"
               "\n"
               "Every event has exactly one.\n"
               "\n"
               "| `outcome` | What became of the event |\n"
               "|---|---|\n",
               STATS_NAMES_MAX);
#define OUTCOME(name, sentence) buf_text(out, "| `" #name "` | " sentence " |\n");
#include "common/outcome.def"
#undef OUTCOME
    buf_text(out, "\n"
                  "## Reasons of dead letters\n"
                  "\n"
                  "| `reason` | Why the event cannot be taken |\n"
                  "|---|---|\n");
    for (size_t i = REJECT_NONE + 1; i < REJECT_COUNT; i++) {
        buf_printf(out, "| `%s` | %s |\n", reject_name(i), reject_sentence(i));
    }
}
