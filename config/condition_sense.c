/* SPDX-License-Identifier: MIT */
/* Looks at the lines that must hold together, field by field: an interval for what has an order, the values
 * left of lists. A line under `not` counts where its field is always known, for only there it says something.
 */
#include "config/condition_sense.h"

#define LINES_MAX (3 * CONDITION_NODES_MAX)

/* A line that must hold, or (`is_not`) must not. */
struct demand {
    const struct condition_node *leaf;
    bool is_not;
};

struct demands {
    struct demand items[LINES_MAX];
    size_t count;
};

static void gather_all(const struct condition *const *conditions, size_t count, struct demands *demands);
static void gather(const struct condition_node *nodes, size_t at, bool is_not, struct demands *demands);
static void add(struct demands *demands, const struct condition_node *leaf, bool is_not);
static bool branches_can_hold(const struct condition_node *nodes, size_t at, struct demands *demands);
static bool demands_can_hold(const struct demands *demands);
static bool field_can_hold(const struct demands *demands, const struct demand *first);
static bool differs_in_currency(const struct demands *demands, const struct demand *first);
static bool fits_all(const struct demands *demands, const struct demand *first,
                     const struct condition_value *value);
static bool admits(const struct demand *demand, const struct condition_value *value);
static bool are_of_one(const struct demand *a, const struct demand *b);
static void bound(const struct demand *demand, int64_t *low, int64_t *high);
static bool is_always_known(enum condition_field field);
static bool later(const struct condition_node *nodes, size_t at, bool is_not);
static bool leaf_is_implied(const struct demands *demands, const struct condition_node *leaf);
static bool node_is_implied(const struct demands *demands, const struct condition_node *nodes, size_t at);

bool condition_can_hold(const struct condition *const *conditions, size_t count)
{
    struct demands demands = {.count = 0};
    gather_all(conditions, count, &demands);
    if (!demands_can_hold(&demands)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (conditions[i] != NULL && !branches_can_hold(conditions[i]->nodes, 0, &demands)) {
            return false;
        }
    }
    return true;
}

bool condition_implies(const struct condition *const *conditions, size_t count, const struct condition *other)
{
    struct demands demands = {.count = 0};
    gather_all(conditions, count, &demands);
    return other == NULL || node_is_implied(&demands, other->nodes, 0);
}

bool condition_can_hold_later(const struct condition *condition)
{
    return condition == NULL || later(condition->nodes, 0, false);
}

bool condition_is_for_newcomers(const struct condition *const *conditions, size_t count)
{
    struct demands demands = {.count = 0};
    gather_all(conditions, count, &demands);
    int64_t low = 0, high = INT64_MAX;
    for (size_t i = 0; i < demands.count; i++) {
        const struct demand *demand = &demands.items[i];
        enum condition_field field = demand->leaf->field;
        if (field == CONDITION_ORDERS && !demand->leaf->has_other) {
            bound(demand, &low, &high);
        } else if (demand->leaf->op == CONDITION_WITHIN && !demand->is_not &&
                   (field == CONDITION_FIRST_PURCHASE || field == CONDITION_CREATED)) {
            return true;
        }
    }
    return high < INT64_MAX;
}

/* ---- the lines that must hold */

static void gather_all(const struct condition *const *conditions, size_t count, struct demands *demands)
{
    for (size_t i = 0; i < count; i++) {
        if (conditions[i] != NULL) {
            gather(conditions[i]->nodes, 0, false, demands);
        }
    }
}

/* Of a join by `any` nothing must hold by itself, of one by `all` under `not` neither. */
static void gather(const struct condition_node *nodes, size_t at, bool is_not, struct demands *demands)
{
    const struct condition_node *node = &nodes[at];
    switch (node->kind) {
    case CONDITION_LEAF:
        add(demands, node, is_not);
        break;
    case CONDITION_NOT:
        gather(nodes, at + 1, !is_not, demands);
        break;
    case CONDITION_ALL:
    case CONDITION_ANY:
        if ((node->kind == CONDITION_ANY) == is_not || nodes[at + 1].end == node->end) {
            for (size_t i = at + 1; i < node->end; i = nodes[i].end) {
                gather(nodes, i, is_not, demands);
            }
        }
        break;
    }
}

static void add(struct demands *demands, const struct condition_node *leaf, bool is_not)
{
    if (demands->count < LINES_MAX && (!is_not || is_always_known(leaf->field))) {
        demands->items[demands->count++] = (struct demand){.leaf = leaf, .is_not = is_not};
    }
}

/* Of each `any` one branch must be able to hold with all that must hold besides. Other `any`s are left out of
 * that: the work stays linear, and what is seen is certain. */
