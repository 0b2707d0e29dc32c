/* SPDX-License-Identifier: MIT */
/* What is given in a case, as the events that an upstream system would send. */
#include "common/mem.h"
#include "consumers/ctl/case_parts.h"
#include "consumers/ctl/json_out.h"
#include "common/money.h"
#include "consumers/ctl/send.h"
#include "consumers/decode.h"

#include <stdio.h>

#define WIRE_HEAD  8 /* "loyalty." */
#define WIRE_TAIL  3 /* ".v1" */
#define TREE_BYTES 16384

const char *const case_customer_keys[] = {"birth",    "zone",      "country",          "region",
                                          "language", "interests", "contact_channels", "household",
                                          "consents"};
#define CUSTOMER_KEY_COUNT (sizeof case_customer_keys / sizeof *case_customer_keys)

static const struct header content_type = {
    .name = {"content-type",                 12},
      .value = {"application/cloudevents+json", 28}
};

static void read_event(struct case_reader *reader, const struct yaml *step, const struct yaml *node,
                       int64_t at_ms);
static const struct yaml *what_happens(const struct yaml *step);
static void read_consents(struct case_reader *reader, const struct yaml *node, struct slice id,
                          int64_t since_ms);
static void add_event(struct case_reader *reader, const struct yaml *node, enum event_type type,
                      struct slice subject, struct slice id, int64_t at_ms, int64_t time_ms,
                      struct slice data);
static struct case_step *add_step(struct case_reader *reader, const struct yaml *node,
                                  enum case_step_kind kind, int64_t at_ms);
static void write_data(struct buf *out, const char *name, const struct yaml *node);
static void write_members(struct buf *out, const struct yaml *mapping);
static bool write_short(struct buf *out, const struct yaml *node);
static bool write_birth(struct buf *out, struct slice text);
static bool write_amount(struct buf *out, struct slice text);
static bool is_number(const struct yaml *node, const char *name, int64_t *ret);

struct slice case_event_name(enum event_type type)
{
    struct slice wire = slice_of(event_type_wire(type));
    return (struct slice){.data = wire.data + WIRE_HEAD, .len = wire.len - WIRE_HEAD - WIRE_TAIL};
}

bool case_read_event_type(const struct yaml *node, struct slice name, enum event_type *ret_type)
{
    char texts[EVENT_TYPE_COUNT][48];
    const char *names[EVENT_TYPE_COUNT];
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        struct slice known = case_event_name((enum event_type)type);
        if (slice_equal(known, name)) {
            *ret_type = (enum event_type)type;
            return true;
        }
        (void)snprintf(texts[type], sizeof texts[type], "%.*s", SLICE_ARG(known));
        names[type] = texts[type];
    }
    const char *nearest = yaml_nearest(names, EVENT_TYPE_COUNT, name);
    yaml_problem_at_key(node, "there is no event '%.*s'%s%s%s", SLICE_ARG(name),
                        nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                        nearest != NULL ? "'?" : "");
    return false;
}

void case_read_customer(struct case_reader *reader, const struct yaml *node, struct slice id,
                        int64_t since_ms)
{
    struct buf data = {0};
    if (!yaml_is_mapping(node, "customer") ||
        !yaml_only_keys(node, "customer", case_customer_keys, CUSTOMER_KEY_COUNT)) {
        return;
    }
    json_open(&data, NULL, '{');
    write_members(&data, node);
    json_close(&data, '}');
    if (data.len > 2) {
        add_event(reader, node, EVENT_PROFILE_CHANGED, id, (struct slice){0}, since_ms, since_ms,
                  buf_view(&data));
    }
    buf_done(&data);
    const struct yaml *consents = yaml_get(node, "consents");
    if (consents != NULL) {
        read_consents(reader, consents, id, since_ms);
    }
}

/* "email" for marketing; "email content" for content. */
static void read_consents(struct case_reader *reader, const struct yaml *node, struct slice id,
                          int64_t since_ms)
{
    if (!yaml_is_sequence(node, "consents")) {
        return;
    }
    YAML_EACH(each, node)
    {
        struct slice text = {0}, purpose = SLICE("marketing");
        enum contact_channel channel;
        enum consent_purpose parsed;
        if (!yaml_text(each, "a consent", &text)) {
            continue;
        }
        const char *blank = memchr(text.data, ' ', text.len);
        if (blank != NULL) {
            purpose = (struct slice){.data = blank + 1, .len = text.len - (size_t)(blank + 1 - text.data)};
            text.len = (size_t)(blank - text.data);
        }
        if (!contact_channel_parse(text, &channel) || !consent_purpose_parse(purpose, &parsed)) {
            yaml_problem(
                each,
                "a consent is a contact channel, such as email, and if it is not for marketing what it is "
                "for, such as 'email content'");
            continue;
        }
        struct buf data = {0};
        buf_printf(&data, "{\"contact_channel\":\"%.*s\",\"purpose\":\"%.*s\",\"state\":\"granted\"}",
                   SLICE_ARG(text), SLICE_ARG(purpose));
        add_event(reader, each, EVENT_CONSENT_CHANGED, id, (struct slice){0}, since_ms, since_ms,
                  buf_view(&data));
        buf_done(&data);
    }
}

