/* SPDX-License-Identifier: MIT */
/* loyalctl home N ... and feeder TOPIC N ...: one partition, and what an operator decides about it. */
#include "common/clock.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/home_command.h"
#include "consumers/ctl/standing.h"
#include "consumers/ctl/table.h"
#include "consumers/ctl/when.h"
#include "producers/kafka_writer.h"

#include <string.h>

const struct option_about home_options[] = {
    {"yes", OPTION_FLAG, NULL, "do not ask"},
    {NULL,  OPTION_FLAG, NULL, NULL        },
};

/* For --help. */
const struct option_about home_verbs[] = {
    {"show",       OPTION_FLAG, NULL,     "how far it is, who works on it, and why it is parked; the default"     },
    {"retry",      OPTION_FLAG, NULL,     "try again now, when the cause is mended"                               },
    {"accept-gap", OPTION_FLAG, NULL,     "go on although records, or offsets, are missing: given up for good"    },
    {"skip",       OPTION_TEXT, "OFFSET",
     "pass over one record that is not folded yet, in every later rebuild too"                                    },
    {"rebuild",    OPTION_FLAG, NULL,     "clear the home in Redis and fold it anew from the log, sending nothing"},
    {NULL,         OPTION_FLAG, NULL,     NULL                                                                    },
};

static int act(struct ctl *ctl, const struct args *args, const struct home_target *target, const char *verb);
static int confirm(const struct args *args, const char *question);
static int show(struct ctl *ctl, const struct home_target *target);
static void show_home(struct ctl *ctl, const struct standing *standing);
static int skip(struct ctl *ctl, const struct args *args, const struct home_target *target);
static int check_offset(struct ctl *ctl, const struct home_target *target, int64_t offset);

int act_on_home(struct ctl *ctl, const struct args *args)
{
    int64_t number = 0;
    if (!ctl_installed(ctl)) {
        return CTL_FAILED;
    }
    if (!ctl_number(args->rest[0], "the home", 0, ctl->installation.homes - 1, &number)) {
        return CTL_WRONG_USE;
    }
    struct home_target target = {
        .topic = ctl->settings->topics_home_log, .partition = (int32_t)number, .is_home = true};
    target.field = ctl_partition_name(ctl, target.topic, target.partition);
    const char *verb = args->rest_count > 1 ? args->rest[1] : "show";
    if ((strcmp(verb, "skip") == 0) != (args->rest_count == 3)) {
        return ctl_wrong("skip, and nothing else, wants an OFFSET: loyalctl home %d skip OFFSET",
                         (int)number);
    }
    return act(ctl, args, &target, verb);
}

int act_on_feeder(struct ctl *ctl, const struct args *args)
{
    int64_t number = 0;
    size_t topic = 1;
    if (!ctl_installed(ctl)) {
        return CTL_FAILED;
    }
    while (topic < settings_input_count(ctl->settings) &&
           strcmp(settings_input_name(ctl->settings, topic), args->rest[0]) != 0) {
        topic++;
    }
    if (topic == settings_input_count(ctl->settings)) {
        return ctl_wrong("%s is no feeder; see topics: feeders in loyald.yaml", args->rest[0]);
    }
    if (!ctl_number(args->rest[1], "the partition", 0, INT32_MAX, &number)) {
        return CTL_WRONG_USE;
    }
    struct home_target target = {.topic = args->rest[0], .partition = (int32_t)number};
    target.field = ctl_partition_name(ctl, target.topic, target.partition);
    const char *verb = args->rest_count > 2 ? args->rest[2] : "show";
    if (strcmp(verb, "rebuild") == 0 || strcmp(verb, "skip") == 0) {
        return ctl_wrong("a feeder has nothing to %s: its records are only copied home", verb);
    }
    return act(ctl, args, &target, verb);
}

