/* SPDX-License-Identifier: MIT */
/* Reads the follow-ups of a policy. A key belongs to some kinds of follow-up (`on`) only, and one that would
 * have no effect is a mistake: its author believed that it has. */
#include "config/condition.h"
#include "config/policy_parts.h"

#include <stdlib.h>

#define COUNT(array)       (sizeof(array) / sizeof *(array))
#define DAYS_MAX           60
#define CAPACITY_MAX       10000000
#define AT_DEFAULT_MINUTE  (9 * 60)
#define YEARLY_EXPIRES_MS  (12 * 3600000LL)
#define SILENCE_EXPIRES_MS (3 * 86400000LL)
#define SILENCE_LEAST_MS   86400000LL

static const char *const keys[] = {"on",
                                   "class",
                                   "mode",
                                   "after",
                                   "unless",
                                   "at",
                                   "leap_day",
                                   "lunar_day_30",
                                   "days",
                                   "date",
                                   "anniversary",
                                   "relation",
                                   "calendar",
                                   "withdraw",
                                   "expires_after",
                                   "channels",
                                   "content",
                                   "offer",
                                   "if",
                                   "variants",
                                   "stages",
                                   "only_after",
                                   "reason",
                                   "offer_value",
                                   "capacity",
                                   POLICY_FOLLOW_UP_GATE_KEYS};

/* Where follow-ups are read to. */
struct list {
    struct policy *policy;
    struct arena *arena;
    const char *shared_path;
};

static stage_reader read_stage;
static void check_keys(const struct yaml *node, const char *path);
static void read_follow_up(struct follow_up_reader *reader);
static void check_name(const struct yaml *node);
static void read_only_after(struct follow_up_reader *reader);
static void read_choices(struct follow_up_reader *reader);
static void read_after(struct follow_up_reader *reader);
static void read_rest(struct follow_up_reader *reader);
static void read_channels(struct follow_up_reader *reader);
static void read_condition(struct follow_up_reader *reader);
static void check_sense(const struct follow_up_reader *reader);

void policy_read_follow_ups(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "follow_ups")) {
        return;
    }
    size_t count = 0;
    YAML_EACH(child, node)
    {
        size_t stages = policy_stage_count(child);
        count += stages > 0 ? stages : 1;
    }
    if (count > POLICY_FOLLOW_UPS_MAX) {
        yaml_problem(node, "follow_ups has %zu of them, stages counted each; at most %d are read", count,
                     POLICY_FOLLOW_UPS_MAX);
        return;
    }
    struct list list = {.policy = policy, .arena = arena};
    policy->follow_ups = arena_zalloc(arena, (count + 1) * sizeof *policy->follow_ups);
    YAML_EACH(child, node)
    {
        check_name(child);
        list.shared_path = arena_printf(arena, "follow_ups.%.*s", SLICE_ARG(child->key)).data;
        if (yaml_get(child, "stages") != NULL) {
            check_keys(child, list.shared_path);
            policy_read_stages(child, arena, read_stage, &list);
        } else {
            read_stage(&list, child, NULL, list.shared_path);
        }
    }
}

/* Of a follow-up without stages: itself. */
static void read_stage(void *context, const struct yaml *merged, const struct yaml *stage, const char *path)
{
    struct list *list = context;
    struct follow_up_reader reader = {.node = merged,
                                      .policy = list->policy,
                                      .arena = list->arena,
                                      .path = path,
                                      .stage = stage,
                                      .shared_path = list->shared_path,
                                      .follow_up =
                                          &list->policy->follow_ups[list->policy->follow_up_count++]};
    read_follow_up(&reader);
}

static void check_keys(const struct yaml *node, const char *path)
{
    (void)yaml_only_keys(node, path, keys, COUNT(keys));
}

static void read_follow_up(struct follow_up_reader *reader)
{
    if (!yaml_is_mapping(reader->node, reader->path)) {
        return;
    }
    if (reader->stage == NULL) {
        check_keys(reader->node, reader->path);
    }
    reader->follow_up->name = reader->node->key;
    reader->follow_up->node = reader->node;
    read_choices(reader);
    policy_check_kind_keys(reader);
    read_after(reader);
    policy_read_follow_up_calendar(reader);
    policy_read_relations(reader);
    read_rest(reader);
    read_channels(reader);
    read_only_after(reader);
    policy_read_follow_up_gate(reader->node, reader->path, reader->arena, reader->follow_up);
    read_condition(reader);
    bool is_shared = reader->stage != NULL && yaml_get(reader->stage, "offer_value") == NULL;
    policy_read_offer_value(reader->node, is_shared ? reader->shared_path : reader->path,
                            reader->follow_up->offer.data != NULL, reader->arena, &reader->follow_up->value,
                            &reader->follow_up->has_reason);
    policy_read_variants(reader);
    check_sense(reader);
}

