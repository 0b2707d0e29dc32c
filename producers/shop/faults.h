/* SPDX-License-Identifier: MIT */
/* Puts faults into another stream: some events come twice, some late, and broken ones come in addition. The
 * good events are all there all the same, each at least once. */
#ifndef PRODUCERS_SHOP_FAULTS_H
#define PRODUCERS_SHOP_FAULTS_H

#include "producers/shop/options.h"
#include "producers/shop/stream.h"

/* Takes the stream. Returns it as it is if no faults are asked for. */
struct stream *faults_open(const struct options *options, struct stream *stream);

#endif
