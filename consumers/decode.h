/* SPDX-License-Identifier: MIT */
/* From a record's bytes to a typed event: the envelope (common/cloudevent.h), then the fields of its type.
 * Pure: the same record gives the same event or the same reason. */
#ifndef CONSUMERS_DECODE_H
#define CONSUMERS_DECODE_H

#include "common/event.h"
#include "common/record.h"
#include "common/reject.h"

/* clock_is_event: the append time is no bound for the event's time (imports), and the event must say its
 * time. REJECT_NONE, or why not. An anonymous purchase (no subject) is REJECT_NONE with an absent subject.
 * What is parsed lives in `tree`, which may be reset afterwards; the event's texts live in the arena. */
enum reject event_decode(const struct record *record, bool clock_is_event, struct arena *tree,
                         struct arena *arena, struct event *ret_event);

/* Only the subject, for routing a record without a key: absent for a purchase of nobody known; other types
 * must have one. It lives in the tree or the record. */
enum reject event_decode_subject(const struct record *record, struct arena *tree, struct slice *ret_subject);

#endif
