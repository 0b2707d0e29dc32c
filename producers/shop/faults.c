/* SPDX-License-Identifier: MIT */
/* What is to come later waits in a wheel of slots, one for each of the next events. */
#include "producers/shop/faults.h"

#include "common/buf.h"
#include "common/mem.h"
#include "producers/shop/random.h"

#include <stdio.h>

#define SLOTS 1024 /* the latest comes so many events late, less those that come between */

struct kept {
    struct kept *next;
    struct shop_event event; /* its texts are behind the struct */
};

struct faults {
    struct stream stream;
    struct stream *inner;
    const struct options *options;
    struct random random;
    uint64_t turn;
    size_t waiting;
    bool inner_ended;
    struct kept *slots[SLOTS];
    struct kept *due;       /* to come now, before anything else */
    struct kept *delivered; /* lives until the next call */
    struct buf broken;
    bool has_broken; /* broken is to come next */
    struct shop_event broken_event;
};

static bool next_event(struct stream *stream, struct shop_event *ret_event);
static void close_faults(struct stream *stream);
static void keep(struct faults *faults, const struct shop_event *event);
static void turn_wheel(struct faults *faults);
static bool take_due(struct faults *faults, struct shop_event *ret_event);
static void break_event(struct faults *faults, const struct shop_event *event);
static void free_list(struct kept *list);

struct stream *faults_open(const struct options *options, struct stream *stream)
{
    if (options->duplicates_ppm + options->late_ppm + options->malformed_ppm == 0) {
        return stream;
    }
    struct faults *faults = mem_zalloc(sizeof *faults);
    int64_t more_ppm = (int64_t)options->duplicates_ppm + options->malformed_ppm;
    faults->stream = (struct stream){.next = next_event, .close = close_faults};
    faults->stream.expected = stream->expected + stream->expected / 1000 * more_ppm / 1000;
    snprintf(faults->stream.about, sizeof faults->stream.about, "%s", stream->about);
    faults->inner = stream;
    faults->options = options;
    faults->random = random_of(options->seed, 'F', 0);
    return &faults->stream;
}

static void close_faults(struct stream *stream)
{
    struct faults *faults = (struct faults *)stream;
    for (size_t i = 0; i < SLOTS; i++) {
        free_list(faults->slots[i]);
    }
    free_list(faults->due);
    mem_free(faults->delivered);
    buf_done(&faults->broken);
    stream_close(faults->inner);
    mem_free(faults);
}

static bool next_event(struct stream *stream, struct shop_event *ret_event)
{
    struct faults *faults = (struct faults *)stream;
    mem_free(faults->delivered);
    faults->delivered = NULL;
    for (;;) {
        if (faults->has_broken) {
            faults->has_broken = false;
            *ret_event = faults->broken_event;
            return true;
        }
        if (take_due(faults, ret_event)) {
            return true;
        }
        turn_wheel(faults);
        if (faults->due != NULL) {
            continue;
        }
        struct shop_event event;
        faults->inner_ended = faults->inner_ended || !stream_next(faults->inner, &event);
        if (faults->inner_ended && faults->waiting == 0) {
            return false;
        }
        if (faults->inner_ended) {
            continue; /* what is kept still comes, in its order */
        }
        if (random_chance(&faults->random, faults->options->malformed_ppm)) {
            break_event(faults, &event);
        }
        if (random_chance(&faults->random, faults->options->late_ppm)) {
            keep(faults, &event);
            continue;
        }
        if (random_chance(&faults->random, faults->options->duplicates_ppm)) {
            keep(faults, &event);
        }
        *ret_event = event;
        return true;
    }
}

/* ---- the wheel */

static void keep(struct faults *faults, const struct shop_event *event)
{
    struct kept *kept = mem_alloc(sizeof *kept + event->key.len + event->body.len);
    char *texts = (char *)(kept + 1);
    memcpy(texts, event->key.data, event->key.len);
    memcpy(texts + event->key.len, event->body.data, event->body.len);
    kept->event = *event;
    kept->event.key.data = texts;
    kept->event.body.data = texts + event->key.len;
    struct kept **slot =
        &faults->slots[(faults->turn + 1 + random_below(&faults->random, SLOTS - 1)) % SLOTS];
    kept->next = *slot;
    *slot = kept;
    faults->waiting++;
}

static void turn_wheel(struct faults *faults)
{
    struct kept **slot = &faults->slots[++faults->turn % SLOTS];
    faults->due = *slot;
    *slot = NULL;
}

static bool take_due(struct faults *faults, struct shop_event *ret_event)
{
    struct kept *kept = faults->due;
    if (kept == NULL) {
        return false;
    }
    faults->due = kept->next;
    faults->delivered = kept;
    faults->waiting--;
    *ret_event = kept->event;
    return true;
}

static void free_list(struct kept *list)
{
    while (list != NULL) {
        struct kept *next = list->next;
        mem_free(list);
        list = next;
    }
}

/* ---- broken events */

static void replace_in(struct buf *buf, const char *what, const char *with);

/* A broken twin of the event, each kind as often as the others. */
static void break_event(struct faults *faults, const struct shop_event *event)
{
    struct buf *broken = &faults->broken;
    buf_reset(broken);
    buf_slice(broken, event->body);
    switch (random_below(&faults->random, 6)) {
    case 0: /* cut off */
        broken->len /= 2;
        break;
    case 1:
        buf_reset(broken);
        buf_text(broken, "not a CloudEvent");
        break;
    case 2:
        replace_in(broken, "\"specversion\":\"1.0\"", "\"specversion\":\"0.3\"");
        break;
    case 3: /* an attribute that must be there is missing */
        replace_in(broken, "\"type\":\"", "\"typ_\":\"");
        break;
    case 4: /* a time that is none */
        replace_in(broken, "\"time\":\"", "\"time\":\"X");
        break;
    default: /* not UTF-8 */
        replace_in(broken, "\"source\":\"/", "\"source\":\"\xff");
        break;
    }
    faults->broken_event = *event;
    faults->broken_event.malformed = true;
    /* the inner event's texts end with it: the key moves behind the body */
    size_t len = broken->len;
    buf_slice(broken, event->key);
    faults->broken_event.body = (struct slice){.data = broken->data, .len = len};
    faults->broken_event.key = (struct slice){.data = broken->data + len, .len = event->key.len};
    faults->has_broken = true;
}

/* The first one there is. */
static void replace_in(struct buf *buf, const char *what, const char *with)
{
    char *at = memmem(buf->data, buf->len, what, strlen(what));
    if (at == NULL) {
        return;
    }
    struct buf whole = {0};
    buf_add(&whole, buf->data, (size_t)(at - buf->data));
    buf_text(&whole, with);
    size_t rest = (size_t)(at - buf->data) + strlen(what);
    buf_add(&whole, buf->data + rest, buf->len - rest);
    buf_done(buf);
    *buf = whole;
}
