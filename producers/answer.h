/* SPDX-License-Identifier: MIT */
/* What customers and our people have answered: an offer that was redeemed, a task that is done. Kept for
 * follow-ups with `unless: redeemed` or `unless: task.done`, in item `d:FOLLOW-UP:OCCURRENCE`, its value
 * `WHAT TIME_MS`. A stage (NAME.STAGE) answers for the whole of its follow-up (NAME). */
#ifndef PRODUCERS_ANSWER_H
#define PRODUCERS_ANSWER_H

#include "producers/moment.h"

#define ANSWER_REDEEMED SLICE("redeemed")
#define ANSWER_DONE     SLICE("done")

/* The newest limits.answers are kept. */
void answer_note(const struct moment *moment, struct customer *customer, struct slice follow_up,
                 struct slice occurrence, struct slice what, int64_t time_ms);

bool answer_is_there(const struct moment *moment, const struct customer *customer, struct slice follow_up,
                     struct slice occurrence, struct slice what);

#endif
