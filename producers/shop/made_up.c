/* SPDX-License-Identifier: MIT */
#include "producers/shop/made_up.h"

#include "common/mem.h"
#include "producers/shop/agenda.h"
#include "producers/shop/complaints.h"
#include "producers/shop/compose.h"
#include "producers/shop/pace.h"
#include "producers/shop/random.h"

#include <stdio.h>

#define HOUR_MS    3600000LL
#define PERCENT    (PPM / 100)
#define LAUNCHES   10
#define COMPLAINTS (4 * PERCENT) /* of purchases */
#define BORN_FROM  1940
#define BORN_TO    2006

struct made_up {
    struct stream stream;
    const struct options *options;
    struct random random;
    struct pace pace;
    int64_t made;   /* events so far */
    bool *is_known; /* of each customer: has signed up */

    /* Who has just signed up, and which of the consents comes next; -1: nobody. */
    int64_t newcomer;
    size_t newcomer_consent;
    struct agenda agenda;

    struct buf body;
    struct id_text id, customer, thing, refund; /* the texts of the event that is being written */
};

static const struct slice source = {"/shop/made-up", 13};

static bool next_event(struct stream *stream, struct shop_event *ret_event);
static void close_made_up(struct stream *stream);
static bool is_launch(const struct made_up *made_up);
static void write_launch(struct made_up *made_up, struct head *head);
static bool is_news(struct made_up *made_up);
static void write_news(struct made_up *made_up, struct head *head);
static void write_consent_of_newcomer(struct made_up *made_up, struct head *head);
static void write_planned(struct made_up *made_up, const struct planned *item, struct head *head);
static void write_new(struct made_up *made_up, struct head *head);
static void write_purchase(struct made_up *made_up, uint32_t customer, const struct person *person,
                           struct head *head);
static void plan_sequel(struct made_up *made_up, struct planned item);
static struct person person_of(struct made_up *made_up, uint32_t customer, struct head *head);

struct stream *made_up_open(const struct options *options)
{
    struct made_up *made_up = mem_zalloc(sizeof *made_up);
    made_up->stream = (struct stream){.next = next_event, .close = close_made_up, .expected = options->count};
    snprintf(made_up->stream.about, sizeof made_up->stream.about,
             "%lld events of at most %lld customers are made up from seed %llu", (long long)options->count,
             (long long)options->customers, (unsigned long long)options->seed);
    made_up->options = options;
    made_up->random = random_of(options->seed, 'U', 0);
    made_up->pace = pace_of(options);
    made_up->is_known = mem_zalloc((size_t)options->customers * sizeof *made_up->is_known);
    made_up->newcomer = -1;
    return &made_up->stream;
}

static void close_made_up(struct stream *stream)
{
    struct made_up *made_up = (struct made_up *)stream;
    agenda_done(&made_up->agenda);
    mem_free(made_up->is_known);
    buf_done(&made_up->body);
    mem_free(made_up);
}

static bool next_event(struct stream *stream, struct shop_event *ret_event)
{
    struct made_up *made_up = (struct made_up *)stream;
    struct planned item;
    if (made_up->made == made_up->options->count) {
        return false;
    }
    struct head head = {.source = source,
                        .id = id_make(&made_up->id, "event-", made_up->made, 10),
                        .time_ms = pace_time(&made_up->pace, made_up->made)};
    if (is_launch(made_up)) {
        write_launch(made_up, &head);
    } else if (made_up->newcomer >= 0) {
        write_consent_of_newcomer(made_up, &head);
    } else if (agenda_take(&made_up->agenda, head.time_ms, &item)) {
        write_planned(made_up, &item, &head);
    } else if (is_news(made_up)) {
        write_news(made_up, &head);
    } else {
        write_new(made_up, &head);
    }
    made_up->made++;
    *ret_event = (struct shop_event){
        .type = head.type, .time_ms = head.time_ms, .key = head.subject, .body = buf_view(&made_up->body)};
    return true;
}

/* ---- launches */

/* Ten in all, evenly; a stream of fewer than ten events has none. */
static bool is_launch(const struct made_up *made_up)
{
    int64_t each = made_up->options->count / LAUNCHES;
    return each > 0 && made_up->made % each == each / 2;
}

