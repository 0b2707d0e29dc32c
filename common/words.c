/* SPDX-License-Identifier: MIT */
/* Writing and reading the words of an item's value. A value longer than the room within the struct moves to
 * the heap; only orders with very many marks do. */
#include "common/words.h"

#include "common/buf.h"
#include "common/mem.h"

#define DIGITS_THAT_FIT 18 /* into an int64_t, whatever they are */

static char *begin_word(struct words *words, size_t len);
static size_t read_digits(struct slice text, int64_t *ret);
static char *room_for(struct words *words, size_t len);

struct slice int_text(int64_t value, char room[static INT_TEXT_BYTES])
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
        "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
        "9899";
    char *at = room + INT_TEXT_BYTES;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    while (rest >= 10) {
        at -= 2;
        memcpy(at, pairs + rest % 100 * 2, 2);
        rest /= 100;
    }
    if (rest > 0 || at == room + INT_TEXT_BYTES) {
        *--at = (char)('0' + rest);
    }
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
    char *at = begin_word(words, word.len);
    memcpy(at, word.data, word.len);
    words->len += word.len;
}

void words_add_char(struct words *words, char word)
{
    *begin_word(words, 1) = word;
    words->len++;
}

void words_add_int(struct words *words, int64_t value)
{
    char *at = begin_word(words, INT_TEXT_BYTES);
    if (value >= 0 && value < 10) {
        *at = (char)('0' + value);
        words->len++;
        return;
    }
    struct slice text = int_text(value, at); /* at the end of the room that was made */
    memmove(at, text.data, text.len);
    words->len += text.len;
}

void words_append(struct words *words, struct slice text)
{
    if (text.len > 0) {
        memcpy(room_for(words, text.len), text.data, text.len);
        words->len += text.len;
    }
}

/* Words are short: a plain loop is faster than memchr. */
struct slice word_next(struct word_cursor *cursor)
{
    if (!word_is_there(cursor)) {
        cursor->bad = true;
        return SLICE("");
    }
    struct slice rest = cursor->rest, word = {.data = rest.data};
    while (word.len < rest.len && rest.data[word.len] != ' ') {
        word.len++;
    }
    cursor->rest = word.len < rest.len
                       ? (struct slice){.data = rest.data + word.len + 1, .len = rest.len - word.len - 1}
                       : (struct slice){0};
    cursor->bad = word.len == 0;
    return word;
}

int64_t word_next_int(struct word_cursor *cursor)
{
    int64_t value = 0;
    size_t len = read_digits(cursor->rest, &value);
    bool at_end = len == cursor->rest.len;
    if (len > 0 && !cursor->bad && (at_end || cursor->rest.data[len] == ' ')) {
        cursor->rest =
            at_end ? (struct slice){0}
                   : (struct slice){.data = cursor->rest.data + len + 1, .len = cursor->rest.len - len - 1};
        return value;
    }
    value = 0;
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

/* Room for a word, behind a blank unless it is the first. */
static char *begin_word(struct words *words, size_t len)
{
    char *at = room_for(words, len + 1);
    if (words->len > 0) {
        *at++ = ' ';
        words->len++;
    }
    return at;
}

/* The plain case: the digits that the text begins with, as many as fit whatever they are; how many. */
static size_t read_digits(struct slice text, int64_t *ret)
{
    if (text.len == 0) { /* it may be absent */
        *ret = 0;
        return 0;
    }
    const char *at = text.data, *end = at + (text.len < DIGITS_THAT_FIT ? text.len : DIGITS_THAT_FIT);
    int64_t value = 0;
    for (unsigned digit; at < end && (digit = (unsigned)(*at - '0')) <= 9; at++) {
        value = 10 * value + digit;
    }
    *ret = value;
    return (size_t)(at - text.data);
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
