/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/case_file.h"

#include "common/mem.h"
#include "consumers/ctl/case_parts.h"
#include "consumers/ctl/local_time.h"
#include "consumers/ctl/reason.h"
#include "producers/risk.h"

#include <stdio.h>

#define ARENA_BYTES 65536

const char *const case_verbs[CASE_VERB_COUNT] = {
    [CASE_SENT] = "sent",     [CASE_NOT_SENT] = "not_sent",   [CASE_HELD] = "held",
    [CASE_SHADOW] = "shadow", [CASE_WITHDRAWN] = "withdrawn", [CASE_REFUSED] = "refused"};

static const char *const file_keys[] = {"policy", "zone", "cases"};
static const char *const case_keys[] = {"name",      "policy", "zone",  "since", "customer",
                                        "customers", "given",  "until", "expect"};
static const char *const line_keys[] = {"at",     "customer",   "reason", "channels", "content",
                                        "offer",  "occurrence", "sent",   "not_sent", "held",
                                        "shadow", "withdrawn",  "refused"};
#define COUNT(items) (sizeof(items) / sizeof *(items))

static void read_file(struct case_reader *reader, const struct yaml *root, const char *policy_file);
static void read_case(struct case_reader *reader, const struct yaml *node, const struct policy *policy);
static void read_given(struct case_reader *reader, const struct yaml *node);
static void read_expected(struct case_reader *reader, const struct yaml *node);
static void read_line(struct case_reader *reader, const struct yaml *node, struct case_line *line);
static void check_names(struct case_reader *reader, const struct yaml *node, const struct case_line *line);
static bool is_follow_up(const struct policy *policy, struct slice name);
static const char *nearest_follow_up(struct case_reader *reader, struct slice name);
static void read_until(struct case_reader *reader, const struct yaml *node);
static bool expects_refusals(const struct yaml *node);
static struct slice read_text(struct case_reader *reader, const struct yaml *node, const char *key);
static struct slice read_list(struct case_reader *reader, const struct yaml *node);

bool case_file_read(const char *path, const char *policy_file, struct buf *problems,
                    struct case_file *ret_file)
{
    size_t before = problems->len;
    const struct yaml *root = NULL;
    struct case_file file = {.arena = arena_create(ARENA_BYTES)};
    file.name = arena_copy(file.arena, slice_of(path)).data;
    struct case_reader reader = {.file = &file, .problems = problems, .zone = SLICE("Etc/UTC")};
    if (yaml_load(path, file.arena, problems, &root) && yaml_is_mapping(root, "the file")) {
        read_file(&reader, root, policy_file);
    }
    if (problems->len > before) {
        case_file_done(&file);
        return false;
    }
    *ret_file = file;
    return true;
}

void case_file_done(struct case_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        mem_free(file->cases[i].steps);
    }
    case_policies_done(file);
    arena_destroy(file->arena);
    *file = (struct case_file){0};
}

bool case_read_time(struct case_reader *reader, const struct yaml *node, const char *what, int64_t *ret_ms)
{
    struct slice text = {0}, zone = reader->now != NULL ? reader->now->zone : reader->zone;
    char why[256];
    if (!yaml_text(node, what, &text)) {
        return false;
    }
    if (!local_time_parse(text, zone, ret_ms, why)) {
        yaml_problem(node, "%s %s", what, why);
        return false;
    }
    return true;
}

static void read_file(struct case_reader *reader, const struct yaml *root, const char *policy_file)
{
    const struct policy *policy = NULL;
    const struct yaml *node = yaml_get(root, "policy"), *cases = yaml_get(root, "cases");
    yaml_only_keys(root, "", file_keys, COUNT(file_keys));
    reader->has_policy = policy_file != NULL || node != NULL;
    if (policy_file != NULL) {
        policy = case_load_policy(reader, NULL, slice_of(policy_file));
    } else if (node != NULL) {
        policy = case_read_policy(reader, node);
    }
    if (policy != NULL) {
        reader->zone = policy->default_zone;
    }
    reader->zone = yaml_get(root, "zone") != NULL ? read_text(reader, root, "zone") : reader->zone;
    if (!zone_exists(reader->zone)) {
        yaml_problem(yaml_get(root, "zone"), "zone must be a time zone's IANA name such as Europe/Berlin");
        reader->zone = SLICE("Etc/UTC");
    }
    if (cases == NULL) {
        yaml_problem(root, "there are no cases: a list under `cases`");
    } else if (yaml_is_sequence(cases, "cases")) {
        reader->file->cases =
            arena_zalloc(reader->file->arena, (cases->count + 1) * sizeof *reader->file->cases);
        YAML_EACH(each, cases)
        {
            reader->now = &reader->file->cases[reader->file->count++];
            reader->step_capacity = 0;
            reader->next_id = 0;
            *reader->now = (struct policy_case){.zone = reader->zone, .line = each->line};
            if (yaml_is_mapping(each, "a case")) {
                read_case(reader, each, policy);
            }
        }
    }
}