static void write_launch(struct made_up *made_up, struct head *head)
{
    struct id_text name;
    int64_t number = made_up->made / (made_up->options->count / LAUNCHES) + 1;
    uint32_t interests = 1U << random_below(&made_up->random, GENRE_COUNT);
    interests |= 1U << random_below(&made_up->random, GENRE_COUNT);
    head->type = EVENT_PRODUCT_LAUNCHED;
    head->subject = id_make(&made_up->thing, "album-", number, 2);
    compose_launch(&made_up->body, head, id_make(&name, "Café Müller, volume ", number, 1), interests);
}

/* ---- on request: news of products, and who waits for them */

/* Without the request chance is not asked: the bytes are those without it. */
static bool is_news(struct made_up *made_up)
{
    uint32_t ppm = made_up->options->news_ppm;
    return ppm > 0 && random_below(&made_up->random, PPM) < ppm;
}

/* The products are those of the purchases. */
static void write_news(struct made_up *made_up, struct head *head)
{
    static const enum event_type types[] = {EVENT_PRODUCT_RESTOCKED, EVENT_PRODUCT_REPRICED,
                                            EVENT_PRODUCT_RECALLED};
    uint32_t kind = random_below(&made_up->random, 100);
    struct id_text *product = &made_up->thing;
    product->len = (size_t)snprintf(product->text, sizeof product->text, "cd-%s",
                                    genre_name(random_below(&made_up->random, GENRE_COUNT)));
    struct slice id = {.data = product->text, .len = product->len};
    if (kind < 12) {
        head->type = types[kind % 3];
        head->subject = id;
        compose_news(&made_up->body, head, 500 + random_below(&made_up->random, 1000));
    } else {
        uint32_t customers = (uint32_t)made_up->options->customers;
        head->type = EVENT_SUBSCRIPTION_CHANGED;
        head->subject = id_make(&made_up->customer, "C", random_below(&made_up->random, customers), 8);
        compose_subscription(&made_up->body, head, id, kind % 2 == 0 ? NEWS_RESTOCKED : NEWS_REPRICED,
                             kind >= 90);
    }
}

/* ---- what happens by itself */

static void write_new(struct made_up *made_up, struct head *head)
{
    /* The smaller of two: some customers come often, most rarely. */
    uint32_t customers = (uint32_t)made_up->options->customers;
    uint32_t a = random_below(&made_up->random, customers), b = random_below(&made_up->random, customers);
    uint32_t customer = a < b ? a : b;
    struct person person = person_of(made_up, customer, head);
    uint32_t kind = random_below(&made_up->random, 100);
    if (!made_up->is_known[customer]) {
        made_up->is_known[customer] = true;
        made_up->newcomer = person.consent_count > 0 ? (int64_t)customer : -1;
        made_up->newcomer_consent = 0;
        head->type = EVENT_PROFILE_CHANGED;
        compose_profile(&made_up->body, head, &person);
    } else if (kind < 70) {
        write_purchase(made_up, customer, &person, head);
    } else if (kind < 94) {
        head->type = EVENT_VISIT_MADE;
        compose_visit(&made_up->body, head, random_below(&made_up->random, SALES_CHANNEL_COUNT));
    } else if (kind < 97) {
        head->type = EVENT_PROFILE_CHANGED;
        person.interests = 1U << random_below(&made_up->random, GENRE_COUNT);
        compose_profile(&made_up->body, head, &person);
    } else {
        struct consent_given consent = {.channel = random_below(&made_up->random, CONTACT_task),
                                        .purpose = random_below(&made_up->random, PURPOSE_COUNT),
                                        .state = random_below(&made_up->random, CONSENT_STATE_COUNT)};
        head->type = EVENT_CONSENT_CHANGED;
        compose_consent(&made_up->body, head, &consent);
    }
}

static void write_consent_of_newcomer(struct made_up *made_up, struct head *head)
{
    struct person person = person_of(made_up, (uint32_t)made_up->newcomer, head);
    head->type = EVENT_CONSENT_CHANGED;
    compose_consent(&made_up->body, head, &person.consents[made_up->newcomer_consent]);
    if (++made_up->newcomer_consent == person.consent_count) {
        made_up->newcomer = -1;
    }
}

