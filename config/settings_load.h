/* SPDX-License-Identifier: MIT */
/* What settings.c knows while it loads: each value's origin, so that a check made later can still name the
 * line or the variable. Private to settings.c and settings_check.c. */
#ifndef CONFIG_SETTINGS_LOAD_H
#define CONFIG_SETTINGS_LOAD_H

#include "common/arena.h"
#include "config/settings_table.h"
#include "config/yaml.h"

/* Where a value came from; both NULL: the default. */
struct origin {
    const struct yaml *node;
    const char *variable;
};

/* One line under kafka:. */
struct property {
    struct slice name, value; /* both end with a NUL */
    struct origin origin;
};

struct loader {
    const char *file; /* NULL: none */
    struct arena *arena;
    struct buf *problems;
    bool file_was_read;       /* false also: there is none */
    const struct yaml *kafka; /* the file's kafka: section, NULL: none */
    struct settings *settings;
    struct origin origins[SETTING_COUNT];
    struct property *properties;
    size_t property_count, property_capacity;
};

/* A problem at the origin; at a default's: "FILE:1:1: ...", for something is missing. */
void loader_problem(struct loader *loader, const struct origin *origin, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* NULL when it was not given. */
const struct property *loader_property(const struct loader *loader, const char *name);

/* The rules between settings, and those of a value's form that the table cannot say. */
void settings_check(struct loader *loader);

#endif
