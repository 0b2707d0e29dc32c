/* SPDX-License-Identifier: MIT */
#include "consumers/fold_control.h"

#include "producers/followup.h"

#include <assert.h>

static bool policy_hears_launches(const struct policy *policy);
static void fold_chunk(struct home *home, struct moment *moment, const struct control *control);
static void append_chunk(struct home *home, struct moment *moment, const struct launch *launch,
                         size_t interest, struct slice after);

void fold_control(struct home *home, struct moment *moment, const struct control *control,
                  const struct policy *next)
{
    switch (control->kind) {
    case CONTROL_policy:
        home_set_policy(home, next, control->body, moment->arena);
        break;
    case CONTROL_broadcast:
        if (policy_hears_launches(home->policy)) {
            append_chunk(home, moment, &control->launch, 0, (struct slice){0});
        }
        break;
    case CONTROL_chunk:
        fold_chunk(home, moment, control);
        break;
    case CONTROL_switch:
        home_switch(home, control->kill_switch, control->paused, moment->now_ms, moment->arena);
        break;
    case CONTROL_tick:
    case CONTROL_continuation:
    case CONTROL_end:
        break; /* time has passed, that is all */
    case CONTROL_COUNT:
        assert(false);
    }
}

static bool policy_hears_launches(const struct policy *policy)
{
    const struct follow_up *follow_up = policy->first[ON_PRODUCT_LAUNCHED];
    while (follow_up != NULL && follow_up->mode == MODE_OFF) {
        follow_up = follow_up->next;
    }
    return follow_up != NULL;
}

static void fold_chunk(struct home *home, struct moment *moment, const struct control *control)
{
    struct chunk_range chunk = home->chunk;
    assert(chunk.ready);
    home->chunk = (struct chunk_range){0};
    for (size_t i = 0; i < chunk.count; i++) {
        struct resident *resident = residents_find(&home->residents, chunk.ids[i]);
        int64_t due_before = customer_next_due(resident->customer);
        bool existed = customer_exists(resident->customer);
        followup_product_launched(moment, resident->customer, &control->launch);
        home_touch(home, resident, due_before, existed);
    }
    if (chunk.full) {
        append_chunk(home, moment, &control->launch, control->interest, chunk.ids[chunk.count - 1]);
    } else if (control->interest + 1 < control->launch.interest_count) {
        append_chunk(home, moment, &control->launch, control->interest + 1, (struct slice){0});
    }
}

static void append_chunk(struct home *home, struct moment *moment, const struct launch *launch,
                         size_t interest, struct slice after)
{
    outbox_control(moment->outbox, "chunk", home->number,
                   control_chunk_body(launch, interest, after, moment->arena));
}
