/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/when.h"

#include "common/calendar.h"

#define MINUTE_MS    60000LL
#define HOUR_MS      3600000LL
#define DAY_MS       86400000LL
#define QUARTER_HOUR 15 /* all zones' offsets of our time are multiples of it */

static int local_minute(int64_t ms, struct slice zone, struct civil_date date, int hour);

void when_utc(struct buf *out, int64_t ms)
{
    struct buf text = {0};
    buf_instant(&text, ms);
    if (text.len > sizeof "YYYY-MM-DDTHH:MM:SS" - 1 && text.data[10] == 'T') {
        text.data[10] = ' ';
        text.len = sizeof "YYYY-MM-DDTHH:MM:SS" - 1;
    }
    buf_slice(out, buf_view(&text));
    buf_text(out, " UTC");
    buf_done(&text);
}

void when_local(struct buf *out, int64_t ms, struct slice zone)
{
    struct civil_date date;
    int hour = 0;
    zone_local(zone, ms, &date, &hour);
    int minute = local_minute(ms, zone, date, hour);
    if (minute < 0) {
        when_utc(out, ms);
        return;
    }
    buf_printf(out, "%04d-%02d-%02d %02d:%02d %.*s", date.year, date.month, date.day, hour, minute,
               SLICE_ARG(zone));
}

void when_relative(struct buf *out, int64_t ms, int64_t now_ms)
{
    int64_t apart = ms > now_ms ? ms - now_ms : now_ms - ms;
    if (apart < 1000) {
        buf_text(out, "now");
        return;
    }
    buf_text(out, ms > now_ms ? "in " : "");
    when_duration(out, apart);
    buf_text(out, ms > now_ms ? "" : " ago");
}

void when_duration(struct buf *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {
        {DAY_MS,    "d"  },
        {HOUR_MS,   "h"  },
        {MINUTE_MS, "min"},
        {1000,      "s"  }
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (ms >= 2 * units[i].ms || units[i].ms == 1000) {
            buf_printf(out, "%lld %s", (long long)((ms + units[i].ms / 2) / units[i].ms), units[i].name);
            return;
        }
    }
}

/* The calendar tells date and hour only; -1 for an offset that is none of today's. An hour that comes twice
 * has the same minutes both times. */
static int local_minute(int64_t ms, struct slice zone, struct civil_date date, int hour)
{
    int64_t whole = ms - ((ms % MINUTE_MS) + MINUTE_MS) % MINUTE_MS;
    int utc_minute = (int)(((whole / MINUTE_MS) % 60 + 60) % 60);
    for (int shift = 0; shift < 60; shift += QUARTER_HOUR) {
        int minute = (utc_minute + shift) % 60;
        if ((zone_instant(zone, date, 60 * hour + minute) - whole) % HOUR_MS == 0) {
            return minute;
        }
    }
    return -1;
}
