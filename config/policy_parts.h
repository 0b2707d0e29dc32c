/* SPDX-License-Identifier: MIT */
/* What the files of the policy share and nobody else needs: the form on the heap, the names on file, and
 * readers of single values that name a mistake where it stands. Private to config/policy*.c. */
#ifndef CONFIG_POLICY_PARTS_H
#define CONFIG_POLICY_PARTS_H

#include "common/arena.h"
#include "config/policy.h"
#include "config/yaml.h"

#define POLICY_FORMAT          1
#define POLICY_BYTES_MAX       65536 /* twice as much as JSON at most: within the body of any record */
#define POLICY_FOLLOW_UPS_MAX  100
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

/* Sets *policy to what policy_none() is. */
void policy_init(struct policy *policy);

/* The first 16 hexadecimal digits of the SHA-256 of a policy record's body. */
void policy_version_of(struct slice body, char ret[17]);

/* Reads `follow_ups`; node is NULL when there is none. All else of the policy has been read. */
void policy_read_follow_ups(const struct yaml *node, struct policy *policy, struct arena *arena);

/* Reads what the gate goes by beside classes and freeze. The follow-ups have been read. */
void policy_read_gate(const struct yaml *root, struct policy *policy, struct arena *arena);

/* Reads the keys of a follow-up that concern its place in the gate (POLICY_FOLLOW_UP_GATE_KEYS). */
#define POLICY_FOLLOW_UP_GATE_KEYS "priority", "tags"
void policy_read_follow_up_gate(const struct yaml *node, const char *path, struct arena *arena,
                                struct follow_up *follow_up);

/* Reads `caps`; node is NULL when there is none. */
void policy_read_caps(const struct yaml *node, struct policy *policy, struct arena *arena);

/* A name of a follow-up's kind: 1 to 32 of a-z, 0-9 and '-'. */
bool policy_is_name(struct slice name);

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

/* "09:00" to the minute of the day. */
MUST_CHECK bool policy_read_time_of_day(const struct yaml *node, const char *what, int *ret_minute);

/* An RFC 3339 instant, or a date: then its beginning in the zone. */
MUST_CHECK bool policy_read_instant(const struct yaml *node, const char *what, struct slice zone,
                                    int64_t *ret_ms);

MUST_CHECK bool policy_read_zone(const struct yaml *node, const char *what, struct slice *ret_zone);

/* What a content or an offer is called elsewhere: 1 to 64 bytes without blanks and control characters. */
MUST_CHECK bool policy_read_reference(const struct yaml *node, const char *what, struct slice *ret_reference);

/* The shortest text that policy_read_duration reads back. */
void policy_duration_text(int64_t ms, struct buf *out);

#endif
