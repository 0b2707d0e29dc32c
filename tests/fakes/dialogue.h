/* SPDX-License-Identifier: MIT */
/* A world for flow tests: workers between a fake Kafka and a fake Redis, a clock that only the test moves,
 * and helpers that read as a dialogue: given..., worker_turns, then... What nobody calls is as shipped: four
 * homes, the feeders loyalty.purchases and loyalty.visits of one partition each, one worker,
 * 2026-03-02T12:00:00Z.
 *
 * A test ends well only if every WARN of the log was announced and came; and, where all was read to the end
 * and nothing was lost on purpose, if state and outputs are what a fold of the same home log from scratch
 * gives (refold.h). */
#ifndef TESTS_FAKES_DIALOGUE_H
#define TESTS_FAKES_DIALOGUE_H

#include "consumers/worker.h"
#include "tests/fakes/fake_kafka.h"
#include "tests/fakes/store_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HOME_LOG "loyalty.events"
#define SECONDS  1000LL
#define MINUTES  (60 * SECONDS)
#define HOURS    (60 * MINUTES)
#define DAYS     (24 * HOURS)

/* stage.h has helpers of these names, and both are in one library; consumers/worker.h has the last. */
#define given_policy    dialogue_given_policy
#define given_consent   dialogue_given_consent
#define then_trigger    dialogue_then_trigger
#define then_withdrawal dialogue_then_withdrawal
#define then_decision   dialogue_then_decision
#define then_total      dialogue_then_total
#define worker_turns    dialogue_worker_turns

/* For cmocka_unit_test_setup_teardown. */
int dialogue_begin(void **state);
int dialogue_end(void **state);
#define flow_test(test) cmocka_unit_test_setup_teardown(test, dialogue_begin, dialogue_end)

/* ---- the world: before its first record or turn */
void given_homes(int32_t homes);
void given_batches(int64_t events, int64_t run);
void given_cache(int64_t customers);
void given_workers(int count);

struct fake_kafka *the_kafka(void);
struct fake_memory *the_memory(void);
int32_t home_of(const char *subject);
/* A customer's id that lives in this home: the n-th, from 1. */
const char *customer_in(int32_t home, int n);
struct fake_partition *the_log(int32_t home);
struct fake_partition *the_feeder(const char *topic);

/* ---- records. An event's id is new and its time is now, unless said before. */
void next_event_id(const char *id);
void next_event_time(const char *instant);
/* The text of an event; data is JSON. subject NULL: none. */
const char *event_text(const char *type, const char *subject, const char *data, ...)
    __attribute__((format(printf, 3, 4)));
const char *visit(const char *customer, const char *channel);
const char *purchase(const char *customer, const char *order, int minor, const char *currency);

/* To a feeder's partition 0, or to the home log: where its subject lives, keyed by it. Returns its offset. */
int64_t given_event(const char *topic, const char *text);
/* Exactly so; key NULL: none; header: "name: value" or NULL. */
int64_t given_record(const char *topic, int32_t partition, const char *key, const char *text,
                     const char *header);
int64_t given_control(int32_t home, const char *kind, const char *body);

/* Into the home log. */
int64_t given_visit(const char *customer, const char *channel);
int64_t given_purchase(const char *customer, const char *order, int minor, const char *currency);
int64_t given_cancellation(const char *customer, const char *order);
int64_t given_refund(const char *customer, const char *refund, const char *order, int minor);
int64_t given_complaint(const char *customer, const char *complaint, const char *state); /* "opened", ... */
int64_t given_severe_complaint(const char *customer, const char *complaint, const char *severity);
int64_t given_profile(const char *customer, const char *data);
int64_t given_consent(const char *customer, const char *channel, const char *purpose, const char *state);
int64_t given_launch(const char *product, const char *name, const char *interests);
int64_t given_erasure(const char *customer);

/* "policy: 1, mode: live" (unless the text begins with a mode) and these lines, to every home. / To one. */
void given_policy(const char *yaml);
void given_policy_in(int32_t home, const char *yaml);

/* ---- time */
void time_passes(int64_t ms);
void time_is(const char *instant);

/* ---- workers */
void worker_turns(int count); /* of each */
void turns_of(int worker, int count);
/* Turns until nothing moves any more; while a client is away time passes, a little. */
void until_idle(void);
/* The process ends without a word, and a new one of its name begins. */
void worker_is_killed(int worker);
/* The same for one that was left in the middle of a turn. */
void worker_is_abandoned(int worker);
void worker_restarts(int worker); /* cleanly */
void worker_ends(int worker);     /* cleanly; its next turn is that of a new one */
/* worker i has homes where home mod of == i; all feeders go to worker 0. */
void homes_are_dealt(int of);
void homes_go_to(int worker);
struct source *source_of(int worker);

/* ---- the log of the daemon */
void expect_warning(const char *words);
void expect_any_warnings(void);
void world_is_incomplete(void); /* something was lost on purpose: no refold can give the same */

/* ---- what is so */
void then_customer(const char *customer, const char *field, const char *value); /* NULL: not there */
void then_no_customer(const char *customer);
void then_home(int32_t home, const char *key, const char *field, const char *value);
/* A field of a hash of a home; NULL: it is not there. / How many fields it has. */
const char *home_field(int32_t home, const char *key, const char *field);
size_t home_field_count(int32_t home, const char *key);
void then_position(int32_t home, int64_t position);
void then_committed(int32_t home, int64_t offset);
void then_total(const char *name, int64_t wanted); /* over all homes */
#define then_counts(outcome, wanted) then_outcome(OUTCOME_##outcome, wanted)
void then_outcome(enum outcome outcome, int64_t wanted);
int64_t outcome_now(enum outcome outcome);
void then_stat(enum stat stat, int64_t wanted); /* over all workers */
int64_t stat_now(enum stat stat);

/* Exactly one record with this name, whenever it came; it counts as seen. */
void then_trigger(const char *follow_up, const char *customer, const char *occurrence);
void then_withdrawal(const char *follow_up, const char *customer, const char *occurrence);
void then_decision(const char *follow_up, const char *customer, const char *occurrence, const char *reason);
void then_no_trigger(void);  /* none that was not seen */
void then_no_decision(void); /* none that was not seen */
size_t trigger_count(void);
/* The next letter. */
void then_letter(const char *topic, int64_t offset, const char *reason);
void then_no_letter(void);
/* How many readable control records of this kind all homes' logs hold; "tick", ... */
size_t control_count(const char *kind);
/* Readable records of this home, and what its header says ("" if it has none). */
size_t record_count(int32_t home);
const char *last_header(int32_t home, const char *name);

void then_parked(int32_t home, const char *words);
void then_feeder_parked(const char *topic, const char *words);
void then_ready(int32_t home);
bool is_parked(const char *topic, int32_t partition, const char *words);
void given_intake(bool paused); /* an operator stops or starts all intake */
void given_command(const char *topic, int32_t partition, const char *command);
/* A turn of this worker ends the process; its error holds these words. */
void then_process_ends(int worker, const char *words);
void a_new_process_begins(int worker); /* after that; until then it has no more turns */
enum status last_status(int worker);
void then_health(int worker, const char *words); /* what keeps it from being ready */
void then_nothing_is_waited_for(int worker);

#endif
