/* SPDX-License-Identifier: MIT */
/* Why a follow-up was not sent, in a sentence for people. */
#ifndef CONSUMERS_CTL_REASON_H
#define CONSUMERS_CTL_REASON_H

#include "common/slice.h"

/* The sentence of gate.def or cause.def; "" for a reason that this loyalctl does not know. */
const char *reason_sentence(struct slice reason);

#endif
