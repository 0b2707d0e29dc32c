/* SPDX-License-Identifier: MIT */
/* The places of a follow-up with a capacity: for each fan-out so many customers get one, over all homes. */
#ifndef PRODUCERS_PLACES_H
#define PRODUCERS_PLACES_H

#include "producers/gate.h"

/* The pool of a follow-up's places in a fan-out, "FOLLOW-UP:FAN_OUT", in the moment's arena. */
struct slice places_pool(const struct moment *moment, const struct follow_up *follow_up,
                         const struct news *news);

/* Has the occasion's follow-up places, and this home none left? / One of them is taken, if it has any. What
 * waits or is held has taken its place already: its news name no fan-out any more. */
bool places_are_taken(const struct moment *moment, const struct occasion *occasion);
void places_take(const struct moment *moment, const struct occasion *occasion);

/* Is there a follow-up of this news that is to wait for more places? The bank is asked where it must be. */
bool places_are_awaited(const struct moment *moment, const struct news *news);

/* The fan-out has ended here: what is left of its places goes back. */
void places_go_back(const struct moment *moment, struct slice fan_out);

/* Records of a bank. */
void places_wanted(const struct moment *moment, struct slice pool, int64_t limit, int64_t least,
                   int64_t since_ms, int32_t asker);
void places_send_back(const struct moment *moment, struct slice pool, int64_t amount);

#endif
