/* SPDX-License-Identifier: MIT */
/* Writes a page of the manual that is made from a table to standard output: `docgen settings`, `docgen
 * metrics`. With a second argument, a file, it writes nothing and fails if that file is not the same page.
 * The pages whose tables have no code of their own are in pages.c. */
#include "tests/docs/pages.h"

#include "common/stats.h"
#include "config/settings.h"

#include <stdio.h>

struct page {
    const char *name;
    void (*describe)(struct buf *out);
};

static const struct page pages[] = {
    {"settings",     settings_describe_markdown},
    {"metrics",      stats_describe_markdown   },
    {"customer",     page_customer             },
    {"decisions",    page_decisions            },
    {"dead-letters", page_dead_letters         },
    {"conditions",   page_conditions           },
};

static int compare(const struct buf *page, const char *name, const char *path)
{
    struct buf committed = {0};
    char block[4096];
    size_t got = 0;
    FILE *file = fopen(path, "re");
    while (file != NULL && (got = fread(block, 1, sizeof block, file)) > 0) {
        buf_add(&committed, block, got);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    bool same = slice_equal(buf_view(&committed), buf_view(page));
    if (!same) {
        fprintf(stderr, "%s differs from its table; make it anew: docgen %s > %s\n", path, name, path);
    }
    buf_done(&committed);
    return same ? 0 : 1;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof pages / sizeof *pages; i++) {
        if (strcmp(argv[1], pages[i].name) != 0) {
            continue;
        }
        struct buf out = {0};
        int status = 0;
        pages[i].describe(&out);
        if (argc > 2) {
            status = compare(&out, pages[i].name, argv[2]);
        } else {
            status = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 1;
        }
        buf_done(&out);
        return status;
    }
    fprintf(stderr, "usage: docgen PAGE [FILE to compare with]; the pages:");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        fprintf(stderr, " %s", pages[i].name);
    }
    fprintf(stderr, "\n");
    return 2;
}
