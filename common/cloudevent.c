/* SPDX-License-Identifier: MIT */
/* Both content modes of the CloudEvents Kafka binding are brought into one form, a text for each attribute,
 * and that is judged in a fixed order: what is wrong with an event does not depend on the order of its
 * members. */
#include "common/cloudevent.h"

#include "common/utf8.h"

#include <strings.h>

enum attribute {
    SPECVERSION,
    ID,
    SOURCE,
    TYPE,
    SUBJECT,
    TIME,
    DATA_CONTENT_TYPE,
    ATTRIBUTE_COUNT,
    NO_ATTRIBUTE
};

static const struct {
    struct slice name;
    enum reject wrong; /* when it is no text */
} attributes[ATTRIBUTE_COUNT] = {
    [SPECVERSION] = {{"specversion", 11},     REJECT_not_a_cloudevent        },
    [ID] = {{"id", 2},               REJECT_not_a_cloudevent        },
    [SOURCE] = {{"source", 6},           REJECT_not_a_cloudevent        },
    [TYPE] = {{"type", 4},             REJECT_not_a_cloudevent        },
    [SUBJECT] = {{"subject", 7},          REJECT_bad_subject             },
    [TIME] = {{"time", 4},             REJECT_bad_time                },
    [DATA_CONTENT_TYPE] = {{"datacontenttype", 15}, REJECT_unsupported_content_type},
};

struct envelope {
    struct slice texts[ATTRIBUTE_COUNT]; /* absent: the event lacks it */
    enum reject faults[ATTRIBUTE_COUNT];
    const struct json *data;
    bool has_base64;
};

/* What the headers say about the record. */
struct headers {
    struct slice content_type;
    bool has_ce; /* at least one that begins with ce_ */
};

static struct headers read_headers(const struct record *record, struct envelope *envelope);
static bool begins_with_ce(const char *name);
static void read_header_text(struct slice value, struct slice *ret_text, enum reject *ret_fault);
static enum attribute guess_attribute(struct slice name);
static enum reject read_structured(struct slice body, struct arena *arena, struct envelope *envelope);
static enum reject judge(const struct envelope *envelope, bool has_data, struct cloudevent *event);
static bool is_subject(struct slice text);
static bool is_json_type(struct slice content_type);
static struct slice media_type(struct slice content_type);
static bool equals_nocase(struct slice s, struct slice other);
static enum reject reject_of(enum json_fault fault);

enum reject cloudevent_read(const struct record *record, struct arena *arena, struct cloudevent *ret_event)
{
    static const struct slice family = {"application/cloudevents", 23};
    struct slice body = record->value;
    if (body.len > BODY_BYTES_MAX) {
        return REJECT_body_too_large;
    }
    struct envelope envelope = {0};
    struct cloudevent event = {0};
    struct headers headers = read_headers(record, &envelope);
    struct slice type = media_type(headers.content_type);
    bool is_family = type.len >= family.len && equals_nocase((struct slice){type.data, family.len}, family);
    if (is_family && !equals_nocase(type, SLICE("application/cloudevents+json"))) {
        return type.len > family.len && type.data[family.len] == '-' ? REJECT_batched_cloudevents
                                                                     : REJECT_unsupported_content_type;
    }
    bool is_structured = is_family || (!headers.has_ce && type.len == 0);
    if (body.len == 0 && (is_structured || !headers.has_ce)) {
        return REJECT_no_body;
    }
    enum reject reject = REJECT_NONE;
    if (is_structured) {
        envelope = (struct envelope){0};
        reject = read_structured(body, arena, &envelope);
        reject = reject == REJECT_NONE ? judge(&envelope, envelope.data != NULL, &event) : reject;
    } else {
        envelope.texts[DATA_CONTENT_TYPE] = headers.content_type;
        reject = judge(&envelope, body.len > 0, &event);
        if (reject == REJECT_NONE && body.len > 0) {
            reject = reject_of(json_parse(body, arena, &envelope.data));
        }
    }
    if (reject != REJECT_NONE) {
        return reject;
    }
    event.data = envelope.data != NULL && json_type(envelope.data) == JSON_NULL ? NULL : envelope.data;
    *ret_event = event;
    return REJECT_NONE;
}

/* One walk over the headers: the content type, and the attributes of binary mode. */
static struct headers read_headers(const struct record *record, struct envelope *envelope)
{
    struct headers headers = {0};
    for (size_t i = 0; i < record->header_count; i++) {
        const struct header *header = &record->headers[i];
        if (header->value.data == NULL || header->name.len < 5) {
            continue;
        }
        if (begins_with_ce(header->name.data)) {
            headers.has_ce = true;
            struct slice rest = {.data = header->name.data + 3, .len = header->name.len - 3};
            enum attribute attribute = guess_attribute(rest);
            /* datacontenttype is the header content-type */
            if (attribute < DATA_CONTENT_TYPE && equals_nocase(rest, attributes[attribute].name)) {
                envelope->faults[attribute] = REJECT_NONE;
                read_header_text(header->value, &envelope->texts[attribute], &envelope->faults[attribute]);
            }
        } else if (equals_nocase(header->name, SLICE("content-type"))) {
            headers.content_type = header->value;
        }
    }
    return headers;
}

static bool begins_with_ce(const char *name)
{
    return (name[0] | 0x20) == 'c' && (name[1] | 0x20) == 'e' && name[2] == '_';
}

static void read_header_text(struct slice value, struct slice *ret_text, enum reject *ret_fault)
{
    if (!utf8_valid(value)) {
        *ret_fault = REJECT_bad_utf8;
    } else if (value.len > 0 && memchr(value.data, '\0', value.len) != NULL) {
        *ret_fault = REJECT_nul_in_text;
    }
    *ret_text = value;
}

