/* SPDX-License-Identifier: MIT */
/* loyalctl policy check, activate, show. */
#include "common/clock.h"
#include "common/mem.h"
#include "consumers/ctl/command.h"
#include "consumers/ctl/policy_append.h"
#include "consumers/ctl/policy_history.h"
#include "consumers/ctl/processes.h"
#include "producers/kafka_writer.h"

#include <time.h>
#include <unistd.h>

#define FOLD_WAIT_MS 5000
#define FOLD_POLL_MS 50

const struct option_about policy_options[] = {
    {"yes", OPTION_FLAG, NULL, "do not ask on the terminal before a policy that is live"},
    {NULL,  OPTION_FLAG, NULL, NULL                                                     },
};

const struct option_about policy_show_options[] = {
    {"text", OPTION_FLAG, NULL, "the text as it was activated, instead of the table"},
    {NULL,   OPTION_FLAG, NULL, NULL                                                },
};

/* One policy that some homes have. */
struct version {
    char name[17]; /* "": none yet */
    int32_t first; /* a home that has it */
    int32_t homes;
    struct buf list; /* of homes, for people */
};

static void say_policy(struct ctl *ctl, const char *file, const struct policy *policy);
static void say_activated(struct ctl *ctl, const struct policy *policy, int32_t homes);
static bool is_known(struct ctl *ctl);
static bool count_homes(struct ctl *ctl, int32_t *ret_homes);
static bool gather_versions(struct ctl *ctl, struct version **ret_versions, size_t *ret_count);
static int show_version(struct ctl *ctl, const struct version *version, bool as_text);
static void say_differences(struct ctl *ctl, const struct version *versions, size_t count);

int policy_check(struct ctl *ctl, const struct args *args)
{
    struct policy *policy = NULL;
    const char *file = args->rest_count > 0 ? args->rest[0] : policy_default_file(ctl);
    int result = policy_read_file(file, &policy);
    if (result == CTL_DONE) {
        say_policy(ctl, file, policy);
        buf_text(&ctl->out, "no mistakes\n");
    }
    policy_free(policy);
    return result;
}

int policy_activate(struct ctl *ctl, const struct args *args)
{
    struct policy *policy = NULL;
    int32_t homes = 0;
    const char *file = args->rest_count > 0 ? args->rest[0] : policy_default_file(ctl);
    int result = policy_read_file(file, &policy);
    if (result != CTL_DONE) {
        return result;
    }
    say_policy(ctl, file, policy);
    ctl_flush(ctl);
    if (policy->mode == MODE_LIVE && !args_has(args, "yes") && isatty(STDIN_FILENO)) {
        result = ctl_confirm("The policy is live: triggers will go out to customers.");
    }
    if (result == CTL_DONE && (!is_known(ctl) || !count_homes(ctl, &homes))) {
        result = CTL_FAILED;
    }
    if (result == CTL_DONE) {
        result = policy_append(ctl, policy, homes);
    }
    if (result == CTL_DONE) {
        say_activated(ctl, policy, homes);
    }
    policy_free(policy);
    return result;
}

int policy_show(struct ctl *ctl, const struct args *args)
{
    struct version *versions = NULL;
    size_t count = 0;
    int result = CTL_FAILED;
    if (args->rest_count > 0) {
        return policy_show_past(ctl, args->rest[0], args_has(args, "text"));
    }
    if (ctl_installed(ctl) && gather_versions(ctl, &versions, &count)) {
        result = show_version(ctl, &versions[0], args_has(args, "text"));
        if (count > 1) {
            say_differences(ctl, versions, count);
        }
    }
    for (size_t i = 0; i < count; i++) {
        buf_done(&versions[i].list);
    }
    mem_free(versions);
    return result;
}

static void say_policy(struct ctl *ctl, const char *file, const struct policy *policy)
{
    static const char *const modes[] = {[MODE_OFF] = "off", [MODE_SHADOW] = "shadow", [MODE_LIVE] = "live"};
    buf_printf(&ctl->out, "%s: policy %s, mode %s, %zu follow-up%s\n", file, policy->version,
               modes[policy->mode], policy->follow_up_count, policy->follow_up_count == 1 ? "" : "s");
    policy_warnings(policy, &ctl->out);
}

