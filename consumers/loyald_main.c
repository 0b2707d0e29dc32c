/* SPDX-License-Identifier: MIT */
/* loyald's command line. */
#include "config/policy.h"
#include "config/settings.h"
#include "consumers/daemon.h"

#include "common/file.h"
#include "common/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

enum action { RUN, CHECK, PRINT_SETTINGS };

static const char usage[] =
    "loyald: the customer-loyalty event engine\n"
    "\n"
    "  loyald --config FILE                    run\n"
    "  loyald --config FILE --check            check settings and policy, whole, and start nothing\n"
    "  loyald --config FILE --print-settings   show the settings in force, secrets masked\n"
    "  loyald --help | --version\n"
    "\n"
    "Exit status: 0 done; 1 something failed that a person must see to; 2 wrong option, settings or policy.\n"
    "SIGTERM and SIGINT: finish the batch and end; a second one: end at once.\n"
    "\n"
    "Settings (file, then environment as LOYALD_SECTION_NAME):\n";

static void print_help(void);
static int act(enum action action, const char *config);
static bool policy_is_fine(const char *file);

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config",         required_argument, NULL, 'c'},
        {"check",          no_argument,       NULL, 'k'},
        {"print-settings", no_argument,       NULL, 'p'},
        {"help",           no_argument,       NULL, 'h'},
        {"version",        no_argument,       NULL, 'v'},
        {NULL,             0,                 NULL, 0  }
    };
    const char *config = NULL;
    enum action action = RUN;
    int option = 0;
    while ((option = getopt_long(argc, argv, "c:hv", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            config = optarg;
            break;
        case 'k':
            action = CHECK;
            break;
        case 'p':
            action = PRINT_SETTINGS;
            break;
        case 'h':
            print_help();
            return DAEMON_DONE;
        case 'v':
            printf("loyald %s\n", LOYALD_VERSION);
            return DAEMON_DONE;
        default:
            return DAEMON_WRONG_USE; /* getopt has said it in one line */
        }
    }
    if (optind < argc) {
        fprintf(stderr, "loyald: unexpected argument \"%s\"; see loyald --help\n", argv[optind]);
        return DAEMON_WRONG_USE;
    }
    return act(action, config);
}

static void print_help(void)
{
    struct buf text = {0};
    settings_describe(&text);
    printf("%s%.*s", usage, SLICE_ARG(buf_view(&text)));
    buf_done(&text);
}

static int act(enum action action, const char *config)
{
    struct buf text = {0};
    struct settings *settings = NULL;
    enum log_level level = LOG_LEVEL_INFO;
    int result = DAEMON_WRONG_USE;
    if (!settings_load(config, environ, &text, &settings)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&text)));
        goto done;
    }
    if (action == PRINT_SETTINGS) {
        settings_print(settings, &text);
        printf("%.*s", SLICE_ARG(buf_view(&text)));
        result = DAEMON_DONE;
        goto done;
    }
    if (!policy_is_fine(settings->policy_file)) {
        goto done;
    }
    if (action == CHECK) {
        printf("settings%s fine\n", settings->policy_file[0] != '\0' ? " and policy are" : " are");
        result = DAEMON_DONE;
        goto done;
    }
    (void)log_level_parse(settings->log_level, &level);
    log_level_set(level);
    result = daemon_run(settings);
done:
    buf_done(&text);
    settings_free(settings);
    return result;
}

static bool policy_is_fine(const char *file)
{
    struct buf text = {0}, problems = {0};
    struct policy *policy = NULL;
    char why[256];
    bool fine = true;
    if (file[0] == '\0') {
        return true;
    }
    if (!file_read(file, &text, why)) {
        fprintf(stderr, "%s\n", why);
        fine = false;
    } else if (!policy_parse(file, buf_view(&text), &problems, &policy)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
        fine = false;
    } else {
        policy_warnings(policy, &problems);
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
    }
    policy_free(policy);
    buf_done(&text);
    buf_done(&problems);
    return fine;
}