void case_read_step(struct case_reader *reader, const struct yaml *node)
{
    int64_t at_ms = 0;
    if (!yaml_is_mapping(node, "what is given")) {
        return;
    }
    const struct yaml *what = what_happens(node);
    if (yaml_get(node, "at") == NULL || what == NULL) {
        yaml_problem(node,
                     "what is given needs 'at' and an event, such as {at: 2026-03-01 10:00, visit.made: {}}");
        return;
    }
    if (!case_read_time(reader, yaml_get(node, "at"), "at", &at_ms)) {
        return;
    }
    if (slice_is(what->key, "policy")) {
        const struct policy *policy = case_read_policy(reader, what);
        struct case_step *step = policy != NULL ? add_step(reader, node, STEP_POLICY, at_ms) : NULL;
        if (step != NULL) {
            step->policy = policy;
        }
    } else if (slice_is(what->key, "away_until")) {
        int64_t until_ms = 0;
        if (case_read_time(reader, what, "away_until", &until_ms)) {
            struct case_step *step = add_step(reader, node, STEP_AWAY, at_ms);
            if (step != NULL) {
                step->until_ms = until_ms;
            }
        }
    } else if (slice_is(what->key, "pause") || slice_is(what->key, "resume")) {
        struct case_step pause;
        struct case_step *step =
            case_read_pause(reader, what, &pause) ? add_step(reader, node, STEP_PAUSE, at_ms) : NULL;
        if (step != NULL) {
            *step = pause;
            step->at_ms = at_ms;
        }
    } else {
        read_event(reader, node, what, at_ms);
    }
}

/* The first key that says neither when nor who. */
static const struct yaml *what_happens(const struct yaml *step)
{
    YAML_EACH(child, step)
    {
        if (!slice_is(child->key, "at") && !slice_is(child->key, "customer") &&
            !slice_is(child->key, "product") && !slice_is(child->key, "id") &&
            !slice_is(child->key, "time")) {
            return child;
        }
    }
    return NULL;
}

static void read_event(struct case_reader *reader, const struct yaml *step, const struct yaml *node,
                       int64_t at_ms)
{
    enum event_type type;
    char name[48];
    struct slice subject = SLICE("C1"), id = {0};
    int64_t time_ms = at_ms;
    if (!case_read_event_type(node, node->key, &type)) {
        return;
    }
    bool about_product = event_type_about(type) == ABOUT_PRODUCT;
    (void)snprintf(name, sizeof name, "%.*s", SLICE_ARG(node->key));
    const char *const keys[] = {"at", "id", "time", about_product ? "product" : "customer", name};
    const struct yaml *who = yaml_get(step, about_product ? "product" : "customer");
    const struct yaml *id_node = yaml_get(step, "id"), *time = yaml_get(step, "time");
    bool good = yaml_only_keys(step, "what is given", keys, sizeof keys / sizeof *keys);
    if (who != NULL) {
        good = yaml_text(who, about_product ? "product" : "customer", &subject) && good;
    } else if (about_product) {
        subject = SLICE("P1");
    }
    good = (id_node == NULL || yaml_text(id_node, "id", &id)) && good;
    good = (time == NULL || case_read_time(reader, time, "time", &time_ms)) && good;
    if (!good || (!yaml_is_null(node) && !yaml_is_mapping(node, name))) {
        return;
    }
    struct buf data = {0};
    size_t before = reader->problems->len;
    json_open(&data, NULL, '{');
    write_members(&data, node);
    json_close(&data, '}');
    if (reader->problems->len == before) {
        add_event(reader, node, type, subject, id, at_ms, time_ms, buf_view(&data));
    }
    buf_done(&data);
}

/* What loyald would refuse is a mistake, unless the case is about that. */
static void add_event(struct case_reader *reader, const struct yaml *node, enum event_type type,
                      struct slice subject, struct slice id, int64_t at_ms, int64_t time_ms,
                      struct slice data)
{
    struct arena *arena = reader->file->arena;
    struct buf text = {0}, time = {0};
    buf_instant(&time, time_ms);
    if (id.data == NULL) {
        id = arena_printf(arena, "event-%d", ++reader->next_id);
    }
    send_event_text(&text, type, arena_copy(arena, id).data, "/cases", arena_copy(arena, subject).data,
                    buf_view(&time), data);
    struct record record = {
        .append_ms = at_ms, .value = buf_view(&text), .headers = &content_type, .header_count = 1};
    struct arena *tree = arena_create(TREE_BYTES);
    struct event event;
    enum reject reject = event_decode(&record, false, tree, tree, &event);
    arena_destroy(tree);
    if (reject != REJECT_NONE && !reader->expects_refusals) {
        yaml_problem(node, "loyald would refuse this event: %s (%s)", reject_sentence(reject),
                     reject_name(reject));
    } else {
        struct case_step *step = add_step(reader, node, STEP_EVENT, at_ms);
        if (step != NULL) {
            step->subject = arena_copy(arena, subject);
            step->event = arena_copy(arena, buf_view(&text));
        }
    }
    buf_done(&text);
    buf_done(&time);
}

