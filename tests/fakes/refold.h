/* SPDX-License-Identifier: MIT */
/* A home log folded from scratch by workers that meet no trouble: what the state and the outputs must be,
 * however the log came to be. */
#ifndef TESTS_FAKES_REFOLD_H
#define TESTS_FAKES_REFOLD_H

#include "tests/fakes/fake_kafka.h"
#include "tests/fakes/store_fake.h"

struct refold_options {
    int64_t events, run, customers; /* batch.events, batch.run, cache.customers */
    int workers;
    bool silent; /* everything was sent before: C is the end of the log */
};

/* Returned owned (free): the state of each home, and what went out, as sorted lines. */
struct refolded {
    char *homes[64];
    char *outputs;  /* triggers and decisions, and the dead letters of records of the home log */
    char *internal; /* what was written to the home log, but ticks */
};

/* kafka is only read; only its home log is taken, with the policies and control records in it. */
void refold(const struct fake_kafka *kafka, const struct refold_options *options, struct refolded *ret);
void refolded_free(struct refolded *refolded);

/* The same of a world that has run. */
void refold_of_world(const struct fake_kafka *kafka, const struct fake_memory *memory, struct refolded *ret);

/* True: the same; else prints what differs. */
bool refolded_equal(const struct refolded *a, const struct refolded *b, const char *what);

#endif
