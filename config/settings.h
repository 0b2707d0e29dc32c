/* SPDX-License-Identifier: MIT */
/* loyald's settings: one table (settings.def), one struct, one YAML file, LOYALD_SECTION_NAME over it. Also
 * what stands under `kafka:`, which goes to librdkafka as it is, but for what the promise depends on
 * (kafka_refused.def: refused by name, with the reason). */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "common/buf.h"
#include "common/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What the Kafka clients are given where kafka: says nothing. A session must outlast a transaction and the
 * broker's sweep for those that have timed out together: that is checked at start. */
#define KAFKA_SESSION_TIMEOUT_MS     45000 /* session.timeout.ms */
#define KAFKA_TRANSACTION_TIMEOUT_MS 10000 /* transaction.timeout.ms */
#define KAFKA_SWEEP_MS               14000

/* A list of texts, owned by the settings. */
struct text_list {
    char **items;
    size_t count;
};

/* For each SETTING(section, name, ...) a member section_name of the type's kind: INT int64_t, BOOL bool,
 * TEXT, PATH and SECRET_FILE char * (never NULL), LIST struct text_list. */
struct settings {
#define SETTING_MEMBER_INT                                           int64_t
#define SETTING_MEMBER_BOOL                                          bool
#define SETTING_MEMBER_TEXT                                          char *
#define SETTING_MEMBER_PATH                                          char *
#define SETTING_MEMBER_SECRET_FILE                                   char *
#define SETTING_MEMBER_LIST                                          struct text_list
#define SETTING(section, name, type, def, low, high, unit, sentence) SETTING_MEMBER_##type section##_##name;
#include "config/settings.def"
#undef SETTING
    struct text_list kafka; /* "name=value", as given, for librdkafka */
};

/* Reads defaults, then the file (NULL: none), then the environment. False: every mistake is in *problems, a
 * line each ("FILE:LINE:COLUMN: what is wrong; what would be right\n", or "environment:VARIABLE: ..."), and
 * *ret is untouched. */
MUST_CHECK bool settings_load(const char *file, char *const *environment, struct buf *problems,
                              struct settings **ret_settings);
void settings_free(struct settings *settings);

/* The value under kafka: of this property; NULL when it was not given. Borrowed. */
const char *settings_kafka_value(const struct settings *settings, const char *name);

/* Where Kafka is looked for, as it was given; for sentences. */
const char *settings_kafka_servers(const struct settings *settings);

/* As YAML, with defaults marked; secrets and what looks like one under kafka: are masked. */
void settings_print(const struct settings *settings, struct buf *out);

/* The table for people: --help's list, and docs/settings.md. */
void settings_describe(struct buf *out);
void settings_describe_markdown(struct buf *out);

/* The secret in a SECRET_FILE setting. False: *problem (256 bytes) says why it cannot be read. An empty path
 * gives NULL. Returns owned. */
MUST_CHECK bool settings_secret(const char *path, char *problem, char **ret_secret);

/* The input topics in order: the home log first, then the feeders. */
size_t settings_input_count(const struct settings *settings);
const char *settings_input_name(const struct settings *settings, size_t topic);
const char *settings_output_name(const struct settings *settings, int out_topic); /* enum out_topic */

#endif
