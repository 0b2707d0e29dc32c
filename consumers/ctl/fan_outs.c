/* SPDX-License-Identifier: MIT */
/* loyalctl fan-outs: how far each is, over all homes. loyalctl fan-out ID pause|resume|cancel. */
#include "consumers/fan_outs.h"

#include "common/mem.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/json_out.h"
#include "consumers/ctl/policy_append.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"

/* A fan-out over all homes. */
struct summary {
    struct fan_out first; /* of the first home that has it; views into the arena */
    int64_t reached;
    int32_t homes[FAN_OUT_STATE_COUNT];
    int32_t ended;
};

struct summaries {
    struct summary *items;
    size_t count, capacity;
};

const struct option_about fan_outs_options[] = {
    {"json", OPTION_FLAG, NULL, "a JSON object a line, with each home's part"},
    {NULL,   OPTION_FLAG, NULL, NULL                                         },
};

static bool gather(struct ctl *ctl, struct summaries *summaries, bool json);
static struct summary *summary_of(struct summaries *summaries, const struct fan_out *fan_out);
static void write_home(struct buf *out, int32_t home, const struct fan_out *fan_out);
static void print(struct ctl *ctl, const struct summaries *summaries);
static void print_state(struct buf *cell, const struct summary *summary, int32_t homes);

int show_fan_outs(struct ctl *ctl, const struct args *args)
{
    struct summaries summaries = {0};
    bool json = args_has(args, "json");
    bool good = ctl_installed(ctl) && gather(ctl, &summaries, json);
    if (good && !json && summaries.count == 0) {
        buf_text(&ctl->out, "no fan-out is known\n");
    } else if (good && !json) {
        print(ctl, &summaries);
    }
    mem_free(summaries.items);
    return good ? CTL_DONE : CTL_FAILED;
}

int act_on_fan_out(struct ctl *ctl, const struct args *args)
{
    enum fan_out_action action;
    struct summaries summaries = {0};
    struct buf body = {0};
    const char *id = args->rest[0];
    if (!fan_out_action_parse(slice_of(args->rest[1]), &action)) {
        return ctl_wrong("\"%s\" is none of pause, resume and cancel", args->rest[1]);
    }
    int result = ctl_installed(ctl) && gather(ctl, &summaries, false) ? CTL_DONE : CTL_FAILED;
    size_t i = 0;
    while (i < summaries.count && !slice_is(summaries.items[i].first.id, id)) {
        i++;
    }
    if (result == CTL_DONE && i == summaries.count) {
        result = ctl_fail("no home knows a fan-out \"%s\"; see loyalctl fan-outs", id);
    }
    if (result == CTL_DONE) {
        buf_text(&body, "{\"fan_out\":");
        buf_json_string(&body, slice_of(id));
        buf_printf(&body, ",\"do\":\"%s\"}", fan_out_action_name(action));
        result = policy_append_control(ctl, "fan_out", buf_view(&body), ctl->installation.homes);
    }
    if (result == CTL_DONE) {
        buf_printf(&ctl->out, "%s of fan-out %s is in the log of all %d homes; see loyalctl fan-outs\n",
                   fan_out_action_name(action), id, (int)ctl->installation.homes);
    }
    mem_free(summaries.items);
    buf_done(&body);
    return result;
}

static bool gather(struct ctl *ctl, struct summaries *summaries, bool json)
{
    for (int32_t home = 0; home < ctl->installation.homes; home++) {
        struct hash hash = {0};
        if (!ctl_hash(ctl, home, "fan-outs", &hash, NULL)) {
            return false;
        }
        for (size_t i = 0; i < hash.field_count; i++) {
            struct fan_out fan_out;
            if (!fan_out_read(&hash.fields[i], &fan_out)) {
                continue;
            }
            struct summary *summary = summary_of(summaries, &fan_out);
            summary->reached += fan_out.reached;
            summary->homes[fan_out.state]++;
            summary->ended += fan_out.ended_ms != 0;
            if (json) {
                write_home(&ctl->out, home, &fan_out);
            }
        }
    }
    return true;
}

static struct summary *summary_of(struct summaries *summaries, const struct fan_out *fan_out)
{
    for (size_t i = 0; i < summaries->count; i++) {
        if (slice_equal(summaries->items[i].first.id, fan_out->id)) {
            return &summaries->items[i];
        }
    }
    MEM_GROW(summaries->items, summaries->count, summaries->capacity);
    summaries->items[summaries->count] = (struct summary){.first = *fan_out};
    return &summaries->items[summaries->count++];
}

static void write_home(struct buf *out, int32_t home, const struct fan_out *fan_out)
{
    json_open(out, NULL, '{');
    json_text(out, "fan_out", fan_out->id);
    json_number(out, "home", home);
    json_text(out, "news", slice_of(news_kind_name(fan_out->news)));
    json_text(out, "product", fan_out->product_id);
    json_text(out, "state", slice_of(fan_out_state_name(fan_out->state)));
    json_time(out, "begun", fan_out->begun_ms);
    if (fan_out->ended_ms != 0) {
        json_time(out, "ended", fan_out->ended_ms);
    }
    json_number(out, "reached", fan_out->reached);
    json_close(out, '}');
    buf_char(out, '\n');
}

static void print(struct ctl *ctl, const struct summaries *summaries)
{
    static const struct column columns[] = {
        {"FAN-OUT", false},
        {"NEWS",    false},
        {"PRODUCT", false},
        {"BEGAN",   false},
        {"REACHED", true },
        {"STATE",   false}
    };
    struct table table;
    struct buf cell = {0};
    table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < summaries->count; i++) {
        const struct summary *summary = &summaries->items[i];
        table_cell(&table, summary->first.id);
        table_text(&table, news_kind_name(summary->first.news));
        table_cell(&table, summary->first.product_id);
        when_utc(&cell, summary->first.begun_ms);
        table_buf(&table, &cell);
        table_int(&table, summary->reached);
        print_state(&cell, summary, ctl->installation.homes);
        table_buf(&table, &cell);
    }
    table_print(&table, ctl->colour, &ctl->out);
    table_done(&table);
    buf_done(&cell);
}

/* "done", or of how many homes: "running in 3, done in 61". */
static void print_state(struct buf *cell, const struct summary *summary, int32_t homes)
{
    int32_t seen = 0;
    for (int state = 0; state < FAN_OUT_STATE_COUNT; state++) {
        if (summary->homes[state] == homes) {
            buf_text(cell, fan_out_state_name((enum fan_out_state)state));
            return;
        }
        if (summary->homes[state] > 0) {
            buf_printf(cell, "%s%s in %d", seen > 0 ? ", " : "",
                       fan_out_state_name((enum fan_out_state)state), (int)summary->homes[state]);
        }
        seen += summary->homes[state];
    }
    if (seen < homes) {
        buf_printf(cell, ", not there in %d", (int)(homes - seen));
    }
}
