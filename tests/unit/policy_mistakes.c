/* SPDX-License-Identifier: MIT */
/* Every kind of mistake in a policy is named where it stands, with what would be right, and all of them at
 * once. */
#include "config/policy.h"

#include "tests/unit/policy_text.h"

#include <stdio.h>

/* Exactly this is wrong, a line each. */
static void wrong(const char *yaml, const char *problems)
{
    struct buf got = {0};
    struct policy *policy = NULL;
    buf_text(&got, "before\n");
    assert_false(policy_parse("p.yaml", slice_of(yaml), &got, &policy));
    assert_null(policy);
    buf_char(&got, '\0');
    assert_string_equal(got.data + strlen("before\n"), problems);
    buf_done(&got);
}

static void a_mistake_in_the_head_is_named(void **state)
{
    (void)state;
    wrong("mode: live\n", "p.yaml:1:1: a policy must have the line 'policy: 1', the number of this format\n");
    wrong("policy: 2\n", "p.yaml:1:9: this program reads policies of format 1, not 2\n");
    wrong("policy: one\n", "p.yaml:1:9: policy must be a whole number, not 'one'\n");
    wrong("policy: 1\nmod: live\n", "p.yaml:2:1: unknown key 'mod'; did you mean 'mode'?\n");
    wrong("policy: 1\nmode: alive\n",
          "p.yaml:2:7: mode must be off, shadow or live, not 'alive'; did you mean 'live'?\n");
    wrong("policy: 1\nclock: wall\n", "p.yaml:2:8: clock must be append or event, not 'wall'\n");
    wrong("policy: 1\nfreeze: soon\n",
          "p.yaml:2:9: freeze must be a duration such as 30s, 15m, 12h or 3d, not 'soon'\n");
    wrong("policy: 1\nfreeze: 3651d\n", "p.yaml:2:9: freeze must lie between 0s and 3650d, not 3651d\n");
    wrong("policy: 1\nnot_before: 2024-02-30\n", "p.yaml:2:13: not_before must be a date such as 2025-01-31 "
                                                 "or an instant such as 2025-01-31T09:00:00Z, "
                                                 "not '2024-02-30'\n");
    wrong("policy: 1\nnot_before: 1969-01-01\n",
          "p.yaml:2:13: not_before must lie between 1970 and 2100, not '1969-01-01'\n");
    wrong("- policy\n", "p.yaml:1:1: a policy must be a mapping: names with values, indented under it\n");
    wrong("policy: 1\npolicy: 1\n",
          "p.yaml:2:1: the key 'policy' stands here twice; the other is in line 1\n");
}

static void a_mistake_in_quiet_hours_or_priority_is_named(void **state)
{
    (void)state;
    wrong(
        "policy: 1\nquiet_hours: {from: \"21:00\", to: \"21:00\"}\n",
        "p.yaml:2:34: quiet_hours begin and end at the same minute: that is never or always; to send nothing "
        "write 'mode: off'\n");
    wrong("policy: 1\nquiet_hours: {from: \"21:00\"}\n",
          "p.yaml:2:14: quiet_hours needs 'from' and 'to', such as {from: \"21:00\", to: \"08:00\"}\n");
    wrong("policy: 1\nquiet_hours: {from: 21, to: \"08:00\", channel: sms}\n",
          "p.yaml:2:38: unknown key 'channel' in quiet_hours; did you mean 'channels'?\n"
          "p.yaml:2:21: quiet_hours.from must be a time of day such as \"09:00\", not '21'\n");
    wrong("policy: 1\nquiet_hours: {from: \"21:00\", to: \"08:00\", classes: [safety]}\n",
          "p.yaml:2:53: nothing holds back safety messages; leave the class safety out of "
          "quiet_hours.classes\n");
    wrong("policy: 1\nquiet_hours:\n"
          "  - {from: \"21:00\", to: \"08:00\"}\n"
          "  - {from: \"08:00\", to: \"21:00\", channels: [push]}\n",
          "p.yaml:3:3: quiet_hours together leave no minute of the day for the class marketing by push\n");
    wrong("policy: 1\nfollow_ups:\n"
          "  a: {on: birthday, class: content, channels: [sms], priority: 101}\n",
          "p.yaml:3:64: follow_ups.a.priority must lie between -100 and 100, not 101\n");
}

