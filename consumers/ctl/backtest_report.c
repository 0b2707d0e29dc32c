/* SPDX-License-Identifier: MIT */
/* What a backtest says: tables for people, CSV for programs, a picture. */
#include "common/calendar.h"
#include "common/mem.h"
#include "consumers/ctl/backtest.h"
#include "consumers/ctl/chart.h"
#include "consumers/ctl/local_time.h"
#include "consumers/ctl/table.h"

#include <stdlib.h>

#define DAYS_IN_WEEK 7
#define BARS_MAX     (CHART_SERIES_MAX - 1) /* room for the line of what was */

/* Weekly sums of some rows, for one colour of the picture. */
struct group {
    const char *name;
    int64_t *counts, total;
};

static void print_summary(struct backtest *backtest);
static const char *plural(int64_t count);
static void print_totals(struct backtest *backtest);
static void print_weeks(struct backtest *backtest);
static int64_t sum_week(const struct tally *tally, int64_t monday, enum tally_outcome outcome,
                        enum tally_side side);
static void date_text(struct buf *out, int64_t day);
static size_t gather(const struct tally *tally, enum tally_outcome outcome, int64_t first, size_t weeks,
                     struct group *groups);
static void free_groups(struct group *groups, size_t count);

void backtest_print(struct backtest *backtest, bool weeks)
{
    print_summary(backtest);
    print_totals(backtest);
    if (weeks) {
        print_weeks(backtest);
    }
}

