/* SPDX-License-Identifier: MIT */
/* Made-up events for a dialogue's world, the same for the same seed: few customers, so that everything meets
 * everything; small limits, so that every limit is met. */
#ifndef TESTS_FAKES_MADE_UP_H
#define TESTS_FAKES_MADE_UP_H

#include "tests/fakes/dialogue.h"

struct dice {
    uint64_t state;
};

/* 0 to below - 1. One throw an expression: C does not say which argument comes first, and a seed is to make
 * the same world everywhere. */
int dice_throw(struct dice *dice, int below);

/* One event, good or bad, into some topic; now and then a policy, or none. */
void made_up_event(struct dice *dice);
void made_up_policy(struct dice *dice);
/* From nothing to days. */
void made_up_pause(struct dice *dice);

#endif
