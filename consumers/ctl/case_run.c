/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/case_run.h"

#include "common/cloudevent.h"
#include "common/mem.h"
#include "consumers/sandbox.h"

#include <stdlib.h>
#include <string.h>

#define HOMES 3 /* so that what concerns several customers goes its real way */

/* What came, as it comes. */
struct hearing {
    struct arena *arena;
    const struct sandbox *sandbox;
    struct case_line *lines;
    size_t count, capacity;
};

static const struct header content_type = {
    .name = {"content-type",                 12},
      .value = {"application/cloudevents+json", 28}
};

static void play(const struct policy_case *policy_case, struct sandbox *sandbox);
static void turn(const struct case_step *step, struct sandbox *sandbox);
static void turn_switch(struct sandbox *sandbox, const char *what, struct slice name, bool paused);
static void hear(void *context, const struct output *output);
static void hear_decision(const struct json *data, struct case_line *line);
static void hear_letter(struct hearing *hearing, const struct output *output, const struct json *event,
                        struct case_line *line);
static void compare(const struct policy_case *policy_case, const struct hearing *hearing, struct arena *arena,
                    struct case_result *result);
static bool is_as_expected(const struct case_line *expected, const struct case_line *came);
static int compare_findings(const void *a, const void *b);
static struct slice text_of(const struct json *object, const char *name);
static struct slice list_of(struct hearing *hearing, const struct json *object, const char *name);

void case_run(const struct policy_case *policy_case, struct arena *arena, struct case_result *ret_result)
{
    struct hearing hearing = {.arena = arena};
    struct sandbox *sandbox = sandbox_create(HOMES, hear, &hearing);
    hearing.sandbox = sandbox;
    play(policy_case, sandbox);
    sandbox_destroy(sandbox);
    compare(policy_case, &hearing, arena, ret_result);
    mem_free(hearing.lines);
}

static void play(const struct policy_case *policy_case, struct sandbox *sandbox)
{
    int64_t begin_ms = policy_case->step_count > 0 ? policy_case->steps[0].at_ms : policy_case->until_ms;
    sandbox_activate(sandbox, policy_case->policy, begin_ms);
    for (size_t i = 0; i < policy_case->step_count; i++) {
        const struct case_step *step = &policy_case->steps[i];
        struct record record = {.append_ms = step->at_ms,
                                .key = step->subject,
                                .value = step->event,
                                .headers = &content_type,
                                .header_count = 1};
        switch (step->kind) {
        case STEP_EVENT:
            sandbox_append(sandbox, &record);
            break;
        case STEP_POLICY:
            sandbox_activate(sandbox, step->policy, step->at_ms);
            break;
        case STEP_AWAY:
            sandbox_pass(sandbox, step->at_ms);
            sandbox_sleep(sandbox, step->until_ms);
            break;
        case STEP_PAUSE:
            turn(step, sandbox);
            break;
        }
    }
    sandbox_pass(sandbox, policy_case->until_ms);
}

/* By the records that loyalctl pause and resume write. */
static void turn(const struct case_step *step, struct sandbox *sandbox)
{
    sandbox_pass(sandbox, step->at_ms);
    turn_switch(sandbox, step->what, step->subject, step->paused);
    if (!step->paused && strcmp(step->what, "follow_up") == 0) {
        turn_switch(sandbox, "risk", step->subject, false); /* also what the risk brake has halted */
    }
}

static void turn_switch(struct sandbox *sandbox, const char *what, struct slice name, bool paused)
{
    struct buf body = {0};
    buf_printf(&body, "{\"what\":\"%s\",\"name\":\"%.*s\",\"state\":\"%s\"}", what, SLICE_ARG(name),
               paused ? "paused" : "resumed");
    for (int32_t home = 0; home < HOMES; home++) {
        sandbox_append_control(sandbox, "switch", home, buf_view(&body));
    }
    buf_done(&body);
}

static void hear(void *context, const struct output *output)
{
    struct hearing *hearing = context;
    const struct json *event = NULL;
    struct case_line line = {.at_ms = sandbox_now(hearing->sandbox)};
    struct slice time;
    struct slice value = arena_copy(hearing->arena, output->value);
    bool readable = json_parse(value, hearing->arena, &event) == JSON_OK;
    if (output->topic == OUT_DEAD_LETTERS) {
        hear_letter(hearing, output, event, &line);
    } else if (readable) {
        const struct json *data = json_member(event, "data");
        time = text_of(event, "time");
        (void)instant_parse(time, &line.at_ms);
        line.name = text_of(data, "follow_up");
        line.customer = text_of(data, "customer");
        line.reason = text_of(data, "reason");
        line.occurrence = text_of(data, "occurrence");
        line.content = text_of(data, "content");
        line.offer = text_of(data, "offer");
        line.channels = list_of(hearing, data, "contact_channels");
        if (output->topic == OUT_DECISIONS) {
            hear_decision(data, &line);
        } else if (slice_is(text_of(event, "type"), "loyalty.coupon.withdrawn.v1")) {
            line.verb = CASE_WITHDRAWN;
        }
    }
    MEM_GROW(hearing->lines, hearing->count, hearing->capacity);
    hearing->lines[hearing->count++] = line;
}