static void a_mistake_in_caps_or_tags_is_named(void **state)
{
    (void)state;
    wrong("policy: 1\ncaps:\n  a_day: {at_most: 1, per: day}\n",
          "p.yaml:3:3: the name of a cap must have 1 to 32 of a-z, 0-9 and '-', not 'a_day'\n");
    wrong("policy: 1\ncaps:\n  a: {at_most: 0, per: day}\n",
          "p.yaml:3:16: caps.a.at_most must lie between 1 and 1000, not 0\n");
    wrong("policy: 1\ncaps:\n  a: {at_most: 1}\n",
          "p.yaml:3:3: caps.a needs 'at_most' and 'per', such as {at_most: 3, per: 7d}\n");
    wrong("policy: 1\ncaps:\n  a: {at_most: 1, per: 31d}\n",
          "p.yaml:3:24: caps.a.per must be day (the calendar day where the customer lives) or 1d to 30d (so "
          "many "
          "times 24 hours), not '31d'\n");
    wrong("policy: 1\ncaps:\n  a: {at_most: 1, per: day, limits: {clases: [content]}}\n",
          "p.yaml:3:38: unknown key 'clases' in caps.a.limits; did you mean 'classes'?\n");
    wrong("policy: 1\ncaps:\n  a: {at_most: 1, per: day, counts: {follow_ups: [gret], tags: [sales]}}\n"
          "follow_ups:\n  greet: {on: birthday, class: content, channels: [sms], tags: [sale]}\n",
          "p.yaml:3:51: caps.a.counts.follow_ups: no follow-up has the name 'gret'; did you mean 'greet'?\n"
          "p.yaml:3:65: caps.a.counts.tags: no follow-up has the tag 'sales'; did you mean 'sale'?\n");
    wrong("policy: 1\nfollow_ups:\n  greet: {on: birthday, class: content, channels: [sms], tags: [A B]}\n",
          "p.yaml:3:65: a tag must have 1 to 32 of a-z, 0-9 and '-', not 'A B'\n");
    wrong("policy: 1\ncaps: {a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {}, h: {}, i: {}, j: {}, k: {}}\n",
          "p.yaml:2:7: caps has 11 of them; at most 10 are read\n");
}

static void a_mistake_in_holdout_or_spread_is_named(void **state)
{
    (void)state;
    wrong("policy: 1\nholdout: {share: 5, programme: a}\nspread: 13h\n",
          "p.yaml:2:18: holdout.share must lie between 0.01% and 50%, such as 5% or 2.5%, not '5'\n"
          "p.yaml:3:9: spread must lie between 0s and 12h: what is due at a time of day is to go out that "
          "day\n");
    wrong("policy: 1\nholdout: {share: 51%, programme: a b}\n",
          "p.yaml:2:18: holdout.share must lie between 0.01% and 50%, such as 5% or 2.5%, not '51%'\n"
          "p.yaml:2:34: holdout.programme must have 1 to 64 bytes without blanks and control characters, not "
          "'a b'\n");
    wrong("policy: 1\nholdout: {share: 0.001%, programme: a}\n",
          "p.yaml:2:18: holdout.share must lie between 0.01% and 50%, such as 5% or 2.5%, not '0.001%'\n");
    wrong("policy: 1\nholdout: {share: 5%}\n",
          "p.yaml:2:10: holdout needs 'share' and 'programme', such as {share: 5%, programme: spring}\n");
}

static void a_mistake_in_what_unknown_consent_means_is_named(void **state)
{
    (void)state;
    wrong("policy: 1\nconsent_default: {mail: no}\n",
          "p.yaml:2:19: unknown key 'mail' in consent_default; did you mean 'email'?\n");
    wrong("policy: 1\nconsent_default: {email: true}\n",
          "p.yaml:2:26: consent_default.email must be no or yes, not 'true'\n");
    wrong("policy: 1\nconsent_default: {email: {Germany: no}}\n",
          "p.yaml:2:27: a place in consent_default.email must be a country such as US, country and region "
          "such as "
          "US-CA, or other, not 'Germany'\n");
}

