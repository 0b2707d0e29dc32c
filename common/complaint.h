/* SPDX-License-Identifier: MIT */
/* A complaint as a customer keeps it, with the clock that runs while it is open. */
#ifndef COMMON_COMPLAINT_H
#define COMMON_COMPLAINT_H

#include "common/customer.h"

enum complaint_state {
    COMPLAINT_OPENED,
    COMPLAINT_ACKNOWLEDGED,
    COMPLAINT_RESPONDED,
    COMPLAINT_RESOLVED,
    COMPLAINT_REOPENED
};
enum severity { SEVERITY_LOW, SEVERITY_NORMAL, SEVERITY_HIGH, SEVERITY_CRITICAL, SEVERITY_COUNT };

const char *complaint_state_name(enum complaint_state state);
const char *severity_name(enum severity severity);
bool severity_parse(struct slice name, enum severity *ret_severity);

struct complaint {
    enum complaint_state state;
    enum severity severity;
    bool opened; /* its `opened` event has been folded; before that severity and reason are not known */
    bool acknowledged, responded; /* has been, since it was last opened or reopened */
    int64_t opened_s;    /* event time of the last opening or reopening: the freeze counts from here */
    int64_t newest_ms;   /* event time of the newest event folded */
    int64_t spent_ms;    /* the clock's run before `since` */
    int64_t since_ms;    /* home time at which the clock last began to run; 0 while it stands */
    struct slice reason; /* a view; "-" if none */
};

bool complaint_get(const struct customer *customer, struct slice complaint_id,
                   struct complaint *ret_complaint);
void complaint_set(struct customer *customer, struct slice complaint_id, const struct complaint *complaint);

/* The value of a `q:` field, for those who walk all complaints. False if it is none. */
bool complaint_read(struct slice value, struct complaint *ret_complaint);

static inline bool complaint_is_open(const struct complaint *complaint)
{
    return complaint->state != COMPLAINT_RESOLVED;
}

/* The instant from which a complaint no longer freezes; 0: it is resolved. */
int64_t complaint_freeze_end_ms(const struct complaint *complaint, int64_t freeze_ms);

/* Is any complaint of this customer open and younger than freeze_ms at now_ms? */
bool complaint_freezes(const struct customer *customer, int64_t now_ms, int64_t freeze_ms);

bool complaint_text_is_valid(struct slice value);

#endif
