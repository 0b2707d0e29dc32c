/* SPDX-License-Identifier: MIT */
/* In whatever order the events of orders come, and however often, the customer is what a count over the
 * events themselves says. */
#include "common/buf.h"
#include "tests/fakes/customer_dump.h"
#include "tests/fakes/orders.h"
#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define T      INT64_C(1772000000000)
#define ORDERS 12
#define EVENTS 80

static unsigned seed;
static char ids[EVENTS][8];
static struct slice categories[4] = {SLICE("tea"), SLICE("cups"), SLICE("jazz"), SLICE("books")};

/* Events with ids of their own, each at most once. */
static size_t make_events(struct event *events)
{
    size_t count = 0;
    int refunds = 0;
    for (int order = 0; order < ORDERS; order++) {
        const char *currency = order % 3 == 0 ? "USD" : "EUR";
        const char *id = ids[order];
        int64_t time_ms = T + rand_r(&seed) % 100000;
        int64_t net = rand_r(&seed) % 8 == 0 ? 0 : 1 + rand_r(&seed) % 1000;
        if (rand_r(&seed) % 8 != 0) {
            struct event event = completed_event(id, time_ms, net, currency);
            unsigned first = (unsigned)rand_r(&seed) % 4, some = (unsigned)rand_r(&seed) % (5 - first);
            event.data.purchase.categories = &categories[first];
            event.data.purchase.category_count = some;
            events[count++] = event;
        }
        if (rand_r(&seed) % 4 == 0) {
            events[count++] = cancelled_event(id, time_ms + rand_r(&seed) % 50000);
        }
        for (int i = rand_r(&seed) % 4; i > 0; i--) {
            int64_t amount = rand_r(&seed) % 6 == 0 ? -1 : rand_r(&seed) % 600;
            const char *named = rand_r(&seed) % 2 == 0 ? currency : NULL;
            events[count++] =
                refunded_event(ids[refunds++], id, time_ms + rand_r(&seed) % 9000, amount, named);
        }
    }
    for (int i = 0; i < 3; i++) {
        events[count++] =
            refunded_event(ids[refunds++], NULL, T, rand_r(&seed) % 500, i == 0 ? "USD" : "EUR");
    }
    return count;
}

static void shuffle(struct event *events, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)rand_r(&seed) % i;
        struct event event = events[i - 1];
        events[i - 1] = events[other];
        events[other] = event;
    }
}

/* ---- the count over the events */
struct model {
    int64_t orders, usd, eur, first, last;
    int64_t in_category[4];
};

static int64_t refunded_of(const struct event *events, size_t count, struct slice order_id, bool *whole)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct refund *refund = &events[i].data.refund;
        if (events[i].type == EVENT_PURCHASE_REFUNDED && slice_equal(refund->order_id, order_id)) {
            sum += refund->net_minor;
            *whole = *whole || !refund->has_amount;
        }
    }
    return sum;
}

static bool is_cancelled(const struct event *events, size_t count, struct slice order_id)
{
    for (size_t i = 0; i < count; i++) {
        if (events[i].type == EVENT_PURCHASE_CANCELLED &&
            slice_equal(events[i].data.cancellation.order_id, order_id)) {
            return true;
        }
    }
    return false;
}

static void count_order(struct model *model, const struct event *event, int64_t net)
{
    const struct purchase *purchase = &event->data.purchase;
    int64_t ms = event->time_ms / 1000 * 1000;
    model->orders++;
    *(strcmp(purchase->currency, "USD") == 0 ? &model->usd : &model->eur) += net;
    model->first = model->first == 0 || ms < model->first ? ms : model->first;
    model->last = ms > model->last ? ms : model->last;
    for (size_t i = 0; i < purchase->category_count; i++) {
        model->in_category[&purchase->categories[i] - categories]++;
    }
}

static struct model model_of(const struct event *events, size_t count)
{
    struct model model = {0};
    for (size_t i = 0; i < count; i++) {
        if (events[i].type == EVENT_PURCHASE_REFUNDED && events[i].data.refund.order_id.data == NULL) {
            const struct refund *refund = &events[i].data.refund;
            *(strcmp(refund->currency, "USD") == 0 ? &model.usd : &model.eur) -= refund->net_minor;
        }
        if (events[i].type != EVENT_PURCHASE_COMPLETED) {
            continue;
        }
        const struct purchase *purchase = &events[i].data.purchase;
        bool whole = is_cancelled(events, count, purchase->order_id);
        int64_t refunded = refunded_of(events, count, purchase->order_id, &whole);
        if (!whole && (refunded == 0 || refunded < purchase->net_minor)) {
            count_order(&model, &events[i], purchase->net_minor - refunded);
        }
    }
    return model;
}

/* ---- the comparison */
static int64_t number_of(enum item_kind kind, const char *key)
{
    struct slice value;
    int64_t number = 0;
    if (customer_item(stage_customer(), kind, slice_of(key), &value)) {
        assert_true(parse_int(value, &number));
    }
    return number;
}

static int64_t orders_in(struct slice category)
{
    struct slice letter, value;
    int64_t number = 0;
    for (size_t at = 0; customer_item_next(stage_customer(), ITEM_CATEGORY, &at, &letter, &value);) {
        if (value.len > category.len && slice_has_prefix(value, category) &&
            value.data[category.len] == ' ') {
            size_t begin = category.len + 1;
            assert_true(parse_int((struct slice){value.data + begin, value.len - begin}, &number));
        }
    }
    return number;
}

