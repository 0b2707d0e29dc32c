/* SPDX-License-Identifier: MIT */
/* How each event changes its customer: one function per type, in the file named for its noun (purchase.c,
 * visit.c, complaint.c, profile.c, consent.c, subscription.c; erasure is in fold.c). They change the customer
 * and the totals, and call the follow-ups. Called after duplicates by event id have been sorted out; the
 * event's id is remembered by the caller. */
#ifndef CONSUMERS_HANDLERS_H
#define CONSUMERS_HANDLERS_H

#include "common/event.h"
#include "common/reject.h"
#include "producers/moment.h"

enum handled { HANDLED_FOLDED, HANDLED_DUPLICATE, HANDLED_REJECTED };

/* On REJECTED the customer is untouched and *ret_reject says why. */
typedef enum handled event_handler(struct moment *moment, struct customer *customer,
                                   const struct event *event, enum reject *ret_reject);

event_handler purchase_completed, purchase_cancelled, purchase_refunded;
event_handler visit_made;
event_handler complaint_opened, complaint_acknowledged, complaint_responded, complaint_resolved,
    complaint_reopened;
event_handler profile_changed, consent_changed, subscription_changed;
event_handler message_told;

/* Does the customer remember this event id? / Remember it (`ids`, `ids_before`; docs/contract.md). */
bool event_id_is_known(const struct customer *customer, uint64_t id);
void event_id_remember(struct customer *customer, uint64_t id);

#endif
