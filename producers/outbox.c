/* SPDX-License-Identifier: MIT */
/* Gathering what a batch sends. Everything lies in the batch's arena, records of the source included: they
 * may be given back before the batch has gone out. Copies of feeder records pass here at full rate, hence no
 * printf. */
#include "producers/outbox.h"

#include "common/digest.h"

#define CAPACITY_FIRST  64
#define CUT_BYTES       65536 /* what is passed on of a body, or a key, that is too large */
#define LETTER_HEADERS  9     /* at most so many are added to a dead letter */
#define LETTER_OVERHEAD 2048  /* bytes that they take, generously */
#define INT_DIGITS      20

static const struct slice origin_name = {.data = "loyald-origin", .len = 13};

/* Where a record was first read. */
struct origin {
    struct slice topic, partition, offset, time;
};

static struct output *next_item(struct outbox *outbox);
static struct header *copy_headers(struct outbox *outbox, const struct record *record, size_t more,
                                   size_t *ret_count);
static bool is_origin(struct slice name);
static struct slice copy_or_absent(struct arena *arena, struct slice s);
static struct origin find_origin(struct arena *arena, const struct record *record, const char *topic_name);
static bool parse_origin(struct slice text, struct origin *ret_origin);
static bool is_integer(struct slice text);
static struct slice int_text(struct arena *arena, int64_t value);
static char *put_int(char *at, int64_t value);
static char *put_slice(char *at, struct slice s);
static size_t record_bytes(const struct record *record);
static void add_header(struct header *headers, size_t *count, struct slice name, struct slice value);

void outbox_add(struct outbox *outbox, enum out_topic topic, int32_t partition, struct slice key,
                struct slice value, const struct header *headers, size_t header_count)
{
    if (outbox->silent) {
        return;
    }
    *next_item(outbox) = (struct output){.topic = topic,
                                         .partition = partition,
                                         .key = copy_or_absent(outbox->arena, key),
                                         .value = copy_or_absent(outbox->arena, value),
                                         .headers = headers,
                                         .header_count = header_count};
}

void outbox_control(struct outbox *outbox, const char *kind, int32_t home, struct slice body)
{
    if (outbox->silent) {
        return;
    }
    struct header *header = arena_alloc(outbox->arena, sizeof *header);
    char *text = arena_alloc(outbox->arena, strlen(kind) + INT_DIGITS + 3);
    char *end = put_slice(text, slice_of(kind));
    *end++ = ' ';
    end = put_int(end, home);
    end = put_slice(end, SLICE(" 1"));
    *header = (struct header){
        .name = SLICE("loyald-control"), .value = {.data = text, .len = (size_t)(end - text)}
    };
    outbox_add(outbox, OUT_HOME_LOG, home, (struct slice){0}, body, header, 1);
}

void outbox_dead_letter(struct outbox *outbox, const struct record *record, const char *topic_name,
                        const char *reason, const char *sentence)
{
    if (outbox->silent) {
        return;
    }
    struct arena *arena = outbox->arena;
    struct slice key = record->key, value = record->value;
    size_t count = 0;
    struct header *headers = copy_headers(outbox, record, LETTER_HEADERS, &count);
    struct slice length = {0}, digest = {0}, left_out = {0};
    if (record_bytes(record) + LETTER_OVERHEAD > OUTPUT_BYTES_MAX && value.len > CUT_BYTES) {
        char hex[65];
        digest_sha256_hex(value, hex);
        digest = arena_copy(arena, slice_of(hex));
        length = int_text(arena, (int64_t)value.len);
        value.len = CUT_BYTES;
    }
    size_t header_bytes = record_bytes(record) - record->key.len - record->value.len;
    if (header_bytes + key.len + value.len + LETTER_OVERHEAD > OUTPUT_BYTES_MAX) {
        left_out = int_text(arena, (int64_t)record->header_count);
        count = 0;
        key.len = key.len > CUT_BYTES ? CUT_BYTES : key.len;
    }
    struct origin origin = find_origin(arena, record, topic_name);
    add_header(headers, &count, SLICE("loyald-reason"), arena_copy(arena, slice_of(reason)));
    add_header(headers, &count, SLICE("loyald-sentence"), arena_copy(arena, slice_of(sentence)));
    add_header(headers, &count, SLICE("loyald-topic"), origin.topic);
    add_header(headers, &count, SLICE("loyald-partition"), origin.partition);
    add_header(headers, &count, SLICE("loyald-offset"), origin.offset);
    add_header(headers, &count, SLICE("loyald-time"), origin.time);
    add_header(headers, &count, SLICE("loyald-length"), length);
    add_header(headers, &count, SLICE("loyald-sha256"), digest);
    add_header(headers, &count, SLICE("loyald-headers"), left_out);
    outbox_add(outbox, OUT_DEAD_LETTERS, -1, key, value, headers, count);
}

