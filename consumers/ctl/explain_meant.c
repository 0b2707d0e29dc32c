/* SPDX-License-Identifier: MIT */
/* For whom a follow-up is meant: its condition, line by line, as it is answered now. */
#include "config/condition.h"
#include "consumers/ctl/explain.h"
#include "consumers/ctl/table.h"

static const char *answer_of(enum truth truth);

void explain_meant(struct ctl *ctl, const struct customer_view *view, const struct follow_up *follow_up)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false}
    };
    const struct condition *condition = follow_up->condition;
    struct condition_facts facts = {
        .customer = view->customer, .policy = view->policy, .now_ms = view->now_ms};
    if (condition == NULL) {
        return;
    }
    struct table table;
    table_init(&table, columns, 2);
    table.indent = "    ";
    buf_printf(&ctl->out, "  meant for this customer: %s\n", answer_of(condition_holds(condition, &facts)));
    for (size_t i = 0; i < condition->count; i++) {
        if (condition->nodes[i].kind == CONDITION_LEAF) {
            table_text(&table, answer_of(condition_leaf_holds(&condition->nodes[i], &facts)));
            table_cell(&table, condition->nodes[i].text);
        }
    }
    table_print(&table, ctl->colour, &ctl->out);
    table_done(&table);
}

static const char *answer_of(enum truth truth)
{
    static const char *const answers[] = {
        [TRUTH_FALSE] = "no", [TRUTH_UNKNOWN] = "as the event says", [TRUTH_TRUE] = "yes"};
    return answers[truth];
}
