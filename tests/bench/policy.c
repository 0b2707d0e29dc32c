/* SPDX-License-Identifier: MIT */
/* What policies cost: reading one of 1,000 follow-ups, and asking conditions; the best of several rounds.
 * Prints a table and asserts nothing: `build/release/bench_policy`. ./run bench takes it into the report. */
#include "common/order.h"
#include "config/condition.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS     50
#define QUESTIONS  50000 /* in a round */
#define FOLLOW_UPS 1000

static double now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void add_follow_ups(struct buf *yaml)
{
    static const char *const kinds[] = {
        "on: purchase.completed\n    class: marketing\n    after: 1d\n    channels: [email, push]\n"
        "    if:\n      - orders >= 3\n      - event.net > 50.00 EUR\n      - {not: country = AT}\n",
        "on: birthday\n    class: marketing\n    at: \"09:00\"\n    channels: [email]\n    if: age >= 18\n",
        "on: complaint.opened\n    class: task\n    after: {low: 3d, normal: 1d, high: 4h, critical: 1h}\n"
        "    unless: complaint.responded\n    if: event.severity >= high\n",
        "on: product.launched\n    class: content\n    channels: [email, push]\n    if: interests has tea\n"};
    buf_text(yaml, "policy: 1\nmode: live\nfollow_ups:\n");
    for (int i = 0; i < FOLLOW_UPS; i++) {
        buf_printf(yaml,
                   "  # the practice in a comment, as a careful author writes it\n  follow-up-%d:\n    %s", i,
                   kinds[i % 4]);
        buf_printf(yaml, "    content: content-%d\n    expires_after: 3d\n", i);
    }
}

static void measure_loading(void)
{
    struct buf yaml = {0}, problems = {0};
    add_follow_ups(&yaml);
    double best = 1e18;
    for (int i = 0; i < ROUNDS; i++) {
        struct policy *policy = NULL;
        double begun = now_ns();
        if (!policy_parse("p.yaml", buf_view(&yaml), &problems, &policy)) {
            fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
            return;
        }
        double taken = now_ns() - begun;
        best = taken < best ? taken : best;
        policy_free(policy);
    }
    printf("| a policy of %d follow-ups and %zu KiB is read | %.1f ms |\n", FOLLOW_UPS, yaml.len / 1024,
           best / 1e6);
    buf_done(&yaml);
    buf_done(&problems);
}

/* A customer with as much as one keeps: 48 orders, 20 categories, 16 interests. */
static struct customer *make_customer(void)
{
    struct customer *customer = customer_create(SLICE("C1"));
    char text[32];
    customer_int_set(customer, CUSTOMER_orders, 48);
    customer_int_set(customer, CUSTOMER_last_purchase, 1772000000000);
    customer_text_set(customer, CUSTOMER_country, SLICE("DE"));
    customer_text_set(customer, CUSTOMER_birth, SLICE("1986-03-02"));
    for (int i = 0; i < 48; i++) {
        struct order order = {
            .completed = true, .time_s = 1700000000 + i, .net_minor = 1999, .currency = "EUR"};
        (void)snprintf(text, sizeof text, "O%d", i);
        order_set(customer, slice_of(text), &order);
    }
    customer_item_set(customer, ITEM_NET, SLICE("EUR"), SLICE("95952"));
    for (int i = 0; i < 16; i++) {
        (void)snprintf(text, sizeof text, "interest-%d", i);
        customer_item_set(customer, ITEM_INTEREST, slice_of(text), SLICE("declared"));
    }
    for (int i = 0; i < 20; i++) {
        (void)snprintf(text, sizeof text, "category-%d 3", i);
        customer_item_set(customer, ITEM_CATEGORY,
                          (struct slice){.data = &"abcdefghijklmnopqrst"[i], .len = 1}, slice_of(text));
    }
    return customer;
}

static void measure(const struct customer *customer, const char *text)
{
    struct arena *arena = arena_create(4096);
    struct buf problems = {0};
    const struct yaml *root = NULL;
    struct slice yaml = arena_printf(arena, "if: %s\n", text);
    if (!yaml_parse("c", yaml, arena, &problems, &root)) {
        return;
    }
    const struct condition *condition =
        condition_parse(yaml_get(root, "if"), "if", ON_PURCHASE_COMPLETED, SLICE("Etc/UTC"), arena);
    struct purchase purchase = {.currency = "EUR", .net_minor = 1999};
    struct condition_event event = {.time_ms = 1772452800000, .purchase = &purchase};
    struct condition_facts facts = {
        .customer = customer, .policy = policy_none(), .now_ms = 1772452800000, .event = &event};
    double best = 1e18;
    for (int round = 0; round < ROUNDS && condition != NULL; round++) {
        double begun = now_ns();
        for (int i = 0; i < QUESTIONS; i++) {
            facts.now_ms++;
            (void)condition_holds(condition, &facts);
        }
        double taken = now_ns() - begun;
        best = taken < best ? taken : best;
    }
    printf("| `%s` | %.0f ns |\n", text, best / QUESTIONS);
    buf_done(&problems);
    arena_destroy(arena);
}

int main(void)
{
    struct customer *customer = make_customer();
    printf("| policies, one thread | |\n|---|--:|\n");
    measure_loading();
    measure(customer, "orders >= 3");
    measure(customer, "event.net >= 10.00 EUR");
    measure(customer, "net >= 200.00 EUR");
    measure(customer, "event.net > average_order");
    measure(customer, "last_purchase within last 90d");
    measure(customer, "country in AT, CH, DE");
    measure(customer, "age >= 18");
    measure(customer, "age >= 40");
    measure(customer, "interests has interest-15");
    measure(customer, "interests has cars");
    measure(customer, "categories has category-19");
    measure(customer,
            "[orders >= 3, event.net >= 10.00 EUR, {not: country = FR}, last_purchase within last 90d]");
    customer_destroy(customer);
    return 0;
}