/* The only attribute that the name can be, judged by its length; NO_ATTRIBUTE: none. */
static enum attribute guess_attribute(struct slice name)
{
    switch (name.len) {
    case 2:
        return ID;
    case 4:
        return (name.data[1] | 0x20) == 'i' ? TIME : TYPE;
    case 6:
        return SOURCE;
    case 7:
        return SUBJECT;
    case 11:
        return SPECVERSION;
    case 15:
        return DATA_CONTENT_TYPE;
    default:
        return NO_ATTRIBUTE;
    }
}

/* What is null counts as absent (CloudEvents' JSON format, 2.2). */
static enum reject read_structured(struct slice body, struct arena *arena, struct envelope *envelope)
{
    const struct json *json = NULL;
    enum json_fault fault = json_parse(body, arena, &json);
    if (fault != JSON_OK) {
        return reject_of(fault);
    }
    if (json_type(json) != JSON_OBJECT) {
        return REJECT_not_a_cloudevent;
    }
    for (const struct json *member = json_first(json); member != NULL; member = json_next(member)) {
        struct slice name = json_name(member);
        enum attribute attribute = guess_attribute(name);
        if (attribute < ATTRIBUTE_COUNT && slice_equal(name, attributes[attribute].name)) {
            if (!json_string(member, &envelope->texts[attribute]) && json_type(member) != JSON_NULL) {
                envelope->texts[attribute] = SLICE("");
                envelope->faults[attribute] = attributes[attribute].wrong;
            }
        } else if (slice_equal(name, SLICE("data"))) {
            envelope->data = json_type(member) != JSON_NULL ? member : NULL;
        } else if (slice_equal(name, SLICE("data_base64"))) {
            envelope->has_base64 = json_type(member) != JSON_NULL;
        }
    }
    return REJECT_NONE;
}

static enum reject judge(const struct envelope *envelope, bool has_data, struct cloudevent *event)
{
    const struct slice *texts = envelope->texts;
    for (enum attribute attribute = SPECVERSION; attribute <= TYPE; attribute++) {
        if (envelope->faults[attribute] != REJECT_NONE) {
            return envelope->faults[attribute];
        }
        if (texts[attribute].len == 0) {
            return REJECT_not_a_cloudevent;
        }
        if (attribute == SPECVERSION && !slice_equal(texts[SPECVERSION], SLICE("1.0"))) {
            return REJECT_unsupported_specversion;
        }
    }
    for (enum attribute attribute = SUBJECT; attribute <= DATA_CONTENT_TYPE; attribute++) {
        if (envelope->faults[attribute] != REJECT_NONE) {
            return envelope->faults[attribute];
        }
    }
    if (texts[SUBJECT].data != NULL && !is_subject(texts[SUBJECT])) {
        return REJECT_bad_subject;
    }
    event->has_time = texts[TIME].data != NULL;
    if (event->has_time && !instant_parse(texts[TIME], &event->time_ms)) {
        return REJECT_bad_time;
    }
    if (envelope->has_base64 || (has_data && !is_json_type(texts[DATA_CONTENT_TYPE]))) {
        return REJECT_unsupported_content_type;
    }
    event->id = texts[ID];
    event->source = texts[SOURCE];
    event->type = texts[TYPE];
    event->subject = texts[SUBJECT];
    return REJECT_NONE;
}

/* The control characters are those of ASCII and of Latin-1 (U+0080 to U+009F). */
static bool is_subject(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)text.data[i + 1] < 0xa0)) {
            return false;
        }
    }
    return text.len >= 1 && text.len <= SUBJECT_BYTES_MAX;
}

/* Without a type it is JSON: so say the bindings' JSON format and most senders. */
static bool is_json_type(struct slice content_type)
{
    static const struct slice suffix = {"+json", 5};
    struct slice type = media_type(content_type);
    if (type.len == 0 || equals_nocase(type, SLICE("application/json"))) {
        return true;
    }
    return type.len > suffix.len &&
           strncasecmp(type.data + type.len - suffix.len, suffix.data, suffix.len) == 0;
}

/* Without parameters and blanks. */
static struct slice media_type(struct slice content_type)
{
    if (content_type.len == 0) {
        return content_type;
    }
    const char *semicolon = memchr(content_type.data, ';', content_type.len);
    struct slice type = content_type;
    type.len = semicolon != NULL ? (size_t)(semicolon - type.data) : type.len;
    while (type.len > 0 && (type.data[0] == ' ' || type.data[0] == '\t')) {
        type.data++;
        type.len--;
    }
    while (type.len > 0 && (type.data[type.len - 1] == ' ' || type.data[type.len - 1] == '\t')) {
        type.len--;
    }
    return type;
}

/* Nearly every sender writes these in small letters: then comparing the bytes is enough, and much cheaper. */
static bool equals_nocase(struct slice s, struct slice other)
{
    return slice_equal(s, other) || (s.len == other.len && strncasecmp(s.data, other.data, other.len) == 0);
}

static enum reject reject_of(enum json_fault fault)
{
    switch (fault) {
    case JSON_OK:
        return REJECT_NONE;
    case JSON_BAD_UTF8:
        return REJECT_bad_utf8;
    case JSON_NUL:
        return REJECT_nul_in_text;
    case JSON_DUPLICATE_KEY:
        return REJECT_duplicate_key;
    case JSON_TOO_DEEP:
        return REJECT_too_deep;
    case JSON_BIG_NUMBER:
        return REJECT_number_too_large;
    default:
        return REJECT_bad_json;
    }
}
