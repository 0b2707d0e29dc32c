/* SPDX-License-Identifier: MIT */
/* Asks a condition. Nothing is allocated; the depth of calls is that of the joins, at most
 * CONDITION_DEPTH_MAX. */
#include "config/condition.h"

#include "config/condition_parts.h"

#include <assert.h>

enum {
    FOR_CUSTOMER = 0,
    FOR_PURCHASE = 1U << ON_PURCHASE_COMPLETED,
    FOR_COMPLAINT = 1U << ON_COMPLAINT_OPENED | 1U << ON_COMPLAINT_RESOLVED,
    FOR_HOUSEHOLD = 1U << ON_HOUSEHOLD_BIRTHDAY,
    FOR_BIRTHDAY = 1U << ON_BIRTHDAY | FOR_HOUSEHOLD,
    FOR_LAUNCH = 1U << ON_PRODUCT_LAUNCHED,
    FOR_NEWS =
        FOR_LAUNCH | 1U << ON_PRODUCT_RESTOCKED | 1U << ON_PRODUCT_REPRICED | 1U << ON_PRODUCT_RECALLED,
    FOR_VISIT = 1U << ON_VISIT_MADE,
};

const struct condition_field_about condition_field_table[CONDITION_FIELD_COUNT] = {
#define CONDITION_FIELD(id, wire, kind, shape, scope, text)                                                  \
    {.name = (wire),                                                                                         \
     .type = CONDITION_TYPE_##kind,                                                                          \
     .form = CONDITION_FORM_##shape,                                                                         \
     .on = (scope),                                                                                          \
     .meaning = (text)},
#include "config/condition_field.def"
#undef CONDITION_FIELD
};

const char *const condition_op_names[CONDITION_OPS] = {
    [CONDITION_EQ] = "=",          [CONDITION_NE] = "!=",   [CONDITION_LT] = "<",
    [CONDITION_LE] = "<=",         [CONDITION_GT] = ">",    [CONDITION_GE] = ">=",
    [CONDITION_IN] = "in",         [CONDITION_HAS] = "has", [CONDITION_WITHIN] = "within last",
    [CONDITION_KNOWN] = "is known"};

static enum truth ask(const struct condition_node *nodes, size_t at, const struct condition_facts *facts);
static enum truth ask_set(const struct condition_node *leaf, const struct condition_facts *facts);
static enum knowledge read_other(const struct condition_node *leaf, const struct condition_facts *facts,
                                 const char **currency, struct condition_value *other);
static enum knowledge lesser(enum knowledge a, enum knowledge b);
static bool compare_holds(enum condition_op op, int order);
static void describe(const struct condition_node *nodes, size_t at, bool inside, struct buf *out);

bool condition_op_fits(enum condition_op op, enum condition_type type)
{
    static const unsigned ops[CONDITION_TYPES] = {
        [CONDITION_TYPE_COUNT] = 1U << CONDITION_EQ | 1U << CONDITION_NE | 1U << CONDITION_LT |
                                 1U << CONDITION_LE | 1U << CONDITION_GT | 1U << CONDITION_GE |
                                 1U << CONDITION_IN | 1U << CONDITION_KNOWN,
        [CONDITION_TYPE_MONEY] = 1U << CONDITION_EQ | 1U << CONDITION_NE | 1U << CONDITION_LT |
                                 1U << CONDITION_LE | 1U << CONDITION_GT | 1U << CONDITION_GE,
        [CONDITION_TYPE_TIME] = 1U << CONDITION_LT | 1U << CONDITION_LE | 1U << CONDITION_GT |
                                1U << CONDITION_GE | 1U << CONDITION_WITHIN | 1U << CONDITION_KNOWN,
        [CONDITION_TYPE_TEXT] =
            1U << CONDITION_EQ | 1U << CONDITION_NE | 1U << CONDITION_IN | 1U << CONDITION_KNOWN,
        [CONDITION_TYPE_SET] = 1U << CONDITION_HAS | 1U << CONDITION_KNOWN,
        [CONDITION_TYPE_SEVERITY] = 1U << CONDITION_EQ | 1U << CONDITION_NE | 1U << CONDITION_LT |
                                    1U << CONDITION_LE | 1U << CONDITION_GT | 1U << CONDITION_GE |
                                    1U << CONDITION_IN,
    };
    return (ops[type] >> op & 1) != 0;
}

enum truth condition_holds(const struct condition *condition, const struct condition_facts *facts)
{
    return condition == NULL ? TRUTH_TRUE : ask(condition->nodes, 0, facts);
}

