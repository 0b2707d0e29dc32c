/* SPDX-License-Identifier: MIT */
/* An event as the fold sees it: typed, checked, in the batch's arena. The list of types is event.def; how
 * each is read is in consumers/decode_*.c. */
#ifndef COMMON_EVENT_H
#define COMMON_EVENT_H

#include "common/consent.h"
#include "common/household.h"
#include "common/news.h"
#include "common/yearly_date.h"

enum event_type {
#define EVENT(name, wire, data, about) EVENT_##name,
#include "common/event.def"
#undef EVENT
    EVENT_TYPE_COUNT
};
enum event_about { ABOUT_CUSTOMER, ABOUT_PRODUCT };

enum sales_channel {
#define SALES_CHANNEL(name) SALES_##name,
#include "common/sales_channel.def"
#undef SALES_CHANNEL
    SALES_CHANNEL_COUNT
};
const char *sales_channel_name(enum sales_channel channel);
enum sales_channel sales_channel_of(struct slice name); /* `other` for all that is not in the list */

const char *event_type_wire(enum event_type type);
enum event_about event_type_about(enum event_type type);
bool event_type_parse(struct slice wire, enum event_type *ret_type);

/* How an optional field of a profile came: not there, null (remove), or a value. */
enum presence { FIELD_ABSENT, FIELD_REMOVED, FIELD_GIVEN };

struct purchase {
    struct slice order_id;
    char currency[4];
    int64_t net_minor;
    enum sales_channel channel;
    struct slice *categories; /* distinct, in order of appearance */
    size_t category_count;
    struct slice *products; /* the lines' skus that can be ids of products, likewise */
    size_t product_count;
};
struct cancellation {
    struct slice order_id;
};
struct refund {
    struct slice refund_id;
    struct slice order_id; /* absent: a return without a receipt */
    bool has_amount;       /* else the whole order */
    int64_t net_minor;
    char currency[4]; /* "" if not given */
};
struct visit {
    enum sales_channel channel;
};
struct complaint_event {
    struct slice complaint_id;
    enum severity severity;
    struct slice reason; /* absent if none */
    enum sales_channel channel;
};
struct special_date {
    struct slice name;
    char text[YEARLY_DATE_TEXT_BYTES];
};
struct profile {
    enum presence birth, zone, country, region, language, interests, special_dates, household,
        contact_channels;
    char birth_text[YEARLY_DATE_TEXT_BYTES];
    struct slice zone_text, country_text, region_text, language_text;
    struct slice *interest_names; /* distinct, in order of appearance */
    size_t interest_count;
    struct special_date *dates; /* of distinct names, in order of appearance */
    size_t date_count;
    struct household_member *members; /* of distinct ids, in order of appearance */
    size_t member_count;
    struct slice contact_channel_names; /* distinct, with a blank between, the best first */
};
struct consent_event {
    enum contact_channel channel;
    enum consent_purpose purpose;
    enum consent_state state;
    struct slice source, text_version; /* absent if not said */
    bool once;
};
struct message { /* what became of a message, or a task */
    struct slice follow_up, occurrence;
    enum contact_channel channel; /* CONTACT_CHANNEL_COUNT: not said */
};
struct subscription {
    enum news_kind kind;
    struct slice product_id;
    bool cancelled;
};

struct event {
    enum event_type type;
    struct slice subject;
    uint64_t id; /* digest_id64(source, id) */
    int64_t time_ms;
    union {
        struct purchase purchase;
        struct cancellation cancellation;
        struct refund refund;
        struct visit visit;
        struct complaint_event complaint;
        struct profile profile;
        struct consent_event consent;
        struct message message;
        struct subscription subscription;
        struct news news; /* the product is the subject */
    } data;
};

#endif
