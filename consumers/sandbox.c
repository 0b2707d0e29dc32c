/* SPDX-License-Identifier: MIT */
#include "consumers/sandbox.h"

#include "common/mem.h"
#include "consumers/fold.h"

#include <assert.h>
#include <stdio.h>

#define HOME_LOG    "sandbox"
#define ERASURE_KEY SLICE("a sandbox keeps no secret whatever")
#define TREE_BYTES  65536
#define ARENA_BYTES 65536
#define ARENA_KEEP  (1024 * 1024)

/* A record that is still to be folded; owns its texts. */
struct pending {
    int32_t home;
    struct slice key, value, header_name, header_value;
};

struct known_policy {
    char version[17]; /* of its record here: another program may have written the one that the policy is from
                       */
    const struct policy *policy;
};

struct sandbox {
    int32_t count;
    struct home **homes;
    int64_t now_ms;
    struct known_policy *policies;
    size_t policy_count, policy_capacity;
    struct pending *pending;
    size_t pending_count, pending_capacity;
    struct arena *arena, *tree;
    struct buf scratch;
    struct stats *stats;
    sandbox_listener *listener;
    void *context;
};

static void let_time_pass(struct sandbox *sandbox, const struct home *home);
static struct home *next_home(struct sandbox *sandbox, int64_t *ret_due_ms);
static void fold_record(struct sandbox *sandbox, int32_t home, const struct record *record);
static void fold_pending(struct sandbox *sandbox);
static void make_ready(struct sandbox *sandbox, struct home *home, const struct entry *entry);
static void deal_out(struct sandbox *sandbox, const struct outbox *outbox);
static void keep_pending(struct sandbox *sandbox, const struct output *output);
static struct slice copy(struct slice s);
static enum policy_fault find_policy(void *context, struct slice body, char *ret_why,
                                     const struct policy **ret_policy);

struct sandbox *sandbox_create(int32_t homes, sandbox_listener *listener, void *context)
{
    struct sandbox *sandbox = mem_zalloc(sizeof *sandbox);
    *sandbox = (struct sandbox){.count = homes,
                                .homes = mem_alloc((size_t)homes * sizeof *sandbox->homes),
                                .arena = arena_create(ARENA_BYTES),
                                .tree = arena_create(TREE_BYTES),
                                .stats = stats_create(homes),
                                .listener = listener,
                                .context = context};
    for (int32_t i = 0; i < homes; i++) {
        sandbox->homes[i] = home_create(i, homes, ERASURE_KEY);
    }
    return sandbox;
}

void sandbox_destroy(struct sandbox *sandbox)
{
    if (sandbox == NULL) {
        return;
    }
    assert(sandbox->pending_count == 0);
    for (int32_t i = 0; i < sandbox->count; i++) {
        home_destroy(sandbox->homes[i]);
    }
    mem_free(sandbox->homes);
    mem_free(sandbox->policies);
    mem_free(sandbox->pending);
    arena_destroy(sandbox->arena);
    arena_destroy(sandbox->tree);
    buf_done(&sandbox->scratch);
    stats_destroy(sandbox->stats);
    mem_free(sandbox);
}

void sandbox_activate(struct sandbox *sandbox, const struct policy *policy, int64_t time_ms)
{
    struct buf body = {0};
    policy_record_body(policy->text, &body);
    MEM_GROW(sandbox->policies, sandbox->policy_count, sandbox->policy_capacity);
    struct known_policy *known = &sandbox->policies[sandbox->policy_count++];
    *known = (struct known_policy){.policy = policy};
    policy_version_of(buf_view(&body), known->version);
    sandbox_pass(sandbox, time_ms);
    for (int32_t home = 0; home < sandbox->count; home++) {
        sandbox_append_control(sandbox, "policy", home, buf_view(&body));
    }
    buf_done(&body);
}

