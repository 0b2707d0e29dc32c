/* SPDX-License-Identifier: MIT */
#include "consumers/home.h"

#include "common/buf.h"
#include "common/digest.h"
#include "common/mem.h"

#include <assert.h>
#include <stdio.h>

static void list_add(struct resident_list *list, struct resident *resident);
static void list_done(struct resident_list *list);
static bool hash_field(const struct hash *hash, const char *name, struct slice *ret_value);
static bool hash_int(const struct hash *hash, const char *name, int64_t *ret);
static void collect_home(struct home *home, struct changes *changes);
static void set_flag(struct changes *changes, struct slice key, struct slice name, bool is_set);
static bool load_switches(struct home *home, const struct hash *hash);
static void forget_products(struct home *home);

struct home *home_create(int32_t number, int32_t homes, struct slice erasure_key)
{
    struct home *home = mem_zalloc(sizeof *home);
    home->number = number;
    home->homes = homes;
    home->erasure_key = (struct slice){.data = mem_copy(erasure_key), .len = erasure_key.len};
    home_reset(home);
    return home;
}

void home_destroy(struct home *home)
{
    if (home == NULL) {
        return;
    }
    home_reset(home);
    totals_destroy(home->totals);
    list_done(&home->firing);
    list_done(&home->touched);
    list_done(&home->run);
    mem_free(home->commits);
    mem_free(home->products);
    mem_free((char *)home->erasure_key.data);
    mem_free(home);
}

void home_reset(struct home *home)
{
    residents_done(&home->residents);
    due_done(&home->due);
    switches_done(&home->switches);
    risk_counts_done(&home->risk);
    totals_destroy(home->totals);
    home->totals = totals_create();
    home->firing.count = home->touched.count = home->run.count = 0;
    fan_outs_done(&home->fan_outs);
    shares_done(&home->shares);
    home->chunk = (struct chunk_range){0};
    home->extra = (struct changes){0};
    home->commit_count = 0;
    forget_products(home);
    home->position = home->run_from = home->time_ms = home->saved_time_ms = 0;
    home->continuation = home->saved_continuation = home->more_due = false;
    home->policy = home->saved_policy = policy_none();
}

void home_reads(struct read reads[HOME_READS])
{
    static const char *keys[HOME_READS - 1] = {"home", "policy",   "totals", "switches",
                                               "risk", "fan-outs", "shares", "banks"};
    for (size_t i = 0; i < HOME_READS - 1; i++) {
        reads[i] = (struct read){.kind = READ_HASH, .key = slice_of(keys[i])};
    }
    reads[HOME_READS - 1] =
        (struct read){.kind = READ_RANKS, .key = SLICE("erased"), .max_score = INT64_MAX, .limit = 1};
}

enum status home_load(struct home *home, const struct read reads[HOME_READS], int64_t position,
                      policy_finder *policy_of, void *context, char *ret_why)
{
    const struct hash *self = &reads[0].ret_hash;
    home_reset(home);
    int64_t time_ms = 0, continuation = 0, format = HOME_FORMAT;
    bool readable = hash_int(self, "time", &time_ms) && hash_int(self, "continuation", &continuation) &&
                    hash_int(self, "format", &format);
    if (readable && format != HOME_FORMAT) {
        snprintf(ret_why, 256, "home %d has format %lld in Redis; this loyald knows %d: use a newer one",
                 home->number, (long long)format, HOME_FORMAT);
        return STATUS_FATAL;
    }
    if (!readable || totals_load(home->totals, &reads[2].ret_hash) != STATUS_OK ||
        !load_switches(home, &reads[3].ret_hash) || !risk_counts_load(&home->risk, &reads[4].ret_hash) ||
        !fan_outs_load(&home->fan_outs, &reads[5].ret_hash) ||
        !shares_load(&home->shares, &reads[6].ret_hash, &reads[7].ret_hash)) {
        snprintf(ret_why, 256,
                 "home %d: its keys `home`, `totals`, `switches`, `risk`, `fan-outs`, `shares` or `banks` in "
                 "Redis hold what loyald does not write; rebuild it (loyalctl home %d rebuild)",
                 home->number, home->number);
        return STATUS_CORRUPT;
    }
    struct slice body;
    if (hash_field(&reads[1].ret_hash, "text", &body)) {
        enum policy_fault fault = policy_of(context, body, ret_why, &home->policy);
        if (fault != POLICY_OK) {
            return fault == POLICY_UNKNOWN_VERSION ? STATUS_FATAL : STATUS_CORRUPT;
        }
    }
    home->any_erased = reads[HOME_READS - 1].ret_ranking.count > 0;
    home->saved_policy = home->policy;
    home->position = home->run_from = position;
    home->time_ms = home->saved_time_ms = time_ms;
    home->continuation = home->saved_continuation = continuation != 0;
    return STATUS_OK;
}

