/* SPDX-License-Identifier: MIT */
/* Quiet hours: the customer's own clock says when there is no message. */
#ifndef PRODUCERS_QUIET_H
#define PRODUCERS_QUIET_H

#include "producers/moment.h"

/* Takes the channels away for which it is quiet now, unless it is so for all of them: then nothing is taken,
 * and *ret_until_ms, else 0, is when the first of them may be used again. */
void quiet_look(const struct moment *moment, const struct customer *customer,
                const struct follow_up *follow_up, enum contact_channel *channels, size_t *channel_count,
                int64_t *ret_until_ms);

#endif
