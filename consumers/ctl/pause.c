/* SPDX-License-Identifier: MIT */
/* loyalctl pause, resume, switches: the kill switches. */
#include "common/clock.h"
#include "common/mem.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/policy_append.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"
#include "producers/switches.h"

#include <string.h>

#define FIELD_INTAKE SLICE("intake")

const struct option_about pause_options[] = {
    {"class", OPTION_TEXT, "CLASS", "all follow-ups of this class"                  },
    {"all",   OPTION_FLAG, NULL,    "all follow-ups, and no event is taken any more"},
    {NULL,    OPTION_FLAG, NULL,    NULL                                            },
};

static int turn(struct ctl *ctl, const struct args *args, bool paused);
static int choose(struct ctl *ctl, const struct args *args, const char **ret_what, const char **ret_name);
static bool knows_follow_up(struct ctl *ctl, const char *name);
static bool set_intake(struct ctl *ctl, bool paused);
static int append(struct ctl *ctl, const char *what, const char *name, bool paused);
static bool print_home(struct ctl *ctl, int32_t number, struct table *table, struct buf *cell);

int pause_follow_ups(struct ctl *ctl, const struct args *args)
{
    return turn(ctl, args, true);
}

int resume_follow_ups(struct ctl *ctl, const struct args *args)
{
    return turn(ctl, args, false);
}

int show_switches(struct ctl *ctl, const struct args *args)
{
    (void)args;
    static const struct column columns[] = {
        {"HOME",   true },
        {"PAUSED", false},
        {"SINCE",  false}
    };
    struct table table;
    struct buf cell = {0};
    struct hash commands = {0};
    if (!ctl_installed(ctl) || !ctl_note(ctl, "commands", &commands)) {
        return CTL_FAILED;
    }
    bool read = true;
    table_init(&table, columns, sizeof columns / sizeof *columns);
    for (int32_t home = 0; read && home < ctl->installation.homes; home++) {
        read = print_home(ctl, home, &table, &cell);
    }
    if (read) {
        bool stopped = hash_value(&commands, FIELD_INTAKE).data != NULL;
        buf_text(&ctl->out, stopped ? "intake is stopped: no event is taken (loyalctl resume --all)\n" : "");
        if (table.cell_count == 0) {
            buf_text(&ctl->out, "no home has folded that anything is paused\n");
        } else {
            table_print(&table, ctl->colour, &ctl->out);
        }
    }
    table_done(&table);
    buf_done(&cell);
    return read ? CTL_DONE : CTL_FAILED;
}

/* Intake stops before the records are written, and begins when they are. */
static int turn(struct ctl *ctl, const struct args *args, bool paused)
{
    const char *what = NULL, *name = NULL;
    if (!ctl_installed(ctl)) {
        return CTL_FAILED;
    }
    int result = choose(ctl, args, &what, &name);
    bool all = result == CTL_DONE && strcmp(what, "all") == 0;
    if (all && paused && !set_intake(ctl, true)) {
        return CTL_FAILED;
    }
    if (result == CTL_DONE) {
        result = append(ctl, what, name, paused);
    }
    if (result == CTL_DONE && !paused && strcmp(what, "follow_up") == 0) {
        result = append(ctl, "risk", name, false); /* also what the risk brake has halted */
    }
    if (result == CTL_DONE && all && !paused && !set_intake(ctl, false)) {
        return CTL_FAILED;
    }
    if (result == CTL_DONE) {
        buf_printf(&ctl->out, "%s: it is in the log of all %d homes%s\n", paused ? "paused" : "resumed",
                   (int)ctl->installation.homes,
                   all && paused ? ", and within a second or two no event is taken any more" : "");
    }
    return result;
}

static int choose(struct ctl *ctl, const struct args *args, const char **ret_what, const char **ret_name)
{
    bool all = args_has(args, "all"), by_class = args_has(args, "class");
    if (all + by_class + (args->rest_count > 0) != 1) {
        return ctl_wrong("name one: a follow-up, --class CLASS or --all");
    }
    *ret_what = all ? "all" : by_class ? "class" : "follow_up";
    *ret_name = all ? "" : by_class ? args_text(args, "class") : args->rest[0];
    if (by_class) {
        for (size_t i = 0; i < CLASS_COUNT; i++) {
            if (strcmp(*ret_name, message_class_name((enum message_class)i)) == 0) {
                return CTL_DONE;
            }
        }
        return ctl_wrong("--class must be transactional, marketing, content, task or safety, not \"%s\"",
                         *ret_name);
    }
    if (!all && !knows_follow_up(ctl, *ret_name)) {
        return ctl_fail("the policy in force has no follow-up \"%s\"; see loyalctl policy show", *ret_name);
    }
    return CTL_DONE;
}

/* By its name, or that of one of its stages. What is paused already may be resumed after it has gone. */
static bool knows_follow_up(struct ctl *ctl, const char *name)
{
    struct policy *policy = NULL;
    struct hash switches = {0};
    bool known = false;
    size_t len = strlen(name);
    if (!ctl_policy(ctl, 0, &policy)) {
        return false;
    }
    for (size_t i = 0; policy != NULL && i < policy->follow_up_count; i++) {
        struct slice own = policy->follow_ups[i].name;
        known |= slice_has_prefix(own, slice_of(name)) && (own.len == len || own.data[len] == '.');
    }
    policy_free(policy);
    if (!known && ctl_hash(ctl, 0, "switches", &switches, NULL)) {
        for (size_t i = 0; i < switches.field_count; i++) {
            struct slice field = switches.fields[i].name;
            known |= field.len > len &&
                     slice_equal((struct slice){field.data + field.len - len, len}, slice_of(name));
        }
    }
    return known;
}

static bool set_intake(struct ctl *ctl, bool paused)
{
    struct field field = {.name = FIELD_INTAKE, .value = SLICE("paused")};
    enum status status = paused ? store_note_set(ctl->store, "commands", &field, 1)
                                : store_note_unset(ctl->store, "commands", &field.name, 1);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
    }
    return status == STATUS_OK;
}

static int append(struct ctl *ctl, const char *what, const char *name, bool paused)
{
    struct buf body = {0};
    buf_printf(&body, "{\"what\": \"%s\", \"name\": ", what);
    buf_json_string(&body, slice_of(name));
    buf_printf(&body, ", \"state\": \"%s\"}", paused ? "paused" : "resumed");
    int result = policy_append_control(ctl, "switch", buf_view(&body), ctl->installation.homes);
    buf_done(&body);
    return result;
}

static bool print_home(struct ctl *ctl, int32_t number, struct table *table, struct buf *cell)
{
    struct hash switches = {0};
    if (!ctl_hash(ctl, number, "switches", &switches, NULL)) {
        return false;
    }
    for (size_t i = 0; i < switches.field_count; i++) {
        int64_t since_ms = 0;
        (void)!parse_int(switches.fields[i].value, &since_ms);
        buf_int(cell, number);
        table_buf(table, cell);
        table_cell(table, switches.fields[i].name);
        when_local(cell, since_ms, SLICE("Etc/UTC"));
        table_buf(table, cell);
    }
    return true;
}
