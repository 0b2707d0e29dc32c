/* SPDX-License-Identifier: MIT */
#include "tests/fakes/made_up.h"

#include "common/cloudevent.h"
#include "tests/fakes/dialogue_world.h"

#include <stdio.h>

#define CUSTOMERS 14

static const char *made_up_text(struct dice *dice);
static const char *made_up_complaint(struct dice *dice, const char *customer);
static const char *made_up_profile(struct dice *dice, const char *customer);
static const char *made_up_launch(struct dice *dice);
static const char *made_up_about_product(struct dice *dice, const char *customer, const char *order);
static const char *made_up_news(struct dice *dice);
static void send_somewhere(struct dice *dice, const char *text);
static const char *pick(struct dice *dice, const char *const *texts, int count);
#define PICK(dice, ...)                                                                                      \
    pick(dice, (const char *const[]){__VA_ARGS__},                                                           \
         (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

/* splitmix64 (Steele, Lea, Flood 2014). */
int dice_throw(struct dice *dice, int below)
{
    dice->state += 0x9e3779b97f4a7c15u;
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (int)((z ^ (z >> 31)) % (uint64_t)below);
}

void made_up_event(struct dice *dice)
{
    switch (dice_throw(dice, 40)) {
    case 0:
        made_up_policy(dice);
        break;
    case 1:
        given_event("loyalty.visits", "{oops");
        break;
    case 2:
        given_record(HOME_LOG, dice_throw(dice, world.homes), NULL, NULL, NULL);
        break;
    case 3:
        given_event(HOME_LOG, purchase(NULL, "A1", 100, "USD"));
        break;
    default:
        if (dice_throw(dice, 12) == 0) {
            next_event_id(arena_printf(world.arena, "again-%d", dice_throw(dice, 6)).data);
        }
        send_somewhere(dice, made_up_text(dice));
        break;
    }
}

void made_up_policy(struct dice *dice)
{
    struct buf yaml = {0};
    int timers = 1 + dice_throw(dice, 3), chunk = 1 + dice_throw(dice, 4);
    buf_printf(&yaml, "mode: %s\n", PICK(dice, "live", "live", "live", "shadow"));
    buf_printf(&yaml, "default_zone: %s\n", PICK(dice, "Etc/UTC", "Asia/Tokyo"));
    buf_printf(&yaml,
               "limits: {timers_per_record: %d, fan_out_chunk: %d, launches: 2, orders: 3, refunds: 2, "
               "subscriptions: 3, subscription_days: 2, products: 2}\n",
               timers, chunk);
    buf_text(&yaml, "follow_ups:\n");
    static const char *const follow_ups[] = {
        "  thanks: {on: purchase.completed, class: transactional, channels: [email]}\n",
        "  coupon: {on: purchase.completed, class: transactional, channels: [email], after: 20s, offer: ten, "
        "withdraw: true, expires_after: 1d}\n",
        "  later: {on: purchase.completed, class: marketing, channels: [email, sms], after: 1h}\n",
        "  received: {on: complaint.opened, class: transactional, channels: [email]}\n",
        "  overdue: {on: complaint.opened, class: task, after: {low: 1h, normal: 1m, high: 10s, critical: "
        "0s}, "
        "unless: complaint.responded}\n",
        "  greeting: {on: birthday, class: transactional, at: \"09:00\", channels: [email]}\n",
        "  wishes: {on: birthday, class: marketing, at: \"00:30\", leap_day: mar-1, channels: [sms]}\n",
        "  second: {on: purchase.completed, class: safety, channels: [email], if: \"orders in 2, 4\", "
        "withdraw: true, "
        "offer: two, variants: [{if: event.net > average_order, offer: more}, {if: country is known, "
        "content: abroad}]}\n",
        "  steps: {on: purchase.completed, class: safety, channels: [email], stages: [{name: a, if: "
        "event.net > 30 EUR}, "
        "{name: b, after: 30s, if: [visits >= 1, {not: event.net > 60 EUR}]}, {name: c, after: 1m, if: age "
        ">= 18}]}\n",
        "  grave: {on: complaint.opened, class: task, after: 20s, if: {any: [event.severity >= high, "
        "open_complaints > 1]}}\n",
        "  alert: {on: product.launched, class: transactional, channels: [push], capacity: 9}\n",
        "  back: {on: product.restocked, class: transactional, channels: [email]}\n",
        "  cheaper: {on: product.repriced, class: task, capacity: 2}\n",
        "  recall: {on: product.recalled, class: safety, channels: [email]}\n",
    };
    buf_text(&yaml, follow_ups[0]);
    for (size_t i = 1; i < sizeof follow_ups / sizeof *follow_ups; i++) {
        buf_text(&yaml, dice_throw(dice, 4) > 0 ? follow_ups[i] : "");
    }
    buf_char(&yaml, '\0');
    given_policy(yaml.data);
    buf_done(&yaml);
}

void made_up_pause(struct dice *dice)
{
    static const int64_t most[] = {1, 100, 2 * SECONDS, 2 * SECONDS, 30 * SECONDS, 2 * HOURS, 3 * DAYS};
    int64_t longest = most[dice_throw(dice, 7)];
    time_passes(longest * dice_throw(dice, 1000) / 1000);
}

static const char *made_up_text(struct dice *dice)
{
    char customer[16], order[16], refund[16];
    int minor = dice_throw(dice, 9000), channel = dice_throw(dice, 2);
    snprintf(customer, sizeof customer, "C%d", 1 + dice_throw(dice, CUSTOMERS));
    snprintf(order, sizeof order, "A%d", 1 + dice_throw(dice, 5));
    snprintf(refund, sizeof refund, "R%d", 1 + dice_throw(dice, 5));
    if (dice_throw(dice, 6) == 0) { /* late */
        struct buf time = {0};
        buf_instant(&time, world.now_ms - dice_throw(dice, 1000) * 10 * MINUTES);
        next_event_time(arena_copy(world.arena, buf_view(&time)).data);
        buf_done(&time);
    }
    switch (dice_throw(dice, 17)) {
    case 0:
    case 1:
    case 2:
        return visit(customer, PICK(dice, "store", "web", "app"));
    case 3:
    case 4:
    case 5:
    case 6:
        return purchase(customer, order, minor, PICK(dice, "USD", "USD", "EUR"));
    case 7:
        return event_text("loyalty.purchase.cancelled.v1", customer, "{\"order_id\":\"%s\"}", order);
    case 8:
        return event_text("loyalty.purchase.refunded.v1", customer,
                          "{\"refund_id\":\"%s\",\"order_id\":\"%s\",\"net_minor\":%d}", refund, order,
                          minor / 2);
    case 9:
    case 10:
        return made_up_complaint(dice, customer);
    case 11:
    case 12:
        return made_up_profile(dice, customer);
    case 13:
        return event_text("loyalty.consent.changed.v1", customer,
                          "{\"contact_channel\":\"%s\",\"purpose\":\"marketing\",\"state\":\"%s\"}",
                          channel == 0 ? "email" : "sms", PICK(dice, "granted", "granted", "withdrawn"));
    case 14:
        return made_up_launch(dice);
    case 15:
        return made_up_about_product(dice, customer, order);
    default:
        return dice_throw(dice, 4) > 0 ? visit(customer, "web")
                                       : event_text("loyalty.customer.erased.v1", customer, "{}");
    }
}

static const char *made_up_complaint(struct dice *dice, const char *customer)
{
    char type[64];
    int complaint = dice_throw(dice, 3);
    snprintf(type, sizeof type, "loyalty.complaint.%s.v1",
             PICK(dice, "opened", "opened", "acknowledged", "responded", "resolved", "reopened"));
    return event_text(type, customer, "{\"complaint_id\":\"Q%d\",\"severity\":\"%s\"}", complaint,
                      PICK(dice, "low", "normal", "high", "critical"));
}

static const char *made_up_profile(struct dice *dice, const char *customer)
{
    switch (dice_throw(dice, 4)) {
    case 0:
        return event_text(
            "loyalty.profile.changed.v1", customer,
            "{\"birth_date\":{\"calendar\":\"gregorian\",\"year\":1980,\"month\":3,\"day\":%d}}",
            1 + dice_throw(dice, 20));
    case 1:
        return event_text("loyalty.profile.changed.v1", customer, "{\"zone\":%s}",
                          PICK(dice, "\"America/New_York\"", "\"Pacific/Auckland\"", "null"));
    default:
        return event_text("loyalty.profile.changed.v1", customer, "{\"interests\":%s}",
                          PICK(dice, "[]", "[\"tea\"]", "[\"tea\",\"cake\"]", "[\"cake\"]"));
    }
}

static const char *made_up_launch(struct dice *dice)
{
    char product[16];
    snprintf(product, sizeof product, "P%d", 1 + dice_throw(dice, 8));
    return event_text("loyalty.product.launched.v1", product, "{\"name\":\"Something\",\"interests\":%s}",
                      PICK(dice, "[\"tea\"]", "[\"cake\",\"tea\"]", "[\"coffee\"]"));
}

static const char *made_up_about_product(struct dice *dice, const char *customer, const char *order)
{
    switch (dice_throw(dice, 3)) {
    case 0:
        return event_text("loyalty.subscription.changed.v1", customer,
                          "{\"product_id\":\"P%d\",\"kind\":\"%s\",\"state\":\"%s\"}",
                          1 + dice_throw(dice, 3), PICK(dice, "restocked", "repriced"),
                          PICK(dice, "subscribed", "subscribed", "cancelled"));
    case 1:
        return event_text("loyalty.purchase.completed.v1", customer,
                          "{\"order_id\":\"%s\",\"currency\":\"USD\",\"net_minor\":%d,"
                          "\"lines\":[{\"sku\":\"P%d\"}]}",
                          order, dice_throw(dice, 9000), 1 + dice_throw(dice, 3));
    default:
        return made_up_news(dice);
    }
}

static const char *made_up_news(struct dice *dice)
{
    char type[64], product[16];
    snprintf(type, sizeof type, "loyalty.product.%s.v1", PICK(dice, "restocked", "repriced", "recalled"));
    snprintf(product, sizeof product, "P%d", 1 + dice_throw(dice, 3));
    return event_text(type, product,
                      "{\"currency\":\"USD\",\"old_minor\":500,\"new_minor\":%d,\"severity\":\"low\","
                      "\"reference\":\"n\"}",
                      dice_throw(dice, 600));
}

static void send_somewhere(struct dice *dice, const char *text)
{
    int32_t partition = dice_throw(dice, world.homes);
    switch (dice_throw(dice, 8)) {
    case 0:
        given_event("loyalty.visits", text);
        break;
    case 1:
        given_event("loyalty.purchases", text);
        break;
    case 2: /* without a key, anywhere */
        given_record(HOME_LOG, partition, NULL, text, NULL);
        break;
    case 3: /* with a key that may be another's */
        given_record(HOME_LOG, partition,
                     arena_printf(world.arena, "C%d", 1 + dice_throw(dice, CUSTOMERS)).data, text, NULL);
        break;
    default:
        given_event(HOME_LOG, text);
        break;
    }
}

static const char *pick(struct dice *dice, const char *const *texts, int count)
{
    return texts[dice_throw(dice, count)];
}
