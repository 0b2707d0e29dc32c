/* SPDX-License-Identifier: MIT */
/* The risk brake: halts a follow-up of which too many unsubscribe or report spam, of a thousand sent. Each
 * home judges by its own share of customers, for nothing is shared; what it finds goes through the log, as a
 * kill switch `risk:FOLLOW-UP` for all homes, and a person is told. */
#ifndef PRODUCERS_RISK_H
#define PRODUCERS_RISK_H

#include "producers/moment.h"

/* The task that tells a person; no policy has it. */
#define RISK_BRAKE "risk-brake"

/* A trigger of the follow-up has really been sent. */
void risk_note_sent(struct moment *moment, const struct follow_up *follow_up);

/* A customer has unsubscribed from it, or reported it as spam. */
void risk_note_report(struct moment *moment, const struct customer *customer,
                      const struct follow_up *follow_up);

#endif
