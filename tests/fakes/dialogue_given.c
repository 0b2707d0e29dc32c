/* SPDX-License-Identifier: MIT */
/* What the world is told: events, policies, control records. */
#include "tests/fakes/dialogue_world.h"

#include "common/mem.h"
#include "config/policy.h"

#include <assert.h>
#include <stdio.h>

static struct fake_topic *topic_named(const char *name, int32_t *ret_index);
static struct slice subject_of(const char *text);

int32_t home_of(const char *subject)
{
    return partition_of(slice_of(subject), world.homes);
}

const char *customer_in(int32_t home, int n)
{
    for (int i = 1, found = 0;; i++) {
        char id[16];
        snprintf(id, sizeof id, "C%d", i);
        if (home_of(id) == home && ++found == n) {
            return arena_copy(world.arena, slice_of(id)).data;
        }
    }
}

struct fake_partition *the_log(int32_t home)
{
    return fake_kafka_partition(the_kafka(), (struct partition){.topic = 0, .number = home});
}

struct fake_partition *the_feeder(const char *topic)
{
    int32_t index = 0;
    return &topic_named(topic, &index)->partitions[0];
}

void next_event_id(const char *id)
{
    world.id = id;
}

void next_event_time(const char *instant)
{
    world.time = instant;
}

const char *event_text(const char *type, const char *subject, const char *data, ...)
{
    struct buf text = {0};
    char body[2048];
    va_list args;
    va_start(args, data);
    int len = vsnprintf(body, sizeof body, data, args);
    va_end(args);
    assert(len < (int)sizeof body);
    buf_printf(&text, "{\"specversion\":\"1.0\",\"source\":\"/test\",\"type\":\"%s\",\"id\":", type);
    if (world.id != NULL) {
        buf_json_string(&text, slice_of(world.id));
    } else {
        buf_printf(&text, "\"e%d\"", world.next_id++);
    }
    if (subject != NULL) {
        buf_text(&text, ",\"subject\":");
        buf_json_string(&text, slice_of(subject));
    }
    buf_text(&text, ",\"time\":\"");
    if (world.time != NULL) {
        buf_text(&text, world.time);
    } else {
        buf_instant(&text, world.now_ms);
    }
    buf_printf(&text, "\",\"data\":%s}", body);
    world.id = world.time = NULL;
    const char *kept = arena_copy(world.arena, buf_view(&text)).data;
    buf_done(&text);
    return kept;
}

const char *visit(const char *customer, const char *channel)
{
    return event_text("loyalty.visit.made.v1", customer, "{\"sales_channel\":\"%s\"}", channel);
}

const char *purchase(const char *customer, const char *order, int minor, const char *currency)
{
    return event_text("loyalty.purchase.completed.v1", customer,
                      "{\"order_id\":\"%s\",\"net_minor\":%d,\"currency\":\"%s\",\"sales_channel\":\"web\"}",
                      order, minor, currency);
}

int64_t given_event(const char *topic, const char *text)
{
    struct slice subject = subject_of(text);
    if (strcmp(topic, HOME_LOG) != 0 || subject.data == NULL) {
        return given_record(topic, 0, NULL, text, NULL);
    }
    return given_record(topic, partition_of(subject, world.homes), arena_copy(world.arena, subject).data,
                        text, NULL);
}

int64_t given_record(const char *topic, int32_t partition, const char *key, const char *text,
                     const char *header)
{
    int32_t index = 0;
    struct fake_topic *into = topic_named(topic, &index);
    struct header headers[1];
    struct output output = {.headers = headers};
    assert(partition < into->partition_count);
    output.key = key != NULL ? slice_of(key) : (struct slice){0};
    output.value = text != NULL ? slice_of(text) : (struct slice){0};
    const char *colon = header != NULL ? strstr(header, ": ") : NULL;
    if (colon != NULL) {
        headers[output.header_count++] = (struct header){
            .name = {.data = header, .len = (size_t)(colon - header)},
              .value = slice_of(colon + 2)
        };
    }
    return fake_kafka_append(world.kafka, &into->partitions[partition], FAKE_COMMITTED, &output);
}

int64_t given_control(int32_t home, const char *kind, const char *body)
{
    char header[80];
    snprintf(header, sizeof header, "loyald-control: %s %d 1", kind, home);
    return given_record(HOME_LOG, home, NULL, body, header);
}

int64_t given_visit(const char *customer, const char *channel)
{
    return given_event(HOME_LOG, visit(customer, channel));
}