static bool branches_can_hold(const struct condition_node *nodes, size_t at, struct demands *demands)
{
    const struct condition_node *node = &nodes[at];
    if (node->kind == CONDITION_ALL) {
        for (size_t i = at + 1; i < node->end; i = nodes[i].end) {
            if (!branches_can_hold(nodes, i, demands)) {
                return false;
            }
        }
        return true;
    }
    if (node->kind != CONDITION_ANY) {
        return true;
    }
    size_t before = demands->count;
    bool can = false;
    for (size_t i = at + 1; i < node->end && !can; i = nodes[i].end) {
        gather(nodes, i, false, demands);
        can = demands_can_hold(demands);
        demands->count = before;
    }
    return can;
}

/* ---- can they hold together */

static bool demands_can_hold(const struct demands *demands)
{
    for (size_t i = 0; i < demands->count; i++) {
        const struct demand *demand = &demands->items[i];
        const struct condition_node *leaf = demand->leaf;
        if (leaf->has_other) {
            bool differs = leaf->op == CONDITION_LT || leaf->op == CONDITION_GT || leaf->op == CONDITION_NE;
            if (leaf->field == leaf->other && differs != demand->is_not) {
                return false;
            }
        } else if (!field_can_hold(demands, demand)) {
            return false;
        }
    }
    return true;
}

/* Looks at all lines about the field (an amount: in its currency) of one of them. */
static bool field_can_hold(const struct demands *demands, const struct demand *first)
{
    enum condition_type type = condition_field_table[first->leaf->field].type;
    enum condition_op op = first->leaf->op;
    if (first->leaf->field == CONDITION_EVENT_NET && differs_in_currency(demands, first)) {
        return false;
    }
    if (type == CONDITION_TYPE_SET) {
        return op != CONDITION_HAS || first->is_not || fits_all(demands, first, &first->leaf->values[0]);
    }
    if ((op == CONDITION_IN || op == CONDITION_EQ) && !first->is_not) {
        for (size_t i = 0; i < first->leaf->value_count; i++) {
            if (fits_all(demands, first, &first->leaf->values[i])) {
                return true;
            }
        }
        return false;
    }
    if (type == CONDITION_TYPE_TEXT) {
        return true;
    }
    int64_t low = type == CONDITION_TYPE_MONEY ? INT64_MIN : 0, high = INT64_MAX;
    switch (condition_field_table[first->leaf->field].form) {
    case CONDITION_FORM_MONTH:
        low = 1;
        high = 12;
        break;
    case CONDITION_FORM_SEVERITY:
        high = SEVERITY_COUNT - 1;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < demands->count; i++) {
        if (are_of_one(&demands->items[i], first)) {
            bound(&demands->items[i], &low, &high);
        }
    }
    struct condition_value only = {.number = low};
    return low < high || (low == high && fits_all(demands, first, &only));
}

/* One event has one currency. */
static bool differs_in_currency(const struct demands *demands, const struct demand *first)
{
    for (size_t i = 0; i < demands->count; i++) {
        const struct demand *demand = &demands->items[i];
        if (demand->leaf->field == first->leaf->field && !demand->leaf->has_other && !demand->is_not &&
            !first->is_not && !are_of_one(demand, first)) {
            return true;
        }
    }
    return false;
}

static bool fits_all(const struct demands *demands, const struct demand *first,
                     const struct condition_value *value)
{
    for (size_t i = 0; i < demands->count; i++) {
        const struct demand *demand = &demands->items[i];
        if (are_of_one(demand, first) && !admits(demand, value)) {
            return false;
        }
    }
    return true;
}

static bool admits(const struct demand *demand, const struct condition_value *value)
{
    const struct condition_node *leaf = demand->leaf;
    enum condition_type type = condition_field_table[leaf->field].type;
    bool holds = false;
    for (size_t i = 0; i < leaf->value_count; i++) {
        int order = condition_compare(type, value, &leaf->values[i]);
        switch (leaf->op) {
        case CONDITION_EQ:
        case CONDITION_IN:
            holds = holds || order == 0;
            break;
        case CONDITION_NE:
            holds = order != 0;
            break;
        case CONDITION_LT:
            holds = order < 0;
            break;
        case CONDITION_LE:
            holds = order <= 0;
            break;
        case CONDITION_GT:
            holds = order > 0;
            break;
        case CONDITION_GE:
            holds = order >= 0;
            break;
        case CONDITION_HAS: /* having one does not forbid another */
            holds = !demand->is_not || order == 0;
            break;
        default:
            return true;
        }
    }
    return leaf->value_count == 0 || holds != demand->is_not;
}

