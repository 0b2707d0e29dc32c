/* SPDX-License-Identifier: MIT */
/* Where the value of each field of a condition comes from: one case a field. */
#include "config/condition_parts.h"

#include "common/category.h"
#include "common/words.h"

#define DAY_MS 86400000LL

static enum knowledge read_customer(enum condition_field field, const struct condition_facts *facts,
                                    const char *currency, struct condition_value *value);
static enum knowledge read_event(enum condition_field field, const struct condition_event *event,
                                 const char *currency, struct condition_value *value);
static enum knowledge set_number(struct condition_value *value, int64_t number, bool known);
static enum knowledge set_text(struct condition_value *value, struct slice text);
static int64_t count_open_complaints(const struct customer *customer);
static int64_t net_of(const struct customer *customer, const char *currency);
static enum knowledge read_average(const struct customer *customer, const char *currency,
                                   struct condition_value *value);
static enum knowledge read_age(const struct condition_facts *facts, struct condition_value *value);
static int64_t age_on(struct civil_date birth, struct civil_date day);
static struct slice language_of(struct slice tag);
static bool used_channel(const struct customer *customer, struct slice channel, enum condition_field field);
static bool names_have(const struct slice *names, size_t count, struct slice name);
static bool is_events(enum condition_field field);

enum knowledge condition_value(enum condition_field field, const struct condition_facts *facts,
                               const char *currency, struct condition_value *ret_value)
{
    if (!is_events(field)) {
        return read_customer(field, facts, currency, ret_value);
    }
    return facts->event != NULL ? read_event(field, facts->event, currency, ret_value) : NOT_AT_HAND;
}

enum knowledge condition_set_has(enum condition_field field, const struct condition_facts *facts,
                                 struct slice name, bool *ret_has)
{
    const struct customer *customer = facts->customer;
    const struct condition_event *event = facts->event;
    struct slice value;
    switch (field) {
    case CONDITION_INTERESTS:
        *ret_has = customer_item(customer, ITEM_INTEREST, name, &value);
        return KNOWN;
    case CONDITION_CATEGORIES:
        *ret_has = category_is_bought(customer, name);
        return KNOWN;
    case CONDITION_BOUGHT_THROUGH:
    case CONDITION_VISITED_THROUGH:
        *ret_has = used_channel(customer, name, field);
        return KNOWN;
    case CONDITION_EVENT_CATEGORIES:
        if (event == NULL || event->purchase == NULL) {
            return NOT_AT_HAND;
        }
        *ret_has = names_have(event->purchase->categories, event->purchase->category_count, name);
        return KNOWN;
    case CONDITION_EVENT_INTERESTS:
        if (event == NULL || event->news == NULL) {
            return NOT_AT_HAND;
        }
        *ret_has = names_have(event->news->interests, event->news->interest_count, name);
        return KNOWN;
    default:
        return NOT_KNOWN;
    }
}

enum knowledge condition_set_is_empty(enum condition_field field, const struct condition_facts *facts,
                                      bool *ret_is_empty)
{
    const struct customer *customer = facts->customer;
    const struct condition_event *event = facts->event;
    switch (field) {
    case CONDITION_INTERESTS:
        *ret_is_empty = customer_item_count(customer, ITEM_INTEREST) == 0;
        return KNOWN;
    case CONDITION_CATEGORIES:
        *ret_is_empty = customer_item_count(customer, ITEM_CATEGORY) == 0;
        return KNOWN;
    case CONDITION_BOUGHT_THROUGH:
    case CONDITION_VISITED_THROUGH:
        *ret_is_empty = true;
        for (int i = 0; i < SALES_CHANNEL_COUNT && *ret_is_empty; i++) {
            *ret_is_empty =
                !used_channel(customer, slice_of(sales_channel_name((enum sales_channel)i)), field);
        }
        return KNOWN;
    case CONDITION_EVENT_CATEGORIES:
        if (event == NULL || event->purchase == NULL) {
            return NOT_AT_HAND;
        }
        *ret_is_empty = event->purchase->category_count == 0;
        return KNOWN;
    case CONDITION_EVENT_INTERESTS:
        if (event == NULL || event->news == NULL) {
            return NOT_AT_HAND;
        }
        *ret_is_empty = event->news->interest_count == 0;
        return KNOWN;
    default:
        return NOT_KNOWN;
    }
}

