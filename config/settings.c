/* SPDX-License-Identifier: MIT */
/* Loads the settings: the defaults, the file over them, the environment over both, then the checks
 * (settings_check.c). A mistake never ends the loading: all are reported at once. */
#include "config/settings_load.h"

#include "common/mem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define PREFIX            "LOYALD_"
#define KAFKA_PREFIX      "LOYALD_KAFKA_"
#define PROPERTIES_MAX    200
#define SENTENCE_BYTES    400
#define PROPERTY_NAME_MAX 100

/* Variables that are no settings: the fault points', and the tests' own. */
static const char *const other_variables[] = {"LOYALD_PROBE", "LOYALD_PROBE_LOG"};
#define TEST_PREFIX "LOYALD_TEST_"

static void load_file(struct loader *loader);
static void load_section(struct loader *loader, const struct yaml *section);
static void load_kafka(struct loader *loader, const struct yaml *section);
static void load_value(struct loader *loader, const struct setting *setting, const struct yaml *node);
static void load_environment(struct loader *loader, char *const *environment);
static void load_variable(struct loader *loader, struct slice name, struct slice value);
static void set_property(struct loader *loader, struct slice name, struct slice value, struct origin origin);

bool settings_load(const char *file, char *const *environment, struct buf *problems,
                   struct settings **ret_settings)
{
    size_t problems_before = problems->len;
    struct loader loader = {.file = file, .arena = arena_create(4096), .problems = problems};
    loader.settings = settings_create();

    load_file(&loader);
    load_environment(&loader, environment);
    settings_check(&loader);

    for (size_t i = 0; i < loader.property_count; i++) {
        const struct property *property = &loader.properties[i];
        text_list_add(
            &loader.settings->kafka,
            arena_printf(loader.arena, "%.*s=%.*s", SLICE_ARG(property->name), SLICE_ARG(property->value)));
    }
    bool ok = problems->len == problems_before;
    if (ok) {
        *ret_settings = loader.settings;
    } else {
        settings_free(loader.settings);
    }
    mem_free(loader.properties);
    arena_destroy(loader.arena);
    return ok;
}

void loader_problem(struct loader *loader, const struct origin *origin, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    for (char *c = sentence; *c != '\0'; c++) {
        *c = (unsigned char)*c < 0x20 ? ' ' : *c; /* a variable may hold anything; a problem is one line */
    }
    if (origin->node != NULL) {
        yaml_problem(origin->node, "%s", sentence);
    } else if (origin->variable != NULL) {
        buf_printf(loader->problems, "environment:%s: %s\n", origin->variable, sentence);
    } else {
        buf_printf(loader->problems, "%s:1:1: %s\n", loader->file != NULL ? loader->file : "settings",
                   sentence);
    }
}

const struct property *loader_property(const struct loader *loader, const char *name)
{
    for (size_t i = 0; i < loader->property_count; i++) {
        if (slice_is(loader->properties[i].name, name)) {
            return &loader->properties[i];
        }
    }
    return NULL;
}

/* ---- the file */

/* Each section once, in the table's order, and kafka. */
static size_t section_names(const char **ret_names)
{
    size_t count = 0;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (i == 0 || strcmp(settings_table[i].section, settings_table[i - 1].section) != 0) {
            ret_names[count++] = settings_table[i].section;
        }
    }
    ret_names[count++] = "kafka";
    return count;
}

static void load_file(struct loader *loader)
{
    const char *names[SETTING_COUNT + 1];
    size_t count = section_names(names);
    const struct yaml *root = NULL;
    loader->file_was_read =
        loader->file != NULL && yaml_load(loader->file, loader->arena, loader->problems, &root);
    if (!loader->file_was_read || !yaml_is_mapping(root, "the file")) {
        return;
    }
    (void)yaml_only_keys(root, "", names, count);
    YAML_EACH(section, root)
    {
        if (yaml_is_null(section)) {
            continue; /* all of it is commented out */
        }
        char name[SENTENCE_BYTES];
        (void)snprintf(name, sizeof name, "%.*s", SLICE_ARG(section->key));
        if (!yaml_is_mapping(section, name)) {
            continue;
        }
        if (slice_is(section->key, "kafka")) {
            load_kafka(loader, section);
        } else {
            load_section(loader, section);
        }
    }
}

/* A section of the table; one that is not in it has been reported. */
static void load_section(struct loader *loader, const struct yaml *section)
{
    const char *names[SETTING_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (!slice_is(section->key, settings_table[i].section)) {
            continue;
        }
        const struct yaml *node = yaml_get(section, settings_table[i].name);
        if (node != NULL) {
            load_value(loader, &settings_table[i], node);
        }
        names[count++] = settings_table[i].name;
    }
    if (count > 0) {
        (void)yaml_only_keys(section, section->key.data, names, count);
    }
}

/* A list's items, joined as the parser wants them. False: a problem was reported. */
static bool join_items(const struct setting *setting, const struct yaml *sequence, struct buf *out)
{
    YAML_EACH(item, sequence)
    {
        struct slice text = {0};
        if (!yaml_text(item, setting->path, &text)) {
            return false;
        }
        if (text.len == 0 || memchr(text.data, ',', text.len) != NULL) {
            yaml_problem(item, "an item of %s must not be empty and not contain a comma", setting->path);
            return false;
        }
        buf_text(out, out->len > 0 ? "," : "");
        buf_slice(out, text);
    }
    return true;
}

