/* SPDX-License-Identifier: MIT */
/* The Chinese calendar of 1900 to 2100: its years and months, and the civil days on which they begin. A year
 * is named by the Gregorian year in which it begins. */
#ifndef COMMON_LUNAR_YEAR_H
#define COMMON_LUNAR_YEAR_H

#include "common/calendar.h"

#define LUNAR_YEAR_MIN 1900
#define LUNAR_YEAR_MAX 2100

bool lunar_year_exists(int year); /* is it in the table? */

/* A month of a year in the table; 1 to 12. False if the year has no such leap month. first_day counts from
 * 1970-01-01. */
bool lunar_month(int year, int month, bool leap, int64_t *ret_first_day, int *ret_days);

/* The lunar year in which a civil day lies, also where the table does not reach: then about. */
int lunar_year_of(struct civil_date date);

#endif
