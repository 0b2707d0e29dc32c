/* SPDX-License-Identifier: MIT */
/* A stage for follow-ups: one customer, C1 of home 7, a policy, a clock that only the test moves, and an
 * outbox whose records the test takes off one by one. For tests of what is decided, without Kafka, Redis or a
 * worker. */
#ifndef TESTS_FAKES_STAGE_H
#define TESTS_FAKES_STAGE_H

#include "common/complaint.h"
#include "common/order.h"
#include "producers/moment.h"

/* For cmocka_unit_test_setup_teardown: an empty customer, no policy, 2026-03-02T12:00:00Z, offset 41. */
int stage_set(void **state);
int stage_clear(void **state);

extern struct moment *const stage_moment;
struct customer *stage_customer(void);

/* The policy "policy: 1, mode: live" and these lines; another one takes its place. */
void given_policy(const char *yaml);
void given_now(const char *instant);
void given_silence(void); /* what is folded again goes nowhere */
void given_consent(const char *channel, const char *purpose, const char *state);
void given_field(enum customer_field field, const char *value);
void given_item(enum item_kind kind, const char *key, const char *value);
void given_timer(const char *name, const char *due);

/* Lets time pass up to an instant, as the fold does: each timer that is due fires, the earliest first. */
void when_time_is(const char *instant);

/* The next record that went out, and no other before it. */
void then_trigger(const char *id);
void then_withdrawal(const char *id);
void then_decision(const char *id, const char *outcome, const char *reason);
void then_no_record(void);

/* Of the record just taken: a member by its path, such as "data.variables.turning"; texts and numbers as
 * text, null as "null", lists as their texts joined by a space; absent as "". */
void then_member(const char *path, const char *wanted);

void then_timer(const char *name, const char *due);
void then_no_timer(const char *name);
void then_total(const char *name, int64_t wanted);
void then_item(enum item_kind kind, const char *key, const char *wanted); /* NULL: there is none */

int64_t instant(const char *text);

#endif
