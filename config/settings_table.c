/* SPDX-License-Identifier: MIT */
/* Values of settings: from text, to text, and back to nothing. */
#include "config/settings_table.h"

#include "common/mem.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#define ITEM_BYTES_MAX 200
#define PATH_BYTES_MAX 4095

const struct setting settings_table[SETTING_COUNT] = {
#define SETTING(section_, name_, type_, def_, low_, high_, unit_, sentence_)                                 \
    {.section = #section_,                                                                                   \
     .name = #name_,                                                                                         \
     .path = #section_ "." #name_,                                                                           \
     .type = SETTING_##type_,                                                                                \
     .def = def_,                                                                                            \
     .low = low_,                                                                                            \
     .high = high_,                                                                                          \
     .unit = unit_,                                                                                          \
     .sentence = sentence_,                                                                                  \
     .offset = offsetof(struct settings, section_##_##name_)},
#include "config/settings.def"
#undef SETTING
};

const struct kafka_refusal kafka_refusals[] = {
#define KAFKA_REFUSED(name_, reason_) {name_, reason_},
#include "config/kafka_refused.def"
#undef KAFKA_REFUSED
};
const size_t kafka_refusal_count = sizeof kafka_refusals / sizeof *kafka_refusals;

static const char *const secret_words[] = {"password", "passphrase",        "secret", "token", "pem",
                                           "jaas",     "oauthbearer.config"};

static bool parse_number(const struct setting *setting, struct slice text, int64_t *ret, char *problem);
static bool parse_flag(const struct setting *setting, struct slice text, bool *ret, char *problem);
static bool parse_text(const struct setting *setting, struct slice text, char **ret, char *problem);
static bool parse_list(const struct setting *setting, struct slice text, struct text_list *ret,
                       char *problem);

static void *value_of(const struct setting *setting, struct settings *settings)
{
    return (char *)settings + setting->offset;
}

static const void *value_in(const struct setting *setting, const struct settings *settings)
{
    return (const char *)settings + setting->offset;
}

bool setting_parse(const struct setting *setting, struct slice text, struct settings *settings, char *problem)
{
    void *value = value_of(setting, settings);
    switch (setting->type) {
    case SETTING_INT:
        return parse_number(setting, text, value, problem);
    case SETTING_BOOL:
        return parse_flag(setting, text, value, problem);
    case SETTING_LIST:
        return parse_list(setting, text, value, problem);
    case SETTING_TEXT:
    case SETTING_PATH:
    case SETTING_SECRET_FILE:
        break;
    }
    return parse_text(setting, text, value, problem);
}

void setting_text(const struct setting *setting, const struct settings *settings, struct buf *out)
{
    const void *value = value_in(setting, settings);
    if (setting->type == SETTING_INT) {
        buf_int(out, *(const int64_t *)value);
    } else if (setting->type == SETTING_BOOL) {
        buf_text(out, *(const bool *)value ? "true" : "false");
    } else if (setting->type == SETTING_LIST) {
        const struct text_list *list = value;
        for (size_t i = 0; i < list->count; i++) {
            buf_text(out, i > 0 ? "," : "");
            buf_text(out, list->items[i]);
        }
    } else {
        buf_text(out, *(char *const *)value);
    }
}

void setting_done(const struct setting *setting, struct settings *settings)
{
    void *value = value_of(setting, settings);
    if (setting->type == SETTING_LIST) {
        text_list_done(value);
    } else if (setting->type != SETTING_INT && setting->type != SETTING_BOOL) {
        mem_free(*(char **)value);
    }
}

struct settings *settings_create(void)
{
    struct settings *settings = mem_zalloc(sizeof *settings);
    char problem[SETTING_PROBLEM_BYTES];
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        bool ok = setting_parse(&settings_table[i], slice_of(settings_table[i].def), settings, problem);
        (void)ok;
        assert(ok); /* the table's own defaults are within its limits */
    }
    return settings;
}

void setting_variable(const struct setting *setting, struct buf *out)
{
    buf_text(out, "LOYALD_");
    for (const char *c = setting->path; *c != '\0'; c++) {
        buf_char(out, *c == '.' ? '_' : (char)toupper((unsigned char)*c));
    }
}

bool kafka_name_is_secret(const char *name)
{
    for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++) {
        if (strstr(name, secret_words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

void text_list_add(struct text_list *list, struct slice item)
{
    list->items = mem_realloc(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = mem_copy(item);
}

void text_list_done(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        mem_free(list->items[i]);
    }
    mem_free(list->items);
    *list = (struct text_list){0};
}

/* ---- one per type */

/* The unit with a blank before it, or nothing. */
static const char *unit_gap(const struct setting *setting)
{
    return *setting->unit != '\0' ? " " : "";
}

static bool parse_number(const struct setting *setting, struct slice text, int64_t *ret, char *problem)
{
    int64_t value = 0;
    if (!parse_int(text, &value)) {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES, "%s must be a whole number%s%s, not '%.*s'",
                       setting->path, *setting->unit != '\0' ? " of " : "", setting->unit,
                       text.len < 80 ? (int)text.len : 80, text.data);
        return false;
    }
    if (value < setting->low || value > setting->high) {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES,
                       "%s must lie between %" PRId64 " and %" PRId64 "%s%s, not %" PRId64, setting->path,
                       setting->low, setting->high, unit_gap(setting), setting->unit, value);
        return false;
    }
    *ret = value;
    return true;
}

static bool parse_flag(const struct setting *setting, struct slice text, bool *ret, char *problem)
{
    bool is_true = slice_is(text, "true");
    if (!is_true && !slice_is(text, "false")) {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES, "%s must be true or false, not '%.*s'", setting->path,
                       text.len < 80 ? (int)text.len : 80, text.data);
        return false;
    }
    *ret = is_true;
    return true;
}

static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool parse_text(const struct setting *setting, struct slice text, char **ret, char *problem)
{
    int64_t high = setting->type == SETTING_TEXT ? setting->high : PATH_BYTES_MAX;
    if ((int64_t)text.len < setting->low || (int64_t)text.len > high) {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES,
                       "%s must have %" PRId64 " to %" PRId64 " bytes, not %zu", setting->path, setting->low,
                       high, text.len);
        return false;
    }
    if (has_control(text)) {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES, "%s must not contain control characters",
                       setting->path);
        return false;
    }
    mem_free(*ret);
    *ret = mem_copy(text);
    return true;
}

