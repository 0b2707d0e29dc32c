/* SPDX-License-Identifier: MIT */
/* Reads LOYALD_PROBE once and counts the passings of its point. Empty without LOYALD_PROBES. */
#include "common/probe.h"

#ifdef LOYALD_PROBES

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    char name[64]; /* empty: no probe is asked for */
    long at;       /* the passing that counts, from 1 */
    int signal;
    atomic_long passed;
} asked;
static pthread_once_t asked_once = PTHREAD_ONCE_INIT;

static void read_environment(void);
static void leave_note(const char *name);

void probe_hit(const char *name)
{
    pthread_once(&asked_once, read_environment);
    if (asked.name[0] == '\0' || strcmp(asked.name, name) != 0) {
        return;
    }
    if (atomic_fetch_add(&asked.passed, 1) + 1 == asked.at) {
        leave_note(name);
        kill(getpid(), asked.signal);
    }
}

/* A fault test with a mistake in its request would pass for nothing: so that ends the process. */
static void read_environment(void)
{
    const char *text = getenv("LOYALD_PROBE");
    if (text == NULL || *text == '\0') {
        return;
    }
    char action[8] = "kill";
    int fields = sscanf(text, "%63[^:]:%ld:%7s", asked.name, &asked.at, action);
    bool is_stop = strcmp(action, "stop") == 0;
    if (fields < 2 || asked.at < 1 || (!is_stop && strcmp(action, "kill") != 0)) {
        fprintf(stderr, "loyald: LOYALD_PROBE must be NAME:N, NAME:N:kill or NAME:N:stop, not %s\n", text);
        _exit(EXIT_FAILURE);
    }
    asked.signal = is_stop ? SIGSTOP : SIGKILL;
}

static void leave_note(const char *name)
{
    const char *path = getenv("LOYALD_PROBE_LOG");
    int file = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (file >= 0) {
        dprintf(file, "probe %s\n", name);
        close(file);
    }
}

#endif
