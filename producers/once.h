/* SPDX-License-Identifier: MIT */
/* What a customer remembers of follow-ups that were decided, so that none is decided twice where its event
 * alone does not already say so:
 *   purchases            a mark on the order for each trigger sent that can be withdrawn
 *   complaints           item `f:FOLLOW-UP`: the last complaint decided for; visits and silence likewise
 *   yearly dates         item `f:FOLLOW-UP`: the last year decided for, and when it was last sent
 *                        (once_yearly.c)
 *   launches             item `l:FOLLOW-UP:PRODUCT`: when; the newest limits.launches are kept
 *   other news           item `l:FOLLOW-UP:PRODUCT`: the time of the newest news decided, likewise */
#ifndef PRODUCERS_ONCE_H
#define PRODUCERS_ONCE_H

#include "producers/moment.h"

/* Was this occurrence decided before? A year not after the last one counts as decided. */
bool once_is_known(const struct moment *moment, const struct customer *customer,
                   const struct follow_up *follow_up, struct slice occurrence);

/* It has been decided; `passed`: nothing stood against it, so in mode live a trigger went out, of this
 * variant (0: none). */
void once_note(const struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
               struct slice occurrence, bool passed, size_t variant);

/* Was the birth date changed since this follow-up was last sent, less than 300 days ago? What was only sent
 * in shadow holds back nothing that is live. */
bool once_is_too_soon(const struct moment *moment, const struct customer *customer,
                      const struct follow_up *follow_up);

/* Was this follow-up of yearly dates sent for the occurrence? `live`: what went out in shadow does not count.
 */
bool once_yearly_was_sent(const struct moment *moment, const struct customer *customer,
                          const struct follow_up *follow_up, struct slice occurrence, bool live);

/* NAME:OCCURRENCE, the key of timers and launches; a view of the moment's scratch. */
struct slice once_key(const struct moment *moment, struct slice follow_up, struct slice occurrence);

/* ---- once_yearly.c, for once.c */
bool once_yearly_is_known(const struct moment *moment, const struct customer *customer,
                          const struct follow_up *follow_up, struct slice occurrence);
void once_yearly_note(const struct moment *moment, struct customer *customer,
                      const struct follow_up *follow_up, struct slice occurrence, bool passed);

#endif
