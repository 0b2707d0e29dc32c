/* SPDX-License-Identifier: MIT */
#include "producers/risk.h"

#include "producers/trigger.h"

/* What tells a person: a task of no policy. */
static const struct follow_up brake = {
    .name = {.data = RISK_BRAKE,            .len = sizeof RISK_BRAKE - 1},
    .mode = MODE_LIVE,
    .message_class = CLASS_task,
    .channels = {CONTACT_task                 },
    .channel_count = 1,
    .content = {.data = RISK_BRAKE, .len = sizeof RISK_BRAKE - 1                            },
};

static bool is_watched(const struct moment *moment, const struct follow_up *follow_up);
static void halt(struct moment *moment, const struct customer *customer, const struct follow_up *follow_up);
static variables_writer write_variables;

void risk_note_sent(struct moment *moment, const struct follow_up *follow_up)
{
    if (is_watched(moment, follow_up)) {
        risk_counts_at(moment->risk, follow_up->name, moment->now_ms, moment->policy->risk.window_ms)->sent++;
    }
}

void risk_note_report(struct moment *moment, const struct customer *customer,
                      const struct follow_up *follow_up)
{
    const struct risk_rule *rule = &moment->policy->risk;
    if (!is_watched(moment, follow_up)) {
        return;
    }
    struct risk_count *count = risk_counts_at(moment->risk, follow_up->name, moment->now_ms, rule->window_ms);
    count->reports++;
    int64_t sent = count->sent + count->sent_before, reports = count->reports + count->reports_before;
    if (sent >= rule->least && reports * 1000 > rule->per_thousand * sent) {
        halt(moment, customer, follow_up);
        /* counting begins anew: one brake is enough until it has been let go */
        count->sent = count->reports = count->sent_before = count->reports_before = 0;
    }
}

static bool is_watched(const struct moment *moment, const struct follow_up *follow_up)
{
    const struct risk_rule *rule = &moment->policy->risk;
    return moment->risk != NULL && rule->window_ms > 0 && SET_HAS(rule->classes, follow_up->message_class);
}

static void halt(struct moment *moment, const struct customer *customer, const struct follow_up *follow_up)
{
    struct slice body =
        arena_printf(moment->arena, "{\"what\":\"risk\",\"name\":\"%.*s\",\"state\":\"paused\"}",
                     SLICE_ARG(follow_up->name));
    for (int32_t home = 0; home < moment->homes; home++) {
        outbox_control(moment->outbox, "switch", home, body);
    }
    struct occasion occasion = {.follow_up = &brake,
                                .occurrence =
                                    arena_printf(moment->arena, "%.*s:%d:%lld", SLICE_ARG(follow_up->name),
                                                 (int)moment->home, (long long)moment->offset),
                                .event_ms = moment->now_ms,
                                .due_ms = moment->now_ms,
                                .reason = "risk"};
    trigger_send(moment, customer, &occasion, 0, brake.channels, brake.channel_count, write_variables);
    totals_add(moment->totals, "braked", follow_up->name, (struct slice){0}, 1);
}

/* The occurrence begins with its name. */
static void write_variables(struct buf *out, const struct moment *moment, const struct customer *customer,
                            const struct occasion *occasion)
{
    (void)moment;
    (void)customer;
    struct slice name = occasion->occurrence;
    name.len = (size_t)((const char *)memchr(name.data, ':', name.len) - name.data);
    buf_text(out, "\"halted\":");
    buf_json_string(out, name);
}
