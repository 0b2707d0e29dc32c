/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/command.h"

#include "consumers/ctl/table.h"

#include <stdio.h>
#include <string.h>

static const struct option_about no_options[] = {
    {NULL, OPTION_FLAG, NULL, NULL}
};

const struct command command_table[] = {
    {"topics create",     "",                                              "make the topics that are missing, and give a new home log its first policy",
     topics_options,                                                                                                                                                                              0, 0, topics_create    },
    {"policy check",      "[FILE]",                                        "look for mistakes in a policy: all of them, with line and column",                      no_options,
     0,                                                                                                                                                                                              1, policy_check     },
    {"policy test",       "FILE",                                          "try a policy on cases: what is given, what must come of it",                            policy_test_options,
     1,                                                                                                                                                                                              1, policy_test      },
    {"policy activate",   "[FILE]",                                        "put a policy in force, in all homes at once",                                           policy_options,               0, 1,
     policy_activate                                                                                                                                                                                                     },
    {"policy show",       "[VERSION]",                                     "show the policy that is in force, or an earlier one",                                   policy_show_options,
     0,                                                                                                                                                                                              1, policy_show      },
    {"policy history",    "",                                              "every policy that was put in force, and when",                                          policy_history_options,       0, 0,
     policy_history                                                                                                                                                                                                      },
    {"policy diff",       "[VERSION|FILE] [VERSION|FILE]",
     "what differs between two policies; without a word what the newest changed",                                                                                   no_options,                   0, 2,
     policy_diff                                                                                                                                                                                                         },
    {"policy end-import", "",                                              "end an import: what was planned until then is decided",                                 policy_end_options,           0,
     0,                                                                                                                                                                                                 policy_end_import},
    {"pause",             "[NAME]",
     "stop a follow-up, a class or everything; what comes due meanwhile is decided as paused",                                                                      pause_options,
     0,                                                                                                                                                                                              1, pause_follow_ups },
    {"resume",            "[NAME]",                                        "let it go on",                                                                          pause_options,                0, 1, resume_follow_ups},
    {"switches",          "",                                              "what is paused, and since when",                                                        no_options,                   0, 0, show_switches    },
    {"backtest",          "",                                              "try a policy on the events of the past: what would be sent and what withheld, by week",
     backtest_options,                                                                                                                                                                            0, 0, backtest         },
    {"send purchase",     "",                                              "send an event by hand: somebody has bought something",                                  send_purchase_options,        0, 0,
     send_purchase                                                                                                                                                                                                       },
    {"send cancel",       "",                                              "... an order was cancelled",                                                            send_cancel_options,          0, 0, send_cancel      },
    {"send refund",       "",                                              "... money was given back",                                                              send_refund_options,          0, 0, send_refund      },
    {"send visit",        "",                                              "... somebody came by",                                                                  send_visit_options,           0, 0, send_visit       },
    {"send complaint",    "",                                              "... somebody complained",                                                               send_complaint_options,       0, 0, send_complaint   },
    {"send acknowledge",  "",                                              "... a complaint was acknowledged",                                                      send_about_complaint_options, 0, 0,
     send_acknowledge                                                                                                                                                                                                    },
    {"send respond",      "",                                              "... a complaint was answered",                                                          send_about_complaint_options, 0, 0, send_respond     },
    {"send resolve",      "",                                              "... a complaint was resolved",                                                          send_about_complaint_options, 0, 0, send_resolve     },
    {"send reopen",       "",                                              "... a complaint was opened again",                                                      send_about_complaint_options, 0, 0, send_reopen      },
    {"send profile",      "",                                              "... a profile has changed",                                                             send_profile_options,         0, 0, send_profile     },
    {"send consent",      "",                                              "... consent was given or withdrawn",                                                    send_consent_options,         0, 0, send_consent     },
    {"send launch",       "",                                              "... a product was launched",                                                            send_launch_options,          0, 0, send_launch      },
    {"send restock",      "",                                              "... a product can be had again",                                                        send_restock_options,         0, 0, send_restock     },
    {"send reprice",      "",                                              "... a product has another price",                                                       send_reprice_options,         0, 0, send_reprice     },
    {"send recall",       "",                                              "... a product is called back",                                                          send_recall_options,          0, 0, send_recall      },
    {"send subscription", "",                                              "... somebody waits for a product",                                                      send_subscription_options,    0, 0,
     send_subscription                                                                                                                                                                                                   },
    {"customer",          "ID",                                            "show what is known of a customer",                                                      customer_options,             1, 1, show_customer    },
    {"explain",           "CUSTOMER [FOLLOW-UP]",
     "why a customer did or did not get something, guard by guard, and what comes next",                                                                            no_options,                   1, 2,
     explain                                                                                                                                                                                                             },
    {"export",            "ID",                                            "everything that is kept of a customer, as JSON",                                        no_options,                   1, 1, export_customer  },
    {"erase",             "ID",                                            "erase a customer",                                                                      erase_options,                1, 1, erase_customer   },
    {"totals",            "",                                              "sums over all customers",                                                               totals_options,               0, 0, show_totals      },
    {"homes",             "",                                              "how far each home is, and who works on it",                                             homes_options,                0, 0, show_homes       },
    {"home",              "N [show|retry|accept-gap|skip OFFSET|rebuild]",
     "look at one home, or decide about one that is parked",                                                                                                        home_options,                 1, 3, act_on_home      },
    {"feeder",            "TOPIC N [show|retry|accept-gap]",               "the same for a partition of a feeder",                                                  home_options,                 2, 3,
     act_on_feeder                                                                                                                                                                                                       },
    {"fan-outs",          "",                                              "how far news of products are, which go to many customers",                              fan_outs_options,             0, 0,
     show_fan_outs                                                                                                                                                                                                       },
    {"fan-out",           "ID pause|resume|cancel",                        "stop one of them, let it go on, or end it",                                             no_options,                   2, 2,
     act_on_fan_out                                                                                                                                                                                                      },
    {"triggers",          "",                                              "what was sent",                                                                         stream_options,               0, 0, show_triggers    },
    {"decisions",         "",                                              "what was decided against, and why",                                                     stream_options,               0, 0, show_decisions   },
    {"dead-letters",      "",                                              "events that could not be taken, and why",                                               dead_letters_options,         0, 0, dead_letters     },
};
const size_t command_count = sizeof command_table / sizeof *command_table;

