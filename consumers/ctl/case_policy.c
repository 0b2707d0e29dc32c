/* SPDX-License-Identifier: MIT */
/* The policies of a file of cases. They are tried as if they were live, whatever their own mode says: so the
 * cases read the same before the policy goes live and after. */
#include "common/file.h"
#include "common/mem.h"
#include "consumers/ctl/case_parts.h"
#include "consumers/ctl/live_policy.h"

#include <stdio.h>

static const struct policy *find(const struct case_file *file, struct slice source);
static const struct policy *add(struct case_reader *reader, const char *name, struct slice source,
                                struct slice text);
static struct slice beside(struct case_reader *reader, struct slice path);

const struct policy *case_read_policy(struct case_reader *reader, const struct yaml *node)
{
    struct slice text = {0};
    if (!yaml_text(node, "policy", &text)) {
        return NULL;
    }
    if (memchr(text.data, '\n', text.len) == NULL) {
        return case_load_policy(reader, node, beside(reader, text));
    }
    const struct policy *known = find(reader->file, text);
    if (known != NULL) {
        return known;
    }
    struct slice name =
        arena_printf(reader->file->arena, "%s: policy at line %d", reader->file->name, node->line);
    return add(reader, name.data, text, text);
}

const struct policy *case_load_policy(struct case_reader *reader, const struct yaml *node, struct slice path)
{
    const struct policy *policy = find(reader->file, path);
    struct buf text = {0};
    char why[256];
    if (policy == NULL && !file_read(path.data, &text, why)) {
        if (node != NULL) {
            yaml_problem(node, "the policy cannot be read: %s", why);
        } else {
            buf_printf(reader->problems, "%s\n", why);
        }
    } else if (policy == NULL) {
        policy = add(reader, path.data, path, buf_view(&text));
    }
    buf_done(&text);
    return policy;
}

void case_policies_done(struct case_file *file)
{
    for (size_t i = 0; i < file->policy_count; i++) {
        policy_free((struct policy *)file->policies[i].policy);
    }
    mem_free(file->policies);
    file->policies = NULL;
    file->policy_count = file->policy_capacity = 0;
}

/* One that was found to be wrong is known too, and its mistakes are said once. */
static const struct policy *find(const struct case_file *file, struct slice source)
{
    for (size_t i = 0; i < file->policy_count; i++) {
        if (slice_equal(file->policies[i].source, source)) {
            return file->policies[i].policy != NULL ? file->policies[i].policy : policy_none();
        }
    }
    return NULL;
}

static const struct policy *add(struct case_reader *reader, const char *name, struct slice source,
                                struct slice text)
{
    struct case_file *file = reader->file;
    struct policy *policy = NULL;
    bool good = live_policy_parse(name, text, reader->problems, &policy);
    MEM_GROW(file->policies, file->policy_count, file->policy_capacity);
    file->policies[file->policy_count++] =
        (struct case_policy){.source = arena_copy(file->arena, source), .policy = policy};
    return good ? policy : NULL;
}

/* Relative to the file of cases. */
static struct slice beside(struct case_reader *reader, struct slice path)
{
    const char *slash = strrchr(reader->file->name, '/');
    if (slash == NULL || path.data[0] == '/') {
        return arena_copy(reader->file->arena, path);
    }
    return arena_printf(reader->file->arena, "%.*s%.*s", (int)(slash + 1 - reader->file->name),
                        reader->file->name, SLICE_ARG(path));
}
