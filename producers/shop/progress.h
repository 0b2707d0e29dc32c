/* SPDX-License-Identifier: MIT */
/* What a person sees while the shop works: a bar on a terminal, and a line at the end. On standard error. */
#ifndef PRODUCERS_SHOP_PROGRESS_H
#define PRODUCERS_SHOP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool wanted, on_terminal;
    int64_t expected, begun_us, drawn_us, drawn_count;
    double rate; /* events per second, smoothed */
};

void progress_begin(struct progress *progress, bool wanted, int64_t expected, int64_t now_us);
/* Draws at most ten times a second. */
void progress_show(struct progress *progress, int64_t count, int64_t time_ms, int64_t now_us);
void progress_end(struct progress *progress, int64_t sent, int64_t acknowledged, int64_t now_us);

#endif
