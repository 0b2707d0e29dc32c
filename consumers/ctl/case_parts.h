/* SPDX-License-Identifier: MIT */
/* Inside the reading of case files: case_file.c (the file and its cases), case_steps.c (what is given),
 * case_policy.c (policies that are named). */
#ifndef CONSUMERS_CTL_CASE_PARTS_H
#define CONSUMERS_CTL_CASE_PARTS_H

#include "consumers/ctl/case_file.h"

struct case_reader {
    struct case_file *file;
    struct buf *problems;
    struct slice zone;       /* of times that name none */
    struct policy_case *now; /* the case that is read */
    size_t step_capacity;
    int next_id;     /* of its events */
    bool has_policy; /* for all cases */
    bool expects_refusals;
};

/* A time; false: a problem. */
bool case_read_time(struct case_reader *reader, const struct yaml *node, const char *what, int64_t *ret_ms);

/* ---- case_steps.c */
extern const char *const case_customer_keys[];
/* `customer`: who it is and what was agreed to, as the events that say so. */
void case_read_customer(struct case_reader *reader, const struct yaml *node, struct slice id,
                        int64_t since_ms);
/* One of `given`. */
void case_read_step(struct case_reader *reader, const struct yaml *node);
/* An event's short name, such as "purchase.completed"; false: a problem. */
bool case_read_event_type(const struct yaml *node, struct slice name, enum event_type *ret_type);
struct slice case_event_name(enum event_type type);

/* ---- case_pause.c */
/* `pause: NAME` or `resume: NAME`; false: a problem. */
bool case_read_pause(const struct case_reader *reader, const struct yaml *node, struct case_step *ret_step);

/* ---- case_policy.c */
struct case_policy {
    struct slice source; /* a path, or the text itself */
    const struct policy *policy;
};
/* A policy by its file, beside the file of cases, or its text; NULL: a problem. Modes are live
 * (docs/policy.md). */
const struct policy *case_read_policy(struct case_reader *reader, const struct yaml *node);
const struct policy *case_load_policy(struct case_reader *reader, const struct yaml *node, struct slice path);
void case_policies_done(struct case_file *file);

#endif