static void print_summary(struct backtest *backtest)
{
    struct buf *out = &backtest->ctl->out;
    struct slice zone = backtest->policy->default_zone;
    buf_printf(out, "%lld event%s of %zu customer%s, ", (long long)backtest->events, plural(backtest->events),
               backtest->customers, plural((int64_t)backtest->customers));
    local_time_text(out, backtest->first_ms, zone);
    buf_text(out, " to ");
    local_time_text(out, backtest->has_to ? backtest->to_ms - 1 : backtest->last_ms, zone);
    buf_printf(out, " %.*s\n", SLICE_ARG(zone));
    if (backtest->refused > 0) {
        buf_printf(out, "%lld of them not taken, as loyald would not\n", (long long)backtest->refused);
    }
    if (backtest->unreadable > 0) {
        buf_printf(out, "%lld record%s besides that cannot be read as an event\n",
                   (long long)backtest->unreadable, plural(backtest->unreadable));
    }
    if (backtest->missing > 0) {
        buf_printf(out,
                   "%lld records at the log's beginning are gone: what they said of customers is not known\n",
                   (long long)backtest->missing);
    }
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_totals(struct backtest *backtest)
{
    static const struct column columns[] = {
        {"FOLLOW-UP", false},
        {"OUTCOME",   false},
        {"REASON",    false},
        {"WOULD BE",  true },
        {"WAS",       true }
    };
    struct table table;
    table_init(&table, columns, backtest->has_was ? 5 : 4);
    for (size_t i = 0; i < backtest->tally.count; i++) {
        const struct tally_row *row = &backtest->tally.rows[i];
        table_text(&table, row->follow_up);
        table_text(&table, tally_outcome_names[row->outcome]);
        table_text(&table, row->reason);
        table_int(&table, tally_total(row, TALLY_WOULD));
        if (backtest->has_was) {
            table_int(&table, tally_total(row, TALLY_WAS));
        }
    }
    buf_char(&backtest->ctl->out, '\n');
    if (table.cell_count > 0) {
        table_print(&table, backtest->ctl->colour, &backtest->ctl->out);
    } else {
        buf_text(&backtest->ctl->out, "nothing would be sent, and nothing withheld\n");
    }
    table_done(&table);
}

static void print_weeks(struct backtest *backtest)
{
    static const struct column columns[] = {
        {"WEEK OF",      false},
        {"SENT",         true },
        {"WITHHELD",     true },
        {"WAS SENT",     true },
        {"WAS WITHHELD", true }
    };
    static const struct {
        enum tally_outcome outcome;
        enum tally_side side;
    } sums[] = {
        {TALLY_SENT,     TALLY_WOULD},
        {TALLY_WITHHELD, TALLY_WOULD},
        {TALLY_SENT,     TALLY_WAS  },
        {TALLY_WITHHELD, TALLY_WAS  }
    };
    struct table table;
    struct buf date = {0};
    int64_t first = 0, last = -1;
    size_t count = backtest->has_was ? 4 : 2;
    (void)tally_weeks(&backtest->tally, &first, &last);
    table_init(&table, columns, 1 + count);
    for (int64_t monday = first; monday <= last; monday += DAYS_IN_WEEK) {
        date_text(&date, monday);
        table_buf(&table, &date);
        for (size_t i = 0; i < count; i++) {
            table_int(&table, sum_week(&backtest->tally, monday, sums[i].outcome, sums[i].side));
        }
    }
    buf_char(&backtest->ctl->out, '\n');
    table_print(&table, backtest->ctl->colour, &backtest->ctl->out);
    table_done(&table);
    buf_done(&date);
}

void backtest_csv(const struct backtest *backtest, struct buf *out)
{
    buf_text(out, backtest->has_was ? "week,follow_up,outcome,reason,would,was\n"
                                    : "week,follow_up,outcome,reason,would\n");
    for (size_t i = 0; i < backtest->tally.count; i++) {
        const struct tally_row *row = &backtest->tally.rows[i];
        for (size_t k = 0; k < row->count; k++) {
            const struct tally_week *week = &row->weeks[k];
            date_text(out, week->monday);
            buf_printf(out, ",%s,%s,%s,%lld", row->follow_up, tally_outcome_names[row->outcome], row->reason,
                       (long long)week->counts[TALLY_WOULD]);
            if (backtest->has_was) {
                buf_printf(out, ",%lld", (long long)week->counts[TALLY_WAS]);
            }
            buf_char(out, '\n');
        }
    }
}

/* Above what would be sent, by follow-up, and in a line what was; below what would be withheld, by reason. */
void backtest_svg(const struct backtest *backtest, struct buf *out)
{
    const struct tally *tally = &backtest->tally;
    int64_t first = 0, last = -1;
    (void)tally_weeks(tally, &first, &last);
    size_t weeks = last >= first ? (size_t)((last - first) / DAYS_IN_WEEK) + 1 : 0;
    int64_t *was = mem_zalloc((weeks + 1) * sizeof *was);
    static const enum tally_outcome outcomes[] = {TALLY_SENT, TALLY_WITHHELD};
    struct group groups[2][BARS_MAX];
    struct chart_series series[2][CHART_SERIES_MAX];
    struct chart_panel panels[2] = {
        {.title = "Would be sent, by follow-up",  .series = series[0]},
        {.title = "Would be withheld, by reason", .series = series[1]}
    };
    for (size_t p = 0; p < 2; p++) {
        panels[p].series_count = gather(tally, outcomes[p], first, weeks, groups[p]);
        for (size_t i = 0; i < panels[p].series_count; i++) {
            series[p][i] = (struct chart_series){.name = groups[p][i].name, .counts = groups[p][i].counts};
        }
    }
    size_t bars = panels[0].series_count, reasons = panels[1].series_count;
    if (backtest->has_was) {
        for (size_t week = 0; week < weeks; week++) {
            was[week] = sum_week(tally, first + DAYS_IN_WEEK * (int64_t)week, TALLY_SENT, TALLY_WAS);
        }
        series[0][panels[0].series_count++] =
            (struct chart_series){.name = "was sent, all together", .counts = was, .is_line = true};
    }
    chart_draw(out, "What the policy would have done", first, weeks, panels, 2);
    free_groups(groups[0], bars);
    free_groups(groups[1], reasons);
    mem_free(was);
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->total != y->total ? (x->total < y->total ? 1 : -1) : strcmp(x->name, y->name);
}

/* What would be, by follow-up or by reason, the most first; of what there is no colour for, the sum. */
static size_t gather(const struct tally *tally, enum tally_outcome outcome, int64_t first, size_t weeks,
                     struct group *groups)
{
    struct group *all = mem_zalloc((tally->count + 1) * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];
        const char *name = outcome == TALLY_SENT ? row->follow_up : row->reason;
        size_t at = 0;
        if (row->outcome != outcome || tally_total(row, TALLY_WOULD) == 0) {
            continue;
        }
        while (at < count && strcmp(all[at].name, name) != 0) {
            at++;
        }
        if (at == count) {
            all[count++] = (struct group){.name = name, .counts = mem_zalloc(weeks * sizeof *all[at].counts)};
        }
        for (size_t k = 0; k < row->count; k++) {
            all[at].counts[(row->weeks[k].monday - first) / DAYS_IN_WEEK] +=
                row->weeks[k].counts[TALLY_WOULD];
            all[at].total += row->weeks[k].counts[TALLY_WOULD];
        }
    }
    qsort(all, count, sizeof *all, compare_groups);
    for (size_t i = BARS_MAX; i < count; i++) {
        all[BARS_MAX - 1].name = "others";
        for (size_t week = 0; week < weeks; week++) {
            all[BARS_MAX - 1].counts[week] += all[i].counts[week];
        }
        mem_free(all[i].counts);
    }
    count = count < BARS_MAX ? count : BARS_MAX;
    memcpy(groups, all, count * sizeof *groups);
    mem_free(all);
    return count;
}

static void free_groups(struct group *groups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mem_free(groups[i].counts);
    }
}

static int64_t sum_week(const struct tally *tally, int64_t monday, enum tally_outcome outcome,
                        enum tally_side side)
{
    int64_t sum = 0;
    for (size_t i = 0; i < tally->count; i++) {
        sum += tally->rows[i].outcome == outcome ? tally_in_week(&tally->rows[i], monday, side) : 0;
    }
    return sum;
}

static void date_text(struct buf *out, int64_t day)
{
    struct civil_date date = civil_date_from_days(day);
    buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
}
