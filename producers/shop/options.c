/* SPDX-License-Identifier: MIT */
/* Reads the command line. Every option is looked at whole before anything starts, and those that contradict
 * one another are refused. */
#include "producers/shop/options.h"

#include "common/buf.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "producers/shop/random.h"

#include <getopt.h>
#include <stdio.h>

#define CUSTOMERS_MAX     10000000
#define COUNT_MAX         1000000000000LL
#define CUSTOMERS_DEFAULT 10000
#define BENCH_CUSTOMERS   100000
#define BENCH_COUNT       1000000

const char options_help[] =
    "loyald-shop: a sample upstream for loyald\n"
    "\n"
    "  loyald-shop --replay FILE [option ...]                replay purchases\n"
    "  loyald-shop --made-up N [--customers M] [option ...]  make up N events of M customers\n"
    "  loyald-shop --bench [N] [option ...]                  N events for measuring, of 430 bytes each\n"
    "  loyald-shop --help | --version\n"
    "\n"
    "What:\n"
    "  --replay FILE         purchases, plain or gz: customer, date YYYYMMDD, items, dollars (CDNOW's "
    "format)\n"
    "  --customers M         customers to make up: 10000; for --bench 100000\n"
    "  --seed NUMBER         what chance begins with: 1. The same seed gives the same bytes\n"
    "  --from DAY, --to DAY  YYYY-MM-DD, both included. Replay: the purchases of these days; made up: the "
    "days\n"
    "                        over which the events spread, 2025-01-01 to 2025-12-31. `--from now`: made-up\n"
    "                        events begin now and are 1/RATE apart (then the bytes depend on the clock too)\n"
    "  --refunds PERCENT     of purchases that are cancelled or refunded; replay: 0, made up: 3\n"
    "  --news PERCENT        of events that are restocks, new prices, recalls and subscriptions; made up: 0\n"
    "  --duplicates PERCENT  of events that come twice\n"
    "  --late PERCENT        of events that come after up to 1000 later ones\n"
    "  --malformed PERCENT   so many events more, which are broken\n"
    "\n"
    "Where to:\n"
    "  --bootstrap HOST:PORT the Kafka broker: 127.0.0.1:9092\n"
    "  --config FILE         loyald's settings, for the names of topics and all under kafka:\n"
    "  --to feeders|home-log the topics that any upstream may write, the default; or straight to the home "
    "log\n"
    "  --print               write the events to standard output, a JSON object a line, and need no Kafka\n"
    "\n"
    "How:\n"
    "  --rate PER_SECOND     at most so many events; without, as fast as can be\n"
    "  --hold-back N         wait while loyald is more than N records behind\n"
    "  --acknowledged FILE   write each event that Kafka has, with topic, partition and offset, as a JSON "
    "line\n"
    "  --end-of-time         an import: wait at each launch until loyald is through with it, and append the\n"
    "                        control record `end` to every home after the last event\n"
    "  --progress auto|off   a progress bar on a terminal, and a summary; or neither\n"
    "\n"
    "Exit status: 0 every event was acknowledged (or printed); 1 not all were; 2 wrong option, settings or "
    "file.\n";

enum option_code {
    OPTION_REPLAY = 1000,
    OPTION_MADE_UP,
    OPTION_BENCH,
    OPTION_CUSTOMERS,
    OPTION_SEED,
    OPTION_FROM,
    OPTION_TO,
    OPTION_REFUNDS,
    OPTION_NEWS,
    OPTION_DUPLICATES,
    OPTION_LATE,
    OPTION_MALFORMED,
    OPTION_BOOTSTRAP,
    OPTION_CONFIG,
    OPTION_PRINT,
    OPTION_RATE,
    OPTION_HOLD_BACK,
    OPTION_ACKNOWLEDGED,
    OPTION_END_OF_TIME,
    OPTION_PROGRESS,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    {"replay",       required_argument, NULL, OPTION_REPLAY      },
    {"made-up",      required_argument, NULL, OPTION_MADE_UP     },
    {"bench",        optional_argument, NULL, OPTION_BENCH       },
    {"customers",    required_argument, NULL, OPTION_CUSTOMERS   },
    {"seed",         required_argument, NULL, OPTION_SEED        },
    {"from",         required_argument, NULL, OPTION_FROM        },
    {"to",           required_argument, NULL, OPTION_TO          },
    {"refunds",      required_argument, NULL, OPTION_REFUNDS     },
    {"news",         required_argument, NULL, OPTION_NEWS        },
    {"duplicates",   required_argument, NULL, OPTION_DUPLICATES  },
    {"late",         required_argument, NULL, OPTION_LATE        },
    {"malformed",    required_argument, NULL, OPTION_MALFORMED   },
    {"bootstrap",    required_argument, NULL, OPTION_BOOTSTRAP   },
    {"config",       required_argument, NULL, OPTION_CONFIG      },
    {"print",        no_argument,       NULL, OPTION_PRINT       },
    {"rate",         required_argument, NULL, OPTION_RATE        },
    {"hold-back",    required_argument, NULL, OPTION_HOLD_BACK   },
    {"acknowledged", required_argument, NULL, OPTION_ACKNOWLEDGED},
    {"end-of-time",  no_argument,       NULL, OPTION_END_OF_TIME },
    {"progress",     required_argument, NULL, OPTION_PROGRESS    },
    {"help",         no_argument,       NULL, OPTION_HELP        },
    {"version",      no_argument,       NULL, OPTION_VERSION     },
    {NULL,           0,                 NULL, 0                  },
};

