/* SPDX-License-Identifier: MIT */
#include "consumers/fold.h"

#include "consumers/fold_control.h"
#include "consumers/handlers.h"
#include "producers/followup.h"

#include <assert.h>
#include <stdio.h>

static int64_t time_of(const struct home *home, const struct entry *entry);
static struct slice own_customer(const struct entry *entry);
static void fire_timers(struct fold *fold, struct home *home, struct moment *moment,
                        const struct entry *entry, int64_t time_ms);
static void fire(struct home *home, struct moment *moment, struct resident *resident, int64_t time_ms);
static void fold_event(struct fold *fold, struct home *home, struct moment *moment,
                       const struct entry *entry);
static enum handled fold_customer(struct home *home, struct moment *moment, struct resident *resident,
                                  const struct event *event, enum reject *ret_reject);
static bool is_erased(const struct resident *resident, const struct moment *moment);
static enum handled fold_erasure(struct home *home, struct moment *moment, struct resident *resident);
static enum handled fold_news(struct home *home, struct moment *moment, const struct event *event);
static void reject(struct fold *fold, struct home *home, const struct entry *entry, enum reject why);
static void count(struct fold *fold, struct home *home, enum outcome outcome);

static event_handler *const handlers[EVENT_TYPE_COUNT] = {
    [EVENT_PURCHASE_COMPLETED] = purchase_completed,
    [EVENT_PURCHASE_CANCELLED] = purchase_cancelled,
    [EVENT_PURCHASE_REFUNDED] = purchase_refunded,
    [EVENT_VISIT_MADE] = visit_made,
    [EVENT_COMPLAINT_OPENED] = complaint_opened,
    [EVENT_COMPLAINT_ACKNOWLEDGED] = complaint_acknowledged,
    [EVENT_COMPLAINT_RESPONDED] = complaint_responded,
    [EVENT_COMPLAINT_RESOLVED] = complaint_resolved,
    [EVENT_COMPLAINT_REOPENED] = complaint_reopened,
    [EVENT_PROFILE_CHANGED] = profile_changed,
    [EVENT_CONSENT_CHANGED] = consent_changed,
    [EVENT_MESSAGE_SENT] = message_told,
    [EVENT_MESSAGE_DELIVERED] = message_told,
    [EVENT_MESSAGE_OPENED] = message_told,
    [EVENT_MESSAGE_CLICKED] = message_told,
    [EVENT_MESSAGE_BOUNCED] = message_told,
    [EVENT_MESSAGE_SPAM_REPORTED] = message_told,
    [EVENT_MESSAGE_UNSUBSCRIBED] = message_told,
    [EVENT_MESSAGE_REDEEMED] = message_told,
    [EVENT_TASK_DONE] = message_told,
    [EVENT_SUBSCRIPTION_CHANGED] = subscription_changed,
};

bool fold_foresee(struct home *home, const struct entry *entry, struct wants *wants)
{
    struct slice own = own_customer(entry);
    if (own.data != NULL) {
        (void)home_has_customer(home, own, wants);
    }
    return own.data != NULL;
}

bool fold_ready(struct home *home, const struct entry *entry, struct wants *wants)
{
    bool ready = true;
    struct slice own = own_customer(entry);
    if (own.data != NULL) {
        ready &= home_has_customer(home, own, wants);
    } else if (entry->kind == ENTRY_EVENT) {
        ready &= home_has_product(home, entry->event.subject, wants);
    } else if (entry->kind == ENTRY_CONTROL && entry->control.kind == CONTROL_chunk) {
        ready &= fold_control_ready(home, &entry->control, wants);
    }
    /* Last: what is chosen for its timers must fire now, so nothing may be missing besides. */
    return ready && home_has_due(home, time_of(home, entry), own, wants);
}