static void a_mistake_in_zones_limits_or_classes_is_named(void **state)
{
    (void)state;
    char expected[256];
    (void)snprintf(
        expected, sizeof expected,
        "p.yaml:2:15: default_zone must be a time zone's IANA name such as Europe/Berlin; 'Berlin' is not "
        "in the zone data (%s)\n",
        zone_data_version());
    wrong("policy: 1\ndefault_zone: Berlin\n", expected);
    wrong(
        "policy: 1\nzones:\n  Germany: Europe/Berlin\n",
        "p.yaml:3:3: a place in zones must be a country such as US, or country and region such as US-CA, not "
        "'Germany'\n");
    wrong(
        "policy: 1\nzones:\n  US-: Etc/UTC\n",
        "p.yaml:3:3: a place in zones must be a country such as US, or country and region such as US-CA, not "
        "'US-'\n");
    wrong("policy: 1\nzones: Etc/UTC\n",
          "p.yaml:2:8: zones must be a mapping: names with values, indented under it\n");
    wrong("policy: 1\nlimits:\n  orders: 61\n",
          "p.yaml:3:11: limits.orders must lie between 1 and 60, not 61\n");
    wrong("policy: 1\nlimits:\n  order: 6\n",
          "p.yaml:3:3: unknown key 'order' in limits; did you mean 'orders'?\n");
    wrong("policy: 1\nclasses:\n  marketing: {freezes: maybe}\n",
          "p.yaml:3:24: classes.marketing.freezes must be true or false, not 'maybe'\n");
    wrong("policy: 1\nclasses:\n  content: {purpose: selling}\n",
          "p.yaml:3:22: classes.content.purpose must be marketing or content, not 'selling'\n");
    wrong("policy: 1\nclasses:\n  task: {freeze: true}\n",
          "p.yaml:3:10: unknown key 'freeze' in classes.task; did you mean 'freezes'?\n");
    wrong("policy: 1\nclasses:\n  safety: {freezes: true}\n",
          "p.yaml:3:3: safety messages need no consent and never freeze; leave the class safety out\n");
}

