/* SPDX-License-Identifier: MIT */
/* Reads the constants of conditions: each form has its own look, and one that could never be met is a
 * mistake. */
#include "config/condition_parts.h"

#include "common/cloudevent.h"
#include "common/json.h"
#include "common/money.h"
#include "config/policy_parts.h"

#include <inttypes.h>

#define AGE_MAX          150
#define NAME_BYTES_MAX   32
#define ID_BYTES_MAX     64
#define AMOUNT_BYTES_MAX 40

static bool read_number(const struct yaml *node, const struct condition_field_about *field,
                        const struct condition_word *word, int64_t *ret_number);
static bool read_amount(const struct yaml *node, const struct condition_field_about *field,
                        const struct condition_word *word, const struct condition_word *second,
                        struct condition_value *ret_value);
static bool read_time(const struct condition_reader *reader, const struct yaml *node,
                      const struct condition_field_about *field, const struct condition_word *word,
                      int64_t *ret_ms);
static bool check_text(const struct yaml *node, const struct condition_field_about *field,
                       const struct condition_word *word);
static bool read_choice(const struct yaml *node, const struct condition_field_about *field,
                        const struct condition_word *word, const char *const *names, size_t count,
                        size_t *ret_index);

bool condition_constant_read(const struct condition_reader *reader, const struct yaml *node,
                             enum condition_field field, const struct condition_word *word,
                             const struct condition_word *second, struct condition_value *ret_value)
{
    const struct condition_field_about *about = &condition_field_table[field];
    const char *severities[SEVERITY_COUNT];
    size_t choice = 0;
    switch (about->type) {
    case CONDITION_TYPE_COUNT:
        return read_number(node, about, word, &ret_value->number);
    case CONDITION_TYPE_MONEY:
        return read_amount(node, about, word, second, ret_value);
    case CONDITION_TYPE_TIME:
        return read_time(reader, node, about, word, &ret_value->number);
    case CONDITION_TYPE_SEVERITY:
        for (size_t i = 0; i < SEVERITY_COUNT; i++) {
            severities[i] = severity_name((enum severity)i);
        }
        if (!read_choice(node, about, word, severities, SEVERITY_COUNT, &choice)) {
            return false;
        }
        ret_value->number = (int64_t)choice;
        return true;
    case CONDITION_TYPE_TEXT:
    case CONDITION_TYPE_SET:
        ret_value->text = word->text;
        return check_text(node, about, word);
    case CONDITION_TYPES:
        break;
    }
    return false;
}

bool condition_period_read(const struct yaml *node, const struct condition_word *word,
                           struct condition_value *ret_value)
{
    int64_t ms = 0;
    if (!policy_parse_duration(word->text, &ms) || ms < 1000 || ms > POLICY_DURATION_MAX_MS) {
        yaml_problem_inside(node, word->at,
                            "within last needs a duration such as 12h or 90d, at most 3650d, not '%.*s'",
                            SLICE_ARG(word->text));
        return false;
    }
    ret_value->number = ms;
    return true;
}

static bool read_number(const struct yaml *node, const struct condition_field_about *field,
                        const struct condition_word *word, int64_t *ret_number)
{
    int64_t low = field->form == CONDITION_FORM_MONTH ? 1 : 0, number = 0;
    int64_t high = field->form == CONDITION_FORM_MONTH   ? 12
                   : field->form == CONDITION_FORM_YEARS ? AGE_MAX
                                                         : JSON_INT_MAX;
    if (word->quoted || !parse_int(word->text, &number) || number < low || number > high) {
        yaml_problem_inside(node, word->at,
                            "%s is compared with a whole number from %" PRId64 " to %" PRId64
                            ", or with another such field, not with '%.*s'",
                            field->name, low, high, SLICE_ARG(word->text));
        return false;
    }
    *ret_number = number;
    return true;
}

static bool read_amount(const struct yaml *node, const struct condition_field_about *field,
                        const struct condition_word *word, const struct condition_word *second,
                        struct condition_value *ret_value)
{
    char amount[AMOUNT_BYTES_MAX], why[256];
    bool minus = word->text.len > 0 && word->text.data[0] == '-';
    struct slice digits = {.data = word->text.data + minus, .len = word->text.len - minus};
    if (second == NULL || word->quoted || second->quoted || digits.len >= sizeof amount ||
        second->text.len != 3) {
        yaml_problem_inside(node, word->at,
                            "%s is compared with an amount and its currency, such as 49.99 EUR, not with "
                            "'%.*s%s%.*s'",
                            field->name, SLICE_ARG(word->text), second != NULL ? " " : "",
                            second != NULL ? (int)second->text.len : 0,
                            second != NULL ? second->text.data : "");
        return false;
    }
    memcpy(amount, digits.data, digits.len);
    amount[digits.len] = '\0';
    memcpy(ret_value->currency, second->text.data, 3);
    if (!money_parse(amount, ret_value->currency, &ret_value->number, why)) {
        yaml_problem_inside(node, word->at, "%s", why);
        return false;
    }
    ret_value->number = minus ? -ret_value->number : ret_value->number;
    return true;
}

