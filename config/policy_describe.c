/* SPDX-License-Identifier: MIT */
/* A policy as a table for people: what is in force, with all defaults filled in. */
#include "config/policy.h"

#include "common/mem.h"
#include "config/condition.h"
#include "config/policy_parts.h"

enum column { NAME, MODE, CLASS, WHEN, EXPIRES, CHANNELS, CONTENT, OFFER, COLUMN_COUNT };
static const char *const titles[COLUMN_COUNT] = {"FOLLOW-UP", "MODE",     "CLASS",   "WHEN",
                                                 "EXPIRES",   "CHANNELS", "CONTENT", "OFFER"};

struct row {
    struct buf cells[COLUMN_COUNT];
};

static void describe_head(const struct policy *policy, struct buf *out);
static void describe_gate(const struct policy *policy, struct buf *out);
static void add_set(struct buf *out, unsigned set, size_t count, const char *(*name_of)(size_t));
static const char *class_name(size_t i);
static const char *channel_name(size_t i);
static const char *relation_name(size_t i);
static void describe_classes(const struct policy *policy, struct buf *out);
static void describe_follow_ups(const struct policy *policy, struct buf *out);
static void fill_row(const struct follow_up *follow_up, struct row *row);
static void describe_when(const struct follow_up *follow_up, struct buf *out);
static void print_rows(const struct row *rows, size_t count, struct buf *out);

void policy_describe(const struct policy *policy, struct buf *out)
{
    describe_head(policy, out);
    describe_gate(policy, out);
    describe_classes(policy, out);
    describe_follow_ups(policy, out);
}

static void describe_head(const struct policy *policy, struct buf *out)
{
    buf_printf(out, "version       %s\n", *policy->version != '\0' ? policy->version : "-");
    buf_printf(out, "mode          %s\n", policy_mode_names[policy->mode]);
    buf_printf(out, "clock         %s\n", policy_clock_names[policy->clock]);
    buf_text(out, "not_before    ");
    if (policy->not_before_ms > 0) {
        buf_instant(out, policy->not_before_ms);
    } else {
        buf_char(out, '-');
    }
    buf_printf(out, "\ndefault_zone  %.*s\nzones         ", SLICE_ARG(policy->default_zone));
    for (size_t i = 0; i < policy->zone_count; i++) {
        buf_printf(out, "%s%.*s %.*s", i > 0 ? ", " : "", SLICE_ARG(policy->zones[i].place),
                   SLICE_ARG(policy->zones[i].zone));
    }
    buf_text(out, policy->zone_count == 0 ? "-\nfreeze        " : "\nfreeze        ");
    policy_duration_text(policy->freeze_ms, out);
    buf_text(out, "\nlimits        ");
    const char *gap = "";
#define POLICY_LIMIT(name, def, low, high, sentence)                                                         \
    buf_text(out, gap);                                                                                      \
    buf_text(out, #name " ");                                                                                \
    buf_int(out, policy->limits.name);                                                                       \
    gap = ", ";
#include "config/policy_limits.def"
#undef POLICY_LIMIT
    buf_char(out, '\n');
}

static void describe_gate(const struct policy *policy, struct buf *out)
{
    buf_text(out, "quiet_hours   ");
    for (size_t i = 0; i < policy->quiet_hours_count; i++) {
        const struct quiet_hours *quiet = &policy->quiet_hours[i];
        buf_printf(out, "%s%02d:%02d-%02d:%02d for ", i > 0 ? "\n              " : "",
                   quiet->from_minute / 60, quiet->from_minute % 60, quiet->to_minute / 60,
                   quiet->to_minute % 60);
        add_set(out, quiet->classes, CLASS_COUNT, class_name);
        buf_text(out, " by ");
        add_set(out, quiet->channels, CONTACT_CHANNEL_COUNT, channel_name);
    }
    buf_text(out, policy->quiet_hours_count == 0 ? "-\ncaps          " : "\ncaps          ");
    for (size_t i = 0; i < policy->cap_count; i++) {
        const struct cap *cap = &policy->caps[i];
        buf_printf(out, "%s%.*s: ", i > 0 ? "\n              " : "", SLICE_ARG(cap->name));
        buf_int(out, cap->at_most);
        buf_text(out, cap->window_ms == 0 ? " a day" : " in ");
        if (cap->window_ms > 0) {
            policy_duration_text(cap->window_ms, out);
        }
        buf_text(out, " by ");
        add_set(out, cap->limits_channels, CONTACT_CHANNEL_COUNT, channel_name);
        buf_text(out, " for");
        for (size_t j = 0; j < policy->follow_up_count; j++) {
            if (SET_HAS(policy->follow_ups[j].capped_by, i)) {
                buf_printf(out, " %.*s", SLICE_ARG(policy->follow_ups[j].name));
            }
        }
    }
    buf_text(out, policy->cap_count == 0 ? "-\nholdout       " : "\nholdout       ");
    if (policy->holdout.share > 0) {
        buf_printf(out, "%d.%02d%% of %.*s for ", (int)(policy->holdout.share / 100),
                   (int)(policy->holdout.share % 100), SLICE_ARG(policy->holdout.programme));
        add_set(out, policy->holdout.classes, CLASS_COUNT, class_name);
    } else {
        buf_char(out, '-');
    }
    buf_text(out, "\nspread        ");
    policy_duration_text(policy->spread_ms, out);
    buf_char(out, '\n');
}

static void add_set(struct buf *out, unsigned set, size_t count, const char *(*name_of)(size_t))
{
    const char *gap = "";
    if (set == SET_OF_ALL(count)) {
        buf_text(out, "all");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (SET_HAS(set, i)) {
            buf_printf(out, "%s%s", gap, name_of(i));
            gap = ",";
        }
    }
}

static const char *class_name(size_t i)
{
    return policy_class_names[i];
}

static const char *channel_name(size_t i)
{
    return contact_channel_name((enum contact_channel)i);
}

static const char *relation_name(size_t i)
{
    return relation_names[i];
}

static void describe_classes(const struct policy *policy, struct buf *out)
{
    buf_text(out, "\nCLASS          CONSENT    WHILE A COMPLAINT IS OPEN\n");
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        const struct class_rules *rules = &policy->classes[i];
        buf_printf(out, "%-13s  %-9s  %s\n", policy_class_names[i],
                   rules->needs_consent ? consent_purpose_name(rules->purpose) : "-",
                   rules->freezes ? "withheld" : "sent");
    }
}

