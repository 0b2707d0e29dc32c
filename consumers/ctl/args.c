/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/args.h"

#include "common/mem.h"

#include <stdio.h>
#include <string.h>

static const struct option_about *find(const struct option_about *options, const char *name, size_t len);
static bool take_option(const struct option_about *options, int argc, const char *const *argv, int *at,
                        char *ret_why, struct args *args);
static bool is_option(const char *word);
static bool is_choice(const struct option_about *about, const char *value);
static void say_choices(const struct option_about *about, const char *value, char *ret_why);
static bool check_required(const struct option_about *options, const struct args *args, char *ret_why);

bool args_parse(const struct option_about *options, int argc, const char *const *argv, char *ret_why,
                struct args *ret_args)
{
    struct args args = {.given = mem_zalloc(((size_t)argc + 1) * sizeof *args.given),
                        .rest = mem_zalloc(((size_t)argc + 1) * sizeof *args.rest)};
    bool ok = true, ended = false;
    for (int at = 0; at < argc && ok; at++) {
        if (!ended && strcmp(argv[at], "--") == 0) {
            ended = true;
        } else if (!ended && is_option(argv[at])) {
            ok = take_option(options, argc, argv, &at, ret_why, &args);
        } else {
            args.rest[args.rest_count++] = argv[at];
        }
    }
    if (!ok || !check_required(options, &args, ret_why)) {
        args_done(&args);
        return false;
    }
    *ret_args = args;
    return true;
}

void args_done(struct args *args)
{
    mem_free(args->given);
    mem_free(args->rest);
    *args = (struct args){.given = NULL};
}

void args_choices(const struct option_about *about, struct buf *out)
{
    const char *at = about->value != NULL && strchr(about->value, '|') != NULL ? about->value : "";
    while (*at != '\0') {
        size_t len = strcspn(at, "|");
        bool is_first = at == about->value, is_last = at[len] == '\0';
        buf_printf(out, "%s%.*s", is_first ? "" : is_last ? " or " : ", ", (int)len, at);
        at += len + !is_last;
    }
}

bool args_has(const struct args *args, const char *name)
{
    return args_nth(args, name, 0) != NULL;
}

const char *args_text(const struct args *args, const char *name)
{
    return args_nth(args, name, 0);
}

const char *args_nth(const struct args *args, const char *name, size_t n)
{
    for (size_t i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].about->name, name) == 0 && n-- == 0) {
            return args->given[i].value;
        }
    }
    return NULL;
}

static bool is_option(const char *word)
{
    bool is_number = word[1] >= '0' && word[1] <= '9';
    return word[0] == '-' && word[1] != '\0' && !is_number && !(word[1] == '-' && word[2] == '-');
}

/* --name VALUE, --name=VALUE, -n VALUE, -nVALUE. */
static bool take_option(const struct option_about *options, int argc, const char *const *argv, int *at,
                        char *ret_why, struct args *args)
{
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    const char *name = word + (is_long ? 2 : 1);
    size_t len = is_long ? strcspn(name, "=") : 1;
    const char *value =
        is_long ? (name[len] == '=' ? name + len + 1 : NULL) : (name[1] != '\0' ? name + 1 : NULL);
    const struct option_about *about = find(options, name, len);
    if (about == NULL || is_long != (about->name[1] != '\0')) {
        snprintf(ret_why, ARGS_SENTENCE, "there is no option %.100s here", word);
        return false;
    }
    if (about->kind == OPTION_FLAG && value != NULL) {
        snprintf(ret_why, ARGS_SENTENCE, "the option %.*s takes no value", (int)(name - word) + (int)len,
                 word);
        return false;
    }
    if (about->kind != OPTION_FLAG && value == NULL && ++*at < argc) {
        value = argv[*at];
    }
    if (about->kind != OPTION_FLAG && value == NULL) {
        say_choices(about, NULL, ret_why);
        return false;
    }
    if (value != NULL && !is_choice(about, value)) {
        say_choices(about, value, ret_why);
        return false;
    }
    if (about->kind != OPTION_LIST && args_has(args, about->name)) {
        snprintf(ret_why, ARGS_SENTENCE, "the option %.100s is given twice", word);
        return false;
    }
    args->given[args->given_count++] = (struct arg){.about = about, .value = value != NULL ? value : ""};
    return true;
}

static bool is_choice(const struct option_about *about, const char *value)
{
    size_t len = strlen(value);
    const char *at = about->value != NULL && strchr(about->value, '|') != NULL ? about->value : NULL;
    bool found = at == NULL;
    while (!found && *at != '\0') {
        size_t name_len = strcspn(at, "|");
        found = name_len == len && memcmp(at, value, len) == 0;
        at += name_len + (at[name_len] != '\0');
    }
    return found;
}

/* value NULL: there is none. */
static void say_choices(const struct option_about *about, const char *value, char *ret_why)
{
    struct buf names = {0};
    args_choices(about, &names);
    buf_text(&names, names.len == 0 ? about->value : "");
    const char *dashes = about->name[1] != '\0' ? "--" : "-";
    if (value == NULL) {
        snprintf(ret_why, ARGS_SENTENCE, "the option %s%s wants a value: %.*s", dashes, about->name,
                 SLICE_ARG(buf_view(&names)));
    } else {
        snprintf(ret_why, ARGS_SENTENCE, "the option %s%s must be %.*s, not \"%.60s\"", dashes, about->name,
                 SLICE_ARG(buf_view(&names)), value);
    }
    buf_done(&names);
}

static const struct option_about *find(const struct option_about *options, const char *name, size_t len)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0) {
            return options;
        }
    }
    return NULL;
}

static bool check_required(const struct option_about *options, const struct args *args, char *ret_why)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (options->kind == OPTION_REQUIRED && !args_has(args, options->name)) {
            struct buf choices = {0};
            args_choices(options, &choices);
            snprintf(ret_why, ARGS_SENTENCE, "--%s %s is missing: %.*s%s", options->name,
                     choices.len > 0 ? "NAME" : options->value, SLICE_ARG(buf_view(&choices)),
                     choices.len > 0 ? "" : options->sentence);
            buf_done(&choices);
            return false;
        }
    }
    return true;
}
