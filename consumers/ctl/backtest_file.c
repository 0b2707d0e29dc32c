/* SPDX-License-Identifier: MIT */
/* Events from a file: structured CloudEvents as JSON, one a line, in order of time. */
#include "common/mem.h"
#include "consumers/ctl/backtest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HOMES 16 /* work for one customer grows a little with how many share a home */

static const struct header content_type = {
    .name = {"content-type",                 12},
      .value = {"application/cloudevents+json", 28}
};

static bool fold_lines(struct backtest *backtest, FILE *file, int64_t size);
static struct slice event_of(struct slice line);

bool backtest_file(struct backtest *backtest, const char *path)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "r");
    struct stat about = {0};
    if (file == NULL) {
        ctl_fail("%s cannot be read: %s", path, strerror(errno));
        return false;
    }
    (void)fstat(fileno(file), &about);
    bool good = fold_lines(backtest, file, (int64_t)about.st_size);
    if (!is_input) {
        fclose(file);
    }
    return good;
}

static bool fold_lines(struct backtest *backtest, FILE *file, int64_t size)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t len;
    int64_t done = 0, time_ms = 0;
    struct sandbox *sandbox = NULL;
    while ((len = getline(&text, &capacity, file)) > 0) {
        struct slice type, line = {.data = text, .len = (size_t)(text[len - 1] == '\n' ? len - 1 : len)};
        struct record record = {.value = event_of(line), .headers = &content_type, .header_count = 1};
        done += len;
        if (line.len == 0) {
            continue;
        }
        if (!backtest_time(backtest, &record, &time_ms, &type)) {
            backtest->unreadable++;
            continue;
        }
        if (time_ms >= backtest->to_ms) {
            continue; /* late ones may still follow */
        }
        if (sandbox == NULL) {
            sandbox = backtest_begin(backtest, HOMES, time_ms);
            backtest->first_ms = backtest->last_ms = time_ms;
        }
        backtest->last_ms = time_ms > backtest->last_ms ? time_ms : backtest->last_ms;
        backtest_event(backtest, sandbox, &record, time_ms);
        backtest_progress(backtest, "folding", done, size);
    }
    free(text);
    if (sandbox == NULL) {
        ctl_fail("there is no event in it that can be read: one a line, as JSON");
        return false;
    }
    backtest_end(backtest, sandbox);
    return true;
}

/* The line itself, or what loyald-shop --print has wrapped: {"topic":"...","key":"...","event":{...}}. */
static struct slice event_of(struct slice line)
{
    static const char wrap[] = ",\"event\":";
    const char *at = slice_has_prefix(line, SLICE("{\"topic\":")) ? strstr(line.data, wrap) : NULL;
    if (at == NULL) {
        return line;
    }
    at += sizeof wrap - 1;
    return (struct slice){.data = at, .len = line.len - (size_t)(at - line.data) - 1};
}