static void check_name(const struct yaml *node)
{
    if (!policy_is_name(node->key, POLICY_NAME_BYTES_MAX)) {
        yaml_problem_at_key(node, "the name of a follow-up must have 1 to %d of a-z, 0-9 and '-', not '%.*s'",
                            POLICY_NAME_BYTES_MAX, SLICE_ARG(node->key));
    }
}

/* A stage before this one, by its name in the list. */
static void read_only_after(struct follow_up_reader *reader)
{
    const struct yaml *node = yaml_get(reader->node, "only_after");
    const char *what = policy_path(reader, "only_after");
    struct slice stage = {0};
    if (node == NULL || !yaml_text(node, what, &stage)) {
        return;
    }
    size_t base_len = strcspn(reader->follow_up->name.data, ".");
    struct slice name = arena_printf(reader->arena, "%.*s.%.*s", (int)base_len, reader->follow_up->name.data,
                                     SLICE_ARG(stage));
    for (const struct follow_up *each = reader->policy->follow_ups; each < reader->follow_up; each++) {
        if (slice_equal(each->name, name)) {
            reader->follow_up->only_after = name;
            return;
        }
    }
    yaml_problem(node, "%s must be the name of a stage before this one, not '%.*s'", what, SLICE_ARG(stage));
}

/* False, and a problem where one must be written, when the key is missing. */
static bool read_choice(const struct follow_up_reader *reader, const char *key, bool must_be,
                        const char *const *names, size_t count, size_t *ret_choice)
{
    const struct yaml *node = yaml_get(reader->node, key);
    if (node != NULL) {
        return yaml_choice(node, policy_path(reader, key), names, count, ret_choice);
    }
    if (must_be) {
        struct buf list = {0};
        for (size_t i = 0; i < count; i++) {
            buf_text(&list, i == 0 ? "" : i + 1 == count ? " or " : ", ");
            buf_text(&list, names[i]);
        }
        yaml_problem_at_key(reader->node, "%s needs '%s': %.*s", reader->path, key,
                            SLICE_ARG(buf_view(&list)));
        buf_done(&list);
    }
    return false;
}

static void read_choices(struct follow_up_reader *reader)
{
    struct follow_up *follow_up = reader->follow_up;
    size_t choice = 0;
    if (read_choice(reader, "on", true, policy_on_names, ON_COUNT, &choice)) {
        follow_up->on = (enum follow_up_on)choice;
        reader->has_on = true;
    }
    if (read_choice(reader, "class", true, policy_class_names, CLASS_COUNT, &choice)) {
        follow_up->message_class = (enum message_class)choice;
        reader->has_class = true;
    }
    follow_up->mode = reader->policy->mode;
    if (read_choice(reader, "mode", false, policy_mode_names, 3, &choice) &&
        (enum policy_mode)choice < follow_up->mode) {
        follow_up->mode = (enum policy_mode)choice;
    }
    if (read_choice(reader, "unless", false, policy_unless_names + 1, UNLESS_COUNT - 1, &choice)) {
        follow_up->unless = (enum follow_up_unless)(choice + 1);
    }
    if (read_choice(reader, "leap_day", false, policy_leap_day_names, 3, &choice)) {
        follow_up->rules.leap_day = (enum leap_day)choice;
    }
    bool is_anniversary = reader->has_on && follow_up->on == ON_ANNIVERSARY;
    if (read_choice(reader, "anniversary", is_anniversary, policy_anniversary_names, ANNIVERSARY_COUNT,
                    &choice)) {
        follow_up->anniversary = (enum anniversary)choice;
    }
    if (read_choice(reader, "lunar_day_30", false, policy_lunar_day_30_names, 3, &choice)) {
        follow_up->rules.lunar_day_30 = (enum lunar_day_30)choice;
    }
}

