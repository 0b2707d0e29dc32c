/* SPDX-License-Identifier: MIT */
/* Inside `loyalctl backtest`: what its parts share. backtest.c is the command, backtest_file.c and
 * backtest_log.c are where events come from, backtest_report.c is what people see of it. Events are folded in
 * a sandbox whose clock are the events' own times; nothing outside is touched. */
#ifndef CONSUMERS_CTL_BACKTEST_H
#define CONSUMERS_CTL_BACKTEST_H

#include "consumers/ctl/ctl.h"
#include "consumers/ctl/tally.h"
#include "consumers/sandbox.h"

struct backtest {
    struct ctl *ctl;
    struct policy *policy;
    int64_t from_ms, to_ms; /* what is counted lies in [from, to); what was before is folded all the same */
    bool has_to;
    struct tally tally;
    bool has_was;              /* what was decided in fact is known too */
    struct arena *arena;       /* of one record */
    int64_t events, refused;   /* folded, of those not taken */
    int64_t unreadable;        /* lines that hold no event */
    int64_t first_ms, last_ms; /* of the events */
    size_t customers;
    int64_t missing; /* records that the log no longer has */
    int64_t progress_us;
};

/* Fold everything. False: the sentence has been said. path "-": standard input. */
bool backtest_file(struct backtest *backtest, const char *path);
bool backtest_log(struct backtest *backtest);

/* A sandbox that counts what it decides; the policy is in force from the beginning. */
struct sandbox *backtest_begin(struct backtest *backtest, int32_t homes, int64_t time_ms);
/* Time passes to the end of what is looked at; the sandbox is gone. */
void backtest_end(struct backtest *backtest, struct sandbox *sandbox);
/* An event, at its own time or, if it came late, at the sandbox's. */
void backtest_event(struct backtest *backtest, struct sandbox *sandbox, const struct record *record,
                    int64_t time_ms);
/* When the event happened, by its own word or else the log's; false: this is no event. */
bool backtest_time(struct backtest *backtest, const struct record *record, int64_t *ret_time_ms,
                   struct slice *ret_type);
/* A record of loyalty.triggers or loyalty.decisions. */
void backtest_count(struct backtest *backtest, struct slice value, enum tally_side side);
/* On a terminal, a few times a second. */
void backtest_progress(struct backtest *backtest, const char *what, int64_t done, int64_t whole);

/* ---- backtest_report.c */
void backtest_print(struct backtest *backtest, bool weeks);
void backtest_csv(const struct backtest *backtest, struct buf *out);
void backtest_svg(const struct backtest *backtest, struct buf *out);

#endif