static int act(struct ctl *ctl, const struct args *args, const struct home_target *target, const char *verb)
{
    if (strcmp(verb, "show") == 0) {
        return show(ctl, target);
    }
    if (strcmp(verb, "retry") == 0) {
        return home_command(ctl, target, verb);
    }
    if (strcmp(verb, "accept-gap") == 0) {
        int sure = confirm(args, "What lies in the gap is given up for good.");
        return sure == CTL_DONE ? home_command(ctl, target, verb) : sure;
    }
    if (strcmp(verb, "skip") == 0) {
        return skip(ctl, args, target);
    }
    if (strcmp(verb, "rebuild") == 0) {
        int sure = confirm(args, "The home is cleared in Redis and folded anew from the whole "
                                 "log; nothing is sent again. If retention has removed events, "
                                 "their customers lose them.");
        return sure == CTL_DONE ? home_command(ctl, target, verb) : sure;
    }
    return ctl_wrong("\"%s\" is nothing that can be done here: show, retry, accept-gap%s", verb,
                     target->is_home ? ", skip OFFSET or rebuild" : "");
}

static int confirm(const struct args *args, const char *question)
{
    return args_has(args, "yes") ? CTL_DONE : ctl_confirm(question);
}

/* ---- show */

static int show(struct ctl *ctl, const struct home_target *target)
{
    struct standing *standings = NULL;
    size_t count = 0, at = 0;
    if (!standings_read(ctl, &standings, &count)) {
        return CTL_FAILED;
    }
    while (at < count && (standings[at].place.partition != target->partition ||
                          strcmp(settings_input_name(ctl->settings, (size_t)standings[at].place.topic),
                                 target->topic) != 0)) {
        at++;
    }
    if (at == count) {
        return ctl_wrong("the topic %s has no partition %d", target->topic, (int)target->partition);
    }
    const struct standing *standing = &standings[at];
    struct slice state = standing_state(standing);
    bool is_parked = slice_is(state, "parked");
    ctl_styled(ctl, is_parked ? STYLE_BAD : STYLE_GOOD, arena_copy(ctl->arena, state).data);
    buf_printf(&ctl->out, " %.*s\n", SLICE_ARG(target->field));
    if (standing->state.data != NULL && !standing->owner_lives) {
        buf_printf(&ctl->out, "  its last owner was %.*s, which no longer runs\n",
                   SLICE_ARG(standing->owner));
    } else if (standing->owner.data != NULL) {
        buf_printf(&ctl->out, "  owner      %.*s\n", SLICE_ARG(standing->owner));
    }
    if (is_parked) {
        buf_printf(&ctl->out, "  because    %.*s\n", SLICE_ARG(standing->why));
    }
    if (target->is_home) {
        buf_printf(&ctl->out, "  folded to  %lld%s\n", (long long)standing->position,
                   standing->position == POSITION_CLEARING ? " (a rebuild is clearing it)"
                   : standing->position == POSITION_BROKEN ? " (a commit failed half-way: rebuild it)"
                                                           : "");
    }
    buf_printf(&ctl->out, "  %s  %lld%s\n  log        %lld to %lld\n  lag        %lld\n",
               target->is_home ? "sent to  " : "copied to", (long long)standing->place.committed,
               standing->place.status == STATUS_BUSY ? " (a transaction is open)" : "",
               (long long)standing->place.start, (long long)standing->place.end, (long long)standing->lag);
    if (target->is_home) {
        show_home(ctl, standing);
    }
    int64_t next = -1;
    if (target->is_home && is_parked && standing->position >= 0 &&
        standing_next_record(ctl, target->partition, standing->position, &next) && next >= 0) {
        buf_printf(&ctl->out, "  next       the record at offset %lld\n", (long long)next);
    }
    return CTL_DONE;
}

