/* SPDX-License-Identifier: MIT */
#include "producers/shop/replay_plan.h"

#include "common/mem.h"
#include "producers/shop/complaints.h"
#include "producers/shop/random.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS         3600000LL
#define PERCENT         (PPM / 100)
#define BORN_FROM       1925
#define BORN_TO         1982
#define VISITS          (25 * PERCENT) /* of purchases */
#define COMPLAINTS      (3 * PERCENT)  /* of purchases */
#define SECOND_THOUGHTS (3 * PERCENT)  /* of customers */

struct planner {
    const struct options *options;
    struct replay_plan *plan;
    int64_t end_ms; /* nothing made up happens later */
};

static int compare_rows(const void *a, const void *b);
static int compare_steps(const void *a, const void *b);
static void plan_customer(struct planner *planner, size_t first, size_t count);
static int64_t plan_purchase(struct planner *planner, size_t row, struct slice zone);
static void plan_sequel(struct planner *planner, size_t row, int64_t bought_ms);
static void plan_complaint(struct planner *planner, size_t row, int64_t opened_ms);
static void plan_launches(struct planner *planner, int64_t from_day, int64_t to_day);
static void make_ascending(struct replay_plan *plan);
static void add_step(struct planner *planner, struct step step);

bool replay_plan_make(const struct options *options, struct replay_plan *ret_plan, char *ret_error)
{
    struct replay_plan plan = {0};
    struct planner planner = {.options = options, .plan = &plan};
    struct purchases *purchases = &plan.purchases;
    if (!purchases_read(options->replay, options->from_day, options->to_day, purchases, ret_error)) {
        return false;
    }
    if (purchases->count == 0) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%.300s has no purchases of these days", options->replay);
        return false;
    }
    int64_t first_day = INT64_MAX, last_day = INT64_MIN;
    for (size_t i = 0; i < purchases->count; i++) {
        int64_t day = purchases->rows[i].day;
        first_day = day < first_day ? day : first_day;
        last_day = day > last_day ? day : last_day;
    }
    planner.end_ms = (last_day + 1) * DAY_MS;
    qsort(purchases->rows, purchases->count, sizeof *purchases->rows, compare_rows);
    for (size_t first = 0, next = 0; first < purchases->count; first = next) {
        const char *customer = purchases->rows[first].customer;
        for (next = first + 1;
             next < purchases->count && strcmp(purchases->rows[next].customer, customer) == 0;) {
            next++;
        }
        plan_customer(&planner, first, next - first);
        plan.customers++;
    }
    plan_launches(&planner, first_day, last_day);
    make_ascending(&plan);
    *ret_plan = plan;
    return true;
}

void replay_plan_done(struct replay_plan *plan)
{
    purchases_done(&plan->purchases);
    mem_free(plan->steps);
    *plan = (struct replay_plan){0};
}

struct person replay_person(uint64_t seed, const struct purchase_row *row)
{
    return person_make(seed, slice_of(row->customer), WORLD_UNITED_STATES, BORN_FROM, BORN_TO);
}