/* Also keeps the total of customers, for every change of a customer comes by here. */
void home_touch(struct home *home, struct resident *resident, int64_t due_before, bool existed)
{
    if (!resident->touched) {
        resident->touched = true;
        list_add(&home->touched, resident);
    }
    if (!resident->in_run) {
        resident->in_run = true;
        list_add(&home->run, resident);
    }
    bool exists = customer_exists(resident->customer);
    if (exists != existed) {
        totals_add(home->totals, "customers", (struct slice){0}, (struct slice){0}, exists ? 1 : -1);
    }
    int64_t due = customer_next_due(resident->customer);
    struct slice id = customer_id(resident->customer);
    if (due != due_before && due != DUE_NEVER && due_covers(&home->due, due, id)) {
        due_push(&home->due, due, id);
    }
}

bool home_knows_news(const struct home *home, const struct news *news)
{
    int64_t newest_ms = NO_NEWS;
    for (size_t i = 0; i < home->product_count; i++) {
        if (slice_equal(home->products[i].id, news->product_id)) {
            newest_ms = home->products[i].newest[news->kind];
        }
    }
    return newest_ms != NO_NEWS && (news->kind == NEWS_LAUNCHED || news->time_ms <= newest_ms);
}

void home_note_news(struct home *home, const struct news *news, struct arena *arena)
{
    for (size_t i = 0; i < home->product_count; i++) {
        if (slice_equal(home->products[i].id, news->product_id)) {
            home->products[i].newest[news->kind] = news->time_ms;
        }
    }
    home->extra.arena = arena;
    struct slice key = arena_printf(arena, "p:%.*s", SLICE_ARG(news->product_id));
    changes_set(&home->extra, key, slice_of(news_kind_name(news->kind)),
                arena_printf(arena, "%lld", (long long)news->time_ms));
    if (news->kind == NEWS_LAUNCHED) {
        changes_set(&home->extra, key, SLICE("name"), arena_copy(arena, news->name));
    }
}

/* Only a keyed hash of the id stays: it tells an id that one asks for, and none that one does not know. */
void home_erase(struct home *home, struct resident *resident, int64_t now_ms, struct arena *arena)
{
    char hash[65];
    int64_t due_before = customer_next_due(resident->customer);
    bool existed = customer_exists(resident->customer);
    digest_hmac_sha256_hex(home->erasure_key, customer_id(resident->customer), hash);
    home->extra.arena = arena;
    changes_add(&home->extra, (struct change){.kind = CHANGE_RANK,
                                              .key = SLICE("erased"),
                                              .member = arena_copy(arena, slice_of(hash)),
                                              .score = now_ms});
    customer_clear(resident->customer);
    resident->erased = home->any_erased = true;
    resident->erased_ms = now_ms;
    totals_add(home->totals, "erased", (struct slice){0}, (struct slice){0}, 1);
    home_touch(home, resident, due_before, existed);
}

void home_switch(struct home *home, struct slice name, bool paused, int64_t now_ms, struct arena *arena)
{
    struct slice key = SLICE("switches");
    if (!switches_set(&home->switches, name, paused, now_ms)) {
        return;
    }
    home->extra.arena = arena;
    if (paused) {
        changes_set(&home->extra, key, name, arena_printf(arena, "%lld", (long long)now_ms));
    } else {
        set_flag(&home->extra, key, arena_copy(arena, name), false);
    }
}

void home_set_policy(struct home *home, const struct policy *policy, struct slice body, struct arena *arena)
{
    home->policy = policy;
    home->extra.arena = arena;
    changes_set(&home->extra, SLICE("policy"), SLICE("text"), arena_copy(arena, body));
}

size_t home_run_size(const struct home *home)
{
    return home->run.count + home->extra.count;
}