static void a_mistake_in_a_follow_up_is_named(void **state)
{
    (void)state;
    wrong(HEAD "    class: marketing\n    channels: [email]\n",
          "p.yaml:3:3: follow_ups.f needs 'on': purchase.completed, complaint.opened, birthday, "
          "product.launched, visit.made, silence, complaint.resolved, special-date, anniversary, "
          "household-birthday, product.restocked, product.repriced or product.recalled\n");
    wrong(HEAD "    on: birthday\n    channels: [email]\n",
          "p.yaml:3:3: follow_ups.f needs 'class': transactional, marketing, content, task or safety\n");
    wrong(HEAD "    on: birthday\n    class: marketing\n",
          "p.yaml:3:3: follow_ups.f needs 'channels', the best first, such as [email, push]\n");
    wrong(HEAD "    on: purchase\n    class: marketing\n    channels: [email]\n",
          "p.yaml:4:9: follow_ups.f.on must be purchase.completed, complaint.opened, birthday, "
          "product.launched, visit.made, silence, complaint.resolved, special-date, anniversary, "
          "household-birthday, product.restocked, product.repriced or product.recalled, "
          "not 'purchase'\n");
    wrong(PURCHASE "    widthraw: true\n",
          "p.yaml:7:5: unknown key 'widthraw' in follow_ups.f; did you mean 'withdraw'?\n");
    wrong(PURCHASE "    after: tomorrow\n",
          "p.yaml:7:12: follow_ups.f.after must be a duration such as 30s, 15m, 12h or 3d, not 'tomorrow'\n");
    wrong(PURCHASE "    after: -1d\n",
          "p.yaml:7:12: follow_ups.f.after must be a duration such as 30s, 15m, 12h or 3d, not '-1d'\n");
    wrong(PURCHASE "    after: 99999999999999999d\n",
          "p.yaml:7:12: follow_ups.f.after must lie between 0s and 3650d, not 99999999999999999d\n");
    wrong(PURCHASE "    after: {low: 1d, normal: 1d, high: 1d, critical: 1d}\n",
          "p.yaml:7:12: follow_ups.f.after must be one duration; by severity goes with 'on: "
          "complaint.opened'\n");
    wrong(PURCHASE "    expires_after: 0s\n",
          "p.yaml:7:20: follow_ups.f.expires_after must lie between 1s and 3650d, not 0s\n");
    wrong(PURCHASE "    withdraw: true\n",
          "p.yaml:7:5: follow_ups.f.withdraw needs an 'offer': it is what is withdrawn\n");
    wrong(PURCHASE "    offer: ten per cent\n",
          "p.yaml:7:12: follow_ups.f.offer must have 1 to 64 bytes without blanks "
          "and control characters, not 'ten per cent'\n");
    wrong(PURCHASE "    offer: five\n    offer_value: five\n",
          "p.yaml:8:18: follow_ups.f.offer_value must be such as 5% or 5.00 EUR, not 'five'\n");
    wrong(PURCHASE "    offer: five\n    offer_value: 101%\n",
          "p.yaml:8:18: follow_ups.f.offer_value must be such as 5% or 5.00 EUR, not '101%'\n");
    wrong(PURCHASE "    offer_value: 5.00 EUR\n",
          "p.yaml:7:5: follow_ups.f.offer_value needs an 'offer': it is what that is worth\n");
    wrong(PURCHASE "    variants: [{content: x}, {if: orders = 1}, {if: orders = 1, content: x, at: 5}]\n",
          "p.yaml:7:16: follow_ups.f.variants[1] needs 'if': for whom it is; what is for all others stands "
          "in the "
          "follow-up\n"
          "p.yaml:7:30: follow_ups.f.variants[2] needs a 'content' or an 'offer' of its own\n"
          "p.yaml:7:77: unknown key 'at' in follow_ups.f.variants[3]\n");
    wrong(PURCHASE "    content: \"\"\n",
          "p.yaml:7:14: follow_ups.f.content must have 1 to 64 bytes without blanks "
          "and control characters, not ''\n");
    wrong(PURCHASE "    at: \"09:00\"\n",
          "p.yaml:7:5: 'at' has no effect with 'on: purchase.completed'; it goes with "
          "birthday or special-date or anniversary or household-birthday\n");
    wrong(BIRTHDAY "    after: 1d\n",
          "p.yaml:7:5: 'after' has no effect with 'on: birthday'; it goes with "
          "purchase.completed or complaint.opened or product.launched or visit.made or silence or "
          "complaint.resolved or product.restocked or product.repriced or product.recalled\n");
    wrong(BIRTHDAY "    capacity: 5\n",
          "p.yaml:7:5: 'capacity' has no effect with 'on: birthday'; it goes with "
          "product.launched or product.restocked or product.repriced\n");
    wrong(HEAD "    on: product.recalled\n    class: marketing\n    channels: [email]\n",
          "p.yaml:3:3: follow_ups.f must reach every buyer: take the class safety, or task\n");
    wrong(BIRTHDAY "    at: 9:00\n",
          "p.yaml:7:9: follow_ups.f.at must be a time of day such as \"09:00\", not '9:00'\n");
    wrong(BIRTHDAY "    at: \"24:00\"\n",
          "p.yaml:7:9: follow_ups.f.at must be a time of day such as \"09:00\", not '24:00'\n");
    wrong(BIRTHDAY "    leap_day: mar-2\n", "p.yaml:7:15: follow_ups.f.leap_day must be feb-28, mar-1 or "
                                            "leap-years, not 'mar-2'; did you mean 'mar-1'?\n");
    wrong(HEAD "    on: anniversary\n    class: task\n",
          "p.yaml:3:3: follow_ups.f needs 'anniversary': joined or first-purchase\n");
    wrong(HEAD "    on: special-date\n    date: two words\n    class: task\n",
          "p.yaml:5:11: follow_ups.f.date must have 1 to 32 bytes without blanks and control characters, not "
          "'two words'\n");
    wrong(BIRTHDAY "    relation: [child]\n",
          "p.yaml:7:5: 'relation' has no effect with 'on: birthday'; it goes with household-birthday\n");
    wrong(HEAD "    on: household-birthday\n    relation: [chidl]\n    class: task\n",
          "p.yaml:5:16: follow_ups.f.relation must be child, partner, parent or other, not 'chidl'; did you "
          "mean "
          "'child'?\n");
    wrong(HEAD "    on: household-birthday\n    relation: []\n    class: task\n",
          "p.yaml:5:15: follow_ups.f.relation must name at least one\n");
    wrong(
        HEAD "    on: household-birthday\n    class: task\n    if: event.relation = cousin\n",
        "p.yaml:6:26: event.relation is compared with child, partner, parent or other, not with 'cousin'\n");
    wrong(BIRTHDAY "    if: event.relation = child\n",
          "p.yaml:7:9: there is no event.relation with 'on: birthday'; it goes with household-birthday\n");
    wrong(BIRTHDAY "    calendar: x\n",
          "p.yaml:7:5: 'calendar' has no effect with 'on: birthday'; it goes with "
          "purchase.completed or complaint.opened or visit.made\n"
          "p.yaml:7:15: follow_ups.f.calendar needs a calendar under 'calendars'; "
          "there is none\n");
    wrong(BIRTHDAY "    days: -61\n",
          "p.yaml:7:11: follow_ups.f.days must lie between -60 and 60, not -61\n");
    wrong(PURCHASE "    days: 1\n", "p.yaml:7:5: 'days' has no effect with 'on: purchase.completed'; it goes "
                                    "with birthday or special-date or anniversary or household-birthday\n");
    wrong(
        BIRTHDAY "    lunar_day_30: day-30\n",
        "p.yaml:7:19: follow_ups.f.lunar_day_30 must be day-29, next-day or skip, not 'day-30'; did you mean "
        "'day-29'?\n");
    wrong(BIRTHDAY "    stages: [{name: late, days: 8, only_after: day}, {name: day}]\n",
          "p.yaml:7:48: follow_ups.f.stages.late.only_after must be the name of a stage before this one, not "
          "'day'\n");
    wrong(HEAD "    on: silence\n    class: task\n",
          "p.yaml:3:3: follow_ups.f.after must say how long nothing was bought, at least 1d, such as 90d\n");
    wrong(HEAD "    on: silence\n    class: task\n    after: 1h\n",
          "p.yaml:6:5: follow_ups.f.after must say how long nothing was bought, at least 1d, such as 90d\n");
    wrong(HEAD "    on: visit.made\n    class: task\n    after: 1h\n    unless: complaint.resolved\n",
          "p.yaml:7:5: 'unless: complaint.resolved' goes with 'on: complaint.opened'\n");
    wrong(HEAD "    on: complaint.opened\n    class: task\n    after: 1h\n    unless: purchase.completed\n",
          "p.yaml:7:5: 'unless: purchase.completed' goes with 'on: visit.made'\n");
    wrong("policy: 1\nfollow_ups:\n  Thank You: {on: birthday, class: marketing, channels: [email]}\n",
          "p.yaml:3:3: the name of a follow-up must have 1 to 32 of a-z, 0-9 and '-', not 'Thank You'\n");
    wrong("policy: 1\nfollow_ups:\n  f: birthday\n",
          "p.yaml:3:6: follow_ups.f must be a mapping: names with values, indented under it\n");
}