bool sandbox_load(struct sandbox *sandbox, struct slice id, const struct hash *hash)
{
    struct home *home = sandbox->homes[partition_of(id, sandbox->count)];
    struct resident *resident = residents_add(&home->residents, id);
    resident->loaded = true;
    if (customer_load(resident->customer, hash) != STATUS_OK) {
        return false;
    }
    home_touch(home, resident, DUE_NEVER, false);
    return true;
}

void sandbox_pause(struct sandbox *sandbox, struct slice name)
{
    for (int32_t i = 0; i < sandbox->count; i++) {
        (void)switches_set(&sandbox->homes[i]->switches, name, true, sandbox->now_ms);
    }
}

void sandbox_append(struct sandbox *sandbox, const struct record *record)
{
    struct slice subject = record->key;
    arena_reset(sandbox->tree, TREE_BYTES);
    if (subject.data == NULL && event_decode_subject(record, sandbox->tree, &subject) != REJECT_NONE) {
        subject = (struct slice){0}; /* it will be refused, wherever that is */
    }
    int32_t home = subject.data != NULL ? partition_of(subject, sandbox->count) : 0;
    if (sandbox->homes[home]->policy->clock == CLOCK_APPEND) {
        sandbox_pass(sandbox, record->append_ms);
    } else if (record->append_ms > sandbox->now_ms) {
        sandbox->now_ms = record->append_ms;
    }
    fold_record(sandbox, home, record);
    fold_pending(sandbox);
}

void sandbox_append_control(struct sandbox *sandbox, const char *kind, int32_t home, struct slice body)
{
    struct outbox outbox = {.arena = sandbox->arena};
    outbox_control(&outbox, kind, home, body);
    deal_out(sandbox, &outbox);
    fold_pending(sandbox);
}

void sandbox_pass(struct sandbox *sandbox, int64_t until_ms)
{
    int64_t due_ms = 0;
    struct home *home;
    while ((home = next_home(sandbox, &due_ms)) != NULL && due_ms <= until_ms) {
        sandbox->now_ms = due_ms > sandbox->now_ms ? due_ms : sandbox->now_ms;
        let_time_pass(sandbox, home);
    }
    sandbox->now_ms = until_ms > sandbox->now_ms ? until_ms : sandbox->now_ms;
}

void sandbox_sleep(struct sandbox *sandbox, int64_t until_ms)
{
    sandbox->now_ms = until_ms > sandbox->now_ms ? until_ms : sandbox->now_ms;
    for (int32_t home = 0; home < sandbox->count; home++) {
        let_time_pass(sandbox, sandbox->homes[home]);
    }
}

int64_t sandbox_now(const struct sandbox *sandbox)
{
    return sandbox->now_ms;
}

size_t sandbox_customers(const struct sandbox *sandbox)
{
    size_t count = 0;
    for (int32_t i = 0; i < sandbox->count; i++) {
        count += sandbox->homes[i]->residents.count;
    }
    return count;
}

/* By a tick; where the clock is the events' own, by a record that names the time. */
static void let_time_pass(struct sandbox *sandbox, const struct home *home)
{
    struct buf body = {0};
    bool by_append = home->policy->clock == CLOCK_APPEND;
    if (by_append) {
        buf_text(&body, "{}");
    } else {
        buf_printf(&body, "{\"time\":%lld}", (long long)sandbox->now_ms);
    }
    sandbox_append_control(sandbox, by_append ? "tick" : "end", home->number, buf_view(&body));
    buf_done(&body);
}

/* The home whose timer is the earliest; of equal ones the first home. NULL: nothing is planned. */
static struct home *next_home(struct sandbox *sandbox, int64_t *ret_due_ms)
{
    struct home *next = NULL;
    for (int32_t i = 0; i < sandbox->count; i++) {
        int64_t due_ms = home_next_due(sandbox->homes[i]);
        if (due_ms != DUE_NEVER && (next == NULL || due_ms < *ret_due_ms)) {
            next = sandbox->homes[i];
            *ret_due_ms = due_ms;
        }
    }
    return next;
}

