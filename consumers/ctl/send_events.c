/* SPDX-License-Identifier: MIT */
/* loyalctl send ...: the kinds of events, their options, and what these say in the event's data. */
#include "common/yearly_date.h"
#include "consumers/ctl/json_out.h"
#include "common/money.h"
#include "consumers/ctl/send.h"

#include <assert.h>

#define CUSTOMER                                                                                             \
    {                                                                                                        \
        "customer", OPTION_REQUIRED, "ID", "whose it is"                                                     \
    }
#define CHANNEL                                                                                              \
    {                                                                                                        \
        "channel", OPTION_TEXT, "store|web|app|call_centre|marketplace|social|other", "where it was"         \
    }
#define COMPLAINT                                                                                            \
    {                                                                                                        \
        "complaint", OPTION_REQUIRED, "ID", "the complaint's id"                                             \
    }

const struct option_about send_purchase_options[] = {
    CUSTOMER,
    {"amount",   OPTION_REQUIRED, "AMOUNT", "goods after discounts, without tax and shipping, such as 49.99"},
    {"currency", OPTION_REQUIRED, "CODE",   "ISO 4217, such as USD"                                         },
    {"order",    OPTION_TEXT,     "ID",     "the order's id; made up if not given"                          },
    {"category", OPTION_LIST,     "NAME",   "what was bought, such as music"                                },
    {"product",  OPTION_LIST,     "ID",     "which product (sku) was bought"                                },
    CHANNEL,
    SEND_COMMON,
};
const struct option_about send_visit_options[] = {CUSTOMER, CHANNEL, SEND_COMMON};
const struct option_about send_complaint_options[] = {
    CUSTOMER,
    {"complaint", OPTION_TEXT, "ID",                       "the complaint's id; made up if not given"},
    {"severity",  OPTION_TEXT, "low|normal|high|critical", "default: normal"                         },
    {"reason",    OPTION_TEXT, "NAME",                     "one word, such as late_delivery"         },
    CHANNEL,
    SEND_COMMON,
};
const struct option_about send_about_complaint_options[] = {CUSTOMER, COMPLAINT, SEND_COMMON};
const struct option_about send_profile_options[] = {
    CUSTOMER,
    {"birth",    OPTION_TEXT, "DATE",                                         "YYYY-MM-DD or --MM-DD; Chinese: L1980-04-30, leap month L1980-04L-30"},
    {"zone",     OPTION_TEXT, "NAME",                                         "time zone, an IANA name such as Europe/Berlin"                       },
    {"country",  OPTION_TEXT, "CODE",                                         "ISO 3166-1, such as DE"                                              },
    {"region",   OPTION_TEXT, "CODE",                                         "the part of ISO 3166-2 behind the hyphen, such as CA"                },
    {"language", OPTION_TEXT, "TAG",                                          "BCP 47, such as pt-BR"                                               },
    {"interest", OPTION_LIST, "NAME",                                         "an interest; all that are given replace those before"                },
    {"remove",   OPTION_LIST, "birth|zone|country|region|language|interests", "what to forget"                                                      },
    SEND_COMMON,
};
const struct option_about send_consent_options[] = {
    CUSTOMER,
    {"contact",      OPTION_REQUIRED, "email|sms|push|phone|post|wechat|whatsapp|in_app|task",
      "the way that it is about"                                                                                          },
    {"purpose",      OPTION_TEXT,     "marketing|content",                                     "default: marketing"      },
    {"state",        OPTION_TEXT,     "granted|withdrawn|pending|unknown",                     "default: granted"        },
    {"text-version", OPTION_TEXT,     "NAME",                                                  "which text was agreed to"},
    SEND_COMMON,
};
const struct option_about send_launch_options[] = {
    {"product",  OPTION_REQUIRED, "ID",   "the product's id"                },
    {"name",     OPTION_REQUIRED, "TEXT", "what it is called"               },
    {"interest", OPTION_LIST,     "NAME", "whom it is for: 1 to 8 interests"},
    SEND_COMMON,
};
#define PRODUCT                                                                                              \
    {                                                                                                        \
        "product", OPTION_REQUIRED, "ID", "the product's id"                                                 \
    }