static void a_mistake_in_channels_or_complaints_is_named(void **state)
{
    (void)state;
    wrong(HEAD "    on: birthday\n    class: marketing\n    channels: [email, fax]\n",
          "p.yaml:6:23: follow_ups.f.channels must be email, sms, push, phone, post, wechat, whatsapp, "
          "in_app or "
          "task, not 'fax'\n");
    wrong(HEAD "    on: birthday\n    class: marketing\n    channels: [email, sms, email]\n",
          "p.yaml:6:28: email stands in follow_ups.f.channels twice\n");
    wrong(HEAD "    on: birthday\n    class: marketing\n    channels: []\n",
          "p.yaml:6:15: follow_ups.f.channels must name at least one\n");
    wrong(HEAD "    on: birthday\n    class: marketing\n    channels: email\n",
          "p.yaml:6:15: follow_ups.f.channels must be a list: [a, b] or lines that begin with '- '\n");
    wrong(HEAD "    on: birthday\n    class: marketing\n    channels: [task]\n",
          "p.yaml:6:16: the channel task and the class task go together, not the channel task with 'class: "
          "marketing'\n");
    wrong(COMPLAINT "    channels: [email]\n", "p.yaml:7:16: the channel task and the class task go "
                                               "together, not the channel email with 'class: task'\n");
    wrong(COMPLAINT "    unless: resolved\n",
          "p.yaml:7:13: follow_ups.f.unless must be complaint.acknowledged, complaint.responded, "
          "complaint.resolved, purchase.completed, redeemed or task.done, not 'resolved'\n");
    wrong(HEAD "    on: complaint.opened\n    class: task\n    unless: complaint.resolved\n",
          "p.yaml:6:5: follow_ups.f.unless has no effect without 'after'\n");
    wrong(HEAD "    on: complaint.opened\n    class: task\n    after:\n      low: 1d\n      high: 1d\n      "
               "hihg: 2d\n",
          "p.yaml:9:7: unknown key 'hihg' in follow_ups.f.after; did you mean 'high'?\n"
          "p.yaml:6:5: follow_ups.f.after.normal is missing; by severity, all of low, normal, high and "
          "critical are "
          "needed\n"
          "p.yaml:6:5: follow_ups.f.after.critical is missing; by severity, all of low, normal, high and "
          "critical "
          "are needed\n");
    wrong(HEAD "    on: complaint.opened\n    class: marketing\n    after: 1d\n    channels: [email]\n",
          "p.yaml:3:3: follow_ups.f would be withheld: the complaint that leads to it freezes the class "
          "marketing; "
          "take transactional or task\n");
    policy_free(
        good("freeze: 0s\n" HEAD "    on: complaint.opened\n    class: marketing\n    channels: [email]\n"));
}