void outbox_copy(struct outbox *outbox, const struct record *record, const char *topic_name, int32_t home)
{
    if (outbox->silent) {
        return;
    }
    size_t count = 0, kept = 0;
    struct header *headers = copy_headers(outbox, record, 1, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_origin(headers[i].name)) {
            headers[kept++] = headers[i];
        }
    }
    struct slice topic = slice_of(topic_name);
    char *text = arena_alloc(outbox->arena, topic.len + (size_t)3 * (INT_DIGITS + 1));
    char *end = put_slice(text, topic);
    *end++ = '/';
    end = put_int(end, record->partition);
    *end++ = '/';
    end = put_int(end, record->offset);
    *end++ = '/';
    end = put_int(end, record->append_ms);
    add_header(headers, &kept, origin_name, (struct slice){.data = text, .len = (size_t)(end - text)});
    outbox_add(outbox, OUT_HOME_LOG, home, record->key, record->value, headers, kept);
}

bool outbox_can_copy(const struct record *record)
{
    return record_bytes(record) + LETTER_OVERHEAD <= OUTPUT_BYTES_MAX;
}

/* An arena cannot give back what is outgrown; doubling wastes at most what is used. */
static struct output *next_item(struct outbox *outbox)
{
    if (outbox->count == outbox->capacity) {
        size_t capacity = outbox->capacity > 0 ? 2 * outbox->capacity : CAPACITY_FIRST;
        struct output *items = arena_alloc(outbox->arena, capacity * sizeof *items);
        if (outbox->count > 0) {
            memcpy(items, outbox->items, outbox->count * sizeof *items);
        }
        outbox->items = items;
        outbox->capacity = capacity;
    }
    return &outbox->items[outbox->count++];
}

/* The record's headers, with room for some more. */
static struct header *copy_headers(struct outbox *outbox, const struct record *record, size_t more,
                                   size_t *ret_count)
{
    struct header *headers = arena_alloc(outbox->arena, (record->header_count + more) * sizeof *headers);
    for (size_t i = 0; i < record->header_count; i++) {
        headers[i].name = arena_copy(outbox->arena, record->headers[i].name);
        headers[i].value = copy_or_absent(outbox->arena, record->headers[i].value);
    }
    *ret_count = record->header_count;
    return headers;
}

static struct slice copy_or_absent(struct arena *arena, struct slice s)
{
    return s.data != NULL ? arena_copy(arena, s) : s;
}

/* Only the home log holds copies: anywhere else the header is the sender's own invention. */
static struct origin find_origin(struct arena *arena, const struct record *record, const char *topic_name)
{
    struct origin origin = {0};
    if (record->topic == 0 && parse_origin(record_header(record, origin_name.data), &origin)) {
        return (struct origin){.topic = arena_copy(arena, origin.topic),
                               .partition = arena_copy(arena, origin.partition),
                               .offset = arena_copy(arena, origin.offset),
                               .time = arena_copy(arena, origin.time)};
    }
    return (struct origin){.topic = arena_copy(arena, slice_of(topic_name)),
                           .partition = int_text(arena, record->partition),
                           .offset = int_text(arena, record->offset),
                           .time = int_text(arena, record->append_ms)};
}

/* TOPIC/PARTITION/OFFSET/TIME; a topic's name has no slash. */
static bool parse_origin(struct slice text, struct origin *ret_origin)
{
    struct slice parts[4] = {{0}};
    for (size_t i = 0; i < 4; i++) {
        const char *slash = text.len > 0 ? memchr(text.data, '/', text.len) : NULL;
        if ((slash == NULL) != (i == 3)) {
            return false;
        }
        size_t len = slash != NULL ? (size_t)(slash - text.data) : text.len;
        parts[i] = (struct slice){.data = text.data, .len = len};
        if (slash != NULL) {
            text = (struct slice){.data = slash + 1, .len = text.len - len - 1};
        }
    }
    if (parts[0].len == 0 || !is_integer(parts[1]) || !is_integer(parts[2]) || !is_integer(parts[3])) {
        return false;
    }
    *ret_origin =
        (struct origin){.topic = parts[0], .partition = parts[1], .offset = parts[2], .time = parts[3]};
    return true;
}

static bool is_integer(struct slice text)
{
    int64_t ignored = 0;
    return parse_int(text, &ignored);
}

/* As record_header does: without case. */
static bool is_origin(struct slice name)
{
    if (name.len != origin_name.len) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != origin_name.data[i]) {
            return false;
        }
    }
    return true;
}

static struct slice int_text(struct arena *arena, int64_t value)
{
    char text[INT_DIGITS];
    return arena_copy(arena, (struct slice){.data = text, .len = (size_t)(put_int(text, value) - text)});
}

/* At most INT_DIGITS characters: "-9223372036854775808". */
static char *put_int(char *at, int64_t value)
{
    char digits[INT_DIGITS];
    size_t first = INT_DIGITS;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        *at++ = '-';
    }
    return put_slice(at, (struct slice){.data = digits + first, .len = INT_DIGITS - first});
}

static char *put_slice(char *at, struct slice s)
{
    if (s.len > 0) {
        memcpy(at, s.data, s.len);
    }
    return at + s.len;
}

static size_t record_bytes(const struct record *record)
{
    size_t bytes = record->key.len + record->value.len;
    for (size_t i = 0; i < record->header_count; i++) {
        bytes += record->headers[i].name.len + record->headers[i].value.len;
    }
    return bytes;
}

/* One without a value is not added. */
static void add_header(struct header *headers, size_t *count, struct slice name, struct slice value)
{
    if (value.data != NULL) {
        headers[(*count)++] = (struct header){.name = name, .value = value};
    }
}
