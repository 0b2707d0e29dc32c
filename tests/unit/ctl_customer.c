/* SPDX-License-Identifier: MIT */
/* What loyalctl says of a customer, without Redis: the view is made by hand. */
#include "consumers/ctl/customer_view.h"

#include "tests/fakes/stage.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MARKETING "freeze: 30d\nfollow_ups: {ad: {on: birthday, class: marketing, channels: [email]}}\n"

static struct ctl ctl;

/* The stage's customer, at the stage's time. */
static struct customer_view view_now(void)
{
    return (struct customer_view){.id = SLICE("C1"),
                                  .home = 7,
                                  .position = 41,
                                  .customer = stage_customer(),
                                  .policy = (struct policy *)stage_moment->policy,
                                  .zone = SLICE("Etc/UTC"),
                                  .now_ms = stage_moment->now_ms};
}

static void given_complaint(const char *id, enum complaint_state state, const char *opened)
{
    struct complaint complaint = {.state = state, .opened = true, .opened_s = instant(opened) / 1000};
    complaint_set(stage_customer(), slice_of(id), &complaint);
}

static const char *page(void)
{
    struct customer_view view = view_now();
    buf_reset(&ctl.out);
    customer_view_print(&ctl, &view);
    buf_char(&ctl.out, '\0');
    return ctl.out.data;
}

static const char *json(void)
{
    struct customer_view view = view_now();
    buf_reset(&ctl.out);
    customer_view_json(&view, &ctl.out);
    buf_char(&ctl.out, '\0');
    return ctl.out.data;
}

static void then_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" is not in: %s", part, text);
    }
}

static void an_open_complaint_is_said_with_the_end_of_its_freeze(void **state)
{
    (void)state;
    given_policy(MARKETING);
    given_complaint("Q1", COMPLAINT_OPENED, "2026-03-01T12:00:00Z");
    then_says(page(),
              "\nFrozen: no marketing, no content until 2026-03-31 12:00:00 UTC (in 29 d), sooner if the "
              "complaint Q1 is resolved\n");
    then_says(json(), "\"frozen\":{\"classes\":[\"marketing\",\"content\"],\"until\":"
                      "\"2026-03-31T12:00:00.000Z\",\"complaints\":[\"Q1\"]}");
}

static void of_several_the_last_to_end_counts_and_resolved_ones_do_not(void **state)
{
    (void)state;
    given_policy(MARKETING);
    given_complaint("Q1", COMPLAINT_REOPENED, "2026-02-10T12:00:00Z");
    given_complaint("Q2", COMPLAINT_RESPONDED, "2026-02-20T12:00:00Z");
    given_complaint("Q3", COMPLAINT_RESOLVED, "2026-03-01T12:00:00Z");
    given_complaint("Q4", COMPLAINT_OPENED, "2026-01-01T12:00:00Z");
    then_says(page(),
              " until 2026-03-22 12:00:00 UTC (in 20 d), sooner if the complaints Q1, Q2 are resolved\n");
}

static void who_is_not_frozen_hears_nothing_of_it(void **state)
{
    (void)state;
    given_policy(MARKETING);
    given_complaint("Q1", COMPLAINT_RESOLVED, "2026-03-01T12:00:00Z");
    assert_null(strstr(page(), "Frozen"));
    then_says(json(), "\"frozen\":null");
    given_complaint("Q1", COMPLAINT_OPENED, "2026-03-01T12:00:00Z");
    given_policy("classes: {marketing: {freezes: false}, content: {freezes: false}}\n");
    assert_null(strstr(page(), "Frozen"));
}

static void what_is_due_first_stands_first(void **state)
{
    (void)state;
    given_policy(MARKETING);
    given_timer("b:1", "2026-03-05T12:00:00Z");
    given_timer("a:2", "2026-03-04T12:00:00Z");
    given_timer("c:3", "2026-03-03T12:00:00Z");
    const char *text = page();
    const char *first = strstr(text, "2026-03-03"), *second = strstr(text, "2026-03-04");
    then_says(first, "2026-03-04");
    then_says(second, "2026-03-05");
}

static void the_household_is_shown(void **state)
{
    (void)state;
    given_policy(MARKETING);
    given_item(ITEM_MEMBER, "m1", "child 2016-05-04 Mia Sophie");
    given_item(ITEM_MEMBER, "m2", "partner --08-15");
    then_says(page(), "HOUSEHOLD  RELATION  BIRTH       NAME");
    then_says(page(), "m1         child     2016-05-04  Mia Sophie");
    then_says(json(),
              "\"household\":[{\"member\":\"m1\",\"relation\":\"child\",\"birth\":\"2016-05-04\","
              "\"name\":\"Mia Sophie\"},{\"member\":\"m2\",\"relation\":\"partner\",\"birth\":\"--08-15\"}]");
}

static int set(void **state)
{
    ctl_init(&ctl, NULL);
    return stage_set(state);
}

static int clear(void **state)
{
    buf_reset(&ctl.out);
    ctl_done(&ctl);
    return stage_clear(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_complaint_is_said_with_the_end_of_its_freeze),
        TEST(of_several_the_last_to_end_counts_and_resolved_ones_do_not),
        TEST(who_is_not_frozen_hears_nothing_of_it),
        TEST(what_is_due_first_stands_first),
        TEST(the_household_is_shown),
    };
    return cmocka_run_group_tests_name("ctl_customer", tests, NULL, NULL);
}
