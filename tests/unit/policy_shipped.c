/* SPDX-License-Identifier: MIT */
/* The policies that ship, and the manual: right, complete, and not behind what the program knows. */
#include "config/policy.h"

#include "tests/unit/policy_text.h"

#include <stdio.h>

static struct slice file_text(const char *name, struct buf *buf)
{
    char path[512], block[4096];
    (void)snprintf(path, sizeof path, "%s/%s", SOURCE_DIR, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    for (size_t got = 0; (got = fread(block, 1, sizeof block, file)) > 0;) {
        buf_add(buf, block, got);
    }
    assert_int_equal(fclose(file), 0);
    return buf_view(buf);
}

static const char *const practice_names[] = {
    "birthday-greeting.teaser",
    "birthday-greeting.day",
    "birthday-greeting.reminder",
    "special-day",
    "household-birthday",
    "joined-anniversary",
    "first-purchase-anniversary",
    "new-product-regulars",
    "new-product-alert",
    "new-drink-alert",
    "back-in-stock",
    "price-drop",
    "product-recall",
    "thank-you",
    "bounce-back-coupon",
    "getting-started",
    "review-request",
    "visit-enquiry",
    "win-back.word",
    "win-back.offer",
    "win-back.call",
    "care-call",
    "complaint-acknowledged",
    "complaint-sla-warning",
    "complaint-sla-breached",
    "complaint-care-call",
    "after-complaint.question",
    "after-complaint.make-good",
};

static struct policy *shipped(const char *name)
{
    struct buf text = {0}, problems = {0};
    struct policy *policy = NULL;
    if (!policy_parse(name, file_text(name, &text), &problems, &policy)) {
        fail_msg("%.*s", SLICE_ARG(buf_view(&problems)));
    }
    assert_int_equal(policy->follow_up_count, sizeof practice_names / sizeof *practice_names);
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        assert_true(slice_is(policy->follow_ups[i].name, practice_names[i]));
        assert_int_equal(policy->follow_ups[i].mode, policy->mode);
    }
    buf_done(&text);
    buf_done(&problems);
    return policy;
}

static void the_files_that_ship_are_right(void **state)
{
    (void)state;
    struct policy *policy = shipped("config/follow-ups.yaml");
    assert_int_equal(policy->mode, MODE_SHADOW);
    const struct follow_up *coupon = policy_follow_up(policy, SLICE("bounce-back-coupon"));
    assert_true(coupon->withdraw && coupon->message_class == CLASS_marketing && coupon->offer.len > 0);
    assert_int_equal(coupon->after_ms[0], DAY_MS);
    const struct follow_up *thanks = policy_follow_up(policy, SLICE("thank-you"));
    assert_true(thanks->message_class == CLASS_transactional && thanks->after_ms[0] == 0 &&
                thanks->channel_count == 3);
    const struct follow_up *warning = policy_follow_up(policy, SLICE("complaint-sla-warning"));
    const struct follow_up *breach = policy_follow_up(policy, SLICE("complaint-sla-breached"));
    for (size_t i = 0; i < SEVERITY_COUNT; i++) {
        assert_true(warning->after_ms[i] > 0 && warning->after_ms[i] < breach->after_ms[i]);
        assert_true(i == 0 || breach->after_ms[i] < breach->after_ms[i - 1]);
    }
    assert_int_equal(policy_follow_up(policy, SLICE("complaint-care-call"))->after_ms[0], policy->freeze_ms);
    policy_free(policy);
}

