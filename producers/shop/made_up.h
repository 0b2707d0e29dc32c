/* SPDX-License-Identifier: MIT */
/* The stream of a shop that does not exist: customers all over the world who sign up, agree, buy, look in,
 * complain, send things back and think better of it. */
#ifndef PRODUCERS_SHOP_MADE_UP_H
#define PRODUCERS_SHOP_MADE_UP_H

#include "producers/shop/options.h"
#include "producers/shop/stream.h"

struct stream *made_up_open(const struct options *options);

#endif
