/* SPDX-License-Identifier: MIT */
#include "producers/shop/replay.h"

#include "common/mem.h"
#include "producers/shop/complaints.h"
#include "producers/shop/compose.h"
#include "producers/shop/random.h"
#include "producers/shop/replay_plan.h"

#include <stdio.h>

#define PERCENT (PPM / 100)

struct replay {
    struct stream stream;
    uint64_t seed;
    struct replay_plan plan;
    size_t at;
    struct buf body;
    struct id_text id, thing; /* of the event, and of the order, complaint or product it is about */
};

static const struct slice source = {"/shop/replay", 12};

static bool next_event(struct stream *stream, struct shop_event *ret_event);
static void close_replay(struct stream *stream);
static void write_event(struct replay *replay, const struct step *step, struct head *head);
static void write_launch(struct replay *replay, struct head *head, uint32_t number);
static void write_of_customer(struct replay *replay, const struct step *step, struct head *head);
static void write_goods(struct replay *replay, const struct step *step, struct head *head);
static void write_complaint(struct replay *replay, const struct step *step, struct head *head);
static void write_consent(struct replay *replay, const struct step *step, struct head *head);

bool replay_open(const struct options *options, struct stream **ret_stream, char *ret_error)
{
    struct replay *replay = mem_zalloc(sizeof *replay);
    replay->stream = (struct stream){.next = next_event, .close = close_replay};
    replay->seed = options->seed;
    if (!replay_plan_make(options, &replay->plan, ret_error)) {
        mem_free(replay);
        return false;
    }
    replay->stream.expected = (int64_t)replay->plan.count;
    snprintf(replay->stream.about, sizeof replay->stream.about,
             "%zu purchases of %zu customers are the file's; hours, genres, profiles, consents, visits, "
             "complaints and %u product launches are made up from seed %llu",
             replay->plan.purchases.count, replay->plan.customers, LAUNCHES,
             (unsigned long long)replay->seed);
    *ret_stream = &replay->stream;
    return true;
}

static void close_replay(struct stream *stream)
{
    struct replay *replay = (struct replay *)stream;
    replay_plan_done(&replay->plan);
    buf_done(&replay->body);
    mem_free(replay);
}

static bool next_event(struct stream *stream, struct shop_event *ret_event)
{
    struct replay *replay = (struct replay *)stream;
    if (replay->at == replay->plan.count) {
        return false;
    }
    const struct step *step = &replay->plan.steps[replay->at++];
    struct head head = {.type = step->type, .source = source, .time_ms = step->time_ms};
    write_event(replay, step, &head);
    *ret_event = (struct shop_event){
        .type = head.type, .time_ms = head.time_ms, .key = head.subject, .body = buf_view(&replay->body)};
    return true;
}

static void write_event(struct replay *replay, const struct step *step, struct head *head)
{
    if (head->type == EVENT_PRODUCT_LAUNCHED) {
        write_launch(replay, head, step->row);
        return;
    }
    const struct purchase_row *row = &replay->plan.purchases.rows[step->row];
    head->subject = slice_of(row->customer);
    switch (head->type) {
    case EVENT_PROFILE_CHANGED:
    case EVENT_VISIT_MADE:
        write_of_customer(replay, step, head);
        break;
    case EVENT_CONSENT_CHANGED:
        write_consent(replay, step, head);
        break;
    case EVENT_PURCHASE_COMPLETED:
    case EVENT_PURCHASE_CANCELLED:
    case EVENT_PURCHASE_REFUNDED:
        write_goods(replay, step, head);
        break;
    default:
        write_complaint(replay, step, head);
        break;
    }
}