/* NULL: it would go back in time. */
static struct case_step *add_step(struct case_reader *reader, const struct yaml *node,
                                  enum case_step_kind kind, int64_t at_ms)
{
    struct policy_case *now = reader->now;
    const struct case_step *last = now->step_count > 0 ? &now->steps[now->step_count - 1] : NULL;
    if (last != NULL && (at_ms < last->at_ms || (last->kind == STEP_AWAY && at_ms < last->until_ms))) {
        yaml_problem(node, last->kind == STEP_AWAY
                               ? "nothing can be given while loyald is away: say it behind"
                               : "what is given stands in order of time: this is earlier than what "
                                 "stands before it");
        return NULL;
    }
    MEM_GROW(now->steps, now->step_count, reader->step_capacity);
    struct case_step *step = &now->steps[now->step_count++];
    *step = (struct case_step){.kind = kind, .at_ms = at_ms};
    return step;
}

/* ---- YAML to the event's JSON */

static void write_members(struct buf *out, const struct yaml *mapping)
{
    YAML_EACH(child, mapping)
    {
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", SLICE_ARG(child->key));
        if (!slice_is(child->key, "consents") && !write_short(out, child)) {
            write_data(out, name, child);
        }
    }
}

static void write_data(struct buf *out, const char *name, const struct yaml *node)
{
    int64_t number = 0;
    switch (node->kind) {
    case YAML_MAPPING:
        json_open(out, name, '{');
        write_members(out, node);
        json_close(out, '}');
        break;
    case YAML_SEQUENCE:
        json_open(out, name, '[');
        YAML_EACH(child, node)
        {
            write_data(out, NULL, child);
        }
        json_close(out, ']');
        break;
    case YAML_SCALAR:
        if (yaml_is_null(node)) {
            json_null(out, name);
        } else if (!node->quoted && (slice_is(node->text, "true") || slice_is(node->text, "false"))) {
            json_flag(out, name, slice_is(node->text, "true"));
        } else if (is_number(node, name, &number)) {
            json_number(out, name, number);
        } else {
            json_text(out, name, node->text);
        }
        break;
    }
}

/* An id of digits alone is an id all the same. */
static bool is_number(const struct yaml *node, const char *name, int64_t *ret)
{
    size_t len = name != NULL ? strlen(name) : 0;
    bool is_name = name == NULL || (len > 3 && strcmp(name + len - 3, "_id") == 0) ||
                   strcmp(name, "name") == 0 || strcmp(name, "sku") == 0 || strcmp(name, "quantity") == 0;
    return !is_name && !node->quoted && parse_int(node->text, ret);
}

/* What is written shorter here than an upstream system writes it: `birth: 1988-02-29`, `amount: 49.99 EUR`.
 */
static bool write_short(struct buf *out, const struct yaml *node)
{
    if (node->kind != YAML_SCALAR || yaml_is_null(node)) {
        return false;
    }
    if (slice_is(node->key, "birth")) {
        if (!write_birth(out, node->text)) {
            yaml_problem(
                node,
                "birth must be a date such as 1988-02-29, or --02-29 where the year is not known, not '%.*s'",
                SLICE_ARG(node->text));
        }
        return true;
    }
    if (slice_is(node->key, "amount")) {
        if (!write_amount(out, node->text)) {
            yaml_problem(node, "amount must be a sum and its currency, such as 49.99 EUR, not '%.*s'",
                         SLICE_ARG(node->text));
        }
        return true;
    }
    return false;
}

static bool write_birth(struct buf *out, struct slice text)
{
    struct civil_date date;
    if (!civil_date_parse(text, &date)) {
        return false;
    }
    json_open(out, "birth_date", '{');
    json_text(out, "calendar", SLICE("gregorian"));
    if (date.year != 0) {
        json_number(out, "year", date.year);
    }
    json_number(out, "month", date.month);
    json_number(out, "day", date.day);
    json_close(out, '}');
    return true;
}

static bool write_amount(struct buf *out, struct slice text)
{
    char sum[32], currency[4], why[256];
    int64_t minor = 0;
    const char *blank = memchr(text.data, ' ', text.len);
    size_t len = blank != NULL ? (size_t)(blank - text.data) : 0;
    if (len == 0 || len >= sizeof sum || text.len - len != sizeof currency) {
        return false;
    }
    (void)snprintf(sum, sizeof sum, "%.*s", (int)len, text.data);
    (void)snprintf(currency, sizeof currency, "%.3s", blank + 1);
    if (!money_parse(sum, currency, &minor, why)) {
        return false;
    }
    json_number(out, "net_minor", minor);
    json_text(out, "currency", slice_of(currency));
    return true;
}
