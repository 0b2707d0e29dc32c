/* SPDX-License-Identifier: MIT */
/* loyalctl without Kafka and Redis: its command line, and the events that it makes. */
#include "common/complaint.h"
#include "common/consent.h"
#include "common/reject.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/json_out.h"
#include "consumers/ctl/letter.h"
#include "consumers/ctl/reason.h"
#include "consumers/ctl/send.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof(items)[0])

static const struct option_about options[] = {
    {"customer", OPTION_REQUIRED, "ID",          "whose it is" },
    {"order",    OPTION_TEXT,     "ID",          "the order"   },
    {"category", OPTION_LIST,     "NAME",        "what"        },
    {"state",    OPTION_TEXT,     "on|half|off", "how it is"   },
    {"json",     OPTION_FLAG,     NULL,          "for programs"},
    {"n",        OPTION_TEXT,     "NUMBER",      "how many"    },
    {NULL,       OPTION_FLAG,     NULL,          NULL          },
};

static void then_text(struct buf *text, const char *expected)
{
    buf_char(text, '\0');
    assert_string_equal(text->data, expected);
    buf_reset(text);
}

/* ---- the command line */

static void options_come_in_both_forms_and_the_rest_in_order(void **state)
{
    (void)state;
    const char *argv[] = {"--customer", "C1",     "left",  "--order=A=17", "-n",
                          "5",          "--json", "right", "--",           "--json"};
    char why[ARGS_SENTENCE];
    struct args args;
    assert_true(args_parse(options, COUNT(argv), argv, why, &args));
    assert_string_equal(args_text(&args, "customer"), "C1");
    assert_string_equal(args_text(&args, "order"), "A=17");
    assert_string_equal(args_text(&args, "n"), "5");
    assert_true(args_has(&args, "json"));
    assert_int_equal(args.rest_count, 3);
    assert_string_equal(args.rest[0], "left");
    assert_string_equal(args.rest[1], "right");
    assert_string_equal(args.rest[2], "--json");
    args_done(&args);
}

static void a_list_keeps_all_its_values(void **state)
{
    (void)state;
    const char *argv[] = {"--category", "music", "--customer=C1", "--category=books", "-n7"};
    char why[ARGS_SENTENCE];
    struct args args;
    assert_true(args_parse(options, COUNT(argv), argv, why, &args));
    assert_string_equal(args_nth(&args, "category", 0), "music");
    assert_string_equal(args_nth(&args, "category", 1), "books");
    assert_null(args_nth(&args, "category", 2));
    assert_string_equal(args_text(&args, "n"), "7");
    assert_false(args_has(&args, "json"));
    args_done(&args);
}

static void a_value_may_look_like_an_option(void **state)
{
    (void)state;
    const char *argv[] = {"--customer", "--02-29", "-5"};
    char why[ARGS_SENTENCE];
    struct args args;
    assert_true(args_parse(options, COUNT(argv), argv, why, &args));
    assert_string_equal(args_text(&args, "customer"), "--02-29");
    assert_string_equal(args.rest[0], "-5");
    args_done(&args);
}

static void each_mistake_has_its_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *argv[4];
        int argc;
        const char *sentence;
    } cases[] = {
        {{"--customer", "C1", "--colour"},      3, "there is no option --colour here"                      },
        {{"--customer", "C1", "-x"},            3, "there is no option -x here"                            },
        {{"--customer", "C1", "--n"},           3, "there is no option --n here"                           },
        {{"--customer", "C1", "--order"},       3, "the option --order wants a value: ID"                  },
        {{"--customer", "C1", "--json=yes"},    3, "the option --json takes no value"                      },
        {{"--customer", "C1", "--customer=C2"}, 3, "the option --customer=C2 is given twice"               },
        {{"--state", "of"},                     2, "the option --state must be on, half or off, not \"of\""},
        {{"--state="},                          1, "the option --state must be on, half or off, not \"\""  },
        {{"--state"},                           1, "the option --state wants a value: on, half or off"     },
        {{"--order", "A"},                      2, "--customer ID is missing: whose it is"                 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[ARGS_SENTENCE] = "";
        struct args args;
        assert_false(args_parse(options, cases[i].argc, cases[i].argv, why, &args));
        assert_string_equal(why, cases[i].sentence);
    }
}

