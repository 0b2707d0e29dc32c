/* SPDX-License-Identifier: MIT */
/* Writing and reading the words of an item's value. A value longer than the room within the struct moves to the
 * heap; only orders with very many marks do. */
#include "common/words.h"

#include "common/buf.h"
#include "common/mem.h"

static char *room_for(struct words *words, size_t len);

struct slice int_text(int64_t value, char room[static INT_TEXT_BYTES])
{
    char *at = room + INT_TEXT_BYTES;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        *--at = '-';
    }
    return (struct slice){.data = at, .len = (size_t)(room + INT_TEXT_BYTES - at)};
}

void words_begin(struct words *words)
{
    words->data = words->room;
    words->len = 0;
    words->capacity = sizeof words->room;
}

void words_done(struct words *words)
{
    if (words->data != words->room) {
        mem_free(words->data);
    }
}

void words_add(struct words *words, struct slice word)
{
    if (words->len > 0) {
        words_append(words, SLICE(" "));
    }
    words_append(words, word);
}

void words_add_char(struct words *words, char word)
{
    words_add(words, (struct slice){.data = &word, .len = 1});
}

void words_add_int(struct words *words, int64_t value)
{
    char room[INT_TEXT_BYTES];
    words_add(words, int_text(value, room));
}

void words_append(struct words *words, struct slice text)
{
    if (text.len > 0) {
        memcpy(room_for(words, text.len), text.data, text.len);
        words->len += text.len;
    }
}

struct slice word_next(struct word_cursor *cursor)
{
    if (!word_is_there(cursor)) {
        cursor->bad = true;
        return SLICE("");
    }
    struct slice rest = cursor->rest;
    const char *blank = rest.len > 0 ? memchr(rest.data, ' ', rest.len) : NULL;
    struct slice word = {.data = rest.data, .len = blank != NULL ? (size_t)(blank - rest.data) : rest.len};
    cursor->rest = blank != NULL ? (struct slice){.data = blank + 1, .len = rest.len - word.len - 1}
                                 : (struct slice){0};
    if (word.len == 0) {
        cursor->bad = true;
    }
    return word;
}

int64_t word_next_int(struct word_cursor *cursor)
{
    int64_t value = 0;
    if (!parse_int(word_next(cursor), &value)) {
        cursor->bad = true;
    }
    return value;
}

bool currency_is_valid(struct slice text)
{
    if (text.len != 3) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (text.data[i] < 'A' || text.data[i] > 'Z') {
            return false;
        }
    }
    return true;
}

bool currency_read(struct slice word, char ret_currency[4])
{
    if (slice_is(word, "-")) {
        memset(ret_currency, 0, 4);
        return true;
    }
    if (!currency_is_valid(word)) {
        return false;
    }
    memcpy(ret_currency, word.data, 3);
    ret_currency[3] = '\0';
    return true;
}

static char *room_for(struct words *words, size_t len)
{
    if (len > words->capacity - words->len) {
        size_t capacity = 2 * words->capacity + len;
        char *data = mem_alloc(capacity);
        memcpy(data, words->data, words->len);
        words_done(words);
        words->data = data;
        words->capacity = capacity;
    }
    return words->data + words->len;
}
