/* SPDX-License-Identifier: MIT */
#include "producers/lot.h"

#include "common/digest.h"

#define LOT_BITS 48 /* as of event ids */

static uint64_t draw(struct slice of, const struct customer *customer);

bool lot_is_held_out(const struct policy *policy, const struct customer *customer,
                     enum message_class message_class)
{
    const struct holdout *holdout = &policy->holdout;
    return holdout->share > 0 && SET_HAS(holdout->classes, message_class) &&
           draw(holdout->programme, customer) * HOLDOUT_WHOLE < (uint64_t)holdout->share << LOT_BITS;
}

int64_t lot_spread(const struct policy *policy, const struct customer *customer, int64_t due_ms,
                   int64_t last_ms)
{
    int64_t room_ms = last_ms - due_ms + 1;
    int64_t spread_ms = policy->spread_ms < room_ms ? policy->spread_ms : room_ms;
    return spread_ms > 1 ? due_ms + (int64_t)(draw(SLICE("spread"), customer) % (uint64_t)spread_ms) : due_ms;
}

static uint64_t draw(struct slice of, const struct customer *customer)
{
    return digest_id64(of, customer_id(customer)) & ((UINT64_C(1) << LOT_BITS) - 1);
}
