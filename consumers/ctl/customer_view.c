/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/customer_view.h"

#include "common/clock.h"
#include "common/complaint.h"
#include "common/digest.h"
#include "common/order.h"
#include "common/record.h"

#include <stdlib.h>

#define HASH_CHARS 64

static bool read_now(struct ctl *ctl, struct customer_view *view);
static bool read_customer(struct ctl *ctl, struct customer_view *view);
static bool find_erased(struct ctl *ctl, struct customer_view *view);
static int compare_items(const void *a, const void *b);
static int compare_timers(const void *a, const void *b);
static const struct policy *policy_of(const struct customer_view *view);

bool customer_view_open(struct ctl *ctl, const char *id, struct customer_view *ret_view)
{
    struct customer_view view = {.id = slice_of(id), .now_ms = clock_wall_ms()};
    if (!ctl_installed(ctl)) {
        return false;
    }
    view.home = partition_of(view.id, ctl->installation.homes);
    view.customer = customer_create(view.id);
    if (!ctl_policy(ctl, view.home, &view.policy) || !read_now(ctl, &view) || !read_customer(ctl, &view) ||
        !find_erased(ctl, &view)) {
        customer_view_close(&view);
        return false;
    }
    view.zone = policy_zone(policy_of(&view), view.customer);
    *ret_view = view;
    return true;
}

void customer_view_close(struct customer_view *view)
{
    customer_destroy(view->customer);
    policy_free(view->policy);
    *view = (struct customer_view){.home = 0};
}

struct view_item *customer_view_items(const struct customer_view *view, enum item_kind kind,
                                      struct arena *arena, size_t *ret_count)
{
    size_t count = 0, cursor = 0, capacity = customer_item_count(view->customer, kind);
    struct view_item *items = arena_alloc(arena, (capacity + 1) * sizeof *items);
    while (count < capacity &&
           customer_item_next(view->customer, kind, &cursor, &items[count].key, &items[count].value)) {
        count++;
    }
    qsort(items, count, sizeof *items, kind == ITEM_TIMER ? compare_timers : compare_items);
    *ret_count = count;
    return items;
}

struct view_freeze customer_view_freeze(const struct customer_view *view, struct arena *arena)
{
    size_t count = 0;
    bool any = false;
    struct view_item *items = customer_view_items(view, ITEM_COMPLAINT, arena, &count);
    for (enum message_class message_class = 0; message_class < CLASS_COUNT; message_class++) {
        any = any || customer_view_freezes(view, message_class);
    }
    struct view_freeze freeze = {.complaints = arena_alloc(arena, (count + 1) * sizeof *freeze.complaints)};
    for (size_t i = 0; i < count && any; i++) {
        struct complaint complaint = {0};
        int64_t end_ms = complaint_read(items[i].value, &complaint)
                             ? complaint_freeze_end_ms(&complaint, policy_of(view)->freeze_ms)
                             : 0;
        if (view->now_ms < end_ms) {
            freeze.complaints[freeze.count++] = items[i].key;
            freeze.until_ms = end_ms > freeze.until_ms ? end_ms : freeze.until_ms;
        }
    }
    return freeze;
}

bool customer_view_freezes(const struct customer_view *view, enum message_class message_class)
{
    return policy_of(view)->classes[message_class].freezes;
}

void customer_view_split(struct slice key, struct slice *ret_first, struct slice *ret_second)
{
    const char *colon = key.len > 0 ? memchr(key.data, ':', key.len) : NULL;
    size_t len = colon != NULL ? (size_t)(colon - key.data) : key.len;
    *ret_first = (struct slice){.data = key.data, .len = len};
    *ret_second =
        colon != NULL ? (struct slice){.data = colon + 1, .len = key.len - len - 1} : (struct slice){0};
}

const char *customer_view_order_state(const struct order *order)
{
    if (!order->completed) {
        return order->cancelled ? "cancelled, not seen yet" : "not seen yet";
    }
    if (order->cancelled) {
        return "cancelled";
    }
    return order_stands(order) ? "stands" : "wholly refunded";
}

/* Where events' own time is the clock, it is as late as the home has come. */
static bool read_now(struct ctl *ctl, struct customer_view *view)
{
    struct hash home = {0};
    if (view->policy == NULL || view->policy->clock == CLOCK_APPEND) {
        return true;
    }
    if (!ctl_hash(ctl, view->home, "home", &home, NULL)) {
        return false;
    }
    view->now_ms = hash_number(&home, "time");
    return true;
}

static bool read_customer(struct ctl *ctl, struct customer_view *view)
{
    struct slice key = arena_printf(ctl->arena, "c:%.*s", SLICE_ARG(view->id));
    if (!ctl_hash(ctl, view->home, key.data, &view->hash, &view->position)) {
        return false;
    }
    if (customer_load(view->customer, &view->hash) != STATUS_OK) {
        ctl_fail("what Redis has of this customer is not what loyald writes; loyalctl home %d rebuild makes "
                 "the home "
                 "anew from the log",
                 (int)view->home);
        return false;
    }
    return true;
}

/* Is the id's hash a member? The first member behind all but its last character says so. */
static bool find_erased(struct ctl *ctl, struct customer_view *view)
{
    char hash[HASH_CHARS + 1];
    int64_t position = 0;
    digest_hmac_sha256_hex(slice_of(ctl->installation.erasure_key), view->id, hash);
    struct read read = {
        .kind = READ_RANKS,
        .key = SLICE("erased"),
        .after_member = {.data = hash, .len = HASH_CHARS - 1},
        .limit = 1
    };
    enum status status = store_read(ctl->store, view->home, &read, 1, ctl->arena, &position);
    if (status != STATUS_OK) {
        ctl_fail_redis(ctl, status, ctl->store->error);
        return false;
    }
    view->erased = read.ret_ranking.count > 0 && slice_is(read.ret_ranking.entries[0].member, hash);
    return true;
}

static int compare_items(const void *a, const void *b)
{
    return slice_compare(((const struct view_item *)a)->key, ((const struct view_item *)b)->key);
}

static int compare_timers(const void *a, const void *b)
{
    int64_t due_a = 0, due_b = 0;
    (void)!parse_int(((const struct view_item *)a)->value, &due_a);
    (void)!parse_int(((const struct view_item *)b)->value, &due_b);
    return due_a != due_b ? (due_a < due_b ? -1 : 1) : compare_items(a, b);
}

static const struct policy *policy_of(const struct customer_view *view)
{
    return view->policy != NULL ? view->policy : policy_none();
}
