/* SPDX-License-Identifier: MIT */
/* Counting what was seen of a customer, and is never taken back: by sales channel (`at:CHANNEL`), and by hour
 * of the day in the customer's zone (`hours`). */
#ifndef CONSUMERS_OBSERVE_H
#define CONSUMERS_OBSERVE_H

#include "common/event.h"
#include "producers/moment.h"

enum observation { OBSERVED_PURCHASE, OBSERVED_VISIT, OBSERVED_COMPLAINT, OBSERVATION_COUNT };

/* A complaint says nothing about when somebody likes to shop: it counts for the channel only. */
void observe(const struct moment *moment, struct customer *customer, enum observation what,
             enum sales_channel channel, int64_t time_ms);

#endif
