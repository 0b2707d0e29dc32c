/* SPDX-License-Identifier: MIT */
/* A picture of counts by week, as SVG: stacked bars, one panel below the other, readable on white. */
#ifndef CONSUMERS_CTL_CHART_H
#define CONSUMERS_CTL_CHART_H

#include "common/buf.h"

#include <stdbool.h>

#define CHART_SERIES_MAX 9 /* what is more is best added up as "others" */

/* One colour of the bars; or, as a line, drawn over them. */
struct chart_series {
    const char *name;
    const int64_t *counts; /* one a week */
    bool is_line;
};

struct chart_panel {
    const char *title;
    const struct chart_series *series;
    size_t series_count;
};

/* Weeks are consecutive, the first begins on this day (since 1970-01-01). Names come from outside. */
void chart_draw(struct buf *out, const char *title, int64_t first_monday, size_t week_count,
                const struct chart_panel *panels, size_t panel_count);

#endif