/* The choices of an option, each as the code that folds it knows it: none is missing, none is too many. */
static size_t choices_known(const struct option_about *option, const char *name,
                            bool (*is_known)(struct slice))
{
    while (strcmp(option->name, name) != 0) {
        option++;
    }
    size_t count = 0;
    for (const char *at = option->value; *at != '\0'; count++) {
        size_t len = strcspn(at, "|");
        assert_true(is_known((struct slice){.data = at, .len = len}));
        at += len + (at[len] != '\0');
    }
    return count;
}

static bool is_severity(struct slice name)
{
    enum severity severity;
    return severity_parse(name, &severity);
}

static bool is_way(struct slice name)
{
    enum contact_channel channel;
    return contact_channel_parse(name, &channel);
}

static bool is_purpose(struct slice name)
{
    enum consent_purpose purpose;
    return consent_purpose_parse(name, &purpose);
}

static bool is_state(struct slice name)
{
    enum consent_state state;
    return consent_state_parse(name, &state);
}

static bool is_sales_channel(struct slice name)
{
    return slice_is(name, sales_channel_name(sales_channel_of(name)));
}

static void what_send_offers_is_what_loyald_takes(void **state)
{
    (void)state;
    assert_int_equal(choices_known(send_complaint_options, "severity", is_severity), SEVERITY_COUNT);
    assert_int_equal(choices_known(send_consent_options, "contact", is_way), CONTACT_CHANNEL_COUNT);
    assert_int_equal(choices_known(send_consent_options, "purpose", is_purpose), PURPOSE_COUNT);
    assert_int_equal(choices_known(send_consent_options, "state", is_state), CONSENT_STATE_COUNT);
    assert_int_equal(choices_known(send_visit_options, "channel", is_sales_channel), SALES_CHANNEL_COUNT);
}

static void a_command_is_found_by_its_one_or_two_words(void **state)
{
    (void)state;
    const char *two[] = {"send", "purchase", "--customer"}, *one[] = {"customer", "C1"}, *half[] = {"send"};
    const char *unknown[] = {"sen", "purchase"};
    int words = 0;
    assert_string_equal(command_find(3, two, &words)->name, "send purchase");
    assert_int_equal(words, 2);
    assert_string_equal(command_find(2, one, &words)->name, "customer");
    assert_int_equal(words, 1);
    assert_null(command_find(1, half, &words));
    assert_null(command_find(2, unknown, &words));
    assert_null(command_find(0, NULL, &words));
}

static void the_words_behind_a_command_are_counted(void **state)
{
    (void)state;
    const char *none[] = {"customer"}, *two[] = {"C1", "C2"};
    int words = 0;
    char why[ARGS_SENTENCE];
    struct args args;
    const struct command *command = command_find(1, none, &words);
    assert_false(command_args(command, 0, NULL, why, &args));
    assert_string_equal(why, "something is missing: loyalctl customer ID");
    assert_false(command_args(command, 2, two, why, &args));
    assert_string_equal(why, "unexpected \"C2\": loyalctl customer ID");
    assert_true(command_args(command, 1, two, why, &args));
    args_done(&args);
    const char *totals[] = {"totals"};
    assert_false(command_args(command_find(1, totals, &words), 1, two, why, &args));
    assert_string_equal(why, "unexpected \"C1\": loyalctl totals");
}

static void a_first_word_alone_is_told_the_second_ones(void **state)
{
    (void)state;
    struct buf text = {0};
    command_choices("policy", &text);
    then_text(&text, "check, test, activate, show, history, diff, end-import");
    command_choices("customer", &text);
    assert_int_equal(text.len, 0);
    buf_done(&text);
}