static bool take_option(int code, struct options *options, char *ret_error);
static bool take_number(const char *name, int64_t low, int64_t high, int64_t *ret, char *ret_error);
static bool take_percent(const char *name, uint32_t *ret_ppm, char *ret_error);
static bool take_day(const char *name, int64_t *ret_day, char *ret_error);
static bool take_topics(struct options *options, char *ret_error);
static bool set_mode(struct options *options, enum shop_mode mode, char *ret_error);
static bool fill_and_check(struct options *options, char *ret_error);

enum options_outcome options_parse(int argc, char **argv, struct options *ret_options, char *ret_error)
{
    struct options options = {.seed = 1, .from_day = DAY_NONE, .to_day = DAY_NONE, .progress = true};
    int code = 0;
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        if (code == OPTION_HELP || code == 'h') {
            return OPTIONS_HELP;
        }
        if (code == OPTION_VERSION) {
            return OPTIONS_VERSION;
        }
        if (code == '?' || code == ':') {
            snprintf(ret_error, SHOP_ERROR_SIZE, "%s \"%.100s\"; see loyald-shop --help",
                     code == '?' ? "there is no option" : "a value is missing behind", argv[optind - 1]);
            return OPTIONS_WRONG;
        }
        /* `--bench N` as well as `--bench=N` */
        if (code == OPTION_BENCH && optarg == NULL && optind < argc && argv[optind][0] != '-') {
            optarg = argv[optind++];
        }
        if (!take_option(code, &options, ret_error)) {
            return OPTIONS_WRONG;
        }
    }
    if (optind < argc) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "unexpected argument \"%.100s\"; see loyald-shop --help",
                 argv[optind]);
        return OPTIONS_WRONG;
    }
    if (!fill_and_check(&options, ret_error)) {
        return OPTIONS_WRONG;
    }
    *ret_options = options;
    return OPTIONS_RUN;
}

/* The value is in optarg. */
static bool take_option(int code, struct options *options, char *ret_error)
{
    int64_t seed = 0;
    switch (code) {
    case OPTION_REPLAY:
        options->replay = optarg;
        return set_mode(options, MODE_REPLAY, ret_error);
    case OPTION_MADE_UP:
        return take_number("--made-up", 1, COUNT_MAX, &options->count, ret_error) &&
               set_mode(options, MODE_MADE_UP, ret_error);
    case OPTION_BENCH:
        options->count = BENCH_COUNT;
        return (optarg == NULL || take_number("--bench", 1, COUNT_MAX, &options->count, ret_error)) &&
               set_mode(options, MODE_BENCH, ret_error);
    case OPTION_CUSTOMERS:
        return take_number("--customers", 1, CUSTOMERS_MAX, &options->customers, ret_error);
    case OPTION_SEED:
        if (!take_number("--seed", 0, INT64_MAX, &seed, ret_error)) {
            return false;
        }
        options->seed = (uint64_t)seed;
        return true;
    case OPTION_FROM:
        if (strcmp(optarg, "now") == 0) {
            options->now_ms = clock_wall_ms();
            return true;
        }
        return take_day("--from", &options->from_day, ret_error);
    case OPTION_TO:
        return optarg[0] >= '0' && optarg[0] <= '9' ? take_day("--to", &options->to_day, ret_error)
                                                    : take_topics(options, ret_error);
    case OPTION_REFUNDS:
        options->refunds_given = true;
        return take_percent("--refunds", &options->refunds_ppm, ret_error);
    case OPTION_NEWS:
        return take_percent("--news", &options->news_ppm, ret_error);
    case OPTION_DUPLICATES:
        return take_percent("--duplicates", &options->duplicates_ppm, ret_error);
    case OPTION_LATE:
        return take_percent("--late", &options->late_ppm, ret_error);
    case OPTION_MALFORMED:
        return take_percent("--malformed", &options->malformed_ppm, ret_error);
    case OPTION_BOOTSTRAP:
        options->bootstrap = optarg;
        return true;
    case OPTION_CONFIG:
        options->config = optarg;
        return true;
    case OPTION_PRINT:
        options->print = true;
        return true;
    case OPTION_RATE:
        return take_number("--rate", 1, 100000000, &options->rate, ret_error);
    case OPTION_HOLD_BACK:
        return take_number("--hold-back", 1, 1000000000, &options->hold_back, ret_error);
    case OPTION_ACKNOWLEDGED:
        options->acknowledged = optarg;
        return true;
    case OPTION_END_OF_TIME:
        options->end_of_time = true;
        return true;
    default: /* OPTION_PROGRESS */
        options->progress = strcmp(optarg, "auto") == 0;
        if (!options->progress && strcmp(optarg, "off") != 0) {
            snprintf(ret_error, SHOP_ERROR_SIZE, "--progress is auto or off, not \"%.60s\"", optarg);
            return false;
        }
        return true;
    }
}

