/* SPDX-License-Identifier: MIT */
/* Frequency caps, and the memory that they need: one item `m:TIME_MS:N` for each message that counts towards
 * a cap, its value `FOLLOW-UP CLASS CHANNEL MODE`, kept for 31 days (N: 0, or the next number that is free at
 * that millisecond). What no cap limits and no cap counts costs nothing here. */
#ifndef PRODUCERS_CAPS_H
#define PRODUCERS_CAPS_H

#include "producers/moment.h"

/* Takes the channels away that have a full cap. False: a cap is full for all of them, or no further message
 * can be remembered. */
bool caps_leave_room(const struct moment *moment, const struct customer *customer,
                     const struct follow_up *follow_up, enum contact_channel *channels,
                     size_t *channel_count);

/* A message goes out, or would in shadow mode. The first of its channels counts. */
void caps_note(const struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
               enum contact_channel channel);

#endif
