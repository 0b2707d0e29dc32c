/* SPDX-License-Identifier: MIT */
/* Reading the data of an event by a table: one line a field says its name, how it is read, where it goes and
 * whether it must be there. Fields that no line names are passed over. */
#ifndef CONSUMERS_FIELDS_H
#define CONSUMERS_FIELDS_H

#include "common/json.h"
#include "common/reject.h"

#include <stddef.h>

/* Checks a value and writes it to *member, or says why not. json is not null; what is kept of its texts is
 * copied into the arena, for the parsed body goes as soon as the event has been read. */
typedef enum reject field_reader(const struct json *json, struct arena *arena, void *member);

enum field_need {
    OPTIONAL, /* null counts as absent */
    REQUIRED, /* the same */
    NULLABLE, /* null is given to the reader too */
};

struct field_rule {
    struct slice name;
    enum field_need need;
    field_reader *read;
    size_t offset; /* of the member within the target */
};
#define FIELD_RULE(text, need, reader, at)                                                                   \
    {                                                                                                        \
        {(text), sizeof(text) - 1}, (need), (reader), (at)                                                   \
    }
#define FIELD_RULES_MAX 12

/* data NULL: no data. Fields are judged in the order of the rules, so the reason does not depend on the order
 * in which they stand in the event. */
enum reject fields_read(const struct json *data, const struct field_rule *rules, size_t count,
                        struct arena *arena, void *target);

field_reader read_identifier;    /* struct slice: 1 to 64 bytes without blanks and control characters */
field_reader read_name;          /* struct slice: 1 to 32 of them */
field_reader read_currency;      /* char[4] */
field_reader read_amount;        /* int64_t, 0 to 2^53 */
field_reader read_severity;      /* enum severity */
field_reader read_sales_channel; /* enum sales_channel; what is not in the list is `other` */

/* A list of names, without repetitions, in order of appearance; what comes behind the first NAMES_MAX is
 * passed over, to bound the work. The memory is the arena's. */
#define NAMES_MAX 64
enum reject read_names(const struct json *json, struct arena *arena, struct slice **ret_names,
                       size_t *ret_count);

/* Appends unless it is there or NAMES_MAX are. */
void names_add(struct slice *names, size_t *count, struct slice name);

/* Has 1 to max bytes, no blanks, no control characters? */
bool is_plain_name(struct slice text, size_t max);
#define IDENTIFIER_BYTES_MAX 64
#define NAME_BYTES_MAX       32

#endif