static void read_case(struct case_reader *reader, const struct yaml *node, const struct policy *policy)
{
    struct policy_case *now = reader->now;
    yaml_only_keys(node, "a case", case_keys, COUNT(case_keys));
    now->name = read_text(reader, node, "name");
    if (now->name.len == 0) {
        yaml_problem(node, "a case needs a name: a sentence that says what must be so");
    }
    now->policy =
        yaml_get(node, "policy") != NULL ? case_read_policy(reader, yaml_get(node, "policy")) : policy;
    if (yaml_get(node, "policy") == NULL && !reader->has_policy) {
        yaml_problem(node, "which policy? Name its file under `policy`, in the case or for all of them");
    }
    if (yaml_get(node, "zone") != NULL) {
        now->zone = read_text(reader, node, "zone");
        if (!zone_exists(now->zone)) {
            yaml_problem(yaml_get(node, "zone"),
                         "zone must be a time zone's IANA name such as Europe/Berlin");
            now->zone = reader->zone;
        }
    }
    reader->expects_refusals = expects_refusals(yaml_get(node, "expect"));
    read_given(reader, node);
    if (yaml_get(node, "expect") == NULL) {
        yaml_problem(node, "a case needs `expect`: a list, or nothing");
    } else {
        read_expected(reader, yaml_get(node, "expect"));
    }
    read_until(reader, node);
}

static void read_given(struct case_reader *reader, const struct yaml *node)
{
    const struct yaml *customer = yaml_get(node, "customer"), *customers = yaml_get(node, "customers");
    const struct yaml *given = yaml_get(node, "given"), *since = yaml_get(node, "since");
    const struct yaml *first = given != NULL && given->first != NULL ? yaml_get(given->first, "at") : NULL;
    int64_t since_ms = 0;
    if (customer != NULL || customers != NULL) {
        const struct yaml *when = since != NULL ? since : first;
        if (when == NULL) {
            yaml_problem(node, "since when? Nothing is given: say `since`");
            return;
        }
        if (!case_read_time(reader, when, since != NULL ? "since" : "at", &since_ms)) {
            return;
        }
    }
    if (customer != NULL) {
        case_read_customer(reader, customer, SLICE("C1"), since_ms);
    }
    if (customers != NULL && yaml_is_mapping(customers, "customers")) {
        YAML_EACH(each, customers)
        {
            case_read_customer(reader, each, each->key, since_ms);
        }
    }
    if (given != NULL && yaml_is_sequence(given, "given")) {
        YAML_EACH(each, given)
        {
            case_read_step(reader, each);
        }
    }
}

static void read_expected(struct case_reader *reader, const struct yaml *node)
{
    struct policy_case *now = reader->now;
    if (node->kind == YAML_SCALAR && slice_is(node->text, "nothing")) {
        return;
    }
    if (!yaml_is_sequence(node, "expect")) {
        return;
    }
    now->expected = arena_zalloc(reader->file->arena, (node->count + 1) * sizeof *now->expected);
    YAML_EACH(each, node)
    {
        read_line(reader, each, &now->expected[now->expected_count++]);
    }
}

static void read_line(struct case_reader *reader, const struct yaml *node, struct case_line *line)
{
    int verbs = 0;
    if (!yaml_is_mapping(node, "what is expected") ||
        !yaml_only_keys(node, "what is expected", line_keys, COUNT(line_keys))) {
        return;
    }
    for (int verb = 0; verb < CASE_VERB_COUNT; verb++) {
        if (yaml_get(node, case_verbs[verb]) != NULL) {
            line->verb = (enum case_verb)verb;
            line->name = read_text(reader, node, case_verbs[verb]);
            verbs++;
        }
    }
    if (verbs != 1 || yaml_get(node, "at") == NULL) {
        yaml_problem(node,
                     "what is expected needs `at` and one of sent, not_sent, held, shadow, withdrawn (with a "
                     "follow-up's name) or refused (with an event's)");
        return;
    }
    check_names(reader, node, line);
    (void)case_read_time(reader, yaml_get(node, "at"), "at", &line->at_ms);
    line->customer = read_text(reader, node, "customer");
    line->reason = read_text(reader, node, "reason");
    line->content = read_text(reader, node, "content");
    line->offer = read_text(reader, node, "offer");
    line->occurrence = read_text(reader, node, "occurrence");
    if (yaml_get(node, "channels") != NULL) {
        line->channels = read_list(reader, yaml_get(node, "channels"));
    }
}

