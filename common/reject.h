/* SPDX-License-Identifier: MIT */
/* Why an event is refused. The list is reject.def. */
#ifndef COMMON_REJECT_H
#define COMMON_REJECT_H

#include "common/slice.h"

enum reject {
    REJECT_NONE,
#define REJECT(name, sentence) REJECT_##name,
#include "common/reject.def"
#undef REJECT
    REJECT_COUNT
};

/* Is it the name of a reason? */
bool reject_is_known(struct slice name);

const char *reject_name(enum reject reject);
const char *reject_sentence(enum reject reject);

#endif