static void add_verbs(const struct command *command, struct table *table);
static int words_of(const char *name, int argc, const char *const *argv);

const struct command *command_find(int argc, const char *const *argv, int *ret_words)
{
    for (size_t i = 0; i < command_count; i++) {
        int words = words_of(command_table[i].name, argc, argv);
        if (words > 0) {
            *ret_words = words;
            return &command_table[i];
        }
    }
    return NULL;
}

void command_choices(const char *first, struct buf *out)
{
    size_t len = strlen(first);
    for (size_t i = 0; i < command_count; i++) {
        const char *name = command_table[i].name;
        if (strncmp(name, first, len) == 0 && name[len] == ' ') {
            buf_printf(out, "%s%s", out->len > 0 ? ", " : "", name + len + 1);
        }
    }
}

void command_help(struct buf *out)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false}
    };
    struct table table;
    struct buf name = {0};
    table_init(&table, columns, 2);
    table.indent = "  ";
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &command_table[i];
        bool is_long = strlen(command->name) + strlen(command->usage) > 32;
        buf_printf(&name, "%s %s", command->name, is_long ? "..." : command->usage);
        table_buf(&table, &name);
        table_text(&table, command->sentence);
    }
    buf_text(out, "loyalctl: looks at loyald and tells it what to do\n\n"
                  "  loyalctl [--config FILE] COMMAND ...\n"
                  "  loyalctl COMMAND --help\n"
                  "  loyalctl --help | --version\n\nCommands:\n");
    table_print(&table, false, out);
    buf_text(
        out,
        "\n--config FILE is loyald's own (loyald.yaml); LOYALD_SECTION_NAME in the environment goes before "
        "it.\nExit status: 0 done; 1 it could not be done; 2 wrong options, settings or policy.\n");
    table_done(&table);
    buf_done(&name);
}

