/* SPDX-License-Identifier: MIT */
/* How far loyald is behind: the records of all its input topics that its consumer group has not done yet. The
 * embedded broker keeps only some MiB per partition, so whoever is too fast would overrun loyald there. */
#ifndef PRODUCERS_SHOP_HOLD_BACK_H
#define PRODUCERS_SHOP_HOLD_BACK_H

#include "config/settings.h"

struct hold_back;

/* ret_error: SHOP_ERROR_SIZE. */
bool hold_back_open(const struct settings *settings, int64_t limit, struct hold_back **ret_hold_back,
                    char *ret_error);
void hold_back_close(struct hold_back *hold_back);

/* One more record is to be sent. False: not before hold_back_look has made room. */
bool hold_back_take(struct hold_back *hold_back);

/* Asks Kafka how far loyald is. All that was sent must have been acknowledged. False: loyald has not moved
 * for a minute, or Kafka has not answered for one. */
bool hold_back_look(struct hold_back *hold_back, char *ret_error);

/* The same question, put to the home log alone: has loyald folded all of it, and all that came of it? */
bool hold_back_look_done(struct hold_back *hold_back, bool *ret_done, char *ret_error);

#endif
