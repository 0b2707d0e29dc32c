/* SPDX-License-Identifier: MIT */
/* What control records do to a home: a part of the fold. */
#ifndef CONSUMERS_FOLD_CONTROL_H
#define CONSUMERS_FOLD_CONTROL_H

#include "consumers/control.h"
#include "consumers/home.h"
#include "producers/moment.h"

/* next: the policy of a policy record, NULL for the others. Time has passed and timers have fired already. */
/* Is all in memory that a control record needs? (home.h, "before the fold") */
bool fold_control_ready(struct home *home, const struct control *control, struct wants *wants);

void fold_control(struct home *home, struct moment *moment, const struct control *control,
                  const struct policy *next);

#endif
