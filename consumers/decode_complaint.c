/* SPDX-License-Identifier: MIT */
/* The data of complaints and visits. */
#include "consumers/decode_parts.h"
#include "consumers/fields.h"

static const struct field_rule complaint_rules[] = {
    FIELD_RULE("complaint_id", REQUIRED, read_identifier, offsetof(struct complaint_event, complaint_id)),
    /* these only where it is opened */
    FIELD_RULE("severity", OPTIONAL, read_severity, offsetof(struct complaint_event, severity)),
    FIELD_RULE("reason", OPTIONAL, read_name, offsetof(struct complaint_event, reason)),
    FIELD_RULE("sales_channel", OPTIONAL, read_sales_channel, offsetof(struct complaint_event, channel)),
};
enum { RULES_OF_ALL = 1, RULES_OF_OPENED = sizeof complaint_rules / sizeof complaint_rules[0] };

static const struct field_rule visit_rules[] = {
    FIELD_RULE("sales_channel", OPTIONAL, read_sales_channel, offsetof(struct visit, channel)),
};

enum reject event_decode_complaint(const struct json *data, struct arena *arena, struct event *event)
{
    struct complaint_event *complaint = &event->data.complaint;
    complaint->severity = SEVERITY_NORMAL;
    complaint->channel = SALES_other;
    size_t count = event->type == EVENT_COMPLAINT_OPENED ? RULES_OF_OPENED : RULES_OF_ALL;
    return fields_read(data, complaint_rules, count, arena, complaint);
}

enum reject event_decode_visit(const struct json *data, struct arena *arena, struct event *event)
{
    event->data.visit.channel = SALES_other;
    return fields_read(data, visit_rules, 1, arena, &event->data.visit);
}
