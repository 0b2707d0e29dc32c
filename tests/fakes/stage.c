/* SPDX-License-Identifier: MIT */
/* The stage, its helpers, and what they check. */
#include "tests/fakes/stage.h"

#include "common/cloudevent.h"
#include "producers/followup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define HOME   7
#define OFFSET 41

static struct moment the_moment;
struct moment *const stage_moment = &the_moment;

static struct stage {
    struct customer *customer;
    struct policy *policy;
    struct outbox outbox;
    struct buf scratch;
    size_t taken; /* records of the outbox that the test has seen */
    const struct json *record;
} stage;

static void take(enum out_topic topic, const char *type, const char *id);
static void check_envelope(const struct output *output);
static const struct json *find(const char *path);
static void text_of(const struct json *json, struct buf *out);

int stage_set(void **state)
{
    (void)state;
    struct arena *arena = arena_create(65536);
    stage = (struct stage){.customer = customer_create(SLICE("C1")), .outbox = {.arena = arena}};
    the_moment = (struct moment){.policy = policy_none(),
                                 .outbox = &stage.outbox,
                                 .totals = totals_create(),
                                 .arena = arena,
                                 .scratch = &stage.scratch,
                                 .now_ms = instant("2026-03-02T12:00:00Z"),
                                 .home = HOME,
                                 .offset = OFFSET};
    return 0;
}

int stage_clear(void **state)
{
    (void)state;
    customer_destroy(stage.customer);
    policy_free(stage.policy);
    buf_done(&stage.scratch);
    totals_destroy(the_moment.totals);
    arena_destroy(the_moment.arena);
    return 0;
}

struct customer *stage_customer(void)
{
    return stage.customer;
}

void given_policy(const char *yaml)
{
    struct buf text = {0}, problems = {0};
    buf_text(&text, "policy: 1\n");
    buf_text(&text, strstr(yaml, "mode: ") == yaml ? "" : "mode: live\n");
    buf_text(&text, yaml);
    policy_free(stage.policy);
    stage.policy = NULL;
    if (!policy_parse("policy", buf_view(&text), &problems, &stage.policy)) {
        fail_msg("%.*s", SLICE_ARG(buf_view(&problems)));
    }
    the_moment.policy = stage.policy;
    buf_done(&text);
    buf_done(&problems);
}

void given_now(const char *text)
{
    the_moment.now_ms = instant(text);
}

void given_silence(void)
{
    stage.outbox.silent = true;
}

void given_consent(const char *channel_name, const char *purpose_name, const char *state_name)
{
    enum contact_channel channel;
    enum consent_purpose purpose;
    enum consent_state state;
    assert_true(contact_channel_parse(slice_of(channel_name), &channel));
    assert_true(consent_purpose_parse(slice_of(purpose_name), &purpose));
    assert_true(consent_state_parse(slice_of(state_name), &state));
    struct consent consent = {.state = state, .time_ms = the_moment.now_ms};
    consent_set(stage.customer, channel, purpose, &consent);
}

void given_field(enum customer_field field, const char *value)
{
    customer_text_set(stage.customer, field, slice_of(value));
}

void given_item(enum item_kind kind, const char *key, const char *value)
{
    customer_item_set(stage.customer, kind, slice_of(key), slice_of(value));
}

void given_timer(const char *name, const char *due)
{
    customer_timer_set(stage.customer, slice_of(name), instant(due));
}

void when_time_is(const char *text)
{
    struct slice name;
    int64_t due_ms = 0;
    given_now(text);
    while (followup_due(&the_moment, stage.customer, the_moment.now_ms, &name, &due_ms)) {
        name = arena_copy(the_moment.arena, name);
        customer_timer_remove(stage.customer, name);
        followup_timer(&the_moment, stage.customer, name, due_ms);
    }
}

void then_trigger(const char *id)
{
    take(OUT_TRIGGERS, "loyalty.follow_up.triggered.v1", id);
}

void then_withdrawal(const char *id)
{
    take(OUT_TRIGGERS, "loyalty.coupon.withdrawn.v1", id);
}

void then_decision(const char *id, const char *outcome, const char *reason)
{
    take(OUT_DECISIONS, "loyalty.follow_up.decided.v1", id);
    then_member("data.outcome", outcome);
    then_member("data.reason", reason);
}

