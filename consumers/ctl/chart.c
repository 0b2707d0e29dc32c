/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/chart.h"

#include "common/calendar.h"

#define WIDTH        1000
#define LEFT         80 /* the counts' own words */
#define RIGHT        240
#define TOP          50
#define PANEL_HEIGHT 260
#define PANEL_GAP    80
#define PLOT_WIDTH   (WIDTH - LEFT - RIGHT)
#define TICKS        5
#define LABEL_LEAST  70 /* pixels between two dates */
#define DAYS_IN_WEEK 7

/* Okabe and Ito's: told apart by those who see colours differently, too. */
static const char *const colours[CHART_SERIES_MAX] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9",
                                                      "#d55e00", "#b2a300", "#7f7f7f", "#bbbbbb"};

static void draw_panel(struct buf *out, const struct chart_panel *panel, int64_t first_monday,
                       size_t week_count, int top);
static void draw_axis(struct buf *out, int64_t step, int64_t most, int top);
static void draw_dates(struct buf *out, int64_t first_monday, size_t week_count, int bottom);
static void draw_bars(struct buf *out, const struct chart_panel *panel, size_t week_count, int64_t most,
                      int top);
static void draw_line(struct buf *out, const struct chart_series *series, size_t week_count, int64_t most,
                      int top);
static void draw_legend(struct buf *out, const struct chart_panel *panel, int top);
static int64_t highest(const struct chart_panel *panel, size_t week_count);
static int64_t step_for(int64_t most);
static double x_of(size_t week, size_t week_count);
static void add_text(struct buf *out, const char *text);

void chart_draw(struct buf *out, const char *title, int64_t first_monday, size_t week_count,
                const struct chart_panel *panels, size_t panel_count)
{
    int height = TOP + (int)panel_count * (PANEL_HEIGHT + PANEL_GAP);
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
               "font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n"
               "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n"
               "<text x=\"%d\" y=\"24\" font-size=\"16\" font-weight=\"bold\">",
               WIDTH, height, WIDTH, height, WIDTH, height, LEFT);
    add_text(out, title);
    buf_text(out, "</text>\n");
    for (size_t i = 0; i < panel_count; i++) {
        draw_panel(out, &panels[i], first_monday, week_count, TOP + 20 + (int)i * (PANEL_HEIGHT + PANEL_GAP));
    }
    buf_text(out, "</svg>\n");
}

static void draw_panel(struct buf *out, const struct chart_panel *panel, int64_t first_monday,
                       size_t week_count, int top)
{
    int64_t step = step_for(highest(panel, week_count));
    int64_t most = step * ((highest(panel, week_count) + step - 1) / step);
    most = most > 0 ? most : step;
    buf_printf(out, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">", LEFT, top - 10);
    add_text(out, panel->title);
    buf_text(out, "</text>\n");
    draw_axis(out, step, most, top);
    draw_bars(out, panel, week_count, most, top);
    for (size_t i = 0; i < panel->series_count; i++) {
        if (panel->series[i].is_line) {
            draw_line(out, &panel->series[i], week_count, most, top);
        }
    }
    draw_dates(out, first_monday, week_count, top + PANEL_HEIGHT);
    draw_legend(out, panel, top);
}

static void draw_axis(struct buf *out, int64_t step, int64_t most, int top)
{
    for (int64_t value = 0; value <= most; value += step) {
        double y = top + PANEL_HEIGHT * (1.0 - (double)value / (double)most);
        buf_printf(out,
                   "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\"/>"
                   "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%lld</text>\n",
                   LEFT, y, LEFT + PLOT_WIDTH, y, value == 0 ? "#222222" : "#dddddd", LEFT - 8, y + 4,
                   (long long)value);
    }
    buf_printf(
        out,
        "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">messages a week</text>\n",
        top + PANEL_HEIGHT / 2);
}