static void help_says_what_each_word_does_to_a_home(void **state)
{
    (void)state;
    const char *home[] = {"home"}, *feeder[] = {"feeder"};
    int words = 0;
    struct buf text = {0};
    command_help_one(command_find(1, home, &words), &text);
    buf_char(&text, '\0');
    for (const struct option_about *verb = home_verbs; verb->name != NULL; verb++) {
        assert_non_null(strstr(text.data, verb->sentence));
    }
    buf_reset(&text);
    command_help_one(command_find(1, feeder, &words), &text);
    buf_char(&text, '\0');
    assert_non_null(strstr(text.data, "accept-gap "));
    assert_null(strstr(text.data, "rebuild"));
    buf_done(&text);
}

static void a_policy_is_checked_where_nothing_is_set_up(void **state)
{
    (void)state;
    const char *check[] = {"policy", "check"}, *file[] = {SOURCE_DIR "/config/follow-ups.yaml"};
    int words = 0;
    char why[ARGS_SENTENCE];
    struct args args;
    struct ctl ctl;
    const struct command *command = command_find(2, check, &words);
    assert_true(command_args(command, 0, NULL, why, &args));
    assert_true(command_needs_settings(command, &args));
    args_done(&args);
    assert_true(command_args(command, 1, file, why, &args));
    assert_false(command_needs_settings(command, &args));
    ctl_init(&ctl, NULL);
    assert_int_equal(command->run(&ctl, &args), CTL_DONE);
    buf_reset(&ctl.out);
    ctl_done(&ctl);
    args_done(&args);
}

static void help_names_every_command_and_every_option(void **state)
{
    (void)state;
    struct buf help = {0}, one = {0};
    command_help(&help);
    buf_char(&help, '\0');
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &command_table[i];
        assert_non_null(strstr(help.data, command->name));
        buf_reset(&one);
        command_help_one(command, &one);
        buf_char(&one, '\0');
        assert_non_null(strstr(one.data, command->sentence));
        for (const struct option_about *option = command->options; option->name != NULL; option++) {
            assert_non_null(strstr(one.data, option->name));
            assert_non_null(strstr(one.data, option->sentence));
            assert_true((option->kind == OPTION_FLAG) == (option->value == NULL));
        }
    }
    buf_done(&help);
    buf_done(&one);
}

/* ---- what goes out */

static void an_event_is_a_structured_cloudevent(void **state)
{
    (void)state;
    struct buf text = {0};
    send_event_text(&text, EVENT_VISIT_MADE, "e1", "/test", "C\"1", SLICE("2026-01-01T00:00:00.000Z"),
                    SLICE("{}"));
    then_text(
        &text,
        "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/test\",\"type\":\"loyalty.visit.made.v1\","
        "\"subject\":\"C\\\"1\",\"time\":\"2026-01-01T00:00:00.000Z\","
        "\"datacontenttype\":\"application/json\",\"data\":{}}");
    buf_done(&text);
}

static void json_has_its_commas_where_they_belong(void **state)
{
    (void)state;
    struct buf text = {0};
    json_open(&text, NULL, '{');
    json_open(&text, "none", '[');
    json_close(&text, ']');
    json_number(&text, "n", -1);
    json_open(&text, "list", '[');
    json_text(&text, NULL, SLICE("{"));
    json_text(&text, NULL, SLICE("b"));
    json_close(&text, ']');
    json_time(&text, "never", 0);
    json_flag(&text, "yes", true);
    json_close(&text, '}');
    then_text(&text, "{\"none\":[],\"n\":-1,\"list\":[\"{\",\"b\"],\"never\":null,\"yes\":true}");
    buf_done(&text);
}

