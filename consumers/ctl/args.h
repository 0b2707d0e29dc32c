/* SPDX-License-Identifier: MIT */
/* The command line of one command: options by a table, the rest in order. Knows no command. */
#ifndef CONSUMERS_CTL_ARGS_H
#define CONSUMERS_CTL_ARGS_H

#include "common/buf.h"

#define ARGS_SENTENCE 256

enum option_kind {
    OPTION_FLAG,     /* --json */
    OPTION_TEXT,     /* --order A17, --order=A17; once */
    OPTION_REQUIRED, /* the same, and must be there */
    OPTION_LIST,     /* the same, as often as one likes */
};

/* One option; a table of them ends with a NULL name. An option of one letter is written -n 10. */
struct option_about {
    const char *name;
    enum option_kind kind;
    const char
        *value; /* what its value is called in --help, or all that it may be: "low|high"; NULL for a flag */
    const char *sentence;
};

struct arg {
    const struct option_about *about;
    const char *value; /* borrowed from argv; "" for a flag */
};

struct args {
    struct arg *given;
    size_t given_count;
    const char **rest;
    size_t rest_count;
};

/* False: ret_why (ARGS_SENTENCE bytes) says what is wrong, and *ret_args needs no args_done. "--" ends the
 * options; a lone "-" and negative numbers are no options. */
bool args_parse(const struct option_about *options, int argc, const char *const *argv, char *ret_why,
                struct args *ret_args);
void args_done(struct args *args);

/* What an option's value may be, as a person says it: "low, normal or high"; nothing where it is free. */
void args_choices(const struct option_about *about, struct buf *out);

bool args_has(const struct args *args, const char *name);

/* The value, or NULL when the option was not given. */
const char *args_text(const struct args *args, const char *name);

/* The values of a list in order: the n-th, NULL behind the last. */
const char *args_nth(const struct args *args, const char *name, size_t n);

#endif
