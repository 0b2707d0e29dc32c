/* SPDX-License-Identifier: MIT */
/* The way from bytes to an event: envelope, type, whose it is, when it was, and then its data, which the
 * table of its type reads (decode_purchase.c and so on). Called by the worker for every record; knows nothing
 * of customers. */
#include "consumers/decode.h"

#include "common/cloudevent.h"
#include "common/digest.h"
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

#define YEAR_2100_MS INT64_C(4102444800000)
#define DAY_MS       INT64_C(86400000)

static enum reject read_type(struct slice wire, enum event_type *ret_type);
static bool is_purchase(enum event_type type);
static enum reject check_subject(const struct record *record, const struct event *event);
static enum reject read_time(const struct record *record, const struct cloudevent *cloudevent,
                             bool clock_is_event, int64_t *ret_time_ms);

static event_data_reader *const readers[EVENT_TYPE_COUNT] = {
#define EVENT(name, wire, member, about) [EVENT_##name] = event_decode_##member,
#include "common/event.def"
#undef EVENT
};

enum reject event_decode(const struct record *record, bool clock_is_event, struct arena *tree,
                         struct arena *arena, struct event *ret_event)
{
    struct cloudevent cloudevent;
    struct event event = {0};
    enum reject reject = cloudevent_read(record, tree, &cloudevent);
    if (reject == REJECT_NONE) {
        bool is_anonymous = cloudevent.subject.data == NULL;
        event.subject = is_anonymous ? cloudevent.subject : arena_copy(arena, cloudevent.subject);
        event.id = digest_id64(cloudevent.source, cloudevent.id);
        reject = read_type(cloudevent.type, &event.type);
    }
    if (reject == REJECT_NONE) {
        reject = check_subject(record, &event);
    }
    if (reject == REJECT_NONE) {
        reject = read_time(record, &cloudevent, clock_is_event, &event.time_ms);
    }
    if (reject == REJECT_NONE && event.subject.data != NULL) {
        reject = readers[event.type](cloudevent.data, arena, &event);
    }
    if (reject == REJECT_NONE) {
        *ret_event = event;
    }
    return reject;
}

enum reject event_decode_subject(const struct record *record, struct arena *tree, struct slice *ret_subject)
{
    struct cloudevent cloudevent;
    enum event_type type = EVENT_TYPE_COUNT;
    enum reject reject = cloudevent_read(record, tree, &cloudevent);
    if (reject == REJECT_NONE && cloudevent.subject.data == NULL) {
        reject = read_type(cloudevent.type, &type);
        if (reject == REJECT_NONE && !is_purchase(type)) {
            reject = REJECT_missing_subject;
        }
    }
    *ret_subject = reject == REJECT_NONE ? cloudevent.subject : (struct slice){0};
    return reject;
}

enum reject event_decode_nothing(const struct json *data, struct arena *arena, struct event *event)
{
    (void)data;
    (void)arena;
    (void)event;
    return REJECT_NONE;
}

/* What loyald itself writes must not come back as if somebody had said it. */
static enum reject read_type(struct slice wire, enum event_type *ret_type)
{
    if (event_type_parse(wire, ret_type)) {
        return REJECT_NONE;
    }
    bool is_own = slice_has_prefix(wire, SLICE("loyalty.follow_up.")) ||
                  slice_has_prefix(wire, SLICE("loyalty.coupon.")) ||
                  slice_has_prefix(wire, SLICE("loyald."));
    return is_own ? REJECT_control_type : REJECT_unknown_type;
}

static bool is_purchase(enum event_type type)
{
    return type == EVENT_PURCHASE_COMPLETED || type == EVENT_PURCHASE_CANCELLED ||
           type == EVENT_PURCHASE_REFUNDED;
}

/* Purchases may be anonymous. The id of a product is kept in other places than a customer's, and must be
 * plain. */
static enum reject check_subject(const struct record *record, const struct event *event)
{
    if (event->subject.data == NULL) {
        return is_purchase(event->type) ? REJECT_NONE : REJECT_missing_subject;
    }
    if (record->key.data != NULL && !slice_equal(record->key, event->subject)) {
        return REJECT_key_differs_from_subject;
    }
    if (event_type_about(event->type) == ABOUT_PRODUCT &&
        !is_plain_name(event->subject, IDENTIFIER_BYTES_MAX)) {
        return REJECT_bad_subject;
    }
    return REJECT_NONE;
}

static enum reject read_time(const struct record *record, const struct cloudevent *cloudevent,
                             bool clock_is_event, int64_t *ret_time_ms)
{
    if (!cloudevent->has_time) {
        if (clock_is_event) {
            return REJECT_missing_time;
        }
        *ret_time_ms = record->append_ms;
        return REJECT_NONE;
    }
    int64_t time_ms = cloudevent->time_ms;
    if (time_ms < 0 || time_ms >= YEAR_2100_MS || (!clock_is_event && time_ms - DAY_MS > record->append_ms)) {
        return REJECT_time_out_of_range;
    }
    *ret_time_ms = time_ms;
    return REJECT_NONE;
}
