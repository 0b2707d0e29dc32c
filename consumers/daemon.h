/* SPDX-License-Identifier: MIT */
/* The daemon: opens what it needs, runs its workers each on a thread, answers signals and HTTP, and ends. */
#ifndef CONSUMERS_DAEMON_H
#define CONSUMERS_DAEMON_H

#include "config/settings.h"

/* Exit statuses. */
enum daemon_exit {
    DAEMON_DONE = 0,
    DAEMON_FAILED = 1,   /* something that a person must see to; the log's last line says what */
    DAEMON_WRONG_USE = 2 /* options, settings or policy */
};

/* Runs until a signal; policy_file as in the settings. Settings may be pointed elsewhere in embedded mode. */
int daemon_run(struct settings *settings);

#endif
