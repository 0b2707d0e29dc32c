/* SPDX-License-Identifier: MIT */
/* Events of orders. */
#include "tests/fakes/orders.h"

#include "tests/fakes/customer_dump.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void then_handled(const struct event *event, enum handled expected, enum reject expected_reject);

struct event completed_event(const char *order_id, int64_t time_ms, int64_t net_minor, const char *currency)
{
    struct event event = {.type = EVENT_PURCHASE_COMPLETED, .time_ms = time_ms};
    event.data.purchase =
        (struct purchase){.order_id = slice_of(order_id), .net_minor = net_minor, .channel = SALES_store};
    memcpy(event.data.purchase.currency, currency, 4);
    return event;
}

struct event cancelled_event(const char *order_id, int64_t time_ms)
{
    struct event event = {.type = EVENT_PURCHASE_CANCELLED, .time_ms = time_ms};
    event.data.cancellation.order_id = slice_of(order_id);
    return event;
}

struct event refunded_event(const char *refund_id, const char *order_id, int64_t time_ms, int64_t net_minor,
                            const char *currency)
{
    struct event event = {.type = EVENT_PURCHASE_REFUNDED, .time_ms = time_ms};
    event.data.refund = (struct refund){.refund_id = slice_of(refund_id),
                                        .order_id = slice_of(order_id),
                                        .has_amount = net_minor >= 0,
                                        .net_minor = net_minor >= 0 ? net_minor : 0};
    if (currency != NULL) {
        memcpy(event.data.refund.currency, currency, 4);
    }
    return event;
}

enum handled fold_event_of_order(const struct event *event, enum reject *ret_reject)
{
    static event_handler *const handlers[] = {[EVENT_PURCHASE_COMPLETED] = purchase_completed,
                                              [EVENT_PURCHASE_CANCELLED] = purchase_cancelled,
                                              [EVENT_PURCHASE_REFUNDED] = purchase_refunded};
    char *before = customer_dump(stage_customer());
    *ret_reject = REJECT_NONE;
    enum handled handled = handlers[event->type](stage_moment, stage_customer(), event, ret_reject);
    char *after = customer_dump(stage_customer());
    if (handled != HANDLED_FOLDED) {
        assert_string_equal(after, before);
    }
    free(before);
    free(after);
    return handled;
}

void then_folded(struct event event)
{
    then_handled(&event, HANDLED_FOLDED, REJECT_NONE);
}

void then_duplicate(struct event event)
{
    then_handled(&event, HANDLED_DUPLICATE, REJECT_NONE);
}

void then_rejected(struct event event, enum reject expected)
{
    then_handled(&event, HANDLED_REJECTED, expected);
}

static void then_handled(const struct event *event, enum handled expected, enum reject expected_reject)
{
    enum reject reject;
    enum handled handled = fold_event_of_order(event, &reject);
    assert_string_equal(reject_name(reject), reject_name(expected_reject));
    assert_int_equal(handled, expected);
}
