/* SPDX-License-Identifier: MIT */
/* What is not wrong, but probably not meant: said of what is certain, and of nothing else. */
#include "tests/unit/policy_text.h"

#define BUY "policy: 1\nfollow_ups:\n  f:\n    on: purchase.completed\n    class: task\n" /* then line 6 */

static void warns(const char *yaml, const char *warnings)
{
    struct policy *policy = good(yaml);
    struct buf got = {0};
    policy_warnings(policy, &got);
    buf_char(&got, '\0');
    if (strcmp(got.data, warnings) != 0) {
        fail_msg("%s\ngives\n%s\nnot\n%s", yaml, got.data, warnings);
    }
    buf_done(&got);
    policy_free(policy);
}

static void never_holds(const char *condition)
{
    struct buf yaml = {0};
    buf_printf(&yaml, BUY "    if: %s\n%c", condition, '\0');
    warns(yaml.data, "p.yaml:6:9: warning: f is meant for nobody: this can never hold\n");
    buf_done(&yaml);
}

static void may_hold(const char *condition)
{
    struct buf yaml = {0};
    buf_printf(&yaml, BUY "    if: %s\n%c", condition, '\0');
    warns(yaml.data, "");
    buf_done(&yaml);
}

static void what_can_never_hold_is_named(void **state)
{
    (void)state;
    never_holds("[orders >= 3, orders < 3]");
    never_holds("[orders > 2, orders < 3]");
    never_holds("orders < 0");
    never_holds("[orders = 1, orders = 2]");
    never_holds("[orders >= 1, orders <= 1, orders != 1]");
    never_holds("[\"orders in 1, 2\", orders > 2]");
    never_holds("[\"country in DE, AT\", country != DE, country != AT]");
    never_holds("[country = DE, \"country in AT, CH\"]");
    never_holds("[orders < 3, {not: orders < 5}]");
    never_holds("[interests has tea, {not: interests has tea}]");
    never_holds("[net >= 5 EUR, net < 5 EUR]");
    never_holds("[event.net > 5 EUR, event.net > 5 USD]");
    never_holds("[birth_month > 11, birth_month < 12]");
    never_holds("[created < 2024-01-01, created >= 2024-01-01]");
    never_holds("orders < orders");
    never_holds("[orders = 2, {any: [orders = 1, {all: [visits = 1, orders = 3]}]}]");
    never_holds("{all: [{all: [age < 18]}, {all: [age >= 18]}]}");
}

static void what_may_hold_is_left_alone(void **state)
{
    (void)state;
    may_hold("[orders >= 3, orders <= 3]");
    may_hold("[orders > 1, orders < 3]");
    may_hold("[\"orders in 1, 3\", orders > 2]");
    may_hold("[\"country in DE, AT\", country != DE]");
    may_hold("[interests has tea, interests has cups, {not: interests has cars}]");
    may_hold("{not: interests has tea}");
    may_hold("[net >= 5 EUR, net < 5 USD, net < 0 JPY]");
    may_hold("[birth_month > 10, birth_month < 12]");
    may_hold("{any: [orders = 1, orders = 2]}");
    may_hold("[orders = 2, {any: [orders = 1, visits = 3]}]");
    may_hold("[{not: age < 18}, {not: age >= 18}]"); /* of whom no age is known */
    may_hold("[{not: {all: [orders = 1, visits = 1]}}, orders = 1]");
    may_hold("[last_purchase within last 3d, last_purchase within last 9d]");
    may_hold("event.net <= average_order");
}

static void a_variant_that_is_never_taken_is_named(void **state)
{
    (void)state;
    warns(BUY "    if: orders < 5\n    variants:\n      - {if: orders >= 5, content: x}\n"
              "      - {if: orders >= 2, content: y}\n      - {if: [orders >= 3, country = DE], content: z}\n"
              "      - {if: \"orders in 3, 4\", content: w}\n      - {if: orders = 1, content: v}\n",
          "p.yaml:8:14: warning: variant 1 of f is never taken: this can never hold together with the 'if' "
          "of the "
          "follow-up\n"
          "p.yaml:10:14: warning: variant 3 of f is never taken: wherever it holds, variant 2 does\n"
          "p.yaml:11:14: warning: variant 4 of f is never taken: wherever it holds, variant 2 does\n");
    warns(BUY "    variants:\n      - {if: [orders < 1, orders > 1], content: x}\n"
              "      - {if: {any: [country = DE, country = AT]}, content: y}\n      - {if: country = AT, "
              "content: z}\n"
              "      - {if: country = CH, content: z}\n      - {if: event.net > 5 EUR, content: z}\n",
          "p.yaml:7:14: warning: variant 1 of f is never taken: this can never hold\n"
          "p.yaml:9:14: warning: variant 3 of f is never taken: wherever it holds, variant 2 does\n");
    warns(BUY "    variants:\n      - {if: age >= 0, content: x}\n      - {if: orders > 1, content: y}\n",
          "");
    warns(BUY "    variants:\n      - {if: event.net >= 0 USD, content: x}\n"
              "      - {if: event.net >= 9 EUR, content: y}\n",
          "");
}