static bool agrees(const char *what, int64_t got, int64_t expected)
{
    if (got != expected) {
        print_error("%s: %lld, not %lld\n", what, (long long)got, (long long)expected);
    }
    return got == expected;
}

static bool model_agrees(const struct model *model)
{
    const struct customer *customer = stage_customer();
    bool fine = agrees("orders", customer_int(customer, CUSTOMER_orders), model->orders);
    fine &= agrees("USD", number_of(ITEM_NET, "USD"), model->usd);
    fine &= agrees("EUR", number_of(ITEM_NET, "EUR"), model->eur);
    fine &= agrees("first", customer_int(customer, CUSTOMER_first_purchase), model->first);
    fine &= agrees("last", customer_int(customer, CUSTOMER_last_purchase), model->last);
    for (int i = 0; i < 4; i++) {
        fine &= agrees(categories[i].data, orders_in(categories[i]), model->in_category[i]);
    }
    fine &= agrees("total orders", totals_get(stage_moment->totals, SLICE("orders")), model->orders);
    fine &= agrees("total net:USD", totals_get(stage_moment->totals, SLICE("net:USD")), model->usd);
    fine &= agrees("total net:EUR", totals_get(stage_moment->totals, SLICE("net:EUR")), model->eur);
    return fine;
}

static void run_of(unsigned first_seed)
{
    struct event events[EVENTS];
    seed = first_seed;
    size_t count = make_events(events);
    shuffle(events, count);
    for (size_t i = 0; i < count; i++) {
        enum reject reject;
        enum handled handled = fold_event_of_order(&events[i], &reject);
        struct model model = model_of(events, i + 1);
        bool fine = handled == HANDLED_FOLDED && model_agrees(&model);
        const struct event *again = &events[(size_t)rand_r(&seed) % (i + 1)];
        fine = fine && fold_event_of_order(again, &reject) == HANDLED_DUPLICATE;
        if (!fine) {
            print_error("seed %u, event %zu of %zu, reason %s\n", first_seed, i, count, reject_name(reject));
            fail();
        }
    }
}

static void any_order_of_events_gives_what_counting_them_gives(void **state)
{
    for (unsigned each = 1; each <= 300; each++) {
        run_of(each);
        stage_clear(state);
        stage_set(state);
    }
}

/* Every permutation of one order's events, by Heap's algorithm; the first one's customer is the measure. */
static char *measure;

static void fold_all(const struct event *events, size_t count)
{
    void *state = NULL;
    for (size_t i = 0; i < count; i++) {
        then_folded(events[i]);
    }
    char *dump = customer_dump(stage_customer());
    if (measure == NULL) {
        measure = dump;
    } else {
        assert_string_equal(dump, measure);
        free(dump);
    }
    stage_clear(&state);
    stage_set(&state);
}

static void permute(struct event *events, size_t k, size_t count)
{
    if (k <= 1) {
        fold_all(events, count);
        return;
    }
    for (size_t i = 0; i < k; i++) {
        permute(events, k - 1, count);
        size_t other = k % 2 == 0 ? i : 0;
        struct event event = events[other];
        events[other] = events[k - 1];
        events[k - 1] = event;
    }
}

static void then_all_permutations_agree(struct event *events, size_t count)
{
    permute(events, count, count);
    free(measure);
    measure = NULL;
}

static void permutations_of_one_orders_events_give_the_same_customer(void **state)
{
    (void)state;
    struct event bought = completed_event("A1", T, 900, "EUR");
    bought.data.purchase.categories = categories;
    bought.data.purchase.category_count = 3;
    struct event part = refunded_event("R1", "A1", T + 7000, 300, NULL);
    struct event rest = refunded_event("R2", "A1", T + 5000, 600, "EUR");
    struct event whole = refunded_event("R3", "A1", T + 3000, -1, "EUR");
    struct event cancelled = cancelled_event("A1", T + 4000);
    then_all_permutations_agree((struct event[]){bought, part}, 2);
    then_all_permutations_agree((struct event[]){bought, cancelled}, 2);
    then_all_permutations_agree((struct event[]){bought, part, rest}, 3);
    then_all_permutations_agree((struct event[]){cancelled, part, whole}, 3);
    then_all_permutations_agree((struct event[]){bought, part, rest, whole, cancelled}, 5);
}

static void which_orders_leave_does_not_depend_on_their_order_of_arrival(void **state)
{
    char *expected = NULL;
    for (seed = 1; seed <= 20; seed++) {
        struct event events[60];
        for (int i = 0; i < 60; i++) {
            events[i] = completed_event(ids[i], T + i / 2 * 1000, 100 + i, "EUR");
        }
        unsigned kept_seed = seed;
        shuffle(events, 60);
        seed = kept_seed;
        for (int i = 0; i < 60; i++) {
            then_folded(events[i]);
        }
        char *dump = customer_dump(stage_customer());
        if (expected == NULL) {
            expected = dump;
        } else {
            assert_string_equal(dump, expected);
            free(dump);
        }
        stage_clear(state);
        stage_set(state);
    }
    free(expected);
}

int main(void)
{
    for (int i = 0; i < EVENTS; i++) {
        snprintf(ids[i], sizeof ids[i], "N%d", i);
    }
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set, stage_clear)
    const struct CMUnitTest tests[] = {
        TEST(any_order_of_events_gives_what_counting_them_gives),
        TEST(permutations_of_one_orders_events_give_the_same_customer),
        TEST(which_orders_leave_does_not_depend_on_their_order_of_arrival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
