/* SPDX-License-Identifier: MIT */
/* Writes the shop's events as structured CloudEvents (docs/contract.md, "Events in"), by hand: the benchmark
 * needs several hundred thousand a second. Texts are taken as they are, without JSON's escapes: all the
 * shop's own are plain, and the purchases file is looked through when it is read. */
#ifndef PRODUCERS_SHOP_COMPOSE_H
#define PRODUCERS_SHOP_COMPOSE_H

#include "common/buf.h"
#include "common/event.h"
#include "producers/shop/people.h"

/* The event's envelope. */
struct head {
    enum event_type type;
    struct slice source, id, subject;
    int64_t time_ms;
};

struct goods {
    struct slice order_id, currency;
    int64_t net_minor;
    enum sales_channel channel;
    struct slice category;
    int64_t items;
};

/* Each replaces what is in buf. */
void compose_purchase(struct buf *buf, const struct head *head, const struct goods *goods);
void compose_cancellation(struct buf *buf, const struct head *head, struct slice order_id);
void compose_refund(struct buf *buf, const struct head *head, struct slice refund_id,
                    const struct goods *goods);
void compose_visit(struct buf *buf, const struct head *head, enum sales_channel channel);
void compose_opening(struct buf *buf, const struct head *head, struct slice complaint_id,
                     enum severity severity, struct slice reason, enum sales_channel channel);
void compose_stage(struct buf *buf, const struct head *head, struct slice complaint_id);
void compose_profile(struct buf *buf, const struct head *head, const struct person *person);
void compose_consent(struct buf *buf, const struct head *head, const struct consent_given *consent);
void compose_launch(struct buf *buf, const struct head *head, struct slice name, uint32_t interests);

/* News of a product, of the head's type; new_minor of the old price 1000. */
void compose_news(struct buf *buf, const struct head *head, int64_t new_minor);
void compose_subscription(struct buf *buf, const struct head *head, struct slice product_id,
                          enum news_kind kind, bool cancelled);

/* Adds a field to the data, so that the event has so many bytes; an event that is longer stays as it is. */
void compose_pad(struct buf *buf, size_t bytes);

/* A text such as "O000042" for identifiers: what stands before, and a number of at least so many digits. */
struct id_text {
    char text[48];
    size_t len;
};
struct slice id_make(struct id_text *id, const char *before, int64_t number, int digits);

#endif