static void all_mistakes_come_at_once(void **state)
{
    (void)state;
    wrong("policy: 1\nmode: on\nfreeze: 1w\nlimits: {orders: 0}\nfollow_ups:\n  a:\n    on: birthday\n"
          "    class: marketing\n    at: noon\n    channels: [mail]\n  b:\n    clas: task\n    on: "
          "complaint.opened\n",
          "p.yaml:2:7: mode must be off, shadow or live, not 'on'\n"
          "p.yaml:3:9: freeze must be a duration such as 30s, 15m, 12h or 3d, not '1w'\n"
          "p.yaml:4:18: limits.orders must lie between 1 and 60, not 0\n"
          "p.yaml:9:9: follow_ups.a.at must be a time of day such as \"09:00\", not 'noon'\n"
          "p.yaml:10:16: follow_ups.a.channels must be email, sms, push, phone, post, wechat, whatsapp, "
          "in_app or "
          "task, not 'mail'; did you mean 'email'?\n"
          "p.yaml:12:5: unknown key 'clas' in follow_ups.b; did you mean 'class'?\n"
          "p.yaml:11:3: follow_ups.b needs 'class': transactional, marketing, content, task or safety\n"
          "p.yaml:11:3: follow_ups.b needs 'channels', the best first, such as [email, push]\n");
}

