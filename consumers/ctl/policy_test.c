/* SPDX-License-Identifier: MIT */
/* loyalctl policy test: cases that people write beside a policy, played and reported. */
#include "consumers/ctl/case_run.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/local_time.h"
#include "consumers/ctl/table.h"

#include <stdio.h>
#include <string.h>

#define ARENA_BYTES 65536
#define ARENA_KEEP  (1024 * 1024)

const struct option_about policy_test_options[] = {
    {"policy",  OPTION_TEXT, "FILE", "try this policy, in place of the one that the cases name" },
    {"case",    OPTION_TEXT, "TEXT", "only cases whose name has this text in it"                },
    {"verbose", OPTION_FLAG, NULL,   "show what came of every case, of those that are right too"},
    {NULL,      OPTION_FLAG, NULL,   NULL                                                       },
};

static void report(struct ctl *ctl, const struct case_file *file, const struct policy_case *policy_case,
                   const struct case_result *result);
static void add_row(struct table *table, const struct policy_case *policy_case,
                    const struct case_finding *finding);
static void add_detail(struct buf *text, const char *name, struct slice value);
static bool is_chosen(const struct policy_case *policy_case, const char *text, struct arena *arena);

int policy_test(struct ctl *ctl, const struct args *args)
{
    struct case_file file = {0};
    struct buf problems = {0};
    size_t played = 0, wrong = 0;
    if (!case_file_read(args->rest[0], args_text(args, "policy"), &problems, &file)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
        buf_done(&problems);
        return CTL_WRONG_USE;
    }
    struct arena *arena = arena_create(ARENA_BYTES);
    for (size_t i = 0; i < file.count; i++) {
        struct case_result result;
        arena_reset(arena, ARENA_KEEP);
        if (!is_chosen(&file.cases[i], args_text(args, "case"), arena)) {
            continue;
        }
        case_run(&file.cases[i], arena, &result);
        if (!result.right || args_has(args, "verbose")) {
            report(ctl, &file, &file.cases[i], &result);
        }
        played++;
        wrong += !result.right;
    }
    buf_printf(&ctl->out, "%s: %zu case%s, ", file.name, played, played == 1 ? "" : "s");
    if (wrong == 0) {
        buf_text(&ctl->out, "all as expected\n");
    } else {
        buf_printf(&ctl->out, "%zu not as expected\n", wrong);
    }
    arena_destroy(arena);
    case_file_done(&file);
    buf_done(&problems);
    return wrong == 0 && played > 0 ? CTL_DONE : played == 0 ? ctl_fail("there is no such case") : CTL_FAILED;
}

static void report(struct ctl *ctl, const struct case_file *file, const struct policy_case *policy_case,
                   const struct case_result *result)
{
    static const struct column columns[] = {
        {NULL, false},
        {NULL, false},
        {NULL, false},
        {NULL, false},
        {NULL, false},
        {NULL, false}
    };
    struct table table;
    struct buf head = {0};
    buf_printf(&head, "%s:%d: %.*s%c", file->name, policy_case->line, SLICE_ARG(policy_case->name), '\0');
    ctl_styled(ctl, result->right ? STYLE_GOOD : STYLE_BAD,
               result->right ? "as expected  " : "NOT AS EXPECTED  ");
    ctl_styled(ctl, STYLE_BOLD, head.data);
    buf_printf(&ctl->out, "\n  (times of %.*s)\n", SLICE_ARG(policy_case->zone));
    table_init(&table, columns, sizeof columns / sizeof *columns);
    table.indent = "  ";
    for (size_t i = 0; i < result->count; i++) {
        add_row(&table, policy_case, &result->findings[i]);
    }
    if (result->count == 0) {
        buf_text(&ctl->out, "  nothing came\n");
    } else {
        table_print(&table, ctl->colour, &ctl->out);
    }
    buf_char(&ctl->out, '\n');
    table_done(&table);
    buf_done(&head);
}

static void add_row(struct table *table, const struct policy_case *policy_case,
                    const struct case_finding *finding)
{
    static const char *const marks[] = {
        [MARK_BOTH] = "", [MARK_EXPECTED] = "expected:", [MARK_CAME] = "got:"};
    const struct case_line *line = &finding->line;
    struct buf text = {0};
    table_text(table, marks[finding->mark]);
    local_time_text(&text, line->at_ms, policy_case->zone);
    table_buf(table, &text);
    table_text(table, case_verbs[line->verb]);
    table_cell(table, line->name);
    table_cell(table, line->customer);
    add_detail(&text, "reason", line->reason);
    add_detail(&text, "channels", line->channels);
    add_detail(&text, "content", line->content);
    add_detail(&text, "offer", line->offer);
    add_detail(&text, "occurrence", line->occurrence);
    table_buf(table, &text);
    buf_done(&text);
}

static void add_detail(struct buf *text, const char *name, struct slice value)
{
    if (value.len > 0) {
        buf_printf(text, "%s%s: %.*s", text->len > 0 ? ", " : "", name, SLICE_ARG(value));
    }
}

static bool is_chosen(const struct policy_case *policy_case, const char *text, struct arena *arena)
{
    return text == NULL || strstr(arena_copy(arena, policy_case->name).data, text) != NULL;
}