static int compare_rows(const void *a, const void *b)
{
    const struct purchase_row *one = a, *other = b;
    int order = strcmp(one->customer, other->customer);
    if (order == 0) {
        order = (one->day > other->day) - (one->day < other->day);
    }
    return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

/* No two steps are equal in all of it, so the order does not depend on qsort's. */
static int compare_steps(const void *a, const void *b)
{
    const struct step *one = a, *other = b;
    if (one->time_ms != other->time_ms) {
        return one->time_ms < other->time_ms ? -1 : 1;
    }
    if (one->row != other->row) {
        return one->row < other->row ? -1 : 1;
    }
    int order = one->type - other->type;
    return order != 0 ? order : one->detail - other->detail;
}

/* The purchases of one customer; the profile and the consents seconds before the first of them. */
static void plan_customer(struct planner *planner, size_t first, size_t count)
{
    uint64_t seed = planner->options->seed;
    const struct purchase_row *row = &planner->plan->purchases.rows[first];
    struct person person = replay_person(seed, row);
    int64_t known_ms = INT64_MAX;
    for (size_t i = first; i < first + count; i++) {
        int64_t bought_ms = plan_purchase(planner, i, slice_of(person.place->zone));
        known_ms = bought_ms < known_ms ? bought_ms : known_ms;
    }
    struct step step = {.time_ms = known_ms - 5000, .row = (uint32_t)first, .type = EVENT_PROFILE_CHANGED};
    add_step(planner, step);
    step.type = EVENT_CONSENT_CHANGED;
    for (size_t i = 0; i < person.consent_count; i++) {
        step.time_ms = known_ms - 4000 + 500 * (int64_t)i;
        step.detail = (uint8_t)i;
        add_step(planner, step);
    }
    struct random random = random_of(seed, 'C', row->line);
    if (random_chance(&random, SECOND_THOUGHTS)) {
        step.time_ms = known_ms + random_between(&random, 30 * 24, 300 * 24) * HOUR_MS;
        step.detail = CONSENT_LATER;
        add_step(planner, step);
    }
}

static int64_t plan_purchase(struct planner *planner, size_t row, struct slice zone)
{
    /* Of a hundred purchases: few at night, most in the evening. */
    static const uint8_t hours[24] = {2, 1, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 6, 6, 6, 6, 6, 7, 8, 7, 6, 3};
    const struct purchase_row *purchase = &planner->plan->purchases.rows[row];
    struct random random = random_of(planner->options->seed, 'B', purchase->line);
    uint32_t at = random_below(&random, 100);
    int hour = 0;
    while (at >= hours[hour]) {
        at -= hours[hour++];
    }
    int minute = 60 * hour + (int)random_below(&random, 60);
    int64_t bought_ms = zone_instant(zone, civil_date_from_days(purchase->day), minute);
    bought_ms += random_below(&random, 60000);
    add_step(planner,
             (struct step){.time_ms = bought_ms, .row = (uint32_t)row, .type = EVENT_PURCHASE_COMPLETED});
    plan_sequel(planner, row, bought_ms);
    return bought_ms;
}

/* What follows from a purchase. */
static void plan_sequel(struct planner *planner, size_t row, int64_t bought_ms)
{
    uint64_t seed = planner->options->seed;
    struct random random = random_of(seed, 'S', planner->plan->purchases.rows[row].line);
    struct step step = {.row = (uint32_t)row};
    if (random_chance(&random, VISITS)) {
        step.type = EVENT_VISIT_MADE;
        step.time_ms = bought_ms + random_between(&random, HOUR_MS, 30 * DAY_MS);
        add_step(planner, step);
    }
    if (random_chance(&random, COMPLAINTS)) {
        plan_complaint(planner, row, bought_ms + random_between(&random, 20 * HOUR_MS, 10 * DAY_MS));
    }
    if (random_chance(&random, planner->options->refunds_ppm)) {
        bool is_cancelled = random_chance(&random, 50 * PERCENT);
        step.type = is_cancelled ? EVENT_PURCHASE_CANCELLED : EVENT_PURCHASE_REFUNDED;
        step.is_part = random_chance(&random, 50 * PERCENT);
        step.time_ms = bought_ms + random_between(&random, HOUR_MS, is_cancelled ? DAY_MS : 30 * DAY_MS);
        add_step(planner, step);
    }
}

static void plan_complaint(struct planner *planner, size_t row, int64_t opened_ms)
{
    struct random random = random_of(planner->options->seed, 'K', planner->plan->purchases.rows[row].line);
    struct complaint_plan complaint = complaint_plan_make(&random);
    struct step step = {.time_ms = opened_ms, .row = (uint32_t)row, .type = EVENT_COMPLAINT_OPENED};
    add_step(planner, step);
    for (size_t i = 0; i < complaint.stage_count; i++) {
        step.type = (uint8_t)complaint.stages[i].type;
        step.detail = (uint8_t)(i + 1);
        step.time_ms = opened_ms + complaint.stages[i].after_ms;
        add_step(planner, step);
    }
}

static void plan_launches(struct planner *planner, int64_t from_day, int64_t to_day)
{
    struct random random = random_of(planner->options->seed, 'L', 0);
    int64_t span_ms = (to_day + 1 - from_day) * DAY_MS, each_ms = span_ms / LAUNCHES;
    for (uint32_t i = 0; i < LAUNCHES; i++) {
        int64_t within_s = random_between(&random, each_ms / 4000, each_ms * 3 / 4000);
        int64_t time_ms = from_day * DAY_MS + i * each_ms + within_s * 1000;
        add_step(planner, (struct step){.time_ms = time_ms, .row = i, .type = EVENT_PRODUCT_LAUNCHED});
    }
}

/* Strictly, so that a log in this order has one time per event. */
static void make_ascending(struct replay_plan *plan)
{
    qsort(plan->steps, plan->count, sizeof *plan->steps, compare_steps);
    for (size_t i = 1; i < plan->count; i++) {
        int64_t earliest_ms = plan->steps[i - 1].time_ms + 1;
        plan->steps[i].time_ms = plan->steps[i].time_ms > earliest_ms ? plan->steps[i].time_ms : earliest_ms;
    }
}

/* The purchases themselves are all in it: those of the last evening are later than the end in UTC. */
static void add_step(struct planner *planner, struct step step)
{
    struct replay_plan *plan = planner->plan;
    if (step.type == EVENT_PURCHASE_COMPLETED || step.type == EVENT_PROFILE_CHANGED ||
        (step.type == EVENT_CONSENT_CHANGED && step.detail != CONSENT_LATER) ||
        step.time_ms < planner->end_ms) {
        MEM_GROW(plan->steps, plan->count, plan->capacity);
        plan->steps[plan->count++] = step;
    }
}
