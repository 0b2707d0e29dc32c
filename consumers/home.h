/* SPDX-License-Identifier: MIT */
/* A home while this worker owns it: the state that its records are folded into, as far as it is in memory,
 * and what of it the store does not have yet. Knows the store's forms (reads to make, commits to send), not
 * the store.
 *
 * `touched` are the customers that reads from the store do not show as they are now: changed since the last
 * commit was begun. `run` are those changed since the last cut: the commit that is being gathered. */
#ifndef CONSUMERS_HOME_H
#define CONSUMERS_HOME_H

#include "common/event.h"
#include "common/store.h"
#include "common/totals.h"
#include "config/policy.h"
#include "consumers/due.h"
#include "consumers/fan_outs.h"
#include "consumers/residents.h"
#include "producers/outbox.h"
#include "producers/risk_counts.h"
#include "producers/switches.h"
#include "producers/shares.h"

#define HOME_FORMAT 1 /* of what stands in Redis */

struct resident_list {
    struct resident **items;
    size_t count, capacity;
};

#define NO_NEWS INT64_MIN

/* A product that was looked up since the last commit was begun. */
struct known_product {
    struct slice id; /* owned */
    bool loaded;
    int64_t newest[NEWS_KIND_COUNT]; /* time of the newest news; NO_NEWS if there were none */
};

/* The customers that the chunk being prepared decides for. */
struct chunk_range {
    bool ready;
    struct slice *ids; /* in the batch's arena */
    size_t count;
    bool full; /* there may be more behind */
};

struct home {
    int32_t number, homes;
    struct slice erasure_key;

    int64_t position; /* the next offset to fold */
    int64_t time_ms;
    bool continuation;
    const struct policy *policy; /* never NULL */
    struct totals *totals;
    struct switches switches;
    struct risk_counts risk;
    bool any_erased; /* some customer has been erased, be it before a rebuild */
    struct residents residents;
    struct due_list due;
    struct resident_list firing; /* whose timers fire before the record being prepared */
    bool more_due;               /* and there are more behind them */
    struct fan_outs fan_outs;
    struct shares shares;
    struct chunk_range chunk;
    struct known_product *products;
    size_t product_count, product_capacity;

    struct resident_list touched, run;
    struct changes extra; /* of the run: products, erasures, the policy's text */
    int64_t run_from;
    int64_t saved_time_ms; /* what the last cut wrote */
    bool saved_continuation;
    const struct policy *saved_policy;
    struct commit **commits; /* cut and not begun, in order; in the batch's arena */
    size_t commit_count, commit_capacity;
};

/* What has to be read before the fold can go on, and what for. */
enum want { WANT_CUSTOMER, WANT_ERASED, WANT_DUE, WANT_INDEX, WANT_PRODUCT };
struct wants {
    struct arena *arena;
    struct read *reads;
    enum want *kinds;
    struct slice *ids; /* of the customer or product */
    size_t count, capacity;
};

struct home *home_create(int32_t number, int32_t homes, struct slice erasure_key);
void home_destroy(struct home *home);

/* Forgets everything; home_load must follow. */
void home_reset(struct home *home);

/* The reads that load a home itself, and taking over their answers. policy_of finds or reads the policy of a
 * record's body. CORRUPT or FATAL with a sentence in ret_why (256 bytes). */
#define HOME_READS 9
void home_reads(struct read reads[HOME_READS]);
typedef enum policy_fault policy_finder(void *context, struct slice body, char *ret_why,
                                        const struct policy **ret_policy);
MUST_CHECK enum status home_load(struct home *home, const struct read reads[HOME_READS], int64_t position,
                                 policy_finder *policy_of, void *context, char *ret_why);

/* ---- before the fold: is it in memory? If not, a read is added to wants and the answer is false. */
bool home_has_customer(struct home *home, struct slice id, struct wants *wants);
bool home_has_product(struct home *home, struct slice id, struct wants *wants);
bool home_has_chunk(struct home *home, struct slice index, struct slice after, struct wants *wants);

/* Chooses the customers whose timers fire before a record at now_ms: `firing` and `more_due`. own (or absent)
 * is the record's own customer, which is not among them. */
bool home_has_due(struct home *home, int64_t now_ms, struct slice own, struct wants *wants);

/* Takes over the answers of reads whose position was the expected one. */
MUST_CHECK enum status home_absorb(struct home *home, const struct wants *wants, char *ret_why);

/* ---- during the fold */
/* The customer has changed; due_before and existed are what customer_next_due and customer_exists said
 * before. */
void home_touch(struct home *home, struct resident *resident, int64_t due_before, bool existed);
/* Was this said of the product before, or something newer of its kind? (A product is launched once.) */
bool home_knows_news(const struct home *home, const struct news *news);
void home_note_news(struct home *home, const struct news *news, struct arena *arena);
void home_erase(struct home *home, struct resident *resident, int64_t now_ms, struct arena *arena);
void home_switch(struct home *home, struct slice name, bool paused, int64_t now_ms, struct arena *arena);
void home_set_policy(struct home *home, const struct policy *policy, struct slice body, struct arena *arena);

/* ---- after the fold */
/* Keys changed since the last cut, about. */
size_t home_run_size(const struct home *home);

/* Makes one commit of all that has changed since the last cut, up to the position. Does nothing if that has
 * not moved. */
void home_cut(struct home *home, struct arena *arena);

/* The commits that were cut are on their way: reads will show them. */
void home_begun(struct home *home);

/* When a timer may be due, DUE_NEVER if there is none: never too late, but too early where the window of
 * timers that has been read ends, and INT64_MIN while nothing has been read. */
int64_t home_next_due(struct home *home);

#endif
