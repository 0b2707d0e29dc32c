/* SPDX-License-Identifier: MIT */
/* Reads what the gate goes by beside classes and freeze: quiet hours, and the order of what is due together.
 */
#include "config/policy_parts.h"

#include "common/mem.h"

#define PRIORITY_MAX     100
#define QUIET_HOURS_MAX  10
#define RISK_WINDOW_MS   (7 * 86400000LL)
#define RISK_LEAST       200
#define SPREAD_MAX_MS    (12 * 3600000LL)
#define MINUTES_OF_A_DAY 1440
#define COUNT(array)     (sizeof(array) / sizeof *(array))

static void read_tags(const struct yaml *node, const char *what, struct follow_up *follow_up);
static void read_quiet_hours(const struct yaml *node, struct policy *policy, struct arena *arena);
static void read_quiet(const struct yaml *node, const char *what, struct policy *policy, struct arena *arena);
static void check_quiet_hours(const struct yaml *node, const struct policy *policy);
static bool leaves_no_time(const struct policy *policy, unsigned message_class, unsigned channel);
static void read_holdout(const struct yaml *node, struct policy *policy, struct arena *arena);
static bool parse_share(struct slice text, int64_t *ret_share);
static void read_spread(const struct yaml *node, struct policy *policy);
static void read_risk(const struct yaml *node, struct policy *policy, struct arena *arena);

void policy_read_gate(const struct yaml *root, struct policy *policy, struct arena *arena)
{
    read_quiet_hours(yaml_get(root, "quiet_hours"), policy, arena);
    policy_read_caps(yaml_get(root, "caps"), policy, arena);
    policy_read_consent_default(yaml_get(root, "consent_default"), policy, arena);
    read_holdout(yaml_get(root, "holdout"), policy, arena);
    read_spread(yaml_get(root, "spread"), policy);
    read_risk(yaml_get(root, "risk"), policy, arena);
}

void policy_read_follow_up_gate(const struct yaml *node, const char *path, struct arena *arena,
                                struct follow_up *follow_up)
{
    const struct yaml *child = yaml_get(node, "priority");
    int64_t priority = 0;
    if (child != NULL && yaml_int(child, arena_printf(arena, "%s.priority", path).data, -PRIORITY_MAX,
                                  PRIORITY_MAX, &priority)) {
        follow_up->priority = (int)priority;
    }
    if ((child = yaml_get(node, "min_age")) != NULL) {
        noted(yaml_int(child, arena_printf(arena, "%s.min_age", path).data, 1, 150, &follow_up->min_age));
    }
    read_tags(yaml_get(node, "tags"), arena_printf(arena, "%s.tags", path).data, follow_up);
}

/* Without a list all of them are meant that can be withheld at all, and those by default that sell or inform.
 */
unsigned policy_read_classes(const struct yaml *mapping, const char *what, struct arena *arena)
{
    const struct yaml *node = yaml_get(mapping, "classes");
    unsigned classes = 0;
    if (node == NULL) {
        return SET_OF(CLASS_marketing) | SET_OF(CLASS_content);
    }
    what = arena_printf(arena, "%s.classes", what).data;
    if (yaml_is_sequence(node, what) && node->count == 0) {
        yaml_problem(node, "%s must name at least one", what);
    }
    YAML_EACH(child, node)
    {
        size_t choice = 0;
        if (yaml_choice(child, what, policy_class_names, CLASS_COUNT, &choice)) {
            classes |= SET_OF(choice);
            if (choice == CLASS_safety) {
                yaml_problem(child, "nothing holds back safety messages; leave the class safety out of %s",
                             what);
            }
        }
    }
    return classes;
}

unsigned policy_read_channels(const struct yaml *mapping, const char *what, struct arena *arena)
{
    const char *names[CONTACT_CHANNEL_COUNT];
    const struct yaml *node = yaml_get(mapping, "channels");
    unsigned channels = 0;
    if (node == NULL) {
        return SET_OF_ALL(CONTACT_CHANNEL_COUNT);
    }
    for (size_t i = 0; i < CONTACT_CHANNEL_COUNT; i++) {
        names[i] = contact_channel_name((enum contact_channel)i);
    }
    what = arena_printf(arena, "%s.channels", what).data;
    if (yaml_is_sequence(node, what) && node->count == 0) {
        yaml_problem(node, "%s must name at least one", what);
    }
    YAML_EACH(child, node)
    {
        size_t choice = 0;
        if (yaml_choice(child, what, names, CONTACT_CHANNEL_COUNT, &choice)) {
            channels |= SET_OF(choice);
        }
    }
    return channels;
}

