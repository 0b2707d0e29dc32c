/* SPDX-License-Identifier: MIT */
/* What librdkafka says, short enough for a sentence of ours. Knows no Kafka library. */
#ifndef PRODUCERS_KAFKA_WORDS_H
#define PRODUCERS_KAFKA_WORDS_H

#include <stddef.h>

/* "[thrd:a:9092/1]: a:9092/1: Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 3ms in state
 * CONNECT, 1 identical error(s) suppressed)" becomes "a:9092: Connection refused": without threads, states,
 * counters and what stands there twice, so that the same failure has the same words each time. What does not
 * fit ends with "...". */
void kafka_words(const char *text, char *ret_words, size_t size);

#endif
