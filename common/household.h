/* SPDX-License-Identifier: MIT */
/* A member of a customer's household: item `b:MEMBER`, value "RELATION BIRTH" or "RELATION BIRTH NAME", such
 * as "child 2016-05-04 Mia Sophie". These are third persons, some of them minors: what may be told of them is
 * decided in producers/followup_yearly.c. */
#ifndef COMMON_HOUSEHOLD_H
#define COMMON_HOUSEHOLD_H

#include "common/status.h"
#include "common/words.h"
#include "common/yearly_date.h"

enum relation { RELATION_CHILD, RELATION_PARTNER, RELATION_PARENT, RELATION_OTHER, RELATION_COUNT };
extern const char *const relation_names[RELATION_COUNT];

#define MEMBER_ID_BYTES_MAX   16
#define MEMBER_NAME_BYTES_MAX 32 /* a value stays below 64 bytes */

struct household_member {
    struct slice id;
    enum relation relation;
    struct yearly_date birth;
    struct slice name; /* len 0: not told; may have blanks */
};

bool relation_parse(struct slice name, enum relation *ret_relation);

/* words: begun. */
void household_write(const struct household_member *member, struct words *words);

/* False: not what household_write makes. The id is not in the value and stays as it is. */
MUST_CHECK bool household_read(struct slice value, struct household_member *member);

#endif