static enum knowledge read_customer(enum condition_field field, const struct condition_facts *facts,
                                    const char *currency, struct condition_value *value)
{
    const struct customer *customer = facts->customer;
    struct civil_date birth;
    int64_t ms = 0;
    switch (field) {
    case CONDITION_ORDERS:
        return set_number(value, customer_int(customer, CUSTOMER_orders), true);
    case CONDITION_VISITS:
        return set_number(value, customer_int(customer, CUSTOMER_visits), true);
    case CONDITION_EVENTS:
        return set_number(value, customer_int(customer, CUSTOMER_events), true);
    case CONDITION_OPEN_COMPLAINTS:
        return set_number(value, count_open_complaints(customer), true);
    case CONDITION_AGE:
        return read_age(facts, value);
    case CONDITION_BIRTH_MONTH:
        return civil_date_parse(customer_text(customer, CUSTOMER_birth), &birth)
                   ? set_number(value, birth.month, true)
                   : NOT_KNOWN;
    case CONDITION_CREATED:
        ms = customer_int(customer, CUSTOMER_created);
        return set_number(value, ms, ms != 0);
    case CONDITION_FIRST_PURCHASE:
        ms = customer_int(customer, CUSTOMER_first_purchase);
        return set_number(value, ms, ms != 0);
    case CONDITION_LAST_PURCHASE:
        ms = customer_int(customer, CUSTOMER_last_purchase);
        return set_number(value, ms, ms != 0);
    case CONDITION_NET:
        return set_number(value, net_of(customer, currency), *currency != '\0');
    case CONDITION_AVERAGE_ORDER:
        return read_average(customer, currency, value);
    case CONDITION_COUNTRY:
        return set_text(value, customer_text(customer, CUSTOMER_country));
    case CONDITION_REGION:
        return set_text(value, customer_text(customer, CUSTOMER_region));
    case CONDITION_ZONE:
        return set_text(value, customer_text(customer, CUSTOMER_zone));
    case CONDITION_LANGUAGE:
        return set_text(value, language_of(customer_text(customer, CUSTOMER_language)));
    default:
        return NOT_KNOWN;
    }
}

static enum knowledge read_event(enum condition_field field, const struct condition_event *event,
                                 const char *currency, struct condition_value *value)
{
    const struct purchase *purchase = event->purchase;
    const struct complaint *complaint = event->complaint;
    switch (field) {
    case CONDITION_EVENT_TIME:
        return set_number(value, event->time_ms, true);
    case CONDITION_EVENT_NET:
        if (purchase == NULL) {
            return NOT_AT_HAND;
        }
        memcpy(value->currency, purchase->currency, sizeof value->currency);
        return set_number(value, purchase->net_minor,
                          *currency == '\0' || strcmp(currency, purchase->currency) == 0);
    case CONDITION_EVENT_SALES_CHANNEL:
        if (purchase == NULL && event->visit == NULL) {
            return NOT_AT_HAND;
        }
        return set_text(value, slice_of(sales_channel_name(purchase != NULL ? purchase->channel
                                                                            : event->visit->channel)));
    case CONDITION_EVENT_SEVERITY:
        return complaint == NULL ? NOT_AT_HAND : set_number(value, (int64_t)complaint->severity, true);
    case CONDITION_EVENT_REASON:
        if (complaint == NULL) {
            return NOT_AT_HAND;
        }
        return slice_is(complaint->reason, "-") ? NOT_KNOWN : set_text(value, complaint->reason);
    case CONDITION_EVENT_TURNING:
        return set_number(value, event->turning, event->turning > 0);
    case CONDITION_EVENT_RELATION:
        return event->relation == NULL ? NOT_AT_HAND : set_text(value, slice_of(event->relation));
    case CONDITION_EVENT_PRODUCT:
        return event->news == NULL ? NOT_AT_HAND : set_text(value, event->news->product_id);
    default:
        return NOT_KNOWN;
    }
}

