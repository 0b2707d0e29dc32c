/* SPDX-License-Identifier: MIT */
/* A world of its own: homes, their logs and a clock in memory, for trying a policy. Events and policies are
 * put into it as into the home log, and what goes out is given to a listener; Kafka, Redis and the machine's
 * clock are not touched. What is decided is decided by the daemon's own code (entry.h, fold.h, home.h,
 * outbox.h).
 *
 * There is no store: a sandbox is a batch that never ends. A home shows what no store has yet in place of
 * what it would read, and here that is everything. So every customer stays in memory. */
#ifndef CONSUMERS_SANDBOX_H
#define CONSUMERS_SANDBOX_H

#include "common/record.h"
#include "common/store.h"
#include "config/policy.h"

struct sandbox;

/* Something goes out: a trigger, a decision or a dead letter, valid during the call. */
typedef void sandbox_listener(void *context, const struct output *output);

struct sandbox *sandbox_create(int32_t homes, sandbox_listener *listener, void *context);
void sandbox_destroy(struct sandbox *sandbox);

/* Puts the policy in force, in all homes, at this time. Borrows it for good. */
void sandbox_activate(struct sandbox *sandbox, const struct policy *policy, int64_t time_ms);

/* A customer as a store keeps it, with all that is planned. A policy must be in force. False: the hash is not
 * what loyald writes. */
MUST_CHECK bool sandbox_load(struct sandbox *sandbox, struct slice id, const struct hash *hash);

/* What an operator has paused, by its name among the switches ("class:marketing"). */
void sandbox_pause(struct sandbox *sandbox, struct slice name);

/* Appends a record (its key or, without one, its event's subject says to which home) at its append_ms and
 * folds it and what comes of it. First lets time pass until then, unless the policy's clock is the events'
 * own. */
void sandbox_append(struct sandbox *sandbox, const struct record *record);

/* Appends a control record of this kind, such as "broadcast", to one home, at its time. */
void sandbox_append_control(struct sandbox *sandbox, const char *kind, int32_t home, struct slice body);

/* Lets time pass: what is planned until then, inclusive, is decided when it is due, home by home in order of
 * time. Time never runs backwards. */
void sandbox_pass(struct sandbox *sandbox, int64_t until_ms);

/* Lets time pass as it does for a loyald that was away: nothing is decided before, all that was planned is
 * decided then. */
void sandbox_sleep(struct sandbox *sandbox, int64_t until_ms);

int64_t sandbox_now(const struct sandbox *sandbox);
size_t sandbox_customers(const struct sandbox *sandbox); /* how many are in memory */

#endif
