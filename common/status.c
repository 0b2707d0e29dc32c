/* SPDX-License-Identifier: MIT */
/* The names and verdicts of status.def; its sentences are for who reads it. */
#include "common/status.h"

#include <assert.h>

static const struct {
    const char *name;
    enum verdict verdict;
} statuses[STATUS_COUNT] = {
#define STATUS(id, what, text) [STATUS_##id] = {.name = #id, .verdict = VERDICT_##what},
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
