/* SPDX-License-Identifier: MIT */
/* The stream for measuring: purchases (80 %), visits (15 %) and complaints (5 %) of customers that are all
 * alike, each event of exactly 430 bytes, made as fast as can be. */
#ifndef PRODUCERS_SHOP_BENCH_H
#define PRODUCERS_SHOP_BENCH_H

#include "producers/shop/options.h"
#include "producers/shop/stream.h"

#define BENCH_EVENT_BYTES 430

struct stream *bench_open(const struct options *options);

#endif
