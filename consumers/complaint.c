/* SPDX-License-Identifier: MIT */
/* How complaints change their customer. Events may come in any order: the state is that of the newest; what
 * is older still tells what only it knows. The clock runs by the log's time while a complaint is open. */
#include "consumers/handlers.h"

#include "consumers/observe.h"
#include "producers/followup.h"

#define DAY_MS INT64_C(86400000)

static enum handled move(struct moment *moment, struct customer *customer, const struct event *event,
                         enum complaint_state state);
static bool begin_change(const struct customer *customer, struct slice id, struct complaint *ret_complaint);
static void note_marks(struct complaint *complaint, enum complaint_state state, bool is_newest,
                       int64_t time_ms);
static void put(struct moment *moment, struct customer *customer, struct slice id, bool was_open,
                struct complaint *complaint);
static void forget(struct moment *moment, struct customer *customer);
static bool find_leaver(const struct customer *customer, struct slice *ret_id,
                        struct complaint *ret_complaint);
static bool leaves_before(const struct complaint *a, struct slice a_id, const struct complaint *b,
                          struct slice b_id);
static void count_open(struct moment *moment, int delta);

/* One that is opened late brings its severity and reason; of the same time as what is known already, it was
 * first. */
enum handled complaint_opened(struct moment *moment, struct customer *customer, const struct event *event,
                              enum reject *ret_reject)
{
    (void)ret_reject;
    const struct complaint_event *opening = &event->data.complaint;
    struct complaint complaint;
    bool known = begin_change(customer, opening->complaint_id, &complaint);
    if (complaint.opened) {
        return HANDLED_DUPLICATE;
    }
    bool was_open = known && complaint_is_open(&complaint);
    bool is_newest = !known || event->time_ms > complaint.newest_ms;
    complaint.opened = true;
    complaint.severity = opening->severity;
    complaint.reason = opening->reason;
    if (is_newest) {
        complaint.state = COMPLAINT_OPENED;
        complaint.newest_ms = event->time_ms;
    }
    note_marks(&complaint, COMPLAINT_OPENED, is_newest, event->time_ms);
    put(moment, customer, opening->complaint_id, was_open, &complaint);
    observe(moment, customer, OBSERVED_COMPLAINT, opening->channel, event->time_ms);
    followup_complaint_opened(moment, customer, opening->complaint_id, event->time_ms);
    forget(moment, customer);
    return HANDLED_FOLDED;
}

enum handled complaint_acknowledged(struct moment *moment, struct customer *customer,
                                    const struct event *event, enum reject *ret_reject)
{
    (void)ret_reject;
    return move(moment, customer, event, COMPLAINT_ACKNOWLEDGED);
}

enum handled complaint_responded(struct moment *moment, struct customer *customer, const struct event *event,
                                 enum reject *ret_reject)
{
    (void)ret_reject;
    return move(moment, customer, event, COMPLAINT_RESPONDED);
}

enum handled complaint_resolved(struct moment *moment, struct customer *customer, const struct event *event,
                                enum reject *ret_reject)
{
    (void)ret_reject;
    return move(moment, customer, event, COMPLAINT_RESOLVED);
}

enum handled complaint_reopened(struct moment *moment, struct customer *customer, const struct event *event,
                                enum reject *ret_reject)
{
    (void)ret_reject;
    return move(moment, customer, event, COMPLAINT_REOPENED);
}

static enum handled move(struct moment *moment, struct customer *customer, const struct event *event,
                         enum complaint_state state)
{
    struct slice id = event->data.complaint.complaint_id;
    struct complaint complaint;
    bool known = begin_change(customer, id, &complaint);
    bool was_open = known && complaint_is_open(&complaint);
    bool is_newest = !known || event->time_ms >= complaint.newest_ms;
    if (is_newest) {
        /* A word behind the solution does not open the complaint again; `reopened` does. */
        bool stays = known && !was_open && (state == COMPLAINT_ACKNOWLEDGED || state == COMPLAINT_RESPONDED);
        complaint.state = stays ? complaint.state : state;
        complaint.newest_ms = event->time_ms;
    }
    note_marks(&complaint, state, is_newest, event->time_ms);
    put(moment, customer, id, was_open, &complaint);
    followup_complaint_changed(moment, customer, id, event->time_ms);
    if (is_newest && state == COMPLAINT_RESOLVED && (was_open || !known)) {
        followup_complaint_resolved(moment, customer, id, event->time_ms);
    }
    forget(moment, customer);
    return HANDLED_FOLDED;
}