static void read_tags(const struct yaml *node, const char *what, struct follow_up *follow_up)
{
    if (node == NULL || !yaml_is_sequence(node, what)) {
        return;
    }
    if (node->count > FOLLOW_UP_TAGS_MAX) {
        yaml_problem(node, "%s has %zu of them; at most %d are read", what, node->count, FOLLOW_UP_TAGS_MAX);
        return;
    }
    YAML_EACH(child, node)
    {
        struct slice tag = {0};
        if (yaml_text(child, what, &tag) && !policy_is_name(tag, POLICY_NAME_BYTES_MAX)) {
            yaml_problem(child, "a tag must have 1 to 32 of a-z, 0-9 and '-', not '%.*s'", SLICE_ARG(tag));
        }
        follow_up->tags[follow_up->tag_count++] = tag;
    }
}

static void read_quiet_hours(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    if (node == NULL || yaml_is_null(node)) {
        return;
    }
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1;
    if (count > QUIET_HOURS_MAX) {
        yaml_problem(node, "quiet_hours has %zu of them; at most %d are read", count, QUIET_HOURS_MAX);
        return;
    }
    policy->quiet_hours = arena_zalloc(arena, (count + 1) * sizeof *policy->quiet_hours);
    if (node->kind == YAML_SEQUENCE) {
        YAML_EACH(child, node)
        {
            read_quiet(child, "quiet_hours", policy, arena);
        }
    } else {
        read_quiet(node, "quiet_hours", policy, arena);
    }
    check_quiet_hours(node, policy);
}

static void read_quiet(const struct yaml *node, const char *what, struct policy *policy, struct arena *arena)
{
    static const char *const keys[] = {"from", "to", "classes", "channels"};
    struct quiet_hours quiet = {0};
    if (!yaml_is_mapping(node, what)) {
        return;
    }
    (void)yaml_only_keys(node, what, keys, COUNT(keys));
    const struct yaml *from = yaml_get(node, "from"), *to = yaml_get(node, "to");
    if (from == NULL || to == NULL) {
        yaml_problem(node, "%s needs 'from' and 'to', such as {from: \"21:00\", to: \"08:00\"}", what);
        return;
    }
    bool read = policy_read_time_of_day(from, "quiet_hours.from", &quiet.from_minute);
    read &= policy_read_time_of_day(to, "quiet_hours.to", &quiet.to_minute);
    quiet.classes = policy_read_classes(node, what, arena);
    quiet.channels = policy_read_channels(node, what, arena);
    if (read && quiet.from_minute == quiet.to_minute) {
        yaml_problem(to, "quiet_hours begin and end at the same minute: that is never or always; "
                         "to send nothing write 'mode: off'");
    } else if (read) {
        policy->quiet_hours[policy->quiet_hours_count++] = quiet;
    }
}

/* Nobody may be left without any minute: what is held would never be released. */
static void check_quiet_hours(const struct yaml *node, const struct policy *policy)
{
    for (unsigned message_class = 0; message_class < CLASS_COUNT; message_class++) {
        for (unsigned channel = 0; channel < CONTACT_CHANNEL_COUNT; channel++) {
            if (leaves_no_time(policy, message_class, channel)) {
                yaml_problem(node, "quiet_hours together leave no minute of the day for the class %s by %s",
                             policy_class_names[message_class],
                             contact_channel_name((enum contact_channel)channel));
                return;
            }
        }
    }
}