static void a_dead_letter_tells_what_its_headers_say(void **state)
{
    (void)state;
    const struct header headers[] = {
        {SLICE("mine"),          SLICE("1")             },
        {SLICE("loyald-reason"), SLICE("bad_json")      },
        {SLICE("loyald-topic"),  SLICE("loyalty.visits")},
        {SLICE("loyald-time"),   SLICE("1700000000000") },
    };
    struct record record = {.headers = headers, .header_count = COUNT(headers)};
    struct letter letter = letter_read(&record);
    assert_true(slice_is(letter.reason, "bad_json"));
    assert_true(slice_is(letter.topic, "loyalty.visits"));
    assert_true(slice_is(letter.sentence, ""));
    assert_int_equal(letter.time_ms, 1700000000000);
    assert_false(letter.cut);
    assert_true(letter_header_is_ours(SLICE("loyald-origin")));
    assert_false(letter_header_is_ours(SLICE("loyald-control")));
    assert_false(letter_header_is_ours(SLICE("mine")));
}

static void a_reason_has_the_sentence_of_its_table(void **state)
{
    (void)state;
    assert_string_equal(reason_sentence(SLICE("frozen")), "marketing is frozen while a complaint is open");
    assert_string_equal(reason_sentence(SLICE("shadow")), "it would have been sent, but the mode is shadow");
    assert_string_equal(reason_sentence(SLICE("of_a_newer_loyald")), "");
    assert_string_equal(reason_sentence((struct slice){0}), "");
}

/* Before Kafka is asked: where nothing is set up, too. */
static void a_reason_that_there_is_not_is_a_wrong_option(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"--reason", "foo"    },
        {"--reason", "bad_jsn"},
        {"--reason", "none"   },
        {"--reason", ""       }
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[ARGS_SENTENCE] = "";
        struct ctl ctl = {.settings = NULL};
        struct args args;
        assert_true(args_parse(dead_letters_options, 2, cases[i], why, &args));
        assert_int_equal(dead_letters(&ctl, &args), CTL_WRONG_USE);
        args_done(&args);
    }
    for (enum reject reject = REJECT_NONE + 1; reject < REJECT_COUNT; reject++) {
        assert_true(reject_is_known(slice_of(reject_name(reject))));
    }
}

/* The tests have no terminal. */
static void without_a_terminal_what_must_be_confirmed_is_wrong_use(void **state)
{
    (void)state;
    int terminal = dup(STDIN_FILENO), nothing = open("/dev/null", O_RDONLY);
    assert_true(terminal >= 0 && dup2(nothing, STDIN_FILENO) >= 0);
    const char *id[] = {"C1"};
    struct args args = {.rest = id, .rest_count = 1};
    struct ctl ctl = {.settings = NULL};
    assert_int_equal(ctl_confirm("Everything will be lost."), CTL_WRONG_USE);
    assert_int_equal(erase_customer(&ctl, &args), CTL_WRONG_USE);
    assert_true(dup2(terminal, STDIN_FILENO) >= 0);
    close(terminal);
    close(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_come_in_both_forms_and_the_rest_in_order),
        cmocka_unit_test(a_list_keeps_all_its_values),
        cmocka_unit_test(a_value_may_look_like_an_option),
        cmocka_unit_test(each_mistake_has_its_sentence),
        cmocka_unit_test(what_send_offers_is_what_loyald_takes),
        cmocka_unit_test(a_command_is_found_by_its_one_or_two_words),
        cmocka_unit_test(the_words_behind_a_command_are_counted),
        cmocka_unit_test(a_first_word_alone_is_told_the_second_ones),
        cmocka_unit_test(help_says_what_each_word_does_to_a_home),
        cmocka_unit_test(a_policy_is_checked_where_nothing_is_set_up),
        cmocka_unit_test(help_names_every_command_and_every_option),
        cmocka_unit_test(an_event_is_a_structured_cloudevent),
        cmocka_unit_test(json_has_its_commas_where_they_belong),
        cmocka_unit_test(a_dead_letter_tells_what_its_headers_say),
        cmocka_unit_test(a_reason_has_the_sentence_of_its_table),
        cmocka_unit_test(a_reason_that_there_is_not_is_a_wrong_option),
        cmocka_unit_test(without_a_terminal_what_must_be_confirmed_is_wrong_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
