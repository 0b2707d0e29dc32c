/* SPDX-License-Identifier: MIT */
/* loyalctl's command line: the options that all commands share, then the command. */
#include "common/log.h"
#include "common/mem.h"
#include "consumers/ctl/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

/* What all commands know, and the words that are left for the command. */
struct common {
    const char *config;
    bool help, version;
    const char **words;
    int word_count;
};

static bool read_common(int argc, char **argv, struct common *common);
static int act(const struct common *common);
static int run(const struct command *command, const struct common *common, const struct args *args);
static int no_command(const struct common *common);

int main(int argc, char **argv)
{
    struct common common = {.words = mem_zalloc(((size_t)argc + 1) * sizeof *common.words)};
    (void)signal(SIGPIPE, SIG_IGN);
    int result = read_common(argc, argv, &common) ? act(&common) : CTL_WRONG_USE;
    mem_free(common.words);
    return result;
}

/* Shared options may stand anywhere before "--". */
static bool read_common(int argc, char **argv, struct common *common)
{
    bool ended = false;
    for (int i = 1; i < argc; i++) {
        if (!ended && strcmp(argv[i], "--config") == 0) {
            if (++i == argc) {
                ctl_wrong("the option --config wants a value: FILE");
                return false;
            }
            common->config = argv[i];
        } else if (!ended && strncmp(argv[i], "--config=", strlen("--config=")) == 0) {
            common->config = argv[i] + strlen("--config=");
        } else if (!ended && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            common->help = true;
        } else if (!ended && strcmp(argv[i], "--version") == 0) {
            common->version = true;
        } else {
            ended = ended || strcmp(argv[i], "--") == 0;
            common->words[common->word_count++] = argv[i];
        }
    }
    return true;
}

static int act(const struct common *common)
{
    if (common->version) {
        printf("loyalctl %s\n", LOYALD_VERSION);
        return CTL_DONE;
    }
    int words = 0;
    const struct command *command = command_find(common->word_count, common->words, &words);
    if (common->help) {
        struct buf text = {0};
        if (command != NULL) {
            command_help_one(command, &text);
        } else {
            command_help(&text);
        }
        printf("%.*s", SLICE_ARG(buf_view(&text)));
        buf_done(&text);
        return CTL_DONE;
    }
    if (command == NULL) {
        return no_command(common);
    }
    char why[ARGS_SENTENCE];
    struct args args;
    if (!command_args(command, common->word_count - words, common->words + words, why, &args)) {
        return ctl_wrong("%s; see loyalctl %s --help", why, command->name);
    }
    int result = run(command, common, &args);
    args_done(&args);
    return result;
}

static int run(const struct command *command, const struct common *common, const struct args *args)
{
    struct buf problems = {0};
    struct settings *settings = NULL;
    struct ctl ctl;
    if (command_needs_settings(command, args) &&
        !settings_load(common->config, environ, &problems, &settings)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
        buf_done(&problems);
        return CTL_WRONG_USE;
    }
    log_level_set(LOG_LEVEL_ERROR); /* what went wrong is said in a sentence, once */
    ctl_init(&ctl, settings);
    int result = command->run(&ctl, args);
    ctl_done(&ctl);
    settings_free(settings);
    buf_done(&problems);
    return result;
}

static int no_command(const struct common *common)
{
    if (common->word_count == 0) {
        return ctl_wrong("what shall it do? see loyalctl --help");
    }
    struct buf choices = {0};
    command_choices(common->words[0], &choices);
    if (choices.len > 0) {
        int result = ctl_wrong("\"%s\" wants to know what: %.*s; see loyalctl --help", common->words[0],
                               SLICE_ARG(buf_view(&choices)));
        buf_done(&choices);
        return result;
    }
    return ctl_wrong("there is no command \"%s\"; see loyalctl --help", common->words[0]);
}
