/* SPDX-License-Identifier: MIT */
/* The days of a customer that come back every year, and which follow-ups go with them. An occurrence of one
 * is its year, of a special date NAME:YEAR, of a member of the household MEMBER:YEAR. */
#ifndef PRODUCERS_CUSTOMER_DATE_H
#define PRODUCERS_CUSTOMER_DATE_H

#include "producers/moment.h"

struct customer_date {
    enum follow_up_on on; /* birthday, special-date, household-birthday or anniversary */
    enum anniversary anniversary;
    struct slice name; /* of a special date; the id of a member */
    enum relation relation;
    struct slice called; /* how a member is called; len 0: not told */
    struct yearly_date date;
};
#define DATES_OF_A_KIND_MAX 16 /* that any policy allows */
#define CUSTOMER_DATES_MAX                                                                                   \
    (1 + 2 * DATES_OF_A_KIND_MAX + ANNIVERSARY_COUNT) /* the birthday, the special dates, the household */

/* In the order in which they are looked at. Their names are copies in the moment's arena. */
size_t customer_dates(const struct moment *moment, const struct customer *customer, struct slice zone,
                      struct customer_date ret_dates[static CUSTOMER_DATES_MAX]);

/* Is the follow-up for this date? */
bool customer_date_is_for(const struct customer_date *date, const struct follow_up *follow_up);

/* Of follow-ups that go with yearly dates. */
bool is_yearly(enum follow_up_on on);

/* The parts of an occurrence; name has len 0 where it is but a year. False: it is none of a yearly date. */
bool occurrence_split(struct slice occurrence, struct slice *ret_name, int64_t *ret_year);

#endif
