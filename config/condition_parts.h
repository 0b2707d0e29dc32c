/* SPDX-License-Identifier: MIT */
/* What the files of the conditions share and nobody else needs. Private to config/condition*.c. */
#ifndef CONFIG_CONDITION_PARTS_H
#define CONFIG_CONDITION_PARTS_H

#include "config/condition.h"

/* ---- condition_value.c */
enum knowledge {
    NOT_KNOWN,   /* nobody knows: the line is false */
    NOT_AT_HAND, /* the event knew: the line is unknown */
    KNOWN
};

/* A field that is no set. Money is asked for in a currency; "" for the event's own, wherever there is one. */
enum knowledge condition_value(enum condition_field field, const struct condition_facts *facts,
                               const char *currency, struct condition_value *ret_value);

/* Is it in the set; is anything. */
enum knowledge condition_set_has(enum condition_field field, const struct condition_facts *facts,
                                 struct slice name, bool *ret_has);
enum knowledge condition_set_is_empty(enum condition_field field, const struct condition_facts *facts,
                                      bool *ret_is_empty);

/* ---- condition_leaf.c */
struct condition_reader {
    const char *what;
    enum follow_up_on on;
    struct slice zone; /* where dates begin */
    struct arena *arena;
};

/* Reads one line; false: its problem is written. */
MUST_CHECK bool condition_leaf_read(const struct condition_reader *reader, const struct yaml *node,
                                    struct condition_node *ret_leaf);

/* ---- condition_constant.c */

/* A word of a line: where it stands in it, and whether it was in quotes. */
struct condition_word {
    struct slice text;
    size_t at;
    bool quoted;
};

/* A constant for the field, as its form demands; an amount's currency is `second`. False: a problem. */
MUST_CHECK bool condition_constant_read(const struct condition_reader *reader, const struct yaml *node,
                                        enum condition_field field, const struct condition_word *word,
                                        const struct condition_word *second,
                                        struct condition_value *ret_value);

/* "90d", behind `within last`. */
MUST_CHECK bool condition_period_read(const struct yaml *node, const struct condition_word *word,
                                      struct condition_value *ret_value);

#endif