/* The complaint as it is kept, or an unwritten one. */
static bool begin_change(const struct customer *customer, struct slice id, struct complaint *ret_complaint)
{
    if (complaint_get(customer, id, ret_complaint)) {
        return true;
    }
    *ret_complaint = (struct complaint){.severity = SEVERITY_NORMAL};
    return false;
}

/* `acknowledged` and `responded` belong to an opening: one that is the newest word begins without them; one
 * that comes late cannot tell which of them were before it, and leaves them. */
static void note_marks(struct complaint *complaint, enum complaint_state state, bool is_newest,
                       int64_t time_ms)
{
    int64_t time_s = time_ms / 1000;
    switch (state) {
    case COMPLAINT_OPENED:
    case COMPLAINT_REOPENED:
        complaint->opened_s = time_s > complaint->opened_s ? time_s : complaint->opened_s;
        if (is_newest) {
            complaint->acknowledged = complaint->responded = false;
        }
        break;
    case COMPLAINT_ACKNOWLEDGED:
        complaint->acknowledged = complaint->acknowledged || time_s >= complaint->opened_s;
        break;
    case COMPLAINT_RESPONDED:
        complaint->responded = complaint->responded || time_s >= complaint->opened_s;
        break;
    case COMPLAINT_RESOLVED:
        break;
    }
}

/* Keeps the complaint, its clock and the home's count of open ones. */
static void put(struct moment *moment, struct customer *customer, struct slice id, bool was_open,
                struct complaint *complaint)
{
    bool is_open = complaint_is_open(complaint);
    if (is_open && !was_open) {
        complaint->since_ms = moment->now_ms;
        count_open(moment, 1);
    }
    if (was_open && !is_open) {
        complaint->spent_ms += moment->now_ms - complaint->since_ms;
        complaint->since_ms = 0;
        count_open(moment, -1);
    }
    complaint_set(customer, id, complaint);
}

/* Too many: a resolved one leaves first. Too old: resolved ones only. */
static void forget(struct moment *moment, struct customer *customer)
{
    int64_t horizon_ms = moment->now_ms - moment->policy->limits.order_days * DAY_MS;
    struct slice id;
    struct complaint complaint;
    while (find_leaver(customer, &id, &complaint)) {
        bool is_open = complaint_is_open(&complaint);
        bool too_many =
            (int64_t)customer_item_count(customer, ITEM_COMPLAINT) > moment->policy->limits.complaints;
        if (!too_many && (is_open || complaint.newest_ms >= horizon_ms)) {
            break;
        }
        customer_item_remove(customer, ITEM_COMPLAINT, id);
        totals_add(moment->totals, "forgotten", (struct slice){0}, (struct slice){0}, 1);
        if (is_open) {
            count_open(moment, -1);
        }
    }
}

/* Who would leave first. */
static bool find_leaver(const struct customer *customer, struct slice *ret_id,
                        struct complaint *ret_complaint)
{
    bool found = false;
    struct slice id, value;
    struct complaint each;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_COMPLAINT, &cursor, &id, &value);) {
        if (complaint_read(value, &each) && (!found || leaves_before(&each, id, ret_complaint, *ret_id))) {
            *ret_id = id;
            *ret_complaint = each;
            found = true;
        }
    }
    return found;
}

static bool leaves_before(const struct complaint *a, struct slice a_id, const struct complaint *b,
                          struct slice b_id)
{
    if (complaint_is_open(a) != complaint_is_open(b)) {
        return complaint_is_open(b);
    }
    if (a->newest_ms != b->newest_ms) {
        return a->newest_ms < b->newest_ms;
    }
    return slice_compare(a_id, b_id) < 0;
}

static void count_open(struct moment *moment, int delta)
{
    totals_add(moment->totals, "complaints_open", (struct slice){0}, (struct slice){0}, delta);
}