enum status fold_entry(struct fold *fold, struct home *home, const struct entry *entry, char *ret_why)
{
    const struct policy *next = NULL;
    if (entry->kind == ENTRY_UNREADABLE) {
        snprintf(ret_why, 256, "%s", entry->why);
        return STATUS_CORRUPT;
    }
    if (entry->kind == ENTRY_CONTROL && entry->control.kind == CONTROL_policy) {
        enum policy_fault fault = fold->policy_of(fold->policy_context, entry->control.body, ret_why, &next);
        if (fault != POLICY_OK) {
            return fault == POLICY_UNKNOWN_VERSION ? STATUS_FATAL : STATUS_CORRUPT;
        }
    }
    int64_t time_ms = time_of(home, entry);
    struct moment moment = {.policy = home->policy,
                            .switches = &home->switches,
                            .risk = &home->risk,
                            .outbox = fold->outbox,
                            .totals = home->totals,
                            .stats = fold->outbox->silent ? NULL : fold->stats,
                            .arena = fold->arena,
                            .scratch = fold->scratch,
                            .now_ms = time_ms,
                            .shares = &home->shares,
                            .home = home->number,
                            .homes = home->homes,
                            .offset = entry->record->offset};
    fire_timers(fold, home, &moment, entry, time_ms);
    moment.now_ms = time_ms;
    switch (entry->kind) {
    case ENTRY_EVENT:
        fold_event(fold, home, &moment, entry);
        break;
    case ENTRY_REJECTED:
        reject(fold, home, entry, entry->reject);
        break;
    case ENTRY_ANONYMOUS:
        count(fold, home, OUTCOME_ignored);
        break;
    case ENTRY_STRAY:
        if (!outbox_can_copy(entry->record)) {
            reject(fold, home, entry, REJECT_body_too_large);
            break;
        }
        outbox_copy(fold->outbox, entry->record, fold->home_log, entry->home);
        count(fold, home, OUTCOME_copied);
        break;
    case ENTRY_CONTROL:
        fold_control(home, &moment, &entry->control, next);
        break;
    case ENTRY_UNREADABLE:
        assert(false);
    }
    if (fold->outbox->silent) {
        stats_add(fold->stats, STAT_records_refolded, 1);
    } else if (entry->kind == ENTRY_CONTROL) {
        stats_add(fold->stats, STAT_control_records, 1);
    }
    home->time_ms = time_ms;
    home->position = entry->record->offset + 1;
    return STATUS_OK;
}

void fold_skip(struct home *home, int64_t offset)
{
    home->position = offset + 1;
    home->continuation = false;
}

/* The log's time: the append time, or in an import the event's own; never running backwards. */
static int64_t time_of(const struct home *home, const struct entry *entry)
{
    int64_t time_ms = home->time_ms;
    if (entry->kind == ENTRY_CONTROL && entry->control.kind == CONTROL_policy) {
        return time_ms; /* it may bring another clock: no time passes by it */
    }
    if (home->policy->clock == CLOCK_APPEND) {
        time_ms = entry->record->append_ms;
    } else if (entry->kind == ENTRY_EVENT) {
        time_ms = entry->event.time_ms;
    } else if (entry->kind == ENTRY_CONTROL && entry->control.kind == CONTROL_end) {
        time_ms = entry->control.time_ms;
    }
    return time_ms > home->time_ms ? time_ms : home->time_ms;
}

/* The customer that the entry is about; absent if it is about none. */
static struct slice own_customer(const struct entry *entry)
{
    if (entry->kind == ENTRY_EVENT && event_type_about(entry->event.type) == ABOUT_CUSTOMER) {
        return entry->event.subject;
    }
    return (struct slice){0};
}

/* First the own customer's, then those of the customers that fold_ready chose, then word that there are more.
 */
static void fire_timers(struct fold *fold, struct home *home, struct moment *moment,
                        const struct entry *entry, int64_t time_ms)
{
    struct slice own = own_customer(entry);
    if (own.data != NULL) {
        fire(home, moment, residents_find(&home->residents, own), time_ms);
    }
    for (size_t i = 0; i < home->firing.count; i++) {
        home->firing.items[i]->firing = false;
        fire(home, moment, home->firing.items[i], time_ms);
    }
    home->firing.count = 0;
    if (entry->kind == ENTRY_CONTROL && entry->control.kind == CONTROL_continuation) {
        home->continuation = false;
    }
    if (home->more_due && !home->continuation) {
        outbox_control(fold->outbox, "continuation", home->number, SLICE("{}"));
        home->continuation = true;
    }
}

static void fire(struct home *home, struct moment *moment, struct resident *resident, int64_t time_ms)
{
    struct customer *customer = resident->customer;
    struct slice name;
    int64_t due_ms;
    while (followup_due(moment, customer, time_ms, &name, &due_ms)) {
        int64_t due_before = customer_next_due(customer);
        bool existed = customer_exists(customer);
        name = arena_copy(moment->arena, name);
        customer_timer_remove(customer, name);
        moment->now_ms = home->policy->clock == CLOCK_EVENT ? due_ms : time_ms;
        followup_timer(moment, customer, name, due_ms);
        home_touch(home, resident, due_before, existed);
    }
}

