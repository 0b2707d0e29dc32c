/* SPDX-License-Identifier: MIT */
/* Whose birthdays a follow-up of the household is for. */
#include "config/policy_parts.h"

void policy_read_relations(struct follow_up_reader *reader)
{
    const struct yaml *node = yaml_get(reader->node, "relation");
    const char *what = policy_path(reader, "relation");
    if (node == NULL) {
        reader->follow_up->relations = SET_OF_ALL(RELATION_COUNT);
        return;
    }
    if (yaml_is_sequence(node, what) && node->count == 0) {
        yaml_problem(node, "%s must name at least one", what);
    }
    YAML_EACH(child, node)
    {
        size_t choice = 0;
        if (yaml_choice(child, what, relation_names, RELATION_COUNT, &choice)) {
            reader->follow_up->relations |= SET_OF(choice);
        }
    }
}
