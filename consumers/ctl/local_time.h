/* SPDX-License-Identifier: MIT */
/* Instants as people write them in files: in the time of a zone. */
#ifndef CONSUMERS_CTL_LOCAL_TIME_H
#define CONSUMERS_CTL_LOCAL_TIME_H

#include "common/buf.h"

/* "2026-03-29 09:00", "2026-03-29 09:00:30", both in `zone` or in the one that is named behind them
 * ("2026-03-29 09:00 Europe/Berlin"); "2026-03-29" (its beginning); or an instant of RFC 3339. A time that
 * comes twice is the first. False: ret_why (256 bytes) goes on from "must be" or the like. */
bool local_time_parse(struct slice text, struct slice zone, int64_t *ret_ms, char *ret_why);

/* "2026-03-29 09:00", with seconds where they are not 0, and "(2nd)" behind the second of a time that comes
 * twice. */
void local_time_text(struct buf *out, int64_t ms, struct slice zone);

#endif