/* In the order in which they were appended. */
static void fold_pending(struct sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->pending_count; i++) {
        struct pending pending = sandbox->pending[i]; /* the list may move while it is folded */
        struct header header = {.name = pending.header_name, .value = pending.header_value};
        struct record record = {.append_ms = sandbox->now_ms,
                                .key = pending.key,
                                .value = pending.value,
                                .headers = &header,
                                .header_count = 1};
        fold_record(sandbox, pending.home, &record);
        mem_free((char *)pending.key.data);
        mem_free((char *)pending.value.data);
        mem_free((char *)pending.header_name.data);
        mem_free((char *)pending.header_value.data);
    }
    sandbox->pending_count = 0;
}

/* What the daemon does for a batch, for one record. The commit that it makes goes nowhere: customers stay
 * marked as changed since the last one, and so are never read again. */
static void fold_record(struct sandbox *sandbox, int32_t number, const struct record *appended)
{
    struct home *home = sandbox->homes[number];
    struct outbox outbox = {.arena = sandbox->arena};
    struct fold fold = {.arena = sandbox->arena,
                        .scratch = &sandbox->scratch,
                        .outbox = &outbox,
                        .stats = sandbox->stats,
                        .home_log = HOME_LOG,
                        .policy_of = find_policy,
                        .policy_context = sandbox};
    struct record record = *appended;
    struct entry entry;
    char why[256] = "";
    record.topic = 0;
    record.partition = number;
    record.offset = home->position;
    entry_read(&record, number, home->homes, home->policy->clock, sandbox->tree, sandbox->arena, &entry);
    make_ready(sandbox, home, &entry);
    enum status status = fold_entry(&fold, home, &entry, why);
    if (status != STATUS_OK) { /* a control record from outside that no loyald wrote */
        home->position++;
    }
    home_cut(home, sandbox->arena);
    home->commit_count = 0;
    deal_out(sandbox, &outbox);
}

/* All that is asked for and not in memory is not there at all. */
static void make_ready(struct sandbox *sandbox, struct home *home, const struct entry *entry)
{
    char why[256];
    struct wants wants = {.arena = sandbox->arena};
    while (!fold_ready(home, entry, &wants)) {
        enum status status = home_absorb(home, &wants, why);
        assert(status == STATUS_OK);
        wants = (struct wants){.arena = sandbox->arena};
    }
}

static void deal_out(struct sandbox *sandbox, const struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++) {
        if (outbox->items[i].topic == OUT_HOME_LOG) {
            keep_pending(sandbox, &outbox->items[i]);
        } else {
            sandbox->listener(sandbox->context, &outbox->items[i]);
        }
    }
    arena_reset(sandbox->arena, ARENA_KEEP);
}

/* Control records have one header and strays cannot be: each record is put where it belongs. */
static void keep_pending(struct sandbox *sandbox, const struct output *output)
{
    assert(output->header_count == 1);
    MEM_GROW(sandbox->pending, sandbox->pending_count, sandbox->pending_capacity);
    sandbox->pending[sandbox->pending_count++] =
        (struct pending){.home = output->partition,
                         .key = copy(output->key),
                         .value = copy(output->value),
                         .header_name = copy(output->headers[0].name),
                         .header_value = copy(output->headers[0].value)};
}

static struct slice copy(struct slice s)
{
    return s.data != NULL ? (struct slice){.data = mem_copy(s), .len = s.len} : s;
}

static enum policy_fault find_policy(void *context, struct slice body, char *ret_why,
                                     const struct policy **ret_policy)
{
    const struct sandbox *sandbox = context;
    char version[17];
    policy_version_of(body, version);
    for (size_t i = 0; i < sandbox->policy_count; i++) {
        if (strcmp(sandbox->policies[i].version, version) == 0) {
            *ret_policy = sandbox->policies[i].policy;
            return POLICY_OK;
        }
    }
    snprintf(ret_why, 256, "the sandbox was given no such policy");
    return POLICY_UNREADABLE;
}
