/* SPDX-License-Identifier: MIT */
#include "common/household.h"

const char *const relation_names[RELATION_COUNT] = {[RELATION_CHILD] = "child",
                                                    [RELATION_PARTNER] = "partner",
                                                    [RELATION_PARENT] = "parent",
                                                    [RELATION_OTHER] = "other"};

bool relation_parse(struct slice name, enum relation *ret_relation)
{
    for (int i = 0; i < RELATION_COUNT; i++) {
        if (slice_is(name, relation_names[i])) {
            *ret_relation = (enum relation)i;
            return true;
        }
    }
    return false;
}

void household_write(const struct household_member *member, struct words *words)
{
    char birth[YEARLY_DATE_TEXT_BYTES];
    yearly_date_text(&member->birth, birth);
    words_add(words, slice_of(relation_names[member->relation]));
    words_add(words, slice_of(birth));
    if (member->name.len > 0) {
        words_add(words, member->name);
    }
}

bool household_read(struct slice value, struct household_member *member)
{
    enum relation relation;
    struct yearly_date birth;
    struct word_cursor cursor = {.rest = value};
    if (!relation_parse(word_next(&cursor), &relation) || !yearly_date_parse(word_next(&cursor), &birth) ||
        (cursor.rest.data != NULL && cursor.rest.len == 0)) {
        return false;
    }
    member->relation = relation;
    member->birth = birth;
    member->name = cursor.rest;
    return true;
}