static bool read_time(const struct condition_reader *reader, const struct yaml *node,
                      const struct condition_field_about *field, const struct condition_word *word,
                      int64_t *ret_ms)
{
    struct civil_date date = {0};
    if (!word->quoted && civil_date_parse(word->text, &date) && date.year > 0) {
        *ret_ms = zone_instant(reader->zone, date, 0);
        return true;
    }
    if (word->quoted || !instant_parse(word->text, ret_ms)) {
        yaml_problem_inside(node, word->at,
                            "%s is compared with a date such as 2025-01-31, an instant such as "
                            "2025-01-31T09:00:00Z, or another time, not with '%.*s'",
                            field->name, SLICE_ARG(word->text));
        return false;
    }
    return true;
}

static bool has_only(struct slice text, char from, char to, bool digits)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if ((c < from || c > to) && (!digits || c < '0' || c > '9')) {
            return false;
        }
    }
    return true;
}

/* What a profile, an order or a product can never have is refused. */
static bool check_text(const struct yaml *node, const struct condition_field_about *field,
                       const struct condition_word *word)
{
    struct slice text = word->text;
    const char *channels[SALES_CHANNEL_COUNT], *wanted = NULL;
    size_t choice = 0;
    switch (field->form) {
    case CONDITION_FORM_SALES_CHANNEL:
        for (size_t i = 0; i < SALES_CHANNEL_COUNT; i++) {
            channels[i] = sales_channel_name((enum sales_channel)i);
        }
        return read_choice(node, field, word, channels, SALES_CHANNEL_COUNT, &choice);
    case CONDITION_FORM_RELATION:
        return read_choice(node, field, word, relation_names, RELATION_COUNT, &choice);
    case CONDITION_FORM_COUNTRY:
        wanted = text.len == 2 && has_only(text, 'A', 'Z', false) ? NULL : "two capital letters such as DE";
        break;
    case CONDITION_FORM_REGION:
        wanted = text.len >= 1 && text.len <= 3 && has_only(text, 'A', 'Z', true)
                     ? NULL
                     : "one to three capital letters or digits such as CA";
        break;
    case CONDITION_FORM_ZONE:
        wanted = zone_exists(text) ? NULL : "a time zone's IANA name such as Europe/Berlin";
        break;
    case CONDITION_FORM_LANGUAGE:
        wanted = text.len >= 2 && text.len <= 8 && has_only(text, 'a', 'z', false)
                     ? NULL
                     : "a language without what follows it, such as de";
        break;
    default:
        wanted = field->form == CONDITION_FORM_ID ? "1 to 64 bytes without blanks"
                                                  : "1 to 32 bytes without blanks";
        size_t most = field->form == CONDITION_FORM_ID ? ID_BYTES_MAX : NAME_BYTES_MAX;
        bool good = text.len >= 1 && text.len <= most;
        for (size_t i = 0; i < text.len; i++) {
            good = good && (unsigned char)text.data[i] > 0x20 && text.data[i] != 0x7f;
        }
        wanted = good ? NULL : wanted;
        break;
    }
    if (wanted != NULL) {
        yaml_problem_inside(node, word->at, "%s is compared with %s, not with '%.*s'", field->name, wanted,
                            SLICE_ARG(text));
    }
    return wanted == NULL;
}

static bool read_choice(const struct yaml *node, const struct condition_field_about *field,
                        const struct condition_word *word, const char *const *names, size_t count,
                        size_t *ret_index)
{
    struct buf list = {0};
    for (size_t i = 0; i < count; i++) {
        if (slice_is(word->text, names[i])) {
            buf_done(&list);
            *ret_index = i;
            return true;
        }
        buf_text(&list, i == 0 ? "" : i + 1 == count ? " or " : ", ");
        buf_text(&list, names[i]);
    }
    const char *nearest = yaml_nearest(names, count, word->text);
    yaml_problem_inside(node, word->at, "%s is compared with %.*s, not with '%.*s'%s%s%s", field->name,
                        SLICE_ARG(buf_view(&list)), SLICE_ARG(word->text),
                        nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                        nearest != NULL ? "'?" : "");
    buf_done(&list);
    return false;
}
