/* SPDX-License-Identifier: MIT */
/* The names, verdicts and sentences of status.def. */
#include "common/status.h"

#include <assert.h>

static const struct {
    const char *name, *sentence;
    enum verdict verdict;
} statuses[STATUS_COUNT] = {
#define STATUS(id, what, text) [STATUS_##id] = {.name = #id, .sentence = text, .verdict = VERDICT_##what},
#include "common/status.def"
#undef STATUS
};

enum verdict status_verdict(enum status status)
{
    assert(status < STATUS_COUNT);
    return statuses[status].verdict;
}

const char *status_name(enum status status)
{
    assert(status < STATUS_COUNT);
    return statuses[status].name;
}

const char *status_sentence(enum status status)
{
    assert(status < STATUS_COUNT);
    return statuses[status].sentence;
}
