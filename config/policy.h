/* SPDX-License-Identifier: MIT */
/* The policy: the follow-ups and all else that decides, as people write it (YAML, config/follow-ups.yaml). It
 * enters through the log: what is in force is what the log says, never a file. */
#ifndef CONFIG_POLICY_H
#define CONFIG_POLICY_H

#include "common/buf.h"
#include "common/business_hours.h"
#include "common/calendar.h"
#include "common/complaint.h"
#include "common/consent.h"
#include "common/household.h"
#include "common/status.h"
#include "common/yearly_date.h"

#define FOLD_VERSION 1

enum policy_mode { MODE_OFF, MODE_SHADOW, MODE_LIVE };
enum policy_clock { CLOCK_APPEND, CLOCK_EVENT };
enum message_class {
    CLASS_transactional,
    CLASS_marketing,
    CLASS_content,
    CLASS_task,
    CLASS_safety,
    CLASS_COUNT
};
const char *message_class_name(enum message_class message_class);

struct class_rules {
    bool needs_consent; /* for the purpose of the class */
    bool freezes;       /* withheld while a complaint is open */
    enum consent_purpose purpose;
};

enum follow_up_on {
    ON_PURCHASE_COMPLETED,
    ON_COMPLAINT_OPENED,
    ON_BIRTHDAY,
    ON_PRODUCT_LAUNCHED,
    ON_VISIT_MADE,
    ON_SILENCE,
    ON_COMPLAINT_RESOLVED,
    ON_SPECIAL_DATE,
    ON_ANNIVERSARY,
    ON_HOUSEHOLD_BIRTHDAY,
    ON_PRODUCT_RESTOCKED,
    ON_PRODUCT_REPRICED,
    ON_PRODUCT_RECALLED,
    ON_COUNT
};
const char *follow_up_on_name(enum follow_up_on on);

enum follow_up_unless {
    UNLESS_NOTHING,
    UNLESS_ACKNOWLEDGED,
    UNLESS_RESPONDED,
    UNLESS_RESOLVED,
    UNLESS_PURCHASED,
    UNLESS_REDEEMED,
    UNLESS_TASK_DONE,
    UNLESS_COUNT
};

/* Sets of classes and of contact channels, a bit each. */
#define SET_OF(member)       (1U << (member))
#define SET_HAS(set, member) (((set) >> (member)&1U) != 0)
#define SET_OF_ALL(count)    ((1U << (count)) - 1)
#define FOLLOW_UP_TAGS_MAX   8

/* No message while the customer's clock shows a time from `from` on and before `to`. */
struct quiet_hours {
    int from_minute, to_minute; /* of the local day; they differ; across midnight where from is the later */
    unsigned classes, channels;
};

/* What a consent that is not known means for a channel in a place: "US-CA", "US", or "other" for all that no
 * line names. */
struct consent_default {
    enum contact_channel channel;
    struct slice place;
    bool granted;
};

/* When a follow-up is halted by itself: more reports than so many of a thousand sent, in a home. */
struct risk_rule {
    int64_t window_ms; /* 0: never */
    int64_t per_thousand;
    int64_t least; /* messages sent before anything is judged */
    unsigned classes;
};

/* A stable part of the customers that gets nothing, so that what messages bring about can be told. */
struct holdout {
    int64_t share; /* of HOLDOUT_WHOLE; 0: nobody */
    struct slice programme;
    unsigned classes;
};
#define HOLDOUT_WHOLE 10000

/* At most so many messages within a time. Which follow-ups it limits, and which messages count, is known of
 * each follow-up (capped_by, counts_to); by what channels, here. */
#define POLICY_CAPS_MAX 10
struct cap {
    struct slice name;
    int64_t at_most;
    int64_t window_ms; /* rolling; 0: the calendar day where the customer lives */
    unsigned limits_channels, counts_channels;
    unsigned
        counts_classes; /* also of follow-ups that the policy no longer has; 0: it counts named ones only */
};

struct condition;
struct yaml;

/* What an offer is worth, for the warnings only. */
struct offer_value {
    int64_t number;          /* per cent, or minor units */
    char currency[4];        /* "" for per cent */
    const char *where;       /* whose it is: "follow_ups.welcome"; NULL: nothing is said */
    const struct yaml *node; /* lives as long as the policy */
};

/* Another content or offer for some of those for whom a follow-up is meant. */
struct variant {
    const struct condition *condition;
    struct slice content, offer; /* the follow-up's, where it has none of its own */
    struct offer_value value;
    bool has_reason; /* why it is as it is has been written down */
};
enum anniversary { ANNIVERSARY_JOINED, ANNIVERSARY_FIRST_PURCHASE, ANNIVERSARY_COUNT };

