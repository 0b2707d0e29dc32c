/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/local_time.h"

#include "common/calendar.h"
#include "common/cloudevent.h"
#include "consumers/ctl/when.h"

#include <stdio.h>

#define DATE_LEN   10 /* YYYY-MM-DD */
#define MINUTE_LEN 16 /* YYYY-MM-DD HH:MM */
#define SECOND_LEN 19 /* YYYY-MM-DD HH:MM:SS */
#define MINUTE_MS  60000

static bool parse_clock(struct slice text, int *ret_minute, int *ret_second);
static bool two_digits(const char *at, int most, int *ret);
static void local_minute_text(struct buf *out, int64_t ms, struct slice zone);

bool local_time_parse(struct slice text, struct slice zone, int64_t *ret_ms, char *ret_why)
{
    struct civil_date date = {0};
    int minute = 0, second = 0;
    if (instant_parse(text, ret_ms)) {
        return true;
    }
    size_t len = text.len > MINUTE_LEN && text.data[MINUTE_LEN] == ':' ? SECOND_LEN : MINUTE_LEN;
    len = text.len <= DATE_LEN ? DATE_LEN : len;
    bool good =
        text.len >= len && civil_date_parse((struct slice){text.data, DATE_LEN}, &date) && date.year > 0;
    if (good && len > DATE_LEN) {
        good = text.data[DATE_LEN] == ' ' &&
               parse_clock((struct slice){text.data + DATE_LEN + 1, len - DATE_LEN - 1}, &minute, &second);
    }
    if (good && text.len > len) {
        good = text.data[len] == ' ';
        zone = (struct slice){text.data + len + 1, text.len - len - 1};
    }
    if (!good) {
        snprintf(ret_why, 256,
                 "must be a time such as 2026-03-29 09:00, 2026-03-29 09:00 Europe/Berlin or "
                 "2026-03-29T07:00:00Z, not "
                 "'%.*s'",
                 (int)(text.len < 60 ? text.len : 60), text.data);
        return false;
    }
    if (!zone_exists(zone)) {
        snprintf(ret_why, 256, "names the time zone '%.*s', which is not in the zone data",
                 (int)(zone.len < 60 ? zone.len : 60), zone.data);
        return false;
    }
    int64_t ms = zone_instant(zone, date, minute);
    struct buf there = {0};
    local_minute_text(&there, ms, zone);
    bool exists = len == DATE_LEN || slice_has_prefix(text, buf_view(&there));
    buf_done(&there);
    if (!exists) {
        snprintf(ret_why, 256, "does not exist: in %.*s the clocks are put forward over it", SLICE_ARG(zone));
        return false;
    }
    *ret_ms = ms + 1000LL * second;
    return true;
}

void local_time_text(struct buf *out, int64_t ms, struct slice zone)
{
    size_t begin = out->len;
    local_minute_text(out, ms, zone);
    int64_t first_ms = 0, second = (ms % MINUTE_MS + MINUTE_MS) % MINUTE_MS / 1000;
    char why[256];
    struct slice minute = {.data = out->data + begin, .len = out->len - begin};
    bool is_first = !local_time_parse(minute, zone, &first_ms, why) || ms - first_ms < MINUTE_MS;
    if (second != 0) {
        buf_printf(out, ":%02d", (int)second);
    }
    buf_text(out, is_first ? "" : " (2nd)");
}

/* As people's other times (when.h), without the zone. */
static void local_minute_text(struct buf *out, int64_t ms, struct slice zone)
{
    struct buf text = {0};
    when_local(&text, ms, zone);
    struct slice view = buf_view(&text);
    buf_slice(out, (struct slice){view.data, view.len < MINUTE_LEN ? view.len : MINUTE_LEN});
    buf_done(&text);
}

/* HH:MM or HH:MM:SS. */
static bool parse_clock(struct slice text, int *ret_minute, int *ret_second)
{
    int hour = 0, minute = 0;
    if (!two_digits(text.data, 23, &hour) || text.data[2] != ':' || !two_digits(text.data + 3, 59, &minute)) {
        return false;
    }
    *ret_minute = 60 * hour + minute;
    return text.len == MINUTE_LEN - DATE_LEN - 1 || two_digits(text.data + 6, 59, ret_second);
}

static bool two_digits(const char *at, int most, int *ret)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') {
        return false;
    }
    *ret = 10 * (at[0] - '0') + at[1] - '0';
    return *ret <= most;
}