static bool leaves_no_time(const struct policy *policy, unsigned message_class, unsigned channel)
{
    bool quiet[MINUTES_OF_A_DAY] = {false};
    for (size_t i = 0; i < policy->quiet_hours_count; i++) {
        const struct quiet_hours *hours = &policy->quiet_hours[i];
        bool concerned = SET_HAS(hours->classes, message_class) && SET_HAS(hours->channels, channel);
        for (int at = hours->from_minute; concerned && at != hours->to_minute;
             at = (at + 1) % MINUTES_OF_A_DAY) {
            quiet[at] = true;
        }
    }
    return memchr(quiet, false, sizeof quiet) == NULL;
}

/* Another name of the programme chooses others. */
static void read_holdout(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    static const char *const keys[] = {"share", "programme", "classes"};
    struct holdout *holdout = &policy->holdout;
    struct slice text = {0};
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "holdout")) {
        return;
    }
    (void)yaml_only_keys(node, "holdout", keys, COUNT(keys));
    const struct yaml *share = yaml_get(node, "share"), *programme = yaml_get(node, "programme");
    if (share == NULL || programme == NULL) {
        yaml_problem(node, "holdout needs 'share' and 'programme', such as {share: 5%%, programme: spring}");
        return;
    }
    if (yaml_text(share, "holdout.share", &text) &&
        (!parse_share(text, &holdout->share) || holdout->share < 1 || holdout->share > HOLDOUT_WHOLE / 2)) {
        yaml_problem(share,
                     "holdout.share must lie between 0.01%% and 50%%, such as 5%% or 2.5%%, not '%.*s'",
                     SLICE_ARG(text));
    }
    noted(policy_read_reference(programme, "holdout.programme", &holdout->programme));
    holdout->classes = policy_read_classes(node, "holdout", arena);
}

/* "5%", "2.5%", "0.25%". */
static bool parse_share(struct slice text, int64_t *ret_share)
{
    int64_t whole = 0, rest = 0;
    if (text.len < 2 || text.data[text.len - 1] != '%') {
        return false;
    }
    text.len--;
    const char *dot = memchr(text.data, '.', text.len);
    size_t digits = dot != NULL ? text.len - (size_t)(dot - text.data) - 1 : 0;
    struct slice before = {.data = text.data, .len = dot != NULL ? (size_t)(dot - text.data) : text.len};
    if (before.len > 3 || text.data[0] == '-' || !parse_int(before, &whole) || (dot != NULL && digits == 0) ||
        digits > 2 || (digits > 0 && (dot[1] == '-' || !parse_int((struct slice){dot + 1, digits}, &rest)))) {
        return false;
    }
    *ret_share = whole * 100 + (digits == 1 ? rest * 10 : rest);
    return true;
}

static void read_spread(const struct yaml *node, struct policy *policy)
{
    if (node == NULL || !policy_read_duration(node, "spread", 0, &policy->spread_ms)) {
        return;
    }
    if (policy->spread_ms > SPREAD_MAX_MS) {
        yaml_problem(
            node, "spread must lie between 0s and 12h: what is due at a time of day is to go out that day");
    }
}

static void read_risk(const struct yaml *node, struct policy *policy, struct arena *arena)
{
    static const char *const keys[] = {"per_thousand", "window", "least", "classes"};
    struct risk_rule *risk = &policy->risk;
    const struct yaml *child = NULL;
    int64_t window_ms = RISK_WINDOW_MS;
    if (node == NULL || yaml_is_null(node) || !yaml_is_mapping(node, "risk")) {
        return;
    }
    (void)yaml_only_keys(node, "risk", keys, COUNT(keys));
    risk->least = RISK_LEAST;
    if ((child = yaml_get(node, "per_thousand")) == NULL) {
        yaml_problem(node, "risk needs 'per_thousand', such as {per_thousand: 5, window: 7d}");
    } else {
        noted(yaml_int(child, "risk.per_thousand", 1, 999, &risk->per_thousand));
    }
    if ((child = yaml_get(node, "window")) != NULL) {
        noted(policy_read_duration(child, "risk.window", 60000, &window_ms));
    }
    if ((child = yaml_get(node, "least")) != NULL) {
        noted(yaml_int(child, "risk.least", 1, 1000000, &risk->least));
    }
    risk->classes = policy_read_classes(node, "risk", arena);
    risk->window_ms = window_ms;
}
