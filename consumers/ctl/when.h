/* SPDX-License-Identifier: MIT */
/* Instants and durations for people. */
#ifndef CONSUMERS_CTL_WHEN_H
#define CONSUMERS_CTL_WHEN_H

#include "common/buf.h"

/* "2026-11-22 10:00:00 UTC". */
void when_utc(struct buf *out, int64_t ms);

/* "2026-11-22 11:00 Europe/Berlin"; the zone must exist. */
void when_local(struct buf *out, int64_t ms, struct slice zone);

/* "in 14 h", "3 d ago", "now". */
void when_relative(struct buf *out, int64_t ms, int64_t now_ms);

/* "14 h", of any length; the largest unit of which there are two or more, rounded. */
void when_duration(struct buf *out, int64_t ms);

#endif
