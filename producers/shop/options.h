/* SPDX-License-Identifier: MIT */
/* What the shop was asked to do, and the command line that says so. */
#ifndef PRODUCERS_SHOP_OPTIONS_H
#define PRODUCERS_SHOP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHOP_ERROR_SIZE 512 /* of every buffer for a sentence in this folder */

#define DAY_NONE INT64_MIN
#define DAY_MS   86400000LL

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };

enum shop_mode { MODE_NONE, MODE_REPLAY, MODE_MADE_UP, MODE_BENCH };

struct options {
    enum shop_mode mode;
    const char *replay;       /* the purchases file */
    int64_t count, customers; /* made up */
    uint64_t seed;

    int64_t from_day, to_day; /* since 1970-01-01, both included; DAY_NONE: not given */
    int64_t now_ms;           /* --from now: when that was; else 0 */
    uint32_t refunds_ppm;     /* of purchases that are cancelled or refunded */
    bool refunds_given;
    uint32_t news_ppm; /* of events: about products and who waits for them */
    uint32_t duplicates_ppm, late_ppm, malformed_ppm;

    bool to_home_log; /* else to the feeders */
    bool print;       /* to standard output instead of Kafka */
    const char *config, *bootstrap, *acknowledged;
    int64_t rate;      /* events per second; 0: as fast as can be */
    int64_t hold_back; /* events that the consumers may be behind; 0: any number */
    bool end_of_time;
    bool progress;
};

enum options_outcome { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/* OPTIONS_WRONG: ret_error (SHOP_ERROR_SIZE) says in a sentence what is. The texts point into argv. */
enum options_outcome options_parse(int argc, char **argv, struct options *ret_options, char *ret_error);

extern const char options_help[];

#endif
