/* SPDX-License-Identifier: MIT */
/* What both outlets share, and the one that prints. */
#include "producers/shop/outlet.h"

#include "common/clock.h"
#include "common/mem.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

struct print_outlet {
    struct outlet outlet;
    const char *topics[EVENT_TYPE_COUNT];
    struct buf line;
};

static bool print_event(struct outlet *outlet, const struct shop_event *event);
static bool wait_for_print(struct outlet *outlet, int64_t until_us);
static bool finish_print(struct outlet *outlet, int64_t last_time_ms);
static void close_print(struct outlet *outlet);

struct outlet *print_outlet_open(const struct options *options, const struct settings *settings)
{
    struct print_outlet *print = mem_zalloc(sizeof *print);
    print->outlet = (struct outlet){
        .send = print_event, .wait = wait_for_print, .finish = finish_print, .close = close_print};
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const char *topic = outlet_topic(options, settings, (enum event_type)type);
        print->topics[type] = topic != NULL ? topic : settings->topics_home_log;
    }
    return &print->outlet;
}

const char *outlet_topic(const struct options *options, const struct settings *settings, enum event_type type)
{
    static const char *const words[EVENT_TYPE_COUNT] = {
        [EVENT_PURCHASE_COMPLETED] = "purchases",   [EVENT_PURCHASE_CANCELLED] = "purchases",
        [EVENT_PURCHASE_REFUNDED] = "purchases",    [EVENT_VISIT_MADE] = "visits",
        [EVENT_COMPLAINT_OPENED] = "complaints",    [EVENT_COMPLAINT_ACKNOWLEDGED] = "complaints",
        [EVENT_COMPLAINT_RESPONDED] = "complaints", [EVENT_COMPLAINT_RESOLVED] = "complaints",
        [EVENT_COMPLAINT_REOPENED] = "complaints",  [EVENT_PROFILE_CHANGED] = "profiles",
        [EVENT_CONSENT_CHANGED] = "profiles",       [EVENT_PRODUCT_LAUNCHED] = "products",
        [EVENT_PRODUCT_RESTOCKED] = "products",     [EVENT_PRODUCT_REPRICED] = "products",
        [EVENT_PRODUCT_RECALLED] = "products",      [EVENT_SUBSCRIPTION_CHANGED] = "profiles",
        [EVENT_CUSTOMER_ERASED] = "profiles",       [EVENT_MESSAGE_SENT] = "messages",
        [EVENT_MESSAGE_DELIVERED] = "messages",     [EVENT_MESSAGE_OPENED] = "messages",
        [EVENT_MESSAGE_CLICKED] = "messages",       [EVENT_MESSAGE_BOUNCED] = "messages",
        [EVENT_MESSAGE_SPAM_REPORTED] = "messages", [EVENT_MESSAGE_UNSUBSCRIBED] = "messages",
        [EVENT_MESSAGE_REDEEMED] = "messages",      [EVENT_TASK_DONE] = "messages",
    };
    if (options->to_home_log) {
        return settings->topics_home_log;
    }
    const struct text_list *feeders = &settings->topics_feeders;
    for (size_t i = 0; i < feeders->count; i++) {
        if (strstr(feeders->items[i], words[type]) != NULL) {
            return feeders->items[i];
        }
    }
    return feeders->count > 0 ? feeders->items[0] : NULL;
}

void outlet_describe(struct buf *buf, struct slice key, struct slice body, bool malformed)
{
    static const char digits[] = "0123456789abcdef";
    buf_slice(buf, SLICE("\"key\":"));
    buf_json_string(buf, key);
    if (!malformed) {
        buf_slice(buf, SLICE(",\"event\":"));
        buf_slice(buf, body);
        return;
    }
    buf_slice(buf, SLICE(",\"hex\":\""));
    for (size_t i = 0; i < body.len; i++) {
        unsigned char c = (unsigned char)body.data[i];
        buf_add(buf, (char[]){digits[c >> 4], digits[c & 15]}, 2);
    }
    buf_char(buf, '"');
}

static bool print_event(struct outlet *outlet, const struct shop_event *event)
{
    struct print_outlet *print = (struct print_outlet *)outlet;
    struct buf *line = &print->line;
    buf_reset(line);
    buf_slice(line, SLICE("{\"topic\":\""));
    buf_text(line, print->topics[event->type]);
    buf_slice(line, SLICE("\","));
    outlet_describe(line, event->key, event->body, event->malformed);
    buf_slice(line, SLICE("}\n"));
    outlet->sent++;
    if (fwrite(line->data, 1, line->len, stdout) != line->len) {
        snprintf(outlet->error, sizeof outlet->error, "standard output cannot be written: %s",
                 strerror(errno));
        return false;
    }
    outlet->acknowledged++;
    return true;
}

/* Whoever reads along is to see what there is; a signal ends the wait. */
static bool wait_for_print(struct outlet *outlet, int64_t until_us)
{
    (void)outlet;
    (void)fflush(stdout);
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    return true;
}

static bool finish_print(struct outlet *outlet, int64_t last_time_ms)
{
    (void)last_time_ms;
    if (fflush(stdout) == 0) {
        return true;
    }
    snprintf(outlet->error, sizeof outlet->error, "standard output cannot be written: %s", strerror(errno));
    return false;
}

static void close_print(struct outlet *outlet)
{
    struct print_outlet *print = (struct print_outlet *)outlet;
    buf_done(&print->line);
    mem_free(print);
}
