/* SPDX-License-Identifier: MIT */
/* Conditions: for whom a follow-up is meant. Lines such as `orders >= 3` and `event.net < 200.00 EUR`, joined
 * by all, any and not; read once with the policy (condition_parse.c), then asked for each occasion without
 * allocating anything. Bounded in size and depth, so every answer comes in bounded time.
 *
 * What is not known of a customer makes its line false, whatever it compares (`is known` asks for it). What
 * belongs to an event that is not at hand any more, when a timer fires, makes its line unknown, and the joins
 * follow Kleene's logic. */
#ifndef CONFIG_CONDITION_H
#define CONFIG_CONDITION_H

#include "common/event.h"
#include "config/policy.h"
#include "config/yaml.h"

#define CONDITION_NODES_MAX  64 /* lines and joins of one condition */
#define CONDITION_DEPTH_MAX  8  /* joins within joins */
#define CONDITION_VALUES_MAX 64 /* in one `in` */

enum condition_field {
#define CONDITION_FIELD(id, name, type, form, on, meaning) CONDITION_##id,
#include "config/condition_field.def"
#undef CONDITION_FIELD
    CONDITION_FIELD_COUNT
};

enum condition_type {
    CONDITION_TYPE_COUNT,
    CONDITION_TYPE_MONEY,
    CONDITION_TYPE_TIME,
    CONDITION_TYPE_TEXT,
    CONDITION_TYPE_SET,
    CONDITION_TYPE_SEVERITY,
    CONDITION_TYPES
};

enum condition_form {
    CONDITION_FORM_TIMES,
    CONDITION_FORM_YEARS,
    CONDITION_FORM_MONTH,
    CONDITION_FORM_INSTANT,
    CONDITION_FORM_AMOUNT,
    CONDITION_FORM_COUNTRY,
    CONDITION_FORM_REGION,
    CONDITION_FORM_ZONE,
    CONDITION_FORM_LANGUAGE,
    CONDITION_FORM_SALES_CHANNEL,
    CONDITION_FORM_SEVERITY,
    CONDITION_FORM_RELATION,
    CONDITION_FORM_NAME, /* of an interest, a category or a reason */
    CONDITION_FORM_ID
};

struct condition_field_about {
    const char *name;
    enum condition_type type;
    enum condition_form form;
    unsigned on; /* bits of enum follow_up_on; 0: the customer's */
    const char *meaning;
};
extern const struct condition_field_about condition_field_table[CONDITION_FIELD_COUNT];

enum condition_op {
    CONDITION_EQ,
    CONDITION_NE,
    CONDITION_LT,
    CONDITION_LE,
    CONDITION_GT,
    CONDITION_GE,
    CONDITION_IN,
    CONDITION_HAS,
    CONDITION_WITHIN, /* within last */
    CONDITION_KNOWN,  /* is known */
    CONDITION_OPS
};
extern const char *const condition_op_names[CONDITION_OPS];
bool condition_op_fits(enum condition_op op, enum condition_type type);

/* A value, or a constant: which member counts is the field's type. */
struct condition_value {
    int64_t number;    /* count, minor units, instant or duration in ms, severity */
    struct slice text; /* text */
    char currency[4];  /* money */
};

enum condition_kind { CONDITION_ALL, CONDITION_ANY, CONDITION_NOT, CONDITION_LEAF };

/* In the order of reading, a join before its parts. */
struct condition_node {
    enum condition_kind kind;
    enum condition_op op;
    enum condition_field field, other;
    bool has_other;                       /* compared with another field, not with a constant */
    uint16_t end;                         /* index of what stands behind this node and its parts */
    uint16_t value_count;                 /* 1, but for `in` and `is known` */
    const struct condition_value *values; /* the constants */
    struct slice text;                    /* a leaf as it was written */
};

struct condition {
    const struct condition_node *nodes;
    size_t count;
    const struct yaml *source; /* where it stands, for warnings; lives as long as the policy */
};

/* What the event of an occasion tells besides what the customer then knows. What the kind has none of is NULL
 * or 0, and unknown. */
struct condition_event {
    int64_t time_ms;
    const struct purchase *purchase;
    const struct complaint *complaint; /* as it is kept */
    const struct news *news;
    const struct visit *visit;
    int turning;          /* age */
    const char *relation; /* of the member of the household whose birthday it is */
};

/* What a condition is asked of. */
struct condition_facts {
    const struct customer *customer;
    const struct policy *policy; /* for the customer's zone */
    int64_t now_ms;
    const struct condition_event *event; /* NULL: not at hand any more */
};

enum truth { TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE };

/* NULL holds. */
enum truth condition_holds(const struct condition *condition, const struct condition_facts *facts);

/* One line alone. */
enum truth condition_leaf_holds(const struct condition_node *leaf, const struct condition_facts *facts);

/* Reads a condition that a follow-up with this `on` has: a line of text, a list (all of it), or {all: [..]},
 * {any: [..]}, {not: ..}. `what` begins the sentences of problems, `zone` is where dates begin. NULL: it has
 * problems, which are written. Lives in the arena, as the tree of YAML must. */
const struct condition *condition_parse(const struct yaml *node, const char *what, enum follow_up_on on,
                                        struct slice zone, struct arena *arena);

/* As one line: "orders >= 3 and (country = DE or not age < 18)". */
void condition_describe(const struct condition *condition, struct buf *out);

/* Compares a constant as the field's type does: below 0, 0, above 0. */
int condition_compare(enum condition_type type, const struct condition_value *a,
                      const struct condition_value *b);

#endif
