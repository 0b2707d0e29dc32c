/* SPDX-License-Identifier: MIT */
#include "producers/customer_date.h"

#include <stdlib.h>

static size_t add_special_dates(const struct moment *moment, const struct customer *customer,
                                struct customer_date *dates);
static size_t add_household(const struct moment *moment, const struct customer *customer,
                            struct customer_date *dates);
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
    count += add_special_dates(moment, customer, ret_dates + count);
    count += add_household(moment, customer, ret_dates + count);
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
    if (date->on == ON_HOUSEHOLD_BIRTHDAY) {
        return SET_HAS(follow_up->relations, date->relation);
    }
    return date->on == ON_BIRTHDAY || date->anniversary == follow_up->anniversary;
}

bool is_yearly(enum follow_up_on on)
{
    return on == ON_BIRTHDAY || on == ON_SPECIAL_DATE || on == ON_ANNIVERSARY || on == ON_HOUSEHOLD_BIRTHDAY;
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

/* In the order of their names; how many. */
static size_t add_special_dates(const struct moment *moment, const struct customer *customer,
                                struct customer_date *dates)
{
    size_t count = 0, cursor = 0;
    struct yearly_date date;
    struct slice name, value;
    while (count < DATES_OF_A_KIND_MAX && customer_item_next(customer, ITEM_DATE, &cursor, &name, &value)) {
        if (yearly_date_parse(value, &date)) {
            dates[count++] = (struct customer_date){
                .on = ON_SPECIAL_DATE, .name = arena_copy(moment->arena, name), .date = date};
        }
    }
    qsort(dates, count, sizeof *dates, compare_names);
    return count;
}

/* In the order of their ids; how many. */
static size_t add_household(const struct moment *moment, const struct customer *customer,
                            struct customer_date *dates)
{
    size_t count = 0, cursor = 0;
    struct household_member member;
    struct slice id, value;
    while (count < DATES_OF_A_KIND_MAX && customer_item_next(customer, ITEM_MEMBER, &cursor, &id, &value)) {
        if (household_read(value, &member)) {
            dates[count++] = (struct customer_date){.on = ON_HOUSEHOLD_BIRTHDAY,
                                                    .name = arena_copy(moment->arena, id),
                                                    .relation = member.relation,
                                                    .called = arena_copy(moment->arena, member.name),
                                                    .date = member.birth};
        }
    }
    qsort(dates, count, sizeof *dates, compare_names);
    return count;
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
