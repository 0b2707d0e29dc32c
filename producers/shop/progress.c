/* SPDX-License-Identifier: MIT */
#include "producers/shop/progress.h"

#include "common/buf.h"

#include <stdio.h>
#include <unistd.h>

#define EACH_US 100000
#define WIDTH   24

/* Thousands apart: "1,234,567". Takes turns with four rooms. */
static const char *grouped(int64_t number);

void progress_begin(struct progress *progress, bool wanted, int64_t expected, int64_t now_us)
{
    *progress = (struct progress){.wanted = wanted,
                                  .on_terminal = wanted && isatty(STDERR_FILENO) == 1,
                                  .expected = expected,
                                  .begun_us = now_us,
                                  .drawn_us = now_us};
}

void progress_show(struct progress *progress, int64_t count, int64_t time_ms, int64_t now_us)
{
    int64_t passed_us = now_us - progress->drawn_us;
    if (!progress->on_terminal || passed_us < EACH_US) {
        return;
    }
    double rate = (double)(count - progress->drawn_count) * 1e6 / (double)passed_us;
    progress->rate = progress->drawn_count == 0 ? rate : 0.8 * progress->rate + 0.2 * rate;
    progress->drawn_us = now_us;
    progress->drawn_count = count;

    int64_t most = progress->expected > count ? progress->expected : count;
    int filled = (int)(count * WIDTH / (most > 0 ? most : 1));
    struct buf line = {0};
    buf_text(&line, "\r[");
    for (int i = 0; i < WIDTH; i++) {
        buf_char(&line, i < filled ? '#' : '.');
    }
    struct buf day = {0};
    buf_instant(&day, time_ms);
    buf_printf(&line, "] %3d %%  %s events  %s/s  %.10s \033[K", (int)(count * 100 / (most > 0 ? most : 1)),
               grouped(count), grouped((int64_t)progress->rate), day.data);
    (void)fwrite(line.data, 1, line.len, stderr);
    (void)fflush(stderr);
    buf_done(&line);
    buf_done(&day);
}

void progress_end(struct progress *progress, int64_t sent, int64_t acknowledged, int64_t now_us)
{
    if (!progress->wanted) {
        return;
    }
    int64_t passed_us = now_us > progress->begun_us ? now_us - progress->begun_us : 1;
    fprintf(stderr, "%sloyald-shop: %s events in %.1f s (%s/s), %s acknowledged\n",
            progress->on_terminal ? "\r\033[K" : "", grouped(sent), (double)passed_us / 1e6,
            grouped((int64_t)((double)sent * 1e6 / (double)passed_us)), grouped(acknowledged));
}

static const char *grouped(int64_t number)
{
    static char rooms[4][32];
    static unsigned turn;
    char *room = rooms[turn++ % 4], digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)number);
    int at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            room[at++] = ',';
        }
        room[at++] = digits[i];
    }
    room[at] = '\0';
    return room;
}