/* By severity: all four, for a complaint without a time would never be noticed. */
static void read_after_by_severity(struct follow_up_reader *reader, const struct yaml *node)
{
    const char *names[SEVERITY_COUNT];
    for (size_t i = 0; i < SEVERITY_COUNT; i++) {
        names[i] = severity_name((enum severity)i);
    }
    if (reader->has_on && reader->follow_up->on != ON_COMPLAINT_OPENED) {
        yaml_problem(node, "%s must be one duration; by severity goes with 'on: complaint.opened'",
                     policy_path(reader, "after"));
        return;
    }
    (void)yaml_only_keys(node, policy_path(reader, "after"), names, SEVERITY_COUNT);
    for (size_t i = 0; i < SEVERITY_COUNT; i++) {
        const struct yaml *child = yaml_get(node, names[i]);
        const char *what = arena_printf(reader->arena, "%s.%s", policy_path(reader, "after"), names[i]).data;
        if (child == NULL) {
            yaml_problem_at_key(
                node, "%s is missing; by severity, all of low, normal, high and critical are needed", what);
        } else {
            noted(policy_read_duration(child, what, 0, &reader->follow_up->after_ms[i]));
        }
    }
}

static void read_after(struct follow_up_reader *reader)
{
    const struct yaml *node = yaml_get(reader->node, "after");
    int64_t ms = 0;
    if (node != NULL && node->kind == YAML_MAPPING) {
        read_after_by_severity(reader, node);
    } else if (node != NULL && policy_read_duration(node, policy_path(reader, "after"), 0, &ms)) {
        for (size_t i = 0; i < SEVERITY_COUNT; i++) {
            reader->follow_up->after_ms[i] = ms;
        }
    }
}

static void read_rest(struct follow_up_reader *reader)
{
    struct follow_up *follow_up = reader->follow_up;
    const struct yaml *node = NULL;
    if (reader->has_on && (POLICY_YEARLY & 1U << follow_up->on) != 0) {
        follow_up->at_minute = AT_DEFAULT_MINUTE;
        follow_up->expires_after_ms = YEARLY_EXPIRES_MS;
    }
    if (reader->has_on && follow_up->on == ON_SILENCE) {
        follow_up->expires_after_ms = SILENCE_EXPIRES_MS;
    }
    if ((node = yaml_get(reader->node, "at")) != NULL) {
        noted(policy_read_time_of_day(node, policy_path(reader, "at"), &follow_up->at_minute));
    }
    if ((node = yaml_get(reader->node, "days")) != NULL) {
        int64_t days = 0;
        noted(yaml_int(node, policy_path(reader, "days"), -DAYS_MAX, DAYS_MAX, &days));
        follow_up->days = (int)days;
    }
    if ((node = yaml_get(reader->node, "date")) != NULL) {
        noted(policy_read_name(node, policy_path(reader, "date"), &follow_up->date_name));
    }
    if ((node = yaml_get(reader->node, "withdraw")) != NULL) {
        noted(yaml_bool(node, policy_path(reader, "withdraw"), &follow_up->withdraw));
    }
    if ((node = yaml_get(reader->node, "capacity")) != NULL) {
        noted(yaml_int(node, policy_path(reader, "capacity"), 1, CAPACITY_MAX, &follow_up->capacity));
    }
    if ((node = yaml_get(reader->node, "expires_after")) != NULL) {
        if (node->kind == YAML_SCALAR && slice_is(node->text, "never")) {
            follow_up->expires_after_ms = 0;
        } else {
            noted(policy_read_duration(node, policy_path(reader, "expires_after"), 1000,
                                       &follow_up->expires_after_ms));
        }
    }
    follow_up->content = follow_up->name;
    if ((node = yaml_get(reader->node, "content")) != NULL) {
        noted(policy_read_reference(node, policy_path(reader, "content"), &follow_up->content));
    }
    if ((node = yaml_get(reader->node, "offer")) != NULL && !yaml_is_null(node)) {
        noted(policy_read_reference(node, policy_path(reader, "offer"), &follow_up->offer));
    }
}

/* Adds a channel, unless it is there already or is not one of this class: tasks are for our people, all other
 * messages for the customer. */
static void add_channel(struct follow_up_reader *reader, const struct yaml *node,
                        enum contact_channel channel)
{
    struct follow_up *follow_up = reader->follow_up;
    for (size_t i = 0; i < follow_up->channel_count; i++) {
        if (follow_up->channels[i] == channel) {
            yaml_problem(node, "%s stands in %s twice", contact_channel_name(channel),
                         policy_path(reader, "channels"));
            return;
        }
    }
    if (reader->has_class && (follow_up->message_class == CLASS_task) != (channel == CONTACT_task)) {
        yaml_problem(node,
                     "the channel task and the class task go together, not the channel %s with 'class: %s'",
                     contact_channel_name(channel), policy_class_names[follow_up->message_class]);
        return;
    }
    follow_up->channels[follow_up->channel_count++] = channel;
}