static void what_is_described_names_every_follow_up_with_its_defaults(void **state)
{
    (void)state;
    struct policy *policy = shipped("config/follow-ups.yaml");
    struct buf out = {0};
    policy_describe(policy, &out);
    buf_char(&out, '\0');
    const char *const wanted[] = {policy->version,
                                  "mode          shadow\n",
                                  "zones         CN Asia/Shanghai, DE Europe/Berlin\n",
                                  "freeze        30d\n",
                                  "limits        orders 48, refunds 48, ",
                                  "marketing      marketing  withheld\n",
                                  "task           -          sent\n",
                                  "birthday at 09:00, of 29 February: feb-28",
                                  "household-birthday of child,partner,parent -7 days at 09:00",
                                  "purchase.completed + 1d, withdraw",
                                  "complaint.opened + 3d/1d/4h/1h unless complaint.responded",
                                  "email,push,sms"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strstr(out.data, wanted[i]) == NULL) {
            fail_msg("'%s' is not in\n%s", wanted[i], out.data);
        }
    }
    for (size_t i = 0; i < policy->follow_up_count; i++) {
        assert_non_null(strstr(out.data, practice_names[i]));
    }
    buf_reset(&out);
    policy_describe(policy_none(), &out);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.data, "version       -\n"));
    buf_done(&out);
    policy_free(policy);
}

/* What a marketing person reads must not lag behind what the program knows. */
static void the_manual_names_every_key_limit_class_and_channel(void **state)
{
    (void)state;
    struct buf manual = {0};
    (void)file_text("docs/policy.md", &manual);
    buf_char(&manual, '\0');
    const char *const words[] = {
#define POLICY_LIMIT(name, def, low, high, sentence)                                                         \
    "| `" #name "` | " #def " | " #low " | " #high " | " sentence " |",
#include "config/policy_limits.def"
#undef POLICY_LIMIT
#define CONTACT_CHANNEL(name) "`" #name "`",
#include "common/contact_channel.def"
#undef CONTACT_CHANNEL
        "`policy`",
        "`mode`",
        "`not_before`",
        "`clock`",
        "`default_zone`",
        "`zones`",
        "`freeze`",
        "`limits`",
        "`classes`",
        "`follow_ups`",
        "`on`",
        "`class`",
        "`after`",
        "`unless`",
        "`at`",
        "`calendars`",
        "`calendar`",
        "`also_open`",
        "`closed`",
        "`days`",
        "`date`",
        "`anniversary`",
        "`special-date`",
        "`leap_day`",
        "`lunar_day_30`",
        "`withdraw`",
        "`expires_after`",
        "`channels`",
        "`content`",
        "`offer`",
        "`needs_consent`",
        "`purpose`",
        "`freezes`",
        "`transactional`",
        "`marketing`",
        "`task`",
        "`safety`",
        "`purchase.completed`",
        "`complaint.opened`",
        "`birthday`",
        "`product.launched`",
        "`complaint.acknowledged`",
        "`complaint.responded`",
        "`complaint.resolved`",
        "`feb-28`",
        "`mar-1`",
        "`leap-years`",
        "`off`",
        "`shadow`",
        "`live`",
        "`append`",
        "`event`",
        "`never`"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(manual.data, words[i]) == NULL) {
            fail_msg("docs/policy.md does not have %s", words[i]);
        }
    }
    buf_done(&manual);
}

/* Every ```yaml block in the manual is either a policy or, indented, follow-ups of one. */
static void every_example_in_the_manual_is_right(void **state)
{
    (void)state;
    struct buf manual = {0};
    (void)file_text("docs/policy.md", &manual);
    buf_char(&manual, '\0');
    int examples = 0;
    for (char *at = manual.data; (at = strstr(at, "```yaml\n")) != NULL; examples++) {
        at += strlen("```yaml\n");
        char *end = strstr(at, "```");
        assert_non_null(end);
        *end = '\0';
        struct buf yaml = {0};
        buf_text(&yaml, strncmp(at, "policy:", 7) == 0 ? "" : "policy: 1\n");
        buf_text(&yaml, *at == ' ' ? "follow_ups:\n" : "");
        buf_text(&yaml, at);
        buf_char(&yaml, '\0');
        policy_free(good(yaml.data));
        buf_done(&yaml);
        at = end + 1;
    }
    assert_true(examples >= 3);
    buf_done(&manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_that_ship_are_right),
        cmocka_unit_test(what_is_described_names_every_follow_up_with_its_defaults),
        cmocka_unit_test(the_manual_names_every_key_limit_class_and_channel),
        cmocka_unit_test(every_example_in_the_manual_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
