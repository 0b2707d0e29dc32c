/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/tally.h"

#include "common/mem.h"

#include <stdlib.h>

#define DAYS_IN_WEEK 7
#define FIRST_MONDAY 4 /* 1970-01-05 */

const char *const tally_outcome_names[TALLY_OUTCOME_COUNT] = {[TALLY_SENT] = "sent",
                                                              [TALLY_WITHDRAWN] = "withdrawn",
                                                              [TALLY_HELD] = "held",
                                                              [TALLY_SHADOW] = "in shadow",
                                                              [TALLY_WITHHELD] = "withheld"};

static struct tally_row *need_row(struct tally *tally, struct slice follow_up, enum tally_outcome outcome,
                                  struct slice reason);
static size_t place_of(const struct tally_row *row, int64_t monday);
static int compare_rows(const void *a, const void *b);

void tally_done(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++) {
        mem_free(tally->rows[i].follow_up);
        mem_free(tally->rows[i].reason);
        mem_free(tally->rows[i].weeks);
    }
    mem_free(tally->rows);
    *tally = (struct tally){0};
}

void tally_add(struct tally *tally, struct slice follow_up, enum tally_outcome outcome, struct slice reason,
               int64_t monday, enum tally_side side)
{
    struct tally_row *row = need_row(tally, follow_up, outcome, reason);
    size_t place = place_of(row, monday);
    if (place == row->count || row->weeks[place].monday != monday) {
        MEM_GROW(row->weeks, row->count, row->capacity);
        memmove(&row->weeks[place + 1], &row->weeks[place], (row->count - place) * sizeof *row->weeks);
        row->weeks[place] = (struct tally_week){.monday = monday};
        row->count++;
    }
    row->weeks[place].counts[side]++;
}

void tally_sort(struct tally *tally)
{
    if (tally->count > 0) {
        qsort(tally->rows, tally->count, sizeof *tally->rows, compare_rows);
    }
}

int64_t tally_total(const struct tally_row *row, enum tally_side side)
{
    int64_t total = 0;
    for (size_t i = 0; i < row->count; i++) {
        total += row->weeks[i].counts[side];
    }
    return total;
}

int64_t tally_in_week(const struct tally_row *row, int64_t monday, enum tally_side side)
{
    size_t place = place_of(row, monday);
    return place < row->count && row->weeks[place].monday == monday ? row->weeks[place].counts[side] : 0;
}

bool tally_weeks(const struct tally *tally, int64_t *ret_first, int64_t *ret_last)
{
    bool any = false;
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i]; /* made with its first count: never empty */
        int64_t first = row->weeks[0].monday, last = row->weeks[row->count - 1].monday;
        *ret_first = !any || first < *ret_first ? first : *ret_first;
        *ret_last = !any || last > *ret_last ? last : *ret_last;
        any = true;
    }
    return any;
}

int64_t tally_monday(int64_t day)
{
    int64_t since = (day - FIRST_MONDAY) % DAYS_IN_WEEK;
    return day - (since < 0 ? since + DAYS_IN_WEEK : since);
}

static struct tally_row *need_row(struct tally *tally, struct slice follow_up, enum tally_outcome outcome,
                                  struct slice reason)
{
    for (size_t i = 0; i < tally->count; i++) {
        struct tally_row *row = &tally->rows[i];
        if (row->outcome == outcome && slice_is(follow_up, row->follow_up) && slice_is(reason, row->reason)) {
            return row;
        }
    }
    MEM_GROW(tally->rows, tally->count, tally->capacity);
    struct tally_row *row = &tally->rows[tally->count++];
    *row =
        (struct tally_row){.follow_up = mem_copy(follow_up), .reason = mem_copy(reason), .outcome = outcome};
    return row;
}

/* Where the week is, or would be. */
static size_t place_of(const struct tally_row *row, int64_t monday)
{
    size_t low = 0, high = row->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (row->weeks[middle].monday < monday) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int compare_rows(const void *a, const void *b)
{
    const struct tally_row *x = a, *y = b;
    int order = strcmp(x->follow_up, y->follow_up);
    order = order != 0 ? order : (int)x->outcome - (int)y->outcome;
    return order != 0 ? order : strcmp(x->reason, y->reason);
}
