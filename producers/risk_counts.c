/* SPDX-License-Identifier: MIT */
#include "producers/risk_counts.h"

#include "common/mem.h"
#include "common/words.h"

static struct risk_count *entry(struct risk_counts *counts, struct slice follow_up);

void risk_counts_done(struct risk_counts *counts)
{
    for (size_t i = 0; i < counts->count; i++) {
        mem_free((char *)counts->items[i].name.data);
    }
    mem_free(counts->items);
    *counts = (struct risk_counts){0};
}

struct risk_count *risk_counts_at(struct risk_counts *counts, struct slice follow_up, int64_t now_ms,
                                  int64_t window_ms)
{
    struct risk_count *count = entry(counts, follow_up);
    if (count->begun_ms == 0 || now_ms - count->begun_ms >= 2 * window_ms) {
        struct slice name = count->name;
        *count = (struct risk_count){.name = name, .begun_ms = now_ms};
    } else if (now_ms - count->begun_ms >= window_ms) {
        count->sent_before = count->sent;
        count->reports_before = count->reports;
        count->sent = count->reports = 0;
        count->begun_ms += window_ms;
    }
    count->dirty = counts->changed = true;
    return count;
}

bool risk_counts_load(struct risk_counts *counts, const struct hash *hash)
{
    for (size_t i = 0; i < hash->field_count; i++) {
        struct word_cursor cursor = {.rest = hash->fields[i].value};
        struct risk_count *count = entry(counts, hash->fields[i].name);
        count->begun_ms = word_next_int(&cursor);
        count->sent = word_next_int(&cursor);
        count->reports = word_next_int(&cursor);
        count->sent_before = word_next_int(&cursor);
        count->reports_before = word_next_int(&cursor);
        if (!words_are_read(&cursor)) {
            return false;
        }
    }
    return true;
}

void risk_counts_collect(struct risk_counts *counts, struct changes *changes)
{
    for (size_t i = 0; counts->changed && i < counts->count; i++) {
        struct risk_count *count = &counts->items[i];
        if (count->dirty) {
            struct words value;
            words_begin(&value);
            words_add_int(&value, count->begun_ms);
            words_add_int(&value, count->sent);
            words_add_int(&value, count->reports);
            words_add_int(&value, count->sent_before);
            words_add_int(&value, count->reports_before);
            changes_set(changes, SLICE("risk"), count->name, words_view(&value));
            words_done(&value);
            count->dirty = false;
        }
    }
    counts->changed = false;
}

/* The policy's follow-ups are few. */
static struct risk_count *entry(struct risk_counts *counts, struct slice follow_up)
{
    for (size_t i = 0; i < counts->count; i++) {
        if (slice_equal(counts->items[i].name, follow_up)) {
            return &counts->items[i];
        }
    }
    MEM_GROW(counts->items, counts->count, counts->capacity);
    counts->items[counts->count++] = (struct risk_count){
        .name = {.data = mem_copy(follow_up), .len = follow_up.len}
    };
    return &counts->items[counts->count - 1];
}
