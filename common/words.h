/* SPDX-License-Identifier: MIT */
/* The values of a customer's items are words with one blank between them, such as "o 1700000000 1999 USD":
 * written without printf, read with a cursor that remembers the first mistake. */
#ifndef COMMON_WORDS_H
#define COMMON_WORDS_H

#include "common/slice.h"

#include <stdint.h>

#define INT_TEXT_BYTES 20 /* of the longest int64_t in decimal */

/* The decimal text, written into room. */
struct slice int_text(int64_t value, char room[static INT_TEXT_BYTES]);

/* A value being written. Not to be copied: it may point into itself. */
struct words {
    char *data;
    size_t len, capacity;
    char room[160];
};

void words_begin(struct words *words);
void words_done(struct words *words);
void words_add(struct words *words, struct slice word);
void words_add_char(struct words *words, char word);
void words_add_int(struct words *words, int64_t value);
void words_append(struct words *words, struct slice text); /* to the last word */
static inline struct slice words_view(const struct words *words)
{
    return (struct slice){.data = words->data, .len = words->len};
}

/* A value being read: start with {.rest = value}. After a mistake every further read gives "" or 0. */
struct word_cursor {
    struct slice rest; /* absent: all words have been read */
    bool bad;
};

struct slice word_next(struct word_cursor *cursor);
int64_t word_next_int(struct word_cursor *cursor);
static inline bool word_is_there(const struct word_cursor *cursor)
{
    return !cursor->bad && cursor->rest.data != NULL;
}
/* Were all words read, and all of them well? */
static inline bool words_are_read(const struct word_cursor *cursor)
{
    return !cursor->bad && cursor->rest.data == NULL;
}

/* "USD": three capital letters. */
bool currency_is_valid(struct slice text);

/* Copies a currency out of a value; "-" gives "". False if it is neither. */
bool currency_read(struct slice word, char ret_currency[4]);

#endif