static void fold_event(struct fold *fold, struct home *home, struct moment *moment, const struct entry *entry)
{
    const struct event *event = &entry->event;
    enum reject why = REJECT_NONE;
    enum handled handled;
    if (event_type_about(event->type) == ABOUT_PRODUCT) {
        handled = fold_news(home, moment, event);
    } else {
        struct resident *resident = residents_find(&home->residents, event->subject);
        handled = fold_customer(home, moment, resident, event, &why);
    }
    switch (handled) {
    case HANDLED_FOLDED:
        count(fold, home, OUTCOME_folded);
        break;
    case HANDLED_DUPLICATE:
        count(fold, home, OUTCOME_duplicate);
        break;
    case HANDLED_REJECTED:
        reject(fold, home, entry, why);
        break;
    }
}

static enum handled fold_customer(struct home *home, struct moment *moment, struct resident *resident,
                                  const struct event *event, enum reject *ret_reject)
{
    struct customer *customer = resident->customer;
    if (event->type == EVENT_CUSTOMER_ERASED) {
        return fold_erasure(home, moment, resident);
    }
    if (is_erased(resident, moment)) {
        *ret_reject = REJECT_customer_erased;
        return HANDLED_REJECTED;
    }
    if (event_id_is_known(customer, event->id)) {
        return HANDLED_DUPLICATE;
    }
    int64_t due_before = customer_next_due(customer);
    bool existed = customer_exists(customer);
    int64_t first_purchase_ms = customer_int(customer, CUSTOMER_first_purchase);
    enum handled handled = handlers[event->type](moment, customer, event, ret_reject);
    if (handled == HANDLED_REJECTED) {
        return handled;
    }
    if (!existed) {
        customer_int_set(customer, CUSTOMER_created, moment->now_ms);
    }
    if (handled == HANDLED_FOLDED) {
        customer_int_set(customer, CUSTOMER_events, customer_int(customer, CUSTOMER_events) + 1);
    }
    event_id_remember(customer, event->id);
    followup_anniversaries(moment, customer,
                           !existed || first_purchase_ms != customer_int(customer, CUSTOMER_first_purchase));
    home_touch(home, resident, due_before, existed);
    return handled;
}

/* A home that is rebuilt remembers whom it had erased, for the log may not reach back to that. What happened
 * before is folded as it was then, and so is the erasure itself, if the log still has it. */
static bool is_erased(const struct resident *resident, const struct moment *moment)
{
    return resident->erased && (resident->erased_ms >= 0 || moment->now_ms > -resident->erased_ms);
}

static enum handled fold_erasure(struct home *home, struct moment *moment, struct resident *resident)
{
    if (is_erased(resident, moment)) {
        return HANDLED_DUPLICATE;
    }
    size_t cursor = 0;
    struct slice id, value;
    struct complaint complaint;
    while (customer_item_next(resident->customer, ITEM_COMPLAINT, &cursor, &id, &value)) {
        if (complaint_get(resident->customer, id, &complaint) && complaint_is_open(&complaint)) {
            totals_add(home->totals, "complaints_open", (struct slice){0}, (struct slice){0}, -1);
        }
    }
    home_erase(home, resident, moment->now_ms, moment->arena);
    return HANDLED_FOLDED;
}

/* Every home hears of it, this one too, each in its own log. A price that does not fall is known, and no
 * news.
 */
static enum handled fold_news(struct home *home, struct moment *moment, const struct event *event)
{
    struct news news = event->data.news;
    if (home_knows_news(home, &news)) {
        return HANDLED_DUPLICATE;
    }
    home_note_news(home, &news, moment->arena);
    if (news.kind == NEWS_REPRICED && news.new_minor >= news.old_minor) {
        return HANDLED_FOLDED;
    }
    news.fan_out = arena_printf(moment->arena, "%d-%lld", home->number, (long long)moment->offset);
    news.begun_ms = moment->now_ms;
    struct slice body = control_broadcast_body(&news, moment->arena);
    for (int32_t to = 0; to < home->homes; to++) {
        outbox_control(moment->outbox, "broadcast", to, body);
    }
    return HANDLED_FOLDED;
}

static void reject(struct fold *fold, struct home *home, const struct entry *entry, enum reject why)
{
    outbox_dead_letter(fold->outbox, entry->record, fold->home_log, reject_name(why), reject_sentence(why));
    totals_add(home->totals, "rejected", slice_of(reject_name(why)), (struct slice){0}, 1);
    if (!fold->outbox->silent) {
        stats_add_reject(fold->stats, STAT_dead_letters, why, 1);
    }
    count(fold, home, OUTCOME_dead_lettered);
}

static void count(struct fold *fold, struct home *home, enum outcome outcome)
{
    totals_add(home->totals, "events", slice_of(outcome_name(outcome)), (struct slice){0}, 1);
    if (!fold->outbox->silent) {
        stats_add_outcome(fold->stats, STAT_events, outcome, 1);
    }
}
