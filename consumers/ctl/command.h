/* SPDX-License-Identifier: MIT */
/* The commands of loyalctl: one table makes --help and the dispatch. Each command is a function that says
 * what went wrong itself and returns the exit status. */
#ifndef CONSUMERS_CTL_COMMAND_H
#define CONSUMERS_CTL_COMMAND_H

#include "consumers/ctl/ctl.h"

typedef int command_function(struct ctl *ctl, const struct args *args);

struct command {
    const char *name;     /* one word or two: "topics create" */
    const char *usage;    /* what follows it besides options, "" for nothing */
    const char *sentence; /* what it does */
    const struct option_about *options;
    size_t rest_least, rest_most; /* how many words follow it */
    command_function *run;
};

extern const struct command command_table[];
extern const size_t command_count;

/* The command that the first words name; NULL: none. *ret_words: how many words its name has. */
const struct command *command_find(int argc, const char *const *argv, int *ret_words);

/* The second words of the commands that begin with this one, for a sentence; nothing if there is none. */
void command_choices(const char *first, struct buf *out);

/* --help: of all, or of one. */
void command_help(struct buf *out);
void command_help_one(const struct command *command, struct buf *out);

/* The rest of a command line against the command: options, number of words. False: ret_why (ARGS_SENTENCE).
 */
bool command_args(const struct command *command, int argc, const char *const *argv, char *ret_why,
                  struct args *ret_args);

/* False: what it does is all in the words that follow it, so it runs where nothing is set up. */
bool command_needs_settings(const struct command *command, const struct args *args);

/* A word of policy diff: a file that can be read, or else a version. */
bool policy_is_file(const char *word);

/* ---- each family has its file; its options stand there too */
command_function topics_create, backtest, policy_check, policy_diff, policy_history, policy_test,
    policy_activate, policy_show, policy_end_import, erase_customer, explain, export_customer, show_customer,
    show_totals, show_homes, act_on_home, act_on_feeder, show_triggers, show_decisions, dead_letters,
    pause_follow_ups, resume_follow_ups, show_switches;
extern const struct option_about topics_options[], backtest_options[], policy_history_options[],
    policy_options[], policy_test_options[], policy_show_options[], policy_end_options[], erase_options[],
    customer_options[], totals_options[], homes_options[], home_options[], home_verbs[], stream_options[],
    dead_letters_options[], pause_options[];

/* ---- send: one table of the events that can be sent by hand */
extern const struct option_about send_purchase_options[], send_visit_options[], send_complaint_options[],
    send_about_complaint_options[], send_profile_options[], send_consent_options[], send_launch_options[],
    send_cancel_options[], send_refund_options[], send_restock_options[], send_reprice_options[],
    send_recall_options[], send_subscription_options[], fan_outs_options[];
command_function send_purchase, send_visit, send_complaint, send_acknowledge, send_respond, send_resolve,
    send_reopen, send_profile, send_consent, send_launch, send_cancel, send_refund, send_restock,
    send_reprice, send_recall, send_subscription, show_fan_outs, act_on_fan_out;

#endif