const struct option_about send_restock_options[] = {PRODUCT, SEND_COMMON};
const struct option_about send_reprice_options[] = {
    PRODUCT,
    {"old",      OPTION_REQUIRED, "AMOUNT", "the price before, such as 49.99"},
    {"new",      OPTION_REQUIRED, "AMOUNT", "the price from now on"          },
    {"currency", OPTION_REQUIRED, "CODE",   "ISO 4217, such as USD"          },
    SEND_COMMON,
};
const struct option_about send_recall_options[] = {
    PRODUCT,
    {"severity",  OPTION_REQUIRED, "low|normal|high|critical", "how dangerous it is"         },
    {"reference", OPTION_REQUIRED, "NAME",                     "which notice says what to do"},
    SEND_COMMON,
};
const struct option_about send_subscription_options[] = {
    CUSTOMER,
    PRODUCT,
    {"kind",  OPTION_TEXT, "restocked|repriced",   "what of; default: restocked"},
    {"state", OPTION_TEXT, "subscribed|cancelled", "default: subscribed"        },
    SEND_COMMON,
};
const struct option_about send_cancel_options[] = {
    CUSTOMER, {"order", OPTION_REQUIRED, "ID", "the order's id"},
     SEND_COMMON
};
const struct option_about send_refund_options[] = {
    CUSTOMER,
    {"order",    OPTION_TEXT, "ID",     "the order's id; without one it is a return without a receipt"},
    {"amount",   OPTION_TEXT, "AMOUNT", "such as 9.99; without one the whole order is refunded"       },
    {"currency", OPTION_TEXT, "CODE",   "of the amount, ISO 4217"                                     },
    {"refund",   OPTION_TEXT, "ID",     "the refund's id; made up if not given"                       },
    SEND_COMMON,
};

static void option_text(struct buf *data, const char *name, const struct args *args, const char *option);
static void list_names(struct buf *data, const char *name, const struct args *args, const char *option);
static void add_lines(struct buf *data, const struct args *args, const char *name, const char *option);
static bool add_amount(struct buf *data, const struct args *args);
static int send_data(struct ctl *ctl, const struct args *args, enum event_type type,
                     const char *subject_option, struct buf *data);
static int about_complaint(struct ctl *ctl, const struct args *args, enum event_type type);
static bool add_price(struct buf *data, const struct args *args, const char *name, const char *option);
static bool add_birth(struct buf *data, const char *text);
static void add_removed(struct buf *data, const struct args *args);

int send_purchase(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    json_text(&data, "order_id", slice_of(send_id(ctl, args, "order")));
    if (!add_amount(&data, args)) {
        buf_done(&data);
        return CTL_WRONG_USE;
    }
    option_text(&data, "sales_channel", args, "channel");
    if (args_has(args, "category") || args_has(args, "product")) {
        json_open(&data, "lines", '[');
        add_lines(&data, args, "category", "category");
        add_lines(&data, args, "sku", "product");
        json_close(&data, ']');
    }
    return send_data(ctl, args, EVENT_PURCHASE_COMPLETED, "customer", &data);
}

int send_cancel(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "order_id", args, "order");
    return send_data(ctl, args, EVENT_PURCHASE_CANCELLED, "customer", &data);
}