static bool set_mode(struct options *options, enum shop_mode mode, char *ret_error)
{
    if (options->mode != MODE_NONE && options->mode != mode) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "only one of --replay, --made-up and --bench can be done");
        return false;
    }
    options->mode = mode;
    return true;
}

static bool take_number(const char *name, int64_t low, int64_t high, int64_t *ret, char *ret_error)
{
    int64_t value = 0;
    if (!parse_int(slice_of(optarg), &value) || value < low || value > high) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%s is a whole number of %lld to %lld, not \"%.60s\"", name,
                 (long long)low, (long long)high, optarg);
        return false;
    }
    *ret = value;
    return true;
}

/* "5" or "0.25": at most four digits behind the point. */
static bool take_percent(const char *name, uint32_t *ret_ppm, char *ret_error)
{
    const char *point = strchr(optarg, '.');
    size_t whole_len = point != NULL ? (size_t)(point - optarg) : strlen(optarg);
    int64_t whole = 0, part = 0;
    bool good = parse_int((struct slice){.data = optarg, .len = whole_len}, &whole);
    if (good && point != NULL) {
        size_t digits = strlen(point + 1);
        good = digits <= 4 && point[1] != '-' && parse_int(slice_of(point + 1), &part);
        for (; digits < 4; digits++) {
            part *= 10;
        }
    }
    int64_t ppm = whole * (PPM / 100) + part;
    if (!good || optarg[0] == '-' || whole > 100 || ppm > PPM) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%s is a percentage of 0 to 100, such as 0.5, not \"%.60s\"",
                 name, optarg);
        return false;
    }
    *ret_ppm = (uint32_t)ppm;
    return true;
}

static bool take_day(const char *name, int64_t *ret_day, char *ret_error)
{
    struct civil_date date;
    bool good = optarg[0] != '-' && civil_date_parse(slice_of(optarg), &date);
    if (!good || date.year < 1971 || date.year > 2098) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%s is a day such as 1997-01-31, not \"%.60s\"", name, optarg);
        return false;
    }
    *ret_day = civil_date_to_days(date);
    return true;
}

static bool take_topics(struct options *options, char *ret_error)
{
    options->to_home_log = strcmp(optarg, "home-log") == 0;
    if (!options->to_home_log && strcmp(optarg, "feeders") != 0) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "--to is feeders, home-log or a day, not \"%.60s\"", optarg);
        return false;
    }
    return true;
}

/* What does not go together, and the defaults that depend on the mode. */
static bool fill_and_check(struct options *options, char *ret_error)
{
    const char *wrong = NULL;
    bool has_faults = options->duplicates_ppm + options->late_ppm + options->malformed_ppm > 0;
    if (options->mode == MODE_NONE) {
        wrong = "say what to do: --replay FILE, --made-up N or --bench; see loyald-shop --help";
    } else if (options->mode == MODE_REPLAY && (options->customers > 0 || options->now_ms > 0)) {
        wrong = "a replay's customers and days are those of its file: leave --customers and --from now out";
    } else if (options->mode == MODE_BENCH && (has_faults || options->refunds_given)) {
        wrong = "--bench has no faults and refunds; use --made-up for those";
    } else if (options->news_ppm > 0 && options->mode != MODE_MADE_UP) {
        wrong = "--news goes with --made-up";
    } else if (options->print &&
               (options->hold_back > 0 || options->end_of_time || options->acknowledged != NULL)) {
        wrong = "--print needs no Kafka: leave --hold-back, --end-of-time and --acknowledged out";
    } else if (options->end_of_time && !options->to_home_log) {
        wrong = "--end-of-time belongs to an import, which goes to the home log: add --to home-log";
    } else if (options->end_of_time && options->late_ppm > 0) {
        wrong = "an import is in order of time: --end-of-time and --late do not go together";
    } else if (options->now_ms > 0 && options->to_day != DAY_NONE) {
        wrong = "with --from now the events end when there are enough of them: leave --to out";
    }
    if (wrong != NULL) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "%s", wrong);
        return false;
    }
    if (options->mode != MODE_REPLAY && options->from_day == DAY_NONE) {
        options->from_day = civil_date_to_days((struct civil_date){.year = 2025, .month = 1, .day = 1});
    }
    if (options->mode != MODE_REPLAY && options->to_day == DAY_NONE) {
        options->to_day = options->from_day + 364;
    }
    if (options->from_day != DAY_NONE && options->to_day != DAY_NONE && options->from_day > options->to_day) {
        snprintf(ret_error, SHOP_ERROR_SIZE, "--from lies behind --to");
        return false;
    }
    if (options->customers == 0) {
        options->customers = options->mode == MODE_BENCH ? BENCH_CUSTOMERS : CUSTOMERS_DEFAULT;
    }
    if (!options->refunds_given && options->mode == MODE_MADE_UP) {
        options->refunds_ppm = PPM * 3 / 100;
    }
    return true;
}