void home_cut(struct home *home, struct arena *arena)
{
    if (home->position == home->run_from) {
        return;
    }
    struct changes changes = {.arena = arena};
    for (size_t i = 0; i < home->run.count; i++) {
        home->run.items[i]->in_run = false;
        customer_collect(home->run.items[i]->customer, &changes);
    }
    home->run.count = 0;
    for (size_t i = 0; i < home->extra.count; i++) {
        changes_add(&changes, home->extra.items[i]);
    }
    home->extra = (struct changes){0};
    totals_collect(home->totals, &changes);
    risk_counts_collect(&home->risk, &changes);
    fan_outs_collect(&home->fan_outs, &changes);
    shares_collect(&home->shares, &changes);
    collect_home(home, &changes);

    struct commit *commit = arena_zalloc(arena, sizeof *commit);
    *commit = (struct commit){.home = home->number,
                              .from = home->run_from,
                              .to = home->position,
                              .changes = changes.items,
                              .change_count = changes.count,
                              .ret_status = STATUS_UNKNOWN};
    MEM_GROW(home->commits, home->commit_count, home->commit_capacity);
    home->commits[home->commit_count++] = commit;
    home->run_from = home->position;
}

void home_begun(struct home *home)
{
    for (size_t i = 0; i < home->touched.count; i++) {
        home->touched.items[i]->touched = false;
    }
    home->touched.count = 0;
    home->commit_count = 0;
    forget_products(home);
    if (home->due.count > 4096) {
        due_reset(&home->due); /* mostly left-overs by now: read the beginning anew when it is needed */
    }
}

int64_t home_next_due(struct home *home)
{
    for (const struct due_entry *first = due_first(&home->due); first != NULL;
         first = due_first(&home->due)) {
        const struct resident *resident = residents_find(&home->residents, first->id);
        if (resident == NULL || customer_next_due(resident->customer) == first->due_ms) {
            return first->due_ms;
        }
        struct due_entry stale = due_pop(&home->due);
        mem_free((char *)stale.id.data);
    }
    if (home->due.whole) {
        return DUE_NEVER;
    }
    return home->due.end.id.data != NULL ? home->due.end.due_ms : INT64_MIN;
}

static void collect_home(struct home *home, struct changes *changes)
{
    struct arena *arena = changes->arena;
    struct slice key = SLICE("home");
    if (home->run_from == 0) {
        changes_set(changes, key, SLICE("format"), arena_printf(arena, "%d", HOME_FORMAT));
    }
    if (home->time_ms != home->saved_time_ms) {
        changes_set(changes, key, SLICE("time"), arena_printf(arena, "%lld", (long long)home->time_ms));
        home->saved_time_ms = home->time_ms;
    }
    if (home->continuation != home->saved_continuation) {
        /* No 0: whether a flag that came and went is seen in between depends on where batches end. */
        set_flag(changes, key, SLICE("continuation"), home->continuation);
        home->saved_continuation = home->continuation;
    }
    if (home->policy != home->saved_policy) {
        changes_set(changes, key, SLICE("policy"), slice_of(home->policy->version));
        home->saved_policy = home->policy;
    }
}

static void set_flag(struct changes *changes, struct slice key, struct slice name, bool is_set)
{
    if (is_set) {
        changes_set(changes, key, name, SLICE("1"));
        return;
    }
    struct field *field = arena_alloc(changes->arena, sizeof *field);
    *field = (struct field){.name = name, .value = SLICE("")};
    changes_add(changes,
                (struct change){.kind = CHANGE_UNSET, .key = key, .fields = field, .field_count = 1});
}

static bool load_switches(struct home *home, const struct hash *hash)
{
    for (size_t i = 0; i < hash->field_count; i++) {
        int64_t since_ms = 0;
        if (!parse_int(hash->fields[i].value, &since_ms)) {
            return false;
        }
        (void)switches_set(&home->switches, hash->fields[i].name, true, since_ms);
    }
    return true;
}

static void forget_products(struct home *home)
{
    for (size_t i = 0; i < home->product_count; i++) {
        mem_free((char *)home->products[i].id.data);
    }
    home->product_count = 0;
}

static void list_add(struct resident_list *list, struct resident *resident)
{
    MEM_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = resident;
}

static void list_done(struct resident_list *list)
{
    mem_free(list->items);
    *list = (struct resident_list){0};
}

static bool hash_field(const struct hash *hash, const char *name, struct slice *ret_value)
{
    for (size_t i = 0; i < hash->field_count; i++) {
        if (slice_is(hash->fields[i].name, name)) {
            *ret_value = hash->fields[i].value;
            return true;
        }
    }
    return false;
}

/* A field that is not there leaves *ret as it is. */
static bool hash_int(const struct hash *hash, const char *name, int64_t *ret)
{
    struct slice value;
    return !hash_field(hash, name, &value) || parse_int(value, ret);
}