int send_refund(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    if (args_has(args, "amount") != args_has(args, "currency")) {
        return ctl_wrong("--amount and --currency belong together");
    }
    if (!args_has(args, "order") && !args_has(args, "amount")) {
        return ctl_wrong("give --order, or for a return without a receipt --amount and --currency");
    }
    json_open(&data, NULL, '{');
    json_text(&data, "refund_id", slice_of(send_id(ctl, args, "refund")));
    option_text(&data, "order_id", args, "order");
    if (args_has(args, "amount") && !add_amount(&data, args)) {
        buf_done(&data);
        return CTL_WRONG_USE;
    }
    return send_data(ctl, args, EVENT_PURCHASE_REFUNDED, "customer", &data);
}

int send_visit(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "sales_channel", args, "channel");
    return send_data(ctl, args, EVENT_VISIT_MADE, "customer", &data);
}

int send_complaint(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    json_text(&data, "complaint_id", slice_of(send_id(ctl, args, "complaint")));
    option_text(&data, "severity", args, "severity");
    option_text(&data, "reason", args, "reason");
    option_text(&data, "sales_channel", args, "channel");
    return send_data(ctl, args, EVENT_COMPLAINT_OPENED, "customer", &data);
}

int send_acknowledge(struct ctl *ctl, const struct args *args)
{
    return about_complaint(ctl, args, EVENT_COMPLAINT_ACKNOWLEDGED);
}

int send_respond(struct ctl *ctl, const struct args *args)
{
    return about_complaint(ctl, args, EVENT_COMPLAINT_RESPONDED);
}

int send_resolve(struct ctl *ctl, const struct args *args)
{
    return about_complaint(ctl, args, EVENT_COMPLAINT_RESOLVED);
}

int send_reopen(struct ctl *ctl, const struct args *args)
{
    return about_complaint(ctl, args, EVENT_COMPLAINT_REOPENED);
}

int send_profile(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    bool fine = !args_has(args, "birth") || add_birth(&data, args_text(args, "birth"));
    option_text(&data, "zone", args, "zone");
    option_text(&data, "country", args, "country");
    option_text(&data, "region", args, "region");
    option_text(&data, "language", args, "language");
    list_names(&data, "interests", args, "interest");
    add_removed(&data, args);
    if (fine && data.len == 1) {
        fine = false;
        ctl_wrong("nothing of the profile is given; see loyalctl send profile --help");
    }
    if (!fine) {
        buf_done(&data);
        return CTL_WRONG_USE;
    }
    return send_data(ctl, args, EVENT_PROFILE_CHANGED, "customer", &data);
}

int send_consent(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "contact_channel", args, "contact");
    json_text(&data, "purpose",
              slice_of(args_has(args, "purpose") ? args_text(args, "purpose") : "marketing"));
    json_text(&data, "state", slice_of(args_has(args, "state") ? args_text(args, "state") : "granted"));
    option_text(&data, "text_version", args, "text-version");
    return send_data(ctl, args, EVENT_CONSENT_CHANGED, "customer", &data);
}

int send_launch(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    if (!args_has(args, "interest")) {
        return ctl_wrong("--interest NAME is missing: whom the product is for");
    }
    json_open(&data, NULL, '{');
    option_text(&data, "name", args, "name");
    list_names(&data, "interests", args, "interest");
    return send_data(ctl, args, EVENT_PRODUCT_LAUNCHED, "product", &data);
}

int send_restock(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    return send_data(ctl, args, EVENT_PRODUCT_RESTOCKED, "product", &data);
}

int send_reprice(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "currency", args, "currency");
    if (!add_price(&data, args, "old_minor", "old") || !add_price(&data, args, "new_minor", "new")) {
        buf_done(&data);
        return CTL_WRONG_USE;
    }
    return send_data(ctl, args, EVENT_PRODUCT_REPRICED, "product", &data);
}

int send_recall(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "severity", args, "severity");
    option_text(&data, "reference", args, "reference");
    return send_data(ctl, args, EVENT_PRODUCT_RECALLED, "product", &data);
}

