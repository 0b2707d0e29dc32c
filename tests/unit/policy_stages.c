/* SPDX-License-Identifier: MIT */
/* Stages: each is a follow-up of its own, with what stands in theirs where it says nothing else; and mistakes
 * are named where they were written. */
#include "config/condition.h"

#include "tests/unit/policy_text.h"

#define ASK                                                                                                  \
    "policy: 1\nfollow_ups:\n"                                                                               \
    "  ask:\n"                                                                                               \
    "    on: purchase.completed\n"                                                                           \
    "    class: marketing\n"                                                                                 \
    "    channels: [email]\n"

static void wrong(const char *yaml, const char *problems)
{
    struct buf got = {0};
    struct policy *policy = NULL;
    assert_false(policy_parse("p.yaml", slice_of(yaml), &got, &policy));
    buf_char(&got, '\0');
    assert_string_equal(got.data, problems);
    buf_done(&got);
}

static void each_stage_is_a_follow_up_with_what_stands_in_theirs(void **state)
{
    (void)state;
    struct policy *policy =
        good(ASK "    if: orders >= 2\n    offer: five-off\n    expires_after: 2d\n"
                 "    stages:\n"
                 "      - {name: first, after: 7d}\n"
                 "      - name: again\n        after: 14d\n        channels: [sms, push]\n"
                 "        content: second-try\n        if: net < 10 EUR\n"
                 "      - {name: care, class: task, channels: [task], mode: 'off', offer: none-at-all}\n"
                 "  other: {on: birthday, class: task}\n");
    assert_int_equal(policy->follow_up_count, 4);
    const struct follow_up *first = policy_follow_up(policy, SLICE("ask.first"));
    const struct follow_up *again = policy_follow_up(policy, SLICE("ask.again"));
    const struct follow_up *care = policy_follow_up(policy, SLICE("ask.care"));
    assert_true(first != NULL && again != NULL && care != NULL);
    assert_null(policy_follow_up(policy, SLICE("ask")));
    assert_int_equal(first->after_ms[0], 7 * DAY_MS);
    assert_int_equal(first->expires_after_ms, 2 * DAY_MS);
    assert_true(slice_is(first->content, "ask.first"));
    assert_true(slice_is(first->offer, "five-off"));
    assert_int_equal(first->channels[0], CONTACT_email);
    assert_true(first->condition->nodes[0].field == CONDITION_ORDERS);
    assert_int_equal(again->after_ms[0], 14 * DAY_MS);
    assert_int_equal(again->channel_count, 2);
    assert_true(slice_is(again->content, "second-try"));
    assert_true(again->condition->nodes[0].field == CONDITION_NET);
    assert_int_equal(care->mode, MODE_OFF);
    assert_int_equal(care->message_class, CLASS_task);
    assert_ptr_equal(first->next, again); /* in the file's order */
    assert_ptr_equal(again->next, care);
    assert_null(care->next);
    policy_free(policy);
}

static void a_mistake_in_a_stage_names_the_stage(void **state)
{
    (void)state;
    wrong(
        ASK "    stages:\n      - {name: first, after: soon}\n      - {name: again, contnt: x}\n",
        "p.yaml:8:30: follow_ups.ask.stages.first.after must be a duration such as 30s, 15m, 12h or 3d, not "
        "'soon'\n"
        "p.yaml:9:23: unknown key 'contnt' in follow_ups.ask.stages.again; did you mean 'content'?\n");
    wrong(ASK "    stages:\n      - {name: first, if: ordrs = 1}\n",
          "p.yaml:8:27: unknown field 'ordrs'; did you mean 'orders'?\n");
    wrong(ASK "    stages:\n      - {name: first, at: \"09:00\"}\n",
          "p.yaml:8:23: 'at' has no effect with 'on: purchase.completed'; it goes with birthday or "
          "special-date or anniversary or household-birthday\n");
    wrong(
        "policy: 1\nfollow_ups:\n  ask:\n    on: birthday\n    class: content\n    stages:\n      - name: "
        "first\n"
        "        channels: [email]\n      - name: again\n",
        "p.yaml:9:9: follow_ups.ask.stages.again needs 'channels', the best first, such as [email, push]\n");
    wrong(ASK
          "    stages:\n      - {after: 1d}\n      - {name: First}\n      - {name: a}\n      - {name: a}\n",
          "p.yaml:8:9: follow_ups.ask.stages[1] needs a 'name', such as reminder\n"
          "p.yaml:9:16: the name of a stage must have 1 to 16 of a-z, 0-9 and '-', not 'First'\n"
          "p.yaml:11:16: the stage 'a' stands in follow_ups.ask.stages twice\n");
    wrong(ASK "    stages: []\n", "p.yaml:7:13: follow_ups.ask.stages must have 1 to 10 stages, not 0\n");
    wrong(ASK "    stages: first\n",
          "p.yaml:7:13: follow_ups.ask.stages must be a list: [a, b] or lines that begin with '- '\n");
    wrong(ASK "    stages: [first]\n", "p.yaml:7:14: follow_ups.ask.stages[1] must be a mapping: names with "
                                       "values, indented under it\n");
}

static void a_mistake_in_what_stages_share_is_named_once(void **state)
{
    (void)state;
    wrong(ASK "    after: soon\n    if: ordrs = 1\n    colour: red\n    stages:\n      - name: first\n"
              "      - {name: again, after: 1d}\n      - name: last\n",
          "p.yaml:9:5: unknown key 'colour' in follow_ups.ask\n"
          "p.yaml:7:12: follow_ups.ask.after must be a duration such as 30s, 15m, 12h or 3d, not 'soon'\n"
          "p.yaml:8:9: unknown field 'ordrs'; did you mean 'orders'?\n");
}

static void a_thousand_follow_ups_are_found_by_name_and_by_kind(void **state)
{
    (void)state;
    struct buf yaml = {0};
    buf_text(&yaml, "policy: 1\nfollow_ups:\n");
    for (int i = 0; i < 500; i++) {
        buf_printf(&yaml, "  f%d:\n    on: %s\n    class: task\n    stages: [{name: a}, {name: b}]\n", i,
                   i % 2 == 0 ? "birthday" : "product.launched");
    }
    buf_char(&yaml, '\0');
    struct policy *policy = good(yaml.data);
    assert_int_equal(policy->follow_up_count, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_ptr_equal(policy_follow_up(policy, policy->follow_ups[i].name), &policy->follow_ups[i]);
    }
    size_t birthdays = 0;
    for (const struct follow_up *each = policy->first[ON_BIRTHDAY]; each != NULL; each = each->next) {
        assert_true(each->on == ON_BIRTHDAY && (each->next == NULL || each->next > each));
        birthdays++;
    }
    assert_int_equal(birthdays, 500);
    policy_free(policy);
    yaml.len--;
    buf_text(&yaml, "  one-more: {on: birthday, class: task}\n");
    buf_char(&yaml, '\0');
    wrong(yaml.data, "p.yaml:3:3: follow_ups has 1001 of them, stages counted each; at most 1000 are read\n");
    buf_done(&yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_is_a_follow_up_with_what_stands_in_theirs),
        cmocka_unit_test(a_mistake_in_a_stage_names_the_stage),
        cmocka_unit_test(a_mistake_in_what_stages_share_is_named_once),
        cmocka_unit_test(a_thousand_follow_ups_are_found_by_name_and_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
