/* SPDX-License-Identifier: MIT */
/* The categories that a customer bought from, each under a letter that orders name it by: item `k:LETTER`,
 * value "CATEGORY ORDERS". Letters are given as they are needed and free; which one a category has means
 * nothing. */
#ifndef COMMON_CATEGORY_H
#define COMMON_CATEGORY_H

#include "common/customer.h"

#define CATEGORIES_MAX 20

/* Counts one order more; the category's number (0 is 'a'), or -1 if all letters are taken by others. */
int category_count_order(struct customer *customer, struct slice category);

/* One order less in each of the categories (bit n: number n); one without orders loses its letter. */
void category_uncount_orders(struct customer *customer, uint32_t categories);

/* Was anything of it bought, in an order that stands? */
bool category_is_bought(const struct customer *customer, struct slice category);

bool category_text_is_valid(struct slice letter, struct slice value);

#endif