struct follow_up {
    struct slice name; /* 1 to 32 of a-z, 0-9 and '-' */
    enum follow_up_on on;
    const struct follow_up *next; /* of the same `on`, in the file's order */
    enum policy_mode mode;        /* the lower of its own and the policy's */
    enum message_class message_class;
    const struct condition *condition;     /* for whom it is meant; NULL: everybody */
    int64_t after_ms[SEVERITY_COUNT];      /* all alike but for complaints */
    enum follow_up_unless unless;          /* complaints, visits */
    const struct business_hours *calendar; /* after_ms is working time of it; NULL: plain time */
    int at_minute;                         /* yearly dates: minute of the local day */
    int days;                              /* yearly dates: days after the day, negative before */
    struct yearly_rules rules;             /* yearly dates: days that a year lacks */
    struct slice date_name;                /* special-date: only those of this name; len 0: all */
    enum anniversary anniversary;          /* anniversary: of what */
    unsigned relations;                    /* household-birthday: of whom, a set */
    struct slice only_after;  /* yearly: the follow-up that must have been sent for it; absent: none */
    bool withdraw;            /* purchase: what was sent is withdrawn when the order is undone */
    int64_t expires_after_ms; /* 0: never */
    int64_t capacity;         /* news: places of each fan-out; 0: no end of them */
    enum contact_channel channels[CONTACT_CHANNEL_COUNT];
    size_t channel_count;
    struct slice content, offer; /* references; offer absent if none */
    struct offer_value value;
    bool has_reason;                /* why the offer is as it is has been written down */
    const struct variant *variants; /* the first that holds is taken */
    size_t variant_count;
    int priority;    /* of what is due at the same instant the higher is decided first */
    int64_t min_age; /* years; 0: for everybody */
    struct slice tags[FOLLOW_UP_TAGS_MAX];
    size_t tag_count;
    unsigned capped_by, counts_to; /* sets of the policy's caps */
    const struct yaml *node;       /* as it was written, for warnings; lives as long as the policy */
};

struct zone_rule {
    struct slice place; /* "US" or "US-CA" */
    struct slice zone;
};

struct policy {
    char version[17]; /* the first 16 hex digits of SHA-256 of the policy record's body */
    enum policy_mode mode;
    int64_t not_before_ms; /* 0: none */
    enum policy_clock clock;
    int64_t freeze_ms;
    struct slice default_zone;
    struct zone_rule *zones;
    size_t zone_count;
    struct class_rules classes[CLASS_COUNT];
    struct {
#define POLICY_LIMIT(name, def, low, high, sentence) int64_t name;
#include "config/policy_limits.def"
#undef POLICY_LIMIT
    } limits;
    struct business_hours *calendars;
    size_t calendar_count;
    struct quiet_hours *quiet_hours;
    size_t quiet_hours_count;
    struct consent_default *consent_defaults;
    size_t consent_default_count;
    struct risk_rule risk;
    struct holdout holdout;
    int64_t spread_ms; /* over how long what is due at a time of day is spread */
    struct cap caps[POLICY_CAPS_MAX];
    size_t cap_count;
    struct follow_up *follow_ups; /* by priority, the highest first; then in the file's order */
    size_t follow_up_count;
    const struct follow_up *first[ON_COUNT]; /* of each kind: what an event concerns */
    const struct follow_up **by_name;        /* all, sorted */
    struct slice text;                       /* the YAML */
    const struct yaml *root;                 /* read, for warnings */
};

/* Reads a policy's YAML. False: every mistake is in *problems, a line each ("FILE:LINE:COLUMN: ...\n").
 * *ret_policy is owned (policy_free); its version is that of policy_record_body's text. */
MUST_CHECK bool policy_parse(const char *file, struct slice yaml, struct buf *problems,
                             struct policy **ret_policy);
void policy_free(struct policy *policy);

/* The body of the policy record that activates it: {"fold": 1, "zones": "2024a", "policy": "..."}. */
void policy_record_body(struct slice yaml, struct buf *out);

/* The first 16 hexadecimal digits of the SHA-256 of a policy record's body. */
void policy_version_of(struct slice body, char ret[17]);

/* What a policy was made for; what a program knows. */
struct policy_versions {
    int64_t fold;
    struct slice zones; /* "2024a" */
};
struct policy_versions policy_versions_here(void); /* this program's */

/* What keeps a program from folding a policy as its author meant. Zone data may be newer than needed: names
 * of zones and their past do not go away. */
enum policy_gap { POLICY_NO_GAP, POLICY_FOLD_GAP, POLICY_ZONE_GAP };
enum policy_gap policy_gap(struct policy_versions needed, struct policy_versions known);

enum policy_fault { POLICY_OK, POLICY_UNREADABLE, POLICY_UNKNOWN_VERSION };

/* Reads the body of a policy record. UNKNOWN_VERSION: its fold or zone version is not this program's;
 * UNREADABLE: no policy record. *problem (256 bytes) says which. */
enum policy_fault policy_record_read(struct slice body, char *problem, struct policy **ret_policy);

/* What is in force before a home's first policy record: default limits, no follow-ups, mode off, zone
 * Etc/UTC, version "". Lives for good. */
const struct policy *policy_none(void);

/* NULL if the policy has none of this name. */
const struct follow_up *policy_follow_up(const struct policy *policy, struct slice name);

/* The customer's zone, by the rule of docs/contract.md ("Zone"); one that exists in the zone data. A view
 * that lives as long as the customer is unchanged and the policy. */
struct slice policy_zone(const struct policy *policy, const struct customer *customer);

/* Does a consent of this channel that is not known count as granted? */
bool policy_presumes_consent(const struct policy *policy, const struct customer *customer,
                             enum contact_channel channel);

/* Adds what is not wrong, but probably not meant, a line each as for policy_parse. */
void policy_warnings(const struct policy *policy, struct buf *out);

/* As a table for people: `loyalctl policy show`. */
void policy_describe(const struct policy *policy, struct buf *out);

#endif
