/* SPDX-License-Identifier: MIT */
/* The kill switches of a home: what operators have paused, by name: `all`, `class:CLASS`, `follow_up:NAME`
 * (which is also for each of its stages, NAME.STAGE). They come through the log and are kept with the home.
 */
#ifndef PRODUCERS_SWITCHES_H
#define PRODUCERS_SWITCHES_H

#include "config/policy.h"

struct kill_switch {
    struct slice name; /* owned */
    int64_t since_ms;
};

struct switches {
    struct kill_switch *items;
    size_t count, capacity;
};

void switches_done(struct switches *switches); /* empty afterwards */

/* Does it change anything? */
bool switches_set(struct switches *switches, struct slice name, bool paused, int64_t now_ms);

bool switches_pause(const struct switches *switches, const struct follow_up *follow_up);

/* Has the risk brake (`risk:NAME`) halted it? */
bool switches_brake(const struct switches *switches, const struct follow_up *follow_up);

#endif
