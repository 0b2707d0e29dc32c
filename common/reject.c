/* SPDX-License-Identifier: MIT */
/* The names and sentences of reject.def. */
#include "common/reject.h"

#include <assert.h>

static const struct {
    const char *name, *sentence;
} rejects[REJECT_COUNT] = {
#define REJECT(id, text) [REJECT_##id] = {.name = #id, .sentence = text},
#include "common/reject.def"
#undef REJECT
};

bool reject_is_known(struct slice name)
{
    enum reject reject = REJECT_NONE + 1;
    while (reject < REJECT_COUNT && !slice_is(name, rejects[reject].name)) {
        reject++;
    }
    return reject < REJECT_COUNT;
}

const char *reject_name(enum reject reject)
{
    assert(reject < REJECT_COUNT);
    return reject == REJECT_NONE ? "none" : rejects[reject].name;
}

const char *reject_sentence(enum reject reject)
{
    assert(reject < REJECT_COUNT);
    return reject == REJECT_NONE ? "the event is not refused" : rejects[reject].sentence;
}