static void read_channels(struct follow_up_reader *reader)
{
    const char *names[CONTACT_CHANNEL_COUNT];
    const struct yaml *node = yaml_get(reader->node, "channels");
    for (size_t i = 0; i < CONTACT_CHANNEL_COUNT; i++) {
        names[i] = contact_channel_name((enum contact_channel)i);
    }
    if (node == NULL && reader->has_class && reader->follow_up->message_class == CLASS_task) {
        reader->follow_up->channels[reader->follow_up->channel_count++] = CONTACT_task;
    } else if (node == NULL) {
        yaml_problem_at_key(reader->node, "%s needs 'channels', the best first, such as [email, push]",
                            reader->path);
    } else if (yaml_is_sequence(node, policy_path(reader, "channels"))) {
        size_t channel = 0;
        if (node->count == 0) {
            yaml_problem(node, "%s must name at least one", policy_path(reader, "channels"));
        }
        YAML_EACH(child, node)
        {
            if (yaml_choice(child, policy_path(reader, "channels"), names, CONTACT_CHANNEL_COUNT, &channel)) {
                add_channel(reader, child, (enum contact_channel)channel);
            }
        }
    }
}

/* What a follow-up waits for must be able to come behind what it is `on`. */
static void check_unless(const struct follow_up_reader *reader)
{
    enum follow_up_unless unless = reader->follow_up->unless;
    if (!reader->has_on || unless == UNLESS_NOTHING) {
        return;
    }
    if (unless == UNLESS_REDEEMED || unless == UNLESS_TASK_DONE) {
        return; /* what a stage before has led to: it goes with everything */
    }
    enum follow_up_on on = unless == UNLESS_PURCHASED ? ON_VISIT_MADE : ON_COMPLAINT_OPENED;
    if (reader->follow_up->on != on) {
        yaml_problem_at_key(yaml_get(reader->node, "unless"), "'unless: %s' goes with 'on: %s'",
                            policy_unless_names[unless], policy_on_names[on]);
    } else if (yaml_get(reader->node, "after") == NULL) {
        yaml_problem_at_key(yaml_get(reader->node, "unless"), "%s has no effect without 'after'",
                            policy_path(reader, "unless"));
    }
}

/* What it may ask about depends on `on`: without one it is not read. */
static void read_condition(struct follow_up_reader *reader)
{
    const struct yaml *node = yaml_get(reader->node, "if");
    if (node != NULL && reader->has_on) {
        reader->follow_up->condition = condition_parse(node, policy_path(reader, "if"), reader->follow_up->on,
                                                       reader->policy->default_zone, reader->arena);
    }
}

/* What is right key by key, but cannot be meant. */
static void check_sense(const struct follow_up_reader *reader)
{
    const struct follow_up *follow_up = reader->follow_up;
    int64_t shortest_ms = follow_up->after_ms[0];
    for (size_t i = 1; i < SEVERITY_COUNT; i++) {
        shortest_ms = follow_up->after_ms[i] < shortest_ms ? follow_up->after_ms[i] : shortest_ms;
    }
    if (follow_up->withdraw && follow_up->offer.data == NULL) {
        yaml_problem_at_key(yaml_get(reader->node, "withdraw"),
                            "%s needs an 'offer': it is what is withdrawn", policy_path(reader, "withdraw"));
    }
    check_unless(reader);
    if (reader->has_on && follow_up->on == ON_SILENCE && shortest_ms < SILENCE_LEAST_MS) {
        const struct yaml *after = yaml_get(reader->node, "after");
        yaml_problem_at_key(after != NULL ? after : reader->node,
                            "%s must say how long nothing was bought, at least 1d, such as 90d",
                            policy_path(reader, "after"));
    }
    if (reader->has_on && reader->has_class && follow_up->on == ON_PRODUCT_RECALLED &&
        follow_up->message_class != CLASS_safety && follow_up->message_class != CLASS_task) {
        yaml_problem_at_key(reader->node, "%s must reach every buyer: take the class safety, or task",
                            reader->path);
    }
    if (!reader->has_on || follow_up->on != ON_COMPLAINT_OPENED) {
        return;
    }
    if (reader->has_class && reader->policy->classes[follow_up->message_class].freezes &&
        shortest_ms < reader->policy->freeze_ms) {
        yaml_problem_at_key(reader->node,
                            "%s would be withheld: the complaint that leads to it freezes the class %s; "
                            "take transactional or task",
                            reader->path, policy_class_names[follow_up->message_class]);
    }
}

const char *policy_path(const struct follow_up_reader *reader, const char *key)
{
    bool is_shared = reader->stage != NULL && yaml_get(reader->stage, key) == NULL;
    return arena_printf(reader->arena, "%s.%s", is_shared ? reader->shared_path : reader->path, key).data;
}
