/* SPDX-License-Identifier: MIT */
/* What stands around the tables, and the tables themselves, line by line from the .def files. */
#include "tests/docs/pages.h"

#include "config/condition.h"

#include <assert.h>

static const char *form_of(enum customer_field_type type);
static const char *type_of(enum condition_type type);

static const char customer_head[] =
    "# What is kept of a customer\n"
    "\n"
    "<!-- Made by docgen from common/customer.def and item.def; change those instead. -->\n"
    "\n"
    "A customer is one hash in Redis, `loyald:{HOME}:c:CUSTOMER`, with readable fields. `loyalctl\n"
    "customer ID` shows it for people, `loyalctl export ID` as JSON. Nobody but loyald may write it.\n"
    "\n"
    "## Fixed fields\n"
    "\n"
    "A field that is 0 or empty is not there.\n"
    "\n"
    "| Field | Form | What it is |\n"
    "|---|---|---|\n";

static const char customer_items[] =
    "\n"
    "## What there are several of\n"
    "\n"
    "One field each, named by a prefix and a key: `o:A17` is the order A17. How their values are\n"
    "written is in the [contract](contract.md#a-customer); how many are kept, and how long, is in the\n"
    "policy's [limits](policy.md#limits).\n"
    "\n"
    "| Field | What it is |\n"
    "|---|---|\n";

static const char decisions_head[] =
    "# Why a follow-up was not sent\n"
    "\n"
    "<!-- Made by docgen from producers/gate.def and cause.def; change those instead. -->\n"
    "\n"
    "Each follow-up that comes due, for each customer and each occurrence (an order, a complaint, a\n"
    "year, a product), ends in exactly one record: a trigger in `loyalty.triggers`, or a decision in\n"
    "`loyalty.decisions` with one of these reasons. `loyalctl decisions` shows them (with\n"
    "`--customer ID` those of one customer; `loyalctl triggers --customer ID` is the other half), and\n"
    "the metric `loyald_decisions_total` counts them. Before that it may be held: a decision with the\n"
    "outcome `held` says why and until when, and then it is looked at again from the beginning.\n"
    "`loyalctl explain CUSTOMER` puts it all together for one customer, and says what comes next.\n"
    "\n"
    "## The gate\n"
    "\n"
    "Every message passes it. The guards are asked in this order, and the first that refuses gives\n"
    "the reason.\n"
    "\n"
    "| `reason` | What it means |\n"
    "|---|---|\n";

static const char decisions_causes[] =
    "\n"
    "## Before and behind the gate\n"
    "\n"
    "What keeps an occurrence from the gate, and what happens to one that has passed it while the\n"
    "mode is not `live`.\n"
    "\n"
    "| `reason` | What it means |\n"
    "|---|---|\n";

static const char dead_letters_head[] =
    "# Dead letters\n"
    "\n"
    "<!-- Made by docgen from common/reject.def; change that instead. -->\n"
    "\n"
    "An event that cannot be taken goes to `loyalty.dead-letters` as it came: key, body and headers.\n"
    "Added are the headers `loyald-reason` (a name from the table below), `loyald-sentence` (its\n"
    "sentence), and where and when the record came in: `loyald-topic`, `loyald-partition`,\n"
    "`loyald-offset`, `loyald-time`. The events behind it are not held up, and what it would have\n"
    "changed is unchanged. A record too large to be passed on whole is cut; the\n"
    "[contract](contract.md#records-out) says how.\n"
    "\n"
    "`loyalctl dead-letters` counts them by reason; `--each` shows each, `--json` each whole. When what\n"
    "was wrong has been mended on our side (a setting, a newer loyald), `loyalctl dead-letters --retry`\n"
    "sends them again, each once. When the event itself is wrong, mend what sent it and send it again\n"
    "with the same `source` and `id`: a dead-lettered event is not remembered, so it is no duplicate.\n"
    "\n"
    "| `reason` | Why the event cannot be taken |\n"
    "|---|---|\n";

static const char conditions_head[] =
    "# What a condition may ask about\n"
    "\n"
    "<!-- Made by docgen from config/condition_field.def; change that instead. -->\n"
    "\n"
    "The fields of the lines behind `if` in the [policy](policy.md#if-for-whom-it-is-meant). What is said of "
    "a\n"
    "customer is what is known once the event has been taken.\n"
    "\n"
    "| Field | Kind | With `on` | What it is |\n"
    "|---|---|---|---|\n";

void page_conditions(struct buf *out)
{
    buf_text(out, conditions_head);
    for (size_t i = 0; i < CONDITION_FIELD_COUNT; i++) {
        const struct condition_field_about *field = &condition_field_table[i];
        buf_printf(out, "| `%s` | %s | ", field->name, type_of(field->type));
        size_t kinds = 0;
        for (unsigned on = 0; on < ON_COUNT; on++) {
            if ((field->on >> on & 1) != 0) {
                buf_printf(out, "%s`%s`", kinds++ > 0 ? ", " : "", follow_up_on_name((enum follow_up_on)on));
            }
        }
        buf_printf(out, "%s | %s |\n", kinds == 0 ? "any" : "", field->meaning);
    }
}

void page_customer(struct buf *out)
{
    buf_text(out, customer_head);
    for (size_t i = 0; i < CUSTOMER_FIELD_COUNT; i++) {
        const struct customer_field_about *field = &customer_field_table[i];
        buf_printf(out, "| `%s` | %s | %s |\n", field->name, form_of(field->type), field->meaning);
    }
    buf_text(out, customer_items);
#define ITEM_KIND(name, prefix, meaning) buf_text(out, "| `" prefix "` | " meaning " |\n");
#include "common/item.def"
#undef ITEM_KIND
}

void page_decisions(struct buf *out)
{
    buf_text(out, decisions_head);
#define GATE(reason, sentence) buf_text(out, "| `" #reason "` | " sentence " |\n");
#include "producers/gate.def"
#undef GATE
    buf_text(out, decisions_causes);
#define CAUSE(reason, sentence) buf_text(out, "| `" #reason "` | " sentence " |\n");
#include "producers/cause.def"
#undef CAUSE
}

void page_dead_letters(struct buf *out)
{
    buf_text(out, dead_letters_head);
#define REJECT(name, sentence) buf_text(out, "| `" #name "` | " sentence " |\n");
#include "common/reject.def"
#undef REJECT
}

static const char *form_of(enum customer_field_type type)
{
    switch (type) {
    case FIELD_COUNT:
        return "whole number";
    case FIELD_TIME_MS:
        return "milliseconds since 1970";
    case FIELD_TEXT:
        return "text";
    }
    assert(false);
    return "";
}

static const char *type_of(enum condition_type type)
{
    static const char *const names[CONDITION_TYPES] = {
        [CONDITION_TYPE_COUNT] = "number", [CONDITION_TYPE_MONEY] = "money",
        [CONDITION_TYPE_TIME] = "time",    [CONDITION_TYPE_TEXT] = "text",
        [CONDITION_TYPE_SET] = "set",      [CONDITION_TYPE_SEVERITY] = "severity"};
    return names[type];
}
