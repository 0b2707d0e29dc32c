/* SPDX-License-Identifier: MIT */
/* What a home must have in memory before a record can be folded, and how it gets there: the reads are
 * gathered here, made by the worker, and taken over here. Ranges (due timers, a chunk of an index) are what
 * the store shows, overlaid with what it does not show yet, so they do not depend on where batches end. */
#include "consumers/home.h"

#include "common/digest.h"
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define DUE_WINDOW 256

/* Timers that are due, taken from the heap, of customers who must be read first. */
struct unread {
    struct due_entry *items; /* owns the ids */
    size_t count, capacity;
};

static void want(struct wants *wants, enum want kind, struct slice id, struct read read);
static bool choose_firing(struct home *home, int64_t now_ms, struct slice own, struct wants *wants);
static bool take_due(struct home *home, int64_t now_ms, struct slice own, struct unread *unread,
                     struct wants *wants);
static void put_back(struct home *home, struct unread *unread);
static void want_more_due(struct home *home, struct wants *wants);
static void leave_for_later(struct home *home);
static void release_firing(struct home *home);
static struct slice end_member(struct arena *arena, const struct home *home);
static enum status absorb_customer(struct home *home, struct slice id, const struct hash *hash,
                                   char *ret_why);
static enum status absorb_product(struct home *home, struct slice id, const struct hash *hash, char *ret_why);
static void absorb_erased(struct home *home, struct slice id, const struct ranking *ranking);
static void absorb_due(struct home *home, const struct read *read);
static void absorb_index(struct home *home, const struct read *read, struct arena *arena);
static struct known_product *product_find(struct home *home, struct slice id);

bool home_has_customer(struct home *home, struct slice id, struct wants *wants)
{
    struct resident *resident = residents_find(&home->residents, id);
    if (resident != NULL) {
        return resident->loaded;
    }
    residents_add(&home->residents, id);
    struct arena *arena = wants->arena;
    want(wants, WANT_CUSTOMER, id,
         (struct read){.kind = READ_HASH, .key = arena_printf(arena, "c:%.*s", SLICE_ARG(id))});
    if (home->any_erased) {
        char *hash = arena_alloc(arena, 65);
        digest_hmac_sha256_hex(home->erasure_key, id, hash);
        want(wants, WANT_ERASED, id,
             (struct read){.kind = READ_SCORE, .key = SLICE("erased"), .after_member = slice_of(hash)});
    }
    return false;
}

bool home_has_product(struct home *home, struct slice id, struct wants *wants)
{
    struct known_product *product = product_find(home, id);
    if (product != NULL) {
        return product->loaded;
    }
    MEM_GROW(home->products, home->product_count, home->product_capacity);
    home->products[home->product_count++] = (struct known_product){
        .id = {.data = mem_copy(id), .len = id.len}
    };
    want(wants, WANT_PRODUCT, id,
         (struct read){.kind = READ_HASH, .key = arena_printf(wants->arena, "p:%.*s", SLICE_ARG(id))});
    return false;
}

bool home_has_chunk(struct home *home, struct slice index, struct slice after, struct wants *wants)
{
    if (!home->chunk.ready) {
        /* As many more as may have left the index without the store's knowing. */
        size_t limit = (size_t)home->policy->limits.fan_out_chunk + home->touched.count;
        want(wants, WANT_INDEX, (struct slice){0},
             (struct read){.kind = READ_RANKS, .key = index, .after_member = after, .limit = limit});
        return false;
    }
    bool all = true;
    for (size_t i = 0; i < home->chunk.count; i++) {
        all &= home_has_customer(home, home->chunk.ids[i], wants);
    }
    return all;
}

bool home_has_due(struct home *home, int64_t now_ms, struct slice own, struct wants *wants)
{
    release_firing(home);
    home->more_due = false;
    return choose_firing(home, now_ms, own, wants);
}