/* What Redis has of it besides the customers. */
static void show_home(struct ctl *ctl, const struct standing *standing)
{
    struct hash home = {0};
    struct read timers = {.kind = READ_RANKS, .key = SLICE("timers"), .max_score = INT64_MAX, .limit = 1};
    struct policy *in_force = NULL;
    int64_t position = 0;
    int32_t number = standing->place.partition;
    if (standing->position < 0 || !ctl_hash(ctl, number, "home", &home, NULL) ||
        !ctl_policy(ctl, number, &in_force)) {
        return;
    }
    /* In a replay it is as late as the events say: what is due then is not due "28 years ago". */
    bool own_clock = in_force != NULL && in_force->clock == CLOCK_EVENT;
    int64_t now_ms = own_clock ? hash_number(&home, "time") : clock_wall_ms();
    policy_free(in_force);
    struct slice policy = hash_value(&home, SLICE("policy"));
    buf_printf(&ctl->out, "  policy     %.*s\n", SLICE_ARG(policy.len > 0 ? policy : SLICE("none")));
    if (hash_number(&home, "time") > 0) {
        buf_text(&ctl->out, "  time       ");
        when_utc(&ctl->out, hash_number(&home, "time"));
        buf_char(&ctl->out, '\n');
    }
    if (store_read(ctl->store, number, &timers, 1, ctl->arena, &position) == STATUS_OK &&
        timers.ret_ranking.count > 0) {
        buf_text(&ctl->out, "  next due   ");
        when_utc(&ctl->out, timers.ret_ranking.entries[0].score);
        buf_text(&ctl->out, " (");
        when_relative(&ctl->out, timers.ret_ranking.entries[0].score, now_ms);
        buf_text(&ctl->out, own_clock ? " by the home's own clock, which is its events' time)\n" : ")\n");
    }
}

/* ---- decisions */

static int skip(struct ctl *ctl, const struct args *args, const struct home_target *target)
{
    int64_t offset = 0;
    char why[256] = "";
    struct kafka_writer *writer = NULL;
    struct written written;
    if (!ctl_number(args->rest[2], "the offset", 0, INT64_MAX, &offset)) {
        return CTL_WRONG_USE;
    }
    int result = check_offset(ctl, target, offset);
    if (result != CTL_DONE) {
        return result;
    }
    result = confirm(args, "The record is passed over for good, in every rebuild too.");
    if (result != CTL_DONE) {
        return result;
    }
    struct output record = {
        .key = arena_printf(ctl->arena, "%d/%lld", (int)target->partition, (long long)offset),
        .value = SLICE("skipped")};
    enum status status = kafka_writer_open(ctl->settings, NULL, why, &writer);
    if (status == STATUS_OK) {
        status = kafka_writer_send(writer, ctl->settings->topics_skips, 0, &record, CTL_WAIT_MS, &written);
    }
    if (status != STATUS_OK) {
        ctl_fail_kafka(ctl, status, writer != NULL ? kafka_writer_error(writer) : why);
    }
    kafka_writer_close(writer);
    return status == STATUS_OK ? home_command(ctl, target, "retry") : CTL_FAILED;
}

/* Only a record that is there and was not folded. */
static int check_offset(struct ctl *ctl, const struct home_target *target, int64_t offset)
{
    struct standing *standings = NULL;
    size_t count = 0;
    int64_t record = -1;
    if (!standings_read(ctl, &standings, &count)) {
        return CTL_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        const struct standing *standing = &standings[i];
        if (standing->place.topic != 0 || standing->place.partition != target->partition) {
            continue;
        }
        if (offset < standing->position) {
            return ctl_wrong(
                "home %d has folded offset %lld already (it is at %lld): to skip it now would make a "
                "rebuild differ",
                (int)target->partition, (long long)offset, (long long)standing->position);
        }
    }
    if (!standing_next_record(ctl, target->partition, offset, &record)) {
        return CTL_FAILED;
    }
    if (record < 0) {
        return ctl_wrong("home %d has no record at offset %lld yet, nor behind it", (int)target->partition,
                         (long long)offset);
    }
    if (record != offset) {
        return ctl_wrong(
            "offset %lld is no record but the mark of a transaction; the next record of home %d is at "
            "%lld",
            (long long)offset, (int)target->partition, (long long)record);
    }
    return CTL_DONE;
}
