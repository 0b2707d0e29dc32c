/* SPDX-License-Identifier: MIT */
/* How calls to the outside end, and what the worker does about each. The list is status.def. */
#ifndef COMMON_STATUS_H
#define COMMON_STATUS_H

enum status {
#define STATUS(name, verdict, sentence) STATUS_##name,
#include "common/status.def"
#undef STATUS
    STATUS_COUNT
};

enum verdict { VERDICT_fine, VERDICT_repeat, VERDICT_recover, VERDICT_reopen, VERDICT_park, VERDICT_stop };

/* For functions whose outcome must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

enum verdict status_verdict(enum status status);
const char *status_name(enum status status);

#endif
