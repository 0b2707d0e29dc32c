/* SPDX-License-Identifier: MIT */
/* Counts of a backtest: for each follow-up and outcome, by week, what would have been and what was. */
#ifndef CONSUMERS_CTL_TALLY_H
#define CONSUMERS_CTL_TALLY_H

#include "common/buf.h"

#include <stdbool.h>

enum tally_outcome {
    TALLY_SENT,
    TALLY_WITHDRAWN,
    TALLY_HELD,
    TALLY_SHADOW,
    TALLY_WITHHELD,
    TALLY_OUTCOME_COUNT
};
extern const char *const tally_outcome_names[TALLY_OUTCOME_COUNT];

enum tally_side { TALLY_WOULD, TALLY_WAS, TALLY_SIDE_COUNT };

struct tally_week {
    int64_t monday; /* days since 1970-01-01 */
    int64_t counts[TALLY_SIDE_COUNT];
};

struct tally_row {
    char *follow_up, *reason; /* reason "" but for what was withheld or held */
    enum tally_outcome outcome;
    struct tally_week *weeks; /* in order */
    size_t count, capacity;
};

struct tally {
    struct tally_row *rows;
    size_t count, capacity;
};

void tally_done(struct tally *tally);
void tally_add(struct tally *tally, struct slice follow_up, enum tally_outcome outcome, struct slice reason,
               int64_t monday, enum tally_side side);

/* By follow-up, outcome, reason. */
void tally_sort(struct tally *tally);
int64_t tally_total(const struct tally_row *row, enum tally_side side);
int64_t tally_in_week(const struct tally_row *row, int64_t monday, enum tally_side side);

/* The first and the last week that has a count; false: there is none. */
bool tally_weeks(const struct tally *tally, int64_t *ret_first, int64_t *ret_last);

/* The Monday of a day. */
int64_t tally_monday(int64_t day);

#endif
