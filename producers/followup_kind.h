/* SPDX-License-Identifier: MIT */
/* Inside the follow-ups: what their common path (followup.c) and the kinds (followup_purchase.c,
 * followup_complaint.c, followup_yearly.c, followup_launch.c, followup_visit.c,
 * followup_silence.c, followup_news.c) know of each other. */
#ifndef PRODUCERS_FOLLOWUP_KIND_H
#define PRODUCERS_FOLLOWUP_KIND_H

#include "producers/held.h"
#include "producers/trigger.h"

enum cause {
    CAUSE_NONE,
#define CAUSE(reason, sentence) CAUSE_##reason,
#include "producers/cause.def"
#undef CAUSE
    CAUSE_COUNT
};
const char *cause_name(enum cause cause);

/* What differs between the kinds; one a file, listed in followup.c by `on`. */
struct follow_up_kind {
    /* What keeps an occasion from the gate. NULL: nothing ever does. */
    enum cause (*find_cause)(const struct customer *customer, const struct occasion *occasion);
    variables_writer *write_variables;
    /* A timer of the follow-up is due. held: what was kept of it, which is so if it came due before and was
     * held then, and for all launches; NULL: nothing. due_ms is when it came due at first. */
    void (*fire)(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                 struct slice occurrence, int64_t due_ms, const struct held *held);
    /* A trigger has really gone out. NULL: nothing comes of it. */
    void (*serve)(struct customer *customer, const struct occasion *occasion);
};

extern const struct follow_up_kind followup_purchase, followup_complaint, followup_yearly, followup_launch,
    followup_visit, followup_silence, followup_resolved, followup_restock, followup_reprice, followup_recall;

/* What a follow-up of this news is `on`. */
enum follow_up_on followup_on_news(enum news_kind kind);

/* A launch reaches a customer. Is there anything for them? */
bool followup_launch_reaches(struct moment *moment, struct customer *customer, const struct news *news);

/* To walk the policy's follow-ups of a kind: the one behind `previous` (NULL: the first), or NULL. */
const struct follow_up *followup_next(const struct policy *policy, enum follow_up_on on,
                                      const struct follow_up *previous);

/* An occasion due at due_ms that expires as its follow-up says. Borrows occurrence. */
struct occasion followup_occasion(const struct follow_up *follow_up, struct slice occurrence,
                                  int64_t event_ms, int64_t due_ms);

/* So long after an instant; where the follow-up has a calendar, by working time, and in an opening. */
int64_t followup_after(const struct follow_up *follow_up, int64_t from_ms, int64_t after_ms);

/* Decides now if it is due, else by a timer. Nothing if the follow-up is off or not meant for the customer:
 * that makes no occasions; and nothing if it is held: then it comes back by itself. What knows its event must
 * have it. */
void followup_plan(struct moment *moment, struct customer *customer, const struct occasion *occasion);

/* Drops a planned timer, if there is one; what is held stays, for it has come due and is to be decided. */
void followup_unplan(struct moment *moment, struct customer *customer, const struct follow_up *follow_up,
                     struct slice occurrence);

/* The common path: cause, gate, then a trigger or a decision, and what is to be remembered of it. */
void followup_decide(struct moment *moment, struct customer *customer, const struct occasion *occasion);

/* A timer whose name or follow-up means nothing under the policy in force. */
void followup_removed(struct moment *moment, const struct customer *customer, struct slice name,
                      struct slice occurrence);

/* The timer of all yearly dates: plans what is due soon, and itself. */
#define YEARLY_TIMER SLICE("yearly")
void followup_yearly_timer(struct moment *moment, struct customer *customer, int64_t due_ms);

/* What a complaint tells of itself, once solved as well. */
variables_writer followup_complaint_variables;
/* Drops what was planned for a solution that was none. */
void followup_resolved_unplan(struct moment *moment, struct customer *customer, struct slice complaint_id);

/* The one timer of silence: decides what is due since the last purchase, and plans itself for the next. */
#define SILENCE_TIMER SLICE("silence")
void followup_silence_lasts(struct moment *moment, struct customer *customer);

#endif
