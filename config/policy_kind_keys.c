/* SPDX-License-Identifier: MIT */
/* Which keys of a follow-up belong to some kinds (`on`) only. One that would have no effect is a mistake: its
 * author believed that it has. */
#include "config/policy_parts.h"

#define NEWS                                                                                                 \
    (1U << ON_PRODUCT_LAUNCHED | 1U << ON_PRODUCT_RESTOCKED | 1U << ON_PRODUCT_REPRICED |                    \
     1U << ON_PRODUCT_RECALLED)

/* Keys that only some kinds of follow-up have, as bits of enum follow_up_on. */
static const struct {
    const char *key;
    unsigned kinds;
} kind_keys[] = {
    {"after",        1U << ON_PURCHASE_COMPLETED | 1U << ON_COMPLAINT_OPENED | 1U << ON_VISIT_MADE |
                  1U << ON_SILENCE | 1U << ON_COMPLAINT_RESOLVED | NEWS                   },
    {"calendar",     1U << ON_PURCHASE_COMPLETED | 1U << ON_COMPLAINT_OPENED | 1U << ON_VISIT_MADE     },
    {"at",           POLICY_YEARLY                                                                     },
    {"days",         POLICY_YEARLY                                                                     },
    {"leap_day",     POLICY_YEARLY                                                                     },
    {"lunar_day_30", POLICY_YEARLY & ~(1U << ON_ANNIVERSARY)                                           },
    {"date",         1U << ON_SPECIAL_DATE                                                             },
    {"only_after",   POLICY_YEARLY                                                                     },
    {"anniversary",  1U << ON_ANNIVERSARY                                                              },
    {"relation",     1U << ON_HOUSEHOLD_BIRTHDAY                                                       },
    {"withdraw",     1U << ON_PURCHASE_COMPLETED                                                       },
    {"capacity",     1U << ON_PRODUCT_LAUNCHED | 1U << ON_PRODUCT_RESTOCKED | 1U << ON_PRODUCT_REPRICED}
};

void policy_check_kind_keys(const struct follow_up_reader *reader)
{
    for (size_t i = 0; reader->has_on && i < sizeof kind_keys / sizeof *kind_keys; i++) {
        const struct yaml *node = yaml_get(reader->node, kind_keys[i].key);
        if (node == NULL || (kind_keys[i].kinds & 1U << reader->follow_up->on) != 0) {
            continue;
        }
        struct buf kinds = {0};
        for (unsigned on = 0; on < ON_COUNT; on++) {
            if ((kind_keys[i].kinds & 1U << on) != 0) {
                buf_text(&kinds, kinds.len > 0 ? " or " : "");
                buf_text(&kinds, policy_on_names[on]);
            }
        }
        yaml_problem_at_key(node, "'%s' has no effect with 'on: %s'; it goes with %.*s", kind_keys[i].key,
                            policy_on_names[reader->follow_up->on], SLICE_ARG(buf_view(&kinds)));
        buf_done(&kinds);
    }
}