int64_t given_purchase(const char *customer, const char *order, int minor, const char *currency)
{
    return given_event(HOME_LOG, purchase(customer, order, minor, currency));
}

int64_t given_cancellation(const char *customer, const char *order)
{
    return given_event(HOME_LOG,
                       event_text("loyalty.purchase.cancelled.v1", customer, "{\"order_id\":\"%s\"}", order));
}

int64_t given_refund(const char *customer, const char *refund, const char *order, int minor)
{
    return given_event(HOME_LOG, event_text("loyalty.purchase.refunded.v1", customer,
                                            "{\"refund_id\":\"%s\",\"order_id\":\"%s\",\"net_minor\":%d}",
                                            refund, order, minor));
}

int64_t given_complaint(const char *customer, const char *complaint, const char *state)
{
    const char *type = arena_printf(world.arena, "loyalty.complaint.%s.v1", state).data;
    return given_event(HOME_LOG, event_text(type, customer, "{\"complaint_id\":\"%s\"}", complaint));
}

int64_t given_severe_complaint(const char *customer, const char *complaint, const char *severity)
{
    return given_event(HOME_LOG,
                       event_text("loyalty.complaint.opened.v1", customer,
                                  "{\"complaint_id\":\"%s\",\"severity\":\"%s\"}", complaint, severity));
}

int64_t given_profile(const char *customer, const char *data)
{
    return given_event(HOME_LOG, event_text("loyalty.profile.changed.v1", customer, "%s", data));
}

int64_t given_consent(const char *customer, const char *channel, const char *purpose, const char *state)
{
    return given_event(HOME_LOG,
                       event_text("loyalty.consent.changed.v1", customer,
                                  "{\"contact_channel\":\"%s\",\"purpose\":\"%s\",\"state\":\"%s\"}", channel,
                                  purpose, state));
}

int64_t given_launch(const char *product, const char *name, const char *interests)
{
    return given_event(HOME_LOG, event_text("loyalty.product.launched.v1", product,
                                            "{\"name\":\"%s\",\"interests\":%s}", name, interests));
}

int64_t given_erasure(const char *customer)
{
    return given_event(HOME_LOG, event_text("loyalty.customer.erased.v1", customer, "{}"));
}

void given_policy(const char *yaml)
{
    for (int32_t home = 0; home < world.homes; home++) {
        given_policy_in(home, yaml);
    }
}

void given_policy_in(int32_t home, const char *yaml)
{
    struct buf text = {0}, body = {0}, problems = {0};
    struct policy *policy = NULL;
    buf_text(&text, "policy: 1\n");
    buf_text(&text, strstr(yaml, "mode: ") == yaml ? "" : "mode: live\n");
    buf_text(&text, yaml);
    if (!policy_parse("policy", buf_view(&text), &problems, &policy)) {
        fail_msg("%.*s", SLICE_ARG(buf_view(&problems)));
    }
    policy_free(policy);
    policy_record_body(buf_view(&text), &body);
    buf_char(&body, '\0');
    given_control(home, "policy", body.data);
    buf_done(&text);
    buf_done(&body);
    buf_done(&problems);
}

void given_intake(bool paused)
{
    struct field field = {.name = SLICE("intake"), .value = SLICE("paused")};
    struct store *store = store_fake_open(world.memory);
    enum status status = paused ? store_note_set(store, "commands", &field, 1)
                                : store_note_unset(store, "commands", &field.name, 1);
    assert_int_equal(status, STATUS_OK);
    store_close(store);
}

void given_command(const char *topic, int32_t partition, const char *command)
{
    char name[128];
    snprintf(name, sizeof name, "%s/%d", topic, partition);
    struct field field = {.name = slice_of(name), .value = slice_of(command)};
    struct store *store = store_fake_open(world.memory);
    assert_int_equal(store_note_set(store, "commands", &field, 1), STATUS_OK);
    store_close(store);
}

static struct fake_topic *topic_named(const char *name, int32_t *ret_index)
{
    world_open();
    for (size_t i = 0; i < world.kafka->input_count; i++) {
        if (strcmp(world.kafka->inputs[i].name, name) == 0) {
            *ret_index = (int32_t)i;
            return &world.kafka->inputs[i];
        }
    }
    fail_msg("there is no topic %s", name);
    return NULL;
}

/* As event_text has written it; absent if the text is something else. */
static struct slice subject_of(const char *text)
{
    const char *member = strstr(text, "\"subject\":\"");
    if (member == NULL) {
        return (struct slice){0};
    }
    member += strlen("\"subject\":\"");
    return (struct slice){.data = member, .len = strcspn(member, "\"")};
}
