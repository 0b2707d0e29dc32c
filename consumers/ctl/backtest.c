/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/backtest.h"

#include "common/clock.h"
#include "common/cloudevent.h"
#include "common/file.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/live_policy.h"
#include "consumers/ctl/local_time.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARENA_BYTES 65536
#define SHOW_US     200000
#define DAY_LEN     10 /* YYYY-MM-DD */
#define DAY_MINUTES 1440

const struct option_about backtest_options[] = {
    {"policy", OPTION_REQUIRED, "FILE", "the policy to try"                                                 },
    {"events", OPTION_TEXT,     "FILE",
     "fold these events, one a line (or what loyald-shop --print writes; - is standard input); "
     "default: the home log from its start"                                                                 },
    {"from",   OPTION_TEXT,     "DATE", "count from this day on; what was before is folded, and not counted"},
    {"to",     OPTION_TEXT,     "DATE", "up to the end of this day; default: the last event"                },
    {"weeks",  OPTION_FLAG,     NULL,   "show every week too"                                               },
    {"csv",    OPTION_TEXT,     "FILE", "write the counts by week, follow-up and reason"                    },
    {"svg",    OPTION_TEXT,     "FILE", "draw them"                                                         },
    {NULL,     OPTION_FLAG,     NULL,   NULL                                                                },
};

static bool read_policy(struct backtest *backtest, const char *path);
static bool read_days(struct backtest *backtest, const struct args *args);
static bool write_files(const struct backtest *backtest, const struct args *args);
static bool write_file(const char *path, const struct buf *text);
static void hear(void *context, const struct output *output);
static enum tally_outcome outcome_of(struct slice type, struct slice outcome);
static struct slice text_of(const struct json *object, const char *name);

int backtest(struct ctl *ctl, const struct args *args)
{
    struct backtest backtest = {.ctl = ctl, .to_ms = INT64_MAX, .arena = arena_create(ARENA_BYTES)};
    int result = CTL_WRONG_USE;
    if (read_policy(&backtest, args_text(args, "policy")) && read_days(&backtest, args)) {
        const char *events = args_text(args, "events");
        bool folded = events != NULL ? backtest_file(&backtest, events) : backtest_log(&backtest);
        result = CTL_FAILED;
        if (folded) {
            tally_sort(&backtest.tally);
            backtest_print(&backtest, args_has(args, "weeks"));
            result = write_files(&backtest, args) ? CTL_DONE : CTL_FAILED;
        }
    }
    tally_done(&backtest.tally);
    policy_free(backtest.policy);
    arena_destroy(backtest.arena);
    return result;
}

struct sandbox *backtest_begin(struct backtest *backtest, int32_t homes, int64_t time_ms)
{
    struct sandbox *sandbox = sandbox_create(homes, hear, backtest);
    sandbox_activate(sandbox, backtest->policy, time_ms);
    return sandbox;
}

void backtest_end(struct backtest *backtest, struct sandbox *sandbox)
{
    int64_t end_ms = backtest->has_to ? backtest->to_ms - 1 : backtest->last_ms;
    sandbox_pass(sandbox, end_ms);
    backtest->customers += sandbox_customers(sandbox);
    sandbox_destroy(sandbox);
}

void backtest_event(struct backtest *backtest, struct sandbox *sandbox, const struct record *record,
                    int64_t time_ms)
{
    struct record stamped = *record;
    stamped.append_ms = time_ms > sandbox_now(sandbox) ? time_ms : sandbox_now(sandbox);
    sandbox_append(sandbox, &stamped);
    backtest->events++;
}

bool backtest_time(struct backtest *backtest, const struct record *record, int64_t *ret_time_ms,
                   struct slice *ret_type)
{
    struct cloudevent event;
    arena_reset(backtest->arena, ARENA_BYTES);
    if (cloudevent_read(record, backtest->arena, &event) != REJECT_NONE) {
        return false;
    }
    *ret_time_ms = event.has_time ? event.time_ms : record->append_ms;
    *ret_type = event.type;
    return true;
}

void backtest_count(struct backtest *backtest, struct slice value, enum tally_side side)
{
    const struct json *event = NULL;
    struct civil_date day;
    int64_t time_ms = 0;
    int hour = 0;
    arena_reset(backtest->arena, ARENA_BYTES);
    if (json_parse(value, backtest->arena, &event) != JSON_OK ||
        !instant_parse(text_of(event, "time"), &time_ms) || time_ms < backtest->from_ms ||
        time_ms >= backtest->to_ms) {
        return;
    }
    const struct json *data = json_member(event, "data");
    enum tally_outcome outcome = outcome_of(text_of(event, "type"), text_of(data, "outcome"));
    bool has_reason = outcome == TALLY_WITHHELD || outcome == TALLY_HELD;
    zone_local(backtest->policy->default_zone, time_ms, &day, &hour);
    tally_add(&backtest->tally, text_of(data, "follow_up"), outcome,
              has_reason ? text_of(data, "reason") : SLICE(""), tally_monday(civil_date_to_days(day)), side);
}

