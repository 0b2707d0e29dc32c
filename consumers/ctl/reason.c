/* SPDX-License-Identifier: MIT */
#include "consumers/ctl/reason.h"

static const struct {
    const char *reason, *sentence;
} reasons[] = {
#define GATE(reason, sentence)  {#reason, sentence},
#define CAUSE(reason, sentence) {#reason, sentence},
#include "producers/gate.def"
#include "producers/cause.def"
#undef GATE
#undef CAUSE
};

const char *reason_sentence(struct slice reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (slice_is(reason, reasons[i].reason)) {
            return reasons[i].sentence;
        }
    }
    return "";
}