static void describe_follow_ups(const struct policy *policy, struct buf *out)
{
    size_t count = policy->follow_up_count + 1;
    struct row *rows = mem_zalloc(count * sizeof *rows);
    for (size_t column = 0; column < COLUMN_COUNT; column++) {
        buf_text(&rows[0].cells[column], titles[column]);
    }
    for (size_t i = 1; i < count; i++) {
        fill_row(&policy->follow_ups[i - 1], &rows[i]);
    }
    buf_char(out, '\n');
    print_rows(rows, count, out);
    for (size_t i = 0; i < count; i++) {
        for (size_t column = 0; column < COLUMN_COUNT; column++) {
            buf_done(&rows[i].cells[column]);
        }
    }
    mem_free(rows);
}

static void fill_row(const struct follow_up *follow_up, struct row *row)
{
    buf_slice(&row->cells[NAME], follow_up->name);
    buf_text(&row->cells[MODE], policy_mode_names[follow_up->mode]);
    buf_text(&row->cells[CLASS], policy_class_names[follow_up->message_class]);
    describe_when(follow_up, &row->cells[WHEN]);
    if (follow_up->expires_after_ms > 0) {
        policy_duration_text(follow_up->expires_after_ms, &row->cells[EXPIRES]);
    } else {
        buf_text(&row->cells[EXPIRES], "never");
    }
    for (size_t i = 0; i < follow_up->channel_count; i++) {
        buf_text(&row->cells[CHANNELS], i > 0 ? "," : "");
        buf_text(&row->cells[CHANNELS], contact_channel_name(follow_up->channels[i]));
    }
    buf_slice(&row->cells[CONTENT], follow_up->content);
    buf_slice(&row->cells[OFFER], follow_up->offer.data != NULL ? follow_up->offer : SLICE("-"));
}

