/* SPDX-License-Identifier: MIT */
/* loyalctl homes: a line for each input partition. */
#include "consumers/ctl/command.h"
#include "consumers/ctl/json_out.h"
#include "consumers/ctl/standing.h"
#include "consumers/ctl/table.h"

const struct option_about homes_options[] = {
    {"feeders", OPTION_FLAG, NULL, "the partitions of the feeders too"},
    {"json",    OPTION_FLAG, NULL, "for programs"                     },
    {NULL,      OPTION_FLAG, NULL, NULL                               },
};

static void print_homes(struct ctl *ctl, const struct standing *standings, size_t count);
static void print_feeders(struct ctl *ctl, const struct standing *standings, size_t count);
static void print_parked(struct ctl *ctl, const struct standing *standings, size_t count);
static bool is_parked(const struct standing *standing);
static bool is_first_of_reason(const struct standing *standings, size_t at);
static void write_json(struct ctl *ctl, const struct standing *standings, size_t count, bool feeders);
static void cell_offset(struct table *table, int64_t offset);
static void cell_position(struct table *table, int64_t position);

int show_homes(struct ctl *ctl, const struct args *args)
{
    struct standing *standings = NULL;
    size_t count = 0;
    if (!standings_read(ctl, &standings, &count)) {
        return CTL_FAILED;
    }
    if (args_has(args, "json")) {
        write_json(ctl, standings, count, args_has(args, "feeders"));
        return CTL_DONE;
    }
    print_homes(ctl, standings, count);
    if (args_has(args, "feeders")) {
        print_feeders(ctl, standings, count);
    }
    print_parked(ctl, standings, count);
    return CTL_DONE;
}

static void print_homes(struct ctl *ctl, const struct standing *standings, size_t count)
{
    static const struct column columns[] = {
        {"HOME",      true },
        {"STATE",     false},
        {"FOLDED TO", true },
        {"SENT TO",   true },
        {"LAG",       true },
        {"OWNER",     false}
    };
    struct table table;
    size_t behind = 0, unowned = 0;
    table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        const struct standing *standing = &standings[i];
        if (standing->place.topic != 0) {
            continue;
        }
        table_int(&table, standing->place.partition);
        table_cell(&table, standing_state(standing));
        cell_position(&table, standing->position);
        cell_offset(&table, standing->place.committed);
        cell_offset(&table, standing->lag);
        table_cell(&table, standing->owner_lives ? standing->owner : SLICE("-"));
        behind += standing->lag > 0;
        unowned += !standing->owner_lives;
    }
    table_print(&table, ctl->colour, &ctl->out);
    table_done(&table);
    buf_printf(&ctl->out,
               "\nFolded to: the next record that changes customers (S). Sent to: the next whose triggers go "
               "out (C).\nLag: records to come, counted; offsets also number the marks of transactions.\n");
    if (unowned > 0) {
        buf_printf(&ctl->out,
                   "%zu home%s without an owner: is loyald running? Others take over within a minute.\n",
                   unowned, unowned == 1 ? " is" : "s are");
    }
    if (behind > 0) {
        buf_printf(&ctl->out, "%zu home%s behind.\n", behind, behind == 1 ? " is" : "s are");
    }
}

static void print_feeders(struct ctl *ctl, const struct standing *standings, size_t count)
{
    static const struct column columns[] = {
        {"FEEDER",    false},
        {"N",         true },
        {"STATE",     false},
        {"COPIED TO", true },
        {"END",       true },
        {"LAG",       true },
        {"OWNER",     false}
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        const struct standing *standing = &standings[i];
        if (standing->place.topic == 0) {
            continue;
        }
        table_text(&table, settings_input_name(ctl->settings, (size_t)standing->place.topic));
        table_int(&table, standing->place.partition);
        table_cell(&table, standing_state(standing));
        cell_offset(&table, standing->place.committed);
        cell_offset(&table, standing->place.end);
        cell_offset(&table, standing->lag);
        table_cell(&table, standing->owner_lives ? standing->owner : SLICE("-"));
    }
    if (table.cell_count > 0) {
        buf_char(&ctl->out, '\n');
        table_print(&table, ctl->colour, &ctl->out);
    }
    table_done(&table);
}

/* Many partitions may be parked for one reason: that is one line. */
static void print_parked(struct ctl *ctl, const struct standing *standings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_first_of_reason(standings, i)) {
            continue;
        }
        const char *gap = " ";
        buf_char(&ctl->out, '\n');
        ctl_styled(ctl, STYLE_BAD, "parked");
        for (size_t k = i; k < count; k++) {
            const struct standing *standing = &standings[k];
            if (is_parked(standing) && slice_equal(standing->why, standings[i].why)) {
                const char *topic = settings_input_name(ctl->settings, (size_t)standing->place.topic);
                buf_printf(&ctl->out, "%s%s %d", gap, standing->place.topic == 0 ? "home" : topic,
                           (int)standing->place.partition);
                gap = ", ";
            }
        }
        buf_text(&ctl->out, ": ");
        text_plain(&ctl->out, standings[i].why);
        buf_char(&ctl->out, '\n');
    }
}

static bool is_parked(const struct standing *standing)
{
    return slice_is(standing_state(standing), "parked");
}

static bool is_first_of_reason(const struct standing *standings, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_parked(&standings[i]) && slice_equal(standings[i].why, standings[at].why)) {
            return false;
        }
    }
    return is_parked(&standings[at]);
}

static void write_json(struct ctl *ctl, const struct standing *standings, size_t count, bool feeders)
{
    struct buf *out = &ctl->out;
    json_open(out, NULL, '[');
    for (size_t i = 0; i < count; i++) {
        const struct standing *standing = &standings[i];
        if (standing->place.topic != 0 && !feeders) {
            continue;
        }
        json_open(out, NULL, '{');
        json_text(out, "topic", slice_of(settings_input_name(ctl->settings, (size_t)standing->place.topic)));
        json_number(out, "partition", standing->place.partition);
        json_text(out, "state", standing_state(standing));
        if (standing->place.topic == 0) {
            json_number(out, "position", standing->position);
        }
        json_number(out, "committed", standing->place.committed);
        json_number(out, "start", standing->place.start);
        json_number(out, "end", standing->place.end);
        json_number(out, "lag", standing->lag);
        json_text(out, "owner", standing->owner_lives ? standing->owner : SLICE(""));
        json_text(out, "why", standing->why.data != NULL ? standing->why : SLICE(""));
        json_close(out, '}');
    }
    json_close(out, ']');
    buf_char(out, '\n');
}

static void cell_offset(struct table *table, int64_t offset)
{
    if (offset >= 0) {
        table_int(table, offset);
    } else {
        table_text(table, "-");
    }
}

static void cell_position(struct table *table, int64_t position)
{
    if (position == POSITION_CLEARING) {
        table_text(table, "clearing");
    } else if (position == POSITION_BROKEN) {
        table_text(table, "broken");
    } else {
        cell_offset(table, position);
    }
}
