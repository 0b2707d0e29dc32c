/* SPDX-License-Identifier: MIT */
#include "producers/customer_date.h"

#include <stdlib.h>

static void add_local_day(struct customer_date *dates, size_t *count, enum anniversary anniversary,
                          struct slice zone, int64_t ms);
static int compare_names(const void *a, const void *b);

size_t customer_dates(const struct moment *moment, const struct customer *customer, struct slice zone,
                      struct customer_date ret_dates[static CUSTOMER_DATES_MAX])
{
    size_t count = 0;
    struct yearly_date date;
    if (yearly_date_parse(customer_text(customer, CUSTOMER_birth), &date)) {
        ret_dates[count++] = (struct customer_date){.on = ON_BIRTHDAY, .date = date};
    }
    size_t special = count;
    struct slice name, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_DATE, &cursor, &name, &value);) {
        if (count < CUSTOMER_DATES_MAX - ANNIVERSARY_COUNT && yearly_date_parse(value, &date)) {
            ret_dates[count++] = (struct customer_date){
                .on = ON_SPECIAL_DATE, .name = arena_copy(moment->arena, name), .date = date};
        }
    }
    qsort(ret_dates + special, count - special, sizeof *ret_dates, compare_names);
    add_local_day(ret_dates, &count, ANNIVERSARY_JOINED, zone, customer_int(customer, CUSTOMER_created));
    add_local_day(ret_dates, &count, ANNIVERSARY_FIRST_PURCHASE, zone,
                  customer_int(customer, CUSTOMER_first_purchase));
    return count;
}

bool customer_date_is_for(const struct customer_date *date, const struct follow_up *follow_up)
{
    if (date->on != follow_up->on) {
        return false;
    }
    if (date->on == ON_SPECIAL_DATE) {
        return follow_up->date_name.len == 0 || slice_equal(follow_up->date_name, date->name);
    }
    return date->on == ON_BIRTHDAY || date->anniversary == follow_up->anniversary;
}

bool is_yearly(enum follow_up_on on)
{
    return on == ON_BIRTHDAY || on == ON_SPECIAL_DATE || on == ON_ANNIVERSARY;
}

bool occurrence_split(struct slice occurrence, struct slice *ret_name, int64_t *ret_year)
{
    size_t at = occurrence.len;
    while (at > 0 && occurrence.data[at - 1] != ':') {
        at--;
    }
    struct slice year = {.data = occurrence.data + at, .len = occurrence.len - at};
    *ret_name = (struct slice){.data = occurrence.data, .len = at > 0 ? at - 1 : 0};
    return parse_int(year, ret_year);
}

/* 0 is no time. */
static void add_local_day(struct customer_date *dates, size_t *count, enum anniversary anniversary,
                          struct slice zone, int64_t ms)
{
    if (ms == 0) {
        return;
    }
    struct civil_date day;
    int hour = 0;
    zone_local(zone, ms, &day, &hour);
    dates[(*count)++] = (struct customer_date){
        .on = ON_ANNIVERSARY,
        .anniversary = anniversary,
        .date = {.year = day.year, .month = day.month, .day = day.day}
    };
}

static int compare_names(const void *a, const void *b)
{
    return slice_compare(((const struct customer_date *)a)->name, ((const struct customer_date *)b)->name);
}
