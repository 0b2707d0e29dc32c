/* SPDX-License-Identifier: MIT */
/* The sink port over fake_kafka.h: the transactional producer of one member. How publications end is asked
 * for with fake_kafka_next. It asserts what no worker may do: set the group's offsets back, or use a producer
 * whose last outcome is not known. */
#ifndef TESTS_FAKES_SINK_FAKE_H
#define TESTS_FAKES_SINK_FAKE_H

#include "tests/fakes/fake_kafka.h"

/* Opening ends what an older producer of this member left open. Returns owned (sink_close). */
struct sink *sink_fake_open(struct fake_kafka *kafka, int member);

#endif
