/* SPDX-License-Identifier: MIT */
/* News of a product, and who is to hear of it: a launch those with one of its interests, a restock and a
 * lower price those who have subscribed to it, a recall those who have bought it. Each audience is an index
 * of every home: the ranking of the customers who have the item of its name (customer.h). */
#ifndef COMMON_NEWS_H
#define COMMON_NEWS_H

#include "common/arena.h"
#include "common/complaint.h"

enum news_kind { NEWS_LAUNCHED, NEWS_RESTOCKED, NEWS_REPRICED, NEWS_RECALLED, NEWS_KIND_COUNT };

struct news {
    enum news_kind kind;
    struct slice product_id;
    int64_t time_ms;
    struct slice fan_out; /* which fan-out carries it, and since when; absent in the event itself */
    int64_t begun_ms;

    struct slice name; /* launched */
    struct slice interests[8];
    size_t interest_count;
    char currency[4]; /* repriced */
    int64_t old_minor, new_minor;
    enum severity severity; /* recalled */
    struct slice reference;
};

const char *news_kind_name(enum news_kind kind); /* "launched" */
bool news_kind_parse(struct slice name, enum news_kind *ret_kind);

/* How many indices are walked, one after the other; and the name of one, such as "i:tea". */
size_t news_audience_count(const struct news *news);
struct slice news_audience(const struct news *news, size_t number, struct arena *arena);

/* What one occasion of the news is called: a launch by its product, there is one; all else by product and
 * time, "PRODUCT@INSTANT". */
struct slice news_occurrence(const struct news *news, struct arena *arena);

/* The parts of such a name. False: it is none. */
bool news_occurrence_read(struct slice occurrence, struct slice *ret_product_id, int64_t *ret_time_ms);

#endif