static void write_launch(struct replay *replay, struct head *head, uint32_t number)
{
    struct random random = random_of(replay->seed, 'L', number + 1);
    unsigned genre = random_below(&random, GENRE_COUNT);
    uint32_t interests = 1U << genre;
    if (random_chance(&random, 40 * PERCENT)) {
        interests |= 1U << random_below(&random, GENRE_COUNT);
    }
    struct id_text name;
    head->subject = id_make(&replay->thing, "album-", number + 1, 2);
    head->id = id_make(&replay->id, "launch-", number + 1, 2);
    compose_launch(&replay->body, head, id_make(&name, "Album of the season, number ", number + 1, 1),
                   interests);
}

static void write_of_customer(struct replay *replay, const struct step *step, struct head *head)
{
    const struct purchase_row *row = &replay->plan.purchases.rows[step->row];
    if (head->type == EVENT_VISIT_MADE) {
        head->id = id_make(&replay->id, "visit-", row->line, 6);
        compose_visit(&replay->body, head, SALES_web);
    } else {
        struct person person = replay_person(replay->seed, row);
        head->id = id_make(&replay->id, "profile-", row->line, 6);
        compose_profile(&replay->body, head, &person);
    }
}

static void write_consent(struct replay *replay, const struct step *step, struct head *head)
{
    const struct purchase_row *row = &replay->plan.purchases.rows[step->row];
    struct consent_given consent = {CONTACT_email, PURPOSE_MARKETING, CONSENT_WITHDRAWN};
    if (step->detail != CONSENT_LATER) {
        struct person person = replay_person(replay->seed, row);
        consent = person.consents[step->detail];
    }
    head->id = id_make(&replay->id, "consent-", (int64_t)row->line * 1000 + step->detail, 9);
    compose_consent(&replay->body, head, &consent);
}

static void write_goods(struct replay *replay, const struct step *step, struct head *head)
{
    const struct purchase_row *row = &replay->plan.purchases.rows[step->row];
    struct random random = random_of(replay->seed, 'G', row->line);
    struct person person = replay_person(replay->seed, row);
    unsigned genre = random_below(&random, GENRE_COUNT);
    if (random_chance(&random,
                      80 * PERCENT)) { /* what one likes: the genre drawn, or the next that is liked */
        for (; (person.interests >> genre & 1) == 0; genre = (genre + 1) % GENRE_COUNT) {
        }
    }
    struct goods goods = {.order_id = id_make(&replay->thing, "order-", row->line, 6),
                          .currency = SLICE("USD"),
                          .net_minor = row->cents,
                          .channel = SALES_web,
                          .category = slice_of(genre_name(genre)),
                          .items = row->items};
    if (head->type == EVENT_PURCHASE_COMPLETED) {
        head->id = id_make(&replay->id, "purchase-", row->line, 6);
        compose_purchase(&replay->body, head, &goods);
    } else if (head->type == EVENT_PURCHASE_CANCELLED) {
        head->id = id_make(&replay->id, "cancellation-", row->line, 6);
        compose_cancellation(&replay->body, head, goods.order_id);
    } else {
        struct id_text refund;
        head->id = id_make(&replay->id, "refunded-", row->line, 6);
        goods.net_minor = step->is_part ? goods.net_minor / 2 : goods.net_minor;
        compose_refund(&replay->body, head, id_make(&refund, "refund-", row->line, 6), &goods);
    }
}

static void write_complaint(struct replay *replay, const struct step *step, struct head *head)
{
    const struct purchase_row *row = &replay->plan.purchases.rows[step->row];
    struct slice complaint_id = id_make(&replay->thing, "complaint-", row->line, 6);
    head->id = id_make(&replay->id, "complaint-", (int64_t)row->line * 10 + step->detail, 7);
    if (head->type == EVENT_COMPLAINT_OPENED) {
        struct random random = random_of(replay->seed, 'K', row->line);
        struct complaint_plan plan = complaint_plan_make(&random);
        compose_opening(&replay->body, head, complaint_id, plan.severity, plan.reason, SALES_web);
    } else {
        compose_stage(&replay->body, head, complaint_id);
    }
}
