/* SPDX-License-Identifier: MIT */
/* A complaint as text: item `q:COMPLAINT`, value "STATE MARKS SEVERITY OPENED_S NEWEST_MS SPENT_MS SINCE_MS
 * REASON", the first three as letters, to stay short. */
#include "common/complaint.h"

#include "common/words.h"

#include <assert.h>

static const struct {
    const char *name;
    char letter;
} states[] = {
    [COMPLAINT_OPENED] = {"opened",       'o'},
    [COMPLAINT_ACKNOWLEDGED] = {"acknowledged", 'a'},
    [COMPLAINT_RESPONDED] = {"responded",    'p'},
    [COMPLAINT_RESOLVED] = {"resolved",     's'},
    [COMPLAINT_REOPENED] = {"reopened",     'n'}
};
enum { STATE_COUNT = sizeof states / sizeof states[0] };

static const char *const severity_names[SEVERITY_COUNT] = {[SEVERITY_LOW] = "low",
                                                           [SEVERITY_NORMAL] = "normal",
                                                           [SEVERITY_HIGH] = "high",
                                                           [SEVERITY_CRITICAL] = "critical"};

static bool read_state(struct slice word, enum complaint_state *ret_state);
static bool read_marks(struct slice word, struct complaint *complaint);
static void add_marks(struct words *words, const struct complaint *complaint);
static bool read_severity(struct slice word, enum severity *ret_severity);

const char *complaint_state_name(enum complaint_state state)
{
    assert((int)state < STATE_COUNT);
    return states[state].name;
}

const char *severity_name(enum severity severity)
{
    assert(severity < SEVERITY_COUNT);
    return severity_names[severity];
}

bool severity_parse(struct slice name, enum severity *ret_severity)
{
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (slice_is(name, severity_names[i])) {
            *ret_severity = (enum severity)i;
            return true;
        }
    }
    return false;
}

bool complaint_get(const struct customer *customer, struct slice complaint_id,
                   struct complaint *ret_complaint)
{
    struct slice value;
    return customer_item(customer, ITEM_COMPLAINT, complaint_id, &value) &&
           complaint_read(value, ret_complaint);
}

bool complaint_read(struct slice value, struct complaint *ret_complaint)
{
    struct word_cursor cursor = {.rest = value};
    struct complaint complaint = {0};
    if (!read_state(word_next(&cursor), &complaint.state) || !read_marks(word_next(&cursor), &complaint) ||
        !read_severity(word_next(&cursor), &complaint.severity)) {
        return false;
    }
    complaint.opened_s = word_next_int(&cursor);
    complaint.newest_ms = word_next_int(&cursor);
    complaint.spent_ms = word_next_int(&cursor);
    complaint.since_ms = word_next_int(&cursor);
    complaint.reason = word_next(&cursor);
    if (!words_are_read(&cursor)) {
        return false;
    }
    *ret_complaint = complaint;
    return true;
}

void complaint_set(struct customer *customer, struct slice complaint_id, const struct complaint *complaint)
{
    struct words words;
    words_begin(&words);
    words_add_char(&words, states[complaint->state].letter);
    add_marks(&words, complaint);
    words_add_char(&words, severity_names[complaint->severity][0]);
    words_add_int(&words, complaint->opened_s);
    words_add_int(&words, complaint->newest_ms);
    words_add_int(&words, complaint->spent_ms);
    words_add_int(&words, complaint->since_ms);
    words_add(&words, complaint->reason.len > 0 ? complaint->reason : SLICE("-"));
    customer_item_set(customer, ITEM_COMPLAINT, complaint_id, words_view(&words));
    words_done(&words);
}

int64_t complaint_freeze_end_ms(const struct complaint *complaint, int64_t freeze_ms)
{
    if (!complaint_is_open(complaint)) {
        return 0;
    }
    return freeze_ms + (complaint->opened_s > 0 ? complaint->opened_s * 1000 : complaint->newest_ms);
}

bool complaint_freezes(const struct customer *customer, int64_t now_ms, int64_t freeze_ms)
{
    struct slice id, value;
    struct complaint complaint;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_COMPLAINT, &cursor, &id, &value);) {
        if (complaint_read(value, &complaint) && now_ms < complaint_freeze_end_ms(&complaint, freeze_ms)) {
            return true;
        }
    }
    return false;
}

bool complaint_text_is_valid(struct slice value)
{
    struct complaint complaint;
    return complaint_read(value, &complaint);
}

static bool read_state(struct slice word, enum complaint_state *ret_state)
{
    for (int i = 0; i < STATE_COUNT && word.len == 1; i++) {
        if (states[i].letter == word.data[0]) {
            *ret_state = (enum complaint_state)i;
            return true;
        }
    }
    return false;
}

/* o: opened, a: acknowledged, p: responded; "-": none of them. */
static bool read_marks(struct slice word, struct complaint *complaint)
{
    for (size_t i = 0; i < word.len && !slice_is(word, "-"); i++) {
        bool *mark = word.data[i] == 'o'   ? &complaint->opened
                     : word.data[i] == 'a' ? &complaint->acknowledged
                     : word.data[i] == 'p' ? &complaint->responded
                                           : NULL;
        if (mark == NULL || *mark) {
            return false;
        }
        *mark = true;
    }
    return word.len > 0;
}

static void add_marks(struct words *words, const struct complaint *complaint)
{
    char marks[3];
    size_t count = 0;
    if (complaint->opened) {
        marks[count++] = 'o';
    }
    if (complaint->acknowledged) {
        marks[count++] = 'a';
    }
    if (complaint->responded) {
        marks[count++] = 'p';
    }
    words_add(words, count > 0 ? (struct slice){.data = marks, .len = count} : SLICE("-"));
}

static bool read_severity(struct slice word, enum severity *ret_severity)
{
    for (int i = 0; i < SEVERITY_COUNT && word.len == 1; i++) {
        if (severity_names[i][0] == word.data[0]) {
            *ret_severity = (enum severity)i;
            return true;
        }
    }
    return false;
}