/* "purchase.completed + 1d, withdraw"; "complaint.opened + 3d/18h/3h/45m unless complaint.responded". */
static void describe_when(const struct follow_up *follow_up, struct buf *out)
{
    bool alike = true;
    buf_text(out, policy_on_names[follow_up->on]);
    for (size_t i = 1; i < SEVERITY_COUNT; i++) {
        alike = alike && follow_up->after_ms[i] == follow_up->after_ms[0];
    }
    if (!alike || follow_up->after_ms[0] > 0) {
        buf_text(out, " + ");
        for (size_t i = 0; i < (alike ? 1 : SEVERITY_COUNT); i++) {
            buf_text(out, i > 0 ? "/" : "");
            policy_duration_text(follow_up->after_ms[i], out);
        }
    }
    if (follow_up->calendar != NULL) {
        buf_printf(out, " in the hours of %.*s", SLICE_ARG(follow_up->calendar->name));
    }
    if (follow_up->unless != UNLESS_NOTHING) {
        buf_printf(out, " unless %s", policy_unless_names[follow_up->unless]);
    }
    if (follow_up->on == ON_ANNIVERSARY) {
        buf_printf(out, " %s", policy_anniversary_names[follow_up->anniversary]);
    }
    if (follow_up->date_name.len > 0) {
        buf_printf(out, " %.*s", SLICE_ARG(follow_up->date_name));
    }
    if (follow_up->on == ON_HOUSEHOLD_BIRTHDAY && follow_up->relations != SET_OF_ALL(RELATION_COUNT)) {
        buf_text(out, " of ");
        add_set(out, follow_up->relations, RELATION_COUNT, relation_name);
    }
    if (follow_up->days != 0) {
        buf_printf(out, " %+d days", follow_up->days);
    }
    if (follow_up->on == ON_ANNIVERSARY) {
        buf_printf(out, " at %02d:%02d, of 29 February: %s", follow_up->at_minute / 60,
                   follow_up->at_minute % 60, policy_leap_day_names[follow_up->rules.leap_day]);
    }
    if (follow_up->on == ON_BIRTHDAY || follow_up->on == ON_SPECIAL_DATE ||
        follow_up->on == ON_HOUSEHOLD_BIRTHDAY) {
        buf_printf(out, " at %02d:%02d, of 29 February: %s, of lunar day 30: %s", follow_up->at_minute / 60,
                   follow_up->at_minute % 60, policy_leap_day_names[follow_up->rules.leap_day],
                   policy_lunar_day_30_names[follow_up->rules.lunar_day_30]);
    }
    if (follow_up->capacity > 0) {
        buf_printf(out, ", %lld places", (long long)follow_up->capacity);
    }
    buf_text(out, follow_up->withdraw ? ", withdraw" : "");
    if (follow_up->only_after.data != NULL) {
        buf_printf(out, ", only after %.*s", SLICE_ARG(follow_up->only_after));
    }
    if (follow_up->min_age > 0) {
        buf_printf(out, ", from %d years on", (int)follow_up->min_age);
    }
    if (follow_up->priority != 0) {
        buf_printf(out, ", priority %d", follow_up->priority);
    }
    if (follow_up->condition != NULL) {
        buf_text(out, " if ");
        condition_describe(follow_up->condition, out);
    }
    if (follow_up->variant_count > 0) {
        buf_printf(out, ", %zu variant%s", follow_up->variant_count,
                   follow_up->variant_count == 1 ? "" : "s");
    }
}

static void print_rows(const struct row *rows, size_t count, struct buf *out)
{
    size_t widths[COLUMN_COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        for (size_t column = 0; column < COLUMN_COUNT; column++) {
            size_t len = rows[i].cells[column].len;
            widths[column] = len > widths[column] ? len : widths[column];
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t column = 0; column + 1 < COLUMN_COUNT; column++) {
            buf_printf(out, "%-*.*s  ", (int)widths[column], SLICE_ARG(buf_view(&rows[i].cells[column])));
        }
        buf_slice(out, buf_view(&rows[i].cells[COLUMN_COUNT - 1]));
        buf_char(out, '\n');
    }
}