static void hear_decision(const struct json *data, struct case_line *line)
{
    struct slice outcome = text_of(data, "outcome");
    line->verb = slice_is(outcome, "shadow") ? CASE_SHADOW
                 : slice_is(outcome, "held") ? CASE_HELD
                                             : CASE_NOT_SENT;
}

static void hear_letter(struct hearing *hearing, const struct output *output, const struct json *event,
                        struct case_line *line)
{
    const struct record record = {.headers = output->headers, .header_count = output->header_count};
    enum event_type type;
    line->verb = CASE_REFUSED;
    line->reason = arena_copy(hearing->arena, record_header(&record, "loyald-reason"));
    line->customer = text_of(event, "subject");
    line->name = text_of(event, "type");
    if (event_type_parse(line->name, &type)) {
        line->name.data += strlen("loyalty.");
        line->name.len -= strlen("loyalty.") + strlen(".v1");
    }
}

/* Each expectation takes the first that is as it says and that no other has taken; in which order things of
 * one instant come is not looked at. */
static void compare(const struct policy_case *policy_case, const struct hearing *hearing, struct arena *arena,
                    struct case_result *result)
{
    size_t most = policy_case->expected_count + hearing->count;
    bool *taken = mem_zalloc((hearing->count + 1) * sizeof *taken);
    *result = (struct case_result){.findings = arena_zalloc(arena, (most + 1) * sizeof *result->findings),
                                   .right = true};
    for (size_t i = 0; i < policy_case->expected_count; i++) {
        const struct case_line *expected = &policy_case->expected[i];
        size_t k = 0;
        while (k < hearing->count && (taken[k] || !is_as_expected(expected, &hearing->lines[k]))) {
            k++;
        }
        bool came = k < hearing->count;
        taken[k] = true; /* of nobody, if none is */
        result->findings[result->count++] = (struct case_finding){
            .line = came ? hearing->lines[k] : *expected, .mark = came ? MARK_BOTH : MARK_EXPECTED};
        result->right = result->right && came;
    }
    for (size_t k = 0; k < hearing->count; k++) {
        if (!taken[k]) {
            result->findings[result->count++] =
                (struct case_finding){.line = hearing->lines[k], .mark = MARK_CAME};
            result->right = false;
        }
    }
    if (result->count > 0) {
        qsort(result->findings, result->count, sizeof *result->findings, compare_findings);
    }
    mem_free(taken);
}

static bool agrees(struct slice expected, struct slice came)
{
    return expected.data == NULL || slice_equal(expected, came);
}

static bool is_as_expected(const struct case_line *expected, const struct case_line *came)
{
    return expected->at_ms == came->at_ms && expected->verb == came->verb &&
           slice_equal(expected->name, came->name) && agrees(expected->customer, came->customer) &&
           agrees(expected->reason, came->reason) && agrees(expected->channels, came->channels) &&
           agrees(expected->content, came->content) && agrees(expected->offer, came->offer) &&
           agrees(expected->occurrence, came->occurrence);
}

/* By time; what was expected and what came instead stand together. */
static int compare_findings(const void *a, const void *b)
{
    const struct case_finding *x = a, *y = b;
    if (x->line.at_ms != y->line.at_ms) {
        return x->line.at_ms < y->line.at_ms ? -1 : 1;
    }
    int order = slice_compare(x->line.name, y->line.name);
    order = order != 0 ? order : slice_compare(x->line.customer, y->line.customer);
    return order != 0 ? order : (int)x->mark - (int)y->mark;
}

static struct slice text_of(const struct json *object, const char *name)
{
    struct slice text = {0};
    const struct json *member = json_member(object, name);
    return member != NULL && json_string(member, &text) ? text : (struct slice){0};
}

static struct slice list_of(struct hearing *hearing, const struct json *object, const char *name)
{
    struct buf joined = {0};
    const struct json *list = json_member(object, name);
    for (const struct json *each = list != NULL ? json_first(list) : NULL; each != NULL;
         each = json_next(each)) {
        struct slice item = {0};
        if (json_string(each, &item)) {
            buf_printf(&joined, "%s%.*s", joined.len > 0 ? "," : "", SLICE_ARG(item));
        }
    }
    struct slice text = arena_copy(hearing->arena, buf_view(&joined));
    buf_done(&joined);
    return text;
}