enum status home_absorb(struct home *home, const struct wants *wants, char *ret_why)
{
    for (size_t i = 0; i < wants->count; i++) {
        const struct read *read = &wants->reads[i];
        enum status status = STATUS_OK;
        switch (wants->kinds[i]) {
        case WANT_CUSTOMER:
            status = absorb_customer(home, wants->ids[i], &read->ret_hash, ret_why);
            break;
        case WANT_ERASED:
            absorb_erased(home, wants->ids[i], &read->ret_ranking);
            break;
        case WANT_DUE:
            absorb_due(home, read);
            break;
        case WANT_INDEX:
            absorb_index(home, read, wants->arena);
            break;
        case WANT_PRODUCT:
            status = absorb_product(home, wants->ids[i], &read->ret_hash, ret_why);
            break;
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static void want(struct wants *wants, enum want kind, struct slice id, struct read read)
{
    if (wants->count == wants->capacity) {
        size_t capacity = wants->capacity > 0 ? 2 * wants->capacity : 64;
        struct read *reads = arena_alloc(wants->arena, capacity * sizeof *reads);
        enum want *kinds = arena_alloc(wants->arena, capacity * sizeof *kinds);
        struct slice *ids = arena_alloc(wants->arena, capacity * sizeof *ids);
        if (wants->count > 0) {
            memcpy(reads, wants->reads, wants->count * sizeof *reads);
            memcpy(kinds, wants->kinds, wants->count * sizeof *kinds);
            memcpy(ids, wants->ids, wants->count * sizeof *ids);
        }
        wants->reads = reads;
        wants->kinds = kinds;
        wants->ids = ids;
        wants->capacity = capacity;
    }
    wants->reads[wants->count] = read;
    wants->kinds[wants->count] = kind;
    wants->ids[wants->count] = id;
    wants->count++;
}

/* In order of due time those that are truly due, and at most as many as may fire; or nothing, when something
 * must be read first. */
static bool choose_firing(struct home *home, int64_t now_ms, struct slice own, struct wants *wants)
{
    struct unread unread = {0};
    bool in_memory = take_due(home, now_ms, own, &unread, wants);
    bool all_read = unread.count == 0;
    put_back(home, &unread);
    if (!in_memory) {
        want_more_due(home, wants);
    }
    if (!in_memory || !all_read) {
        release_firing(home);
        return false;
    }
    leave_for_later(home);
    return true;
}

/* From the heap, until one more than may fire is found or nothing more is due. False: what comes next is not
 * in memory. */
static bool take_due(struct home *home, int64_t now_ms, struct slice own, struct unread *unread,
                     struct wants *wants)
{
    while (home->firing.count + unread->count <= (size_t)home->policy->limits.timers_per_record) {
        const struct due_entry *first = due_first(&home->due);
        if (first == NULL || first->due_ms > now_ms) {
            return home->due.whole || (home->due.end.id.data != NULL && home->due.end.due_ms > now_ms);
        }
        struct due_entry entry = due_pop(&home->due);
        struct resident *resident = residents_find(&home->residents, entry.id);
        if (resident == NULL || !resident->loaded) {
            MEM_GROW(unread->items, unread->count, unread->capacity);
            unread->items[unread->count++] = entry;
            home_has_customer(home, arena_copy(wants->arena, entry.id), wants);
            continue;
        }
        bool stale = customer_next_due(resident->customer) != entry.due_ms;
        if (!stale && !resident->firing && !slice_equal(entry.id, own)) {
            resident->firing = true;
            MEM_GROW(home->firing.items, home->firing.count, home->firing.capacity);
            home->firing.items[home->firing.count++] = resident;
        }
        mem_free((char *)entry.id.data);
    }
    return true;
}

static void put_back(struct home *home, struct unread *unread)
{
    for (size_t i = 0; i < unread->count; i++) {
        due_push(&home->due, unread->items[i].due_ms, unread->items[i].id);
        mem_free((char *)unread->items[i].id.data);
    }
    mem_free(unread->items);
}

static void want_more_due(struct home *home, struct wants *wants)
{
    want(wants, WANT_DUE, (struct slice){0},
         (struct read){.kind = READ_RANKS,
                       .key = SLICE("timers"),
                       .after_score = home->due.end.due_ms,
                       .after_member = end_member(wants->arena, home),
                       .max_score = DUE_NEVER,
                       .limit = DUE_WINDOW});
}

/* The one that was found beyond the limit shows that there are more. */
static void leave_for_later(struct home *home)
{
    if (home->firing.count > (size_t)home->policy->limits.timers_per_record) {
        struct resident *next = home->firing.items[--home->firing.count];
        next->firing = false;
        due_push(&home->due, customer_next_due(next->customer), customer_id(next->customer));
        home->more_due = true;
    }
}

static struct slice end_member(struct arena *arena, const struct home *home)
{
    struct slice id = home->due.end.id;
    return id.data != NULL ? arena_copy(arena, id) : (struct slice){0};
}

/* Whoever was chosen and has not fired goes back. */
static void release_firing(struct home *home)
{
    for (size_t i = 0; i < home->firing.count; i++) {
        struct resident *resident = home->firing.items[i];
        resident->firing = false;
        if (customer_next_due(resident->customer) != DUE_NEVER) {
            due_push(&home->due, customer_next_due(resident->customer), customer_id(resident->customer));
        }
    }
    home->firing.count = 0;
}

static enum status absorb_customer(struct home *home, struct slice id, const struct hash *hash, char *ret_why)
{
    struct resident *resident = residents_find(&home->residents, id);
    resident->loaded = true;
    if (hash->field_count == 0) {
        return STATUS_OK;
    }
    enum status status = customer_load(resident->customer, hash);
    if (status != STATUS_OK) {
        snprintf(ret_why, 256,
                 "home %d: the record of a customer in Redis holds what loyald does not write; rebuild "
                 "the home (loyalctl home %d rebuild)",
                 home->number, home->number);
    }
    return status;
}

static enum status absorb_product(struct home *home, struct slice id, const struct hash *hash, char *ret_why)
{
    struct known_product *product = product_find(home, id);
    product->loaded = true;
    for (int kind = 0; kind < NEWS_KIND_COUNT; kind++) {
        product->newest[kind] = NO_NEWS;
    }
    for (size_t i = 0; i < hash->field_count; i++) {
        enum news_kind kind;
        const struct field *field = &hash->fields[i];
        if (news_kind_parse(field->name, &kind) && !parse_int(field->value, &product->newest[kind])) {
            snprintf(ret_why, 256,
                     "home %d: the record of a product in Redis holds what loyald does not write; rebuild "
                     "the home (loyalctl home %d rebuild)",
                     home->number, home->number);
            return STATUS_CORRUPT;
        }
    }
    return STATUS_OK;
}

static void absorb_erased(struct home *home, struct slice id, const struct ranking *ranking)
{
    struct resident *resident = residents_find(&home->residents, id);
    resident->erased = ranking->count > 0;
    resident->erased_ms = resident->erased ? ranking->entries[0].score : 0;
}

/* The window grows by what was read, and by what lies in the new part and the store does not show yet. */
static void absorb_due(struct home *home, const struct read *read)
{
    for (size_t i = 0; i < read->ret_ranking.count; i++) {
        due_push(&home->due, read->ret_ranking.entries[i].score, read->ret_ranking.entries[i].member);
    }
    bool *known = mem_zalloc(home->touched.count + 1);
    for (size_t i = 0; i < home->touched.count; i++) {
        struct customer *customer = home->touched.items[i]->customer;
        known[i] = due_covers(&home->due, customer_next_due(customer), customer_id(customer));
    }
    bool whole = read->ret_ranking.count < read->limit;
    if (whole) {
        due_extend(&home->due, 0, (struct slice){0});
    } else {
        const struct ranked *last = &read->ret_ranking.entries[read->ret_ranking.count - 1];
        due_extend(&home->due, last->score, last->member);
    }
    for (size_t i = 0; i < home->touched.count; i++) {
        struct customer *customer = home->touched.items[i]->customer;
        int64_t due = customer_next_due(customer);
        if (!known[i] && due != DUE_NEVER && due_covers(&home->due, due, customer_id(customer))) {
            due_push(&home->due, due, customer_id(customer));
        }
    }
    mem_free(known);
}

static int compare_ids(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* The next customers in this index, in order of their ids. */
static void absorb_index(struct home *home, const struct read *read, struct arena *arena)
{
    const struct ranking *base = &read->ret_ranking;
    size_t limit = (size_t)home->policy->limits.fan_out_chunk;
    bool exhausted = base->count < read->limit;
    struct slice *ids = arena_alloc(arena, (base->count + home->touched.count + 1) * sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < base->count; i++) {
        const struct resident *resident = residents_find(&home->residents, base->entries[i].member);
        if (resident == NULL || !resident->touched) {
            ids[count++] = base->entries[i].member;
        }
    }
    for (size_t i = 0; i < home->touched.count; i++) {
        struct slice id = customer_id(home->touched.items[i]->customer);
        bool inside = slice_compare(id, read->after_member) > 0 &&
                      (exhausted || slice_compare(id, base->entries[base->count - 1].member) <= 0);
        if (inside && customer_in_index(home->touched.items[i]->customer, read->key)) {
            ids[count++] = id;
        }
    }
    qsort(ids, count, sizeof *ids, compare_ids);
    home->chunk = (struct chunk_range){
        .ready = true, .ids = ids, .count = count < limit ? count : limit, .full = count >= limit};
}

static struct known_product *product_find(struct home *home, struct slice id)
{
    for (size_t i = 0; i < home->product_count; i++) {
        if (slice_equal(home->products[i].id, id)) {
            return &home->products[i];
        }
    }
    return NULL;
}