enum truth condition_leaf_holds(const struct condition_node *leaf, const struct condition_facts *facts)
{
    enum condition_type type = condition_field_table[leaf->field].type;
    struct condition_value value = {0}, other = {0};
    const struct condition_value *constant = leaf->values;
    if (type == CONDITION_TYPE_SET) {
        return ask_set(leaf, facts);
    }
    const char *currency = leaf->value_count > 0 ? leaf->values[0].currency : "";
    enum knowledge known = KNOWN;
    if (leaf->has_other) {
        known = read_other(leaf, facts, &currency, &other);
        constant = &other;
    }
    known = lesser(known, *currency == '\0' && type == CONDITION_TYPE_MONEY
                              ? known /* nobody can say in which currency */
                              : condition_value(leaf->field, facts, currency, &value));
    if (known != KNOWN) {
        return known == NOT_KNOWN ? TRUTH_FALSE : TRUTH_UNKNOWN;
    }
    switch (leaf->op) {
    case CONDITION_KNOWN:
        return TRUTH_TRUE;
    case CONDITION_WITHIN:
        return value.number >= facts->now_ms - constant->number ? TRUTH_TRUE : TRUTH_FALSE;
    case CONDITION_IN:
        for (size_t i = 0; i < leaf->value_count; i++) {
            if (condition_compare(type, &value, &leaf->values[i]) == 0) {
                return TRUTH_TRUE;
            }
        }
        return TRUTH_FALSE;
    default:
        return compare_holds(leaf->op, condition_compare(type, &value, constant)) ? TRUTH_TRUE : TRUTH_FALSE;
    }
}

int condition_compare(enum condition_type type, const struct condition_value *a,
                      const struct condition_value *b)
{
    if (type == CONDITION_TYPE_TEXT || type == CONDITION_TYPE_SET) {
        return slice_compare(a->text, b->text);
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

void condition_describe(const struct condition *condition, struct buf *out)
{
    describe(condition->nodes, 0, false, out);
}

/* All is the least, any the greatest of its parts, once neither can change any more. */
static enum truth ask(const struct condition_node *nodes, size_t at, const struct condition_facts *facts)
{
    const struct condition_node *node = &nodes[at];
    if (node->kind == CONDITION_LEAF) {
        return condition_leaf_holds(node, facts);
    }
    if (node->kind == CONDITION_NOT) {
        return (enum truth)(TRUTH_TRUE - ask(nodes, at + 1, facts));
    }
    enum truth result = node->kind == CONDITION_ALL ? TRUTH_TRUE : TRUTH_FALSE;
    enum truth decided = node->kind == CONDITION_ALL ? TRUTH_FALSE : TRUTH_TRUE;
    for (size_t i = at + 1; i < node->end && result != decided; i = nodes[i].end) {
        enum truth part = ask(nodes, i, facts);
        if (node->kind == CONDITION_ALL ? part < result : part > result) {
            result = part;
        }
    }
    return result;
}

static enum truth ask_set(const struct condition_node *leaf, const struct condition_facts *facts)
{
    bool is_empty = true, has = false;
    struct condition_value name = {0};
    enum knowledge known = KNOWN;
    if (leaf->op == CONDITION_KNOWN) {
        known = condition_set_is_empty(leaf->field, facts, &is_empty);
        has = !is_empty;
    } else {
        if (leaf->has_other) {
            known = condition_value(leaf->other, facts, "", &name);
        } else {
            name = leaf->values[0];
        }
        if (known == KNOWN) {
            known = condition_set_has(leaf->field, facts, name.text, &has);
        }
    }
    if (known == NOT_AT_HAND) {
        return TRUTH_UNKNOWN;
    }
    return known == KNOWN && has ? TRUTH_TRUE : TRUTH_FALSE;
}

/* The field that a line's field is compared with. Of two amounts one is the event's, and the other is asked
 * for in its currency. */
static enum knowledge read_other(const struct condition_node *leaf, const struct condition_facts *facts,
                                 const char **currency, struct condition_value *other)
{
    if (condition_field_table[leaf->field].type == CONDITION_TYPE_MONEY) {
        if (facts->event == NULL || facts->event->purchase == NULL) {
            return NOT_AT_HAND;
        }
        *currency = facts->event->purchase->currency;
    }
    return condition_value(leaf->other, facts, *currency, other);
}

/* What a customer does not have decides, whatever the event would have said. */
static enum knowledge lesser(enum knowledge a, enum knowledge b)
{
    return a < b ? a : b;
}

static bool compare_holds(enum condition_op op, int order)
{
    switch (op) {
    case CONDITION_EQ:
        return order == 0;
    case CONDITION_NE:
        return order != 0;
    case CONDITION_LT:
        return order < 0;
    case CONDITION_LE:
        return order <= 0;
    case CONDITION_GT:
        return order > 0;
    case CONDITION_GE:
        return order >= 0;
    default:
        assert(false);
        return false;
    }
}

static void describe(const struct condition_node *nodes, size_t at, bool inside, struct buf *out)
{
    const struct condition_node *node = &nodes[at];
    if (node->kind == CONDITION_LEAF) {
        buf_slice(out, node->text);
        return;
    }
    if (node->kind == CONDITION_NOT) {
        buf_text(out, "not ");
        describe(nodes, at + 1, true, out);
        return;
    }
    bool grouped = inside && nodes[at + 1].end < node->end; /* more than one part */
    buf_text(out, grouped ? "(" : "");
    for (size_t i = at + 1; i < node->end; i = nodes[i].end) {
        buf_text(out, i == at + 1 ? "" : node->kind == CONDITION_ALL ? " and " : " or ");
        describe(nodes, i, true, out);
    }
    buf_text(out, grouped ? ")" : "");
}
