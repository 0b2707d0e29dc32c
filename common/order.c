/* SPDX-License-Identifier: MIT */
/* An order as text: item `o:ORDER`, value "STATE TIME_S NET CURRENCY REFUNDED CATEGORIES MARKS", what stands
 * for nothing at the end left out. */
#include "common/order.h"

#include "common/buf.h"
#include "common/words.h"

static char state_of(const struct order *order);
static bool is_wholly_refunded(const struct order *order);
static bool read_amounts(struct word_cursor *cursor, struct order *order);
static bool read_categories(struct slice word, uint32_t *ret_categories);
static void add_categories(struct words *words, uint32_t categories);

bool order_get(const struct customer *customer, struct slice order_id, struct order *ret_order)
{
    struct slice value;
    return customer_item(customer, ITEM_ORDER, order_id, &value) && order_read(value, ret_order);
}

void order_set(struct customer *customer, struct slice order_id, const struct order *order)
{
    struct words words;
    words_begin(&words);
    words_add_char(&words, state_of(order));
    words_add_int(&words, order->time_s);
    if (order->completed) {
        words_add_int(&words, order->net_minor);
    } else {
        words_add_char(&words, '-');
    }
    words_add(&words, order->currency[0] != '\0' ? slice_of(order->currency) : SLICE("-"));

    bool marked = order->marks.len > 0, has_categories = order->categories != 0;
    if (order->refunded_whole) {
        words_add_char(&words, '*');
    } else if (order->refunded_minor > 0 || has_categories || marked) {
        words_add_int(&words, order->refunded_minor);
    }
    if (has_categories || marked) {
        add_categories(&words, order->categories);
    }
    if (marked) {
        words_add(&words, order->marks);
    }
    customer_item_set(customer, ITEM_ORDER, order_id, words_view(&words));
    words_done(&words);
}

bool order_read(struct slice value, struct order *ret_order)
{
    struct word_cursor cursor = {.rest = value};
    struct order order = {0};
    struct slice state = word_next(&cursor);
    if (state.len != 1 || memchr("oxw?!", state.data[0], 5) == NULL) {
        return false;
    }
    order.completed = memchr("oxw", state.data[0], 3) != NULL;
    order.cancelled = state.data[0] == 'x' || state.data[0] == '!';
    order.time_s = word_next_int(&cursor);
    if (!read_amounts(&cursor, &order)) {
        return false;
    }
    if (word_is_there(&cursor) && !read_categories(word_next(&cursor), &order.categories)) {
        return false;
    }
    if (word_is_there(&cursor)) {
        order.marks = word_next(&cursor);
        cursor.bad = cursor.bad || order.marks.data[0] != '+';
    }
    if (!words_are_read(&cursor) || order.time_s < 0 || state_of(&order) != state.data[0]) {
        return false;
    }
    *ret_order = order;
    return true;
}

bool order_stands(const struct order *order)
{
    return order->completed && !order->cancelled && !is_wholly_refunded(order);
}

int64_t order_gives_minor(const struct order *order)
{
    return order_stands(order) ? order->net_minor - order->refunded_minor : 0;
}

bool order_has_mark(const struct order *order, struct slice follow_up)
{
    struct slice rest = order->marks;
    while (rest.len > 0) {
        struct slice mark = {.data = rest.data + 1, .len = rest.len - 1}; /* behind its '+' */
        const char *next = memchr(mark.data, '+', mark.len);
        mark.len = next != NULL ? (size_t)(next - mark.data) : mark.len;
        if (slice_has_prefix(mark, follow_up) &&
            (mark.len == follow_up.len || mark.data[follow_up.len] == '@')) {
            return true;
        }
        rest = (struct slice){.data = mark.data + mark.len, .len = rest.len - 1 - mark.len};
    }
    return false;
}

void order_mark(struct customer *customer, struct slice order_id, struct slice mark)
{
    struct order order;
    if (!order_get(customer, order_id, &order) || order_has_mark(&order, mark)) {
        return;
    }
    struct words marks;
    words_begin(&marks);
    words_append(&marks, order.marks);
    words_append(&marks, SLICE("+"));
    words_append(&marks, mark);
    order.marks = words_view(&marks);
    order_set(customer, order_id, &order);
    words_done(&marks);
}

bool order_text_is_valid(struct slice value)
{
    struct order order;
    return order_read(value, &order);
}

static char state_of(const struct order *order)
{
    if (!order->completed) {
        return order->cancelled ? '!' : '?';
    }
    return order->cancelled ? 'x' : is_wholly_refunded(order) ? 'w' : 'o';
}

/* An order without a price is wholly refunded only by a refund of the whole order. */
static bool is_wholly_refunded(const struct order *order)
{
    return order->refunded_whole || (order->refunded_minor > 0 && order->refunded_minor >= order->net_minor);
}

/* NET, CURRENCY and REFUNDED. */
static bool read_amounts(struct word_cursor *cursor, struct order *order)
{
    struct slice net = word_next(cursor);
    bool known =
        order->completed ? parse_int(net, &order->net_minor) && order->net_minor >= 0 : slice_is(net, "-");
    if (!known || !currency_read(word_next(cursor), order->currency) ||
        (order->completed && order->currency[0] == '\0')) {
        return false;
    }
    if (!word_is_there(cursor)) {
        return true;
    }
    struct slice refunded = word_next(cursor);
    order->refunded_whole = slice_is(refunded, "*");
    return order->refunded_whole ||
           (parse_int(refunded, &order->refunded_minor) && order->refunded_minor >= 0);
}

static bool read_categories(struct slice word, uint32_t *ret_categories)
{
    uint32_t categories = 0;
    for (size_t i = 0; i < word.len && !slice_is(word, "-"); i++) {
        int number = word.data[i] - 'a';
        if (number < 0 || number >= ORDER_CATEGORIES_MAX || categories >> number != 0) {
            return false; /* no letter, or not in their order */
        }
        categories |= UINT32_C(1) << number;
    }
    *ret_categories = categories;
    return true;
}

static void add_categories(struct words *words, uint32_t categories)
{
    char letters[ORDER_CATEGORIES_MAX];
    size_t count = 0;
    for (; categories != 0; categories &= categories - 1) {
        letters[count++] = (char)('a' + __builtin_ctz(categories));
    }
    words_add(words, count > 0 ? (struct slice){.data = letters, .len = count} : SLICE("-"));
}