void command_help_one(const struct command *command, struct buf *out)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false}
    };
    struct table table;
    struct buf name = {0};
    table_init(&table, columns, 2);
    table.indent = "  ";
    buf_printf(out, "loyalctl %s%s%s%s\n  %s\n", command->name, command->usage[0] != '\0' ? " " : "",
               command->usage, command->options[0].name != NULL ? " [options]" : "", command->sentence);
    for (const struct option_about *option = command->options; option->name != NULL; option++) {
        struct buf choices = {0};
        args_choices(option, &choices);
        const char *value = choices.len > 0 ? "NAME" : option->value != NULL ? option->value : "";
        buf_printf(&name, "%s%s %s", option->name[1] != '\0' ? "--" : "-", option->name, value);
        table_buf(&table, &name);
        buf_printf(&name, "%s%.*s%s%s%s", option->kind == OPTION_REQUIRED ? "(must be there) " : "",
                   SLICE_ARG(buf_view(&choices)), choices.len > 0 ? "; " : "", option->sentence,
                   option->kind == OPTION_LIST ? "; may be given several times" : "");
        table_buf(&table, &name);
        buf_done(&choices);
    }
    add_verbs(command, &table);
    buf_text(out, table.cell_count > 0 ? "\n" : "");
    table_print(&table, false, out);
    table_done(&table);
    buf_done(&name);
}

/* The words that home and feeder take: those that the usage names. */
static void add_verbs(const struct command *command, struct table *table)
{
    bool has_verbs = command->run == act_on_home || command->run == act_on_feeder;
    for (const struct option_about *verb = home_verbs; has_verbs && verb->name != NULL; verb++) {
        struct buf name = {0};
        if (strstr(command->usage, verb->name) != NULL) {
            buf_printf(&name, "%s %s", verb->name, verb->value != NULL ? verb->value : "");
            table_buf(table, &name);
            table_text(table, verb->sentence);
        }
        buf_done(&name);
    }
}

bool command_needs_settings(const struct command *command, const struct args *args)
{
    bool has_file = (command->run == policy_check && args->rest_count > 0) ||
                    (command->run == backtest && args_has(args, "events")) ||
                    (command->run == policy_diff && args->rest_count == 2 && policy_is_file(args->rest[0]) &&
                     policy_is_file(args->rest[1]));
    return command->run != policy_test && !has_file;
}

bool command_args(const struct command *command, int argc, const char *const *argv, char *ret_why,
                  struct args *ret_args)
{
    struct args args;
    if (!args_parse(command->options, argc, argv, ret_why, &args)) {
        return false;
    }
    if (args.rest_count < command->rest_least) {
        snprintf(ret_why, ARGS_SENTENCE, "something is missing: loyalctl %s %s", command->name,
                 command->usage);
    } else if (args.rest_count > command->rest_most) {
        snprintf(ret_why, ARGS_SENTENCE, "unexpected \"%.100s\": loyalctl %s%s%s",
                 args.rest[command->rest_most], command->name, command->usage[0] != '\0' ? " " : "",
                 command->usage);
    } else {
        *ret_args = args;
        return true;
    }
    args_done(&args);
    return false;
}

/* How many words the name has if the command line begins with them, else 0. */
static int words_of(const char *name, int argc, const char *const *argv)
{
    const char *blank = strchr(name, ' ');
    size_t len = blank != NULL ? (size_t)(blank - name) : strlen(name);
    if (argc < 1 || strlen(argv[0]) != len || memcmp(argv[0], name, len) != 0) {
        return 0;
    }
    if (blank == NULL) {
        return 1;
    }
    return argc > 1 && strcmp(argv[1], blank + 1) == 0 ? 2 : 0;
}
