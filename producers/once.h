/* SPDX-License-Identifier: MIT */
/* What a customer remembers of follow-ups that were decided, so that none is decided twice where its event
 * alone does not already say so: purchase.completed   a mark on the order for each trigger sent that can be
 * withdrawn complaint.opened     item `f:FOLLOW-UP`: the last complaint decided for birthday             item
 * `f:FOLLOW-UP`: the last year decided for product.launched     item `l:FOLLOW-UP:PRODUCT`: when; the newest
 * limits.launches are kept */
#ifndef PRODUCERS_ONCE_H
#define PRODUCERS_ONCE_H

#include "producers/moment.h"

/* Was this occurrence decided before? A year not after the last one counts as decided. */
bool once_is_known(const struct moment *moment, const struct customer *customer,
                   const struct follow_up *follow_up, struct slice occurrence);

/* It has been decided; `sent`: with a trigger that really went out, of this variant (0: none). */
void once_note(const struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
               struct slice occurrence, bool sent, size_t variant);

/* NAME:OCCURRENCE, the key of timers and launches; a view of the moment's scratch. */
struct slice once_key(const struct moment *moment, struct slice follow_up, struct slice occurrence);

#endif