static bool parse_list(const struct setting *setting, struct slice text, struct text_list *ret, char *problem)
{
    struct text_list list = {0};
    bool good_items = true;
    for (size_t begin = 0, end = 0; text.len > 0 && begin <= text.len; begin = end + 1) {
        const char *comma = memchr(text.data + begin, ',', text.len - begin);
        end = comma != NULL ? (size_t)(comma - text.data) : text.len;
        struct slice item = {text.data + begin, end - begin};
        while (item.len > 0 && item.data[0] == ' ') {
            item = (struct slice){item.data + 1, item.len - 1};
        }
        while (item.len > 0 && item.data[item.len - 1] == ' ') {
            item.len--;
        }
        good_items = good_items && item.len > 0 && item.len <= ITEM_BYTES_MAX && !has_control(item);
        text_list_add(&list, item);
    }
    bool good_count = (int64_t)list.count >= setting->low && (int64_t)list.count <= setting->high;
    if (good_items && good_count) {
        text_list_done(ret);
        *ret = list;
        return true;
    }
    if (!good_count) {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES,
                       "%s must have %" PRId64 " to %" PRId64 " items, not %zu", setting->path, setting->low,
                       setting->high, list.count);
    } else {
        (void)snprintf(problem, SETTING_PROBLEM_BYTES,
                       "each item of %s must have 1 to %d bytes and no control characters", setting->path,
                       ITEM_BYTES_MAX);
    }
    text_list_done(&list);
    return false;
}
