/* SPDX-License-Identifier: MIT */
/* Sending dead letters again. */
#ifndef CONSUMERS_CTL_DEAD_LETTERS_H
#define CONSUMERS_CTL_DEAD_LETTERS_H

#include "consumers/ctl/ctl.h"

/* Sends those of one reason (NULL: all) to where they came from, or to a topic (NULL: where they came from),
 * each once, whatever happens: what has been sent again is remembered in the same transaction. */
int dead_letters_retry(struct ctl *ctl, const char *reason, const char *to);

#endif