/* A name that nothing can have would be expected for ever. */
static void check_names(struct case_reader *reader, const struct yaml *node, const struct case_line *line)
{
    enum event_type ignored;
    const struct yaml *name = yaml_get(node, case_verbs[line->verb]), *reason = yaml_get(node, "reason");
    if (line->verb == CASE_REFUSED) {
        (void)case_read_event_type(name, line->name, &ignored);
        return;
    }
    const struct policy_case *now = reader->now;
    bool known = is_follow_up(now->policy, line->name);
    for (size_t i = 0; i < now->step_count; i++) {
        known =
            known || (now->steps[i].kind == STEP_POLICY && is_follow_up(now->steps[i].policy, line->name));
    }
    if (!known && line->name.data != NULL) {
        const char *nearest = nearest_follow_up(reader, line->name);
        yaml_problem(name, "the policy has no follow-up '%.*s'%s%s%s", SLICE_ARG(line->name),
                     nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                     nearest != NULL ? "'?" : "");
    }
    struct slice text = {0};
    bool is_own = line->verb == CASE_NOT_SENT || line->verb == CASE_HELD;
    if (is_own && reason != NULL && yaml_text(reason, "reason", &text) && reason_sentence(text)[0] == '\0') {
        yaml_problem(reason, "there is no reason '%.*s'; docs/decisions.md has all of them", SLICE_ARG(text));
    }
}

static bool is_follow_up(const struct policy *policy, struct slice name)
{
    return policy == NULL || policy_follow_up(policy, name) != NULL ||
           (policy->risk.window_ms > 0 && slice_is(name, RISK_BRAKE));
}

static const char *nearest_follow_up(struct case_reader *reader, struct slice name)
{
    const struct policy *policy = reader->now->policy;
    struct arena *arena = reader->file->arena;
    const char **names = arena_alloc(arena, (policy->follow_up_count + 1) * sizeof *names);
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        names[i] = arena_copy(arena, policy->follow_ups[i].name).data;
    }
    return yaml_nearest(names, policy->follow_up_count, name);
}

/* Without a word: up to the last moment that the case names. Where nothing is expected that would prove
 * little. */
static void read_until(struct case_reader *reader, const struct yaml *node)
{
    struct policy_case *now = reader->now;
    const struct yaml *until = yaml_get(node, "until");
    int64_t last_ms = now->step_count > 0 ? now->steps[now->step_count - 1].at_ms : 0;
    for (size_t i = 0; i < now->expected_count; i++) {
        last_ms = now->expected[i].at_ms > last_ms ? now->expected[i].at_ms : last_ms;
    }
    now->until_ms = last_ms;
    if (until == NULL) {
        if (now->expected_count == 0) {
            yaml_problem(node, "where nothing is expected, say until when: `until`");
        }
    } else if (case_read_time(reader, until, "until", &now->until_ms) && now->until_ms < last_ms) {
        yaml_problem(until, "until is earlier than something that the case names");
    }
}

static bool expects_refusals(const struct yaml *node)
{
    if (node == NULL || node->kind != YAML_SEQUENCE) {
        return false;
    }
    YAML_EACH(each, node)
    {
        if (yaml_get(each, "refused") != NULL) {
            return true;
        }
    }
    return false;
}

/* Absent if the mapping has no such key, or not as a text. */
static struct slice read_text(struct case_reader *reader, const struct yaml *mapping, const char *key)
{
    struct slice text = {0};
    const struct yaml *node = yaml_get(mapping, key);
    (void)reader;
    return node != NULL && yaml_text(node, key, &text) ? text : (struct slice){0};
}

/* "email,push". */
static struct slice read_list(struct case_reader *reader, const struct yaml *node)
{
    struct buf joined = {0};
    struct slice text = {0};
    if (node->kind == YAML_SCALAR) {
        return yaml_text(node, "channels", &text) ? text : (struct slice){0};
    }
    YAML_EACH(each, node)
    {
        if (yaml_text(each, "channels", &text)) {
            buf_printf(&joined, "%s%.*s", joined.len > 0 ? "," : "", SLICE_ARG(text));
        }
    }
    text = arena_copy(reader->file->arena, buf_view(&joined));
    buf_done(&joined);
    return text;
}