/* A moment is given to the homes to fold it, where there is somebody who does. */
static void say_activated(struct ctl *ctl, const struct policy *policy, int32_t homes)
{
    const struct timespec pause = {.tv_nsec = FOLD_POLL_MS * 1000000L};
    int64_t until_us = clock_monotonic_us() + FOLD_WAIT_MS * 1000LL;
    int32_t folded = 0;
    bool there = ctl_store_if_there(ctl);
    buf_printf(&ctl->out, "activated: it is in the log of all %d homes\n", (int)homes);
    ctl_flush(ctl);
    while (there && folded < ctl->installation.homes && clock_monotonic_us() < until_us) {
        struct hash home = {0};
        there = ctl_hash(ctl, folded, "home", &home, NULL);
        if (slice_is(hash_value(&home, SLICE("policy")), policy->version)) {
            folded++;
        } else {
            (void)nanosleep(&pause, NULL);
        }
    }
    if (there && folded == ctl->installation.homes) {
        buf_text(&ctl->out, "in force: all homes have folded it\n");
    } else {
        buf_text(&ctl->out, "each home goes by it as soon as it has folded it; see loyalctl policy show\n");
    }
}

/* A process that met a policy which it does not know would end: so it is not activated while such a one
 * lives.
 */
static bool is_known(struct ctl *ctl)
{
    char why[CTL_SENTENCE] = "";
    bool known = processes_know(ctl, policy_versions_here(), why);
    if (why[0] != '\0') {
        ctl_fail("%s", why);
    }
    return known;
}

/* As the log has them: Redis may not know yet. */
static bool count_homes(struct ctl *ctl, int32_t *ret_homes)
{
    struct kafka_writer *writer = NULL;
    char why[256] = "";
    enum status status = kafka_writer_open(ctl->settings, NULL, why, &writer);
    if (status == STATUS_OK) {
        status = kafka_writer_partitions(writer, ctl->settings->topics_home_log, CTL_WAIT_MS, ret_homes);
    }
    if (status != STATUS_OK) {
        ctl_fail_kafka(ctl, status, writer != NULL ? kafka_writer_error(writer) : why);
    }
    kafka_writer_close(writer);
    return status == STATUS_OK;
}

/* The one that most homes have comes first. */
static bool gather_versions(struct ctl *ctl, struct version **ret_versions, size_t *ret_count)
{
    size_t capacity = 0;
    for (int32_t home = 0; home < ctl->installation.homes; home++) {
        struct hash hash = {0};
        if (!ctl_hash(ctl, home, "home", &hash, NULL)) {
            return false;
        }
        struct slice name = hash_value(&hash, SLICE("policy"));
        size_t i = 0;
        while (i < *ret_count && !slice_equal(slice_of((*ret_versions)[i].name), name)) {
            i++;
        }
        if (i == *ret_count) {
            MEM_GROW(*ret_versions, *ret_count, capacity);
            struct version *added = &(*ret_versions)[(*ret_count)++];
            *added = (struct version){.first = home};
            memcpy(added->name, name.data != NULL ? name.data : "",
                   name.len < sizeof added->name ? name.len : sizeof added->name - 1);
        }
        struct version *version = &(*ret_versions)[i];
        buf_printf(&version->list, "%s%d", version->homes++ > 0 ? ", " : "", (int)home);
    }
    for (size_t i = 1; i < *ret_count; i++) {
        if ((*ret_versions)[i].homes > (*ret_versions)[0].homes) {
            struct version swap = (*ret_versions)[0];
            (*ret_versions)[0] = (*ret_versions)[i];
            (*ret_versions)[i] = swap;
        }
    }
    return true;
}

static int show_version(struct ctl *ctl, const struct version *version, bool as_text)
{
    struct policy *policy = NULL;
    if (!ctl_policy(ctl, version->first, &policy)) {
        return CTL_FAILED;
    }
    if (policy == NULL) {
        return ctl_fail(
            "no policy is in force in %s: start loyald, which folds what is in the log; where nothing was "
            "activated: loyalctl policy activate FILE",
            version->homes == ctl->installation.homes ? "any home" : "most homes");
    }
    if (as_text) {
        buf_slice(&ctl->out, policy->text);
    } else {
        policy_describe(policy, &ctl->out);
    }
    policy_free(policy);
    return CTL_DONE;
}

static void say_differences(struct ctl *ctl, const struct version *versions, size_t count)
{
    ctl_flush(ctl);
    buf_printf(&ctl->out,
               "\nThe homes differ. Those that are behind have not folded the newest policy yet; see "
               "loyalctl homes\n");
    for (size_t i = 0; i < count; i++) {
        buf_printf(&ctl->out, "  %-16s  home%s %.*s\n",
                   versions[i].name[0] != '\0' ? versions[i].name : "none", versions[i].homes == 1 ? "" : "s",
                   SLICE_ARG(buf_view(&versions[i].list)));
    }
}
