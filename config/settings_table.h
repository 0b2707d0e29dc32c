/* SPDX-License-Identifier: MIT */
/* The table of settings.def as data, and the one parser that its defaults, the file and the environment go
 * through. Private to config/settings*.c. */
#ifndef CONFIG_SETTINGS_TABLE_H
#define CONFIG_SETTINGS_TABLE_H

#include "common/buf.h"
#include "common/slice.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_INT,
    SETTING_BOOL,
    SETTING_TEXT,
    SETTING_PATH,
    SETTING_SECRET_FILE,
    SETTING_LIST,
};

struct setting {
    const char *section, *name;
    const char *path; /* "redis.timeout" */
    enum setting_type type;
    const char *def;      /* the default, as text */
    int64_t low, high;    /* INT: the value; TEXT: its bytes; LIST: its items */
    const char *unit;     /* "" for none */
    const char *sentence; /* what it is */
    size_t offset;        /* of its member in struct settings */
};

enum {
#define SETTING(section, name, type, def, low, high, unit, sentence) SETTING_AT_##section##_##name,
#include "config/settings.def"
#undef SETTING
    SETTING_COUNT
};

extern const struct setting settings_table[SETTING_COUNT];

/* A kafka property that the file or the environment may not set, and why. */
struct kafka_refusal {
    const char *name, *reason;
};
extern const struct kafka_refusal kafka_refusals[];
extern const size_t kafka_refusal_count;

#define SETTING_PROBLEM_BYTES 384

/* Gives the setting a value, freeing the old one. False: problem (SETTING_PROBLEM_BYTES) is a sentence that
 * begins with the setting's path, and the value is as it was. Lists have commas between their items. */
MUST_CHECK bool setting_parse(const struct setting *setting, struct slice text, struct settings *settings,
                              char *problem);

/* Adds the value as the same text that setting_parse reads. */
void setting_text(const struct setting *setting, const struct settings *settings, struct buf *out);

void setting_done(const struct setting *setting, struct settings *settings);

/* All values as their defaults; nothing under kafka. Returns owned. */
struct settings *settings_create(void);

/* "LOYALD_REDIS_TIMEOUT" */
void setting_variable(const struct setting *setting, struct buf *out);

/* Whether a kafka property's value is to be masked when printed. */
bool kafka_name_is_secret(const char *name);

void text_list_add(struct text_list *list, struct slice item);
void text_list_done(struct text_list *list);

#endif
