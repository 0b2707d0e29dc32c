/* SPDX-License-Identifier: MIT */
/* The source port over fake_kafka.h: a member of its group. Records are copies that end with source_release,
 * so that what is used afterwards is found by AddressSanitizer. */
#ifndef TESTS_FAKES_SOURCE_FAKE_H
#define TESTS_FAKES_SOURCE_FAKE_H

#include "tests/fakes/fake_kafka.h"

/* member: which one of the group; a new source of the same member is told its partitions by its first take.
 * Returns owned (source_close). */
struct source *source_fake_open(struct fake_kafka *kafka, int member);

/* The next take ends like this, once. */
void source_fake_fail_take(struct source *source, enum status status);

/* What is lent will not come back: the worker was left in the middle of a turn. Frees it. */
void source_fake_abandon(struct source *source);

/* Starting a partition fails once. */
void source_fake_fail_start(struct source *source);

#endif
