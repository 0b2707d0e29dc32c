/* SPDX-License-Identifier: MIT */
/* What the other parts of a worker ask of a charge: its name, and how far it is. */
#include "consumers/worker_private.h"

const char *charge_topic(const struct worker *worker, struct partition partition)
{
    return settings_input_name(worker->options.settings, (size_t)partition.topic);
}

struct slice charge_name(const struct worker *worker, struct partition partition, struct arena *arena)
{
    return arena_printf(arena, "%s/%d", charge_topic(worker, partition), (int)partition.number);
}

int64_t charge_next(const struct charge *charge)
{
    return charge->home != NULL ? charge->home->position : charge->next;
}

bool charge_is_at_end(const struct worker *worker, const struct charge *charge)
{
    int64_t end = source_end_seen(worker->source, charge->partition);
    return end != OFFSET_NONE && charge_next(charge) >= end;
}