void backtest_progress(struct backtest *backtest, const char *what, int64_t done, int64_t whole)
{
    int64_t now_us = clock_monotonic_us();
    if (!isatty(STDERR_FILENO) || (done < whole && now_us - backtest->progress_us < SHOW_US)) {
        return;
    }
    backtest->progress_us = now_us;
    fprintf(stderr, "\r%s %3lld %%  %lld events\033[K", what,
            (long long)(whole > 0 ? 100 * done / whole : 100), (long long)backtest->events);
    if (done >= whole) {
        fputs("\r\033[K", stderr);
    }
}

/* As if it were live, for a policy that is tried is mostly in shadow; and all of the past is looked at, for
 * it says not_before for the day on which the past is loaded. */
static bool read_policy(struct backtest *backtest, const char *path)
{
    struct buf text = {0}, problems = {0};
    char why[256];
    bool good = file_read(path, &text, why);
    if (!good) {
        ctl_wrong("%s", why);
    } else if (!live_policy_parse(path, buf_view(&text), &problems, &backtest->policy)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
        good = false;
    } else {
        backtest->policy->clock = CLOCK_APPEND; /* records are stamped with the events' times */
        backtest->policy->not_before_ms = 0;
    }
    buf_done(&text);
    buf_done(&problems);
    return good;
}

static bool read_days(struct backtest *backtest, const struct args *args)
{
    const char *from = args_text(args, "from"), *to = args_text(args, "to");
    struct slice zone = backtest->policy->default_zone;
    struct civil_date day;
    char why[256];
    if (from != NULL && !local_time_parse(slice_of(from), zone, &backtest->from_ms, why)) {
        ctl_wrong("--from %s", why);
        return false;
    }
    if (to != NULL && !local_time_parse(slice_of(to), zone, &backtest->to_ms, why)) {
        ctl_wrong("--to %s", why);
        return false;
    }
    backtest->has_to = to != NULL;
    if (to != NULL && strlen(to) == DAY_LEN && civil_date_parse(slice_of(to), &day)) {
        backtest->to_ms = zone_instant(zone, civil_date_from_days(civil_date_to_days(day) + 1), 0);
    }
    if (backtest->from_ms >= backtest->to_ms) {
        ctl_wrong("--from must lie before --to");
        return false;
    }
    return true;
}

static bool write_files(const struct backtest *backtest, const struct args *args)
{
    struct buf text = {0};
    bool good = true;
    if (args_has(args, "csv")) {
        backtest_csv(backtest, &text);
        good = write_file(args_text(args, "csv"), &text);
    }
    if (good && args_has(args, "svg")) {
        buf_reset(&text);
        backtest_svg(backtest, &text);
        good = write_file(args_text(args, "svg"), &text);
    }
    buf_done(&text);
    return good;
}

static bool write_file(const char *path, const struct buf *text)
{
    FILE *file = fopen(path, "w");
    bool good = file != NULL && fwrite(text->data, 1, text->len, file) == text->len;
    good = file != NULL && fclose(file) == 0 && good;
    if (!good) {
        ctl_fail("%s cannot be written: %s", path, strerror(errno));
    }
    return good;
}

static void hear(void *context, const struct output *output)
{
    struct backtest *backtest = context;
    if (output->topic == OUT_DEAD_LETTERS) {
        backtest->refused++;
    } else {
        backtest_count(backtest, output->value, TALLY_WOULD);
    }
}

static enum tally_outcome outcome_of(struct slice type, struct slice outcome)
{
    if (slice_is(type, "loyalty.follow_up.triggered.v1")) {
        return TALLY_SENT;
    }
    if (slice_is(type, "loyalty.coupon.withdrawn.v1")) {
        return TALLY_WITHDRAWN;
    }
    return slice_is(outcome, "shadow") ? TALLY_SHADOW
           : slice_is(outcome, "held") ? TALLY_HELD
                                       : TALLY_WITHHELD;
}

static struct slice text_of(const struct json *object, const char *name)
{
    struct slice text = SLICE("");
    const struct json *member = json_member(object, name);
    return member != NULL && json_string(member, &text) ? text : SLICE("");
}
