/* SPDX-License-Identifier: MIT */
/* What a home holds as text, the same from every kind of store, for comparison byte by byte. Lines are
 * sorted; bytes that are not printable ASCII, and \, are written as \xNN: c:C1 name=value due member@12 */
#ifndef TESTS_FAKES_DUMP_H
#define TESTS_FAKES_DUMP_H

#include "common/slice.h"

#include <stdint.h>

struct dump {
    char **lines;
    size_t count, capacity;
};

void dump_field(struct dump *dump, struct slice key, struct slice name, struct slice value);
void dump_rank(struct dump *dump, struct slice key, struct slice member, int64_t score);

/* The lines in order as one text; returns owned (free). Frees what the dump holds. */
char *dump_finish(struct dump *dump);

#endif