static enum knowledge set_number(struct condition_value *value, int64_t number, bool known)
{
    value->number = number;
    return known ? KNOWN : NOT_KNOWN;
}

static enum knowledge set_text(struct condition_value *value, struct slice text)
{
    value->text = text;
    return text.len > 0 ? KNOWN : NOT_KNOWN;
}

static int64_t count_open_complaints(const struct customer *customer)
{
    int64_t count = 0;
    struct slice id, value;
    struct complaint complaint;
    for (size_t cursor = 0; customer_item_next(customer, ITEM_COMPLAINT, &cursor, &id, &value);) {
        count += complaint_read(value, &complaint) && complaint_is_open(&complaint);
    }
    return count;
}

static int64_t net_of(const struct customer *customer, const char *currency)
{
    struct slice value;
    int64_t sum = 0;
    return customer_item(customer, ITEM_NET, slice_of(currency), &value) && parse_int(value, &sum) ? sum : 0;
}

/* Orders are counted over all currencies, so an average means something only where there is one. */
static enum knowledge read_average(const struct customer *customer, const char *currency,
                                   struct condition_value *value)
{
    struct slice net;
    int64_t orders = customer_int(customer, CUSTOMER_orders);
    size_t own = customer_item(customer, ITEM_NET, slice_of(currency), &net) ? 1 : 0;
    if (*currency == '\0' || orders <= 0 || customer_item_count(customer, ITEM_NET) != own) {
        return NOT_KNOWN;
    }
    return set_number(value, net_of(customer, currency) / orders, true);
}

/* No zone is further than a day from UTC: mostly the answer is the same on both sides of now, and costs no
 * look at the zone's clock changes. */
static enum knowledge read_age(const struct condition_facts *facts, struct condition_value *value)
{
    struct yearly_date date;
    struct civil_date birth, day;
    if (!yearly_date_parse(customer_text(facts->customer, CUSTOMER_birth), &date) ||
        !yearly_date_born(&date, &birth)) {
        return NOT_KNOWN;
    }
    int64_t today = facts->now_ms / DAY_MS;
    int64_t age = age_on(birth, civil_date_from_days(today - 1));
    if (age != age_on(birth, civil_date_from_days(today + 1))) {
        int hour = 0;
        zone_local(policy_zone(facts->policy, facts->customer), facts->now_ms, &day, &hour);
        age = age_on(birth, day);
    }
    return set_number(value, age, age >= 0);
}

static int64_t age_on(struct civil_date birth, struct civil_date day)
{
    bool before = day.month != birth.month ? day.month < birth.month : day.day < birth.day;
    return (int64_t)day.year - birth.year - before;
}

static struct slice language_of(struct slice tag)
{
    const char *hyphen = memchr(tag.data, '-', tag.len);
    return hyphen != NULL ? (struct slice){.data = tag.data, .len = (size_t)(hyphen - tag.data)} : tag;
}

/* `at:CHANNEL` begins with purchases and visits. */
static bool used_channel(const struct customer *customer, struct slice channel, enum condition_field field)
{
    struct slice value;
    if (!customer_item(customer, ITEM_CHANNEL, channel, &value)) {
        return false;
    }
    struct word_cursor cursor = {.rest = value};
    int64_t purchases = word_next_int(&cursor), visits = word_next_int(&cursor);
    return (field == CONDITION_BOUGHT_THROUGH ? purchases : visits) > 0;
}

static bool names_have(const struct slice *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(names[i], name)) {
            return true;
        }
    }
    return false;
}

static bool is_events(enum condition_field field)
{
    return condition_field_table[field].on != 0;
}
