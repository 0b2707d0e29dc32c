/* SPDX-License-Identifier: MIT */
/* A sandbox decides what workers decide over Kafka and Redis: the same events, the same policy, the same
 * records. */
#include "consumers/sandbox.h"

#include "common/json.h"
#include "common/mem.h"
#include "tests/fakes/dialogue_world.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/made_up.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS    1200
#define CUSTOMERS 12
#define HOMES     4

/* Small limits, so that there are continuations and chunks. */
static const char policy_lines[] =
    "mode: live\nfreeze: 1h\n"
    "limits: {timers_per_record: 1, fan_out_chunk: 1}\n"
    "follow_ups:\n"
    "  thanks: {on: purchase.completed, class: transactional, channels: [email]}\n"
    "  coupon: {on: purchase.completed, class: marketing, after: 6h, withdraw: true,\n"
    "           expires_after: 2h, channels: [email, sms], offer: five}\n"
    "  late: {on: complaint.opened, class: task, after: 8h, unless: complaint.resolved}\n"
    "  greeting: {on: birthday, class: marketing, channels: [email]}\n"
    "  news: {on: product.launched, class: content, channels: [push]}\n";

static void given_something(struct dice *dice);
static char *decided_by_workers(void);
static char *decided_in_a_sandbox(void);
static const struct fake_record *next_event(size_t at[HOMES]);
static bool is_event(const struct fake_record *record);
static void hear(void *context, const struct output *output);
static void note(struct dump *dump, struct slice value);

static void a_sandbox_decides_what_workers_decide(void **state)
{
    (void)state;
    struct dice dice = {.state = 7};
    given_policy(policy_lines);
    for (int i = 0; i < EVENTS; i++) {
        given_something(&dice);
        until_idle();
        time_passes((1 + dice_throw(&dice, 15)) * MINUTES);
        until_idle();
    }
    char *wanted = decided_by_workers(), *found = decided_in_a_sandbox();
    assert_string_equal(found, wanted);
    assert_true(strstr(wanted, "/withdrawn") != NULL && strstr(wanted, "no_consent") != NULL);
    assert_true(control_count("chunk") > 10 && control_count("continuation") > 0);
    free(wanted);
    free(found);
}

static void given_something(struct dice *dice)
{
    static const char *const interests[] = {"\"a\"", "\"b\"", "\"a\",\"b\""};
    char customer[8], name[16], order[16], profile[128];
    int number = dice_throw(dice, 100000);
    (void)snprintf(customer, sizeof customer, "C%d", dice_throw(dice, CUSTOMERS));
    (void)snprintf(name, sizeof name, "N%d", number);
    (void)snprintf(order, sizeof order, "%s-%d", customer, dice_throw(dice, 40));
    switch (dice_throw(dice, 8)) {
    case 0:
    case 1:
        given_purchase(customer, order, 100 + number, "EUR");
        break;
    case 2:
        given_cancellation(customer, order);
        break;
    case 3:
        given_complaint(customer, order, dice_throw(dice, 2) == 0 ? "opened" : "resolved");
        break;
    case 4:
        given_consent(customer, dice_throw(dice, 2) == 0 ? "email" : "push",
                      dice_throw(dice, 2) == 0 ? "marketing" : "content", "granted");
        break;
    case 5:
        (void)snprintf(
            profile, sizeof profile,
            "{\"birth_date\":{\"calendar\":\"gregorian\",\"month\":3,\"day\":%d},\"interests\":[%s]}",
            2 + dice_throw(dice, 4), interests[dice_throw(dice, 3)]);
        given_profile(customer, profile);
        break;
    case 6:
        given_launch(name, "A thing", "[\"a\",\"b\"]");
        break;
    default:
        given_visit(customer, "web");
    }
}

static char *decided_by_workers(void)
{
    struct dump dump = {0};
    for (int topic = OUT_TRIGGERS; topic <= OUT_DECISIONS; topic++) {
        const struct fake_partition *log = &the_kafka()->outputs[topic].partitions[0];
        for (size_t i = 0; i < log->count; i++) {
            if (log->records[i].state == FAKE_COMMITTED) {
                note(&dump, log->records[i].value);
            }
        }
    }
    return dump_finish(&dump);
}

static char *decided_in_a_sandbox(void)
{
    struct dump dump = {0};
    struct buf problems = {0};
    struct policy *policy = NULL;
    size_t at[HOMES] = {0};
    const struct fake_record *event;
    struct slice text = arena_printf(world.arena, "policy: 1\n%s", policy_lines);
    assert_true(policy_parse("policy", text, &problems, &policy));
    struct sandbox *sandbox = sandbox_create(HOMES, hear, &dump);
    sandbox_activate(sandbox, policy, the_log(0)->records[0].append_ms);
    while ((event = next_event(at)) != NULL) {
        struct record record = {.append_ms = event->append_ms, .key = event->key, .value = event->value};
        sandbox_append(sandbox, &record);
    }
    sandbox_pass(sandbox, world.now_ms);
    assert_true(sandbox_customers(sandbox) > CUSTOMERS / 2);
    sandbox_destroy(sandbox);
    policy_free(policy);
    return dump_finish(&dump);
}

/* Of all homes the event that was appended first; what loyald wrote for itself is passed over. */
static const struct fake_record *next_event(size_t at[HOMES])
{
    const struct fake_record *next = NULL;
    int32_t home = 0;
    for (int32_t i = 0; i < HOMES; i++) {
        const struct fake_partition *log = the_log(i);
        while (at[i] < log->count && !is_event(&log->records[at[i]])) {
            at[i]++;
        }
        if (at[i] < log->count && (next == NULL || log->records[at[i]].append_ms < next->append_ms)) {
            next = &log->records[at[i]];
            home = i;
        }
    }
    at[home] += next != NULL;
    return next;
}

static bool is_event(const struct fake_record *record)
{
    return record->state == FAKE_COMMITTED && record_header_of(record, "loyald-control").data == NULL;
}

static void hear(void *context, const struct output *output)
{
    if (output->topic == OUT_TRIGGERS || output->topic == OUT_DECISIONS) {
        note(context, output->value);
    }
}

/* Id and reason; the time of a timer is that of its tick, which workers append when they get to it. */
static void note(struct dump *dump, struct slice value)
{
    const struct json *event = NULL;
    struct slice id, reason;
    assert_int_equal(json_parse(value, world.arena, &event), JSON_OK);
    assert_true(json_string(json_member(event, "id"), &id));
    assert_true(json_string(json_member(json_member(event, "data"), "reason"), &reason));
    dump_field(dump, SLICE("record"), id, reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        flow_test(a_sandbox_decides_what_workers_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
