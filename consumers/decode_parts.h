/* SPDX-License-Identifier: MIT */
/* One function per kind of data (event.def): data to its member of struct event's union. data is NULL when
 * the event has none; type and time of the event are set. */
#ifndef CONSUMERS_DECODE_PARTS_H
#define CONSUMERS_DECODE_PARTS_H

#include "common/event.h"
#include "common/json.h"
#include "common/reject.h"
#include "common/status.h"

typedef enum reject event_data_reader(const struct json *data, struct arena *arena, struct event *event);

event_data_reader event_decode_purchase, event_decode_cancellation, event_decode_refund;
event_data_reader event_decode_visit, event_decode_complaint, event_decode_profile;
event_data_reader event_decode_consent, event_decode_subscription, event_decode_message, event_decode_nothing;
event_data_reader event_decode_launch, event_decode_restock, event_decode_reprice, event_decode_recall;

/* A birth date, for decode_household.c too. */
MUST_CHECK enum reject read_yearly_date(const struct json *json, struct arena *arena,
                                        struct yearly_date *ret_date);

/* Replaces the household of a profile; json is a list. */
MUST_CHECK enum reject read_household(const struct json *json, struct arena *arena, struct profile *profile);

#endif
