/* SPDX-License-Identifier: MIT */
/* The records that follow-ups end in, as structured CloudEvents with deterministic ids (docs/contract.md,
 * "Records out"). Only writes: who is sent what is decided in followup.c. Nothing here prints by format, for
 * a fan-out makes millions of these. */
#ifndef PRODUCERS_TRIGGER_H
#define PRODUCERS_TRIGGER_H

#include "producers/gate.h"

/* Appends the members of a trigger's `variables`, joined by commas, without braces. */
typedef void variables_writer(struct buf *out, const struct moment *moment, const struct customer *customer,
                              const struct occasion *occasion);

/* The trigger: marketing automation is to act now. variant: the number of that of the follow-up which holds,
 * from 1; 0 where none does. */
void trigger_send(struct moment *moment, const struct customer *customer, const struct occasion *occasion,
                  size_t variant, const enum contact_channel *channels, size_t channel_count,
                  variables_writer *write_variables);

/* What a trigger offered is void; an absent offer is null. follow_up is NULL if the policy no longer has one
 * of this name. */
void trigger_withdraw(struct moment *moment, const struct customer *customer, struct slice name,
                      const struct follow_up *follow_up, struct slice occurrence, struct slice offer,
                      const char *reason);

/* No trigger: outcome "suppressed" or "shadow", and why. follow_up as above. */
void trigger_decision(struct moment *moment, const struct customer *customer, struct slice name,
                      const struct follow_up *follow_up, struct slice occurrence, const char *outcome,
                      const char *reason);

/* No trigger yet: outcome "held", why and until when. */
void trigger_hold(struct moment *moment, const struct customer *customer, const struct occasion *occasion,
                  const char *reason, int64_t until_ms);

#endif
