/* SPDX-License-Identifier: MIT */
/* The gate that every message passes: one ordered list of guards (gate.def), one reason each. Erasure comes
 * before it: an erased customer has no events, timers or index entries. */
#ifndef PRODUCERS_GATE_H
#define PRODUCERS_GATE_H

#include "config/condition.h"
#include "producers/moment.h"

struct occasion {
    const struct follow_up *follow_up;
    struct slice occurrence; /* order id, complaint id, year, product id */
    int64_t event_ms; /* when what led to it happened: the event's time, or the due time of a birthday */
    int64_t due_ms;
    int64_t expires_ms;                  /* the last millisecond in which it may go out; 0: there is none */
    const char *reason;                  /* what led to it: an event type's short name or "birthday" */
    const struct news *news;             /* of a product, for those it is about */
    const struct condition_event *event; /* for conditions; NULL: it is not at hand any more */
};

enum gate_answer { GATE_PASSES, GATE_REFUSES, GATE_HOLDS };
struct ruling {
    enum gate_answer answer;
    const char *reason; /* the guard that refuses or holds; NULL: it passes */
    int64_t until_ms;   /* held: when the gate is to be asked again */
    enum contact_channel channels[CONTACT_CHANNEL_COUNT]; /* it passes: those allowed, in order */
    size_t channel_count;
    bool exposed; /* the customer could have been held out and was not */
};

/* A guard that holds lets the others be asked: whoever of them refuses has the word. */
void gate_ask(const struct moment *moment, const struct customer *customer, const struct occasion *occasion,
              struct ruling *ret_ruling);

/* The same, told guard by guard, for people: each that was asked, in order, with what it said. Those behind
 * one that refuses are not asked, for they may build on what it found. */
typedef void gate_teller(void *context, const char *reason, const char *sentence, enum gate_answer answer,
                         const struct ruling *ruling);
void gate_tell(const struct moment *moment, const struct customer *customer, const struct occasion *occasion,
               gate_teller *tell, void *context, struct ruling *ret_ruling);

#endif