static void load_value(struct loader *loader, const struct setting *setting, const struct yaml *node)
{
    char problem[SETTING_PROBLEM_BYTES];
    struct buf joined = {0};
    struct slice text = {0};
    bool ok = false;
    if (setting->type == SETTING_LIST && node->kind == YAML_SEQUENCE) {
        ok = join_items(setting, node, &joined);
        text = buf_view(&joined);
    } else {
        ok = yaml_text(node, setting->path, &text);
    }
    loader->origins[setting - settings_table] = (struct origin){.node = node};
    if (ok && !setting_parse(setting, text, loader->settings, problem)) {
        yaml_problem(node, "%s", problem);
    }
    buf_done(&joined);
}

static void load_kafka(struct loader *loader, const struct yaml *section)
{
    loader->kafka = section;
    YAML_EACH(child, section)
    {
        struct slice value = {0};
        char what[PROPERTY_NAME_MAX + 16];
        (void)snprintf(what, sizeof what, "kafka: %.*s", PROPERTY_NAME_MAX, child->key.data);
        if (yaml_text(child, what, &value)) {
            set_property(loader, child->key, value, (struct origin){.node = child});
        }
    }
}

static bool is_property_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!islower((unsigned char)c) && !isdigit((unsigned char)c) && c != '.') {
            return false;
        }
    }
    return name.len > 0 && name.len <= PROPERTY_NAME_MAX;
}

/* Both slices end with a NUL and live in the arena. The later of two takes the earlier's place. */
static void set_property(struct loader *loader, struct slice name, struct slice value, struct origin origin)
{
    if (!is_property_name(name)) {
        loader_problem(loader, &origin,
                       "kafka: '%.80s' is no name of a Kafka client's property, such as client.rack",
                       name.data);
        return;
    }
    for (size_t i = 0; i < kafka_refusal_count; i++) {
        if (slice_is(name, kafka_refusals[i].name)) {
            loader_problem(loader, &origin, "kafka: %s cannot be set here: %s", name.data,
                           kafka_refusals[i].reason);
            return;
        }
    }
    struct property property = {.name = name, .value = value, .origin = origin};
    struct property *known = (struct property *)loader_property(loader, name.data);
    if (known != NULL) {
        *known = property;
    } else if (loader->property_count == PROPERTIES_MAX) {
        loader_problem(loader, &origin, "kafka: more than %d properties", PROPERTIES_MAX);
    } else {
        MEM_GROW(loader->properties, loader->property_count, loader->property_capacity);
        loader->properties[loader->property_count++] = property;
    }
}

/* ---- the environment */

static void load_environment(struct loader *loader, char *const *environment)
{
    for (; environment != NULL && *environment != NULL; environment++) {
        const char *equals = strchr(*environment, '=');
        if (equals == NULL || strncmp(*environment, PREFIX, strlen(PREFIX)) != 0) {
            continue;
        }
        struct slice name = {*environment, (size_t)(equals - *environment)};
        load_variable(loader, arena_copy(loader->arena, name),
                      arena_copy(loader->arena, slice_of(equals + 1)));
    }
}

static bool is_other_variable(struct slice name)
{
    for (size_t i = 0; i < sizeof other_variables / sizeof *other_variables; i++) {
        if (slice_is(name, other_variables[i])) {
            return true;
        }
    }
    return slice_has_prefix(name, SLICE(TEST_PREFIX));
}

/* LOYALD_KAFKA_BOOTSTRAP_SERVERS sets bootstrap.servers. */
static void load_kafka_variable(struct loader *loader, struct slice variable, struct slice value)
{
    size_t begin = strlen(KAFKA_PREFIX);
    struct slice name =
        arena_copy(loader->arena, (struct slice){variable.data + begin, variable.len - begin});
    for (char *c = (char *)name.data; *c != '\0'; c++) {
        *c = *c == '_' ? '.' : (char)tolower((unsigned char)*c);
    }
    set_property(loader, name, value, (struct origin){.variable = variable.data});
}

static void load_variable(struct loader *loader, struct slice name, struct slice value)
{
    const char *names[SETTING_COUNT];
    struct origin origin = {.variable = name.data};
    char problem[SETTING_PROBLEM_BYTES];

    if (slice_has_prefix(name, SLICE(KAFKA_PREFIX))) {
        load_kafka_variable(loader, name, value);
        return;
    }
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        struct buf variable = {0};
        setting_variable(&settings_table[i], &variable);
        names[i] = arena_copy(loader->arena, buf_view(&variable)).data;
        buf_done(&variable);
        if (!slice_is(name, names[i])) {
            continue;
        }
        loader->origins[i] = origin;
        if (!setting_parse(&settings_table[i], value, loader->settings, problem)) {
            loader_problem(loader, &origin, "%s", problem);
        }
        return;
    }
    if (!is_other_variable(name)) {
        const char *nearest = yaml_nearest(names, SETTING_COUNT, name);
        loader_problem(loader, &origin, "there is no such setting%s%s%s",
                       nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                       nearest != NULL ? "'?" : "");
    }
}
