/* SPDX-License-Identifier: MIT */
/* The lease on a process name, in Redis: two processes of one name would fence each other for ever. It is
 * kept by a thread of its own, with a connection of its own, so that a stalled worker does not lose it. It
 * says which versions of the policy its process knows, for `loyalctl policy activate`. The same thread keeps
 * the note of the installation, which nobody else writes after the start. */
#ifndef CONSUMERS_LEASE_H
#define CONSUMERS_LEASE_H

#include "common/store_redis.h"
#include "consumers/installation.h"

#include <stdbool.h>

struct lease;

/* Takes the name, or waits 2 s to see whether its holder lives: BUSY with a sentence in ret_why (256 bytes)
 * if so. */
MUST_CHECK enum status lease_take(const struct store_redis_options *options, const char *process,
                                  char *ret_why, struct lease **ret_lease);

/* From now on the note of the installation is written again when Redis has lost it. Borrows both until the
 * release. */
void lease_keep_installation(struct lease *lease, const struct settings *settings,
                             const struct installation *installation);

/* Has another process taken the name over? */
bool lease_is_lost(struct lease *lease);

/* Gives the name back. NULL is fine. */
void lease_release(struct lease *lease);

#endif