static void a_variant_that_asks_about_an_event_that_is_gone_is_named(void **state)
{
    (void)state;
    const char *gone = "it asks about the event, which is not at hand any more when the message goes out\n";
    struct buf wanted = {0};
    buf_printf(&wanted, "p.yaml:8:14: warning: variant 1 of f is never taken: %s", gone);
    buf_printf(&wanted, "p.yaml:9:14: warning: variant 2 of f is never taken: %s%c", gone, '\0');
    warns(BUY "    after: 1d\n    variants:\n      - {if: event.net >= 5 EUR, content: x}\n"
              "      - {if: [orders = 1, {not: event.net >= 5 EUR}], content: y}\n"
              "      - {if: {any: [orders = 2, event.net >= 5 EUR]}, content: z}\n",
          wanted.data);
    buf_done(&wanted);
    warns("policy: 1\nfollow_ups:\n  f:\n    on: birthday\n    class: task\n    variants:\n"
          "      - {if: event.turning = 40, content: x}\n",
          "p.yaml:7:14: warning: variant 1 of f is never taken: it asks about the event, which is not at "
          "hand any "
          "more when the message goes out\n");
}

#define WELCOME                                                                                              \
    "policy: 1\nfollow_ups:\n  welcome:\n    on: purchase.completed\n    class: task\n    offer: a\n"        \
    "    if: orders = 1\n    offer_value: 15%\n"
#define REGULARS                                                                                             \
    "  regulars:\n    on: purchase.completed\n    class: task\n    offer: b\n    if: orders > 1\n"           \
    "    offer_value: 10%\n"
#define ABOVE                                                                                                \
    "p.yaml:8:18: warning: 15% are for newcomers, and regulars get 10% at most (follow_ups.regulars); if "   \
    "that is meant, say why in 'reason'\n"

static void a_newcomers_offer_above_the_regulars_is_named_unless_it_says_why(void **state)
{
    (void)state;
    warns(WELCOME REGULARS, ABOVE);
    warns(WELCOME "    reason: to win them back from another shop\n" REGULARS, "");
    warns(WELCOME, "");
    warns(WELCOME REGULARS
          "  birthday:\n    on: birthday\n    class: task\n    offer: c\n    offer_value: 10%\n"
          "    variants:\n      - {if: orders >= 9, offer: d, offer_value: 15%}\n",
          "");
    warns(WELCOME REGULARS
          "  gift:\n    on: birthday\n    class: task\n    offer: c\n    offer_value: 20.00 EUR\n",
          ABOVE);
    warns("policy: 1\nfollow_ups:\n  f:\n    on: birthday\n    class: task\n    offer: a\n    offer_value: "
          "5.00 EUR\n"
          "    variants:\n      - if: first_purchase within last 30d\n        offer: b\n        offer_value: "
          "5.01 EUR\n"
          "      - if: [first_purchase within last 60d]\n        offer: b\n        offer_value: 9.00 EUR\n"
          "        reason: they are few\n      - {if: [orders < 9, country = DE], offer: b, offer_value: 7 "
          "USD}\n",
          "p.yaml:11:22: warning: 5.01 EUR are for newcomers, and regulars get 5.00 EUR at most "
          "(follow_ups.f); if "
          "that is meant, say why in 'reason'\n");
}

#define EARLY "  f:\n    on: birthday\n    class: marketing\n    at: \"06:00\"\n    channels: [sms, push]\n"
#define QUIET "policy: 1\nquiet_hours: {from: \"21:00\", to: \"08:00\", channels: [sms, push]}\nfollow_ups:\n"
#define NEVER_SENT                                                                                           \
    "p.yaml:7:9: warning: f is never sent: its hour is quiet, and it expires before the quiet hours end\n"

static void a_greeting_that_expires_in_quiet_hours_is_named(void **state)
{
    (void)state;
    warns(QUIET EARLY "    expires_after: 1h\n", NEVER_SENT);
    warns(QUIET EARLY "    expires_after: 2h\n", "");
    warns("policy: 1\nquiet_hours: [{from: \"21:00\", to: \"07:00\"}, {from: \"07:00\", to: "
          "\"09:00\"}]\nfollow_ups:\n" EARLY "    expires_after: 2h\n",
          NEVER_SENT);
    warns("policy: 1\nquiet_hours: {from: \"05:00\", to: \"08:00\", channels: [sms]}\nfollow_ups:\n" EARLY
          "    expires_after: 1h\n",
          "");
    warns("policy: 1\nquiet_hours: {from: \"05:00\", to: \"08:00\", classes: [content]}\nfollow_ups:\n" EARLY
          "    expires_after: 1h\n",
          "");
    warns(QUIET "  f:\n    on: birthday\n    class: marketing\n    at: \"22:00\"\n    channels: [sms]\n"
                "    expires_after: never\n",
          "p.yaml:7:9: warning: f is never sent: its hour is quiet, and it expires before the quiet hours "
          "end\n");
}

static void a_tag_that_no_cap_names_is_named(void **state)
{
    (void)state;
    warns(
        "policy: 1\ncaps:\n  a-week: {at_most: 1, per: 7d, limits: {tags: [news]}, counts: {tags: [sales]}}\n"
        "follow_ups:\n  f: {on: birthday, class: marketing, channels: [sms], tags: [news, nwes]}\n"
        "  g: {on: birthday, class: marketing, channels: [sms], tags: [sales]}\n",
        "p.yaml:5:62: warning: the tag 'nwes' does nothing: no cap names it\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_never_hold_is_named),
        cmocka_unit_test(what_may_hold_is_left_alone),
        cmocka_unit_test(a_variant_that_is_never_taken_is_named),
        cmocka_unit_test(a_variant_that_asks_about_an_event_that_is_gone_is_named),
        cmocka_unit_test(a_newcomers_offer_above_the_regulars_is_named_unless_it_says_why),
        cmocka_unit_test(a_greeting_that_expires_in_quiet_hours_is_named),
        cmocka_unit_test(a_tag_that_no_cap_names_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
