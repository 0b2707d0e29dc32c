/* SPDX-License-Identifier: MIT */
/* Everything that will happen in a replay, small, in order of time: what replay.c then writes out one by
 * one. */
#ifndef PRODUCERS_SHOP_REPLAY_PLAN_H
#define PRODUCERS_SHOP_REPLAY_PLAN_H

#include "common/event.h"
#include "producers/shop/options.h"
#include "producers/shop/people.h"
#include "producers/shop/purchases.h"

#define LAUNCHES 10U

struct step {
    int64_t time_ms;
    uint32_t row;   /* of the purchases, sorted by customer; a launch: its number */
    uint8_t type;   /* enum event_type */
    uint8_t detail; /* a consent: which of the person's, or CONSENT_LATER; a complaint's stage: its number */
    uint16_t is_part; /* a refund: not of the whole order */
};

#define CONSENT_LATER 255 /* the customer has thought better of e-mail */

struct replay_plan {
    struct purchases purchases; /* sorted by customer, day and line */
    size_t customers;
    struct step *steps;
    size_t count, capacity;
};

bool replay_plan_make(const struct options *options, struct replay_plan *ret_plan, char *ret_error);
void replay_plan_done(struct replay_plan *plan);

/* Who bought it. */
struct person replay_person(uint64_t seed, const struct purchase_row *row);

#endif