static bool are_of_one(const struct demand *a, const struct demand *b)
{
    return a->leaf->field == b->leaf->field && !a->leaf->has_other && !b->leaf->has_other &&
           (condition_field_table[a->leaf->field].type != CONDITION_TYPE_MONEY ||
            strcmp(a->leaf->values[0].currency, b->leaf->values[0].currency) == 0);
}

/* Draws the interval in. */
static void bound(const struct demand *demand, int64_t *low, int64_t *high)
{
    enum condition_op op = demand->leaf->op;
    if (demand->leaf->value_count == 0) {
        return;
    }
    int64_t number = demand->leaf->values[0].number, least = number, most = number;
    for (size_t i = 1; i < demand->leaf->value_count; i++) {
        int64_t each = demand->leaf->values[i].number;
        least = each < least ? each : least;
        most = each > most ? each : most;
    }
    bool from = false, to = false; /* at least `least`, at most `most` */
    if (!demand->is_not) {
        from = op == CONDITION_EQ || op == CONDITION_IN || op == CONDITION_GE || op == CONDITION_GT;
        to = op == CONDITION_EQ || op == CONDITION_IN || op == CONDITION_LE || op == CONDITION_LT;
        least += op == CONDITION_GT;
        most -= op == CONDITION_LT;
    } else {
        from = op == CONDITION_NE || op == CONDITION_LT || op == CONDITION_LE;
        to = op == CONDITION_NE || op == CONDITION_GT || op == CONDITION_GE;
        least += op == CONDITION_LE;
        most -= op == CONDITION_GE;
    }
    *low = from && least > *low ? least : *low;
    *high = to && most < *high ? most : *high;
}

static bool is_always_known(enum condition_field field)
{
    switch (field) {
    case CONDITION_ORDERS:
    case CONDITION_VISITS:
    case CONDITION_EVENTS:
    case CONDITION_OPEN_COMPLAINTS:
    case CONDITION_NET:
    case CONDITION_INTERESTS:
    case CONDITION_CATEGORIES:
    case CONDITION_BOUGHT_THROUGH:
    case CONDITION_VISITED_THROUGH:
        return true;
    default:
        return false;
    }
}

/* ---- without the event */

/* Can it be true (`is_not`: false) where all lines about the event are unknown? */
static bool later(const struct condition_node *nodes, size_t at, bool is_not)
{
    const struct condition_node *node = &nodes[at];
    if (node->kind == CONDITION_LEAF) {
        return condition_field_table[node->field].on == 0 &&
               (!node->has_other || condition_field_table[node->other].on == 0);
    }
    if (node->kind == CONDITION_NOT) {
        return later(nodes, at + 1, !is_not);
    }
    bool all = (node->kind == CONDITION_ALL) != is_not, result = all;
    for (size_t i = at + 1; i < node->end; i = nodes[i].end) {
        bool part = later(nodes, i, is_not);
        result = all ? result && part : result || part;
    }
    return result;
}

/* ---- does one follow from others */

static bool node_is_implied(const struct demands *demands, const struct condition_node *nodes, size_t at)
{
    const struct condition_node *node = &nodes[at];
    if (node->kind == CONDITION_LEAF) {
        return leaf_is_implied(demands, node);
    }
    if (node->kind == CONDITION_NOT) {
        return false;
    }
    bool all = node->kind == CONDITION_ALL, result = all;
    for (size_t i = at + 1; i < node->end; i = nodes[i].end) {
        bool part = node_is_implied(demands, nodes, i);
        result = all ? result && part : result || part;
    }
    return result;
}

/* The same line stands there; or its field is known there, and it cannot be that it does not hold. */
static bool leaf_is_implied(const struct demands *demands, const struct condition_node *leaf)
{
    const struct demand wanted = {.leaf = leaf};
    bool known = is_always_known(leaf->field);
    for (size_t i = 0; i < demands->count; i++) {
        const struct demand *demand = &demands->items[i];
        if (!demand->is_not && slice_equal(demand->leaf->text, leaf->text)) {
            return true;
        }
        known = known || (!leaf->has_other && !demand->is_not && are_of_one(demand, &wanted));
    }
    if (!known || leaf->has_other || leaf->op == CONDITION_WITHIN || leaf->op == CONDITION_KNOWN ||
        leaf->op == CONDITION_HAS || demands->count == LINES_MAX) {
        return false;
    }
    struct demands opposite = *demands;
    opposite.items[opposite.count++] = (struct demand){.leaf = leaf, .is_not = true};
    return !demands_can_hold(&opposite);
}
