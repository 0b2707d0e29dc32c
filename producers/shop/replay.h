/* SPDX-License-Identifier: MIT */
/* The stream that replays a purchases file, in order of time and strictly ascending. Customers, days, items
 * and amounts are the file's; the hour of a purchase and all other events are made up from the seed. */
#ifndef PRODUCERS_SHOP_REPLAY_H
#define PRODUCERS_SHOP_REPLAY_H

#include "producers/shop/options.h"
#include "producers/shop/stream.h"

/* False: ret_error says why. */
bool replay_open(const struct options *options, struct stream **ret_stream, char *ret_error);

#endif
