/* SPDX-License-Identifier: MIT */
/* A dead letter: a record that could not be taken, with why and where it came from, as its headers say. */
#ifndef CONSUMERS_CTL_LETTER_H
#define CONSUMERS_CTL_LETTER_H

#include "common/record.h"

#include <stdbool.h>

struct letter {
    struct slice reason, sentence, topic, partition,
        offset; /* views into the record; "" where it does not say */
    int64_t time_ms;
    bool cut; /* not whole: too large to pass on */
};

struct letter letter_read(const struct record *record);

/* Was this header added by loyald, and not by the sender? */
bool letter_header_is_ours(struct slice name);

#endif