static void write_purchase(struct made_up *made_up, uint32_t customer, const struct person *person,
                           struct head *head)
{
    struct random *random = &made_up->random;
    struct goods goods = {.order_id = id_make(&made_up->thing, "order-", made_up->made, 10),
                          .currency = slice_of(person->place->currency),
                          .net_minor = 500 + random_below(random, 20000),
                          .channel = random_below(random, SALES_CHANNEL_COUNT),
                          .category = slice_of(genre_name(random_below(random, GENRE_COUNT))),
                          .items = 1 + random_below(random, 4)};
    head->type = EVENT_PURCHASE_COMPLETED;
    compose_purchase(&made_up->body, head, &goods);
    plan_sequel(made_up, (struct planned){.due_ms = head->time_ms,
                                          .customer = customer,
                                          .number = made_up->made,
                                          .net_minor = goods.net_minor});
}

/* ---- what follows from it */

static void plan_sequel(struct made_up *made_up, struct planned item)
{
    struct random *random = &made_up->random;
    int64_t now_ms = item.due_ms;
    if (random_chance(random, made_up->options->refunds_ppm)) {
        bool is_cancelled = random_chance(random, 50 * PERCENT);
        int64_t longest_ms = is_cancelled ? DAY_MS : 30 * DAY_MS;
        item.type = is_cancelled ? EVENT_PURCHASE_CANCELLED : EVENT_PURCHASE_REFUNDED;
        item.due_ms = now_ms + pace_wait_ms(made_up->options, random_between(random, HOUR_MS, longest_ms));
        agenda_add(&made_up->agenda, item);
    }
    if (random_chance(random, COMPLAINTS)) {
        item.type = EVENT_COMPLAINT_OPENED;
        item.due_ms = now_ms + pace_wait_ms(made_up->options, random_between(random, HOUR_MS, 10 * DAY_MS));
        agenda_add(&made_up->agenda, item);
    }
}

static void open_complaint(struct made_up *made_up, struct planned item, const struct head *head)
{
    struct slice complaint_id = id_make(&made_up->thing, "complaint-", item.number, 10);
    struct complaint_plan plan = complaint_plan_make(&made_up->random);
    enum sales_channel channel = random_below(&made_up->random, SALES_CHANNEL_COUNT);
    compose_opening(&made_up->body, head, complaint_id, plan.severity, plan.reason, channel);
    for (size_t i = 0; i < plan.stage_count; i++) {
        item.type = plan.stages[i].type;
        item.due_ms = head->time_ms + pace_wait_ms(made_up->options, plan.stages[i].after_ms);
        agenda_add(&made_up->agenda, item);
    }
}

static void write_planned(struct made_up *made_up, const struct planned *item, struct head *head)
{
    struct person person = person_of(made_up, item->customer, head);
    bool is_whole = random_chance(&made_up->random, 50 * PERCENT);
    struct goods goods = {.order_id = id_make(&made_up->thing, "order-", item->number, 10),
                          .currency = slice_of(person.place->currency),
                          .net_minor = is_whole ? item->net_minor : item->net_minor / 2};
    head->type = item->type;
    switch (item->type) {
    case EVENT_PURCHASE_CANCELLED:
        compose_cancellation(&made_up->body, head, goods.order_id);
        break;
    case EVENT_PURCHASE_REFUNDED:
        compose_refund(&made_up->body, head, id_make(&made_up->refund, "refund-", item->number, 10), &goods);
        break;
    case EVENT_COMPLAINT_OPENED:
        open_complaint(made_up, *item, head);
        break;
    default:
        compose_stage(&made_up->body, head, id_make(&made_up->thing, "complaint-", item->number, 10));
        break;
    }
}

/* Also names the customer as the event's subject. */
static struct person person_of(struct made_up *made_up, uint32_t customer, struct head *head)
{
    head->subject = id_make(&made_up->customer, "C", customer, 8);
    return person_make(made_up->options->seed, head->subject, WORLD_WHOLE, BORN_FROM, BORN_TO);
}