/* So many as have room, each at the week that begins on it. */
static void draw_dates(struct buf *out, int64_t first_monday, size_t week_count, int bottom)
{
    size_t fit = PLOT_WIDTH / LABEL_LEAST, each = (week_count + fit - 1) / fit;
    for (size_t week = 0; week<week_count; week += each> 0 ? each : 1) {
        struct civil_date date = civil_date_from_days(first_monday + DAYS_IN_WEEK * (int64_t)week);
        double x = x_of(week, week_count);
        buf_printf(out,
                   "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#222222\"/>"
                   "<text x=\"%.1f\" y=\"%d\" font-size=\"11\">%04d-%02d-%02d</text>\n",
                   x, bottom, x, bottom + 5, x, bottom + 18, date.year, date.month, date.day);
    }
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">week that begins on</text>\n",
               LEFT + PLOT_WIDTH / 2, bottom + 36);
}

static void draw_bars(struct buf *out, const struct chart_panel *panel, size_t week_count, int64_t most,
                      int top)
{
    double width = (double)PLOT_WIDTH / (double)(week_count > 0 ? week_count : 1);
    double gap = width > 4 ? 1 : 0;
    for (size_t week = 0; week < week_count; week++) {
        int64_t below = 0;
        for (size_t i = 0; i < panel->series_count; i++) {
            int64_t count = panel->series[i].counts[week];
            if (panel->series[i].is_line || count == 0) {
                continue;
            }
            double height = PANEL_HEIGHT * (double)count / (double)most;
            below += count;
            buf_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
                       x_of(week, week_count), top + PANEL_HEIGHT * (1.0 - (double)below / (double)most),
                       width - gap, height, colours[i % CHART_SERIES_MAX]);
        }
    }
}

/* Steps, so that a week is as wide as its bar. */
static void draw_line(struct buf *out, const struct chart_series *series, size_t week_count, int64_t most,
                      int top)
{
    buf_text(out, "<path fill=\"none\" stroke=\"#000000\" stroke-width=\"1.5\" d=\"");
    for (size_t week = 0; week < week_count; week++) {
        double y = top + PANEL_HEIGHT * (1.0 - (double)series->counts[week] / (double)most);
        buf_printf(out, "%s%.1f %.1fH%.1f", week == 0 ? "M" : "L", x_of(week, week_count), y,
                   x_of(week + 1, week_count));
    }
    buf_text(out, "\"/>\n");
}

static void draw_legend(struct buf *out, const struct chart_panel *panel, int top)
{
    int x = LEFT + PLOT_WIDTH + 20;
    for (size_t i = 0; i < panel->series_count; i++) {
        int y = top + 10 + 20 * (int)i;
        if (panel->series[i].is_line) {
            buf_printf(
                out,
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#000000\" stroke-width=\"1.5\"/>", x,
                y - 4, x + 12, y - 4);
        } else {
            buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>", x, y - 10,
                       colours[i % CHART_SERIES_MAX]);
        }
        buf_printf(out, "<text x=\"%d\" y=\"%d\">", x + 18, y);
        add_text(out, panel->series[i].name);
        buf_text(out, "</text>\n");
    }
}

static int64_t highest(const struct chart_panel *panel, size_t week_count)
{
    int64_t most = 0;
    for (size_t week = 0; week < week_count; week++) {
        int64_t sum = 0;
        for (size_t i = 0; i < panel->series_count; i++) {
            int64_t count = panel->series[i].counts[week];
            sum += panel->series[i].is_line ? 0 : count;
            most = panel->series[i].is_line && count > most ? count : most;
        }
        most = sum > most ? sum : most;
    }
    return most;
}

/* 1, 2 or 5 times a power of ten, so that there are about TICKS of them. */
static int64_t step_for(int64_t most)
{
    int64_t step = 1;
    for (int i = 0; step * TICKS < most; i++) {
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    }
    return step;
}

static double x_of(size_t week, size_t week_count)
{
    return LEFT + (double)PLOT_WIDTH * (double)week / (double)(week_count > 0 ? week_count : 1);
}

static void add_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<' || *text == '>' || *text == '&') {
            buf_text(out, *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : "&amp;");
        } else {
            buf_char(out, *text);
        }
    }
}