int send_subscription(struct ctl *ctl, const struct args *args)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "product_id", args, "product");
    json_text(&data, "kind", slice_of(args_has(args, "kind") ? args_text(args, "kind") : "restocked"));
    json_text(&data, "state", slice_of(args_has(args, "state") ? args_text(args, "state") : "subscribed"));
    return send_data(ctl, args, EVENT_SUBSCRIPTION_CHANGED, "customer", &data);
}

/* Ends the object, sends it and frees it. */
static int send_data(struct ctl *ctl, const struct args *args, enum event_type type,
                     const char *subject_option, struct buf *data)
{
    json_close(data, '}');
    int result = send_one(ctl, args, type, args_text(args, subject_option), buf_view(data));
    buf_done(data);
    return result;
}

static int about_complaint(struct ctl *ctl, const struct args *args, enum event_type type)
{
    struct buf data = {0};
    json_open(&data, NULL, '{');
    option_text(&data, "complaint_id", args, "complaint");
    return send_data(ctl, args, type, "customer", &data);
}

static void option_text(struct buf *data, const char *name, const struct args *args, const char *option)
{
    if (args_has(args, option)) {
        json_text(data, name, slice_of(args_text(args, option)));
    }
}

static void list_names(struct buf *data, const char *name, const struct args *args, const char *option)
{
    if (!args_has(args, option)) {
        return;
    }
    json_open(data, name, '[');
    for (size_t i = 0; args_nth(args, option, i) != NULL; i++) {
        json_text(data, NULL, slice_of(args_nth(args, option, i)));
    }
    json_close(data, ']');
}

static bool add_amount(struct buf *data, const struct args *args)
{
    option_text(data, "currency", args, "currency");
    return add_price(data, args, "net_minor", "amount");
}

static bool add_price(struct buf *data, const struct args *args, const char *name, const char *option)
{
    char why[256];
    int64_t minor = 0;
    if (!money_parse(args_text(args, option), args_text(args, "currency"), &minor, why)) {
        ctl_wrong("%s", why);
        return false;
    }
    json_number(data, name, minor);
    return true;
}

/* A line of the purchase for each. */
static void add_lines(struct buf *data, const struct args *args, const char *name, const char *option)
{
    for (size_t i = 0; args_nth(args, option, i) != NULL; i++) {
        json_open(data, NULL, '{');
        json_text(data, name, slice_of(args_nth(args, option, i)));
        json_close(data, '}');
    }
}

static bool add_birth(struct buf *data, const char *text)
{
    struct yearly_date date;
    if (!yearly_date_parse(slice_of(text), &date)) {
        ctl_wrong(
            "\"%s\" is no birth date: YYYY-MM-DD, or --MM-DD where the year is not known; by the Chinese "
            "calendar with an L before it, such as L1980-04-30, and one behind a leap month: L1980-04L-30",
            text);
        return false;
    }
    json_open(data, "birth_date", '{');
    json_text(data, "calendar", date.calendar == CALENDAR_LUNAR ? SLICE("chinese") : SLICE("gregorian"));
    if (date.year > 0) {
        json_number(data, "year", date.year);
    }
    json_number(data, "month", date.month);
    json_number(data, "day", date.day);
    if (date.leap_month) {
        json_flag(data, "leap_month", true);
    }
    json_close(data, '}');
    return true;
}

static void add_removed(struct buf *data, const struct args *args)
{
    static const char *const fields[][2] = {
        {"birth",     "birth_date"},
        {"zone",      "zone"      },
        {"country",   "country"   },
        {"region",    "region"    },
        {"language",  "language"  },
        {"interests", "interests" }
    };
    for (size_t i = 0; args_nth(args, "remove", i) != NULL; i++) {
        size_t field = 0;
        while (field < sizeof fields / sizeof *fields &&
               strcmp(fields[field][0], args_nth(args, "remove", i)) != 0) {
            field++;
        }
        assert(field < sizeof fields / sizeof *fields); /* the option has no other choices */
        json_null(data, fields[field][1]);
    }
}
