/* SPDX-License-Identifier: MIT */
/* What the files of the policy share and nobody else needs: the form on the heap, the names on file, and
 * readers of single values that name a mistake where it stands. Private to config/policy*.c. */
#ifndef CONFIG_POLICY_PARTS_H
#define CONFIG_POLICY_PARTS_H

#include "common/arena.h"
#include "config/policy.h"
#include "config/yaml.h"

#define POLICY_FORMAT          1
#define POLICY_BYTES_MAX       409600 /* twice as much as JSON at most: within OUTPUT_BYTES_MAX */
#define POLICY_FOLLOW_UPS_MAX  1000   /* stages count each */
#define POLICY_ZONES_MAX       1000
#define POLICY_DURATION_MAX_MS (3650 * 86400000LL)
#define FREEZE_DEFAULT_MS      (30 * 86400000LL)

/* A policy on the heap, and the arena in which its texts and lists lie. */
struct policy_owned {
    struct policy policy;
    struct arena *arena;
};

extern const char *const policy_mode_names[3];
extern const char *const policy_clock_names[2];
extern const char *const policy_class_names[CLASS_COUNT];
extern const char *const policy_on_names[ON_COUNT];
extern const char *const policy_unless_names[UNLESS_COUNT]; /* the first is none: "" */
extern const char *const policy_leap_day_names[3];
extern const char *const policy_lunar_day_30_names[3];
extern const char *const policy_anniversary_names[ANNIVERSARY_COUNT];

/* Sets *policy to what policy_none() is. */
void policy_init(struct policy *policy);

/* One follow-up while it is read. */
struct follow_up_reader {
    const struct yaml *node;
    const struct policy *policy;
    struct arena *arena;
    const char *path;         /* "follow_ups.thank-you" */
    const struct yaml *stage; /* NULL: it has none, and all that it has is its own */
    const char *shared_path;  /* where what a stage does not have itself was written */
    bool has_on, has_class;
    struct follow_up *follow_up;
};

#define POLICY_NAME_BYTES_MAX 32
/* 1 to `most` of a-z, 0-9 and '-'. */
bool policy_is_name(struct slice name, size_t most);

/* How many follow-ups the stages of one make; 0: it has none. */
size_t policy_stage_count(const struct yaml *follow_up);

/* Gives each stage of a follow-up to be read as a follow-up of its own: merged, and as it was written. */
typedef void stage_reader(void *context, const struct yaml *merged, const struct yaml *stage,
                          const char *path);
void policy_read_stages(const struct yaml *follow_up, struct arena *arena, stage_reader *read, void *context);

/* "follow_ups.thank-you.KEY", where the key was written. */
const char *policy_path(const struct follow_up_reader *reader, const char *key);

/* Reads `offer_value`, "5%" or "5.00 EUR", and `reason`. has_offer: there is one to be worth something. */
void policy_read_offer_value(const struct yaml *node, const char *path, bool has_offer, struct arena *arena,
                             struct offer_value *value, bool *has_reason);

/* Reads `variants`, behind all that they take over from their follow-up. */
void policy_read_variants(struct follow_up_reader *reader);

/* Reads `calendars`; node is NULL when there is none. The default zone has been read. */
void policy_read_calendars(const struct yaml *node, struct policy *policy, struct arena *arena);

/* Those that come back every year, as bits of enum follow_up_on. */
#define POLICY_YEARLY                                                                                        \
    (1U << ON_BIRTHDAY | 1U << ON_SPECIAL_DATE | 1U << ON_ANNIVERSARY | 1U << ON_HOUSEHOLD_BIRTHDAY)

/* A key that belongs to other kinds of follow-up only is a problem. */
void policy_check_kind_keys(const struct follow_up_reader *reader);

/* Reads the `calendar` of a follow-up, whose `after` has been read. */
void policy_read_follow_up_calendar(struct follow_up_reader *reader);

/* Reads `relation`: whose birthdays a follow-up of the household is for; all of them, if it has none. */
void policy_read_relations(struct follow_up_reader *reader);

/* Reads `follow_ups`; node is NULL when there is none. All else of the policy has been read. */
void policy_read_follow_ups(const struct yaml *node, struct policy *policy, struct arena *arena);

/* Orders the follow-ups by priority and makes the lists of each kind and the index of names, so that an event
 * costs what concerns it, however many follow-ups there are. */
void policy_index_follow_ups(struct policy *policy, struct arena *arena);

/* Reads what the gate goes by beside classes and freeze. The follow-ups have been read. */
void policy_read_gate(const struct yaml *root, struct policy *policy, struct arena *arena);

/* Reads the keys of a follow-up that concern its place in the gate (POLICY_FOLLOW_UP_GATE_KEYS). */
#define POLICY_FOLLOW_UP_GATE_KEYS "priority", "tags", "min_age"
void policy_read_follow_up_gate(const struct yaml *node, const char *path, struct arena *arena,
                                struct follow_up *follow_up);

/* Reads `consent_default`; node is NULL when there is none. */
void policy_read_consent_default(const struct yaml *node, struct policy *policy, struct arena *arena);

/* "US" or "US-CA": ISO 3166-1, and the part of ISO 3166-2 behind the hyphen. */
bool policy_is_place(struct slice place);

/* Reads `caps`; node is NULL when there is none. */
void policy_read_caps(const struct yaml *node, struct policy *policy, struct arena *arena);

/* `classes` and `channels` of a mapping, as sets. Without them: marketing and content; all channels. */
unsigned policy_read_classes(const struct yaml *mapping, const char *what, struct arena *arena);
unsigned policy_read_channels(const struct yaml *mapping, const char *what, struct arena *arena);

/* For a reader whose mistake is written down already and whose value then stays as it was. */
static inline void noted(bool ok)
{
    (void)ok;
}

/* ---- single values; `what` begins the sentence, as in yaml.h. On false *ret is untouched. */

/* "90s", "15m", "12h", "3d"; at least low_ms, at most POLICY_DURATION_MAX_MS. */
MUST_CHECK bool policy_read_duration(const struct yaml *node, const char *what, int64_t low_ms,
                                     int64_t *ret_ms);

/* The same without a problem or bounds; INT64_MAX for what is longer. */
MUST_CHECK bool policy_parse_duration(struct slice text, int64_t *ret_ms);

/* "09:00" to the minute of the day. */
MUST_CHECK bool policy_read_time_of_day(const struct yaml *node, const char *what, int *ret_minute);

/* An RFC 3339 instant, or a date: then its beginning in the zone. */
MUST_CHECK bool policy_read_instant(const struct yaml *node, const char *what, struct slice zone,
                                    int64_t *ret_ms);

MUST_CHECK bool policy_read_zone(const struct yaml *node, const char *what, struct slice *ret_zone);

/* The name of a special date: 1 to 32 bytes without blanks and control characters. */
MUST_CHECK bool policy_read_name(const struct yaml *node, const char *what, struct slice *ret_name);

/* What a content or an offer is called elsewhere: 1 to 64 bytes without blanks and control characters. */
MUST_CHECK bool policy_read_reference(const struct yaml *node, const char *what, struct slice *ret_reference);

/* The shortest text that policy_read_duration reads back. */
void policy_duration_text(int64_t ms, struct buf *out);

#endif
