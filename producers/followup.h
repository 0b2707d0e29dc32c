/* SPDX-License-Identifier: MIT */
/* The follow-ups: what the policy makes of what happened to a customer. Event handlers (consumers/) call
 * these after they have changed the customer; each decision passes the gate (gate.h) and ends in one record:
 * a trigger (trigger.h) or a decision with a reason. What is not due yet is kept as a timer of the customer.
 */
#ifndef PRODUCERS_FOLLOWUP_H
#define PRODUCERS_FOLLOWUP_H

#include "common/event.h"
#include "common/order.h"
#include "producers/moment.h"

/* A purchase was folded for the first time; event_ms is the event's own time, purchase what it told. Also
 * called when the order stands cancelled or wholly refunded already: then the follow-ups due at once are
 * suppressed. */
void followup_purchase_completed(struct moment *moment, struct customer *customer,
                                 const struct purchase *purchase, int64_t event_ms);

/* The order no longer stands, and did before: withdraws what was sent and can be (the order's marks). */
void followup_order_undone(struct moment *moment, struct customer *customer, struct slice order_id);

/* A complaint was opened (first seen as opened), or its state has changed: plans, decides, and drops what is
 * no longer due (`unless`). Called after complaint_set. */
void followup_complaint_opened(struct moment *moment, struct customer *customer, struct slice complaint_id,
                               int64_t event_ms);
void followup_complaint_changed(struct moment *moment, struct customer *customer, struct slice complaint_id,
                                int64_t event_ms);

/* A complaint has just been resolved; event_ms is when. */
void followup_complaint_resolved(struct moment *moment, struct customer *customer, struct slice complaint_id,
                                 int64_t event_ms);

/* The time of the last order that stands may have moved: plans the timer of silence, if there is none yet. */
void followup_last_purchase_changed(struct moment *moment, struct customer *customer);

/* A visit was folded; event_ms is its own time. */
void followup_visit_made(struct moment *moment, struct customer *customer, const struct visit *visit,
                         int64_t event_ms);

/* Birth date, special dates, household or zone may have changed: plans anew all that comes back every year.
 */
void followup_profile_changed(struct moment *moment, struct customer *customer);

/* An event of the customer was folded. Plans anniversaries, if the policy has any and they are new or have
 * moved. */
void followup_anniversaries(struct moment *moment, struct customer *customer, bool moved);

/* A fan-out reaches the customer. Is there anything for them that was not decided before? */
bool followup_product_news(struct moment *moment, struct customer *customer, const struct news *news);

/* Has the policy a follow-up of this kind of news that is not off? */
bool followup_hears(const struct policy *policy, enum news_kind kind);

/* The earliest timer of the customer that is due at now_ms; false if there is none. Of several that are due
 * at the same instant: what plans others, then by priority and the policy's order, then by name in bytes. */
bool followup_due(const struct moment *moment, const struct customer *customer, int64_t now_ms,
                  struct slice *ret_name, int64_t *ret_due_ms);

/* A timer of the customer is due; it has been removed. now_ms of the moment is what the policy's clock says.
 */
void followup_timer(struct moment *moment, struct customer *customer, struct slice name, int64_t due_ms);

#endif
