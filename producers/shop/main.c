/* SPDX-License-Identifier: MIT */
/* loyald-shop: a sample upstream. Takes a stream of events, one after the other, to where they are to go, at
 * the pace that was asked for. */
#include "common/clock.h"
#include "common/log.h"
#include "producers/shop/bench.h"
#include "producers/shop/faults.h"
#include "producers/shop/made_up.h"
#include "producers/shop/options.h"
#include "producers/shop/outlet.h"
#include "producers/shop/progress.h"
#include "producers/shop/replay.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOW_EACH 64   /* events between two looks at the clock */
#define AHEAD_US  1000 /* a stream with a rate rests only when it is so far ahead */

extern char **environ;

static volatile sig_atomic_t stopping;

static int run(const struct options *options);
static struct settings *load_settings(const struct options *options);
static struct stream *open_stream(const struct options *options);
static struct outlet *open_outlet(const struct options *options, const struct settings *settings);
static bool run_stream(const struct options *options, struct stream *stream, struct outlet *outlet);
static void listen_to_signals(void);
static void complain(const char *sentence);

int main(int argc, char **argv)
{
    struct options options;
    char error[SHOP_ERROR_SIZE];
    switch (options_parse(argc, argv, &options, error)) {
    case OPTIONS_HELP:
        printf("%s", options_help);
        return EXIT_DONE;
    case OPTIONS_VERSION:
        printf("loyald-shop %s\n", LOYALD_VERSION);
        return EXIT_DONE;
    case OPTIONS_WRONG:
        complain(error);
        return EXIT_WRONG_USE;
    default:
        return run(&options);
    }
}

bool shop_is_stopping(void)
{
    return stopping != 0;
}

static int run(const struct options *options)
{
    int result = EXIT_WRONG_USE;
    struct stream *stream = NULL;
    struct outlet *outlet = NULL;
    struct settings *settings = load_settings(options);
    log_level_set(LOG_LEVEL_ERROR); /* the shop says itself, in one line, what a person need know */
    if (settings == NULL || (stream = open_stream(options)) == NULL) {
        goto done;
    }
    listen_to_signals();
    result = EXIT_FAILED;
    outlet = open_outlet(options, settings);
    if (outlet != NULL && run_stream(options, stream, outlet)) {
        result = EXIT_DONE;
    }
done:
    if (outlet != NULL) {
        outlet->close(outlet);
    }
    stream_close(stream);
    settings_free(settings);
    return result;
}

/* NULL: it has been said why. The broker is given as the environment gives it, which goes before the file. */
static struct settings *load_settings(const struct options *options)
{
    static const char name[] = "LOYALD_KAFKA_BOOTSTRAP_SERVERS";
    struct buf problems = {0};
    struct settings *settings = NULL;
    if (options->bootstrap != NULL) {
        (void)setenv(name, options->bootstrap, 1);
    } else if (options->config == NULL) {
        (void)setenv(name, "127.0.0.1:9092", 0);
    }
    if (!settings_load(options->config, environ, &problems, &settings)) {
        fprintf(stderr, "%.*s", SLICE_ARG(buf_view(&problems)));
    }
    buf_done(&problems);
    return settings;
}

static struct stream *open_stream(const struct options *options)
{
    char error[SHOP_ERROR_SIZE];
    struct stream *stream = NULL;
    if (options->mode == MODE_REPLAY) {
        if (!replay_open(options, &stream, error)) {
            complain(error);
            return NULL;
        }
    } else {
        stream = options->mode == MODE_BENCH ? bench_open(options) : made_up_open(options);
    }
    stream = faults_open(options, stream);
    if (options->progress) {
        complain(stream->about);
    }
    return stream;
}

static struct outlet *open_outlet(const struct options *options, const struct settings *settings)
{
    char error[SHOP_ERROR_SIZE];
    struct outlet *outlet = NULL;
    if (options->print) {
        return print_outlet_open(options, settings);
    }
    if (!kafka_outlet_open(options, settings, &outlet, error)) {
        complain(error);
        return NULL;
    }
    return outlet;
}

static bool run_stream(const struct options *options, struct stream *stream, struct outlet *outlet)
{
    struct shop_event event = {0};
    struct progress progress;
    int64_t begun_us = clock_monotonic_us(), last_time_ms = 0;
    bool going = true;
    progress_begin(&progress, options->progress, stream->expected, begun_us);
    while (going && !shop_is_stopping() && stream_next(stream, &event)) {
        if (options->rate > 0) {
            int64_t due_us = begun_us + outlet->sent * 1000000 / options->rate;
            going = due_us < clock_monotonic_us() + AHEAD_US || outlet->wait(outlet, due_us);
        }
        going = going && outlet->send(outlet, &event);
        last_time_ms = event.time_ms > last_time_ms ? event.time_ms : last_time_ms;
        if (outlet->sent % SHOW_EACH == 0 || options->rate > 0 || options->hold_back > 0) {
            progress_show(&progress, outlet->sent, event.time_ms, clock_monotonic_us());
        }
    }
    going = outlet->finish(outlet, last_time_ms) && going;
    progress_end(&progress, outlet->sent, outlet->acknowledged, clock_monotonic_us());
    if (!going) {
        complain(outlet->error);
    } else if (shop_is_stopping()) {
        complain("ended by a signal before the last event");
    }
    return going && !shop_is_stopping();
}

static void note_signal(int number)
{
    (void)number;
    stopping = 1;
}

/* Without SA_RESTART, so that a signal ends a wait. */
static void listen_to_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
}

static void complain(const char *sentence)
{
    fprintf(stderr, "loyald-shop: %s\n", sentence);
}
