/* SPDX-License-Identifier: MIT */
/* Counts by channel and by hour. */
#include "consumers/observe.h"

#include "common/calendar.h"
#include "common/words.h"

#define HOURS       24
#define HOUR_MAX    35 /* what one character of 0-9a-z can say */
#define HOUR_DIGITS "0123456789abcdefghijklmnopqrstuvwxyz"

static void count_channel(struct customer *customer, enum observation what, enum sales_channel channel);
static void count_hour(struct customer *customer, int hour);
static int digit_of(char c);

void observe(const struct moment *moment, struct customer *customer, enum observation what,
             enum sales_channel channel, int64_t time_ms)
{
    count_channel(customer, what, channel);
    if (what != OBSERVED_COMPLAINT) {
        struct civil_date date;
        int hour = 0;
        zone_local(policy_zone(moment->policy, customer), time_ms, &date, &hour);
        count_hour(customer, hour);
    }
}

static void count_channel(struct customer *customer, enum observation what, enum sales_channel channel)
{
    struct slice key = slice_of(sales_channel_name(channel)), value;
    struct word_cursor cursor = {0};
    if (customer_item(customer, ITEM_CHANNEL, key, &value)) {
        cursor.rest = value;
    }
    struct words words;
    words_begin(&words);
    for (int i = 0; i < OBSERVATION_COUNT; i++) {
        int64_t count = word_next_int(&cursor); /* 0 where nothing is kept yet */
        words_add_int(&words, count + (i == (int)what));
    }
    customer_item_set(customer, ITEM_CHANNEL, key, words_view(&words));
    words_done(&words);
}

static void count_hour(struct customer *customer, int hour)
{
    char hours[HOURS];
    struct slice kept = customer_text(customer, CUSTOMER_hours);
    memset(hours, '0', sizeof hours);
    memcpy(hours, kept.data, kept.len < sizeof hours ? kept.len : sizeof hours);
    bool full = digit_of(hours[hour]) == HOUR_MAX;
    for (int i = 0; i < HOURS && full; i++) {
        hours[i] = HOUR_DIGITS[digit_of(hours[i]) / 2];
    }
    hours[hour] = HOUR_DIGITS[digit_of(hours[hour]) + 1];
    customer_text_set(customer, CUSTOMER_hours, (struct slice){.data = hours, .len = sizeof hours});
}

static int digit_of(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}
