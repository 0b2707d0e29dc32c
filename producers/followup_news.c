/* SPDX-License-Identifier: MIT */
/* Follow-ups of news of a product. Launches have their own file; here are those that are named by product and
 * time, for a product is sold out and back again, and again: restocks and lower prices, for those who have
 * subscribed, whose subscription ends when they are told; and recalls, for all who have bought the product.
 */
#include "producers/followup.h"

#include "common/subscription.h"
#include "producers/followup_kind.h"
#include "producers/once.h"

#define DAY_MS INT64_C(86400000)

static const enum follow_up_on ons[NEWS_KIND_COUNT] = {
    [NEWS_LAUNCHED] = ON_PRODUCT_LAUNCHED,
    [NEWS_RESTOCKED] = ON_PRODUCT_RESTOCKED,
    [NEWS_REPRICED] = ON_PRODUCT_REPRICED,
    [NEWS_RECALLED] = ON_PRODUCT_RECALLED,
};

static bool has_lapsed(const struct moment *moment, struct customer *customer, const struct news *news);
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion);
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held);
static void serve(struct customer *customer, const struct occasion *occasion);

const struct follow_up_kind followup_restock = {
    .write_variables = write_variables, .fire = fire, .serve = serve};
const struct follow_up_kind followup_reprice = {
    .write_variables = write_variables, .fire = fire, .serve = serve};
const struct follow_up_kind followup_recall = {.write_variables = write_variables, .fire = fire};

bool followup_product_news(struct moment *moment, struct customer *customer, const struct news *news)
{
    if (news->kind == NEWS_LAUNCHED) {
        return followup_launch_reaches(moment, customer, news);
    }
    if (has_lapsed(moment, customer, news)) {
        subscription_end(customer, news->kind, news->product_id);
        return false;
    }
    struct slice occurrence = news_occurrence(news, moment->arena);
    const struct condition_event event = {.time_ms = news->time_ms, .news = news};
    const struct follow_up *follow_up = NULL;
    bool any = false;
    while ((follow_up = followup_next(moment->policy, ons[news->kind], follow_up)) != NULL) {
        if (!once_is_known(moment, customer, follow_up, occurrence)) {
            int64_t due_ms = moment->now_ms + follow_up->after_ms[SEVERITY_NORMAL];
            struct occasion occasion = followup_occasion(follow_up, occurrence, news->time_ms, due_ms);
            occasion.news = news;
            occasion.event = &event;
            followup_plan(moment, customer, &occasion);
            any = true;
        }
    }
    return any;
}

enum follow_up_on followup_on_news(enum news_kind kind)
{
    return ons[kind];
}

bool followup_hears(const struct policy *policy, enum news_kind kind)
{
    const struct follow_up *follow_up = NULL;
    do {
        follow_up = followup_next(policy, ons[kind], follow_up);
    } while (follow_up != NULL && follow_up->mode == MODE_OFF);
    return follow_up != NULL;
}

/* A buyer's purchase does not lapse. */
static bool has_lapsed(const struct moment *moment, struct customer *customer, const struct news *news)
{
    int64_t since_ms = 0;
    return news->kind != NEWS_RECALLED &&
           subscription_get(customer, news->kind, news->product_id, &since_ms) &&
           since_ms < moment->now_ms - moment->policy->limits.subscription_days * DAY_MS;
}

static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    (void)customer;
    const struct news *news = occasion->news;
    buf_text(out, "\"product\":");
    buf_json_string(out, news->product_id);
    if (news->kind == NEWS_REPRICED) {
        buf_text(out, ",\"currency\":");
        buf_json_string(out, slice_of(news->currency));
        buf_text(out, ",\"old_minor\":");
        buf_int(out, news->old_minor);
        buf_text(out, ",\"new_minor\":");
        buf_int(out, news->new_minor);
    } else if (news->kind == NEWS_RECALLED) {
        buf_text(out, ",\"severity\":");
        buf_json_string(out, slice_of(severity_name(news->severity)));
        buf_text(out, ",\"reference\":");
        buf_json_string(out, news->reference);
    }
}

/* A timer without anything kept was another follow-up's, of this name. */
static void fire(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held)
{
    if (held == NULL || held->news.product_id.data == NULL || ons[held->news.kind] != follow_up->on) {
        followup_removed(moment, customer, follow_up->name, occurrence);
        return;
    }
    struct occasion occasion = followup_occasion(follow_up, occurrence, held->news.time_ms, due_ms);
    occasion.news = &held->news;
    followup_decide(moment, customer, &occasion);
}

/* The customer has been told. */
static void serve(struct customer *customer, const struct occasion *occasion)
{
    subscription_end(customer, occasion->news->kind, occasion->news->product_id);
}
