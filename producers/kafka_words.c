/* SPDX-License-Identifier: MIT */
#include "producers/kafka_words.h"

#include "common/buf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static struct slice without_thread(struct slice text);
static struct slice without_state(struct slice text);
static struct slice take_broker(struct slice *text);
static struct slice without_connect(struct slice text);
static struct slice from(struct slice text, size_t at);
static size_t find(struct slice text, const char *part);

void kafka_words(const char *text, char *ret_words, size_t size)
{
    struct buf words = {0};
    struct slice rest = without_state(without_thread(slice_of(text)));
    struct slice broker = take_broker(&rest);
    rest = without_connect(rest);
    if (broker.len > 0) {
        buf_printf(&words, "%.*s: ", SLICE_ARG(broker));
    }
    buf_slice(&words, rest);
    bool fits = words.len < size;
    snprintf(ret_words, size, "%.*s%s", fits ? (int)words.len : (int)size - 4,
             words.len > 0 ? words.data : "", fits ? "" : "...");
    buf_done(&words);
}

/* "[thrd:NAME]: " */
static struct slice without_thread(struct slice text)
{
    size_t end = find(text, "]: ");
    return slice_has_prefix(text, SLICE("[thrd:")) && end < text.len ? from(text, end + strlen("]: ")) : text;
}

/* " (after 3ms in state CONNECT, ...)" at the end. */
static struct slice without_state(struct slice text)
{
    size_t at = find(text, " (after ");
    bool ends = text.len > 0 && text.data[text.len - 1] == ')';
    return ends && at < text.len ? (struct slice){.data = text.data, .len = at} : text;
}

/* "sasl_ssl://a:9092/1: ", "a:9092/bootstrap: ": the address alone, taken off the text. Absent where the text
 * begins with something else. */
static struct slice take_broker(struct slice *text)
{
    size_t end = find(*text, ": "), slash = end;
    while (slash > 0 && text->data[slash - 1] != '/') {
        slash--;
    }
    struct slice number = {.data = text->data + slash, .len = end - slash};
    bool is_broker = end < text->len && slash > 1 && number.len > 0;
    bool is_number = !slice_is(number, "bootstrap");
    for (size_t i = 0; i < number.len && is_number; i++) {
        is_broker = is_broker && isdigit((unsigned char)number.data[i]);
    }
    if (!is_broker) {
        return (struct slice){.data = NULL};
    }
    struct slice broker = {.data = text->data, .len = slash - 1};
    size_t scheme = find(broker, "://");
    *text = from(*text, end + strlen(": "));
    return scheme < broker.len ? from(broker, scheme + strlen("://")) : broker;
}

/* "Connect to ipv4#10.0.0.1:9092 failed: " */
static struct slice without_connect(struct slice text)
{
    size_t end = find(text, " failed: ");
    return slice_has_prefix(text, SLICE("Connect to ")) && end < text.len
               ? from(text, end + strlen(" failed: "))
               : text;
}

static struct slice from(struct slice text, size_t at)
{
    return (struct slice){.data = text.data + at, .len = text.len - at};
}

/* Where part begins; text.len: nowhere. */
static size_t find(struct slice text, const char *part)
{
    const char *at = text.len > 0 ? memmem(text.data, text.len, part, strlen(part)) : NULL;
    return at != NULL ? (size_t)(at - text.data) : text.len;
}