void then_no_record(void)
{
    if (stage.taken < stage.outbox.count) {
        fail_msg("there is a record: %.*s", SLICE_ARG(stage.outbox.items[stage.taken].value));
    }
}

void then_member(const char *path, const char *wanted)
{
    struct buf text = {0};
    text_of(find(path), &text);
    buf_char(&text, '\0');
    assert_string_equal(text.data, wanted);
    buf_done(&text);
}

void then_timer(const char *name, const char *due)
{
    struct slice value;
    if (!customer_item(stage.customer, ITEM_TIMER, slice_of(name), &value)) {
        fail_msg("there is no timer %s", name);
    }
    int64_t due_ms = 0;
    assert_true(parse_int(value, &due_ms));
    struct buf text = {0};
    buf_instant(&text, due_ms);
    struct buf wanted = {0};
    buf_instant(&wanted, instant(due));
    buf_char(&text, '\0');
    buf_char(&wanted, '\0');
    assert_string_equal(text.data, wanted.data);
    buf_done(&text);
    buf_done(&wanted);
}

void then_no_timer(const char *name)
{
    struct slice value;
    assert_false(customer_item(stage.customer, ITEM_TIMER, slice_of(name), &value));
}

void then_total(const char *name, int64_t wanted)
{
    assert_int_equal(totals_get(the_moment.totals, slice_of(name)), wanted);
}

void then_item(enum item_kind kind, const char *key, const char *wanted)
{
    struct slice value = {0};
    bool there = customer_item(stage.customer, kind, slice_of(key), &value);
    assert_int_equal(there, wanted != NULL);
    if (wanted != NULL) {
        assert_string_equal(arena_copy(the_moment.arena, value).data, wanted);
    }
}

int64_t instant(const char *text)
{
    int64_t ms = 0;
    if (!instant_parse(slice_of(text), &ms)) {
        fail_msg("the test says %s, which is no instant", text);
    }
    return ms;
}

static void take(enum out_topic topic, const char *type, const char *id)
{
    if (stage.taken == stage.outbox.count) {
        fail_msg("%s did not go out", id);
    }
    const struct output *output = &stage.outbox.items[stage.taken++];
    assert_int_equal(json_parse(output->value, the_moment.arena, &stage.record), JSON_OK);
    then_member("id", id);
    then_member("type", type);
    assert_int_equal(output->topic, topic);
    check_envelope(output);
}

/* What holds for every record. */
static void check_envelope(const struct output *output)
{
    struct slice id = customer_id(stage.customer);
    const char *name = arena_copy(the_moment.arena, id).data;
    assert_true(slice_equal(output->key, id));
    assert_int_equal(output->partition, -1);
    assert_int_equal(output->header_count, 1);
    assert_true(slice_is(output->headers[0].name, "content-type"));
    assert_true(slice_is(output->headers[0].value, "application/cloudevents+json"));
    struct buf now = {0};
    buf_instant(&now, the_moment.now_ms);
    buf_char(&now, '\0');
    then_member("specversion", "1.0");
    then_member("source", "/loyald");
    then_member("time", now.data);
    then_member("subject", name);
    then_member("data.customer", name);
    then_member("data.home", "7");
    then_member("data.offset", "41");
    then_member("data.policy", the_moment.policy->version);
    buf_done(&now);
}

static const struct json *find(const char *path)
{
    const struct json *json = stage.record;
    char name[64];
    while (json != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        (void)snprintf(name, sizeof name, "%.*s", (int)len, path);
        json = json_member(json, name);
        path += path[len] == '.' ? len + 1 : len;
    }
    return json;
}

static void text_of(const struct json *json, struct buf *out)
{
    struct slice text;
    int64_t number = 0;
    if (json == NULL) {
        return;
    }
    switch (json_type(json)) {
    case JSON_STRING:
        assert_true(json_string(json, &text));
        buf_slice(out, text);
        break;
    case JSON_NUMBER:
        assert_true(json_int(json, &number));
        buf_int(out, number);
        break;
    case JSON_NULL:
        buf_text(out, "null");
        break;
    case JSON_ARRAY:
        for (const struct json *child = json_first(json); child != NULL; child = json_next(child)) {
            text_of(child, out);
            buf_text(out, json_next(child) != NULL ? " " : "");
        }
        break;
    default:
        fail_msg("neither a text nor a number");
    }
}
