/* SPDX-License-Identifier: MIT */
/* Categories under letters. */
#include "common/category.h"

#include "common/words.h"

static bool read_value(struct slice value, struct slice *ret_category, int64_t *ret_orders);
static bool begins_with(struct slice value, struct slice category);
static void set(struct customer *customer, int number, struct slice category, int64_t orders);

int category_count_order(struct customer *customer, struct slice category)
{
    uint32_t taken = 0;
    struct slice letter, value, name;
    int64_t orders;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_CATEGORY, &cursor, &letter, &value);) {
        int number = letter.data[0] - 'a';
        if (begins_with(value, category) && read_value(value, &name, &orders)) {
            set(customer, number, category, orders + 1);
            return number;
        }
        taken |= UINT32_C(1) << number;
    }
    for (int number = 0; number < CATEGORIES_MAX; number++) {
        if ((taken >> number & 1) == 0) {
            set(customer, number, category, 1);
            return number;
        }
    }
    return -1;
}

void category_uncount_orders(struct customer *customer, uint32_t categories)
{
    for (; categories != 0; categories &= categories - 1) {
        int number = __builtin_ctz(categories);
        struct slice letter = {.data = &"abcdefghijklmnopqrst"[number], .len = 1}, value, name;
        int64_t orders;
        if (!customer_item(customer, ITEM_CATEGORY, letter, &value) || !read_value(value, &name, &orders)) {
            continue; /* only where an order was written by hand */
        }
        if (orders > 1) {
            set(customer, number, name, orders - 1);
        } else {
            customer_item_remove(customer, ITEM_CATEGORY, letter);
        }
    }
}

bool category_is_bought(const struct customer *customer, struct slice category)
{
    struct slice letter, value;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_CATEGORY, &cursor, &letter, &value);) {
        if (begins_with(value, category)) {
            return true;
        }
    }
    return false;
}

bool category_text_is_valid(struct slice letter, struct slice value)
{
    struct slice category;
    int64_t orders;
    return letter.len == 1 && letter.data[0] >= 'a' && letter.data[0] < 'a' + CATEGORIES_MAX &&
           read_value(value, &category, &orders) && orders > 0;
}

static bool read_value(struct slice value, struct slice *ret_category, int64_t *ret_orders)
{
    struct word_cursor cursor = {.rest = value};
    *ret_category = word_next(&cursor);
    *ret_orders = word_next_int(&cursor);
    return words_are_read(&cursor);
}

static bool begins_with(struct slice value, struct slice category)
{
    return value.len > category.len && value.data[category.len] == ' ' && slice_has_prefix(value, category);
}

static void set(struct customer *customer, int number, struct slice category, int64_t orders)
{
    char letter = (char)('a' + number);
    struct words words;
    words_begin(&words);
    words_add(&words, category);
    words_add_int(&words, orders);
    customer_item_set(customer, ITEM_CATEGORY, (struct slice){.data = &letter, .len = 1}, words_view(&words));
    words_done(&words);
}