static void a_policy_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct buf yaml = {0};
    buf_text(&yaml, "policy: 1\n");
    while (yaml.len < 409600) {
        buf_text(&yaml, "#\n");
    }
    struct buf problems = {0};
    struct policy *policy = NULL;
    assert_true(policy_parse("p.yaml", buf_view(&yaml), &problems, &policy));
    policy_free(policy);
    buf_text(&yaml, "#");
    assert_false(policy_parse("p.yaml", buf_view(&yaml), &problems, &policy));
    assert_non_null(
        strstr(problems.data, "p.yaml:1:1: the policy has 409601 bytes; at most 409600 are read\n"));
    buf_done(&problems);

    buf_done(&yaml);
}

static void a_mistake_in_a_calendar_is_named(void **state)
{
    (void)state;
    wrong("policy: 1\ncalendars:\n  c: {zone: Europe/Berlin}\n",
          "p.yaml:3:3: calendars.c needs 'hours', such as {mon-fri: \"09:00-18:00\"}\n");
    wrong("policy: 1\ncalendars:\n  c:\n    hours: {}\n",
          "p.yaml:4:12: calendars.c.hours must name at least one day\n");
    wrong("policy: 1\ncalendars:\n  c:\n    hours: {fri-mon: \"09:00-18:00\"}\n",
          "p.yaml:4:13: a day in calendars.c.hours must be mon, tue, wed, thu, fri, sat, sun or a range such "
          "as "
          "mon-fri, not 'fri-mon'\n");
    wrong("policy: 1\ncalendars:\n  c:\n    hours: {mon: \"18:00-09:00\"}\n",
          "p.yaml:4:18: calendars.c, mon: must be hours such as \"09:00-18:00\", the earlier first, not "
          "'18:00-09:00'\n");
    wrong("policy: 1\ncalendars:\n  c:\n    hours: {mon-fri: \"09:00-18:00\", wed: \"09:00-12:00\"}\n",
          "p.yaml:4:37: wed stands in calendars.c.hours twice\n");
    wrong(
        "policy: 1\ncalendars:\n  c:\n    hours: {mon: \"09:00-18:00\"}\n    closed: [\"2026-02-30\"]\n",
        "p.yaml:5:14: a day in calendars.c must be a date such as 2026-12-24, or --12-25 for every year, not "
        "'2026-02-30'\n");
    wrong("policy: 1\ncalendars:\n  c:\n    hours: {mon: \"09:00-18:00\"}\n    closed: [\"--02-03\"]\n"
          "    also_open: {\"--02-03\": \"09:00-10:00\"}\n",
          "p.yaml:6:28: --02-03 stands in calendars.c twice\n");
    wrong("policy: 1\ncalendars:\n  c:\n    hours: {mon: \"09:00-18:00\"}\nfollow_ups:\n  f:\n"
          "    on: complaint.opened\n    class: task\n    after: 3d\n    calendar: c\n",
          "p.yaml:9:12: follow_ups.f.after counts the calendar's hours: write hours, such as 8h for a day of "
          "eight, at most 1000h, not '3d'\n");
    wrong("policy: 1\ncalendars:\n  service: {hours: {mon: \"09:00-18:00\"}}\nfollow_ups:\n  f:\n"
          "    on: complaint.opened\n    class: task\n    calendar: servise\n",
          "p.yaml:8:15: follow_ups.f.calendar must be service, not 'servise'; did you mean 'service'?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistake_in_the_head_is_named),
        cmocka_unit_test(a_mistake_in_quiet_hours_or_priority_is_named),
        cmocka_unit_test(a_mistake_in_caps_or_tags_is_named),
        cmocka_unit_test(a_mistake_in_holdout_or_spread_is_named),
        cmocka_unit_test(a_mistake_in_what_unknown_consent_means_is_named),
        cmocka_unit_test(a_mistake_in_zones_limits_or_classes_is_named),
        cmocka_unit_test(a_mistake_in_a_follow_up_is_named),
        cmocka_unit_test(a_mistake_in_a_calendar_is_named),
        cmocka_unit_test(a_mistake_in_channels_or_complaints_is_named),
        cmocka_unit_test(all_mistakes_come_at_once),
        cmocka_unit_test(a_policy_that_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
