/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/live_policy.h"

#include "config/yaml.h"

#define ARENA_BYTES 65536

static bool write_live(struct slice yaml, struct buf *problems, struct buf *out);

/* Read twice: as it is written, so that mistakes are where they stand, and then with its mode live. */
bool live_policy_parse(const char *file, struct slice yaml, struct buf *problems, struct policy **ret_policy)
{
    struct policy *written = NULL;
    struct buf live = {0};
    bool good = policy_parse(file, yaml, problems, &written) && write_live(yaml, problems, &live) &&
                policy_parse(file, buf_view(&live), problems, ret_policy);
    policy_free(written);
    buf_done(&live);
    return good;
}

/* The mode is a word on one line: another word in its place leaves all lines where they are. */
static bool write_live(struct slice yaml, struct buf *problems, struct buf *out)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    const struct yaml *root = NULL;
    bool good = yaml_parse(NULL, yaml, arena, problems, &root);
    const struct yaml *mode = good ? yaml_get(root, "mode") : NULL;
    if (mode == NULL) {
        buf_slice(out, yaml);
        buf_text(out, "\nmode: live\n");
    } else {
        const char *at = yaml.data;
        for (int line = 1; line < mode->line; line++) {
            at = (const char *)memchr(at, '\n', yaml.len - (size_t)(at - yaml.data)) + 1;
        }
        at += mode->column - 1;
        size_t len = mode->text.len + (mode->quoted ? 2 : 0);
        buf_add(out, yaml.data, (size_t)(at - yaml.data));
        buf_text(out, "live");
        buf_slice(out, (struct slice){at + len, yaml.len - (size_t)(at + len - yaml.data)});
    }
    arena_destroy(arena);
    return good;
}
